// What each part of the module that ships costs: by how much the module's brotli size falls when the part's functions are taken out.
// Inlining moves code to its callers, and what parts share counts for none of them; so the figures tell where to look, and do not add up.
//
// usage: scripts/build-pkg && node scripts/size-parts.mjs [-v]   (-v: the largest functions of each part as well)

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

/** In this order: a function belongs to the first part whose pattern its name has. */
const parts = [
  ['core::qr', /sendapi_pairing_core::qr/],
  ['qrcode', /\bqrcode::/],
  ['core::pairing, diagnostics', /pairing::(archive|timeline)|pairing_diagnostics/],
  ['core::pairing', /sendapi_pairing_core::pairing/],
  ['core::api, model, error', /sendapi_pairing_core::/],
  ['ui', /sendapi_pairing::ui/],
  ['bindings', /sendapi_pairing::bindings|^pairing_|^client_|^qrTo/],
  ['driver', /sendapi_pairing::(driver|js)/],
  ['allocator', /dlmalloc|lol_alloc|__rust_(re|de)?alloc/],
  ['gloo-net', /gloo_net/],
  ['serde', /serde/],
  ['leptos and what it brings', /reactive_graph|tachys|leptos|slotmap|indexmap|hashbrown|rustc_hash|any_spawner|or_poisoned/],
  ['wasm-bindgen, js-sys, web-sys', /wasm_bindgen|js_sys|web_sys|externref|wbindgen/],
  ['formatting', /fmt::|ToString/],
  ['std, drop glue, closures', /./],
];

const root = new URL('..', import.meta.url);
const tools = createRequire(new URL('tests/package.json', root));
const wasmOpt = join(dirname(tools.resolve('binaryen/package.json')), 'bin', 'wasm-opt');
const scratch = mkdtempSync(join(tmpdir(), 'size-'));
const optimised = join(scratch, 'named.wasm');
execFileSync(process.execPath, [wasmOpt, new URL('pkg/wasm/sendapi_pairing_bg.wasm', root).pathname, '-o', optimised, '-Oz', '-g']);
const bytes = readFileSync(optimised);
rmSync(scratch, { recursive: true });

let at = 8;
function number() {
  let [value, shift, byte] = [0, 1, 0];
  do {
    byte = bytes[at++];
    value += (byte & 127) * shift;
    shift *= 128;
  } while (byte > 127);
  return value;
}
const text = () => {
  const length = number();
  return bytes.toString('utf8', at, (at += length));
};
const repeat = (one) => Array.from({ length: number() }, one);
const limits = () => {
  const bounded = bytes[at++] & 1;
  number();
  if (bounded) number();
};

let [imported, bodies, data, rest, names] = [0, [], Buffer.alloc(0), [], new Map()];
while (at < bytes.length) {
  const id = bytes[at++];
  const length = number();
  const [start, end] = [at, at + length];
  if (id === 2) {
    repeat(() => {
      text();
      text();
      const kind = bytes[at++];
      if (kind === 0) imported += 1;
      if (kind === 1 || kind === 3 || kind === 4) at += 1;
      if (kind === 0 || kind === 4) number();
      if (kind === 1 || kind === 2) limits();
      if (kind === 3) at += 1;
    });
  }
  if (id === 10) {
    bodies = repeat(() => {
      const length = number();
      return bytes.subarray(at, (at += length));
    });
  } else if (id === 11) data = bytes.subarray(start, end);
  else if (id === 0 && text() === 'name') {
    while (at < end) {
      const kind = bytes[at++];
      const next = number() + at;
      if (kind === 1) repeat(() => names.set(number(), text()));
      at = next;
    }
  } else if (id !== 0) rest.push(bytes.subarray(start, end));
  at = end;
}

const partOf = (name) => parts.findIndex(([, pattern]) => pattern.test(name));
const functions = bodies.map((body, index) => {
  const name = names.get(index + imported) ?? '?';
  return { body, name, part: partOf(name) };
});
const brotli = (chunks) => {
  const whole = Buffer.concat(chunks);
  return brotliCompressSync(whole, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: whole.length } }).length;
};

const code = functions.map(({ body }) => body);
const whole = brotli([...rest, ...code, data]);
const size = (chunks) => chunks.reduce((total, chunk) => total + chunk.length, 0);
const row = (label, raw, cost) => console.log(`${label.padEnd(34)} ${String(raw).padStart(8)} ${String(cost).padStart(8)}`);
row('part', 'bytes', 'brotli');
for (const [index, [label]] of parts.entries()) {
  const [mine, others] = [functions.filter(({ part }) => part === index), functions.filter(({ part }) => part !== index)];
  row(label, size(mine.map(({ body }) => body)), whole - brotli([...rest, ...others.map(({ body }) => body), data]));
  if (process.argv.includes('-v')) {
    const largest = mine.sort((a, b) => b.body.length - a.body.length).slice(0, 15);
    for (const { body, name } of largest) console.log(`    ${String(body.length).padStart(6)} ${name.slice(0, 120)}`);
  }
}
row('constant data', data.length, whole - brotli([...rest, ...code]));
row('types, imports, exports, tables', size(rest), whole - brotli([...code, data]));
row('whole, with the names of imports', size(rest) + size(code) + data.length, whole);

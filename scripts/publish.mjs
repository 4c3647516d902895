// Makes the package as it is published out of the one that was built: the wasm optimised, its imports and exports under short names
// on both sides, its functions in the order that compresses best, and every script minified.
//
// The module that every page needs is parted in two: scripts/split-later.txt names the functions that its first code does without
// (scripts/first-code finds them out). The whole of it stays beside them, for those who place the file themselves.
//
// usage: node scripts/publish.mjs [--names] FROM TO     (--names: with the names of functions, and none put in order)

import { execFile } from 'node:child_process';
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { smallestFirst } from './first-part.mjs';
import { inWorker } from './in-worker.mjs';
import { split } from './split-module.mjs';
import { exportsOf, moduleOf, parsed, section, withoutNames } from './wasm-module.mjs';
import { assumptions, wasmOpt } from './wasm-opt.mjs';

const tools = createRequire(new URL('../tests/package.json', import.meta.url));
const { build } = tools('esbuild');
const { minify } = tools('terser');
const run = promisify(execFile);

const named = process.argv.includes('--names');
const [from, to] = process.argv.slice(2).filter((word) => word !== '--names');
if (!to) throw new Error('usage: node scripts/publish.mjs [--names] FROM TO');
const finished = (bytes) => inWorker(new URL('order-functions.mjs', import.meta.url), 'ordered', withoutNames(bytes));

const later = new Set(readFileSync(new URL('split-later.txt', import.meta.url), 'utf8').split('\n').filter(Boolean));

rmSync(to, { recursive: true, force: true });
cpSync(from, to, { recursive: true });

/** The module with its exports under one letter each, as far as there are letters, and which that is by the name before. @param {Buffer} bytes */
function relettered(bytes) {
  const { exports, sections } = parsed(bytes);
  const names = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const letters = new Map(exports.map(({ name }) => [name, names.shift() ?? `$${name}`]));
  const renamed = exportsOf(exports.map((one) => ({ ...one, name: letters.get(one.name) })), (number) => number);
  return { whole: moduleOf(sections.map(({ id, start, end }) => [id, id === section.EXPORTS ? renamed : bytes.subarray(start, end)])), letters };
}

/** Optimises one module, and shortens the names between it and its glue. */
async function shorten(name) {
  const wasm = join(to, 'wasm', `${name}_bg.wasm`);
  const glue = join(to, 'wasm', `${name}.js`);

  const { stdout: report } = await run(
    process.execPath,
    [
      wasmOpt,
      join(from, 'wasm', `${name}_bg.wasm`),
      '-o',
      wasm,
      ...assumptions,
      '--optimize-added-constants-propagate',
      '--flatten',
      '--rereloop',
      '--monomorphize',
      '-Oz',
      '--generate-global-effects',
      '-Oz',
      '--converge',
      '--one-caller-inline-max-function-size=20',
      '--strip-dwarf',
      '-g',
      '--strip-producers',
      '--strip-target-features',
      '--minify-imports-and-exports-and-modules',
      // A hint that engines pass over.
      '--dealign',
    ],
    { encoding: 'utf8', maxBuffer: 1 << 26 },
  );

  // Exports come after the imports in its count of short names, but need not share it with them.
  const { whole, letters } = relettered(readFileSync(wasm));
  writeFileSync(wasm, whole);

  // It tells of its renaming as rows of JSON, `[module, name, short]` for imports and `[name, short]` for exports, and of its second
  // round over them as well, in which nothing changes any more.
  const rows = [...report.matchAll(/^\s*(\["[^"]*"(?:, "[^"]*")+\]),?$/gm)].map((row) => JSON.parse(row[1]));
  const imports = rows.filter((row) => row.length === 3 && row[1] !== row[2]);
  const exports = rows.filter((row) => row.length === 2 && row[0] !== row[1]);

  let text = readFileSync(glue, 'utf8');

  /** Replaces what must be there, as often as it is. */
  function rename(pattern, replacement) {
    if (!pattern.test(text)) throw new Error(`the glue has no ${pattern}`);
    text = text.replace(pattern, replacement);
  }

  const literal = (name) => name.replaceAll('$', '\\$').replaceAll('.', '\\.');
  for (const [, name, short] of imports) rename(new RegExp(`^(\\s+)${literal(name)}:`, 'm'), (_, space) => `${space}${short}:`);
  for (const [name, short] of exports) {
    // Some are there for wasm-bindgen alone and have no reader.
    text = text.replaceAll(new RegExp(`\\bwasm\\.${literal(name)}\\b`, 'g'), () => `wasm.${letters.get(short)}`);
  }
  for (const name of new Set(imports.map(([name]) => name))) rename(new RegExp(`"${literal(name)}": `), '"a": ');
  const left = text.match(/\bwasm\.__?[a-z]\w+/g);
  if (left) throw new Error(`the glue still speaks of ${left.join(', ')}`);
  writeFileSync(glue, text);
  return whole;
}

const [reader, whole] = await Promise.all(['sendapi_pairing_reader', 'sendapi_pairing'].map(shorten));
if (!named) {
  const glue = join(to, 'wasm', 'sendapi_pairing.js');
  const { before: opening, functions, after } = glueOf(readFileSync(glue, 'utf8'));
  const { order, first, rest, whole: numbered } = split(whole, later, (name) => functions.get(name)?.replaceAll(/^\s*\/\/.*$/gm, ''));
  const files = { first: smallestFirst(first, finished), rest: finished(rest), bg: finished(numbered), reader_bg: finished(reader) };
  await Promise.all(Object.entries(files).map(async ([file, bytes]) => writeFileSync(join(to, 'wasm', `sendapi_pairing_${file}.wasm`), await bytes)));
  const places = join(to, 'places.js');
  const [before, row] = readFileSync(places, 'utf8').match(/^[^]*?(?=export const first = (.*)$)/m) ?? [];
  if (!row) throw new Error('places.js does not say where the first part is');
  const place = (name, file) => `export const ${name} = ${row.replace('_bg.', `_${file}.`)}\n`;
  writeFileSync(places, `${before}${place('first', 'first')}${place('rest', 'rest')}${place('whole', 'bg')}`);
  // In a list, in this order of the module's imports, in place of under names.
  const { imports } = parsed(whole);
  if (functions.size !== imports.length) throw new Error(`the glue has ${functions.size} functions, the module imports ${imports.length}`);
  const list = order.map((number) => {
    const found = functions.get(imports[number].name);
    if (!found) throw new Error(`the glue has no ${imports[number].name}`);
    return found;
  });
  writeFileSync(glue, `${opening}[${list.join(',\n')}]${after}`);
}

/** The glue: what the module imports, by name, and what is around it. @param {string} text */
function glueOf(text) {
  const [, before, entries, after] = text.match(/^([^]*\n {4}const import0 = )\{\n {8}__proto__: null,\n([^]*?\n) {4}\}(;\n[^]*)$/) ?? [];
  const functions = new Map([...(entries ?? '').matchAll(/^ {8}([\w$]+): ((?:catching\()?function[^]*?^ {8}\}\)?),$/gm)].map(([, name, one]) => [name, one]));
  return { before, functions, after };
}

/** What every page needs beside its entry goes into one file: several would each cost a request, and what they share more than once. */
const bundle = 'element.js';
const parts = ['constants.js', 'errors.js', 'loader.js', 'places.js', 'properties.js', 'skeleton.js', 'speech.js'];
const scripts = readdirSync(to).filter((name) => name.endsWith('.js') && name !== bundle && !parts.includes(name));

/** By file, the names that others import from it. */
const needed = new Map([[bundle, new Set(['SendApiPairingElement'])]]);
// Servers draw the frame without the element, from the parts as they are.
for (const name of scripts.filter((name) => name !== 'ssr.js')) {
  const text = readFileSync(join(to, name), 'utf8').replaceAll(/\{([\w, ]+)\} from "\.\/(\w+\.js)"/g, (found, names, file) => {
    if (!parts.includes(file)) return found;
    needed.set(file, new Set([...(needed.get(file) ?? []), ...names.split(',').map((one) => one.trim())]));
    return `{${names}} from "./${bundle}"`;
  });
  writeFileSync(join(to, name), text);
}
const { outputFiles } = await build({
  stdin: { contents: [...needed].map(([file, names]) => `export { ${[...names].join()} } from "./${file}";`).join('\n'), resolveDir: to },
  bundle: true,
  format: 'esm',
  target: 'es2022',
  external: scripts.map((name) => `*/${name}`),
  write: false,
});
writeFileSync(join(to, bundle), outputFiles[0].text);
for (const name of ['errors.js', 'loader.js', 'places.js', 'properties.js', 'speech.js']) rmSync(join(to, name));

// The style's own custom properties, in the sheet and wherever else it is spoken of: the same short names everywhere.
const scriptsOf = (folder) => readdirSync(folder).filter((name) => name.endsWith('.js')).map((name) => join(folder, name));
const properties = [...new Set(readFileSync(join(to, 'wasm', 'style.js'), 'utf8').match(/--_[a-z-]+/g))];
const shortened = new Map(properties.map((name, at) => [name, `--_${String.fromCharCode(97 + at)}`]));
for (const path of [to, join(to, 'wasm')].flatMap(scriptsOf)) {
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replaceAll(/--_[a-z-]+/g, (name) => shortened.get(name) ?? name));
}

for (const folder of [to, join(to, 'wasm'), join(to, 'locales')]) {
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.js'))) {
    const path = join(folder, name);
    const { code } = await minify(readFileSync(path, 'utf8'), {
      module: true,
      // What is unsafe of it is to take built-in functions for what they are, and to read a property elsewhere than was written.
      compress: { passes: 3, ecma: 2020, unsafe_arrows: true, unsafe: true, pure_getters: true },
      format: { ecma: 2020, comments: /@vite-ignore|webpackIgnore|@license/ },
    });
    writeFileSync(path, `${code}\n`);
  }
}

// From the PNG data URL of a code to its drawing in the page, in Chromium: this package, jsQR with qrcode, and a plain <img>, one after
// another on each picture of one run. Prints Markdown tables; asserts nothing, since clocks differ.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import QRCode from 'qrcode';
import { openBrowser } from '../e2e/support/browser.js';
import { published, startGateway } from '../e2e/support/gateway.js';

const IMAGES = Number(process.env.BENCH_IMAGES ?? 200);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);

/** Pairing texts in symbols of versions 6 to 25, 200 to 800 pixels a side; then a fifth as many of version 10 and 300 pixels. */
async function pictures() {
  const made = [];
  for (let index = 0; index < IMAGES + IMAGES / 5; index++) {
    const alike = index >= IMAGES;
    const version = alike ? 10 : 6 + (index % 20);
    const width = alike ? 300 : 200 + ((index * 37) % 601);
    const fields = Array.from({ length: 100 }, (_, at) => ((index * 7919 + at * 104729) % 65536).toString(36)).join('');
    const text = `2@${fields}`.slice(0, 100);
    made.push({ alike, url: await QRCode.toDataURL(text, { version, width, errorCorrectionLevel: 'M' }) });
  }
  return made;
}

const cleanups = [];
const scope = { after: (cleanup) => cleanups.push(cleanup) };
const folder = mkdtempSync(join(tmpdir(), 'bench-qr-'));
cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
try {
  await build({
    entryPoints: [fileURLToPath(new URL('qr-page.js', import.meta.url))],
    bundle: true,
    minify: true,
    format: 'esm',
    external: ['/sendapi-pairing/*'],
    outfile: join(folder, 'page.js'),
  });
  writeFileSync(join(folder, 'index.html'), '<!doctype html><meta charset="utf-8"><title>Bench</title><body><script type="module" src="page.js"></script></body>');
  // Two headers of cross-origin isolation would sharpen the clock; each sample is long enough without.
  const csp = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data:; style-src 'self' 'unsafe-inline'";
  const gateway = await startGateway(scope, { statics: [...published, `/bench=${folder}`], csp });
  const driver = await openBrowser(scope);
  await driver.manage().setTimeouts({ script: 600_000 });
  await driver.get(gateway.url('bench/index.html'));
  const images = await pictures();
  const result = await driver.executeAsyncScript(
    function (urls, rounds, done) {
      const wait = () => (window.run ? window.run(urls, rounds).then(done, (error) => done({ error: String(error?.stack ?? error) })) : setTimeout(wait, 20));
      wait();
    },
    images.map(({ url }) => url),
    ROUNDS,
  );
  if (result.error) throw new Error(result.error);
  const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const table = (title, wanted) => {
    // What jsQR cannot read it also gives up on late: such pictures would flatter us.
    const chosen = images.map((image, index) => wanted(image) && !result.unread.includes(index));
    const at = (name) => median(result.times[name].filter((_, index) => chosen[index]));
    const ours = at('ours');
    console.log(`\n| ${title} | median, ms | times ours |\n| --- | --: | --: |`);
    for (const [name, label] of [['ours', 'this package'], ['peer', 'jsQR + qrcode'], ['img', '`<img>`, the floor'], ['call', '(of ours: the call into wasm)']]) {
      const ms = at(name);
      console.log(`| ${label} | ${ms.toFixed(2)} | ${(ms / ours).toFixed(1)} |`);
    }
  };
  const unread = result.unread.filter((index) => !images[index].alike).length;
  table(`${IMAGES - unread} images, versions 6 to 25, 200 to 800 px`, ({ alike }) => !alike);
  table('version 10, 300 px', ({ alike }) => alike);
  console.log(`\n${result.agent}, ${cpus()[0]?.model}; ${unread} of ${IMAGES} images that jsQR could not read are left out; ours drew all.`);
} finally {
  for (const cleanup of cleanups.reverse()) await cleanup();
}

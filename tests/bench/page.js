// From a navigation to a code that is painted, in Chromium: the tag beside a page of 30 lines that fetches a code and shows the picture
// (pages/peer.html), and beside that page with this package loaded first (pages/loaded.html), which is the least that the tag can take;
// one after the other. What one more element costs, or one more picture; and what a pending one costs in BENCH_MINUTES (10) minutes,
// seen and hidden. Prints Markdown tables; asserts nothing, since clocks differ.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { devTools, openBrowser } from '../e2e/support/browser.js';
import { beforeEachDocument, setLifecycle } from '../e2e/support/devtools.js';
import { reached } from '../e2e/support/element.js';
import { startGateway } from '../e2e/support/gateway.js';

const WARM = Number(process.env.BENCH_WARM ?? 30);
const COLD = Number(process.env.BENCH_COLD ?? 9);
const MINUTES = Number(process.env.BENCH_MINUTES ?? 10);

/** What Chrome's own tools call Fast 4G: 9 Mbit/s down and 1.5 up, a tenth of them lost, and 60 ms of latency times 2.75 for each request. */
const FAST_4G = { offline: false, latency: 60 * 2.75, downloadThroughput: (9e6 / 8) * 0.9, uploadThroughput: (1.5e6 / 8) * 0.9 };
const UNTHROTTLED = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 };

const cleanups = [];
const scope = { after: (cleanup) => cleanups.push(cleanup) };

const policy = "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; img-src data:; style-src 'self' 'unsafe-inline'";
const folder = mkdtempSync(join(tmpdir(), 'bench-page-'));
const pagesFolder = fileURLToPath(new URL('pages', import.meta.url));
const built = fileURLToPath(new URL('../../target/pkg', import.meta.url));
const { version } = JSON.parse(readFileSync(join(built, 'package.json'), 'utf8'));
const packageAt = `/sendapi-pairing/${version}`;

/** The package as a host is to serve it (docs/headless.md, "Loading"), below its version and each file with what brotli makes of it; and the pages. */
function serve() {
  cpSync(built, join(folder, 'pkg'), { recursive: true });
  mkdirSync(join(folder, 'pages'), { recursive: true });
  for (const page of readdirSync(pagesFolder)) {
    const html = readFileSync(join(pagesFolder, page), 'utf8');
    writeFileSync(join(folder, 'pages', page), html.replaceAll('/sendapi-pairing/', `${packageAt}/`));
  }
  for (const file of readdirSync(join(folder, 'pkg'), { recursive: true })) {
    if (/\.(js|wasm)$/.test(file)) writeFileSync(join(folder, 'pkg', `${file}.br`), brotliCompressSync(readFileSync(join(folder, 'pkg', file))));
  }
  return startGateway(scope, { statics: [`/bench=${folder}/pages`], immutables: [`${packageAt}=${folder}/pkg`], csp: policy });
}

/** The page of the tag, with every file that the tag fetches named in its head (docs/headless.md, "Loading"). */
async function hint(driver, gateway) {
  await driver.get(gateway.url('bench/tag.html'));
  await painted(driver);
  const paths = await driver.executeScript('return performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname)');
  const files = [...new Set(paths.filter((path) => path.startsWith(packageAt)))];
  const link = (file) => (file.endsWith('.wasm') ? `<link rel="preload" href="${file}" as="fetch" type="application/wasm" crossorigin />` : `<link rel="modulepreload" href="${file}" />`);
  const html = readFileSync(join(folder, 'pages/tag.html'), 'utf8');
  writeFileSync(join(folder, 'pages/hinted.html'), html.replace('<script', `${files.map(link).join('')}<script`));
}

/** Takes the time of the frame after a code is there, whoever draws it; no session is remembered from the page before. */
const stopwatch = `
  sessionStorage.clear();
  const stop = () => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => (window.paintedAt ??= performance.now());
    port2.postMessage(0);
  });
  document.addEventListener('sendapi-qr', stop);
  document.addEventListener('load', ({ target }) => target.localName === 'img' && stop(), true);
`;

/** Counts what a page's timers call. */
const counting = `
  window.fired = 0;
  for (const name of ['setTimeout', 'setInterval', 'requestAnimationFrame', 'requestIdleCallback']) {
    const own = window[name];
    window[name] = (callback, ...rest) => own((...given) => { window.fired++; callback(...given); }, ...rest);
  }
`;

const sorted = (values) => values.toSorted((a, b) => a - b);
const median = (values) => sorted(values)[Math.floor(values.length / 2)];

const painted = (driver) =>
  driver.executeAsyncScript(function (done) {
    const look = () => (window.paintedAt ? done(window.paintedAt) : setTimeout(look, 5));
    look();
  });

/** Medians of `rounds` navigations to each of these pages, in turns, each after `prepare`. */
async function navigations(driver, gateway, pages, rounds, prepare) {
  const times = Object.fromEntries(pages.map((page) => [page, []]));
  for (let round = 0; round < rounds; round++) {
    for (const page of pages) {
      await driver.get('about:blank');
      await prepare();
      await driver.get(gateway.url(`bench/${page}.html`));
      times[page].push(await painted(driver));
    }
  }
  return pages.map((page) => median(times[page]));
}

async function navigation() {
  const gateway = await serve();
  const driver = await openBrowser(scope);
  await beforeEachDocument({ after() {} }, driver, stopwatch);
  const pages = ['peer', 'loaded', 'tag', 'hinted'];
  const send = (command, params) => devTools(driver, command, params);
  await send('Network.enable');
  await hint(driver, gateway);
  // The first of each fills the cache.
  await navigations(driver, gateway, pages, 2, () => {});
  const warm = await navigations(driver, gateway, pages, WARM, () => {});
  const cold = await navigations(driver, gateway, pages, COLD, async () => {
    await send('Network.clearBrowserCache');
    await send('Network.emulateNetworkConditions', FAST_4G);
  });
  await send('Network.emulateNetworkConditions', UNTHROTTLED);
  console.log('\n| navigation to a painted code, median | local gateway, warm cache | | Fast 4G, nothing cached | |\n| --- | --: | --: | --: | --: |');
  for (const [at, label] of ['the page of 30 lines: fetch and `<img>`', 'the same, once this package is loaded (`await init()`)', 'the tag', 'the tag, its files named ahead'].entries()) {
    const cells = [warm, cold].map((times) => `${times[at].toFixed(0)} ms | ${(times[at] / times[0]).toFixed(2)}`);
    console.log(`| ${label} | ${cells.join(' | ')} |`);
  }
  await another(driver, gateway);
}

const oneMore = {
  tag() {
    const element = document.createElement('sendapi-pairing');
    Object.assign(element, { endpoint: '/api/whatsapp', sessionName: 'Second', persist: 'none' });
    document.body.append(element);
  },
  async peer() {
    const image = document.createElement('img');
    document.body.append(image);
    const answer = await fetch('/api/whatsapp/sessions', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: 'Second' }) });
    image.src = (await answer.json()).qr_code;
  },
};

/**
 * One more element on a page that has one, or one more picture on the page of 30 lines, until the code is painted, the service's answer
 * included; and the main thread's time for the first and for that one.
 */
async function another(driver, gateway) {
  const busy = async () => (await devTools(driver, 'Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration').value * 1000;
  const rows = { peer: [], tag: [] };
  await devTools(driver, 'Performance.enable');
  for (let round = 0; round < WARM; round++) {
    for (const [page, add] of Object.entries(oneMore)) {
      await driver.get('about:blank');
      const begun = await busy();
      await driver.get(gateway.url(`bench/${page}.html`));
      const first = await painted(driver);
      const between = await busy();
      const second = await driver.executeAsyncScript(`
        const done = arguments[0];
        window.paintedAt = undefined;
        const begun = performance.now();
        ({ ${add} }).${page}();
        const look = () => (window.paintedAt ? done(window.paintedAt - begun) : setTimeout(look, 5));
        look();
      `);
      rows[page].push({ first, second, firstBusy: between - begun, secondBusy: (await busy()) - between });
    }
  }
  console.log('\n| one more on a page that has one | the first painted after | one more | | main thread, the first | one more | |\n| --- | --: | --: | --: | --: | --: | --: |');
  for (const [page, label] of [['peer', 'an `<img>` on the page of 30 lines'], ['tag', 'an element']]) {
    const of = (name) => median(rows[page].map((row) => row[name]));
    const cells = [['first', 'second'], ['firstBusy', 'secondBusy']].map(([first, second]) => `${of(first).toFixed(0)} ms | ${of(second).toFixed(0)} ms | ${(of(second) / of(first)).toFixed(2)}`);
    console.log(`| ${label} | ${cells.join(' | ')} |`);
  }
}

/** What a pending element costs while nobody scans its code: beside a page with nothing on it, and on a page that nobody sees. */
async function pending() {
  const rows = await Promise.all(
    ['blank', 'tag', 'hidden'].map(async (name) => {
      const [driver, gateway] = [await openBrowser(scope), await serve()];
      await beforeEachDocument({ after() {} }, driver, counting);
      await driver.get(gateway.url(`bench/${name === 'blank' ? name : 'tag'}.html`));
      if (name !== 'blank') await reached(driver, 'awaiting-scan');
      if (name === 'hidden') {
        // Frozen hides it; active again, it could do as it likes, but is hidden still.
        await setLifecycle(driver, 'frozen');
        await setLifecycle(driver, 'active');
      }
      await devTools(driver, 'Performance.enable');
      const look = async () => {
        const { metrics } = await devTools(driver, 'Performance.getMetrics');
        const of = (metric) => metrics.find(({ name }) => name === metric).value;
        const calls = await gateway.log();
        return { at: of('Timestamp'), main: of('ThreadTime'), process: of('ProcessTime'), requests: calls.length, fired: await driver.executeScript('return [document.hidden, window.fired]') };
      };
      // What drawing the code took is not waiting.
      await new Promise((resolve) => setTimeout(resolve, 2000));
      const before = await look();
      await new Promise((resolve) => setTimeout(resolve, MINUTES * 60_000));
      const after = await look();
      if (after.fired[0] !== (name === 'hidden')) throw new Error(`the page ${name} is ${after.fired[0] ? '' : 'not '}hidden`);
      const span = after.at - before.at;
      return { name, main: (after.main - before.main) / span, process: (after.process - before.process) / span, requests: after.requests - before.requests, fired: after.fired[1] - before.fired[1] };
    }),
  );
  const [blank] = rows;
  const percent = (share) => `${(share * 100).toFixed(3)} %`;
  console.log(`\n| ${MINUTES} minutes pending | processor, main thread | more than blank | processor, whole renderer | more than blank | requests | timers fired |\n| --- | --: | --: | --: | --: | --: | --: |`);
  for (const { name, main, process, requests, fired } of rows) {
    const label = { blank: 'a blank page', tag: 'the tag, seen', hidden: 'the tag, hidden' }[name];
    console.log(`| ${label} | ${percent(main)} | ${percent(main - blank.main)} | ${percent(process)} | ${percent(process - blank.process)} | ${requests} | ${fired} |`);
  }
}

const parts = { navigation, pending };
try {
  for (const part of (process.env.BENCH_PARTS ?? 'navigation pending').split(' ')) await parts[part]();
  console.log(`\n${cpus()[0]?.model}`);
} finally {
  for (const cleanup of cleanups.reverse()) await cleanup();
  rmSync(folder, { recursive: true, force: true });
}

// Which functions the straight ways to a first code call; the others are written to scripts/split-later.txt (scripts/first-code).

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mark } from '../../scripts/mark-functions.mjs';
import { devTools, openBrowser } from '../e2e/support/browser.js';
import { reached } from '../e2e/support/element.js';
import { startGateway } from '../e2e/support/gateway.js';
import { readQrCode } from '../e2e/support/screen.js';

const folder = fileURLToPath(new URL('../../target/first-code', import.meta.url));
const pages = fileURLToPath(new URL('../e2e/pages', import.meta.url));
const module = `${folder}/wasm/sendapi_pairing_bg.wasm`;
const list = new URL('../../scripts/split-later.txt', import.meta.url);
const corpus = new URL('../../core/tests/corpus/', import.meta.url);

/** What an engine meets in pictures that no service is likely to send. It reads them as well, once the rest of it is there. */
const strange = /rotate|flip|trans|inverted|colours|kanji|eci|numeric|mixed|alpha/;

/** Codes of every encoder that the engine draws by itself. */
const pictures = readFileSync(new URL('corpus.tsv', corpus), 'utf8')
  .split('\n')
  .map((line) => line.split('\t'))
  .filter(([file, , outcome]) => outcome === 'drawn' && !strange.test(file))
  .map(([file]) => `data:image/png;base64,${readFileSync(new URL(file, corpus)).toString('base64')}`);

/** Collects what is marked in the memory of the module: `keep` adds it to what is kept, `forget` drops it. */
const watch = (start, count) => `
  const instantiate = WebAssembly.instantiateStreaming;
  const all = new Uint8Array(${count});
  WebAssembly.instantiateStreaming = async (...given) => {
    const made = await instantiate(...given);
    const memory = Object.values(made.instance.exports).find((one) => one instanceof WebAssembly.Memory);
    const marks = () => new Uint8Array(memory.buffer, ${start}, ${count});
    window.forget = () => marks().fill(0);
    window.keep = () => {
      marks().forEach((one, at) => (all[at] |= one));
      window.forget();
      return all.join('');
    };
    return made;
  };
  const painted = (resolve) => requestAnimationFrame(() => setTimeout(() => resolve(window.keep())));
  window.painted = new Promise((resolve) => addEventListener('sendapi-qr', ({ target }) => target.id || painted(resolve), { once: true }));`;

/**
 * In the page: one element after another shows each of these codes, from services that word their answers in each of the ways that the
 * contract knows, for pages that set all that can be set. Nothing here is a page's own transport: the element loads everything for that.
 */
async function inManyWays(codes, done) {
  const session = { id: 's1', name: 'Support Bot', status: 'pending', created_at: '2026-01-01T00:00:00Z' };
  const soon = () => new Date(Date.now() + 90_000).toISOString();
  const worded = [
    (code) => ({ ...session, qr_code: code, qr_expires_at: soon() }),
    (code) => ({ data: { ...session, id: 17, qr_code: code, qr_expires_at: soon() }, success: true, meta: { request_id: 'r1', page: 1, ratio: 0.5 } }),
    (code) => ({ ...session, phone_number: null, last_seen_at: null, message_count: 0, qr_code: code, expires_at: soon(), more: { deep: { deeper: {} } } }),
  ];
  const configured = [
    {},
    { getToken: async () => 'token', headers: () => ({ 'x-csrf-token': 'abc' }), credentials: 'include', persistKey: 'user 7' },
    { theme: 'dark', layout: 'row', expectedPhone: '+447700900123', allowUnlink: true, pollInterval: 2, watchInterval: 60, refreshLead: 5, maxRefreshes: 2, webhookUrl: 'https://example.com/hook' },
    { lang: 'de', strings: { heading: 'Bot' }, sessionName: 'WhatsApp', headers: async () => new Headers({ a: 'b' }) },
    { lang: 'ar', trigger: 'visible', persist: 'session' },
  ];
  // That an element is on the screen is known at once where its middle is, and otherwise by a frame that comes at any time on the way.
  window.IntersectionObserver = class {
    constructor(told) {
      this.tell = (isIntersecting) => told([{ isIntersecting }]);
    }
    observe(element) {
      this.tell(false);
      for (const name of ['ready', 'phase-change', 'qr']) element.addEventListener(`sendapi-${name}`, () => queueMicrotask(() => this.tell(true)));
    }
    disconnect() {}
  };
  let turn = 0;
  const fetched = window.fetch;
  window.fetch = async (resource, ...more) => {
    if (!String(resource.url ?? resource).includes('/stub/')) return fetched(resource, ...more);
    // How a session stands whose page was reloaded: by then the rest of the module is there, or is waited for.
    if (resource.method === 'GET') return new Promise(() => {});
    const answer = worded[turn % worded.length](codes[turn]);
    return new Response(JSON.stringify(answer), { status: turn % 2 ? 200 : 201, headers: { date: new Date().toUTCString(), 'x-ratelimit-remaining': '9', 'x-request-id': 'r2' } });
  };
  const failures = [];
  await import('/sendapi-pairing/define.js');
  const show = (properties) =>
    new Promise((resolve) => {
      const element = document.createElement('sendapi-pairing');
      // A name, by which its code is no page's first.
      Object.assign(element, { id: 'further', endpoint: '/stub/', trigger: 'load', persist: 'none' }, properties);
      if (turn % 2) element.style.marginTop = '150vh';
      const end = () =>
        requestAnimationFrame(() =>
          setTimeout(() => {
            window.painted = window.keep();
            element.remove();
            // What its end calls is not on the way to a code; that is over a task later.
            setTimeout(() => resolve(window.forget()));
          }),
        );
      element.addEventListener('sendapi-phase-change', ({ detail }) => detail.phase === 'checking' && end());
      element.addEventListener('sendapi-ready', () => element.trigger === 'manual' && end());
      element.addEventListener('sendapi-qr', end);
      element.addEventListener('sendapi-error', ({ detail }) => {
        failures.push(`${turn}: ${detail.code} ${detail.message}`);
        end();
      });
      document.body.append(element);
    });
  for (; turn < codes.length; turn++) {
    await show(configured[turn % configured.length]);
    sessionStorage.clear();
  }
  turn = 0;
  // The same tab again, once with its session and once without: one asks how it stands, the other waits for a button.
  await show({ persist: 'session' });
  await show({ persist: 'session' });
  await show({ trigger: 'manual' });
  done(failures);
}

test('the functions of a first code', async (t) => {
  const { marked, start, names } = mark(readFileSync(module));
  writeFileSync(module, marked);
  const driver = await openBrowser(t);
  const gateway = await startGateway(t, { statics: [`/sendapi-pairing=${folder}`, `/test=${pages}`] });
  await devTools(driver, 'Page.addScriptToEvaluateOnNewDocument', { source: watch(start, names.length) });
  const called = new Set();
  const keep = (marks) => [...marks].forEach((one, at) => one === '1' && called.add(at));
  const kept = async (what) => {
    const before = called.size;
    keep(await driver.executeScript('return window.painted'));
    console.log(`${what.padEnd(30)} ${called.size - before} functions more`);
  };
  const show = async (query) => {
    await driver.get(gateway.url(`test/pairing.html?${query}`));
    await reached(driver, 'awaiting-scan');
    await readQrCode(driver);
  };

  await show('persist=none');
  await kept('a first code');
  await show('persist=none&trigger=visible');
  await kept('once it is on screen');

  await driver.get(gateway.url('test/blank.html'));
  const failures = await driver.executeAsyncScript(inManyWays, pictures);
  assert.deepEqual(failures, []);
  await kept(`${pictures.length} codes of others, in many ways`);

  const later = names.filter((_, at) => !called.has(at)).sort();
  writeFileSync(list, `${later.join('\n')}\n`);
  console.log(`${called.size} of ${names.length} functions; the others are named in ${fileURLToPath(list)}`);
});

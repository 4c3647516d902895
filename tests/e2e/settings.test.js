// What a page may set, and when: words that are none, settings that come in one go, in a class, too late, or from a listener.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareBrowser } from './support/browser.js';
import { onBlankPage } from './support/blank.js';

let driver;
shareBrowser((browser) => (driver = browser));

test('mount() names what the element does not take, and takes what a class gives', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
    `const refused = [];
     for (const wrong of [{ trigger: 'later' }, { pollInterval: 'fast' }, { pollInterval: NaN }, { maxRefreshes: -1 }, { sesionName: 'Support' }, { persist: true }]) {
       refused.push(await mount(document.body, { endpoint, ...wrong }).catch((error) => error.name + ' ' + error.message.match(/\`(.+?)\`/)[1]));
     }
     const left = document.querySelectorAll('sendapi-pairing').length;
     class Options { get endpoint() { return endpoint; } get trigger() { return 'load'; } get pollInterval() { return '5.0'; } get getToken() { return false; } get theme() { return ''; } get allowUnlink() { return 1; } get strings() { return Object.create(null); } }
     const { element, unmount } = await mount(document.body, new Options());
     await awaiting(element);
     const taken = [element.pollInterval, element.allowUnlink];
     unmount();
     return [refused, left, taken];`,
  );
  const refused = ['trigger', 'pollInterval', 'pollInterval', 'maxRefreshes', 'sesionName', 'persist'].map((name) => `TypeError ${name}`);
  assert.deepEqual({ outcome, stray }, { outcome: [refused, 0, [5, true]], stray: [] });
});

test('words that are no text are ours, before the wasm is there and after', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
    `const element = box({ strings: { asks: ({ site }) => site, timeLeft: 17, heading: null, undo: 'Ours' } });
     document.body.append(element);
     const words = () => element.shadowRoot.textContent;
     const early = [words().includes('asks to send'), words().includes('Ours')];
     await element.ready;
     await awaiting(element);
     const late = [words().includes('asks to send'), words().includes('Ours')];
     const failed = box({ endpoint: '', strings: { errorConfig: () => '', errorSiteDetail: 5 } });
     document.body.append(failed);
     const code = await failed.ready.catch((error) => error.name);
     return [...early, ...late, code, failed.shadowRoot.querySelector('[role=alert] h2').textContent];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: [true, true, true, true, 'SendApiError', 'This is not set up correctly'], stray: [] });
});

test('a box goes on once what was no function is one', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
    `const states = [];
     const never = () => new Promise(() => {});
     for (const [name, wrong, right] of [['getToken', 'abc', () => 'token'], ['headers', { a: 1 }, () => ({})], ['transport', {}, { create: never, get: never, qr: never, remove: never }]]) {
       const element = box({ [name]: wrong, persist: 'none' });
       document.body.append(element);
       await element.ready.catch(() => {});
       states.push(element.phase, element.error.code);
       element[name] = right;
       await until(() => /creating|awaiting-scan/.test(element.phase));
       element.remove();
     }
     return states;`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: ['error', 'config', 'error', 'config', 'error', 'config'], stray: [] });
});

test('settings that come in one go make one pairing, for which one token is asked', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
    `let asked = 0;
     const element = box({ getToken: async () => (asked++, 'token') });
     document.body.append(element);
     const { ready } = element;
     const started = element.start();
     Object.assign(element, { endpoint: '/api/whatsapp/', persistKey: 'ann' });
     const same = await ready === element;
     const { phase } = await started;
     const whys = [];
     for (const lang of ['en', 'de']) {
       const gone = box({ lang, getToken: async () => (asked++, 'token') });
       document.body.append(gone);
       const { ready } = gone;
       gone.remove();
       whys.push(await ready.catch(({ name }) => name));
     }
     await element.refresh();
     return [same, phase, asked, ...whys];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: [true, 'awaiting-scan', 1, 'AbortError', 'AbortError'], stray: [] });
});

test('options may be of a class', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
    `const sent = [];
     const own = window.fetch;
     window.fetch = (request, ...rest) => {
       if (request.headers) sent.push([request.headers.get('x-csrf'), request.headers.get('authorization')]);
       return own(request, ...rest);
     };
     class Options {
       #endpoint = endpoint;
       get endpoint() { return this.#endpoint; }
       get trigger() { return 'load'; }
       getToken() { return 'token'; }
       headers() { return { 'x-csrf': 'yes' }; }
     }
     const pairing = new PairingController(Object.freeze(new Options()));
     await awaiting(pairing);
     pairing.close();
     window.fetch = own;
     return sent[0];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: ['yes', 'Bearer token'], stray: [] });
});

test('where the module is may be told when a tag of the page has begun to look for it elsewhere', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
    `const { fetch } = window;
     window.fetch = (what, ...more) => (String(what).includes('_first.wasm') ? Promise.reject(new TypeError('gone')) : fetch(what, ...more));
     const element = box();
     document.body.append(element);
     await window.module.init({ wasmUrl: '/sendapi-pairing/wasm/sendapi_pairing_bg.wasm' });
     await awaiting(element);
     window.fetch = fetch;
     return element.phase;`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: 'awaiting-scan', stray: [] });
});

test('a trigger that no longer asks for a hand has it begin', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
    `const element = box({ trigger: 'manual' });
     document.body.append(element);
     await element.ready;
     const before = element.phase;
     element.trigger = 'visible';
     await awaiting(element);
     return [before, element.phase];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: ['idle', 'awaiting-scan'], stray: [] });
});

test('a setting that is amiss is told once, also where the answer to it sets something else', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
    `const element = box();
     document.body.append(element);
     await awaiting(element);
     const told = [];
     element.addEventListener('sendapi-error', ({ detail }) => {
       told.push(detail.code);
       if (told.length < 20) element.headers = () => ({});
     });
     const settled = async () => {
       const { length } = told;
       await new Promise((resolve) => setTimeout(resolve, 200));
       return told.length === length ? length : settled();
     };
     const counts = [];
     for (const number of ['+4', '+447700900001', '+4']) {
       element.expectedPhone = number;
       counts.push(await settled());
     }
     // In another pairing it is told anew.
     element.expectedPhone = null;
     element.sessionId = element.session.id;
     await awaiting(element);
     element.expectedPhone = '+4';
     counts.push(await settled());
     return [counts, ...new Set(told)];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: [[1, 1, 2, 3], 'config'], stray: [] });
});

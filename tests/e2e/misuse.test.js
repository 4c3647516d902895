// What a page's own code may do to the element and to a controller: promises that never settle, words that are none, answers that somebody
// else reads, settings that come in one go or in a class, frames that are taken away. Nobody is left waiting, and nobody else is harmed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { can, shareBrowser } from './support/browser.js';
import { inPage } from './support/element.js';
import { startGateway } from './support/gateway.js';

let driver;
shareBrowser((browser) => (driver = browser));

/** Runs `script` on a page without an element, with the module's exports at hand; answers what it resolves to and every rejection that nobody handled. */
async function onBlank(t, script, ...given) {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/blank.html'));
  return inPage(
    driver,
    `await until(() => 'ready' in document.body.dataset);
     const stray = [];
     addEventListener('unhandledrejection', ({ reason }) => stray.push(String(reason)));
     addEventListener('error', ({ message }) => stray.push(message));
     const { PairingController, SendApiClient, mount } = window.module;
     const { SendApiPairingElement } = await window.load('/sendapi-pairing/define.js');
     const endpoint = '/api/whatsapp';
     const box = (options) => Object.assign(new SendApiPairingElement(), { endpoint, trigger: 'load', ...options });
     const awaiting = (pairing) => until(() => (pairing.phase ?? '') === 'awaiting-scan');
     const outcome = await (async () => { ${script} })();
     // Rejections that nobody handles are told in a task of their own.
     await new Promise((resolve) => setTimeout(resolve));
     return { outcome, stray };`,
    ...given,
  );
}

/** The deadline of ten seconds in a fifth of one: the page's clock is set forward by as much as is left out. */
const hurried = `
  const own = window.setTimeout;
  const clock = performance.now.bind(performance);
  let leftOut = 0;
  performance.now = () => clock() + leftOut;
  window.setTimeout = (call, milliseconds, ...rest) =>
    milliseconds > 9_000 && milliseconds <= 10_000 ? own(() => { leftOut += milliseconds - 200; call(); }, 200) : own(call, milliseconds, ...rest);
  const overdue = (pairing) => until(() => pairing.snapshot?.error?.code === 'timeout');`;

test('a token that never comes is asked for again when somebody acts', async (t) => {
  const { outcome, stray } = await onBlank(
    t,
    `${hurried}
     let asked = 0;
     const getToken = () => (++asked === 1 ? new Promise(() => {}) : Promise.resolve('token'));
     const pairing = new PairingController({ endpoint, trigger: 'load', persist: 'none', getToken });
     await overdue(pairing);
     const before = asked;
     const { phase } = await pairing.retry();
     pairing.close();
     return [before, asked, phase];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: [1, 2, 'awaiting-scan'], stray: [] });
});

test('a token for which a person has to sign in may take longer than a request, and is asked for once', async (t) => {
  const { outcome, stray } = await onBlank(
    t,
    `${hurried}
     let asked = 0;
     let signIn;
     const getToken = () => (asked++, new Promise((resolve) => (signIn = () => resolve('token'))));
     const pairing = new PairingController({ endpoint, trigger: 'load', persist: 'none', getToken });
     await overdue(pairing);
     signIn();
     await awaiting(pairing);
     pairing.close();
     const again = new PairingController({ endpoint, trigger: 'load', persist: 'none', getToken });
     await overdue(again);
     const late = signIn;
     const retried = again.retry();
     await until(() => asked === 3);
     const latest = signIn;
     late();
     await overdue(again);
     latest();
     await awaiting(again);
     const { phase } = again.snapshot;
     again.close();
     return [asked, phase];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: [3, 'awaiting-scan'], stray: [] });
});

test('what a backend says in place of a token is none: it is asked for again, and never goes out; what only looks like a key in a header does', async (t) => {
  const { outcome, stray } = await onBlank(
    t,
    `const { fetch } = window;
     const sent = [];
     window.fetch = (what, ...more) => (what.headers && sent.push(what.headers.get('authorization')), fetch(what, ...more));
     let brought;
     const codes = [];
     const pairing = new PairingController({ endpoint, trigger: 'manual', persist: 'none', headers: () => ({ 'x-locale': 'sk_SK.UTF-8', 'x-tenant': 'sk_telecom', 'x-trace': 'task_live_1' }), getToken: () => brought });
     pairing.addEventListener('sendapi-error', ({ detail }) => codes.push(detail.code));
     const phases = [];
     for (brought of ['<!doctype html>\\n<title>Sign in</title>', 'Method Not Allowed', 'täken', 'a-token|of=this.page~+/']) phases.push((await pairing.start()).phase);
     pairing.close();
     return [phases, codes, [...new Set(sent)]];`,
  );
  const token = 'Bearer a-token|of=this.page~+/';
  assert.deepEqual({ outcome, stray }, { outcome: [['error', 'error', 'error', 'awaiting-scan'], Array(3).fill('unauthorized'), [token]], stray: [] });
});

test('a secret key goes out in no header and in no URL', async (t) => {
  const { outcome, stray } = await onBlank(
    t,
    `const { fetch } = window;
     let sent = 0;
     window.fetch = (what, ...more) => (what.headers && sent++, fetch(what, ...more));
     const key = 'sk_live_0000';
     const codes = [];
     const values = [key, 'Key ' + key, 'Bearer\\t' + key, 'Bearer\\f' + key, 'Bearer\\u00a0' + key, 'Bearer%20' + key, 'a="' + key + '"', 'key=' + key, 'v1.' + key, 'my_' + key, 'my-' + key];
     const headers = [...values.map((value) => () => ({ 'X-Api-Key': value })), () => [['authorization', 'Bearer sk_other']], () => ({ Authorization: '"sk_other"' })];
     for (const options of [...headers.map((headers) => ({ headers })), { getToken: () => 'Bearer ' + key }, { getToken: () => key + ' ' }, { getToken: () => '"sk_other"' }, { endpoint: '/api?key=' + key }, { endpoint: '/api?key=%20' + key }]) {
       const pairing = new PairingController({ endpoint, trigger: 'load', persist: 'none', ...options });
       codes.push((await new Promise((resolve) => pairing.addEventListener('sendapi-error', ({ detail }) => resolve(detail)))).code);
       pairing.close();
     }
     const client = () => new SendApiClient({ endpoint: 'https://example.com/' + key });
     try { client(); } catch (error) { codes.push(error.code); }
     return [codes, sent];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: [Array(19).fill('secret_key_rejected'), 0], stray: [] });
});

test('mount() names what the element does not take, and takes what a class gives', async (t) => {
  const { outcome, stray } = await onBlank(
    t,
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
  const { outcome, stray } = await onBlank(
    t,
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

for (const [what, script] of Object.entries({
  'a fetch that reads the answer itself': `
    const own = window.fetch;
    window.fetch = async (...given) => {
      const answer = await own(...given);
      if (answer.url.includes('/sessions')) answer.body.getReader();
      return answer;
    };
    const { code } = await new SendApiClient({ endpoint }).list().catch((error) => error);
    window.fetch = own;
    return code;`,
  'an answer in chunks that are no bytes': `
    const own = window.fetch;
    window.fetch = async (...given) => {
      const answer = await own(...given);
      const body = { getReader: () => ({ read: async () => ({ done: false }), cancel: async () => {} }) };
      return answer.url.includes('/sessions') ? Object.defineProperty(answer, 'body', { value: body }) : answer;
    };
    const { code } = await new SendApiClient({ endpoint }).list().catch((error) => error);
    window.fetch = own;
    return code;`,
  'an answer of a transport that cannot be read': `
    const answer = { id: 'one', get status() { throw new Error('not now'); } };
    const never = () => new Promise(() => {});
    const { code } = await new SendApiClient({ transport: { create: never, get: async () => answer, qr: never, remove: never } }).get('one').catch((error) => error);
    return code;`,
})) {
  test(`${what} harms nobody else`, async (t) => {
    const { outcome, stray } = await onBlank(
      t,
      `const element = box();
       document.body.append(element);
       await awaiting(element);
       const code = await (async () => { ${script} })();
       const { phase } = await element.refresh();
       return [code, phase];`,
    );
    assert.deepEqual({ outcome, stray }, { outcome: [what.includes('transport') ? 'server_error' : 'network_or_cors', 'awaiting-scan'], stray: [] });
  });
}

test('a box goes on once what was no function is one', async (t) => {
  const { outcome, stray } = await onBlank(
    t,
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
  const { outcome, stray } = await onBlank(
    t,
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

test('what is asked of one pairing is not done to the next', async (t) => {
  const { outcome, stray } = await onBlank(
    t,
    `const element = box();
     document.body.append(element);
     const stopped = element.stop({ discard: true }).catch(({ name }) => name);
     element.persistKey = 'bob';
     await awaiting(element);
     return [await stopped, element.phase];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: ['AbortError', 'awaiting-scan'], stray: [] });
});

test('an element that is taken out and put in elsewhere a moment later goes on', async (t) => {
  const { outcome, stray } = await onBlank(
    t,
    `const element = box();
     const [one, other] = [document.body.appendChild(document.createElement('div')), document.body.appendChild(document.createElement('div'))];
     one.append(element);
     queueMicrotask(() => other.append(element));
     element.remove();
     await element.ready;
     await awaiting(element);
     return [element.parentNode === other];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: [true], stray: [] });
});

test('options may be of a class', async (t) => {
  const { outcome, stray } = await onBlank(
    t,
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

test('a call that a failure ends comes to phase error, also where a listener begins anew at once', async (t) => {
  const { outcome, stray } = await onBlank(
    t,
    `let failing = 1;
     const fetched = window.fetch;
     window.fetch = (...given) => (failing > 0 && String(given[0]).includes('.wasm') ? (failing--, Promise.reject(new TypeError('gone'))) : fetched(...given));
     const pairing = new PairingController({ endpoint, trigger: 'manual' });
     pairing.addEventListener('sendapi-error', () => pairing.start().catch(() => {}), { once: true });
     const first = (await pairing.start()).phase;
     await awaiting(pairing);
     pairing.close();
     return [first, failing];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: ['error', 0], stray: [] });
});

test('a key in a property is taken out at once and told of later', async (t) => {
  const { outcome, stray } = await onBlank(
    t,
    `const element = box();
     document.body.append(element);
     await awaiting(element);
     const told = [];
     for (const name of ['sendapi-error', 'sendapi-phase-change']) element.addEventListener(name, ({ type }) => told.push(type));
     element.endpoint = 'sk_live_0000';
     const within = [told.length, element.hasAttribute('endpoint')];
     const code = await element.ready.catch((error) => error.code);
     const first = told.splice(0);
     // Another setting in the same go begins it anew, which must not hide it.
     const codes = [];
     element.addEventListener('sendapi-error', ({ detail }) => codes.push(detail.code));
     Object.assign(element, { endpoint: 'sk_live_0000', sessionId: 'one' });
     await until(() => codes.length > 1);
     return [...within, code, first, codes.sort()];`,
  );
  const [events, codes] = [['sendapi-phase-change', 'sendapi-error'], ['config', 'secret_key_rejected']];
  assert.deepEqual({ outcome, stray }, { outcome: [0, false, 'secret_key_rejected', events, codes], stray: [] });
});

test('an element in a frame that is taken away asks for nothing more', async (t) => {
  const { outcome, stray } = await onBlank(
    t,
    `const frame = document.body.appendChild(document.createElement('iframe'));
     const element = box({ pollInterval: 0.2 });
     frame.contentDocument.body.append(element);
     await awaiting(element);
     frame.remove();
     const { phase } = element;
     const own = window.fetch;
     let asked = 0;
     window.fetch = (...given) => (asked++, own(...given));
     // What must not follow has no signal to wait for.
     await new Promise((resolve) => setTimeout(resolve, 1000));
     window.fetch = own;
     return [phase, asked, await element.start().catch(({ name }) => name)];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: ['idle', 0, 'InvalidStateError'], stray: [] });
});

test('a reader of snapshots may leave while it waits for one', async (t) => {
  const { outcome, stray } = await onBlank(
    t,
    `const pairing = new PairingController({ endpoint, trigger: 'manual' });
     await pairing.ready;
     const snapshots = pairing[Symbol.asyncIterator]();
     const { value: { phase } } = await snapshots.next();
     const waiting = snapshots.next();
     const left = await snapshots.return();
     const ends = [await waiting, left, await snapshots.next()];
     pairing.close();
     return [phase, ends.map(({ done }) => done)];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: ['idle', [true, true, true]], stray: [] });
});

test('a sandbox that could not be loaded is loaded by the next call', async (t) => {
  const { outcome, stray } = await onBlank(
    t,
    `const { sandboxTransport } = await window.load('/sendapi-pairing/sandbox.js');
     const own = window.fetch;
     window.fetch = async () => { throw new TypeError('gone'); };
     const transport = sandboxTransport();
     const failed = await transport.list().then(() => 'listed', () => 'failed');
     window.fetch = own;
     const { data } = await transport.list();
     return [failed, Array.isArray(data)];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: ['failed', true], stray: [] });
});

test('what mount() made and the page took away is not kept by a signal that lives on', { skip: can('cdp') ? false : 'only the DevTools protocol collects garbage' }, async (t) => {
  await onBlank(
    t,
    `window.stop = new AbortController();
     window.made = [];
     for (let turn = 0; turn < 8; turn++) {
       const { element } = await mount(document.body, { endpoint, trigger: 'manual', signal: window.stop.signal });
       element.remove();
       window.made.push(new WeakRef(element));
     }
     await window.module.init();`,
  );
  let left = 8;
  // The last one may still be on a stack; what is freed in a task of its own is there for some turns.
  for (let turn = 0; turn < 20 && left > 1; turn++) {
    await driver.sendAndGetDevToolsCommand('HeapProfiler.collectGarbage', {});
    left = await driver.executeScript('return window.made.filter((held) => held.deref()).length');
  }
  assert.ok(left <= 1, `${left} of 8 are kept`);
});

test('where the module is may be told when a tag of the page has begun to look for it elsewhere', async (t) => {
  const { outcome, stray } = await onBlank(
    t,
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

test('Slovak is no secret key', async (t) => {
  const { outcome, stray } = await onBlank(
    t,
    `const element = box({ lang: 'sk_SK' });
     document.body.append(element);
     await awaiting(element);
     return [element.phase, element.lang];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: ['awaiting-scan', 'sk_SK'], stray: [] });
});

test('a trigger that no longer asks for a hand has it begin', async (t) => {
  const { outcome, stray } = await onBlank(
    t,
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
  const { outcome, stray } = await onBlank(
    t,
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

test('headers that cannot be had for a moment end nothing', async (t) => {
  const { outcome, stray } = await onBlank(
    t,
    `let asked = 0;
     const codes = [];
     const headers = async () => {
       if (asked++ === 0) throw new TypeError('Failed to fetch');
       return { 'x-csrf': 'yes' };
     };
     const pairing = new PairingController({ endpoint, trigger: 'load', persist: 'none', headers });
     pairing.addEventListener('sendapi-error', ({ detail }) => codes.push(detail.code));
     await awaiting(pairing);
     pairing.close();
     // What throws is a mistake of the page's.
     const broken = new PairingController({ endpoint, trigger: 'manual', persist: 'none', headers: () => document.querySelector('meta[name=none]').content });
     const { phase, error } = await broken.start();
     broken.close();
     return [codes, asked > 1, phase, error.code];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: [['network_or_cors'], true, 'error', 'config'], stray: [] });
});

test('a code that died in a sleep is gone a moment after it, long before anything is asked', async (t) => {
  const { outcome, stray } = await onBlank(
    t,
    `const pairing = new PairingController({ endpoint, trigger: 'load', persist: 'none', pollInterval: 100 });
     await awaiting(pairing);
     const gone = new Promise((resolve) => pairing.addEventListener('sendapi-phase-change', ({ detail }) => resolve(detail.phase), { once: true }));
     // The page's own: in Firefox, a driver's script has another.
     const { Date } = window;
     const { now } = Date;
     Date.now = () => now() + 300_000;
     const phase = await gone;
     pairing.close();
     return phase;`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: 'refreshing', stray: [] });
});

test('a frame that loads another page takes elements anew', async (t) => {
  const { outcome, stray } = await onBlank(
    t,
    `const frame = document.body.appendChild(document.createElement('iframe'));
     const [documents, phases] = [new Set(), []];
     for (let page = 0; page < 2; page++) {
       await new Promise((resolve) => {
         frame.onload = resolve;
         frame.src = 'about:blank';
       });
       const { element } = await mount(frame.contentDocument.body, { endpoint, trigger: 'load', persist: 'none' });
       await awaiting(element);
       documents.add(element.ownerDocument);
       phases.push(element.phase);
     }
     return [documents.size, ...phases];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: [2, 'awaiting-scan', 'awaiting-scan'], stray: [] });
});

test('what is stopped before its wasm is there asks for nothing, until it is started', async (t) => {
  const { outcome, stray } = await onBlank(
    t,
    `const { fetch } = window;
     let sent = 0;
     window.fetch = (what, ...more) => (what.headers && sent++, fetch(what, ...more));
     let asked = 0;
     const element = box({ persist: 'none', getToken: () => (asked++, 'token') });
     document.body.append(element);
     const stopped = element.stop();
     element.refresh();
     const { phase } = await stopped;
     element.theme = 'dark';
     await new Promise((resolve) => setTimeout(resolve, 300));
     const before = [phase, sent, asked];
     const started = await element.start();
     window.fetch = fetch;
     return [...before, started.phase, asked];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: ['idle', 0, 0, 'awaiting-scan', 1], stray: [] });
});

// Tokens, headers and keys: a token that never comes or is none, headers that fail, and a secret key, which goes nowhere.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareBrowser } from './support/browser.js';
import { onBlankPage } from './support/blank.js';

let driver;
shareBrowser((browser) => (driver = browser));

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
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
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
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
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
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
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
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
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

test('a key in a property is taken out at once and told of later', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
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

test('Slovak is no secret key', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
    `const element = box({ lang: 'sk_SK' });
     document.body.append(element);
     await awaiting(element);
     return [element.phase, element.lang];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: ['awaiting-scan', 'sk_SK'], stray: [] });
});

test('headers that cannot be had for a moment end nothing', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
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

test('a token or headers that come after a request without them was refused make another', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
    `const own = window.fetch;
     const refused = [];
     window.fetch = async (request) => {
       if (!request.url?.includes('/api/') || request.headers.has('x-csrf')) return own(request);
       refused.push(request.headers.get('authorization'));
       const status = refused.at(-1) ? 403 : 401;
       return Response.json({ error: { code: status, message: 'No.' } }, { status });
     };
     const element = box();
     document.body.append(element);
     const failed = (code) => until(() => element.error?.code === code);
     await failed('unauthorized');
     const without = refused.length;
     // What changes nothing about who asks makes no request.
     element.setAttribute('theme', 'dark');
     element.strings = { heading: 'WhatsApp' };
     await until(() => element.shadowRoot.querySelector('h2').textContent === 'WhatsApp');
     const still = [refused.length, element.phase];
     element.getToken = async () => 'token';
     await failed('forbidden');
     const withToken = refused.slice(1);
     element.getToken = async () => 'another';
     element.headers = () => ({ 'x-csrf': 'yes' });
     await awaiting(element);
     // Also from within what tells of it, and where a person began.
     const pressed = box({ trigger: 'manual', persistKey: 'another' });
     pressed.addEventListener('sendapi-error', () => Object.assign(pressed, { getToken: async () => 'token', headers: () => ({ 'x-csrf': 'yes' }) }));
     document.body.append(pressed);
     await pressed.ready;
     const phases = [];
     pressed.addEventListener('sendapi-phase-change', ({ detail }) => phases.push(detail.phase));
     pressed.start();
     await awaiting(pressed);
     return [without, ...still, withToken, element.phase, phases];`,
  );
  const phases = ['creating', 'error', 'creating', 'awaiting-scan'];
  assert.deepEqual({ outcome, stray }, { outcome: [1, 1, 'error', ['Bearer token'], 'awaiting-scan', phases], stray: [] });
});

// The module in its two parts: the first shows a code, the rest follows, and nobody is stuck where it does not.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { can, devTools, shareBrowser } from './support/browser.js';
import { until } from './support/devtools.js';
import { click, property, reached } from './support/element.js';
import { startGateway } from './support/gateway.js';
import { readQrCode } from './support/screen.js';
import { startBalancer } from './support/servers.js';

let driver;
shareBrowser((browser) => (driver = browser));

const fetched = async () => {
  const names = await driver.executeScript('return performance.getEntriesByType("resource").map((entry) => entry.name)');
  return names.filter((name) => name.endsWith('.wasm')).map((name) => name.replace(/.*sendapi_pairing_/, ''));
};

test('the rest follows the first code, and is fetched once', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/pairing.html'));
  await reached(driver, 'awaiting-scan');
  await until(async () => (await fetched()).length === 2, 'the rest of the module');
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
  assert.deepEqual(await fetched(), ['first.wasm', 'rest.wasm']);
});

test('nothing on the way to a first code stands still for the rest, whenever a frame tells that the element is on the screen', async (t) => {
  const gateway = await startGateway(t);
  for (const [trigger, when] of [['load', 'sendapi-ready'], ['load', 'sendapi-phase-change'], ['visible', 'sendapi-ready']]) {
    await driver.get(gateway.url('test/blank.html'));
    const stood = await driver.executeAsyncScript(
      async (trigger, when, done) => {
        const observed = window.IntersectionObserver;
        window.IntersectionObserver = class extends observed {
          constructor(told) {
            super(() => {});
            this.told = told;
          }
          observe(element) {
            this.told([{ isIntersecting: false }]);
            element.addEventListener(when, () => queueMicrotask(() => this.told([{ isIntersecting: true }])));
          }
        };
        let stood = 0;
        window.XMLHttpRequest = class extends XMLHttpRequest {
          open(...given) {
            stood++;
            super.open(...given);
          }
        };
        await import('/sendapi-pairing/define.js');
        const element = document.createElement('sendapi-pairing');
        element.addEventListener('sendapi-qr', () => done(stood));
        element.style.marginTop = '150vh';
        Object.assign(element, { endpoint: '/api/whatsapp', trigger, persist: 'none' });
        document.body.append(element);
      },
      trigger,
      when,
    );
    assert.equal(stood, 0, `${trigger}, told at ${when}`);
  }
});

test('a button that waits has all it needs before it is pressed', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/pairing.html?trigger=manual'));
  await until(async () => (await fetched()).includes('rest.wasm'), 'the rest of the module');
  await click(driver, 'primary-button');
  await reached(driver, 'awaiting-scan');
});

test('what is asked for before the rest is there, of an element that is then removed, is given up; each listener sees its own target', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/blank.html'));
  const [name, seen] = await driver.executeAsyncScript(async (done) => {
    let go;
    const held = new Promise((resolve) => (go = resolve));
    const { fetch } = window;
    window.fetch = async (resource, ...more) => {
      if (String(resource.url ?? resource).endsWith('_rest.wasm')) await held;
      return fetch(resource, ...more);
    };
    await import('/sendapi-pairing/define.js');
    const element = document.createElement('sendapi-pairing');
    Object.assign(element, { endpoint: '/api/whatsapp', trigger: 'manual', persist: 'none' });
    document.body.append(element);
    await element.ready;
    const seen = new Promise((resolve) => document.addEventListener('click', ({ target }) => resolve(target === element), { once: true }));
    element.shadowRoot.querySelector('button:not([hidden])').click();
    const outcome = element.start().catch(({ name }) => name);
    await seen;
    element.remove();
    // Its end is a task later.
    await new Promise((resolve) => setTimeout(resolve));
    go();
    done([await outcome, await seen]);
  });
  assert.deepEqual([name, seen], ['AbortError', true]);
});

test('what is asked of one pairing before the rest is there is not done to the one in its place', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/blank.html'));
  const outcome = await driver.executeAsyncScript(async (done) => {
    let go;
    const held = new Promise((resolve) => (go = resolve));
    const { fetch } = window;
    window.fetch = async (resource, ...more) => {
      if (String(resource.url ?? resource).endsWith('_rest.wasm')) await held;
      return fetch(resource, ...more);
    };
    await import('/sendapi-pairing/define.js');
    const element = document.createElement('sendapi-pairing');
    const drawn = () => new Promise((resolve) => element.addEventListener('sendapi-qr', resolve, { once: true }));
    const first = drawn();
    Object.assign(element, { endpoint: '/api/whatsapp', trigger: 'load', persist: 'none', persistKey: 'alice' });
    document.body.append(element);
    await first;
    const stopped = element.stop().then(
      () => 'resolved',
      ({ name }) => name,
    );
    // By then it waits for the rest.
    await new Promise((resolve) => setTimeout(resolve));
    element.persistKey = 'bob';
    await element.ready;
    go();
    const name = await stopped;
    done([name, (await element.start()).phase]);
  });
  assert.deepEqual(outcome, ['AbortError', 'awaiting-scan']);
  assert.equal(await driver.executeScript('return document.querySelector("sendapi-pairing").phase'), 'awaiting-scan');
});

test('an answer of a strange shape is told, although the rest is not there yet', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/blank.html'));
  const code = await driver.executeAsyncScript(async (done) => {
    const { fetch } = window;
    window.fetch = async (resource, ...more) =>
      String(resource.url ?? resource).includes('/stub/') ? new Response('{"id": [], "qr_code": 7}', { status: 201 }) : fetch(resource, ...more);
    await import('/sendapi-pairing/define.js');
    const element = document.createElement('sendapi-pairing');
    element.addEventListener('sendapi-error', ({ detail }) => done(detail.code));
    Object.assign(element, { endpoint: '/stub', trigger: 'load', persist: 'none' });
    document.body.append(element);
  });
  assert.equal(code, 'invalid_response');
  assert.ok((await fetched()).includes('rest.wasm'));
});

test('a rest that never arrives is asked for again', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/blank.html'));
  await driver.executeScript(() => {
    const { fetch } = window;
    const own = window.setTimeout.bind(window);
    window.happened = [];
    const asked = () => window.happened.filter((what) => what === 'asked').length;
    // The attempt in vain alone is short: the next has the time that it needs.
    window.setTimeout = (call, milliseconds) => own(call, milliseconds === 10_000 && asked() === 0 ? 50 : milliseconds);
    window.fetch = (resource, given) => {
      if (!String(resource.url ?? resource).endsWith('_rest.wasm')) return fetch(resource, given);
      window.happened.push('asked');
      if (asked() > 1) return fetch(resource, given);
      return new Promise((_, reject) => given.signal.addEventListener('abort', () => reject(window.happened.push('given up') && given.signal.reason)));
    };
    const tell = (what) => window.happened.push(what);
    import('/sendapi-pairing/index.js').then(({ init }) => init()).then(() => tell('loaded'), (error) => tell(String(error)));
  });
  const happened = () => driver.executeScript('return window.happened');
  await until(async () => (await happened()).includes('loaded'), 'the rest').catch(async (error) => assert.fail(`${error.message}; ${await happened()}`));
  assert.deepEqual((await happened()).slice(0, 3), ['asked', 'given up', 'asked']);
});

test('a page that a proxy put in the place of a part, and the browser keeps, is asked for again past what is kept', async (t) => {
  const gateway = await startGateway(t);
  const asked = [];
  const base = await startBalancer(t, [gateway.url()], ({ url }, outgoing) => {
    const part = /sendapi_pairing_(first|rest)\.wasm/.exec(url)?.[1];
    if (!part) return false;
    asked.push(part);
    if (asked.filter((other) => other === part).length > 1) return false;
    outgoing.writeHead(200, { 'content-type': 'text/html', 'cache-control': 'public, max-age=31536000, immutable' });
    outgoing.end('<!doctype html><title>Sign in to this network</title>');
    return true;
  });
  await driver.get(`${base}test/pairing.html`);
  await reached(driver, 'error');
  assert.equal((await property(driver, 'error')).code, 'wasm_blocked');
  await click(driver, 'primary-button');
  await reached(driver, 'awaiting-scan');
  await until(() => asked.length === 4, 'the rest, asked for a second time');
  assert.deepEqual(asked, ['first', 'first', 'rest', 'rest']);
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
});

test('where the rest cannot be had, that is told, and a start resumes the session in one piece', async (t) => {
  if (!can('cdp')) return t.skip('this driver cannot block a request');
  const gateway = await startGateway(t);
  await devTools(driver, 'Network.enable');
  await devTools(driver, 'Network.setBlockedURLs', { urls: ['*_rest.wasm'] });
  t.after(() => devTools(driver, 'Network.setBlockedURLs', { urls: [] }));
  await driver.get(gateway.url('test/pairing.html'));
  await reached(driver, 'awaiting-scan');
  const { id } = await property(driver, 'session');
  await reached(driver, 'error');
  assert.equal((await property(driver, 'error')).code, 'wasm_blocked');
  await click(driver, 'primary-button');
  await reached(driver, 'awaiting-scan');
  assert.equal((await property(driver, 'session')).id, id);
  assert.ok((await fetched()).includes('bg.wasm'));
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
});

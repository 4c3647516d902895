// Invariant 19: after a trap in wasm, an error the user can read, everything that the instance started gone, and a new start that resumes
// the same session in a fresh instance. A trap ends the generation for all elements on the page.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareBrowser } from './support/browser.js';
import { click, property, reached, visibleText } from './support/element.js';
import { startGateway } from './support/gateway.js';
import { readQrCode, readQrCodes } from './support/screen.js';

let driver;
shareBrowser((browser) => (driver = browser));

const ask = (script, ...given) => driver.executeScript(script, ...given);

async function open(gateway, query = '') {
  await driver.get(gateway.url(`test/trap.html${query}`));
  await reached(driver, 'awaiting-scan');
  return (await property(driver, 'session')).id;
}

async function pairs(gateway) {
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
}

test('a trap is told, leaves nothing running, and a start resumes the session in a fresh instance', async (t) => {
  const gateway = await startGateway(t);
  const id = await open(gateway);
  const { listeners, timers } = await ask('return leftovers()');
  assert.ok(listeners.length > 0 && timers > 0, `there is something to clean up: ${listeners}, ${timers} timers`);
  await ask('breakWasm()');
  await reached(driver, 'error');

  const error = await property(driver, 'error');
  assert.equal(error.code, 'internal');
  assert.equal(error.retryable, true);
  assert.match(await visibleText(driver), /Something went wrong.*Try again/);
  assert.deepEqual(await readQrCodes(driver), [], 'no code is left on the screen');
  assert.deepEqual(await ask('return leftovers()'), { listeners: [], timers: 0 });
  const locks = await driver.executeAsyncScript('const done = arguments[0]; navigator.locks.query().then(({ held, pending }) => done([...held, ...pending].length))');
  assert.equal(locks, 0, 'the lock that decides which tab leads is given back');
  const asked = (await gateway.log()).length;
  await elapsed(2500);
  assert.equal((await gateway.log()).length, asked, 'it polled every second before');
  assert.deepEqual((await ask('return told')).filter(({ type }) => type === 'sendapi-error').map(({ detail }) => detail.code), ['internal']);

  await ask('document.querySelector("sendapi-pairing").start()');
  await reached(driver, 'awaiting-scan');
  assert.equal(await ask('return instances()'), 2, 'the instance is a fresh one');
  assert.equal((await property(driver, 'session')).id, id);
  assert.equal(await gateway.calls('POST', /\/sessions$/), 1);
  await pairs(gateway);
});

test('the button resumes the session also where the tab remembers none', async (t) => {
  const gateway = await startGateway(t);
  const id = await open(gateway, '?persist=none');
  await ask('breakWasm()');
  await reached(driver, 'error');
  await click(driver, 'primary-button');
  await reached(driver, 'awaiting-scan');
  assert.equal((await property(driver, 'session')).id, id);
  await pairs(gateway);
});

test('nor is it forgotten where the next try fails as well', async (t) => {
  const gateway = await startGateway(t);
  const id = await open(gateway, '?persist=none');
  await ask(`window.own = window.fetch;
    window.fetch = (what, ...more) => (String(what.url ?? what).includes('.wasm') ? Promise.reject(new TypeError('gone')) : own(what, ...more));
    breakWasm();`);
  await reached(driver, 'error');
  await click(driver, 'primary-button');
  await driver.wait(async () => (await property(driver, 'error'))?.code === 'wasm_blocked', 25_000);
  await ask('window.fetch = own');
  await click(driver, 'primary-button');
  await reached(driver, 'awaiting-scan');
  assert.equal((await property(driver, 'session')).id, id);
  assert.equal(await gateway.calls('POST', /\/sessions$/), 1);
});

test('a trap ends the generation for all on the page, and each can start again', async (t) => {
  const gateway = await startGateway(t);
  const id = await open(gateway);
  const second = await driver.executeAsyncScript(function (done) {
    const element = document.createElement('sendapi-pairing');
    Object.assign(element, { id: 'second', endpoint: '/api/whatsapp', trigger: 'load', pollInterval: 600, persistKey: 'second' });
    element.addEventListener('sendapi-qr', () => done(element.session.id), { once: true });
    document.body.append(element);
  });
  await driver.executeAsyncScript(function (done) {
    const pairing = new window.module.PairingController({ endpoint: '/api/whatsapp', trigger: 'load', persistKey: 'third', pollInterval: 600 });
    window.controller = pairing;
    window.heard = [];
    pairing.addEventListener('sendapi-error', (event) => window.heard.push(event.detail.code));
    pairing.addEventListener('sendapi-qr', () => done(), { once: true });
  });
  const third = await ask('return controller.snapshot.session.id');
  const created = await gateway.calls('POST', /\/sessions$/);

  await ask('breakWasm()');
  await reached(driver, 'error');
  assert.equal(await ask('return document.querySelector("#second").phase'), 'error');
  assert.deepEqual(await ask('return [controller.phase, controller.snapshot.error.code, controller.code, heard]'), ['error', 'internal', null, ['internal']]);

  const resumed = await driver.executeAsyncScript(async function (done) {
    const elements = [...document.querySelectorAll('sendapi-pairing')];
    const snapshots = await Promise.all([...elements, window.controller].map((one) => one.start()));
    done(snapshots.map(({ phase, session }) => [phase, session.id]));
  });
  assert.deepEqual(resumed, [['awaiting-scan', id], ['awaiting-scan', second], ['awaiting-scan', third]]);
  assert.equal(await ask('return instances()'), 2, 'they share the fresh one');
  assert.equal(await gateway.calls('POST', /\/sessions$/), created);
});

test('what waits for an outcome is told that there will be none', async (t) => {
  const gateway = await startGateway(t);
  await open(gateway);
  await gateway.faults({ match: '*', times: 9, kind: 'delay', ms: 8000 });
  const codes = await driver.executeAsyncScript(async function (done) {
    const element = document.querySelector('sendapi-pairing');
    const client = new window.module.SendApiClient({ endpoint: '/api/whatsapp' });
    await window.module.init();
    const waiting = [element.refresh().then(({ phase, error }) => `${phase}: ${error.code}`), client.get(element.session.id).catch((error) => error.code)];
    await new Promise((resolve) => setTimeout(resolve, 500));
    window.breakWasm();
    document.dispatchEvent(new Event('visibilitychange'));
    done(await Promise.all(waiting));
  });
  assert.deepEqual(codes, ['error: internal', 'internal']);
  const after = await driver.executeAsyncScript(async function (done) {
    const { qrToPath } = window.module;
    done(await qrToPath('2@' + 'a'.repeat(200)).then(({ size }) => size > 0, String));
  });
  assert.equal(after, true, 'the next call has a fresh instance');
});

/** Lets time pass in which nothing may happen: what must not come has no signal to wait for. */
const elapsed = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// How a pairing begins: what is asked beside the loading of the wasm, and what a method comes to where there is nothing to begin with.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareBrowser } from './support/browser.js';
import { until } from './support/devtools.js';
import { click, property, reached } from './support/element.js';
import { startGateway } from './support/gateway.js';
import { readQrCode } from './support/screen.js';
import { startBalancer } from './support/servers.js';

let driver;
shareBrowser((browser) => (driver = browser));

/** A host that keeps the wasm back until `go` is called. */
async function withheld(t, gateway) {
  const waiting = [];
  let open = false;
  const base = await startBalancer(t, [gateway.url()], ({ url }, outgoing) => {
    if (open || !url.endsWith('.wasm')) return false;
    waiting.push([url, outgoing]);
    return true;
  });
  const go = async () => {
    open = true;
    for (const [url, outgoing] of waiting) {
      const answer = await fetch(new URL(url, gateway.url()));
      outgoing.writeHead(answer.status, { 'content-type': 'application/wasm' });
      outgoing.end(Buffer.from(await answer.arrayBuffer()));
    }
  };
  return { base, waiting, go };
}

/** Puts an element or a controller on a page without one; `window.tokens` counts how often a token was asked for. */
const begin = (how, options) =>
  driver.executeAsyncScript(
    function (how, options, done) {
      window.tokens = 0;
      const getToken = async () => `token-${++window.tokens}`;
      import('/sendapi-pairing/index.js').then(async ({ PairingController, SendApiPairingElement }) => {
        if (how === 'controller') window.pairing = new PairingController({ endpoint: '/api/whatsapp', getToken, ...options });
        else {
          await import('/sendapi-pairing/define.js');
          window.pairing = Object.assign(new SendApiPairingElement(), { endpoint: '/api/whatsapp', getToken, ...options });
          document.body.append(window.pairing);
        }
        setTimeout(done);
      });
    },
    how,
    options,
  );

const tokens = () => driver.executeScript('return window.tokens');

for (const how of ['element', 'controller']) {
  test(`${how}: the token is asked for while the wasm is on its way, and once`, async (t) => {
    const gateway = await startGateway(t);
    const { base, waiting, go } = await withheld(t, gateway);
    await driver.get(`${base}test/blank.html`);
    await begin(how, {});
    await until(() => waiting.length > 0, 'the wasm to be asked for');
    await until(async () => (await tokens()) === 1, 'the token to be asked for');
    await go();
    await until(() => driver.executeScript('return window.pairing.phase === "awaiting-scan"'), 'a code');
    assert.equal(await tokens(), 1);
  });

  test(`${how}: with a button to press first no token is asked for`, async (t) => {
    const gateway = await startGateway(t);
    await driver.get(gateway.url('test/blank.html'));
    await begin(how, { trigger: 'manual' });
    await driver.executeScript('return window.pairing.ready.then(() => {})');
    assert.equal(await tokens(), 0);
  });

  test(`${how}: where it cannot begin, a method comes to a snapshot in phase error, and rejects for an argument that is none`, async (t) => {
    const gateway = await startGateway(t);
    await driver.get(gateway.url('test/blank.html'));
    await begin(how, { endpoint: null });
    const { outcomes, refused } = await driver.executeAsyncScript(async function (done) {
      const names = ['start', 'refresh', 'stop', 'unlink'];
      const outcomes = [];
      for (const name of names) outcomes.push(await window.pairing[name]());
      const refused = [];
      for (const [name, argument] of [['start', null], ['stop', 5]]) refused.push(await window.pairing[name](argument).catch(String));
      done({ outcomes, refused });
    });
    for (const { phase, settled, error, can, expiresAt, remaining, offline } of outcomes) {
      assert.deepEqual([phase, settled, error.code, can.start, expiresAt, remaining, offline], ['error', true, 'config', true, null, null, false]);
    }
    assert.deepEqual(refused, Array(2).fill('TypeError: `options` must be an object'));
  });
}

test('an element that is not on the screen asks for no token', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/blank.html'));
  await driver.executeScript(`document.body.style.paddingTop = '9000px'`);
  await begin('element', {});
  await driver.executeScript('return window.pairing.ready.then(() => {})');
  assert.equal(await tokens(), 0);
  await driver.executeScript('window.pairing.scrollIntoView()');
  await until(() => driver.executeScript('return window.pairing.phase === "awaiting-scan"'), 'a code');
  assert.equal(await tokens(), 1);
});

test('after a trap nothing of the code that was shown is left to read', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/trap.html'));
  await reached(driver, 'awaiting-scan');
  assert.ok((await property(driver, 'remaining')) > 0);
  await driver.executeScript('window.breakWasm(); document.dispatchEvent(new Event("visibilitychange"))');
  await reached(driver, 'error');
  assert.deepEqual([await property(driver, 'expiresAt'), await property(driver, 'remaining')], [null, null]);
  assert.notEqual(await property(driver, 'session'), null);
  await click(driver, 'primary-button');
  await reached(driver, 'awaiting-scan');
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
});

test('what waits for the wasm can be waited for no longer', async (t) => {
  const gateway = await startGateway(t);
  const { base } = await withheld(t, gateway);
  await driver.get(`${base}test/blank.html`);
  const outcomes = await driver.executeAsyncScript(async function (done) {
    const { init, qrToElement, qrToPath, qrToSvg } = await import('/sendapi-pairing/index.js');
    const stop = new AbortController();
    const { signal } = stop;
    const waiting = [init({ signal }), qrToPath('2@a', { signal }), qrToSvg('2@a', { signal }), qrToElement('2@a', document, { signal })];
    stop.abort();
    const after = [init({ signal }), qrToPath('2@a', { signal })];
    const bad = [init({ signal: 1 }), qrToSvg('2@a', null)];
    done(await Promise.all([...waiting, ...after, ...bad].map((one) => one.then(() => 'done', ({ name, message }) => (name === 'TypeError' ? message : name)))));
  });
  assert.deepEqual(outcomes, [...Array(6).fill('AbortError'), '`signal` must be an AbortSignal', '`options` must be an object']);
});

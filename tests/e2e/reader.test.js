// The second reader of codes: fetched for the codes that need it, and for no others.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { can, shareBrowser } from './support/browser.js';
import { until } from './support/devtools.js';
import { reached } from './support/element.js';
import { startGateway } from './support/gateway.js';
import { readQrCode } from './support/screen.js';
import { startBalancer } from './support/servers.js';

const corpus = new URL('../../core/tests/corpus/', import.meta.url);
const texts = new Map(
  readFileSync(new URL('corpus.tsv', corpus), 'utf8')
    .split('\n')
    .map((line) => line.split('\t'))
    .map(([file, , , text]) => [file, text]),
);
const picture = (file) => `data:image/png;base64,${readFileSync(new URL(file, corpus)).toString('base64')}`;
const pairingText = 'https://wa.me/settings/linked_devices#2@kq1uVQ0rB9b6vVx,aZ8d2mN4pQ7sT1wX,cE5gH9jK3lM6oR0u';

let driver;
shareBrowser((browser) => (driver = browser));

/** A page whose element is told these codes, one after another, the last one for ever. */
async function show(gateway, ...codes) {
  await driver.get(gateway.url('test/pairing.html?trigger=manual&persist=none'));
  await driver.executeAsyncScript(
    function (codes, done) {
      const element = document.querySelector('sendapi-pairing');
      const session = { id: 's1', name: 'Support Bot', status: 'pending', created_at: '2026-01-01T00:00:00Z' };
      const next = () => (codes.length > 1 ? codes.shift() : codes[0]);
      customElements.whenDefined('sendapi-pairing').then(() => {
        element.transport = {
          create: async () => ({ ...session, qr_code: next(), qr_expires_at: null }),
          get: async () => session,
          qr: async () => ({ qr_code: next(), expires_at: null }),
          remove: async () => ({ deleted: true, id: 's1' }),
        };
        element.start();
        done();
      });
    },
    codes,
  );
}

const fetched = async () => {
  const names = await driver.executeScript('return performance.getEntriesByType("resource").map((entry) => new URL(entry.name).pathname)');
  return names.filter((name) => name.includes('reader'));
};

for (const file of ['tilted-12.png', 'tilted-45.png', 'blurred-2.png']) {
  test(`${file} is drawn straight and sharp`, async (t) => {
    await show(await startGateway(t), picture(file));
    await reached(driver, 'awaiting-scan');
    assert.equal(await readQrCode(driver), texts.get(file));
    assert.ok((await fetched()).some((name) => name.endsWith('.wasm')));
  });
}

test('a pairing text is drawn', async (t) => {
  await show(await startGateway(t), pairingText);
  await reached(driver, 'awaiting-scan');
  assert.equal(await readQrCode(driver), pairingText);
});

test('a clean picture never fetches the second reader', async (t) => {
  await show(await startGateway(t), picture('segno-nearest-3.7.png'));
  await reached(driver, 'awaiting-scan');
  assert.equal(await readQrCode(driver), texts.get('segno-nearest-3.7.png'));
  assert.deepEqual(await fetched(), []);
});

test('a second reader that cannot be fetched is an error, and is fetched anew for the next code', { skip: !can('cdp') }, async (t) => {
  const gateway = await startGateway(t);
  await driver.sendDevToolsCommand('Network.enable', {});
  t.after(() => driver.sendDevToolsCommand('Network.setBlockedURLs', { urls: [] }));
  for (const urls of [['*sendapi_pairing_reader_bg.wasm'], ['*/reader.js'], ['*/sendapi_pairing_reader.js']]) {
    await driver.sendDevToolsCommand('Network.setBlockedURLs', { urls });
    await show(gateway, pairingText);
    const code = await until(
      () => driver.executeScript('return window.told.find(({ type }) => type === "sendapi-error")?.detail.code'),
      `an error without ${urls[0]}`,
    );
    assert.equal(code, 'wasm_blocked', urls[0]);
    await driver.sendDevToolsCommand('Network.setBlockedURLs', { urls: [] });
    await reached(driver, 'awaiting-scan');
    assert.equal(await readQrCode(driver), pairingText);
  }
});

test('a page that a proxy put in the place of the second reader, and the browser keeps, is asked for again past what is kept', async (t) => {
  const gateway = await startGateway(t);
  let asked = 0;
  const base = await startBalancer(t, [gateway.url()], ({ url }, outgoing) => {
    if (!url.endsWith('sendapi_pairing_reader_bg.wasm')) return false;
    asked += 1;
    if (asked > 1) return false;
    outgoing.writeHead(200, { 'content-type': 'text/html', 'cache-control': 'public, max-age=31536000, immutable' });
    outgoing.end('<!doctype html><title>Sign in to this network</title>');
    return true;
  });
  await show({ url: (path) => `${base}${path}` }, pairingText);
  await reached(driver, 'awaiting-scan');
  assert.equal(asked, 2);
  assert.equal(await readQrCode(driver), pairingText);
});

test('the functions that draw codes read by every way too', async (t) => {
  await show(await startGateway(t), picture('segno-nearest-3.7.png'));
  const drawn = await driver.executeAsyncScript(
    function (codes, done) {
      import('/sendapi-pairing/index.js')
        .then(({ qrToPath }) => Promise.all(codes.map((code) => qrToPath(code).then(({ size }) => size, ({ code }) => code))))
        .then(done, (error) => done(String(error)));
    },
    [pairingText, picture('tilted-12.png'), picture('photo.png'), '2@not a text', 'https://other.example/x.png'],
  );
  assert.ok(drawn[0] > 30 && drawn[1] > 20, String(drawn));
  assert.deepEqual(drawn.slice(2), ['qr_unverified', 'invalid_response', 'invalid_response']);
});

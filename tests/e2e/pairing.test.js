// The main job, as a person does it: a page, a code on the screen, a phone that reads it, a number in the page.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareBrowser, severeLog } from './support/browser.js';
import { attribute, digits, happened, property, reached, visibleText } from './support/element.js';
import { demo, startGateway } from './support/gateway.js';
import { readQrCode, readQrCodes } from './support/screen.js';

const pairingText = /^(https:\/\/wa\.me\/settings\/linked_devices#)?2@[^\s]+$/;

let driver;
shareBrowser((browser) => (driver = browser));

test('a code read off the screen of the demo page pairs, and the page shows the number', async (t) => {
  const gateway = await startGateway(t, { statics: demo, csp: null });
  await driver.get(gateway.url());
  await reached(driver, 'awaiting-scan');
  const text = await readQrCode(driver);
  assert.match(text, pairingText);

  const scanned = await gateway.scan(text);
  assert.equal(scanned.status, 200);
  await reached(driver, 'connected');

  assert.equal(await attribute(driver, 'phase'), 'connected');
  assert.ok(digits(await visibleText(driver)).includes(digits(scanned.body.phone_number)), 'the number is in the page');
  assert.deepEqual(await readQrCodes(driver), [], 'no code is left on the screen');
});

test('a code left to refresh is dead, and the new one pairs', async (t) => {
  const gateway = await startGateway(t, { statics: demo, csp: null, qrTtl: 12 });
  await driver.get(gateway.url());
  await reached(driver, 'awaiting-scan');
  const first = await readQrCode(driver);

  await happened(driver, 'sendapi-qr');
  await reached(driver, 'awaiting-scan');
  const second = await readQrCode(driver);
  assert.notEqual(second, first);

  const dead = await gateway.scan(first);
  assert.equal(dead.status, 404, 'the code shown before is dead');
  const { id } = await property(driver, 'session');
  assert.equal((await gateway.session(id)).body.status, 'pending');

  const living = await gateway.scan(second);
  assert.equal(living.status, 200);
  await reached(driver, 'connected');
  assert.ok(digits(await visibleText(driver)).includes(digits(living.body.phone_number)));
  assert.equal(await gateway.calls('POST', /\/sessions$/), 1, 'one session was created for all this');
});

test('from the moment a new code is asked for, the old one is off the screen', async (t) => {
  const gateway = await startGateway(t, { qrTtl: 12 });
  await driver.get(gateway.url('test/pairing.html'));
  await reached(driver, 'awaiting-scan');
  await readQrCode(driver);
  await gateway.faults({ match: 'GET qr', times: 1, kind: 'delay', ms: 4000 });

  await reached(driver, 'refreshing');
  assert.deepEqual(await readQrCodes(driver), []);
  assert.equal(await attribute(driver, 'phase'), 'refreshing', 'the screenshot fell inside the refresh');

  await reached(driver, 'awaiting-scan');
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
});

test('under the strict policy nothing is blocked and nothing fails to load', async (t) => {
  const gateway = await startGateway(t);
  await severeLog(driver);
  await driver.get(gateway.url('test/pairing.html'));
  await reached(driver, 'awaiting-scan');
  await gateway.scan(await readQrCode(driver));
  await reached(driver, 'connected');
  // Browsers ask for a site's icon themselves, whatever its page may load.
  const own = (line) => !line.includes('favicon.ico');
  assert.deepEqual((await driver.executeScript('return window.violations')).filter(own), []);
  assert.deepEqual((await severeLog(driver)).filter(own), []);
});

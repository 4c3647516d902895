// The demo page: its phone reads the drawn code, its controls play what happens later; over HTTP, and alone on its in-page sandbox.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { By } from 'selenium-webdriver';
import { severeLog, shareBrowser } from './support/browser.js';
import { attribute, property, reached } from './support/element.js';
import { serveFiles, trunkPage } from './support/files.js';
import { demo, startGateway } from './support/gateway.js';
import { readQrCode } from './support/screen.js';

let driver;
shareBrowser((browser) => (driver = browser), { height: 1400 });

const places = {
  'on the gateway': async (t) => (await startGateway(t, { statics: demo, csp: null })).url(),
  'built by trunk, on a host of files alone': (t) => serveFiles(t, trunkPage),
};

for (const [place, serve] of Object.entries(places)) {
  test(`${place}: its phone reads the code and pairs`, async (t) => {
    await severeLog(driver);
    await driver.get(await serve(t));
    await reached(driver, 'awaiting-scan');
    await readQrCode(driver);
    await press('phone-scan');
    await reached(driver, 'connected');
    assert.match((await property(driver, 'session')).phone_number ?? (await property(driver, 'session')).phoneNumber, /^\+?\d{7,}$/);
    // A host of files has no such answer; that is how the page learns that it is alone.
    assert.deepEqual((await severeLog(driver)).filter((line) => !line.includes('/demo/mode')), []);
  });

  test(`${place}: a spoiled drawing cannot be read, and nothing is linked`, async (t) => {
    await driver.get(await serve(t));
    await reached(driver, 'awaiting-scan');
    await spoilDrawing();
    await press('phone-scan');
    assert.equal(await outcome('unreadable', 'linked', 'dead'), 'unreadable');
    assert.equal(await attribute(driver, 'phase'), 'awaiting-scan');
  });

  test(`${place}: its controls drop, restore and fail the session`, async (t) => {
    await driver.get(await serve(t));
    await reached(driver, 'awaiting-scan');
    await press('phone-scan');
    await reached(driver, 'connected');
    await press('control-disconnect');
    await reached(driver, 'reconnecting');
    await press('control-reconnect');
    await reached(driver, 'connected');
    await press('control-disconnect');
    await reached(driver, 'reconnecting');
    await press('control-fail');
    await reached(driver, 'failed');
  });
}

test('the badge says what the page stands on', async (t) => {
  const said = { 'on the gateway': 'Sandbox', 'built by trunk, on a host of files alone': 'In-page sandbox' };
  for (const [place, serve] of Object.entries(places)) {
    await driver.get(await serve(t));
    const badge = await driver.findElement(By.id('badge'));
    await driver.wait(async () => (await badge.getText()) === said[place], 20_000, `${place}: ${said[place]}`);
    assert.ok(await badge.isDisplayed());
  }
});

/** Presses a button of the page once it is enabled. */
async function press(id) {
  const button = await driver.findElement(By.id(id));
  await driver.wait(async () => (await button.isEnabled()) && (await button.getAttribute('aria-disabled')) !== 'true', 10_000, `${id} is enabled`);
  await button.click();
}

/** Leaves out a part of the outline, as a drawing bug would. */
async function spoilDrawing() {
  await driver.executeScript(function () {
    const path = document.querySelector('sendapi-pairing').shadowRoot.querySelector('[part~="qr"] path, path[part~="qr"]');
    const d = path.getAttribute('d');
    path.setAttribute('d', d.slice(0, d.length / 2));
  });
}

/** What the phone's scan came to. */
async function outcome(...wanted) {
  let seen;
  await driver.wait(
    async () => wanted.includes((seen = await driver.findElement(By.id('phone-status')).getAttribute('data-outcome'))),
    20_000,
    `the phone says ${wanted.join(' or ')}`,
  );
  return seen;
}

// On a phone: the box says that this screen cannot scan itself, and offers to send the page to another.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { can, devTools, shareBrowser } from './support/browser.js';
import { visibleText } from './support/element.js';
import { openScenes, play } from './support/scenes.js';

let driver;
shareBrowser((browser) => (driver = browser));

const block = 'document.querySelector("sendapi-pairing").shadowRoot.querySelector(".handoff")';

async function asPhone(t, run) {
  await openScenes(t, driver);
  // Of the page that is there: to one that is yet to come, Chromium may tell the number of fingers late.
  await devTools(driver, 'Emulation.setDeviceMetricsOverride', { width: 390, height: 844, screenWidth: 390, screenHeight: 844, deviceScaleFactor: 3, mobile: true });
  await devTools(driver, 'Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 5 });
  t.after(async () => {
    await devTools(driver, 'Emulation.setTouchEmulationEnabled', { enabled: false });
    await devTools(driver, 'Emulation.clearDeviceMetricsOverride');
  });
  await run();
}

test('on a phone it offers to send the page, and to copy its address', { skip: !can('cdp') }, (t) =>
  asPhone(t, async () => {
    await driver.executeScript(`
      window.sent = [];
      navigator.share = async (what) => { sent.push(what.url); };
      Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { sent.push(text); } }, configurable: true });
    `);
    await play(driver, 'awaiting-scan');
    assert.match(await visibleText(driver), /A phone cannot scan its own screen Open this page on a computer or tablet/);
    await driver.executeScript(`${block}.querySelector('[part~=share-button]').click(); ${block}.querySelector('[part~=copy-button]').click()`);
    await driver.wait(async () => /Link copied/.test(await visibleText(driver)), 5_000, 'it says that the address was copied');
    const here = await driver.getCurrentUrl();
    assert.deepEqual(await driver.executeScript('return sent'), [here, here]);
    await driver.executeScript('document.querySelector("sendapi-pairing").lang = "de"');
    await driver.wait(async () => /Dieses Telefon kann sich nicht selbst scannen/.test(await visibleText(driver)), 5_000, 'in the language of the place');
    await play(driver, 'connected');
    assert.doesNotMatch(await visibleText(driver), /cannot scan its own screen/);
  }));

test('where the page may neither copy nor send its address, it shows it', { skip: !can('cdp') }, (t) =>
  asPhone(t, async () => {
    await driver.executeScript(`
      window.unhandled = [];
      window.addEventListener('unhandledrejection', ({ reason }) => unhandled.push(reason.name));
      window.refusal = 'AbortError';
      navigator.share = async () => { throw new DOMException('', refusal); };
      Object.defineProperty(navigator, 'clipboard', { value: { writeText: async () => { throw new DOMException('', 'NotAllowedError'); } }, configurable: true });
    `);
    const press = (part) => driver.executeAsyncScript(`${block}.querySelector('[part~=${part}-button]').click(); setTimeout(arguments[0])`);
    const address = () => driver.executeScript(`return [...${block}.querySelectorAll('.link')].map(({ textContent }) => textContent)`);
    const here = await driver.getCurrentUrl();
    for (const [part, refusal, shown] of [['share', 'AbortError', []], ['share', 'NotAllowedError', [here]], ['copy', 'NotAllowedError', [here]]]) {
      await play(driver, 'awaiting-scan');
      await driver.executeScript('window.refusal = arguments[0]', refusal);
      await press(part);
      assert.deepEqual(await address(), shown, `${part}: ${refusal}`);
      await press(part);
      assert.deepEqual(await address(), shown, `${part} again`);
    }
    assert.doesNotMatch(await visibleText(driver), /Link copied/);
    assert.deepEqual(await driver.executeScript('return unhandled'), []);
  }));

test('on a desktop it says nothing of the kind', async (t) => {
  await openScenes(t, driver);
  await play(driver, 'awaiting-scan');
  assert.equal(await driver.executeScript(`return ${block}`), null);
});

// Two tabs with one session: one asks for codes, both show the same one, and whoever leads hands over when it is gone (invariant 2).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBrowser } from './support/browser.js';
import { until, withoutDevTools } from './support/devtools.js';
import { property, reached } from './support/element.js';
import { startGateway } from './support/gateway.js';
import { readQrCode } from './support/screen.js';

const codesTold = (driver) => driver.executeScript('return window.told.filter(({ type }) => type === "sendapi-qr").length');

/** How many hold the lock of a session, and how many wait for it: `[1, 1]`. */
const lockOf = (driver) =>
  driver.executeAsyncScript(function (done) {
    const ours = (locks) => locks.filter(({ name }) => name.startsWith('sendapi-pairing:')).length;
    navigator.locks.query().then(({ held, pending }) => done([ours(held), ours(pending)]));
  });

/** Two windows, both seen, the first one leading. Each test has a browser of its own, since it closes windows. */
async function openTwo(t, { qrTtl }) {
  const gateway = await startGateway(t, { qrTtl });
  const driver = await openBrowser(t);
  await driver.get(gateway.url('test/pairing.html'));
  await reached(driver, 'awaiting-scan');
  const { id } = await property(driver, 'session');
  const first = await driver.getWindowHandle();
  await driver.switchTo().newWindow('window');
  const second = await driver.getWindowHandle();
  await driver.get(gateway.url(`test/pairing.html?session-id=${id}`));
  await reached(driver, 'awaiting-scan');
  assert.deepEqual(await lockOf(driver), [1, 1]);
  return { driver, gateway, id, first, second };
}

const asked = (gateway) => gateway.calls('GET', /\/qr$/);

test('both show the same code, one asks for the next, and a scan reaches both', async (t) => {
  if (withoutDevTools(t)) return;
  const { driver, gateway, first, second } = await openTwo(t, { qrTtl: 6 });
  assert.equal(await asked(gateway), 0, 'the second was told the code, and asked for none');
  const codes = [];
  for (const cycle of [0, 1, 2]) {
    await driver.switchTo().window(second);
    await until(async () => (await codesTold(driver)) === cycle + 1, `code ${cycle} in the second window`);
    const there = await readQrCode(driver);
    await driver.switchTo().window(first);
    assert.equal(await codesTold(driver), cycle + 1);
    assert.equal(await readQrCode(driver), there);
    assert.equal(await asked(gateway), cycle, 'one question for each cycle');
    codes.push(there);
  }
  assert.equal(new Set(codes).size, 3);
  assert.equal((await gateway.scan(codes[2])).status, 200);
  for (const window of [first, second]) {
    await driver.switchTo().window(window);
    await reached(driver, 'connected');
  }
});

/** One person opens the page again, after this long: the gateway gives the session that waits already. */
for (const [what, milliseconds, questions] of [
  ['at once, is given the same code', 0, 0],
  // With a new code, which kills the first window's: then both need one that they can trust.
  ['later, leaves none with a dead code', 10_500, 2],
]) {
  test(`a second window that creates ${what}`, async (t) => {
    if (withoutDevTools(t)) return;
    const gateway = await startGateway(t);
    const driver = await openBrowser(t);
    await driver.get(gateway.url('test/pairing.html'));
    await reached(driver, 'awaiting-scan');
    const life = 120_000;
    await until(async () => (await property(driver, 'remaining')) <= life - milliseconds, 'the code to be that old');
    const first = await driver.getWindowHandle();
    await driver.switchTo().newWindow('window');
    const second = await driver.getWindowHandle();
    await driver.get(gateway.url('test/pairing.html'));
    await until(async () => (await asked(gateway)) >= questions, 'the code that both can trust');
    const shown = [];
    for (const window of [first, second]) {
      await driver.switchTo().window(window);
      await reached(driver, 'awaiting-scan');
      shown.push(await readQrCode(driver));
    }
    assert.equal(shown[0], shown[1]);
    assert.equal(await asked(gateway), questions);
    assert.equal((await gateway.scan(shown[0])).status, 200);
    for (const window of [first, second]) {
      await driver.switchTo().window(window);
      await reached(driver, 'connected');
    }
  });
}

test('a click in the one that does not lead brings both a new code', async (t) => {
  if (withoutDevTools(t)) return;
  const { driver, gateway, first, second } = await openTwo(t, { qrTtl: 60 });
  await driver.switchTo().window(second);
  // A code younger than a poll is as new as any.
  await until(async () => (await property(driver, 'remaining')) < 58_000, 'the code to be older than that');
  await driver.executeScript('document.querySelector("sendapi-pairing").refresh()');
  await until(async () => (await codesTold(driver)) === 2, 'the new code');
  const there = await readQrCode(driver);
  await driver.switchTo().window(first);
  assert.equal(await readQrCode(driver), there);
  assert.equal(await asked(gateway), 1);
});

for (const [what, leave] of Object.entries({
  'hides': (t, driver) => driver.manage().window().minimize(),
  'is closed': (t, driver) => driver.close(),
  'goes elsewhere': (t, driver) => driver.get('about:blank'),
})) {
  test(`a leader that ${what} hands over within a poll`, async (t) => {
    if (withoutDevTools(t)) return;
    const { driver, gateway, id, first, second } = await openTwo(t, { qrTtl: 6 });
    await driver.switchTo().window(first);
    await leave(t, driver);
    const left = Date.now();
    await driver.switchTo().window(second);
    await until(async () => (await lockOf(driver))[1] === 0, 'the lock to be handed over', 3000);
    assert.deepEqual(await lockOf(driver), [1, 0]);
    const took = Date.now() - left;
    assert.ok(took < 2000, `a poll is a second; this took ${took} ms`);
    // The code that lives goes on living; the next one is asked for here.
    await until(async () => (await codesTold(driver)) >= 2, 'the next code');
    assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
    await reached(driver, 'connected');
    assert.equal((await property(driver, 'session')).id, id);
    assert.equal(await asked(gateway), 1);
  });
}

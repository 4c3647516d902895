// A page that nobody sees: it asks nothing, holds no code, and reads the status first when it is seen again (invariants 4 and 12).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareBrowser } from './support/browser.js';
import { beforeEachDocument, openAnother, passVirtualTime, setLifecycle, until, withoutDevTools } from './support/devtools.js';
import { attribute, property, reached } from './support/element.js';
import { startGateway } from './support/gateway.js';
import { readQrCode } from './support/screen.js';

let driver;
shareBrowser((browser) => (driver = browser));

/** Counts what a page does while it is hidden, and what it holds. Timers set before it hid count when they fire. */
const watch = `
  window.hiddenDoings = [];
  window.hiddenCodes = 0;
  window.shows = [];
  const hidden = (what) => { if (document.hidden) hiddenDoings.push(what); };
  const { fetch, setTimeout } = window;
  window.fetch = (...args) => { hidden('fetch'); return fetch(...args); };
  window.setTimeout = (callback, ...rest) => setTimeout((...args) => { hidden('timer'); callback(...args); }, ...rest);
  // A task later: after every listener for this event, and what they put off.
  document.addEventListener('visibilitychange', () => setTimeout(() => {
    const shadow = document.querySelector('sendapi-pairing')?.shadowRoot;
    if (document.hidden && shadow?.querySelector('svg[part~="qr"] path[d]')) hiddenCodes++;
  }));
  addEventListener('pageshow', (event) => shows.push(event.persisted));
`;

const doings = () => driver.executeScript('return [window.hiddenDoings, window.hiddenCodes]');
const holdsCode = () =>
  driver.executeScript('return Boolean(document.querySelector("sendapi-pairing").shadowRoot.querySelector("svg[part~=qr] path[d]"))');

async function openWatched(t, gateway, query = '') {
  await beforeEachDocument(t, driver, watch);
  await driver.get(gateway.url(`test/pairing.html${query}`));
  await reached(driver, 'awaiting-scan');
  assert.ok(await holdsCode(), 'the code is drawn where this test looks for it');
  return property(driver, 'session');
}

/** The calls after the first `count`, as `GET session`, `GET qr`. */
async function callsSince(gateway, count) {
  const calls = (await gateway.log()).slice(count);
  return calls.map(({ method, path }) => `${method} ${path.endsWith('/qr') ? 'qr' : 'session'}`);
}

/** Lets time pass in which nothing may happen: what must not come has no signal to wait for. */
const elapsed = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function quiet(gateway) {
  // What was under way when the page hid may still arrive.
  await elapsed(300);
  const before = (await gateway.log()).length;
  await elapsed(3500);
  assert.equal((await gateway.log()).length, before, 'it polled every second while it was seen');
  return before;
}

async function seenAgain(gateway, before, code) {
  await reached(driver, 'awaiting-scan');
  const calls = await callsSince(gateway, before);
  const qr = calls.indexOf('GET qr');
  assert.ok(qr > 0, `the status is read first: ${calls}`);
  assert.deepEqual(new Set(calls.slice(0, qr)), new Set(['GET session']));
  assert.deepEqual(await doings(), [[], 0], 'no request, no timer and no code while hidden');
  assert.equal((await gateway.scan(code)).status, 404, 'the code from before is dead');
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
  assert.equal(await gateway.calls('POST', /\/sessions$/), 1);
}

test('a tab in the background', async (t) => {
  if (withoutDevTools(t)) return;
  const gateway = await startGateway(t);
  await openWatched(t, gateway);
  const code = await readQrCode(driver);
  const page = await openAnother(t, driver);
  const before = await quiet(gateway);
  await driver.switchTo().window(page);
  await seenAgain(gateway, before, code);
});

test('ten minutes in the background', async (t) => {
  if (withoutDevTools(t)) return;
  const gateway = await startGateway(t);
  // Its clock will not go on; the tab is given up.
  await openAnother(t, driver);
  await openWatched(t, gateway);
  await setLifecycle(driver, 'frozen');
  await setLifecycle(driver, 'active');
  assert.ok(await driver.executeScript('return document.hidden'));
  await elapsed(300);
  const before = (await gateway.log()).length;
  await passVirtualTime(driver, 600_000);
  assert.equal((await gateway.log()).length, before);
  assert.deepEqual(await doings(), [[], 0]);
  assert.equal(await attribute(driver, 'phase'), 'refreshing');
  assert.equal(await holdsCode(), false);
});

test('a page that is frozen and goes on', async (t) => {
  if (withoutDevTools(t)) return;
  const gateway = await startGateway(t);
  await openWatched(t, gateway);
  const code = await readQrCode(driver);
  await setLifecycle(driver, 'frozen');
  assert.equal(await holdsCode(), false);
  const before = await quiet(gateway);
  await setLifecycle(driver, 'active');
  // Going on, it is still hidden; a tab that was in front of it goes away.
  const page = await openAnother(t, driver);
  await driver.switchTo().window(page);
  await seenAgain(gateway, before, code);
});

test('a page in the back/forward cache', async (t) => {
  if (withoutDevTools(t)) return;
  const gateway = await startGateway(t);
  const { id } = await openWatched(t, gateway);
  const code = await readQrCode(driver);
  await driver.get(gateway.url('test/pairing.js'));
  const before = await quiet(gateway);
  await driver.navigate().back();
  await until(() => driver.executeScript('return Boolean(window.shows)'), 'the page to be back');
  assert.deepEqual(await driver.executeScript('return window.shows'), [false, true], 'it came from the cache, with all its state');
  await seenAgain(gateway, before, code);
  assert.equal((await property(driver, 'session')).id, id);
});

test('a connected session is looked at again when its page is', async (t) => {
  if (withoutDevTools(t)) return;
  const gateway = await startGateway(t);
  const { id } = await openWatched(t, gateway);
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
  const page = await openAnother(t, driver);
  await gateway.disconnect(id);
  await driver.switchTo().window(page);
  // Its next periodic look would be half a minute away.
  await reached(driver, 'reconnecting');
  assert.deepEqual(await doings(), [[], 0]);
});

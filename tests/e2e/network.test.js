// A network that goes away and comes back, and every fault that the sandbox can play: what the person sees, and that it passes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareBrowser } from './support/browser.js';
import { setOffline, until, withoutDevTools } from './support/devtools.js';
import { attribute, click, property, reached, visibleText } from './support/element.js';
import { startGateway } from './support/gateway.js';
import { readQrCode, readQrCodes } from './support/screen.js';

let driver;
shareBrowser((browser) => (driver = browser));

const told = (type) => driver.executeScript('return window.told.filter((event) => event.type === arguments[0])', type);
const errors = async () => (await told('sendapi-error')).map(({ detail }) => detail.code);
const sessions = async (gateway) => (await gateway.sessions()).body;

async function goOffline(t) {
  t.after(() => setOffline(driver, false));
  await setOffline(driver, true);
  await until(() => driver.executeScript('return document.querySelector("sendapi-pairing").matches(":state(offline)")'), 'state offline');
}

test('offline, a living code stays, and one that is scanned meanwhile connects on return', async (t) => {
  if (withoutDevTools(t)) return;
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/pairing.html'));
  await reached(driver, 'awaiting-scan');
  await goOffline(t);
  const before = (await gateway.log()).length;
  assert.match(await visibleText(driver), /offline.*code.*still works/i);
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  assert.equal(await attribute(driver, 'phase'), 'awaiting-scan');
  assert.equal((await gateway.log()).slice(before).filter(({ path }) => !path.startsWith('/sandbox')).length, 0);
  await setOffline(driver, false);
  await reached(driver, 'connected');
  assert.deepEqual(await errors(), []);
});

test('offline, a code goes at its deadline, and back online the status is read before a new one is asked for', async (t) => {
  if (withoutDevTools(t)) return;
  const gateway = await startGateway(t, { qrTtl: 6 });
  await driver.get(gateway.url('test/pairing.html'));
  await reached(driver, 'awaiting-scan');
  await goOffline(t);
  const before = (await gateway.log()).length;
  const deadline = await driver.executeScript('return document.querySelector("sendapi-pairing").expiresAt.getTime()');
  assert.equal((await readQrCodes(driver)).length, 1);
  await reached(driver, 'refreshing');
  assert.deepEqual(await readQrCodes(driver), []);
  const now = await driver.executeScript('return Date.now()');
  assert.ok(now >= deadline - 1000, 'not before its deadline');
  assert.match(await visibleText(driver), /you are offline/i);
  assert.equal((await gateway.log()).length, before);
  await setOffline(driver, false);
  await reached(driver, 'awaiting-scan');
  const calls = (await gateway.log()).slice(before).map(({ path }) => path.endsWith('/qr'));
  assert.deepEqual(calls.slice(0, 2), [false, true]);
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
});

/** Each fault of the sandbox, and the code under which a page behind the gateway learns of it. */
const faults = [
  { kind: 'drop', code: 'server_error' },
  { kind: 'drop', lost: 'request', code: 'server_error' },
  { kind: '500', code: 'server_error' },
  { kind: 'html', code: 'server_error' },
  { kind: 'html', status: 200, code: 'server_error' },
  { kind: 'truncate', code: 'server_error' },
  { kind: '429', ms: 1000, code: 'rate_limited' },
];
const named = ({ kind, lost, status }) => [kind, lost && `of the ${lost}`, status && `with ${status}`].filter(Boolean).join(' ');

test('each fault while a session is created: it says so, tries again by itself, and makes one session', async (t) => {
  for (const { code, ...fault } of faults) {
    await t.test(named(fault), async (t) => {
      const gateway = await startGateway(t);
      await gateway.faults({ match: 'POST create', times: 1, ...fault });
      await driver.get(gateway.url('test/pairing.html'));
      await until(async () => (await errors()).length > 0, 'the error to be told');
      assert.deepEqual(await errors(), [code]);
      await reached(driver, 'awaiting-scan');
      assert.equal(await property(driver, 'error'), null);
      const { id } = await property(driver, 'session');
      assert.deepEqual((await sessions(gateway)).map((session) => session.id), [id]);
    });
  }
});

test('while a create is being retried, the box says so', async (t) => {
  const gateway = await startGateway(t);
  await gateway.faults({ match: 'POST create', times: 1, kind: '429', ms: 3000 });
  await driver.get(gateway.url('test/pairing.html'));
  await until(async () => /not answering yet.*keeps trying/i.test(await visibleText(driver)), 'the words');
  assert.equal(await attribute(driver, 'phase'), 'creating');
  await reached(driver, 'awaiting-scan');
});

test('each fault of a poll leaves the code alone, is told once, and is over with the next poll', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/pairing.html?poll-interval=0.25'));
  await reached(driver, 'awaiting-scan');
  const code = await readQrCode(driver);
  const expected = [];
  for (const { code, ...fault } of faults.filter(({ kind }) => kind !== '429')) {
    await gateway.faults({ match: 'GET session', times: 1, ...fault });
    expected.push(code);
    await until(async () => (await errors()).length === expected.length, named(fault));
    assert.equal(await attribute(driver, 'phase'), 'awaiting-scan');
    await until(async () => (await property(driver, 'error')) === null, 'the next poll');
  }
  assert.deepEqual(await errors(), expected);
  assert.equal(await readQrCode(driver), code);
  assert.equal((await gateway.scan(code)).status, 200);
  await reached(driver, 'connected');
});

test('a rate limit slows the polls down and a scan is still seen', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/pairing.html'));
  await reached(driver, 'awaiting-scan');
  await gateway.faults({ match: 'GET session', times: 1, kind: '429', ms: 2000 });
  await until(async () => (await errors()).includes('rate_limited'), 'the limit to be told');
  const limited = (await gateway.log()).findLast(({ status }) => status === 429);
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
  const next = (await gateway.log()).filter(({ method, time }) => method === 'GET' && new Date(time) > new Date(limited.time))[0];
  assert.ok(new Date(next.time) - new Date(limited.time) >= 2000, 'Retry-After holds');
});

test('each fault of a new code: the old one is gone, and another one comes by itself', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/pairing.html'));
  await reached(driver, 'awaiting-scan');
  let shown = await readQrCode(driver);
  for (const { code, ...fault } of faults) {
    await gateway.faults({ match: 'GET qr', times: 1, ...fault });
    const before = await errors();
    await click(driver, 'refresh-button');
    await until(async () => (await errors()).length > before.length, named(fault));
    assert.equal((await errors()).at(-1), code);
    await reached(driver, 'awaiting-scan');
    const next = await readQrCode(driver);
    assert.notEqual(next, shown);
    shown = next;
  }
  assert.equal((await gateway.scan(shown)).status, 200);
  await reached(driver, 'connected');
});

test('a delayed answer is waited for, and its code counts from the question', async (t) => {
  const gateway = await startGateway(t, { qrTtl: 20 });
  await gateway.faults({ match: 'POST create', times: 1, kind: 'delay', ms: 3000 });
  await driver.get(gateway.url('test/pairing.html'));
  await reached(driver, 'creating');
  await reached(driver, 'awaiting-scan');
  const remaining = await property(driver, 'remaining');
  assert.ok(remaining <= 17_000, `${remaining} ms of 20 s are left after 3`);
  assert.deepEqual(await errors(), []);
});

test('an unlink that fails says so and is tried again by a click', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/pairing.html?allow-unlink'));
  await reached(driver, 'awaiting-scan');
  const { id } = await property(driver, 'session');
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
  // Each leaves the session as it was.
  await gateway.faults({ match: 'DELETE session', times: 1, kind: '500' }, { match: 'DELETE session', times: 1, kind: 'html', status: 200 });
  await click(driver, 'unlink-button');
  await click(driver, 'unlink-button');
  for (let failures = 1; failures <= 2; failures++) {
    await reached(driver, 'error');
    assert.deepEqual(await errors(), Array(failures).fill('server_error'));
    assert.equal((await gateway.session(id)).body.status, 'connected');
    await click(driver, 'primary-button');
    if (failures === 1) await until(async () => (await errors()).length === 2, 'the second failure');
  }
  await reached(driver, 'unlinked');
  assert.equal((await gateway.session(id)).status, 404);
});

test('an account without room for another number says so, and pairs once there is one', async (t) => {
  const gateway = await startGateway(t, { quota: 1 });
  const other = (await gateway.create('another')).body;
  await driver.get(gateway.url('test/pairing.html'));
  await reached(driver, 'error');
  assert.deepEqual(await errors(), ['quota_exceeded']);
  assert.match(await visibleText(driver), /no room for another number/i);
  assert.equal((await gateway.remove(other.id)).status, 200);
  await click(driver, 'primary-button');
  await reached(driver, 'awaiting-scan');
  assert.equal((await sessions(gateway)).length, 1);
});

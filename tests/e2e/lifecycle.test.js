// What happens to a session after the code was drawn: reload, failure, loss, unlinking, another phone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareBrowser } from './support/browser.js';
import { click, part, property, reached, visibleText } from './support/element.js';
import { startGateway } from './support/gateway.js';
import { readQrCode } from './support/screen.js';

let driver;
shareBrowser((browser) => (driver = browser));

async function openPairing(gateway, query = '') {
  await driver.get(gateway.url(`test/pairing.html${query}`));
  await reached(driver, 'awaiting-scan');
  return property(driver, 'session');
}

async function connect(gateway, query) {
  await openPairing(gateway, query);
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
  return property(driver, 'session');
}

const told = (type) => driver.executeScript('return window.told.filter((event) => event.type === arguments[0])', type);

test('a reload while waiting resumes the same session', async (t) => {
  const gateway = await startGateway(t);
  const { id } = await openPairing(gateway);
  await driver.navigate().refresh();
  await reached(driver, 'awaiting-scan');
  assert.equal((await property(driver, 'session')).id, id);
  assert.equal(await gateway.calls('POST', /\/sessions$/), 1);
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
});

test('a reload while waiting shows that the session is looked for, until the service answers', async (t) => {
  const gateway = await startGateway(t);
  // Without polls the delay falls to the look that follows the reload.
  const { id } = await openPairing(gateway, '?poll-interval=600');
  await gateway.faults({ match: 'GET session', times: 1, kind: 'delay', ms: 4000 });
  await driver.navigate().refresh();
  await reached(driver, 'checking');
  assert.equal(await drawnCode(), null);
  await reached(driver, 'awaiting-scan');
  assert.equal((await property(driver, 'session')).id, id);
  const changes = (await told('sendapi-phase-change')).map(({ detail }) => `${detail.previous}>${detail.phase}`);
  assert.deepEqual(changes, ['idle>checking', 'checking>refreshing', 'refreshing>awaiting-scan']);
  assert.equal(await gateway.calls('POST', /\/sessions$/), 1);
});

test('a status that is not known takes the code away, and the next one that is goes on', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/pairing.html?trigger=manual&persist=none'));
  await reached(driver, 'idle');
  await driver.executeScript(`
    const element = document.querySelector('sendapi-pairing');
    const session = () => ({ id: 's1', name: 'Support Bot', status: window.status, phone_number: '+447700900123', created_at: '2026-01-01T00:00:00Z' });
    const code = '2@' + 'b'.repeat(180);
    window.status = 'pending';
    element.transport = {
      create: async () => ({ ...session(), qr_code: code, qr_expires_at: null }),
      get: async () => session(),
      qr: async () => ({ qr_code: code, expires_at: null }),
      remove: async () => ({ deleted: true, id: 's1' }),
    };
    element.start();`);
  await reached(driver, 'awaiting-scan');
  const drawn = await drawnCode();
  assert.ok(drawn.length > 100);
  await driver.executeScript('window.status = "puzzled"');
  await reached(driver, 'action-required');
  assert.equal(await drawnCode(), null);
  const html = await driver.executeScript('return document.querySelector("sendapi-pairing").shadowRoot.innerHTML');
  assert.ok(!html.includes(drawn));
  await driver.executeScript('window.status = "connected"');
  await reached(driver, 'connected');
  assert.equal((await told('sendapi-connected')).length, 1);
});

test('a reload after connecting shows the connected session and says that it was resumed', async (t) => {
  const gateway = await startGateway(t);
  const { id } = await connect(gateway);
  assert.equal((await told('sendapi-connected'))[0].detail.resumed, false);
  await driver.navigate().refresh();
  await reached(driver, 'connected');
  assert.equal((await property(driver, 'session')).id, id);
  assert.deepEqual((await told('sendapi-connected')).map((event) => event.detail.resumed), [true]);
});

test('a session that the service gave up ends in failed, and a new start pairs', async (t) => {
  const gateway = await startGateway(t);
  const { id } = await openPairing(gateway);
  assert.equal((await gateway.fail(id)).status, 200);
  await reached(driver, 'failed');
  assert.deepEqual((await told('sendapi-failed')).map((event) => event.detail.sessionId), [id]);
  await click(driver, 'primary-button');
  await reached(driver, 'awaiting-scan');
  assert.notEqual((await property(driver, 'session')).id, id);
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
});

test('a lost connection is shown as reconnecting and comes back', async (t) => {
  const gateway = await startGateway(t);
  const { id } = await connect(gateway, '?watch-interval=1');
  await gateway.disconnect(id);
  await reached(driver, 'reconnecting');
  assert.equal((await told('sendapi-disconnected')).length, 1);
  await gateway.reconnect(id);
  await reached(driver, 'connected');
});

test('unlinking takes two steps and deletes the session at the service', async (t) => {
  const gateway = await startGateway(t);
  const { id } = await connect(gateway, '?allow-unlink');
  await click(driver, 'unlink-button');
  await reached(driver, 'unlinking');
  assert.equal((await gateway.session(id)).status, 200, 'the first step deletes nothing');
  await click(driver, 'unlink-button');
  await reached(driver, 'unlinked');
  assert.equal((await gateway.session(id)).status, 404);
  assert.deepEqual((await told('sendapi-unlinked')).map((event) => event.detail.sessionId), [id]);
});

test('without allow-unlink there is nothing to unlink with', async (t) => {
  const gateway = await startGateway(t);
  await connect(gateway);
  assert.equal(await part(driver, 'unlink-button'), null);
});

test('a removed element leaves the session alone and asks nothing more', async (t) => {
  const gateway = await startGateway(t);
  const { id } = await openPairing(gateway);
  await driver.executeScript('document.querySelector("sendapi-pairing").remove()');
  // A request that was under way may still arrive; from here on it would be a new one.
  await elapsed(500);
  const before = (await gateway.log()).length;
  await elapsed(3000);
  assert.equal((await gateway.log()).length, before, 'it polled every second while it was there');
  assert.equal((await gateway.session(id)).body.status, 'pending');
  assert.equal(await gateway.calls('DELETE', /./), 0);
});

test('a secret key as a token is refused before any request', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/pairing.html?trigger=manual'));
  await reached(driver, 'idle');
  await driver.executeScript('const e = document.querySelector("sendapi-pairing"); e.getToken = async () => "sk_live_0123456789abcdef"; e.start()');
  await reached(driver, 'error');
  assert.equal((await property(driver, 'error')).code, 'secret_key_rejected');
  assert.ok(!(await visibleText(driver)).includes('sk_live_0123'));
  assert.ok(!(await driver.executeScript('return JSON.stringify(window.told)')).includes('sk_live_0123'));
  assert.equal((await gateway.log()).length, 0);
});

test('the tree that assistive technology sees names the code and holds none of its text', async (t) => {
  const gateway = await startGateway(t);
  await openPairing(gateway);
  const code = await readQrCode(driver);
  const { role, name } = await describedImage();
  // The two names of one role.
  assert.ok(['img', 'image'].includes(role), role);
  assert.ok(name.length > 0);
  const html = await driver.executeScript('return document.querySelector("sendapi-pairing").shadowRoot.innerHTML');
  assert.ok(!html.includes(code.slice(-40)));
});

/** Lets time pass in which nothing may happen: what must not come has no signal to wait for. */
const elapsed = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What draws the code in the box, seen or not; null without one. */
const drawnCode = () => driver.executeScript('return document.querySelector("sendapi-pairing").shadowRoot.querySelector("[part~=qr] path")?.getAttribute("d") ?? null');

async function describedImage() {
  const code = await part(driver, 'qr');
  assert.ok(code, 'the part "qr" is visible');
  return { role: await code.getAriaRole(), name: await code.getAccessibleName() };
}

// The public surface, as any page may use it: attributes, properties, methods, events, slots, parts, states, keyboard. The same in every
// engine, under the strictest policy.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Key } from 'selenium-webdriver';
import { shareBrowser } from './support/browser.js';
import { attribute, click, inPage, part, property, reached, visibleText } from './support/element.js';
import { published, startGateway } from './support/gateway.js';
import { readQrCode, readQrCodes } from './support/screen.js';

let driver;
shareBrowser((browser) => (driver = browser));

const run = (script, ...given) => driver.executeScript(script, ...given);
const later = (script, ...given) => inPage(driver, script, ...given);
const creates = (gateway) => gateway.calls('POST', /\/sessions$/);
/** How often this page asked to create. The gateway answers a browser's pending session again, so its service knows less. */
const posts = () => run('return performance.getEntriesByType("resource").filter(({ name }) => new URL(name).pathname.endsWith("/sessions")).length');

async function open(t, query = '', options) {
  const gateway = await startGateway(t, options);
  await driver.get(gateway.url(`test/pairing.html${query}`));
  return gateway;
}

async function waiting(t, query, options) {
  const gateway = await open(t, query, options);
  await reached(driver, 'awaiting-scan');
  return gateway;
}

async function connected(t, query, options) {
  const gateway = await waiting(t, query, options);
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
  return gateway;
}

test('each attribute has its property, and the other way round', async (t) => {
  await open(t, '?trigger=manual');
  await reached(driver, 'idle');
  const outcome = await later(`
    element.setAttribute('expected-phone', '+447700900000');
    element.setAttribute('watch-interval', '7');
    element.setAttribute('max-refreshes', 'many');
    element.setAttribute('theme', 'pink');
    element.layout = 'row';
    element.allowUnlink = true;
    element.refreshLead = 4;
    element.webhookUrl = null;
    return [element.expectedPhone, element.watchInterval, element.maxRefreshes, element.theme, element.getAttribute('layout'),
      element.hasAttribute('allow-unlink'), element.getAttribute('refresh-lead'), element.hasAttribute('webhook-url')];`);
  assert.deepEqual(outcome, ['+447700900000', 7, null, null, 'row', true, '4', false]);
});

test('properties that were set before the class was defined are kept', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/early.html'));
  await reached(driver, 'awaiting-scan');
  assert.equal((await property(driver, 'session')).name, 'Early');
  assert.equal(await attribute(driver, 'session-name'), 'Early');
  assert.match(await visibleText(driver), /Set early/);
});

test('the events of a pairing, in their order', async (t) => {
  await connected(t);
  const told = await run('return window.told.map(({ type, detail }) => type.slice(8) + (detail?.phase ? ":" + detail.previous + ">" + detail.phase : ""))');
  assert.deepEqual(told, ['ready', 'phase-change:idle>creating', 'phase-change:creating>awaiting-scan', 'qr', 'phase-change:awaiting-scan>connected', 'connected']);
  const [{ detail }] = await run('return window.told.filter(({ type }) => type === "sendapi-connected")');
  assert.equal(detail.sessionId, (await property(driver, 'session')).id);
  assert.match(detail.phoneNumber, /^\+\d{8,15}$/);
});

test('events bubble and are composed, and hold no code', async (t) => {
  await waiting(t);
  const seen = await later(`
    const seen = new Promise((resolve) => document.addEventListener('sendapi-qr', (event) => resolve([event.bubbles, event.composed, event.cancelable, Object.keys(event.detail).sort()]), { once: true }));
    element.refresh();
    return seen;`);
  assert.deepEqual(seen, [true, true, false, ['attempt', 'expiresAt']]);
});

test('setting properties fires nothing there and then, and starts nothing anew', async (t) => {
  const gateway = await waiting(t);
  const heard = await later(`
    let heard = 0;
    for (const type of ['phase-change', 'error', 'qr']) element.addEventListener('sendapi-' + type, () => heard++);
    Object.assign(element, { theme: 'dark', layout: 'row', pollInterval: 2, watchInterval: 9, maxRefreshes: 1, allowUnlink: true, strings: {}, headers: null });
    const now = heard;
    // What must not come has no signal to wait for.
    await new Promise((resolve) => setTimeout(resolve, 300));
    return [now, heard, element.phase];`);
  assert.deepEqual(heard, [0, 0, 'awaiting-scan']);
  assert.equal(await creates(gateway), 1);
});

test('trigger manual asks nothing until start(), and two starts are one', async (t) => {
  const gateway = await open(t, '?trigger=manual');
  await reached(driver, 'idle');
  assert.deepEqual(await gateway.log(), []);
  const phases = await later('return (await Promise.all([element.start(), element.start()])).map(({ phase }) => phase)');
  assert.deepEqual(phases, ['awaiting-scan', 'awaiting-scan']);
  assert.equal(await creates(gateway), 1);
});

test('start({fresh}) creates another session', async (t) => {
  await waiting(t);
  assert.equal(await posts(), 1);
  assert.equal(await later('await element.stop(); return (await element.start({ fresh: true })).phase'), 'awaiting-scan');
  assert.equal(await posts(), 2);
});

test('refresh() brings a new code and the old one is dead', async (t) => {
  const gateway = await waiting(t);
  const old = await readQrCode(driver);
  assert.equal(await later('return (await element.refresh()).phase'), 'awaiting-scan');
  const fresh = await readQrCode(driver);
  assert.notEqual(fresh, old);
  assert.equal((await gateway.scan(old)).status, 404);
  assert.equal((await gateway.scan(fresh)).status, 200);
  await reached(driver, 'connected');
});

test('stop() takes the code away and leaves the session; start() resumes it', async (t) => {
  const gateway = await waiting(t);
  const { id } = await property(driver, 'session');
  assert.equal(await later('return (await element.stop()).phase'), 'idle');
  assert.deepEqual(await readQrCodes(driver), []);
  assert.equal((await gateway.session(id)).body.status, 'pending');
  await later('await element.start()');
  assert.equal((await property(driver, 'session')).id, id);
  assert.equal(await creates(gateway), 1);
});

test('stop({discard}) deletes the pending session that it created', async (t) => {
  const gateway = await waiting(t);
  const { id } = await property(driver, 'session');
  await later('await element.stop({ discard: true })');
  assert.equal((await gateway.session(id)).status, 404);
});

test('unlink() asks first, and a listener can prevent what was confirmed', async (t) => {
  const gateway = await connected(t, '?allow-unlink');
  const { id } = await property(driver, 'session');
  await later(`element.addEventListener('sendapi-before-unlink', (event) => event.preventDefault(), { once: true })`);
  assert.equal(await later('return (await element.unlink()).unlink'), 'confirming');
  await click(driver, 'unlink-button');
  await reached(driver, 'connected');
  assert.equal((await gateway.session(id)).status, 200);
  assert.equal(await later('return (await element.unlink()).unlink'), 'confirming');
  await click(driver, 'unlink-button');
  await reached(driver, 'unlinked');
  assert.equal((await gateway.session(id)).status, 404);
});

test('ready resolves with the element; after removal methods reject', async (t) => {
  await waiting(t);
  assert.equal(await later('return (await element.ready) === element'), true);
  const names = await later(`element.remove(); return Promise.all(['start', 'refresh', 'stop', 'unlink'].map((name) => element[name]().then(() => 'resolved', (error) => error.name)))`);
  assert.deepEqual(names, ['InvalidStateError', 'InvalidStateError', 'InvalidStateError', 'InvalidStateError']);
});

test('the phase is reflected, read-only, and a custom state', async (t) => {
  await connected(t);
  const outcome = await later(`
    try { element.phase = 'idle'; } catch {}
    return [element.phase, element.getAttribute('phase'), element.matches(':state(connected)'), element.matches(':state(awaiting-scan)')];`);
  assert.deepEqual(outcome, ['connected', 'connected', true, false]);
});

test('another endpoint, or another session-id, is another pairing', async (t) => {
  const gateway = await waiting(t);
  const { id } = await property(driver, 'session');
  for (const [name, value] of Object.entries({ endpoint: '/api/whatsapp/', sessionId: id })) {
    await later(`const checked = new Promise((resolve) => element.addEventListener('sendapi-phase-change', ({ detail }) => /^c.*ing$/.test(detail.phase) && resolve())); element[given[0]] = given[1]; await checked;`, name, value);
    await reached(driver, 'awaiting-scan');
    assert.equal((await property(driver, 'session')).id, id);
  }
  assert.equal(await creates(gateway), 1, 'no further session was created');
});

test('a session-id that is gone ends in an error, and a start is offered', async (t) => {
  const gateway = await open(t, '?session-id=sess_gone');
  await reached(driver, 'error');
  assert.equal((await property(driver, 'error')).code, 'not_found');
  assert.equal(await creates(gateway), 0);
});

test('without an endpoint the box says what is missing', async (t) => {
  await open(t, '?endpoint=');
  await reached(driver, 'error');
  assert.equal((await property(driver, 'error')).code, 'config');
  assert.match(await visibleText(driver), /endpoint/);
});

test('a code that runs out with no refresh left is taken away, and one click brings another', async (t) => {
  const gateway = await waiting(t, '?max-refreshes=0', { qrTtl: 4 });
  await reached(driver, 'expired');
  assert.deepEqual(await readQrCodes(driver), []);
  assert.equal((await run('return window.told.filter(({ type }) => type === "sendapi-expired").length')), 1);
  await click(driver, 'primary-button');
  await reached(driver, 'awaiting-scan');
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
});

test('a create that fails is retried with the same key', async (t) => {
  const gateway = await startGateway(t);
  await gateway.faults({ match: 'POST create', kind: '500', times: 1 });
  await driver.get(gateway.url('test/pairing.html'));
  await reached(driver, 'awaiting-scan');
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
});

test('another number than the expected one is shown as a mismatch', async (t) => {
  const gateway = await waiting(t, '?expected-phone=%2B447700999999');
  await gateway.scan(await readQrCode(driver));
  await reached(driver, 'wrong-number');
  assert.equal(await run('return window.told.some(({ type, detail }) => type === "sendapi-error" && detail.code === "wrong_number")'), true);
});

test("a page's own transport takes the place of HTTP", async (t) => {
  const gateway = await open(t, '?trigger=manual');
  await reached(driver, 'idle');
  const asked = await later(`
    const asked = [];
    element.transport = {
      create: async ({ name }, { idempotencyKey, signal }) => (asked.push(['create', name, typeof idempotencyKey, signal instanceof AbortSignal]), { id: 'own-1', name, status: 'pending', qr_code: '2@' + 'b'.repeat(180), qr_expires_at: new Date(Date.now() + 120000).toISOString() }),
      get: async (id) => (asked.push(['get', id]), { id, status: 'connected', phone_number: '+447700900042' }),
      qr: async () => ({}),
      remove: async () => ({}),
    };
    // Listened for first: where reading the code takes as long as a poll, it comes before the start is settled.
    const connected = new Promise((resolve) => element.addEventListener('sendapi-connected', resolve, { once: true }));
    await element.start();
    await connected;
    return asked.slice(0, 2);`);
  assert.deepEqual(asked, [['create', 'Support Bot', 'string', true], ['get', 'own-1']]);
  assert.deepEqual(await gateway.log(), []);
});

test('texts can be put in place of ours while it runs', async (t) => {
  const gateway = await waiting(t);
  await later(`element.strings = { scanTitle: 'Connect your shop' }; await until(() => element.shadowRoot.textContent.includes('Connect your shop'))`);
  assert.match(await visibleText(driver), /Connect your shop/);
  assert.equal(await creates(gateway), 1);
});

test('slots take the place of our words', async (t) => {
  await waiting(t);
  await later(`
    const heading = document.createElement('h3'); heading.slot = 'heading'; heading.textContent = 'Our own heading';
    const footer = document.createElement('p'); footer.slot = 'footer'; footer.textContent = 'Our own footer';
    element.append(heading, footer);
    await new Promise((resolve) => requestAnimationFrame(resolve));`);
  const assigned = await later(`return [...element.shadowRoot.querySelectorAll('slot')].filter((slot) => slot.assignedElements().length > 0).map((slot) => slot.name).sort()`);
  assert.deepEqual(assigned, ['footer', 'heading']);
});

test('parts and custom properties style it from outside; the code stays dark on light', async (t) => {
  const gateway = await waiting(t, '?theme=dark');
  const colours = await later(`
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('sendapi-pairing { --sendapi-accent: rgb(1, 2, 3); } sendapi-pairing::part(header) { outline: 3px solid rgb(4, 5, 6); }');
    document.adoptedStyleSheets = [sheet];
    await new Promise((resolve) => requestAnimationFrame(resolve));
    return getComputedStyle(element.shadowRoot.querySelector('[part~=header]')).outlineColor;`);
  assert.equal(colours, 'rgb(4, 5, 6)');
  for (const name of ['base', 'header', 'qr-frame', 'qr', 'countdown', 'steps', 'status', 'actions']) assert.ok(await part(driver, name), `part ${name}`);
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200, 'a phone reads it in the dark theme');
});

test('the keyboard alone starts it and asks for a new code', async (t) => {
  const gateway = await open(t, '?trigger=manual');
  await reached(driver, 'idle');
  await later(`const button = element.shadowRoot.querySelector('[part~="primary-button"]'); button.focus(); return element.shadowRoot.activeElement === button`);
  await driver.actions().sendKeys(Key.ENTER).perform();
  await reached(driver, 'awaiting-scan');
  const first = await readQrCode(driver);
  await later(`element.shadowRoot.querySelector('[part~="refresh-button"]').focus()`);
  await run(`window.refreshed = new Promise((resolve) => document.addEventListener('sendapi-qr', resolve, { once: true }))`);
  await driver.actions().sendKeys(Key.SPACE).perform();
  await later('await window.refreshed');
  await reached(driver, 'awaiting-scan');
  const second = await readQrCode(driver);
  assert.notEqual(second, first);
  assert.equal((await gateway.scan(second)).status, 200);
});

test('with the trigger visible it begins once it is on the screen, clipped by nothing; what covers it does not matter', async (t) => {
  await open(t, '?trigger=manual');
  await reached(driver, 'idle');
  const phases = await later(`
    const box = document.createElement('div');
    Object.assign(box.style, { height: '100px', overflow: 'hidden' });
    const above = document.createElement('div');
    above.style.height = '300px';
    const add = (where, persistKey) => {
      const added = document.createElement('sendapi-pairing');
      Object.assign(added, { endpoint: '/api/whatsapp', persistKey });
      where.append(added);
      return added;
    };
    const begun = (added) => new Promise((resolve) => added.addEventListener('sendapi-phase-change', ({ detail }) => resolve(detail.phase)));
    box.append(above);
    document.body.prepend(box);
    const clipped = add(box, 'clipped');
    await clipped.ready;
    // The first frame tells what is on the screen.
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
    const phases = [clipped.phase];
    const [shown, cover] = [begun(clipped), document.createElement('div')];
    above.remove();
    phases.push(await shown);
    Object.assign(cover.style, { position: 'fixed', inset: 0, background: 'white' });
    document.body.append(cover);
    phases.push(await begun(add(document.body.insertBefore(document.createElement('div'), box), 'covered')));
    return phases;`);
  assert.deepEqual(phases, ['idle', 'creating', 'creating']);
});

test('with persist none a reload creates anew', async (t) => {
  await waiting(t, '?persist=none');
  await driver.navigate().refresh();
  await reached(driver, 'awaiting-scan');
  assert.equal(await posts(), 1, 'the page that was loaded anew asked for one');
  assert.equal(await run('return sessionStorage.length'), 0);
});

test('another user of the tab starts afresh, and the first one comes back to their own', async (t) => {
  const gateway = await waiting(t, '?persist-key=alice');
  for (const [user, asked] of Object.entries({ bob: 1, alice: 0 })) {
    await driver.get(gateway.url(`test/pairing.html?persist-key=${user}`));
    await reached(driver, 'awaiting-scan');
    assert.equal(await posts(), asked, user);
  }
});

test('a user switched on the living element starts afresh too', async (t) => {
  await waiting(t, '?persist-key=alice');
  assert.equal(await posts(), 1);
  await later(`const created = new Promise((resolve) => element.addEventListener('sendapi-phase-change', ({ detail }) => detail.phase === 'creating' && resolve())); element.persistKey = 'bob'; await created;`);
  await reached(driver, 'awaiting-scan');
  assert.equal(await posts(), 2);
});

test('moved in the document, or mounted twice in one go as StrictMode does, it keeps its session', async (t) => {
  const gateway = await waiting(t);
  const { id } = await property(driver, 'session');
  const after = await later(`
    const place = document.createElement('section');
    document.body.append(place);
    // In a task of the page: a script of WebKit's driver runs microtasks in its midst.
    await new Promise((resolve) => setTimeout(() => {
      place.append(element);
      element.remove(); document.body.append(element);
      element.remove(); place.append(element);
      resolve();
    }));
    return [element.phase, element.session.id];`);
  assert.deepEqual(after, ['awaiting-scan', id]);
  assert.equal(await creates(gateway), 1);
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
});

test('moved into another document it is drawn there, in its own style', async (t) => {
  const gateway = await waiting(t);
  const sheets = await later(`
    const frame = document.createElement('iframe');
    frame.width = 900; frame.height = 700;
    document.body.append(frame);
    const other = frame.contentDocument;
    other.body.append(element);
    const [sheet] = element.shadowRoot.adoptedStyleSheets;
    return [element.ownerDocument === other, sheet instanceof frame.contentWindow.CSSStyleSheet, element.phase];`);
  assert.deepEqual(sheets, [true, true, 'awaiting-scan']);
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
});

test('removed and put back later it resumes its session', async (t) => {
  const gateway = await waiting(t);
  const { id } = await property(driver, 'session');
  await later(`element.remove(); await until(() => !element.hasAttribute('phase')); document.body.append(element);`);
  await reached(driver, 'awaiting-scan');
  assert.equal((await property(driver, 'session')).id, id);
  assert.equal(await creates(gateway), 1);
});

test('two copies of the package on one page, defined twice: the first stays, both work', async (t) => {
  const gateway = await startGateway(t, { statics: [...published, published[0].replace('/sendapi-pairing=', '/copy=')] });
  await driver.get(gateway.url('test/two-copies.html'));
  await later('await until(() => window.outcome)');
  assert.deepEqual(await run('return window.outcome'), [false, true, true]);
  await reached(driver, 'awaiting-scan');
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
});

test('diagnostics replay, and name no session, number or code', async (t) => {
  await connected(t);
  const { id, phoneNumber } = await property(driver, 'session');
  const text = await later('return JSON.stringify(element.diagnostics())');
  assert.ok(text.length > 100);
  for (const secret of [id, phoneNumber, phoneNumber.slice(1), '2@']) assert.ok(!text.includes(secret), secret);
});

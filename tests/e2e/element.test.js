// The public surface, as any page may use it: attributes, properties, methods, events, slots, parts, states, keyboard. The same in every
// engine, under the strictest policy.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { Key } from 'selenium-webdriver';
import { shareBrowser } from './support/browser.js';
import { attribute, click, part, property, reached, visibleText } from './support/element.js';
import { published, startGateway } from './support/gateway.js';
import { readQrCode, readQrCodes } from './support/screen.js';

let driver;
shareBrowser((browser) => (driver = browser));

const run = (script, ...given) => driver.executeScript(script, ...given);
/** Runs `script`, in which `element` is the element, and answers what it resolves to. */
const later = async (script, ...given) => {
  const outcome = await driver.executeAsyncScript(
    `const given = [...arguments]; const done = given.pop(); const element = document.querySelector('sendapi-pairing');
     (async () => { ${script} })().then((value) => done({ value }), (error) => done({ error: String(error) + (error.stack ?? '') }));`,
    ...given,
  );
  if (outcome.error) throw new Error(outcome.error);
  return outcome.value;
};
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

// Whatever a test did, the policy was kept. (Some browsers ask for a site's icon by themselves, which this policy refuses them.)
afterEach(async () => assert.deepEqual((await run('return window.violations ?? []')).filter((line) => !line.endsWith('/favicon.ico')), []));

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
    await new Promise((resolve) => setTimeout(resolve, 50));
    await element.start();
    await new Promise((resolve) => element.addEventListener('sendapi-connected', resolve, { once: true }));
    return asked.slice(0, 2);`);
  assert.deepEqual(asked, [['create', 'Support Bot', 'string', true], ['get', 'own-1']]);
  assert.deepEqual(await gateway.log(), []);
});

test('texts can be put in place of ours, in force at once', async (t) => {
  await waiting(t);
  await later(`element.strings = { scanTitle: 'Connect your shop' }; await new Promise((resolve) => setTimeout(resolve, 100))`);
  assert.match(await visibleText(driver), /Connect your shop/);
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
    await new Promise((resolve) => setTimeout(resolve, 100));
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
    await new Promise((resolve) => setTimeout(resolve, 200));
    const [sheet] = element.shadowRoot.adoptedStyleSheets;
    return [element.ownerDocument === other, sheet instanceof frame.contentWindow.CSSStyleSheet, element.phase];`);
  assert.deepEqual(sheets, [true, true, 'awaiting-scan']);
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
});

test('removed and put back later it resumes its session', async (t) => {
  const gateway = await waiting(t);
  const { id } = await property(driver, 'session');
  await later(`element.remove(); await new Promise((resolve) => setTimeout(resolve, 100)); document.body.append(element);`);
  await reached(driver, 'awaiting-scan');
  assert.equal((await property(driver, 'session')).id, id);
  assert.equal(await creates(gateway), 1);
});

test('two copies of the package on one page, defined twice: the first stays, both work', async (t) => {
  const gateway = await startGateway(t, { statics: [...published, published[0].replace('/sendapi-pairing=', '/copy=')] });
  await driver.get(gateway.url('test/two-copies.html'));
  await later('while (!window.outcome) await new Promise((resolve) => setTimeout(resolve, 20))');
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

test('headless: a controller pairs, tells events, and yields snapshots until it is closed', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/blank.html'));
  await later('while (!("ready" in document.body.dataset)) await new Promise((resolve) => setTimeout(resolve, 20))');
  await later(`
    const stop = new AbortController();
    const pairing = new window.module.PairingController({ endpoint: '/api/whatsapp', trigger: 'load', pollInterval: 0.2, signal: stop.signal });
    Object.assign(window, { pairing, stop, events: [], phases: [] });
    for (const type of ['qr', 'connected']) pairing.addEventListener('sendapi-' + type, ({ detail }) => window.events.push([type, Object.keys(detail).sort()]));
    window.done = (async () => { for await (const { phase } of pairing) if (window.phases.at(-1) !== phase) window.phases.push(phase); return 'closed'; })();
    while (!pairing.code) await new Promise((resolve) => setTimeout(resolve, 20));
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const { size, d } = pairing.code;
    for (const [name, value] of Object.entries({ viewBox: '0 0 ' + size + ' ' + size, width: 480, height: 480 })) svg.setAttribute(name, value);
    const path = document.createElementNS(svg.namespaceURI, 'path');
    path.setAttribute('d', d);
    svg.append(path);
    document.body.append(svg);`);
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  const outcome = await later(`
    while (window.pairing.phase !== 'connected') await new Promise((resolve) => setTimeout(resolve, 20));
    const code = window.pairing.code;
    window.stop.abort();
    return [await window.done, window.phases.at(-1), window.events, code, await window.pairing.start().catch((error) => error.name)];`);
  assert.deepEqual(outcome, ['closed', 'connected', [['qr', ['attempt', 'expiresAt']], ['connected', ['phoneNumber', 'resumed', 'sessionId']]], null, 'AbortError']);
});

test('headless: a client speaks the five routes and walks the pages', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/blank.html'));
  await later('while (!("ready" in document.body.dataset)) await new Promise((resolve) => setTimeout(resolve, 20))');
  const outcome = await later(`
    const client = new window.module.SendApiClient({ endpoint: '/api/whatsapp' });
    const made = [];
    for (const name of ['One', 'Two', 'Three']) made.push((await client.create({ name })).id);
    const listed = [];
    for await (const session of client.sessions({ perPage: 2 })) listed.push(session.id);
    const pages = [];
    for await (const { sessions, total } of client.pages({ perPage: 2 })) pages.push([sessions.length, total]);
    const { status } = await client.get(listed[0]);
    const { qrCode, expiresIn } = await client.qr(listed[0]);
    const { d } = await window.module.qrToPath(qrCode);
    const gone = await client.delete(listed[0]);
    const missing = await client.get(listed[0]).catch((error) => [Object.prototype.toString.call(error), error.name, error.code, error.httpStatus]);
    return [new Set(made).size, listed.length, pages, status, expiresIn > 100000, d.length > 100, gone, missing, listed[0]];`);
  const id = outcome.pop();
  // Without tokens a create may answer this browser's pending session again.
  const [distinct, listed, pages, ...rest] = outcome;
  assert.equal(listed, distinct);
  assert.equal(pages.reduce((sum, [count]) => sum + count, 0), listed);
  assert.deepEqual(rest, ['pending', true, true, { deleted: true, id }, ['[object Error]', 'SendApiError', 'not_found', 404]]);
});

test('headless: an abort ends a request, and a bad argument is a TypeError that names it', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/blank.html'));
  await later('while (!("ready" in document.body.dataset)) await new Promise((resolve) => setTimeout(resolve, 20))');
  await gateway.faults({ match: '*', kind: 'delay', ms: 5000, times: 9 });
  const outcome = await later(`
    const { SendApiClient, PairingController, mount, qrToPath } = window.module;
    const client = new SendApiClient({ endpoint: '/api/whatsapp' });
    const stop = new AbortController();
    const aborted = client.create({ name: 'Aborted' }, { signal: stop.signal }).catch((error) => error.name);
    setTimeout(() => stop.abort(), 200);
    const said = async (act) => { try { await act(); return 'nothing'; } catch (error) { return error.constructor.name + ': ' + (error.message.match(/\`(\\w+)\`/)?.[1] ?? error.message); } };
    return [await aborted, await client.get('x', { signal: stop.signal }).catch((error) => error.name),
      await said(() => client.create({ name: '' })), await said(() => client.get(17)), await said(() => client.list({ page: 0 })), await said(() => client.list({ perPage: 101 })),
      await said(() => client.get('x', { signal: 'soon' })), await said(() => new SendApiClient(null)), await said(() => new PairingController()), await said(() => new PairingController({ signal: 1 })),
      await said(() => new PairingController({ endpoint: '/api', trigger: 'later' }).ready), await said(() => new PairingController({ endpoint: '/api', getToken: 'abc' }).ready),
      await said(() => mount('body', {})), await said(() => mount(document.body)), await said(() => qrToPath(17))];`);
  assert.deepEqual(outcome, [
    'AbortError',
    'AbortError',
    ...['name', 'id', 'page', 'perPage', 'signal', 'options', 'options', 'signal', 'trigger', 'getToken', 'target', 'options', 'code'].map((name) => `TypeError: ${name}`),
  ]);
});

test('mount() puts an element into a place, and unmount() takes it away', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/blank.html'));
  await later('while (!("ready" in document.body.dataset)) await new Promise((resolve) => setTimeout(resolve, 20))');
  await later(`window.handle = await window.module.mount(document.body, { endpoint: '/api/whatsapp', trigger: 'load', sessionName: 'Mounted' })`);
  await reached(driver, 'awaiting-scan');
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
  assert.equal(await later('window.handle.unmount(); return document.querySelector("sendapi-pairing")'), null);
});

test('qrToElement and qrToSvg draw what a decoder that is not ours reads', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/blank.html'));
  await later('while (!("ready" in document.body.dataset)) await new Promise((resolve) => setTimeout(resolve, 20))');
  const text = `2@${'Ab1+'.repeat(50)},=`;
  const whole = await later(
    `const { qrToElement, qrToSvg } = window.module;
     const drawn = await qrToElement(given[0], document);
     drawn.setAttribute('width', 500);
     document.body.append(drawn);
     return qrToSvg(given[0]);`,
    text,
  );
  assert.equal(await readQrCode(driver), text);
  assert.match(whole, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
});

// The package without its element on the page: the controller, the client, mount() and the drawing of codes. The same in every engine, under
// the strictest policy.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { shareBrowser } from './support/browser.js';
import { inPage, reached } from './support/element.js';
import { startGateway } from './support/gateway.js';
import { readQrCode } from './support/screen.js';

let driver;
shareBrowser((browser) => (driver = browser));

const run = (script, ...given) => driver.executeScript(script, ...given);
const later = (script, ...given) => inPage(driver, script, ...given);

/** A page without an element, once it has the module. */
async function openBlank(gateway) {
  await driver.get(gateway.url('test/blank.html'));
  await later('await until(() => "ready" in document.body.dataset)');
}

// Whatever a test did, the policy was kept. (Some browsers ask for a site's icon by themselves, which this policy refuses them.)
afterEach(async () => assert.deepEqual((await run('return window.violations ?? []')).filter((line) => !line.endsWith('/favicon.ico')), []));

test('a controller pairs, tells events, and yields snapshots until it is closed', async (t) => {
  const gateway = await startGateway(t);
  await openBlank(gateway);
  await later(`
    const stop = new AbortController();
    const pairing = new window.module.PairingController({ endpoint: '/api/whatsapp', trigger: 'load', pollInterval: 0.2, signal: stop.signal });
    Object.assign(window, { pairing, stop, events: [], phases: [] });
    for (const type of ['qr', 'connected']) pairing.addEventListener('sendapi-' + type, ({ detail }) => window.events.push([type, Object.keys(detail).sort()]));
    window.done = (async () => { for await (const { phase } of pairing) if (window.phases.at(-1) !== phase) window.phases.push(phase); return 'closed'; })();
    await until(() => pairing.code);
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const { size, d } = pairing.code;
    for (const [name, value] of Object.entries({ viewBox: '0 0 ' + size + ' ' + size, width: 480, height: 480 })) svg.setAttribute(name, value);
    const path = document.createElementNS(svg.namespaceURI, 'path');
    path.setAttribute('d', d);
    svg.append(path);
    document.body.append(svg);`);
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  const outcome = await later(`
    await until(() => window.pairing.phase === 'connected');
    const code = window.pairing.code;
    window.stop.abort();
    return [await window.done, window.phases.at(-1), window.events, code, await window.pairing.start().catch((error) => error.name)];`);
  assert.deepEqual(outcome, ['closed', 'connected', [['qr', ['attempt', 'expiresAt']], ['connected', ['phoneNumber', 'resumed', 'sessionId']]], null, 'AbortError']);
});

test('a client speaks the five routes and walks the pages', async (t) => {
  const gateway = await startGateway(t);
  await openBlank(gateway);
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

test('an abort ends a request, and a bad argument is a TypeError that names it', async (t) => {
  const gateway = await startGateway(t);
  await openBlank(gateway);
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
      await said(() => new SendApiClient({ endpoint: '/api', credentials: 'inclde' })), await said(() => new PairingController({ endpoint: '/api', credentials: 'none' }).ready),
      await said(() => mount('body', {})), await said(() => mount(document.body)), await said(() => qrToPath(17))];`);
  assert.deepEqual(outcome, [
    'AbortError',
    'AbortError',
    ...['name', 'id', 'page', 'perPage', 'signal', 'options', 'options', 'signal', 'trigger', 'getToken', 'credentials', 'credentials', 'target', 'options', 'code'].map((name) => `TypeError: ${name}`),
  ]);
});

test('an abort ends a call whatever it waits for, and the next one waits for none of that', async (t) => {
  const gateway = await startGateway(t);
  await openBlank(gateway);
  const outcome = await later(`
    const { SendApiClient } = window.module;
    const endpoint = '/api/whatsapp';
    const never = () => new Promise(() => {});
    const others = { create: never, get: never, qr: never, remove: never };
    const late = () => new Promise((resolve) => setTimeout(() => resolve({ sessions: [] }), 150));
    const ended = (options) => new SendApiClient({ endpoint, ...options }).list({ signal: AbortSignal.timeout(50) }).then(() => 'resolved', (error) => error.constructor.name + ' ' + error.name);
    let asked = 0;
    const client = new SendApiClient({ endpoint, getToken: () => (++asked === 1 ? never() : Promise.resolve('token')) });
    const stop = new AbortController();
    const first = client.list({ signal: stop.signal }).catch((error) => error);
    await until(() => asked === 1);
    stop.abort('enough');
    return [
      ...(await Promise.all([{ getToken: never }, { headers: never }, { transport: { ...others, list: never } }, { transport: { ...others, list: late } }].map(ended))),
      await first, (await client.list()).page, asked,
    ];`);
  assert.deepEqual(outcome, [...Array(4).fill('DOMException TimeoutError'), 'enough', 1, 2]);
});

test('a call that waits for a token in vain ends by itself', async (t) => {
  const gateway = await startGateway(t);
  await openBlank(gateway);
  const outcome = await later(`
    const own = AbortSignal.timeout.bind(AbortSignal);
    AbortSignal.timeout = (milliseconds) => own(milliseconds / 100);
    const client = new window.module.SendApiClient({ endpoint: '/api/whatsapp', getToken: () => new Promise(() => {}) });
    const { name, code, retryable } = await client.list().catch((error) => error);
    return [name, code, retryable];`);
  assert.deepEqual(outcome, ['SendApiError', 'timeout', true]);
});

test('a controller that is closed before it is ready yields nothing and ends', async (t) => {
  const gateway = await startGateway(t);
  await openBlank(gateway);
  const outcome = await later(`
    const pairing = new window.module.PairingController({ endpoint: '/api/whatsapp', signal: AbortSignal.abort() });
    let yielded = 0;
    for await (const _ of pairing) yielded++;
    return [yielded, await pairing.start().catch((error) => error.name)];`);
  assert.deepEqual(outcome, [0, 'AbortError']);
});

test('mount() puts an element into a place, and unmount() takes it away', async (t) => {
  const gateway = await startGateway(t);
  await openBlank(gateway);
  await later(`window.handle = await window.module.mount(document.body, { endpoint: '/api/whatsapp', trigger: 'load', sessionName: 'Mounted' })`);
  await reached(driver, 'awaiting-scan');
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
  assert.equal(await later('window.handle.unmount(); return document.querySelector("sendapi-pairing")'), null);
});

test('qrToElement and qrToSvg draw what a decoder that is not ours reads', async (t) => {
  const gateway = await startGateway(t);
  await openBlank(gateway);
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

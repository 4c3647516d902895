// The package without its element on the page: the controller, the client, mount() and the drawing of codes. The same in every engine, under
// the strictest policy.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { shareBrowser } from './support/browser.js';
import { inPage, reached } from './support/element.js';
import { startGateway } from './support/gateway.js';
import { readQrCode } from './support/screen.js';

let driver;
shareBrowser((browser) => (driver = browser));

const run = (script, ...given) => driver.executeScript(script, ...given);
const later = (script, ...given) => inPage(driver, script, ...given);

/** A picture of the corpus, as a service would send it. */
const picture = (file) => `data:image/png;base64,${readFileSync(new URL(`../../core/tests/corpus/${file}`, import.meta.url)).toString('base64')}`;

/** A page without an element, once it has the module. */
async function openBlank(gateway) {
  await driver.get(gateway.url('test/blank.html'));
  await later('await until(() => "ready" in document.body.dataset)');
}

test('the package without define.js registers nothing', async (t) => {
  const gateway = await startGateway(t);
  await openBlank(gateway);
  const defined = await later(`
    const before = customElements.get('sendapi-pairing');
    const { SendApiPairingElement } = await window.load('/sendapi-pairing/define.js');
    return [before === undefined, customElements.get('sendapi-pairing') === SendApiPairingElement, SendApiPairingElement === window.module.SendApiPairingElement];`);
  assert.deepEqual(defined, [true, true, true]);
});

test('a controller pairs, tells events, and yields snapshots until it is closed', async (t) => {
  const gateway = await startGateway(t);
  await openBlank(gateway);
  await later(`
    const stop = new AbortController();
    const pairing = new window.module.PairingController({ endpoint: '/api/whatsapp', trigger: 'load', pollInterval: 0.2, signal: stop.signal });
    Object.assign(window, { pairing, stop, events: [], phases: [] });
    for (const type of ['qr', 'connected']) pairing.addEventListener('sendapi-' + type, ({ detail }) => window.events.push([type, Object.keys(detail).sort()]));
    window.done = (async () => { for await (const { phase } of pairing) if (window.phases.at(-1) !== phase) window.phases.push(phase); return 'closed'; })();
    await until(() => pairing.code?.verified);
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
    const { SendApiClient, PairingController, init, mount, qrToElement, qrToPath } = window.module;
    const { sandboxTransport } = await import('/sendapi-pairing/sandbox.js');
    const client = new SendApiClient({ endpoint: '/api/whatsapp' });
    const stop = new AbortController();
    const aborted = client.create({ name: 'Aborted' }, { signal: stop.signal }).catch((error) => error.name);
    setTimeout(() => stop.abort(), 200);
    const said = async (act) => { try { await act(); return 'nothing'; } catch (error) { return error.constructor.name + ': ' + (error.message.match(/\`([\\w.]+)\`/)?.[1] ?? error.message); } };
    const never = () => new Promise(() => {});
    return [await aborted, await client.get('x', { signal: stop.signal }).catch((error) => error.name),
      await said(() => client.create({ name: '' })), await said(() => client.get(17)), await said(() => client.list({ page: 0 })), await said(() => client.list({ perPage: 101 })),
      await said(() => client.get('x', { signal: 'soon' })), await said(() => new SendApiClient(null)), await said(() => new PairingController()), await said(() => new PairingController({ signal: 1 })),
      await said(() => new PairingController({ endpoint: '/api', trigger: 'later' }).ready), await said(() => new PairingController({ endpoint: '/api', getToken: 'abc' }).ready),
      await said(() => new SendApiClient({ endpoint: '/api', credentials: 'inclde' })), await said(() => new PairingController({ endpoint: '/api', credentials: 'none' }).ready),
      await said(() => mount('body', {})), await said(() => mount(document.body)), await said(() => qrToPath(17)),
      await said(() => client.create()), await said(() => client.create('Bot')), await said(() => client.create({})), await said(() => client.get('x', null).catch((error) => { throw error; })),
      await said(() => client.list(null).catch((error) => { throw error; })), await said(() => client.pages(null).next().catch((error) => { throw error; })),
      await said(() => new SendApiClient({ transport: { create: never, get: never, qr: never, remove: never } }).list()),
      await said(() => init('/x.wasm')), await said(() => init(null)), await said(() => init({ wasmUrl: 5 })), await said(() => init({ readerUrl: {} })), await said(() => qrToElement('2@a')),
      await said(() => mount(document.createElement('div'), { endpoint: '/api' })),
      await said(() => sandboxTransport(null)), await said(() => sandboxTransport({ phoneNumber: 5 })), await said(() => sandboxTransport({ scenario: 'constructor' }))];`);
  assert.deepEqual(outcome, [
    'AbortError',
    'AbortError',
    ...['name', 'id', 'page', 'perPage', 'signal', 'options', 'options', 'signal', 'trigger', 'getToken', 'credentials', 'credentials', 'target', 'options', 'code'].map((name) => `TypeError: ${name}`),
    ...['input', 'input', 'name', 'options', 'options', 'options', 'transport.list', 'options', 'options', 'wasmUrl', 'readerUrl', 'document', 'target', 'options', 'phoneNumber', 'scenario'].map((name) => `TypeError: ${name}`),
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
    await window.module.init();
    const own = window.setTimeout;
    window.setTimeout = (call, milliseconds) => own(call, milliseconds / 100);
    const client = new window.module.SendApiClient({ endpoint: '/api/whatsapp', getToken: () => new Promise(() => {}) });
    const { name, code, retryable } = await client.list().catch((error) => error);
    return [name, code, retryable];`);
  assert.deepEqual(outcome, ['SendApiError', 'timeout', true]);
});

test('what waits for the wasm ends with its signal and its deadline, and what is aborted already does not ask for it', async (t) => {
  const gateway = await startGateway(t);
  await openBlank(gateway);
  const outcome = await later(`
    const { PairingController, SendApiClient, mount } = window.module;
    const endpoint = '/api/whatsapp';
    let asked = 0;
    window.fetch = () => new Promise(() => asked++);
    const client = new SendApiClient({ endpoint });
    const all = (signal) => {
      const pairing = new PairingController({ endpoint, signal });
      const walked = (async () => { for await (const _ of pairing); return 'over'; })();
      const promises = [client.list({ signal }), mount(document.body, { endpoint, signal }), pairing.ready, pairing.start(), walked];
      return Promise.all(promises.map((promise) => promise.then((value) => value, (error) => error.name ?? error)));
    };
    const early = await all(AbortSignal.abort('early'));
    const before = asked;
    const stop = new AbortController();
    const waiting = all(stop.signal);
    await until(() => asked > 0 && document.querySelector('sendapi-pairing'));
    stop.abort('enough');
    const ended = await waiting;
    const own = window.setTimeout;
    window.setTimeout = (call, milliseconds) => own(call, milliseconds / 100);
    return [early, before, ended, await client.list().catch(({ code }) => code), document.querySelector('sendapi-pairing')];`);
  const ended = (reason) => [reason, reason, 'AbortError', 'AbortError', 'over'];
  assert.deepEqual(outcome, [ended('early'), 0, ended('enough'), 'timeout', null]);
});

test('a call to a controller ends with its own signal; what has begun goes on, what has not is not begun', async (t) => {
  const gateway = await startGateway(t);
  await openBlank(gateway);
  const outcome = await later(`
    const { PairingController } = window.module;
    const methods = ['start', 'refresh', 'retry', 'stop', 'unlink', 'accept', 'showOriginal'];
    const said = (promise) => promise.then(({ phase }) => phase, (error) => error.name ? error.name + ': ' + error.message : error);
    const each = (pairing, options) => Promise.all(methods.map((method) => said(pairing[method](options))));
    const asked = () => performance.getEntriesByType('resource').filter(({ name }) => name.includes('/sessions')).length;

    const stop = new AbortController();
    const pairing = new PairingController({ endpoint: '/api/whatsapp', trigger: 'manual' });
    const waiting = each(pairing, { signal: stop.signal });
    stop.abort('enough');
    const early = [await waiting, await each(pairing, { signal: stop.signal }), await each(pairing, { signal: 1 }), await each(pairing, null)];
    await pairing.ready;
    early.push(pairing.phase, asked());

    const later = new AbortController();
    const started = said(pairing.start({ signal: later.signal }));
    await new Promise((resolve) => pairing.addEventListener('sendapi-phase-change', resolve, { once: true }));
    later.abort('gone');
    const left = await started;
    await new Promise((resolve) => pairing.addEventListener('sendapi-qr', resolve, { once: true }));
    const held = new AbortController();
    const phase = await said(pairing.start({ signal: held.signal }));
    held.abort('too late');
    const end = [left, phase, pairing.phase, await said(pairing.stop({ signal: new AbortController().signal }))];
    pairing.close();
    return [early, end];`);
  const all = (what) => Array(7).fill(what);
  assert.deepEqual(outcome, [
    [all('enough'), all('enough'), all('TypeError: `signal` must be an AbortSignal'), all('TypeError: `options` must be an object'), 'idle', 0],
    ['gone', 'awaiting-scan', 'awaiting-scan', 'idle'],
  ]);
});

test('nothing goes on listening to a signal once what it was given to has ended', async (t) => {
  const gateway = await startGateway(t);
  await openBlank(gateway);
  const outcome = await later(`
    const { PairingController, SendApiClient, mount } = window.module;
    const { signal } = new AbortController();
    const held = new Set();
    const own = { add: signal.addEventListener, remove: signal.removeEventListener };
    signal.addEventListener = (type, listener, ...rest) => (held.add(listener), own.add.call(signal, type, listener, ...rest));
    signal.removeEventListener = (type, listener, ...rest) => (held.delete(listener), own.remove.call(signal, type, listener, ...rest));
    const counts = [];
    const end = (act) => { counts.push(held.size > 0); act(); counts.push(held.size); };
    const endpoint = '/api/whatsapp';
    const pairing = await new PairingController({ endpoint, signal, trigger: 'manual' }).ready;
    const alone = held.size;
    await pairing.stop({ signal });
    counts.push(held.size === alone);
    end(() => pairing.close());
    const { unmount } = await mount(document.body, { endpoint, signal, trigger: 'manual' });
    end(unmount);
    await mount(document.body, { signal }).catch(() => {});
    counts.push(held.size, document.querySelector('sendapi-pairing'));
    await new SendApiClient({ endpoint }).list({ signal });
    counts.push(held.size);
    return counts;`);
  assert.deepEqual(outcome, [true, true, 0, true, 0, 0, null, 0]);
});

test('a controller that cannot begin tells so like any other error, and may be started again', async (t) => {
  const gateway = await startGateway(t);
  await openBlank(gateway);
  const outcome = await later(`
    const { PairingController } = window.module;
    const told = async (options, then) => {
      const pairing = new PairingController({ endpoint: '/api/whatsapp', ...options });
      const heard = [];
      for (const type of ['phase-change', 'error']) pairing.addEventListener('sendapi-' + type, ({ detail }) => heard.push(detail.phase ?? detail.code));
      const refused = await pairing.ready.catch((error) => error.code ?? error.name);
      const yielded = (await pairing[Symbol.asyncIterator]().next()).value;
      const { phase, error, can } = pairing.snapshot;
      const more = then && (await then(pairing).catch((error) => error.name + ' ' + error.code));
      return [heard.slice(0, 2), refused, yielded.phase, phase, error.code, can.start, can.retry, more];
    };
    const own = window.fetch;
    window.fetch = (...given) => (/\\.wasm$/.test(given[0]) ? Promise.reject(new TypeError()) : own(...given));
    const blocked = await told({ trigger: 'load' }, (pairing) => { window.fetch = own; return pairing.retry().then(({ phase }) => (pairing.close(), phase)); });
    return [blocked, await told({ trigger: 'later' }), await told({ credentials: 'none' })];`);
  assert.deepEqual(outcome, [
    [['error', 'wasm_blocked'], 'wasm_blocked', 'error', 'error', 'wasm_blocked', true, true, 'awaiting-scan'],
    ...Array(2).fill([['error', 'config'], 'TypeError', 'error', 'error', 'config', true, false, null]),
  ]);
});

test('a controller tells nothing once it is closed, and what it was about to delete stays', async (t) => {
  const gateway = await startGateway(t);
  await openBlank(gateway);
  const outcome = await later(`
    const { PairingController } = window.module;
    const endpoint = '/api/whatsapp';
    const heard = [];
    const quiet = new PairingController({ endpoint, trigger: 'load', persist: 'none' });
    for (const type of ['ready', 'phase-change', 'qr', 'error']) {
      quiet.addEventListener('sendapi-' + type, ({ detail }) => {
        heard.push(detail?.phase ?? type);
        if (detail?.phase === 'awaiting-scan') quiet.close();
      });
    }
    await until(() => heard.includes('awaiting-scan'));
    const left = [quiet.code, quiet.snapshot.expiresAt, quiet.snapshot.remaining];
    const failing = new PairingController({ endpoint, trigger: 'later' });
    failing.addEventListener('sendapi-phase-change', () => failing.close());
    failing.addEventListener('sendapi-error', () => heard.push('error'));
    await failing.ready.catch(() => {});
    let status = 'pending';
    let deleted = 0;
    const code = given[0];
    const session = () => ({ id: 's1', name: 'Bot', status, phone_number: '+447700900123', created_at: '2026-01-01T00:00:00Z' });
    const transport = { create: async () => ({ ...session(), qr_code: code }), get: async () => session(), qr: async () => ({ qr_code: code }), remove: async () => (deleted++, {}) };
    const linked = new PairingController({ transport, trigger: 'load', persist: 'none', pollInterval: 0.1 });
    linked.addEventListener('sendapi-before-unlink', () => linked.close());
    await until(() => linked.phase === 'awaiting-scan');
    status = 'connected';
    await until(() => linked.phase === 'connected');
    await linked.unlink().catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 100));
    return [heard.slice(heard.indexOf('awaiting-scan')), deleted, left];`, picture('segno-nearest-3.7.png'));
  assert.deepEqual(outcome, [['awaiting-scan'], 0, [null, null, null]]);
});

test('after a trap what a controller is asked for comes to phase error, until it is started again', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/trap.html'));
  const outcome = await later(`
    await until(() => window.module);
    const pairing = await new window.module.PairingController({ endpoint: '/api/whatsapp', trigger: 'manual', persistKey: 'other' }).ready;
    window.breakWasm();
    document.dispatchEvent(new Event('visibilitychange'));
    await until(() => pairing.phase === 'error');
    const { phase, settled, error, can } = await pairing.refresh();
    return [phase, settled, error.code, error.message === pairing.snapshot.error.message, can.retry, (await pairing.start()).phase];`);
  assert.deepEqual(outcome, ['error', true, 'internal', true, true, 'awaiting-scan']);
});

test('a picture that cannot be verified is shown as it was received, at the wish of the page', async (t) => {
  const gateway = await startGateway(t);
  await openBlank(gateway);
  const outcome = await later(`
    const session = { id: 's1', name: 'Bot', status: 'pending', created_at: '2026-01-01T00:00:00Z' };
    const code = { qr_code: given[0] };
    const transport = { create: async () => ({ ...session, ...code }), get: async () => session, qr: async () => code, remove: async () => ({}) };
    const pairing = new window.module.PairingController({ transport, trigger: 'load', persist: 'none' });
    await until(() => pairing.snapshot?.can.original);
    const before = [pairing.code, pairing.snapshot.error.code];
    const { phase } = await pairing.showOriginal();
    const { size, d, verified } = pairing.code;
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', d);
    const svg = document.createElementNS(path.namespaceURI, 'svg');
    svg.append(path);
    document.body.append(svg);
    const { x, y, width, height } = path.getBBox();
    const inside = x > 0 && y > 0 && x + width < size && y + height < size;
    pairing.close();
    return [...before, phase, verified, inside, width > 100];`, picture('photo.png'));
  assert.deepEqual(outcome, [null, 'qr_unverified', 'awaiting-scan', false, true, true]);
});

test('pages are walked to the end by what a backend or a transport says of them', async (t) => {
  const gateway = await startGateway(t);
  await openBlank(gateway);
  const outcome = await later(`
    const { SendApiClient } = window.module;
    const { sandboxTransport } = await import('/sendapi-pairing/sandbox.js');
    const never = () => new Promise(() => {});
    class Backend {
      #rows = Array.from({ length: 7 }, (_, at) => ({ id: 's' + at, name: 'Bot', status: 'pending', created_at: '2026-01-01T00:00:00Z' }));
      asked = [];
      create = never;
      get = never;
      qr = never;
      remove = never;
      constructor(most, meta) {
        Object.assign(this, { most, meta });
      }
      async list({ page, perPage }, { signal }) {
        this.asked.push([page, perPage, signal instanceof AbortSignal]);
        const size = Math.min(perPage, this.most);
        return { data: this.#rows.slice((page - 1) * size, page * size), meta: this.meta(page, size) };
      }
    }
    const walk = async (transport, perPage) => {
      const counts = [];
      for await (const { sessions } of new SendApiClient({ transport }).pages({ perPage })) counts.push(sessions.length);
      return counts;
    };
    const backends = [
      new Backend(3, (page, per_page) => ({ total: 7, page, per_page })),
      new Backend(3, (page, per_page) => ({ page, per_page })),
      new Backend(3, () => ({ total: 7 })),
      new Backend(100, () => ({})),
      new Backend(0, (page) => ({ total: 7, page, per_page: 0 })),
    ];
    const walked = [];
    for (const backend of backends) walked.push(await walk(backend));
    walked.push(await walk(new Backend(3, () => ({})), 3), await walk(new Backend(100, () => ({})), null));
    const sandbox = sandboxTransport({ latency: 0 });
    const client = new SendApiClient({ transport: sandbox });
    for (const name of ['One', 'Two', 'Three']) await client.create({ name });
    return [walked, backends[0].asked, await walk(sandbox, 2), (await client.list({ page: 2, perPage: 2 })).page, (await client.list({ page: null, perPage: null })).sessions.length];`);
  assert.deepEqual(outcome, [
    [[3, 3, 1], [3, 3, 1], [3, 3, 1], [7], [0], [3, 3, 1], [7]],
    [1, 2, 3].map((page) => [page, 100, true]),
    [2, 1],
    2,
    3,
  ]);
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
  await later(`window.handle = await window.module.mount(document.body, { endpoint: '/api/whatsapp', trigger: 'load', sessionName: 'Mounted', lang: 'de', dir: undefined })`);
  assert.deepEqual(await run('return ["lang", "dir"].map((name) => document.querySelector("sendapi-pairing").getAttribute(name))'), ['de', null]);
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

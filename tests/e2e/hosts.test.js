// What pages do around the element: keys put where none belongs, settings that come late or are set again, copies of it, frames that
// nobody sees, engines that name states otherwise.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render } from '../../target/pkg/ssr.js';
import css from '../../target/pkg/wasm/style.js';
import { engine, provokes, shareBrowser } from './support/browser.js';
import { click, inPage, property, reached, visibleText } from './support/element.js';
import { preact, published, startGateway, strictPolicy } from './support/gateway.js';
import { readQrCode } from './support/screen.js';
import { startBalancer } from './support/servers.js';

let driver;
shareBrowser((browser) => (driver = browser));

const later = (script, ...given) => inPage(driver, script, ...given);

async function open(t, query = '', page = 'pairing', csp) {
  const gateway = await startGateway(t, { csp });
  await driver.get(gateway.url(`test/${page}.html${query}`));
  return gateway;
}

for (const name of ['endpoint', 'session-id', 'persist-key', 'token', 'data-key']) {
  test(`a secret key in \`${name}\` is taken out, told once, and nothing is asked`, async (t) => {
    const gateway = await open(t, '', 'blank');
    const outcome = await later(
      `await import('/sendapi-pairing/define.js');
       const box = document.createElement('sendapi-pairing');
       const told = [];
       box.addEventListener('sendapi-error', ({ detail }) => told.push(detail.code));
       for (const [name, value] of Object.entries({ endpoint: '/api/whatsapp', trigger: 'load', 'api-key': '', [given[0]]: ' sk_live_0000' })) box.setAttribute(name, value);
       document.body.append(box);
       const refused = await box.ready.catch((error) => error.code);
       // What must not follow has no signal to wait for.
       await new Promise((resolve) => setTimeout(resolve, 500));
       return [refused, told, box.phase, box.error.code, box.outerHTML.includes('sk_'), box.shadowRoot.textContent.includes('sk_live')];`,
      name,
    );
    assert.deepEqual(outcome, ['secret_key_rejected', ['secret_key_rejected'], 'error', 'secret_key_rejected', false, false]);
    assert.deepEqual(await gateway.log(), []);
  });
}

test('in Preact, what is null or taken away is none', async (t) => {
  const gateway = await startGateway(t, { statics: [...published, preact] });
  await driver.get(gateway.url('test/blank.html'));
  const outcome = await later(`
    const { h, render } = await import('/preact/preact.mjs');
    await import('/sendapi-pairing/define.js');
    const draw = (props) => render(h('sendapi-pairing', { endpoint: '/api/whatsapp', trigger: 'load', ...props }), document.body);
    const names = [...given, 'sessionId', 'webhookUrl', 'expectedPhone', 'persistKey', 'pollInterval', 'maxRefreshes', 'theme'];
    draw(Object.fromEntries(names.map((name) => [name, null])));
    const box = document.querySelector('sendapi-pairing');
    await until(() => /awaiting-scan|error/.test(box.phase));
    const first = [box.phase, box.error];
    const headers = () => ({});
    draw({ headers, strings: { heading: 'Ours' } });
    const set = [box.headers === headers, box.strings.heading];
    draw({});
    const { phase } = await box.refresh();
    return [first, set, given.map((name) => box[name]), phase, box.error];`,
    ...['getToken', 'headers', 'transport', 'strings']);
  assert.deepEqual(outcome, [['awaiting-scan', null], [true, 'Ours'], [null, null, null, null], 'awaiting-scan', null]);
});

for (const [what, cure] of Object.entries({
  'an endpoint': "box.endpoint = '/api/whatsapp'",
  'a transport': 'box.transport = { create: never, get: never, qr: never, remove: never }',
  'a number that is one': "box.endpoint = '/api/whatsapp'; await box.ready.catch(() => {}); box.expectedPhone = '+447700900000'",
})) {
  test(`a box that was not set up goes on once it is given ${what}`, async (t) => {
    await open(t, '', 'blank');
    const phases = await later(`
      await import('/sendapi-pairing/define.js');
      const box = document.createElement('sendapi-pairing');
      const never = () => new Promise(() => {});
      Object.assign(box, { trigger: 'load', expectedPhone: ${what.startsWith('a number') ? "'abc'" : 'null'} });
      document.body.append(box);
      await box.ready.catch(() => {});
      const phases = [box.phase, box.error.code];
      ${cure};
      await until(() => box.phase === 'creating' || box.phase === 'awaiting-scan');
      return [...phases, box.error];`);
    assert.deepEqual(phases, ['error', 'config', null]);
  });
}

test('what stays amiss is told once, however often a framework sets the same again', async (t) => {
  await open(t, '?endpoint=');
  await reached(driver, 'error');
  const told = await later(`
    for (let turn = 0; turn < 3; turn++) {
      Object.assign(element, { strings: {}, headers: () => ({}), theme: 'dark', endpoint: '' });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const before = window.told.length;
    for (let turn = 0; turn < 3; turn++) {
      Object.assign(element, { strings: {}, headers: () => ({}), theme: 'dark', endpoint: '' });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return [window.told.length - before, element.error.code];`);
  assert.deepEqual(told, [0, 'config']);
});

test('a token stays in use while anything but its source changes', async (t) => {
  const gateway = await open(t, '', 'blank');
  const asked = await later(`
    await import('/sendapi-pairing/define.js');
    const box = document.createElement('sendapi-pairing');
    let asked = 0;
    const token = async () => (asked++, 'a-token');
    Object.assign(box, { endpoint: '/api/whatsapp/', trigger: 'load', pollInterval: 0.3, getToken: token });
    document.body.append(box);
    const polls = () => performance.getEntriesByType('resource').filter(({ name }) => /sess_/.test(name)).length;
    const settled = async () => { const before = polls(); await until(() => polls() > before + 1); return asked; };
    await until(() => box.phase === 'awaiting-scan');
    box.theme = 'dark';
    box.strings = { heading: 'Ours' };
    box.getToken = token;
    const kept = await settled();
    box.getToken = async () => (asked++, 'another');
    return [kept, await settled()];`);
  assert.deepEqual(asked, [1, 2]);
  assert.equal(await gateway.calls('POST', /\/sessions$/), 1);
});

test('a copy of a living element brings none of its state', async (t) => {
  await open(t, '?trigger=manual');
  await reached(driver, 'idle');
  const seen = await later(`
    await element.start();
    const copy = element.cloneNode(true);
    const brought = copy.getAttribute('phase');
    copy.persistKey = 'copy';
    document.body.append(copy);
    const now = copy.getAttribute('phase');
    await copy.ready;
    return [brought, now, copy.phase, copy.matches(':state(idle)')];`);
  assert.deepEqual(seen.slice(0, 3), ['awaiting-scan', null, 'idle']);
});

test('an engine that names its states otherwise pairs all the same', async (t) => {
  const gateway = await open(t, '', 'blank');
  const phases = await later(`
    CustomStateSet.prototype.add = () => { throw new SyntaxError('states begin with --'); };
    await import('/sendapi-pairing/define.js');
    const box = document.createElement('sendapi-pairing');
    const phases = [];
    box.addEventListener('sendapi-phase-change', ({ detail }) => phases.push(detail.phase));
    Object.assign(box, { endpoint: '/api/whatsapp', trigger: 'load', pollInterval: 1 });
    document.body.append(box);
    await until(() => box.phase === 'awaiting-scan');
    return phases;`);
  assert.deepEqual(phases, ['creating', 'awaiting-scan']);
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
  assert.equal((await property(driver, 'session')).status, 'connected');
});

for (const [what, ways] of Object.entries({
  'reject with anything': `() => Promise.reject('blocked'), () => Promise.reject(), () => Promise.reject(new foreign.DOMException('gone', 'AbortError'))`,
  'answer with what is no answer, not even a promise, and throw': `async () => 'no answer', () => undefined, () => { throw new TypeError('resource.startsWith is not a function'); }`,
})) {
  test(`a page's own fetch may ${what}`, async (t) => {
    const gateway = await open(t, '', 'blank');
    const outcome = await later(`
      const { fetch } = window;
      const foreign = document.body.appendChild(document.createElement('iframe')).contentWindow;
      const ways = [${ways}];
      window.fetch = (resource, ...more) => (/sessions/.test(resource.url) && ways.length > 0 ? ways.shift()() : fetch(resource, ...more));
      await import('/sendapi-pairing/define.js');
      const box = document.createElement('sendapi-pairing');
      const codes = [];
      box.addEventListener('sendapi-error', ({ detail }) => codes.push(detail.code));
      Object.assign(box, { endpoint: '/api/whatsapp', trigger: 'load' });
      document.body.append(box);
      await until(() => box.phase === 'awaiting-scan' || box.phase === 'error');
      return [box.phase, [...new Set(codes)], ways.length];`);
    assert.deepEqual(outcome, ['awaiting-scan', ['network_or_cors'], 0]);
    assert.equal(await gateway.calls('POST', /\/sessions$/), 1);
  });
}

test('words that do not come keep no code waiting: it is there in English, and speaks the language once they are', async (t) => {
  const gateway = await startGateway(t);
  const held = [];
  const base = await startBalancer(t, [gateway.url()], ({ url }, outgoing) => /\/locales\/de\.js/.test(url) && held.length === 0 && held.push(outgoing) > 0);
  await driver.get(`${base}test/pairing.html?lang=de`);
  await reached(driver, 'awaiting-scan');
  assert.match(await visibleText(driver), /Scan this code with your phone/);
  held[0].writeHead(200, { 'content-type': 'text/javascript' });
  held[0].end(await (await fetch(gateway.url('sendapi-pairing/locales/de.js'))).text());
  await later(`await until(() => /Scannen Sie diesen Code/.test(element.shadowRoot.textContent))`);
});

test('in a frame that is off the screen the trigger visible waits until the frame is seen', async (t) => {
  const gateway = await open(t, '', 'blank', "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'");
  const phases = await later(`
    const above = document.createElement('div');
    above.style.height = '4000px';
    const frame = document.createElement('iframe');
    Object.assign(frame, { width: 600, height: 600, src: 'pairing.html?trigger=visible' });
    document.body.append(above, frame);
    const box = () => frame.contentDocument?.querySelector('sendapi-pairing');
    await until(() => box()?.ready);
    await box().ready;
    // Frames of the page tell what is on the screen.
    for (let turn = 0; turn < 5; turn++) await new Promise(requestAnimationFrame);
    const before = box().phase;
    frame.scrollIntoView();
    await until(() => box().phase === 'awaiting-scan');
    return before;`);
  assert.equal(phases, 'idle');
  assert.equal(await gateway.calls('POST', /\/sessions$/), 1);
});

test("a policy without 'wasm-unsafe-eval' ends in an error that says so", async (t) => {
  // WebKit refuses the instance, and reports nothing.
  if (engine !== 'webkit') provokes(t, /^script-src: wasm-eval$/);
  const gateway = await open(t, '', 'pairing', strictPolicy.replace(" 'wasm-unsafe-eval'", ''));
  await reached(driver, 'error');
  assert.equal((await property(driver, 'error')).code, 'wasm_blocked');
  assert.equal(await gateway.calls('POST', /\/sessions$/), 0);
});

test('where there is no WebAssembly at all, as in Lockdown Mode, that is said the same way', async (t) => {
  const gateway = await open(t, '', 'without-wasm');
  await reached(driver, 'error');
  const { code, retryable } = await property(driver, 'error');
  assert.deepEqual([code, retryable], ['wasm_blocked', true]);
  assert.equal(await gateway.calls('POST', /\/sessions$/), 0);
  await driver.executeScript("document.dispatchEvent(new Event('allowed'))");
  await click(driver, 'primary-button');
  await reached(driver, 'awaiting-scan');
});

test('what a server rendered is a box with words before any script, becomes the element in place, and pairs', async (t) => {
  const gateway = await startGateway(t);
  const box = render({ endpoint: '/api/whatsapp', sessionName: 'Support Bot', trigger: 'load', stylesheet: '/sendapi-pairing/style.css' });
  const base = await startBalancer(t, [gateway.url()], ({ url }, outgoing) => {
    // In a package it is a file, written as it is packed.
    if (url === '/sendapi-pairing/style.css') return outgoing.writeHead(200, { 'content-type': 'text/css' }).end(css);
    if (!/^\/test\/(plain|rendered)\.html$/.test(url)) return false;
    const script = url.includes('plain') ? '' : '<script type="module" src="/sendapi-pairing/define.js"></script>';
    outgoing.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': strictPolicy });
    outgoing.end(`<!doctype html><html lang="en"><title>Rendered</title><script src="/test/violations.js"></script>${box}${script}</html>`);
    return true;
  });
  await driver.get(`${base}test/plain.html`);
  assert.match(await visibleText(driver), /Link WhatsApp Support Bot.*Undo it any time/);
  const inPlace = await later(`
    const { shadowRoot } = element;
    const { borderTopStyle, width } = getComputedStyle(shadowRoot.querySelector('.base'));
    const before = [element.matches(':defined'), shadowRoot.querySelectorAll('.base').length, borderTopStyle];
    await import('/sendapi-pairing/define.js');
    await element.ready;
    return [...before, element.shadowRoot === shadowRoot, getComputedStyle(shadowRoot.querySelector('.base')).width === width];`);
  assert.deepEqual(inPlace, [false, 1, 'solid', true, true]);

  await driver.get(`${base}test/rendered.html`);
  await reached(driver, 'awaiting-scan');
  const boxes = await later('return [document.querySelectorAll("sendapi-pairing").length, element.shadowRoot.querySelectorAll(".base").length]');
  assert.deepEqual(boxes, [1, 1]);
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
  assert.equal((await property(driver, 'session')).name, 'Support Bot');
});

test('whoever works by keyboard keeps a place where a box without its wasm is drawn again, tried again, and drawn', async (t) => {
  await open(t, '', 'blank');
  const places = await later(`
    await import('/sendapi-pairing/define.js');
    const own = window.fetch;
    window.fetch = (...given) => (/\\.wasm$/.test(given[0]) ? Promise.reject(new TypeError()) : own(...given));
    const box = document.createElement('sendapi-pairing');
    Object.assign(box, { endpoint: '/api/whatsapp', trigger: 'load', persist: 'none' });
    document.body.append(box);
    await box.ready.catch(() => {});
    const active = () => box.shadowRoot.activeElement?.className;
    const button = () => box.shadowRoot.querySelector('button');
    button().focus();
    const before = button();
    box.strings = { heading: 'Connect your shop' };
    await until(() => button() !== before);
    const places = [active()];
    window.fetch = own;
    button().click();
    places.push(active());
    await until(() => box.phase === 'awaiting-scan');
    places.push(active());
    return places;`);
  assert.deepEqual(places, ['primary', 'base', 'title']);
});

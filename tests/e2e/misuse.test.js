// What a page's own code may do to the element and to a controller: answers that somebody else reads, listeners that throw, frames that are
// taken away, calls that are given up. Nobody is left waiting, and nobody else is harmed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { can, shareBrowser } from './support/browser.js';
import { onBlankPage } from './support/blank.js';

let driver;
shareBrowser((browser) => (driver = browser));

for (const [what, script] of Object.entries({
  'a fetch that reads the answer itself': `
    const own = window.fetch;
    window.fetch = async (...given) => {
      const answer = await own(...given);
      if (answer.url.includes('/sessions')) answer.body.getReader();
      return answer;
    };
    const { code } = await new SendApiClient({ endpoint }).list().catch((error) => error);
    window.fetch = own;
    return code;`,
  'an answer in chunks that are no bytes': `
    const own = window.fetch;
    window.fetch = async (...given) => {
      const answer = await own(...given);
      const body = { getReader: () => ({ read: async () => ({ done: false }), cancel: async () => {} }) };
      return answer.url.includes('/sessions') ? Object.defineProperty(answer, 'body', { value: body }) : answer;
    };
    const { code } = await new SendApiClient({ endpoint }).list().catch((error) => error);
    window.fetch = own;
    return code;`,
  'an answer of a transport that cannot be read': `
    const answer = { id: 'one', get status() { throw new Error('not now'); } };
    const never = () => new Promise(() => {});
    const { code } = await new SendApiClient({ transport: { create: never, get: async () => answer, qr: never, remove: never } }).get('one').catch((error) => error);
    return code;`,
})) {
  test(`${what} harms nobody else`, async (t) => {
    const { outcome, stray } = await onBlankPage(
      t,
      driver,
      `const element = box();
       document.body.append(element);
       await awaiting(element);
       const code = await (async () => { ${script} })();
       const { phase } = await element.refresh();
       return [code, phase];`,
    );
    assert.deepEqual({ outcome, stray }, { outcome: [what.includes('transport') ? 'server_error' : 'network_or_cors', 'awaiting-scan'], stray: [] });
  });
}

test('what is asked of one pairing is not done to the next', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
    `const element = box();
     document.body.append(element);
     const stopped = element.stop({ discard: true }).catch(({ name }) => name);
     element.persistKey = 'bob';
     await awaiting(element);
     return [await stopped, element.phase];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: ['AbortError', 'awaiting-scan'], stray: [] });
});

test('an element that is taken out and put in elsewhere a moment later goes on', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
    `const element = box();
     const [one, other] = [document.body.appendChild(document.createElement('div')), document.body.appendChild(document.createElement('div'))];
     one.append(element);
     queueMicrotask(() => other.append(element));
     element.remove();
     await element.ready;
     await awaiting(element);
     return [element.parentNode === other];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: [true], stray: [] });
});

test('a call that a failure ends comes to phase error, also where a listener begins anew at once', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
    `let failing = 1;
     const fetched = window.fetch;
     window.fetch = (...given) => (failing > 0 && String(given[0]).includes('.wasm') ? (failing--, Promise.reject(new TypeError('gone'))) : fetched(...given));
     const pairing = new PairingController({ endpoint, trigger: 'manual' });
     pairing.addEventListener('sendapi-error', () => pairing.start().catch(() => {}), { once: true });
     const first = (await pairing.start()).phase;
     await awaiting(pairing);
     pairing.close();
     return [first, failing];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: ['error', 0], stray: [] });
});

test('an element in a frame that is taken away asks for nothing more', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
    `const frame = document.body.appendChild(document.createElement('iframe'));
     const element = box({ pollInterval: 0.2 });
     frame.contentDocument.body.append(element);
     await awaiting(element);
     frame.remove();
     const { phase } = element;
     const own = window.fetch;
     let asked = 0;
     window.fetch = (...given) => (asked++, own(...given));
     // What must not follow has no signal to wait for.
     await new Promise((resolve) => setTimeout(resolve, 1000));
     window.fetch = own;
     return [phase, asked, await element.start().catch(({ name }) => name)];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: ['idle', 0, 'InvalidStateError'], stray: [] });
});

test('a reader of snapshots may leave while it waits for one', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
    `const pairing = new PairingController({ endpoint, trigger: 'manual' });
     await pairing.ready;
     const snapshots = pairing[Symbol.asyncIterator]();
     const { value: { phase } } = await snapshots.next();
     const waiting = snapshots.next();
     const left = await snapshots.return();
     const ends = [await waiting, left, await snapshots.next()];
     pairing.close();
     return [phase, ends.map(({ done }) => done)];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: ['idle', [true, true, true]], stray: [] });
});

test('a sandbox that could not be loaded is loaded by the next call', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
    `const { sandboxTransport } = await window.load('/sendapi-pairing/sandbox.js');
     const own = window.fetch;
     window.fetch = async () => { throw new TypeError('gone'); };
     const transport = sandboxTransport();
     const failed = await transport.list().then(() => 'listed', () => 'failed');
     window.fetch = own;
     const { data } = await transport.list();
     return [failed, Array.isArray(data)];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: ['failed', true], stray: [] });
});

test('what mount() made and the page took away is not kept by a signal that lives on', { skip: can('cdp') ? false : 'only the DevTools protocol collects garbage' }, async (t) => {
  await onBlankPage(
    t,
    driver,
    `window.stop = new AbortController();
     window.made = [];
     for (let turn = 0; turn < 8; turn++) {
       const { element } = await mount(document.body, { endpoint, trigger: 'manual', signal: window.stop.signal });
       element.remove();
       window.made.push(new WeakRef(element));
     }
     await window.module.init();`,
  );
  let left = 8;
  // The last one may still be on a stack; what is freed in a task of its own is there for some turns.
  for (let turn = 0; turn < 20 && left > 1; turn++) {
    await driver.sendAndGetDevToolsCommand('HeapProfiler.collectGarbage', {});
    left = await driver.executeScript('return window.made.filter((held) => held.deref()).length');
  }
  assert.ok(left <= 1, `${left} of 8 are kept`);
});

test('a code that died in a sleep is gone a moment after it, long before anything is asked', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
    `const pairing = new PairingController({ endpoint, trigger: 'load', persist: 'none', pollInterval: 100 });
     await awaiting(pairing);
     const gone = new Promise((resolve) => pairing.addEventListener('sendapi-phase-change', ({ detail }) => resolve(detail.phase), { once: true }));
     // The page's own: in Firefox, a driver's script has another.
     const { Date } = window;
     const { now } = Date;
     Date.now = () => now() + 300_000;
     const phase = await gone;
     pairing.close();
     return phase;`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: 'refreshing', stray: [] });
});

test('a frame that loads another page takes elements anew', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
    `const frame = document.body.appendChild(document.createElement('iframe'));
     const [documents, phases] = [new Set(), []];
     for (let page = 0; page < 2; page++) {
       await new Promise((resolve) => {
         frame.onload = resolve;
         frame.src = 'about:blank';
       });
       const { element } = await mount(frame.contentDocument.body, { endpoint, trigger: 'load', persist: 'none' });
       await awaiting(element);
       documents.add(element.ownerDocument);
       phases.push(element.phase);
     }
     return [documents.size, ...phases];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: [2, 'awaiting-scan', 'awaiting-scan'], stray: [] });
});

test('what is stopped before its wasm is there asks for nothing, until it is started', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
    `const { fetch } = window;
     let sent = 0;
     window.fetch = (what, ...more) => (what.headers && sent++, fetch(what, ...more));
     let asked = 0;
     const element = box({ persist: 'none', getToken: () => (asked++, 'token') });
     document.body.append(element);
     const stopped = element.stop();
     element.refresh();
     const { phase } = await stopped;
     element.theme = 'dark';
     await new Promise((resolve) => setTimeout(resolve, 300));
     const before = [phase, sent, asked];
     const started = await element.start();
     window.fetch = fetch;
     return [...before, started.phase, asked];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: ['idle', 0, 0, 'awaiting-scan', 1], stray: [] });
});

test('in a document without a window an element is not on a page', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
    `const elsewhere = document.implementation.createHTMLDocument('');
     const [moved, born] = [box(), box()];
     document.body.append(moved);
     await awaiting(moved);
     let asked = 0;
     const own = window.fetch;
     // The rest of the module may be on its way still.
     window.fetch = (request, ...more) => ((asked += String(request.url ?? request).includes('/api/') ? 1 : 0), own(request, ...more));
     elsewhere.body.append(moved, born);
     const gone = await moved.ready.catch((error) => error.name);
     const outcomes = [await born.start().catch((error) => error.name), await moved.stop().catch((error) => error.name)];
     const there = [moved.phase, born.phase, moved.hasAttribute('phase'), asked];
     document.body.append(moved, born);
     await Promise.all([awaiting(moved), awaiting(born)]);
     return [...outcomes, ...there, asked > 0];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: ['InvalidStateError', 'InvalidStateError', 'idle', 'idle', false, 0, true], stray: [] });
});

test('a signal may be of another window', async (t) => {
  const { outcome, stray } = await onBlankPage(
    t,
    driver,
    `const frame = document.createElement('iframe');
     document.body.append(frame);
     const foreign = new frame.contentWindow.AbortController();
     const { signal } = foreign;
     const element = await mount(document.body, { endpoint, trigger: 'load', signal });
     const pairing = new PairingController({ endpoint, trigger: 'load', persist: 'none', signal });
     await awaiting(pairing);
     foreign.abort();
     const closed = await pairing.refresh().catch((error) => error.name);
     return [element.element?.isConnected ?? document.querySelector('sendapi-pairing') !== null, closed];`,
  );
  assert.deepEqual({ outcome, stray }, { outcome: [false, 'AbortError'], stray: [] });
});

// One session, however often a page is loaded, an element moved, or a component mounted (invariants 1 and 11); and what the element
// does where a browser lacks what tabs need to agree.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareBrowser } from './support/browser.js';
import { beforeEachDocument, until, withoutDevTools } from './support/devtools.js';
import { happened, property, reached } from './support/element.js';
import { startGateway } from './support/gateway.js';
import { readQrCode } from './support/screen.js';

let driver;
shareBrowser((browser) => (driver = browser));

const sessions = async (gateway) => (await gateway.sessions()).body.map(({ id }) => id);

async function pairs(gateway) {
  await reached(driver, 'awaiting-scan');
  assert.deepEqual(await sessions(gateway), [(await property(driver, 'session')).id], 'one session was made');
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
}

for (const [what, fault] of Object.entries({
  'before the service has answered': { kind: 'delay', ms: 2000 },
  'when the answer was lost': { kind: 'drop', times: 2 },
})) {
  test(`a reload while creating, ${what}, makes one session`, async (t) => {
    const gateway = await startGateway(t);
    await gateway.faults({ match: 'POST create', times: 1, ...fault });
    await driver.get(gateway.url('test/pairing.html'));
    await until(() => gateway.calls('POST', /\/sessions$/), 'the create to go out');
    await driver.navigate().refresh();
    await pairs(gateway);
  });
}

test('an element that is moved goes on as if nothing had been', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/pairing.html'));
  await reached(driver, 'awaiting-scan');
  const code = await readQrCode(driver);
  const told = await driver.executeScript(`
    const element = document.querySelector('sendapi-pairing');
    const before = window.told.length;
    // In a task of the page: a script of WebKit's driver runs microtasks in its midst.
    setTimeout(() => {
      for (const place of ['section', 'article']) document.body.appendChild(document.createElement(place)).append(element);
      element.remove();
      document.body.prepend(element);
    });
    return new Promise((resolve) => setTimeout(() => resolve(window.told.length - before), 500));
  `);
  assert.equal(told, 0);
  assert.equal(await readQrCode(driver), code);
  await pairs(gateway);
});

test('an element that is removed and comes back later resumes its session', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/pairing.html'));
  await reached(driver, 'awaiting-scan');
  await driver.executeScript(`
    window.kept = document.querySelector('sendapi-pairing');
    kept.remove();
    return new Promise((resolve) => setTimeout(() => resolve(document.body.append(kept)), 200));
  `);
  await pairs(gateway);
});

test('an effect that runs twice, its clean-up in between, makes one session', async (t) => {
  const gateway = await startGateway(t);
  // No element of its own on this page.
  await driver.get(gateway.url('test/pairing.js'));
  await driver.executeAsyncScript(
    function (done) {
      import('/sendapi-pairing/index.js').then(async ({ mount }) => {
        const options = { endpoint: '/api/whatsapp', trigger: 'load', pollInterval: 1 };
        const effect = () => {
          const mounted = mount(document.body, options).catch(() => null);
          return () => mounted.then((handle) => handle?.unmount());
        };
        const cleanUp = effect();
        cleanUp();
        effect();
        done();
      });
    },
  );
  await until(() => driver.executeScript('return document.querySelectorAll("sendapi-pairing").length === 1'), 'one element to be left');
  await pairs(gateway);
});

/** What a browser may lack or refuse, as its pages see it. */
const without = {
  'Web Locks': 'delete Navigator.prototype.locks;',
  BroadcastChannel: 'delete window.BroadcastChannel;',
  both: 'delete Navigator.prototype.locks; delete window.BroadcastChannel;',
  'leave to use locks': 'LockManager.prototype.request = () => Promise.reject(new DOMException("", "SecurityError"));',
  'leave to use channels': 'window.BroadcastChannel = class { constructor() { throw new DOMException("", "SecurityError"); } };',
};

for (const [what, source] of Object.entries(without)) {
  test(`without ${what}, a tab refreshes its code and pairs alone`, async (t) => {
    if (withoutDevTools(t)) return;
    const gateway = await startGateway(t, { qrTtl: 4 });
    await beforeEachDocument(t, driver, source);
    await driver.get(gateway.url('test/pairing.html'));
    await reached(driver, 'awaiting-scan');
    await happened(driver, 'sendapi-qr');
    await pairs(gateway);
  });
}

test('a lock that is granted after it was given up starts nothing', async (t) => {
  if (withoutDevTools(t)) return;
  const gateway = await startGateway(t);
  // Every grant waits until the page says so.
  await beforeEachDocument(t, driver, 'window.grants = []; LockManager.prototype.request = (name, options, granted) => new Promise((resolve, reject) => grants.push(() => { try { resolve(granted({})); } catch (error) { reject(error); } }));');
  await driver.get(gateway.url('test/pairing.html'));
  await reached(driver, 'awaiting-scan');
  await driver.executeScript('return document.querySelector("sendapi-pairing").stop()');
  await reached(driver, 'idle');
  const before = (await gateway.log()).length;
  await driver.executeScript('for (const grant of grants.splice(0)) grant();');
  assert.equal((await gateway.log()).length, before);
  // A start asks for it anew, and the new grant counts.
  await driver.executeScript('document.querySelector("sendapi-pairing").start()');
  await until(() => driver.executeScript('return grants.length === 1'), 'another request for the lock');
  await driver.executeScript('for (const grant of grants.splice(0)) grant();');
  await pairs(gateway);
});

test('a lock that is taken before its grant is heard of is asked for again', async (t) => {
  if (withoutDevTools(t)) return;
  const gateway = await startGateway(t, { qrTtl: 4 });
  await beforeEachDocument(
    t,
    driver,
    `window.asked = 0;
     const { request } = LockManager.prototype;
     LockManager.prototype.request = function (...given) {
       return asked++ === 0 ? Promise.reject(new DOMException('', 'AbortError')) : request.apply(this, given);
     };`,
  );
  await driver.get(gateway.url('test/pairing.html'));
  await reached(driver, 'awaiting-scan');
  await happened(driver, 'sendapi-qr');
  assert.equal(await driver.executeScript('return asked'), 2);
  await pairs(gateway);
});

test('a lock that another script takes is asked for again', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/pairing.html'));
  await reached(driver, 'awaiting-scan');
  const again = await driver.executeAsyncScript(function (done) {
    const ours = ({ name }) => name.startsWith('sendapi-pairing:');
    let seen;
    setTimeout(() => done(`waits in vain: ${JSON.stringify(seen)}`), 27_000);
    const wait = (condition, then) => {
      const look = async () => {
        const locks = await navigator.locks.query();
        seen = locks;
        if (condition(locks)) then(locks);
        else setTimeout(look, 20);
      };
      look().catch((error) => done(String(error)));
    };
    wait(
      ({ held }) => held.some(ours),
      ({ held }) => {
        const { name, clientId } = held.find(ours);
        let giveBack;
        navigator.locks.request(name, { steal: true }, () => new Promise((resolve) => (giveBack = resolve))).catch(() => {});
        wait(
          // That ours is asked for again may be known before this script is told that it has the lock.
          ({ pending }) => giveBack && pending.some(ours),
          () => {
            giveBack();
            wait(
              ({ held, pending }) => held.some((lock) => ours(lock) && lock.clientId === clientId) && !pending.some(ours),
              () => done(true),
            );
          },
        );
      },
    );
  });
  assert.equal(again, true);
  await driver.executeScript('document.querySelector("sendapi-pairing").refresh()');
  await until(() => gateway.calls('GET', /\/qr$/), 'the leader to ask for a new code');
  await pairs(gateway);
});

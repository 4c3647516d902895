// Mounted and unmounted many times (GROWTH_MOUNTS; `make prove` does 10,000, without it nothing is run), with a code on show or without, or asked for a
// new code many times: after the first hundred nothing grows, neither memory nor nodes nor listeners nor timers. Counted by the browser itself.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { can, shareBrowser } from './support/browser.js';
import { reached } from './support/element.js';
import { startGateway } from './support/gateway.js';

const rounds = Number(process.env.GROWTH_MOUNTS ?? 0);
const skip = rounds === 0 ? 'GROWTH_MOUNTS is not set' : can('cdp') ? false : 'only the DevTools protocol counts nodes and listeners';

let driver;
shareBrowser((browser) => (driver = browser));

async function counted() {
  // The page's own record of events is what would grow.
  await driver.executeScript('window.told.length = 0');
  for (let turn = 0; turn < 3; turn++) await driver.sendAndGetDevToolsCommand('HeapProfiler.collectGarbage', {});
  const { metrics } = await driver.sendAndGetDevToolsCommand('Performance.getMetrics', {});
  const metric = (name) => metrics.find((one) => one.name === name).value;
  const own = await driver.executeScript('return { ...leftovers(), memory: wasmBytes() }');
  return { nodes: metric('Nodes'), listeners: metric('JSEventListeners'), heap: metric('JSHeapUsedSize'), documents: metric('Documents'), lasting: own.listeners.length, timers: own.timers, memory: own.memory };
}

function still(before, after, note) {
  console.log(`# ${note}: ${JSON.stringify({ before, after })}`);
  for (const name of ['documents', 'lasting', 'timers', 'memory']) assert.equal(after[name], before[name], name);
  // The browser itself keeps some of the latest until it needs their room.
  assert.ok(after.nodes <= before.nodes + 300, `nodes: ${before.nodes} to ${after.nodes}`);
  assert.ok(after.listeners <= before.listeners + 60, `listeners: ${before.listeners} to ${after.listeners}`);
  assert.ok(after.heap <= before.heap + 250_000, `heap: ${before.heap} to ${after.heap}`);
}

async function inTurns(count, script) {
  for (let left = count; left > 0; left -= 100) {
    await driver.executeAsyncScript(`const [count, done] = arguments; (async () => { for (let turn = 0; turn < count; turn++) { ${script} } })().then(() => done(), (error) => done(String(error)))`, Math.min(left, 100)).then((error) => assert.equal(error, null));
  }
}

test(`${rounds} mounts and unmounts leave nothing`, { skip, timeout: 1_800_000 }, async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/trap.html?trigger=manual'));
  await reached(driver, 'idle');
  await driver.sendAndGetDevToolsCommand('Performance.enable', {});
  const mount = `
    const element = document.createElement('sendapi-pairing');
    Object.assign(element, { endpoint: '/api/whatsapp', trigger: 'manual' });
    document.body.append(element);
    await element.ready;
    element.remove();
    await new Promise((resolve) => { const { port1, port2 } = window.channel ??= new MessageChannel(); port1.onmessage = resolve; port2.postMessage(0); });`;
  await inTurns(100, mount);
  const before = await counted();
  await inTurns(rounds, mount);
  still(before, await counted(), `${rounds} mounts`);
});

const picture = (file) => `data:image/png;base64,${readFileSync(new URL(`../../core/tests/corpus/${file}`, import.meta.url)).toString('base64')}`;

test(`${rounds} mounts that show a picture's code leave nothing`, { skip, timeout: 3_600_000 }, async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/trap.html?trigger=manual'));
  await reached(driver, 'idle');
  await driver.sendAndGetDevToolsCommand('Performance.enable', {});
  await driver.executeScript(
    function (pictures) {
      let turn = 0;
      const code = () => ({ qr_code: pictures[turn++ % pictures.length], expires_at: new Date(Date.now() + 120_000).toISOString() });
      window.transport = {
        create: async ({ name }) => ({ id: `s${turn}`, name, status: 'pending', ...code() }),
        get: async (id) => ({ id, status: 'pending' }),
        qr: async () => code(),
        remove: async () => ({}),
      };
    },
    ['segno-nearest-3.7.png', 'segno-mask0.png', 'segno-inverted.png'].map(picture),
  );
  const mount = `
    const element = document.createElement('sendapi-pairing');
    Object.assign(element, { transport, trigger: 'load', persist: 'none' });
    const shown = new Promise((resolve) => element.addEventListener('sendapi-qr', resolve, { once: true }));
    document.body.append(element);
    await shown;
    element.remove();
    await new Promise((resolve) => { const { port1, port2 } = window.channel ??= new MessageChannel(); port1.onmessage = resolve; port2.postMessage(0); });`;
  await inTurns(100, mount);
  const before = await counted();
  await inTurns(rounds, mount);
  still(before, await counted(), `${rounds} mounts with a code`);
});

test(`${rounds} new codes leave nothing`, { skip, timeout: 1_800_000 }, async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/trap.html?trigger=manual&persist=none'));
  await reached(driver, 'idle');
  await driver.sendAndGetDevToolsCommand('Performance.enable', {});
  await driver.executeScript(`
    const code = (text) => ({ qr_code: text, expires_at: new Date(Date.now() + 120000).toISOString() });
    let turn = 0;
    const next = () => '2@' + String(turn++).padStart(8, '0') + 'c'.repeat(200);
    document.querySelector('sendapi-pairing').transport = {
      create: async ({ name }) => ({ id: 's1', name, status: 'pending', ...code(next()) }),
      get: async (id) => ({ id, status: 'pending' }),
      qr: async () => code(next()),
      remove: async () => ({}),
    };`);
  await driver.executeAsyncScript('const done = arguments[0]; document.querySelector("sendapi-pairing").start().then(() => done())');
  const refresh = `await document.querySelector('sendapi-pairing').refresh();`;
  await inTurns(100, refresh);
  const before = await counted();
  await inTurns(rounds, refresh);
  still(before, await counted(), `${rounds} new codes`);
});

// The playground on a host of files: every phase and story by name, what stands side by side, and the code to copy.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { severeLog, shareBrowser } from './support/browser.js';
import { reached } from './support/element.js';
import { serveFiles } from './support/files.js';

const page = fileURLToPath(new URL('../../target/demo', import.meta.url));
const ends = { reconnects: ['reconnecting'], fails: ['failed'], connects: ['connected'], expires: ['awaiting-scan'], 'quota-exceeded': ['error'], 'unknown-status': ['action-required'], 'bad-image': ['expired', 'refreshing', 'error'] };

let driver;
shareBrowser((browser) => (driver = browser), { height: 1200 });

const choose = (name, value) =>
  driver.executeScript(
    `const field = document.querySelector('#settings').elements[arguments[0]];
     field.value = arguments[1];
     field.dispatchEvent(new Event('input', { bubbles: true }));`,
    name,
    value,
  );

/** The phase that comes after this one, or this one if none has within two seconds. */
const passed = (phase) =>
  driver.executeAsyncScript(
    `const [phase, done] = arguments;
     const element = document.querySelector('sendapi-pairing');
     element.addEventListener('sendapi-phase-change', ({ detail }) => done(detail.phase), { once: true });
     setTimeout(() => done(element.phase), 2000);`,
    phase,
  );

test('every phase is reached by its name, every story begins, and the page logs no fault of its own', async (t) => {
  await severeLog(driver);
  await driver.get(`${await serveFiles(t, page)}playground/index.html`);
  await reached(driver, 'awaiting-scan');
  const [phases, stories] = await driver.executeScript(
    'return [...document.querySelectorAll("#settings optgroup")].map((group) => [...group.children].map((option) => option.value))',
  );
  assert.equal(phases.length, 14);
  for (const phase of phases) {
    await choose('scene', phase);
    await reached(driver, phase);
    // Where a phase is a request that goes on, it is one whose answer would long have come.
    if (['checking', 'creating', 'refreshing'].includes(phase)) assert.equal(await passed(phase), phase);
  }
  assert.ok(stories.length >= 10, stories.join());
  for (const story of stories) {
    await choose('scene', story);
    await reached(driver, ...(ends[story] ?? ['creating', 'awaiting-scan', 'error']));
  }
  assert.deepEqual((await severeLog(driver)), []);
});

test('settings apply, stand side by side, stay in the address, and are in the code of each stack', async (t) => {
  await driver.get(`${await serveFiles(t, page)}playground/index.html#scene=idle&lang=fa&theme=dark&dir=rtl&accent=%23a1b2c3`);
  await reached(driver, 'idle');
  const code = () => driver.executeScript('return document.querySelector("#sample code").textContent');
  assert.match(await code(), /<sendapi-pairing[^>]*theme="dark"[^>]*lang="fa"/s);
  for (const stack of ['React', 'Vue', 'Svelte', 'Leptos']) {
    await driver.executeScript('[...document.querySelectorAll("[role=tab]")].find((tab) => tab.textContent === arguments[0]).click()', stack);
    assert.match(await code(), /#a1b2c3/, stack);
    assert.match(await code(), stack === 'Leptos' ? /SendApiPairing[\s\S]*trigger=Trigger::Manual/ : /sendapi-pairing[\s\S]*trigger="manual"/);
  }
  await choose('compare', 'widths');
  assert.equal(await driver.executeScript('return document.querySelectorAll("sendapi-pairing").length'), 3);
  assert.match(await driver.getCurrentUrl(), /compare=widths/);
});

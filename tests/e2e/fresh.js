// Draws codes in fresh instances of the wasm, STRESS_MINUTES (4) long: what an engine does wrong while it changes over from interpreting to
// compiled code happens there, once in thousands of drawings. Fails where one fails, differs, or takes three seconds.
//
// usage: ENGINE=webkit scripts/e2e tests/e2e/fresh.js

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBrowser } from './support/browser.js';
import { reached } from './support/element.js';
import { startGateway } from './support/gateway.js';

test('each fresh instance draws each text as the others did', async (t) => {
  const gateway = await startGateway(t);
  const end = Date.now() + Number(process.env.STRESS_MINUTES ?? 4) * 60_000;
  const drawn = new Map();
  const wrong = [];
  let drawings = 0;
  while (Date.now() < end) {
    const driver = await openBrowser(t);
    await driver.manage().setTimeouts({ script: 300_000 });
    for (let page = 0; page < 10 && Date.now() < end; page++) {
      await driver.get(gateway.url('test/trap.html'));
      await reached(driver, 'awaiting-scan');
      const paths = await driver.executeAsyncScript(async function (done) {
        document.querySelector('sendapi-pairing').remove();
        const { qrToPath } = window.module;
        const paths = [];
        for (let length = 150; length < 190; length++) {
          window.breakWasm();
          await qrToPath('x').catch(() => {});
          const begun = performance.now();
          const path = await qrToPath('2@' + 'a'.repeat(length)).then(({ d }) => d, (error) => `${error} ${error.cause ?? ''}`);
          const took = performance.now() - begun;
          paths.push([length, took < 3000 ? path : `${path.slice(0, 200)} after ${took} ms`]);
        }
        done(paths);
      });
      for (const [length, path] of paths) {
        drawings++;
        if (!drawn.has(length)) drawn.set(length, path);
        else if (drawn.get(length) !== path) wrong.push(`${length}: ${path.slice(0, 300)}`);
      }
    }
    await driver.quit();
    t.diagnostic(`${drawings} drawings, ${wrong.length} wrong`);
  }
  assert.deepEqual(wrong, []);
});

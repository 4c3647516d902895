// Draws texts and pictures in fresh instances of the wasm, STRESS_MINUTES (4) long: what an engine does wrong while it changes over from interpreting to
// compiled code happens there, once in thousands of drawings. Fails where one fails, differs, or takes three seconds.
//
// usage: ENGINE=webkit scripts/e2e tests/e2e/fresh.js

import assert from 'node:assert/strict';
import { test } from 'node:test';
import QRCode from 'qrcode';
import { openBrowser } from './support/browser.js';
import { reached } from './support/element.js';
import { startGateway } from './support/gateway.js';

const texts = Array.from({ length: 40 }, (_, more) => `2@${'a'.repeat(150 + more)}`);
const pictures = texts.map((text, at) => QRCode.toDataURL(text, { errorCorrectionLevel: 'LMQH'[at % 4], margin: at % 5, scale: 3 + (at % 7) }));

test('each fresh instance draws each code as the others did', async (t) => {
  const codes = [...texts, ...(await Promise.all(pictures))];
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
      const paths = await driver.executeAsyncScript(async function (codes, done) {
        document.querySelector('sendapi-pairing').remove();
        const { qrToPath } = window.module;
        const paths = [];
        for (const code of codes) {
          window.breakWasm();
          await qrToPath('x').catch(() => {});
          const begun = performance.now();
          const path = await qrToPath(code).then(({ d }) => d, (error) => `${error} ${error.cause ?? ''}`);
          const took = performance.now() - begun;
          paths.push(took < 3000 ? path : `${path.slice(0, 200)} after ${took} ms`);
        }
        done(paths);
      }, codes);
      paths.forEach((path, at) => {
        drawings++;
        if (!drawn.has(at)) drawn.set(at, path);
        else if (drawn.get(at) !== path) wrong.push(`${at}: ${path.slice(0, 300)}`);
      });
    }
    await driver.quit();
    t.diagnostic(`${drawings} drawings, ${wrong.length} wrong`);
  }
  assert.deepEqual(wrong, []);
});

// The Leptos examples: what a server renders is the box before any script, a browser takes it over without a word, and both examples pair.
// scripts/leptos has built them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { root, start } from '../backends/support.js';
import { shareBrowser } from '../e2e/support/browser.js';
import { beforeEachDocument, until } from '../e2e/support/devtools.js';
import { digits } from '../e2e/support/element.js';
import { startGateway } from '../e2e/support/gateway.js';
import { readQrCode } from '../e2e/support/screen.js';

let driver;
shareBrowser((browser) => (driver = browser));

const serve = async (t, gateway) => {
  const env = { GATEWAY: gateway.base, PORT: '0', SITE: `${root}/target/leptos/site` };
  return (await start(t, process.env.SERVER_BIN, [], { env, ready: /ready: (http:\S+)/ }))[1];
};

/** Everything that the console said since the last call, but of the integrity that trunk writes where Chromium does not look at it. */
const said = async () => {
  const entries = await driver.manage().logs().get('browser');
  return entries.map(({ level, message }) => `${level.name} ${message}`).filter((line) => !line.includes('`integrity` attribute is currently ignored'));
};

/** Reads the code off the screen, scans it, and sees the number in the app's own words: its signals are alive. */
async function pairs(gateway) {
  const phase = () => driver.executeScript('return document.querySelector("[part=base]")?.dataset.phase');
  await until(async () => (await phase()) === 'awaiting-scan', 'a code');
  const scanned = await gateway.scan(await readQrCode(driver));
  assert.equal(scanned.status, 200);
  await until(async () => (await phase()) === 'connected', 'the link');
  const own = () => driver.executeScript('return document.querySelector("#number").textContent');
  await until(async () => digits(await own()) === digits(scanned.body.phone_number), 'the number');
  assert.equal(await gateway.calls('POST', /\/sessions$/), 1);
}

test('axum: the server writes the box, styled, without a code and without a request', async (t) => {
  const gateway = await startGateway(t);
  const url = await serve(t, gateway);
  // From several threads of the server, each of which ends what another began.
  const pages = await Promise.all(Array.from({ length: 64 }, async () => (await fetch(url)).text()));
  for (const html of pages) {
    assert.match(html, /<div class="sendapi-pairing"><div class="base" part="base"[^>]* aria-busy="true">/);
    assert.match(html, /<h2>Link WhatsApp<\/h2>/);
    assert.match(html, /<p class="name" dir="auto">Support Bot<\/p>/);
    assert.match(html, /<path fill="#000"><\/path>/);
  }
  const style = await fetch(new URL('sendapi-pairing.css', url));
  assert.equal(style.headers.get('content-type'), 'text/css');
  assert.match(await style.text(), /\.sendapi-pairing \{/);
  assert.deepEqual(await gateway.log(), []);
});

test('axum: the browser takes over the very nodes that the server wrote, and pairs', async (t) => {
  const gateway = await startGateway(t);
  const url = await serve(t, gateway);
  // Marked as soon as the parser has them, before any script of the page.
  await beforeEachDocument(t, driver, 'document.addEventListener("DOMContentLoaded", () => { window.written = [...document.body.querySelectorAll("*")]; window.height = document.querySelector("[part=base]").offsetHeight; })');
  await said();
  await driver.get(url);
  await pairs(gateway);
  assert.deepEqual(await said(), []);
  const [written, kept] = await driver.executeScript('return [written.length, written.filter((node) => node.isConnected).length]');
  assert.ok(written > 40, `${written} nodes`);
  assert.equal(kept, written);
  assert.equal(await driver.executeScript('return document.querySelectorAll("[part=base]").length'), 1);
  assert.equal(await driver.executeScript('return document.querySelector(".asks").textContent.startsWith(location.hostname)'), true);
});

test('axum: nodes that are not what the server wrote are told of', async (t) => {
  const gateway = await startGateway(t);
  const url = await serve(t, gateway);
  await beforeEachDocument(t, driver, 'document.addEventListener("DOMContentLoaded", () => { document.querySelector(".name").textContent = "Another"; })');
  await said();
  await driver.get(url);
  await pairs(gateway);
  const told = await said();
  assert.equal(told.length, 1, told.join('\n'));
  assert.match(told[0], /hydration mismatch: .*p> differs in/);
});

test('csr: the plain app pairs', async (t) => {
  const gateway = await startGateway(t, { statics: [`${root}/target/leptos/csr`], csp: "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; img-src data:" });
  await said();
  await driver.get(gateway.url());
  await pairs(gateway);
  assert.deepEqual(await said(), []);
});

// The element speaks the language of its place, loads no other, follows a change, and turns with it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { severeLog, shareBrowser } from './support/browser.js';
import { reached, visibleText } from './support/element.js';
import { startGateway } from './support/gateway.js';
import { openScenes, play } from './support/scenes.js';

let driver;
shareBrowser((browser) => (driver = browser));

const inPage = (script, ...args) => driver.executeScript(script, ...args);
const fetched = () => inPage('return performance.getEntriesByType("resource").map((entry) => new URL(entry.name).pathname)');
const direction = () => inPage('return getComputedStyle(document.querySelector("sendapi-pairing").shadowRoot.querySelector(".base")).direction');

/** Resolves when the heading reads so. */
const heading = (words) =>
  driver.wait(
    async () => (await inPage('return document.querySelector("sendapi-pairing").shadowRoot?.querySelector("header h2")?.textContent')) === words,
    5_000,
    `the heading reads ${words}`,
  );

test('in English no language is fetched; in another, that one alone', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/pairing.html'));
  await reached(driver, 'awaiting-scan');
  await heading('Link WhatsApp');
  assert.deepEqual((await fetched()).filter((path) => /locales|languages|aids/.test(path)), []);

  await driver.get(gateway.url('test/pairing.html?lang=ar-EG'));
  await reached(driver, 'awaiting-scan');
  await heading('ربط واتساب');
  assert.equal(await direction(), 'rtl');
  assert.match(await visibleText(driver), /[٠-٩]:[٠-٩]{2}/, 'the countdown has the digits of Egypt');
  const files = (await fetched()).filter((path) => /locales/.test(path));
  assert.deepEqual(files, ['/sendapi-pairing/locales/ar.js']);
  assert.deepEqual(await inPage('return window.violations'), [], 'under the strictest policy');
  assert.deepEqual((await severeLog(driver)).filter((line) => !line.includes('favicon')), []);
});

test('it follows its own lang, that of an element around it, and a change of either', async (t) => {
  await openScenes(t, driver);
  await play(driver, 'awaiting-scan');
  await heading('Link WhatsApp');
  await inPage('document.documentElement.lang = "de"');
  await heading('WhatsApp verknüpfen');
  await inPage('document.querySelector("sendapi-pairing").lang = "fr"');
  await heading('Connecter WhatsApp');
  await inPage('document.querySelector("sendapi-pairing").removeAttribute("lang")');
  await heading('WhatsApp verknüpfen');
  await inPage('document.documentElement.lang = "tlh"');
  await heading('Link WhatsApp');
  await inPage('document.documentElement.lang = "en"');
});

test('through the shadow tree that it stands in as well', async (t) => {
  await openScenes(t, driver);
  await play(driver, 'idle');
  await inPage(`
    const host = document.createElement('div');
    host.lang = 'ja';
    const element = document.querySelector('sendapi-pairing');
    document.querySelector('#stage').append(host);
    host.attachShadow({ mode: 'open' }).append(element);
    document.querySelector('#stage').append(Object.assign(document.createElement('i'), { id: 'seat' }));
    window.inner = element;
  `);
  const words = () => inPage('return inner.shadowRoot.querySelector("header h2").textContent');
  await driver.wait(async () => (await words()) === 'WhatsAppをリンク', 5_000, 'Japanese');
  await inPage('inner.getRootNode().host.lang = "ko"');
  await driver.wait(async () => (await words()) === 'WhatsApp 연결', 5_000, 'Korean');
});

test('the direction is that of the language, unless the page sets one as near', async (t) => {
  await openScenes(t, driver);
  await play(driver, 'awaiting-scan', { lang: 'he' });
  await heading('קישור WhatsApp');
  assert.equal(await direction(), 'rtl');
  await inPage('document.querySelector("sendapi-pairing").dir = "ltr"');
  await driver.wait(async () => (await direction()) === 'ltr', 5_000, 'its own dir');
  await inPage('document.querySelector("sendapi-pairing").removeAttribute("dir")');
  await driver.wait(async () => (await direction()) === 'rtl', 5_000, 'the language again');
  await inPage('document.documentElement.dir = "ltr"');
  await heading('קישור WhatsApp');
  assert.equal(await direction(), 'rtl', 'a direction of the page, whose language is another, does not count');
  await inPage('document.documentElement.dir = "rtl"; document.querySelector("sendapi-pairing").lang = "en"');
  await heading('Link WhatsApp');
  await driver.wait(async () => (await direction()) === 'ltr', 5_000, 'English in a page from right to left');
});

test('strings override the words of the language, one by one', async (t) => {
  await openScenes(t, driver);
  await play(driver, 'awaiting-scan', { lang: 'de' });
  await heading('WhatsApp verknüpfen');
  await inPage('document.querySelector("sendapi-pairing").strings = { heading: "Support anbinden" }');
  await heading('Support anbinden');
  assert.match(await visibleText(driver), /Scannen Sie diesen Code/);
  await inPage('document.querySelector("sendapi-pairing").lang = "nl"');
  await driver.wait(async () => /Scan deze code met je telefoon/.test(await visibleText(driver)), 5_000, 'Dutch');
  await heading('Support anbinden');
});

test('a tag that is none leaves English, and the pairing goes on', async (t) => {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/pairing.html?lang=de&trigger=manual'));
  await heading('WhatsApp verknüpfen');
  await inPage('document.querySelector("sendapi-pairing").lang = "xx-invalid-"');
  await heading('Link WhatsApp');
  await inPage('document.querySelector("sendapi-pairing").start()');
  await reached(driver, 'awaiting-scan');
});

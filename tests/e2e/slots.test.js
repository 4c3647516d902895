// What a page puts in place of ours: each slot shows its content where and when the documentation says, and nothing else of the tag's.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { shareBrowser } from './support/browser.js';
import { openScenes, play, whole } from './support/scenes.js';

const manifest = JSON.parse(readFileSync(new URL('../../pkg/custom-elements.json', import.meta.url), 'utf8'));
const types = readFileSync(new URL('../../pkg/index.d.ts', import.meta.url), 'utf8');
const { slots, cssParts } = manifest.modules[0].declarations[0];

/** Slots that show their content beside those of the heading and the footer, by scene. */
const SHOWN = {
  idle: [],
  checking: ['loading'],
  creating: ['instructions', 'loading'],
  'awaiting-scan': ['instructions'],
  refreshing: ['instructions', 'loading'],
  expired: ['expired'],
  connected: ['connected'],
  'wrong-number': [],
  reconnecting: [],
  failed: [],
  unlinked: [],
  'error-quota': ['error'],
  'error-config': ['error'],
};

let driver;
shareBrowser((browser) => (driver = browser));

/** Puts content in every slot, and some in none; resolves to what is seen of it, and of our own words. */
const fill = (names) =>
  driver.executeAsyncScript(
    function (names, done) {
      const { element } = window.playing;
      for (const name of [...names, '']) {
        const own = document.createElement('p');
        own.textContent = `own ${name}`;
        if (name) own.slot = name;
        element.append(own);
      }
      const seen = (node) => Boolean(node) && node.getClientRects().length > 0 && node.checkVisibility({ visibilityProperty: true });
      requestAnimationFrame(() => {
        const ours = (selector) => seen(element.shadowRoot.querySelector(selector));
        done({
          own: [...element.children].filter(seen).map((child) => child.slot),
          on: [...element.children].filter((child) => seen(child) && child.assignedSlot.closest('.plate')).map((child) => child.slot),
          sign: ours('.sign'),
          detail: ours('.detail'),
          title: ours('.title'),
          heading: ours('header h2'),
          undo: ours('.footer p'),
        });
      });
    },
    names,
  );

test('every slot shows what is put in it, in its own phases alone', async (t) => {
  const names = slots.map(({ name }) => name);
  assert.deepEqual(names, ['heading', 'instructions', 'loading', 'expired', 'connected', 'error', 'footer']);
  assert.deepEqual(types.match(/type SlotName = ([^;]+);/)[1].match(/\w+/g), names);
  await openScenes(t, driver);
  for (const [scene, wanted] of Object.entries(SHOWN)) {
    await play(driver, scene);
    const seen = await fill(names);
    assert.deepEqual(seen.own.sort(), ['footer', 'heading', ...wanted].sort(), scene);
    assert.deepEqual(seen.on, wanted.filter((name) => ['loading', 'expired'].includes(name)), `${scene}: on the plate`);
    assert.deepEqual([seen.heading, seen.undo, seen.title], [false, false, true], scene);
    if (scene === 'expired') assert.equal(seen.sign, false, 'in place of the sign');
    if (wanted.includes('error')) assert.equal(seen.detail, false, 'in place of what failed');
  }
});

test('what is in a slot comes and goes with the phase', async (t) => {
  await openScenes(t, driver);
  const names = slots.map(({ name }) => name);
  const shown = async () => (await driver.executeScript('return [...playing.element.children].filter((child) => child.assignedSlot).map((child) => child.slot)')).sort().join(' ');
  const comesTo = (wanted) => driver.wait(async () => (await shown()) === wanted, 5_000).catch(async () => assert.fail(`${await shown()}, not ${wanted}`));
  await play(driver, 'awaiting-scan');
  await fill(names);
  await comesTo('footer heading instructions');
  await driver.executeScript('playing.service.held.add("qr"); playing.element.refresh()');
  await comesTo('footer heading instructions loading');
  await play(driver, 'awaiting-scan');
  await fill(names);
  await driver.executeScript('playing.service.status = "connected"');
  await comesTo('connected footer heading instructions');
});

test('without content of the page, the words are ours', async (t) => {
  await openScenes(t, driver);
  for (const [scene, selector] of [['expired', '.sign'], ['error-quota', '.detail'], ['connected', '.detail'], ['error-config', '.detail']]) {
    await play(driver, scene);
    assert.ok(await driver.executeScript(`return playing.element.shadowRoot.querySelector('${selector}').getClientRects().length > 0`), `${scene}: ${selector}`);
  }
});

test('each part that is documented is there in some scene, and none that is not', async (t) => {
  const { scenes } = await openScenes(t, driver);
  const found = new Set();
  const some = ['idle', 'awaiting-scan', 'wrong-number', 'unlinking', 'error-unverified', 'error-quota', 'error-config', 'connected-unlink'];
  for (const scene of whole ? scenes : some) {
    await play(driver, scene, scene === 'awaiting-scan' ? { style: '--sendapi-qr-size: 110px' } : {});
    const parts = 'return [...playing.element.shadowRoot.querySelectorAll("[part]")].flatMap((node) => [...node.part])';
    if (scene === 'awaiting-scan') await driver.wait(async () => (await driver.executeScript(parts)).includes('enlarge-button'), 5_000, 'the offer to enlarge');
    for (const part of await driver.executeScript(parts)) found.add(part);
  }
  // On a phone alone: phone.test.js.
  for (const part of ['handoff', 'share-button', 'copy-button']) found.add(part);
  assert.deepEqual([...found].sort(), cssParts.map(({ name }) => name).sort());
});

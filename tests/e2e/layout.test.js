// Nothing moves, nothing is cut off, and every code that is drawn can be read.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { can, devTools, shareBrowser } from './support/browser.js';
import { reached } from './support/element.js';
import { openScenes, play, whole } from './support/scenes.js';
import { readQrCodes } from './support/screen.js';

let driver;
shareBrowser((browser) => (driver = browser), { width: 900, height: 1100 });

const ways = [
  ...['240px', '320px', '480px', '560px', '760px'].flatMap((width) => ['connected', 'text-code'].map((name) => [width, 'en', name])),
  ['320px', 'ar', 'connected'],
  ['760px', 'de', 'connected'],
];
for (const [width, lang, name] of ways) {
  test(`from the skeleton to ${name} nothing moves: ${width}, ${lang}`, { skip: !can('cdp') }, async (t) => {
    await openScenes(t, driver);
    // The words are here before the box is; what a language costs when it comes late is another matter.
    if (lang !== 'en') await driver.executeAsyncScript('import("/pkg/languages.js").then((it) => it.speak(arguments[0])).then(arguments[1])', lang);
    const { heights, shifts, titles } = await driver.executeAsyncScript(
      async function (width, lang, name, done) {
        const stage = document.querySelector('#stage');
        const below = document.querySelector('#below');
        const heights = [];
        const shifts = [];
        const titles = [];
        const observer = new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) {
            for (const { node, previousRect, currentRect } of entry.sources) {
              shifts.push(`${node?.nodeName}.${node?.className?.baseVal ?? node?.className} ${JSON.stringify(previousRect)} ${JSON.stringify(currentRect)}`);
            }
          }
        });
        stage.style.width = width;
        document.documentElement.lang = lang;
        const measure = (what) => heights.push(`${what} ${stage.offsetHeight} ${below.getBoundingClientRect().top}`);
        const seen = new MutationObserver(() => measure(stage.firstElementChild.getAttribute('phase')));
        const read = new MutationObserver(() => titles.push(stage.firstElementChild.shadowRoot.querySelector('.title')?.textContent));
        seen.observe(stage, { subtree: true, attributeFilter: ['phase'] });
        const inserted = new MutationObserver(async () => {
          inserted.disconnect();
          read.observe(stage.firstElementChild.shadowRoot, { subtree: true, childList: true, characterData: true });
          // In another language the skeleton's own words come a moment later: its box says so, and is drawn with them next.
          const box = () => stage.firstElementChild.shadowRoot.firstElementChild;
          while (box()?.lang !== lang) await new Promise((next) => setTimeout(next));
          measure('skeleton');
          // That the box appears at all pushes down what is below; from the first frame with it on, nothing may.
          requestAnimationFrame(() => setTimeout(() => observer.observe({ type: 'layout-shift' })));
        });
        inserted.observe(stage, { childList: true });
        await scene(name, {}, width);
        measure('end');
        await new Promise((next) => requestAnimationFrame(() => setTimeout(next, 100)));
        done({ heights, shifts, titles });
      },
      width,
      lang,
      name,
    );
    assert.ok(heights.length >= 4, heights.join(', '));
    const places = new Set(heights.map((line) => line.replace(/^\S+ /, '')));
    assert.equal(places.size, 1, heights.join(', '));
    assert.deepEqual(shifts, []);
    if (lang === 'en') assert.ok(titles.includes('Preparing your code…') && !titles.some((title) => /new code/.test(title)), titles.join(', '));
  });
}

test('the box is as high in each phase of the way, at every width and in every language', async (t) => {
  const { languages } = await openScenes(t, driver);
  const boxes = [];
  for (const scene of ['creating', 'awaiting-scan', 'refreshing', 'expired', 'connected', 'connected-unlink']) {
    await play(driver, scene);
    boxes.push(await driver.executeAsyncScript(eachWidth, whole ? languages : ['en', 'ar', 'de', 'hi'], ['240px', '320px', '480px', '559px', '560px', '760px']));
  }
  const found = [];
  for (const at of Object.keys(boxes[0])) {
    const seen = new Set(boxes.map((box) => box[at]));
    if (seen.size > 1) found.push(`${at}: ${boxes.map((box) => box[at]).join(', ')}`);
  }
  assert.deepEqual(found, []);
});

/** The height of the box and of the plate's edge in it, by language and width. */
async function eachWidth(languages, widths, done) {
  const element = document.querySelector('sendapi-pairing');
  const boxes = {};
  for (const lang of languages) {
    const late = await speaking(lang).catch(String);
    if (late) return done({ [lang]: late });
    for (const width of widths) {
      document.querySelector('#stage').style.width = width;
      const box = element.shadowRoot.querySelector('.base').getBoundingClientRect();
      const plate = element.shadowRoot.querySelector('.plate').getBoundingClientRect();
      boxes[`${lang} ${width}`] = [box.height, plate.top - box.top, plate.height].map(Math.round).join('/');
    }
  }
  return done(boxes);
}

test('no word is cut off in any language, at the widths that 200% zoom leaves', async (t) => {
  const { scenes, languages } = await openScenes(t, driver);
  const found = [];
  for (const [turn, scene] of scenes.entries()) {
    await play(driver, scene);
    found.push(
      ...(await driver.executeAsyncScript(
        async function (scene, languages, done) {
          const found = [];
          const element = document.querySelector('sendapi-pairing');
          const stage = document.querySelector('#stage');
          for (const lang of languages) {
            const late = await speaking(lang).catch(String);
            if (late) return done([`${scene}: ${late}`]);
            // 480 and 640 px at 200%.
            for (const width of ['240px', '320px']) {
              stage.style.width = width;
              const box = element.shadowRoot.querySelector('.base').getBoundingClientRect();
              const walker = document.createTreeWalker(element.shadowRoot, NodeFilter.SHOW_TEXT);
              while (walker.nextNode()) {
                const node = walker.currentNode;
                const holder = node.parentElement;
                // The session's name is the developer's; the live region is for ears.
                if (!node.data.trim() || holder.closest('.spoken, .name') || !holder.checkVisibility({ visibilityProperty: true })) continue;
                const range = document.createRange();
                range.selectNodeContents(node);
                const cut = [...range.getClientRects()].some(({ left, right }) => left < box.left - 0.5 || right > box.right + 0.5);
                const hidden = holder.scrollWidth > holder.clientWidth + 1 && getComputedStyle(holder).display !== 'inline';
                if (cut || hidden) found.push(`${scene}, ${lang}, ${width}: ${node.data}`);
              }
            }
          }
          return done(found);
        },
        scene,
        whole ? languages : languages.filter((_, at) => at % 4 === turn % 4),
      )),
    );
  }
  assert.deepEqual(found, []);
});

test('the code is read off the screen at device ratios 1, 2 and 3, in both themes and in forced colours', { skip: !can('cdp') }, async (t) => {
  await openScenes(t, driver);
  t.after(async () => {
    await devTools(driver, 'Emulation.clearDeviceMetricsOverride');
    await devTools(driver, 'Emulation.setEmulatedMedia', { features: [] });
  });
  const looks = [['light', 'none'], ['dark', 'none'], ['light', 'active'], ['dark', 'active']];
  const all = [1, 2, 3].flatMap((ratio) => looks.flatMap(([theme, forced]) => ['240px', '368px'].map((width) => ({ ratio, theme, forced, width }))));
  // Every fifth has each ratio, theme and width in it, and forced colours.
  for (const { ratio, theme, forced, width } of whole ? all : all.filter((_, at) => at % 5 === 0)) {
    await devTools(driver, 'Emulation.setDeviceMetricsOverride', { width: 400, height: 800, deviceScaleFactor: ratio, mobile: false });
    const features = [
      { name: 'forced-colors', value: forced },
      { name: 'prefers-color-scheme', value: theme },
    ];
    await devTools(driver, 'Emulation.setEmulatedMedia', { features });
    await play(driver, 'awaiting-scan', { theme }, width);
    const codes = await readQrCodes(driver);
    assert.equal(codes.length, 1, `ratio ${ratio}, ${theme}, forced colours ${forced}, ${width}`);
    assert.match(codes[0], /^2@/);
  }
});

test('where a module would be smaller than two device pixels, the code is to be had in a dialog, which lives no longer than it', async (t) => {
  await openScenes(t, driver);
  const inside = (selector) => `document.querySelector("sendapi-pairing").shadowRoot.querySelector('${selector}')`;
  await play(driver, 'awaiting-scan');
  assert.equal(await driver.executeScript(`return ${inside('.enlarge')}`), null, 'large enough as it is');
  await play(driver, 'awaiting-scan', { style: '--sendapi-qr-size: 110px' }, '320px');
  await driver.wait(() => driver.executeScript(`return Boolean(${inside('.enlarge')})`), 5_000, 'the offer');
  await driver.executeScript(`${inside('.enlarge')}.click()`);
  await driver.wait(() => driver.executeScript(`return ${inside('dialog')}.open`), 5_000, 'the dialog');
  const wide = await driver.executeScript(`return ${inside('dialog svg')}.getBoundingClientRect().width`);
  assert.ok(wide > 300, `${wide} px`);
  assert.equal((await readQrCodes(driver)).length, 1);
  await driver.executeScript(`playing.service.held.add('qr'); ${inside('[part~=refresh-button]')}.click()`);
  await reached(driver, 'refreshing');
  await driver.wait(() => driver.executeScript(`return !${inside('dialog')}.open`), 5_000, 'the dialog is gone with its code');
  assert.equal(await driver.executeScript(`return ${inside('dialog svg')}`), null);
});

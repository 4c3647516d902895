// Nothing moves, nothing is cut off, and every code that is drawn can be read.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { can, devTools, shareBrowser } from './support/browser.js';
import { reached } from './support/element.js';
import { openScenes, play } from './support/scenes.js';
import { readQrCodes } from './support/screen.js';

let driver;
shareBrowser((browser) => (driver = browser), { width: 900, height: 1100 });

for (const [width, lang] of [['240px', 'en'], ['320px', 'en'], ['480px', 'en'], ['560px', 'en'], ['760px', 'en'], ['320px', 'ar'], ['760px', 'de']]) {
  test(`from the skeleton to connected nothing moves: ${width}, ${lang}`, { skip: !can('cdp') }, async (t) => {
    await openScenes(t, driver);
    // The words are here before the box is; what a language costs when it comes late is another matter.
    if (lang !== 'en') await driver.executeAsyncScript('import("/pkg/languages.js").then((it) => it.speak(arguments[0])).then(arguments[1])', lang);
    const { heights, shifts } = await driver.executeAsyncScript(
      async function (width, lang, done) {
        const stage = document.querySelector('#stage');
        const below = document.querySelector('#below');
        const heights = [];
        const shifts = [];
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
        seen.observe(stage, { subtree: true, attributeFilter: ['phase'] });
        const inserted = new MutationObserver(async () => {
          inserted.disconnect();
          // In another language the skeleton's own words come a moment later.
          if (lang !== 'en') await new Promise((next) => setTimeout(next, 30));
          measure('skeleton');
          // That the box appears at all pushes down what is below; from the first frame with it on, nothing may.
          requestAnimationFrame(() => setTimeout(() => observer.observe({ type: 'layout-shift' })));
        });
        inserted.observe(stage, { childList: true });
        await scene('connected', {}, width);
        measure('end');
        await new Promise((next) => requestAnimationFrame(() => setTimeout(next, 100)));
        done({ heights, shifts });
      },
      width,
      lang,
    );
    assert.ok(heights.length >= 4, heights.join(', '));
    const places = new Set(heights.map((line) => line.replace(/^\S+ /, '')));
    assert.equal(places.size, 1, heights.join(', '));
    assert.deepEqual(shifts, []);
  });
}

test('no word is cut off in any language, at the widths that 200% zoom leaves', async (t) => {
  const { scenes, languages } = await openScenes(t, driver);
  const found = [];
  for (const scene of scenes) {
    await play(driver, scene);
    found.push(
      ...(await driver.executeAsyncScript(
        async function (scene, languages, done) {
          const found = [];
          const element = document.querySelector('sendapi-pairing');
          const stage = document.querySelector('#stage');
          const frame = () => new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
          for (const lang of languages) {
            element.lang = lang;
            const deadline = performance.now() + 5000;
            while (element.shadowRoot.firstElementChild.lang !== lang && performance.now() < deadline) await frame();
            await frame();
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
          done(found);
        },
        scene,
        languages,
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
  for (const ratio of [1, 2, 3]) {
    await devTools(driver, 'Emulation.setDeviceMetricsOverride', { width: 400, height: 800, deviceScaleFactor: ratio, mobile: false });
    for (const [theme, forced] of [['light', 'none'], ['dark', 'none'], ['light', 'active'], ['dark', 'active']]) {
      const features = [
        { name: 'forced-colors', value: forced },
        { name: 'prefers-color-scheme', value: theme },
      ];
      await devTools(driver, 'Emulation.setEmulatedMedia', { features });
      for (const width of ['240px', '368px']) {
        await play(driver, 'awaiting-scan', { theme }, width);
        const codes = await readQrCodes(driver);
        assert.equal(codes.length, 1, `ratio ${ratio}, ${theme}, forced colours ${forced}, ${width}`);
        assert.match(codes[0], /^2@/);
      }
    }
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

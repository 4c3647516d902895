// Every scene in light and dark, wide and 240 px, from the left and from the right, as pictures and as one sheet: `make gallery`.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openBrowser } from './support/browser.js';
import { find } from './support/element.js';
import { openScenes, play } from './support/scenes.js';

const folder = fileURLToPath(new URL('../../target/gallery/', import.meta.url));
const widths = { wide: '720px', narrow: '240px' };
const sides = { ltr: 'en', rtl: 'ar' };

test('takes the pictures', { timeout: 900_000 }, async (t) => {
  const driver = await openBrowser(t, { width: 800, height: 1100 });
  const only = process.env.SCENES?.split(',');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { scenes } = await openScenes(t, driver);
  const names = scenes.filter((scene) => only?.includes(scene) ?? true);
  for (const scene of names) {
    await play(driver, scene);
    for (const theme of ['light', 'dark']) {
      for (const [width, pixels] of Object.entries(widths)) {
        for (const [side, lang] of Object.entries(sides)) {
          await driver.executeAsyncScript(
            async function (theme, pixels, lang, side, done) {
              const element = document.querySelector('sendapi-pairing');
              Object.assign(element, { theme, lang });
              document.querySelector('#stage').style.width = pixels;
              document.documentElement.style.colorScheme = theme;
              const box = () => element.shadowRoot.querySelector('.base');
              while (getComputedStyle(box()).direction !== side || box().dataset.theme !== theme) await new Promise((next) => setTimeout(next, 10));
              for (const animation of element.shadowRoot.getAnimations()) {
                if (animation.effect.getTiming().iterations === Infinity) Object.assign(animation, { currentTime: 800 }).pause();
                else animation.finish();
              }
              requestAnimationFrame(() => setTimeout(done));
            },
            theme,
            pixels,
            lang,
            side,
          );
          const picture = await (await find(driver)).takeScreenshot();
          writeFileSync(`${folder}${scene}-${theme}-${width}-${side}.png`, Buffer.from(picture, 'base64'));
        }
      }
    }
  }
  writeFileSync(`${folder}index.html`, page(names));
});

function page(names) {
  const cell = (name) => `<td><img src="${name}.png" alt="${name}" loading="lazy"></td>`;
  const columns = ['light', 'dark'].flatMap((theme) => Object.keys(widths).flatMap((width) => Object.keys(sides).map((side) => `${theme}-${width}-${side}`)));
  const rows = names.map((name) => `<tr><th>${name}</th>${columns.map((column) => cell(`${name}-${column}`)).join('')}</tr>`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Gallery</title>
<style>
  body { margin: 16px; background: #9aa0a8; font: 13px system-ui, sans-serif }
  th { position: sticky; left: 0; padding: 4px; background: #9aa0a8; text-align: start; vertical-align: top }
  td { padding: 4px; vertical-align: top }
  thead th { position: static }
</style>
<table>
<thead><tr><th></th>${columns.map((column) => `<th>${column}</th>`).join('')}</tr></thead>
${rows.join('\n')}
</table>
</html>
`;
}

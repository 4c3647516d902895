// The screens look as they were accepted (appearance.json), whatever the machine's fonts. After a change that is meant:
// look at `make gallery`, then `ACCEPT=1 make gallery`.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { appearance, differences } from './support/appearance.js';
import { engine, shareBrowser } from './support/browser.js';
import { LOOKS, openScenes, play, pose, whole } from './support/scenes.js';

const place = fileURLToPath(new URL('appearance.json', import.meta.url));
const accepted = () => JSON.parse(readFileSync(place, 'utf8'));
const skip = engine === 'chromium' ? false : 'the pictures are of Chromium';

let driver;
shareBrowser((browser) => (driver = browser), { width: 800, height: 1100 });

const screen = (scene, { theme, width, side }) => `${scene}, ${theme}, ${width}, ${side}`;

test('every screen looks as it was accepted', { skip }, async (t) => {
  const { scenes } = await openScenes(t, driver);
  const seen = {};
  for (const [turn, scene] of scenes.entries()) {
    await play(driver, scene);
    // What everybody meets in every look, all else in one by turns.
    const often = (whole || process.env.ACCEPT) && ['awaiting-scan', 'connected'].includes(scene);
    const looks = often ? LOOKS : [LOOKS[turn % LOOKS.length]];
    for (const look of looks) {
      await pose(driver, look);
      seen[screen(scene, look)] = await appearance(driver);
    }
  }
  if (process.env.ACCEPT) {
    const lines = Object.entries(seen).map(([name, it]) => `${JSON.stringify(name)}: ${JSON.stringify(it)}`);
    writeFileSync(place, `{\n${lines.join(',\n')}\n}\n`);
    return;
  }
  const wanted = accepted();
  const known = whole ? Object.keys(wanted) : Object.keys(wanted).filter((name) => name in seen);
  assert.deepEqual(Object.keys(seen), known, 'the screens; where this is meant: ACCEPT=1 make gallery');
  const found = known.flatMap((name) => differences(seen[name], wanted[name]).map((difference) => `${name}: ${difference}`));
  assert.deepEqual(found, [], 'where this is meant: ACCEPT=1 make gallery');
});

/** What differs from what was accepted, with a style on the element: in three screens, or in every one that was accepted. */
async function dressed(t, style, every = false) {
  const { scenes } = await openScenes(t, driver);
  const wanted = accepted();
  const found = [];
  for (const scene of every ? scenes : ['awaiting-scan', 'connected', 'expired']) {
    await play(driver, scene, { style });
    const looks = LOOKS.filter((look) => screen(scene, look) in wanted);
    for (const look of every ? looks : looks.slice(0, 1)) {
      await pose(driver, look);
      const name = screen(scene, look);
      found.push(...differences(await appearance(driver), wanted[name]).map((it) => `${name}: ${it}`));
    }
  }
  return found;
}

for (const font of ['serif', 'monospace', 'Liberation Sans, Arial']) {
  test(`another font is no difference: ${font}`, { skip }, async (t) => assert.deepEqual(await dressed(t, `--sendapi-font: ${font}`, whole), []));
}

for (const [what, style, told] of [
  ['the accent', '--sendapi-accent: #0b6a7a', /expired, .*: \.primary: colours/],
  ['the size of the code', '--sendapi-qr-size: 256px', /awaiting-scan, .*: \.qr is at/],
  ['the corners', '--sendapi-radius: 12px', /awaiting-scan, .*: \.plate: /],
  ['the spacing', '--sendapi-spacing: 10px', /awaiting-scan, .*: \.plate is at/],
  ['the scale', 'zoom: 1.1', /is at/],
]) {
  test(`another look is noticed: ${what}`, { skip }, async (t) => assert.match((await dressed(t, style)).join('\n'), told));
}

// Every scene in light and dark, wide and 240 px, from the left and from the right, as pictures and as one sheet: `make gallery`.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openBrowser } from './support/browser.js';
import { find } from './support/element.js';
import { LOOKS, openScenes, play, pose } from './support/scenes.js';

const folder = fileURLToPath(new URL('../../target/gallery/', import.meta.url));

test('takes the pictures', { timeout: 900_000 }, async (t) => {
  const driver = await openBrowser(t, { width: 800, height: 1100 });
  const only = process.env.SCENES?.split(',');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { scenes } = await openScenes(t, driver);
  const names = scenes.filter((scene) => only?.includes(scene) ?? true);
  for (const scene of names) {
    await play(driver, scene);
    for (const look of LOOKS) {
      await pose(driver, look);
      writeFileSync(`${folder}${[scene, look.theme, look.width, look.side].join('-')}.png`, Buffer.from(await (await find(driver)).takeScreenshot(), 'base64'));
    }
  }
  writeFileSync(`${folder}index.html`, page(names));
});

function page(names) {
  const cell = (name) => `<td><img src="${name}.png" alt="${name}" loading="lazy"></td>`;
  const columns = LOOKS.map(({ theme, width, side }) => `${theme}-${width}-${side}`);
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

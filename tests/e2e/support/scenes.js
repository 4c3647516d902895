// The page on which every phase is to be had by name (pages/scenes.js), on a host of files alone.

import { fileURLToPath } from 'node:url';
import { serveFiles } from './files.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Opens the page; resolves to the names of all scenes and languages. */
export async function openScenes(t, driver) {
  await driver.get(`${await serveFiles(t, root)}tests/e2e/pages/scenes.html`);
  await driver.wait(() => driver.executeScript('return window.played === true'), 15_000, 'the page of scenes is ready');
  return driver.executeScript('return { scenes, languages }');
}

/** Plays a scene to its end; `attributes` go to the element, `width` to what it stands in. */
export async function play(driver, name, attributes = {}, width = '') {
  const error = await driver.executeAsyncScript(
    function (name, attributes, width, deadline, done) {
      const late = setTimeout(() => done(`late, in phase ${document.querySelector('sendapi-pairing').getAttribute('phase')}`), deadline);
      scene(name, attributes, width).then(
        () => done(null),
        (error) => done(String(error)),
      );
      void late;
    },
    name,
    attributes,
    width,
    20_000,
  );
  if (error) throw new Error(`scene ${name}: ${error}`);
}

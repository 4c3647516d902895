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

/** Whether a grid of scenes, languages and looks is walked whole (`make prove`), or each scene in one of them by turns (`make test`). */
export const whole = Boolean(process.env.FULL_GRID);

/** Turns the element to a language, and resolves once it says that language's words. */
export async function speaking(driver, lang) {
  const error = await driver.executeAsyncScript('speaking(arguments[0]).then(() => arguments[1](null), (error) => arguments[1](String(error)))', lang);
  if (error) throw new Error(error);
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

export const WIDTHS = { wide: '720px', narrow: '240px' };
export const SIDES = { ltr: 'en', rtl: 'ar' };

/** Every combination of theme, width and side. */
export const LOOKS = ['light', 'dark'].flatMap((theme) => Object.keys(WIDTHS).flatMap((width) => Object.keys(SIDES).map((side) => ({ theme, width, side }))));

/** Gives the element that plays a look, and holds still what moves for as long as it is there. */
export async function pose(driver, { theme, width, side }) {
  await driver.executeScript(
    function (theme, width) {
      window.playing.element.theme = theme;
      document.querySelector('#stage').style.width = width;
      document.documentElement.style.colorScheme = theme;
    },
    theme,
    WIDTHS[width],
  );
  await speaking(driver, SIDES[side]);
  await driver.executeAsyncScript(function (done) {
    for (const animation of window.playing.element.shadowRoot.getAnimations()) {
      if (animation.effect.getTiming().iterations === Infinity) Object.assign(animation, { currentTime: 800 }).pause();
      else animation.finish();
    }
    requestAnimationFrame(() => setTimeout(done));
  });
}

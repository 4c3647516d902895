// The README's pictures, taken of the real thing: `scripts/screenshots`.

import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { By } from 'selenium-webdriver';
import { openBrowser } from './support/browser.js';
import { find, reached } from './support/element.js';
import { demo, startGateway } from './support/gateway.js';
import { readQrCode } from './support/screen.js';

const folder = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const save = (name, picture) => writeFileSync(`${folder}${name}.png`, Buffer.from(picture, 'base64'));

test('takes the pictures', async (t) => {
  mkdirSync(folder, { recursive: true });
  const driver = await openBrowser(t, { width: 1280, height: 1240 });
  const gateway = await startGateway(t, { statics: demo, csp: null });
  await driver.get(gateway.url());
  await reached(driver, 'awaiting-scan');
  // A picture of a code that cannot be read would be worse than none.
  await readQrCode(driver);
  save('demo', await driver.takeScreenshot());
  save('awaiting-scan', await (await find(driver)).takeScreenshot());
  await driver.findElement(By.id('phone-scan')).click();
  await reached(driver, 'connected');
  await settled(driver);
  save('connected', await (await find(driver)).takeScreenshot());
});

/** Resolves when what the element draws by animation is drawn. */
function settled(driver) {
  return driver.executeAsyncScript(function (done) {
    const drawings = document.querySelector('sendapi-pairing').shadowRoot.getAnimations();
    Promise.allSettled(drawings.map((drawing) => drawing.finished)).then(() => done());
  });
}

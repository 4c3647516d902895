// A browser under test, by engine name. Each engine says how to start it and what it can do, so that a scenario that needs
// more than an engine offers can say so instead of failing.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import chrome from 'selenium-webdriver/chrome.js';

const deadlines = { implicit: 0, pageLoad: 30_000, script: 30_000 };

/** The first of the programs named that is on PATH, as a full path: nothing is ever downloaded for a test. */
function program(...names) {
  for (const name of names) {
    const folder = process.env.PATH.split(':').find((entry) => existsSync(join(entry, name)));
    if (folder) return join(folder, name);
  }
  throw new Error(`none of these programs is on PATH: ${names.join(', ')}`);
}

const engines = {
  chromium: {
    capabilities: new Set(['cdp', 'log']),
    start({ width, height }, profile) {
      const options = new chrome.Options();
      options.setBinaryPath(program('chromium', 'google-chrome'));
      options.addArguments(
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        `--window-size=${width},${height}`,
        `--user-data-dir=${profile}`,
      );
      options.set('goog:loggingPrefs', { browser: 'ALL' });
      return chrome.Driver.createSession(options, new chrome.ServiceBuilder(program('chromedriver')).build());
    },
  },
};

export const engine = process.env.ENGINE ?? 'chromium';
if (!engines[engine]) throw new Error(`ENGINE=${engine}: known are ${Object.keys(engines).join(', ')}`);

/** Whether the engine under test can do this: `cdp` (Chromium's DevTools protocol), `log` (its console can be read). */
export const can = (capability) => engines[engine].capabilities.has(capability);

/** Starts a browser with a profile of its own: `{driver, close}`. */
async function open({ width = 1280, height = 1000 } = {}) {
  const profile = mkdtempSync(join(tmpdir(), 'sendapi-pairing-e2e-'));
  const driver = await engines[engine].start({ width, height }, profile);
  await driver.manage().setTimeouts(deadlines);
  return {
    driver,
    async close() {
      await driver.quit();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A browser for one test `t`, closed after it. */
export async function openBrowser(t, options) {
  const { driver, close } = await open(options);
  t.after(close);
  return driver;
}

/** One browser for all tests of a file, handed to `use` before the first of them. Each test has its own origin, so nothing is shared. */
export function shareBrowser(use, options) {
  let browser;
  before(async () => {
    browser = await open(options);
    use(browser.driver);
  });
  after(() => browser?.close());
}

/** What the page logged as severe since the last call: failed loads, blocked scripts, uncaught errors. Nothing where it cannot be read. */
export async function severeLog(driver) {
  if (!can('log')) return [];
  const entries = await driver.manage().logs().get('browser');
  return entries.filter((entry) => entry.level.name === 'SEVERE').map((entry) => entry.message);
}

// A browser under test, by engine name. Each engine says how to start it and what it can do, so that a scenario that needs
// more than an engine offers can say so instead of failing.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before } from 'node:test';
import { Builder, Capabilities } from 'selenium-webdriver';
import chrome from 'selenium-webdriver/chrome.js';
import firefox from 'selenium-webdriver/firefox.js';
import { Name } from 'selenium-webdriver/lib/command.js';

const deadlines = { implicit: 0, pageLoad: 30_000, script: 30_000 };

/** The first of the programs named that is on PATH, as a full path: nothing is ever downloaded for a test. */
function program(...names) {
  for (const name of names) {
    const folder = process.env.PATH.split(':').find((entry) => existsSync(join(entry, name)));
    if (folder) return join(folder, name);
  }
  throw new Error(`none of these programs is on PATH: ${names.join(', ')}`);
}

/** Starts a program and waits for `ready`; stopped by the function that it resolves to. */
async function running(command, args, options, ready) {
  const child = spawn(command, args, options);
  const closed = new Promise((resolve) => child.once('close', resolve));
  const failed = new Promise((_, reject) => child.once('error', reject));
  const value = await Promise.race([ready(child), failed, closed.then((code) => Promise.reject(new Error(`${command} ended (${code})`)))]);
  return {
    value,
    async stop() {
      child.kill();
      await closed;
    },
  };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A screen of its own, since this engine has no headless mode. */
const screen = ({ width, height }) =>
  running('Xvfb', ['-displayfd', '3', '-nolisten', 'tcp', '-screen', '0', `${width + 100}x${height + 200}x24`], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] }, (child) =>
    new Promise((resolve) => child.stdio[3].once('data', (number) => resolve(`:${String(number).trim()}`))),
  );

const engines = {
  chromium: {
    capabilities: new Set(['cdp', 'log']),
    start({ width, height }, profile) {
      const options = new chrome.Options();
      options.setBinaryPath(program('chromium', 'google-chrome', 'Google Chrome'));
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
  firefox: {
    capabilities: new Set(),
    start({ width, height }) {
      const options = new firefox.Options();
      options.setBinary(program('firefox-esr', 'firefox'));
      // The size is that of the window; its own head takes about 90 pixels of it.
      options.addArguments('-headless', `--width=${width}`, `--height=${height + 90}`);
      return firefox.Driver.createSession(options, new firefox.ServiceBuilder(program('geckodriver')).build());
    },
  },
  webkit: {
    capabilities: new Set(),
    async start(size) {
      const { value: display, stop: stopScreen } = await screen(size);
      const port = await freePort();
      const env = { ...process.env, DISPLAY: display, GDK_BACKEND: 'x11' };
      const { stop: stopDriver } = await running(program('WebKitWebDriver'), [`--port=${port}`, '--host=127.0.0.1'], { env, stdio: 'ignore' }, async () => {
        for (;;) {
          const answer = await fetch(`http://127.0.0.1:${port}/status`).catch(() => null);
          if (answer?.ok) return;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      });
      const folders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/libexec'];
      const binary = folders.map((folder) => join(folder, 'webkit2gtk-4.1', 'MiniBrowser')).find(existsSync);
      if (!binary) throw new Error(`no webkit2gtk-4.1/MiniBrowser in ${folders.join(', ')}`);
      const capabilities = new Capabilities({ browserName: 'MiniBrowser', 'webkitgtk:browserOptions': { binary, args: ['--automation'] } });
      const driver = await new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(capabilities).build();
      await driver.manage().window().setRect({ x: 0, y: 0, width: size.width, height: size.height + 90 });
      const { quit } = driver;
      driver.quit = async () => {
        await quit.call(driver).catch(() => {});
        await stopDriver();
        await stopScreen();
      };
      return driver;
    },
  },
};

export const engine = process.env.ENGINE ?? 'chromium';
if (!engines[engine]) throw new Error(`ENGINE=${engine}: known are ${Object.keys(engines).join(', ')}`);

/**
 * Whether the engine under test can do this: `cdp` (Chromium's DevTools protocol), `log` (its console can be read). Without the first a page
 * cannot be hidden or frozen, nor the network taken away: WebDriver has no words for it.
 */
export const can = (capability) => engines[engine].capabilities.has(capability);

const navigations = new Set([Name.GET, Name.REFRESH, Name.GO_BACK, Name.GO_FORWARD]);

/** Makes a navigation last until the page is loaded, as WebDriver has it: on a busy machine ChromeDriver may answer one before there is a body. */
function awaitsPages(driver) {
  const { execute } = driver;
  driver.execute = async (command) => {
    const answer = await execute.call(driver, command);
    // Asked again and again, since a listener would be one more than the page's own.
    if (navigations.has(command.getName()))
      await driver.wait(() => driver.executeScript("return document.readyState === 'complete'"), deadlines.pageLoad, 'the page is loaded', 20);
    return answer;
  };
}

/** Starts a browser with a profile of its own: `{driver, close}`. */
async function open({ width = 1280, height = 1000 } = {}) {
  const profile = mkdtempSync(join(tmpdir(), 'sendapi-pairing-e2e-'));
  const driver = await engines[engine].start({ width, height }, profile);
  await driver.manage().setTimeouts(deadlines);
  awaitsPages(driver);
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

/** What tests do to be refused, by test. */
const provoked = new WeakMap();

/** Says that `t` makes the page's policy refuse this; at least one report of it must then be there at its end, and none of anything else. */
export const provokes = (t, report) => provoked.set(t, report);

/** Whatever a test did, the policy of the page it ended on was kept. (Some browsers ask for a site's icon by themselves, which a policy may refuse them.) */
async function policyKept(t, driver) {
  const recorded = await driver.executeScript('return window.violations ? window.violations.splice(0) : location.pathname');
  // A page of ours that records nothing would pass whatever it did.
  if (!Array.isArray(recorded)) return assert.doesNotMatch(recorded, /^\/test\/.*\.html$/, 'this page lacks violations.js');
  const [wanted, reports] = [provoked.get(t), recorded.filter((line) => !line.endsWith('/favicon.ico'))];
  assert.deepEqual(reports.filter((line) => !wanted?.test(line)), []);
  if (wanted) assert.ok(reports.length > 0, `nothing was refused that is like ${wanted}`);
}

/**
 * One browser for all tests of a file, handed to `use` before the first of them. Each test has its own origin, so nothing is shared. After each,
 * the policy of its page must have been kept.
 */
export function shareBrowser(use, options) {
  let browser;
  before(async () => {
    browser = await open(options);
    use(browser.driver);
  });
  afterEach((t) => policyKept(t, browser.driver));
  after(() => browser?.close());
}

/** Sends a command of Chromium's DevTools protocol; resolves to its answer. */
export const devTools = (driver, command, params = {}) => driver.sendAndGetDevToolsCommand(command, params);

/** What the page logged as severe since the last call: failed loads, blocked scripts, uncaught errors. Nothing where it cannot be read. */
export async function severeLog(driver) {
  if (!can('log')) return [];
  const entries = await driver.manage().logs().get('browser');
  return entries.filter((entry) => entry.level.name === 'SEVERE').map((entry) => entry.message);
}

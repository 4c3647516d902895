// What a test does to the page from outside, through Chromium's DevTools protocol: the network, the clock, what runs before the page.

import { can } from './browser.js';

/** Skips `t` where the engine has no DevTools protocol; whether it did. */
export function withoutDevTools(t) {
  if (can('cdp')) return false;
  t.skip('this engine has no DevTools protocol');
  return true;
}

const send = (driver, command, params = {}) => driver.sendAndGetDevToolsCommand(command, params);

/** Cuts this page's network, or brings it back. */
export const setOffline = (driver, offline) =>
  send(driver, 'Network.emulateNetworkConditions', { offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });

/** `frozen` hides the page and stands it still, as a browser does that saves memory; `active` lets it go on, still hidden. */
export const setLifecycle = (driver, state) => send(driver, 'Page.setWebLifecycleState', { state });

/** Lets this much of the page's time pass at once. Afterwards its clock stands still: the page is good for looking at, no more. */
export async function passVirtualTime(driver, ms) {
  const before = await driver.executeScript('return performance.now()');
  await send(driver, 'Emulation.setVirtualTimePolicy', { policy: 'advance', budget: ms });
  await until(async () => (await driver.executeScript('return performance.now()')) >= before + ms, `${ms} ms of virtual time`);
}

/** Runs `source` in every document that this tab loads from now on, before its own scripts, until `t` ends. */
export async function beforeEachDocument(t, driver, source) {
  const { identifier } = await send(driver, 'Page.addScriptToEvaluateOnNewDocument', { source });
  const tab = await driver.getWindowHandle();
  t.after(async () => {
    // A tab that is gone took it along.
    if (!(await driver.getAllWindowHandles()).includes(tab)) return;
    await driver.switchTo().window(tab);
    await send(driver, 'Page.removeScriptToEvaluateOnNewDocument', { identifier });
  });
}

/** Opens another tab (or `window`) and goes there; resolves to the handle of the one before. Closed when `t` ends. */
export async function openAnother(t, driver, kind = 'tab') {
  const before = await driver.getWindowHandle();
  await driver.switchTo().newWindow(kind);
  const opened = await driver.getWindowHandle();
  t.after(async () => {
    if (!(await driver.getAllWindowHandles()).includes(opened)) return;
    await driver.switchTo().window(opened);
    await driver.close();
    await driver.switchTo().window((await driver.getAllWindowHandles())[0]);
  });
  return before;
}

/** Resolves once `condition` holds; what is outside the page has no event to wait for. */
export async function until(condition, what, deadline = 15_000) {
  const end = Date.now() + deadline;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${deadline} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

// The element on the page, by its public names only: tag, attributes, properties, events, parts.

import { By } from 'selenium-webdriver';

const tag = 'sendapi-pairing';

/**
 * Resolves once the reflected `phase` is one of these: at once, or on the change that makes it so; a deadline ends a wait in vain, and says
 * how things stood, of a trap also where it was.
 */
export async function reached(driver, ...phases) {
  const outcome = await driver.executeAsyncScript(
    function (tag, phases, deadline, done) {
      const element = document.querySelector(tag);
      if (!element) return done({ error: `no <${tag}> on the page` });
      const seen = [];
      const finish = (value) => {
        clearTimeout(timer);
        observer.disconnect();
        done(value);
      };
      const look = () => {
        const phase = element.getAttribute('phase');
        if (seen.at(-1) !== phase) seen.push(phase);
        if (phases.includes(phase)) finish({ phase });
      };
      const observer = new MutationObserver(look);
      const trap = () => Promise.race([element.ready?.then(() => '', ({ cause }) => `${cause} ${cause?.stack}`), Promise.resolve().then(() => '')]);
      const why = () => JSON.stringify({ error: element.error, at: Math.round(performance.now()), stood: window.stood });
      const timer = setTimeout(async () => finish({ error: `saw ${seen.join(', ')}; waited for ${phases.join(' or ')}; ${why()} ${await trap()}` }), deadline);
      observer.observe(element, { attributeFilter: ['phase'] });
      look();
    },
    tag,
    phases,
    25_000,
  );
  if (outcome.error) throw new Error(outcome.error);
  return outcome.phase;
}

/** Resolves once an event of this type has come whose detail agrees with every key of `wanted`. Start waiting before you cause it. */
export function happened(driver, type, wanted = {}) {
  return driver.executeAsyncScript(
    function (tag, type, wanted, done) {
      const element = document.querySelector(tag);
      element.addEventListener(type, function heard(event) {
        if (Object.entries(wanted).some(([key, value]) => event.detail?.[key] !== value)) return;
        element.removeEventListener(type, heard);
        done(event.detail ?? {});
      });
    },
    tag,
    type,
    wanted,
  );
}

/**
 * Runs `script`, in which `element` is the element, and answers what it resolves to. `until(holds)` in it waits for what no event tells;
 * a deadline before the driver's own ends a wait in vain, and says how things stood.
 */
export async function inPage(driver, script, ...given) {
  const outcome = await driver.executeAsyncScript(
    `const given = [...arguments]; const done = given.pop(); const element = document.querySelector('sendapi-pairing');
     const trap = () => Promise.race([element?.ready?.then(() => '', ({ cause }) => cause + ' ' + cause?.stack), Promise.resolve().then(() => '')]);
     const stands = () => [element?.phase, element?.error, document.hidden, performance.now(), performance.getEntriesByType('resource').map(({ name, responseEnd }) => name.replace(/.*\\//, '') + ' ' + responseEnd)];
     setTimeout(async () => done({ error: 'waits in vain: ' + JSON.stringify(stands()) + (await trap()) }), 27_000);
     const until = async (holds) => { while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20)); };
     (async () => { ${script} })().then((value) => done({ value }), (error) => done({ error: String(error) + (error.stack ?? '') }));`,
    ...given,
  );
  if (outcome.error) throw new Error(outcome.error);
  return outcome.value;
}

export const find = (driver) => driver.findElement(By.css(tag));

export const property = (driver, name) =>
  driver.executeScript('return document.querySelector(arguments[0])[arguments[1]]', tag, name);

export const attribute = (driver, name) =>
  driver.executeScript('return document.querySelector(arguments[0]).getAttribute(arguments[1])', tag, name);

/** The visible part of this name in the element's shadow tree, or null. */
export async function part(driver, name) {
  const root = await (await find(driver)).getShadowRoot();
  for (const candidate of await root.findElements(By.css(`[part~="${name}"]`))) {
    if (await candidate.isDisplayed()) return candidate;
  }
  return null;
}

/** The element's words as a person sees them. */
export const visibleText = (driver) =>
  driver.executeScript(
    function (tag) {
      const words = [];
      const walk = (node) => {
        if (node.nodeType === Node.TEXT_NODE) return words.push(node.data);
        if (node.nodeType === Node.ELEMENT_NODE) {
          // A slot has no box of its own, and so is never visible; what is in it may be.
          const { display } = getComputedStyle(node);
          if (display !== 'contents' && !node.checkVisibility({ visibilityProperty: true })) return;
        }
        if (node.localName === 'style' || node.localName === 'script') return;
        for (const child of (node.shadowRoot ?? node).childNodes) walk(child);
      };
      walk(document.querySelector(tag));
      return words.join(' ').replace(/\s+/g, ' ').trim();
    },
    tag,
  );

/** Clicks the visible part of this name. */
export async function click(driver, name) {
  const target = await part(driver, name);
  if (!target) throw new Error(`no visible part "${name}"`);
  await target.click();
}

/** The digits that a text holds, for comparing phone numbers however they are grouped. */
export const digits = (text) => text.replace(/\D/g, '');

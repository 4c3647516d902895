// What can be played, by name: every phase, and every story of the sandbox. Each scene runs on a sandbox of its own.

import { sandboxTransport, scenarios } from "../sendapi-pairing/sandbox.js";

/** Stories that the sandbox plays by itself. `manual` is the plain case, and under "phases" here. */
export const faults = scenarios.filter((name) => name !== "manual");

/** A sandbox whose answers can be held back, and changed on their way. */
function stageOver(element, options) {
  const sandbox = sandboxTransport({ latency: 120, ...options });
  const held = new Set();
  const stage = { element, sandbox, held, alter: (value) => value };
  const route = (name) => async (subject, context) => {
    if (held.has(name)) await new Promise((_, reject) => context.signal.addEventListener("abort", () => reject(context.signal.reason)));
    return stage.alter(await sandbox[name](subject, context));
  };
  element.transport = { create: route("create"), get: route("get"), qr: route("qr"), remove: route("remove"), list: route("list") };
  return stage;
}

/** Resolves once the element is in this phase. */
function reached(element, phase) {
  return new Promise((resolve) => {
    const look = () => {
      if (element.phase !== phase || !element.hasAttribute("phase")) return;
      element.removeEventListener("sendapi-phase-change", later);
      resolve();
    };
    // The event comes before the attribute does.
    const later = () => queueMicrotask(look);
    element.addEventListener("sendapi-phase-change", later);
    look();
    later();
  });
}

async function connect({ element, sandbox }, phase = "connected") {
  await reached(element, "awaiting-scan");
  await sandbox.scan();
  await reached(element, phase);
}

/** By phase: attributes that it takes, which request is never answered, and how to get there. */
export const phases = {
  idle: { attributes: { trigger: "manual" } },
  checking: { attributes: { "session-id": "1001" }, hold: "get" },
  creating: { hold: "create" },
  "awaiting-scan": {},
  refreshing: {
    async play({ element, held }) {
      await reached(element, "awaiting-scan");
      held.add("qr");
      await element.refresh();
    },
  },
  expired: {
    attributes: { "max-refreshes": "0" },
    async play({ element }) {
      await reached(element, "awaiting-scan");
      // Ten minutes with the lid shut: the wall clock jumps, which counts as sleep.
      const now = Date.now;
      Date.now = () => now() + 600_000;
      await reached(element, "expired");
      Date.now = now;
    },
  },
  connected: { play: (stage) => connect(stage) },
  "wrong-number": { attributes: { "expected-phone": "+14155550100", "allow-unlink": "" }, play: (stage) => connect(stage, "wrong-number") },
  reconnecting: {
    async play(stage) {
      await connect(stage);
      await stage.sandbox.disconnect();
    },
  },
  failed: {
    async play({ element, sandbox }) {
      await reached(element, "awaiting-scan");
      await sandbox.fail();
    },
  },
  "action-required": {
    async play(stage) {
      await reached(stage.element, "awaiting-scan");
      stage.alter = (value) => ({ ...value, status: "puzzled" });
    },
  },
  unlinking: {
    attributes: { "allow-unlink": "" },
    async play(stage) {
      await connect(stage);
      await stage.element.unlink();
    },
  },
  unlinked: {
    attributes: { "allow-unlink": "" },
    async play(stage) {
      await connect(stage);
      await stage.element.unlink();
      stage.element.shadowRoot.querySelector('[part~="unlink-button"]').click();
    },
  },
  error: { options: { scenario: "quota-exceeded" } },
};

/**
 * Begins a scene on an element that is not yet in the page.
 * @param {HTMLElement} element
 * @param {string} name a phase or a story
 */
export function begin(element, name) {
  const { attributes = {}, options = { scenario: name }, hold, play = () => {} } = phases[name] ? { options: {}, ...phases[name] } : {};
  const usual = { trigger: "load", persist: "none", "poll-interval": "1", "watch-interval": "1" };
  for (const [key, value] of Object.entries({ ...usual, ...attributes })) element.setAttribute(key, value);
  const stage = stageOver(element, options);
  if (hold) stage.held.add(hold);
  return { sandbox: stage.sandbox, attributes, run: () => element.ready.then(() => play(stage)) };
}

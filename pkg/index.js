// The module `sendapi-pairing`: the element's class and the headless API. Importing it defines nothing and loads no wasm.

import { checkSignal } from "./client.js";
import { loadWhole } from "./loader.js";

export { SendApiClient } from "./client.js";
export { PairingController } from "./controller.js";
export { SendApiPairingElement } from "./element.js";
export { init } from "./loader.js";

/**
 * Puts an element into `target`.
 * @param {Element} target
 * @param {{ signal?: AbortSignal }} options the element's properties, and `signal` to take it away again
 */
export async function mount(target, options) {
  if (!(target instanceof Element)) throw new TypeError("`target` must be an element");
  if (options === null || typeof options !== "object") throw new TypeError("`options` must be an object");
  const { signal, ...properties } = options;
  checkSignal(signal);
  signal?.throwIfAborted();
  await import("./define.js");
  signal?.throwIfAborted();
  const element = /** @type {any} */ (document.createElement("sendapi-pairing"));
  Object.assign(element, properties);
  target.append(element);
  signal?.addEventListener("abort", () => element.remove(), { once: true });
  await element.ready.catch((error) => {
    element.remove();
    throw error;
  });
  return { element, unmount: () => element.remove() };
}

/** @param {"qrToPath" | "qrToSvg"} how @param {string} code */
async function drawn(how, code) {
  if (typeof code !== "string") throw new TypeError("`code` must be a string");
  const wasm = await loadWhole();
  return wasm.outcome(wasm[how](code));
}

/** `{size, d}`: the side of a square view box, quiet zone included, and the path of the dark modules. */
export function qrToPath(code) {
  return drawn("qrToPath", code);
}

/** A whole SVG document. */
export function qrToSvg(code) {
  return drawn("qrToSvg", code);
}

/** An `<svg>` element of `document`, on its light plate. */
export async function qrToElement(code, document) {
  const { size, d } = await qrToPath(code);
  const make = (tag, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const svg = make("svg", { viewBox: `0 0 ${size} ${size}`, role: "img", "shape-rendering": "crispEdges" });
  svg.append(make("rect", { width: size, height: size, fill: "#fff" }), make("path", { d, fill: "#000" }));
  return svg;
}

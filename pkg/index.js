// The module `sendapi-pairing`: the element's class and the headless API. Importing it defines nothing and loads no wasm.

import { checkSignal, signalOf, until } from "./client.js";
import { SendApiPairingElement } from "./element.js";
import { init, loadWhole } from "./loader.js";

export { SendApiClient } from "./client.js";
export { PairingController } from "./controller.js";
export { SendApiPairingElement } from "./element.js";
export { initFrom as init };

const isPlace = (value) => typeof value === "string" || value instanceof URL || value instanceof ArrayBuffer || ArrayBuffer.isView(value);

/**
 * Loads the wasm now.
 * @param {{ wasmUrl?: string | URL | BufferSource, readerUrl?: string | URL | BufferSource, signal?: AbortSignal }} [options] as the loader
 * takes them, and `signal` to wait no longer
 */
async function initFrom(options = {}) {
  const signal = signalOf(options);
  for (const name of ["wasmUrl", "readerUrl"]) {
    const place = options[name] ?? "";
    if (!isPlace(place)) throw new TypeError(`\`${name}\` must be a string, a URL, or the bytes`);
  }
  await until(signal, init(options));
}

/**
 * Puts an element into `target`.
 * @param {Element} target
 * @param {{ signal?: AbortSignal }} options the element's properties, its `lang` and `dir`, and `signal` to take it away again
 */
export async function mount(target, options) {
  // Of whatever window: a frame's element is one, too.
  if (target?.nodeType !== 1) throw new TypeError("`target` must be an element");
  const signal = signalOf(options);
  await until(signal, import("./define.js"));
  if (!target.isConnected) throw new TypeError("`target` must be in a document");
  const element = /** @type {any} */ (document.createElement("sendapi-pairing"));
  const own = Object.keys(SendApiPairingElement.prototype);
  // By name, since what a class gives, or a getter, is not among an object's own.
  for (const name of new Set([...own, "lang", "dir", ...Object.keys(options)])) {
    const value = options[name];
    // `lang` and `dir` would take these for words.
    if (name === "signal" || value === undefined || value === null) continue;
    if (!(name in element)) throw new TypeError(`\`${name}\` is no property of the element`);
    element[name] = value;
    // What a property does not take is not there afterwards; what is empty or false is none. The error does not repeat it: it may be a key.
    const kept = element[name];
    const none = value === "" || value === false;
    if (own.includes(name) && !none && kept !== value && typeof kept !== "boolean" && typeof kept !== "number" && String(kept) !== String(value)) {
      throw new TypeError(`\`${name}\` takes no such value`);
    }
  }
  // A signal may live as long as the page. No function here may use `element`: those of one scope keep all that any of them uses.
  const held = new WeakRef(element);
  const unmount = () => {
    signal?.removeEventListener("abort", unmount);
    held.deref()?.remove();
  };
  signal?.addEventListener("abort", unmount);
  target.append(element);
  try {
    await until(signal, element.ready);
  } catch (error) {
    unmount();
    throw error;
  }
  return { element, unmount };
}

/** @param {"qrToPath" | "qrToSvg"} how @param {string} code @param {{ signal?: AbortSignal }} [options] */
async function drawn(how, code, options = {}) {
  if (typeof code !== "string") throw new TypeError("`code` must be a string");
  const drawing = async () => {
    const wasm = await loadWhole();
    return wasm.outcome(wasm[how](code));
  };
  return until(signalOf(options), drawing());
}

/** `{size, d}`: the side of a square view box, quiet zone included, and the path of the dark modules. */
export function qrToPath(code, options) {
  return drawn("qrToPath", code, options);
}

/** A whole SVG document. */
export function qrToSvg(code, options) {
  return drawn("qrToSvg", code, options);
}

/** An `<svg>` element of `document`, on its light plate. */
export async function qrToElement(code, document, options) {
  if (typeof document?.createElementNS !== "function") throw new TypeError("`document` must be a document");
  const { size, d } = await qrToPath(code, options);
  const make = (tag, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const svg = make("svg", { viewBox: `0 0 ${size} ${size}`, role: "img", "shape-rendering": "crispEdges" });
  svg.append(make("rect", { width: size, height: size, fill: "#fff" }), make("path", { d, fill: "#000" }));
  return svg;
}

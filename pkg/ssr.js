// The tag and its skeleton as text, for servers: needs no DOM and no wasm.

import { FLAG_ATTRIBUTES, NUMBER_ATTRIBUTES, SECRET_KEY, TEXT_ATTRIBUTES } from "./constants.js";
import { skeleton as drawn } from "./skeleton.js";
import css from "./wasm/style.js";

/** @param {unknown} text */
const escaped = (text) => String(text).replace(/[&<>"'`]/g, (found) => `&#${found.charCodeAt(0)};`);

/** @param {Record<string, unknown>} attributes */
const written = (attributes) =>
  Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escaped(value)}"`)
    .join("");

/** @param {string} tag @param {Record<string, unknown>} attributes @param {unknown[]} children elements that are written already */
const element = (tag, attributes, ...children) => new String(`<${tag}${written(attributes)}>${children.map((child) => (child instanceof String ? child : escaped(child))).join("")}</${tag}>`);

/** @param {unknown} options */
function checkOptions(options) {
  if (options === null || typeof options !== "object") throw new TypeError("`options` must be an object");
}

/**
 * What goes inside the tag: a declarative shadow root with the box as it is while nothing is known.
 * @param {Record<string, any>} [options] those of the element that are seen; `site`: who asks, where the host's name is not it;
 *   `stylesheet`: the URL of this package's `style.css`, for pages whose policy forbids `<style>`; `nonce`: for those that allow it by nonce
 */
export function skeleton(options = {}) {
  checkOptions(options);
  const { stylesheet, nonce, ...seen } = options;
  const style =
    stylesheet === undefined
      ? `<style${nonce === undefined ? "" : written({ nonce })}>${css}</style>`
      : `<link rel="stylesheet"${written({ href: stylesheet })}>`;
  return `<template shadowrootmode="open">${style}${drawn(seen, element)}</template>`;
}

/**
 * The whole tag with its skeleton.
 * @param {Record<string, unknown>} options the element's attributes under their properties' names, `lang`, `dir`, and those of `skeleton`
 */
export function render(options) {
  checkOptions(options);
  /** @type {Record<string, unknown>} */
  const attributes = {};
  for (const [attribute, name] of Object.entries({ ...TEXT_ATTRIBUTES, ...NUMBER_ATTRIBUTES, lang: "lang", dir: "dir" })) {
    const value = options[name];
    if (value === undefined || value === null) continue;
    if (SECRET_KEY.test(String(value))) throw new TypeError(`\`${name}\` holds a secret key, which must never reach a browser`);
    attributes[attribute] = value;
  }
  for (const [attribute, name] of Object.entries(FLAG_ATTRIBUTES)) if (options[name]) attributes[attribute] = "";
  return `<sendapi-pairing${written(attributes)}>${skeleton(options)}</sendapi-pairing>`;
}

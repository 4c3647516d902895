// The tag and its skeleton as text, for servers: needs no DOM and no wasm.

import { FLAG_ATTRIBUTES, NUMBER_ATTRIBUTES, SECRET_KEY, TEXT_ATTRIBUTES } from "./constants.js";
import css from "./wasm/style.js";

/** @param {unknown} text */
const escaped = (text) => String(text).replace(/[&<>"'`]/g, (found) => `&#${found.charCodeAt(0)};`);

/** @param {Record<string, unknown>} attributes */
const written = (attributes) =>
  Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escaped(value)}"`)
    .join("");

/**
 * What goes inside the tag: a declarative shadow root with the box as it is while nothing is known.
 * @param {{ sessionName?: string | null, theme?: string | null, layout?: string | null, stylesheet?: string, nonce?: string }} [options]
 *   `stylesheet`: the URL of this package's `style.css`, for pages whose policy forbids `<style>`; `nonce`: for those that allow it by nonce
 */
export function skeleton({ sessionName, theme, layout, stylesheet, nonce } = {}) {
  const style =
    stylesheet === undefined
      ? `<style${nonce === undefined ? "" : written({ nonce })}>${css}</style>`
      : `<link rel="stylesheet"${written({ href: stylesheet })}>`;
  // The same nodes as skeleton.js makes; a test holds one against the other.
  const base = written({
    class: "base",
    part: "base",
    "data-phase": "idle",
    "data-theme": theme ?? "",
    "data-layout": layout ?? "",
    "aria-busy": "true",
  });
  const lines = ["short", "", "", "short"].map((kind) => `<div class="line ${kind}"></div>`).join("");
  return (
    `<template shadowrootmode="open">${style}<div${base}>` +
    `<header class="header" part="header"><slot name="heading"><h2>Link WhatsApp</h2></slot>` +
    `<p class="name" dir="auto">${escaped(sessionName ?? "")}</p><p class="asks">\u00a0</p></header>` +
    `<div class="body"><div class="plate" part="qr-frame" data-kind="waiting"></div><div class="panel">${lines}</div></div>` +
    `<div class="footer"><slot name="footer"><p>\u00a0</p></slot></div>` +
    `</div></template>`
  );
}

/**
 * The whole tag with its skeleton.
 * @param {Record<string, unknown>} options the element's attributes under their properties' names, and those of `skeleton`
 */
export function render(options) {
  if (options === null || typeof options !== "object") throw new TypeError("`options` must be an object");
  /** @type {Record<string, unknown>} */
  const attributes = {};
  for (const [attribute, name] of Object.entries({ ...TEXT_ATTRIBUTES, ...NUMBER_ATTRIBUTES })) {
    const value = options[name];
    if (value === undefined || value === null) continue;
    if (SECRET_KEY.test(String(value))) throw new TypeError(`\`${name}\` holds a secret key, which must never reach a browser`);
    attributes[attribute] = value;
  }
  for (const [attribute, name] of Object.entries(FLAG_ATTRIBUTES)) if (options[name]) attributes[attribute] = "";
  return `<sendapi-pairing${written(attributes)}>${skeleton(options)}</sendapi-pairing>`;
}

// The properties that mirror attributes, as HTML's own elements have them.

import { ALLOWED, FLAG_ATTRIBUTES, NUMBER_ATTRIBUTES, TEXT_ATTRIBUTES } from "./constants.js";

/** The property of each attribute. @type {Record<string, string>} */
export const PROPERTIES = { ...TEXT_ATTRIBUTES, ...NUMBER_ATTRIBUTES, ...FLAG_ATTRIBUTES };

/**
 * @param {object} prototype
 * @param {string} name
 * @param {(element: any) => unknown} read
 * @param {(element: any, value: any) => void} write
 */
export function define(prototype, name, read, write) {
  Object.defineProperty(prototype, name, {
    get() {
      return read(this);
    },
    set(value) {
      write(this, value);
    },
    configurable: true,
    enumerable: true,
  });
}

/** @param {object} prototype */
export function defineAttributes(prototype) {
  const text = (element, attribute, value) => {
    if (value === null || value === undefined) element.removeAttribute(attribute);
    else element.setAttribute(attribute, String(value));
  };
  const each = (attributes, read, write = text) => {
    for (const [attribute, name] of Object.entries(attributes)) {
      define(
        prototype,
        name,
        (element) => read(element.getAttribute(attribute), name),
        (element, value) => write(element, attribute, value),
      );
    }
  };
  each(TEXT_ATTRIBUTES, (value, name) => (ALLOWED[name] && !ALLOWED[name].includes(value) ? null : value));
  each(NUMBER_ATTRIBUTES, (value) => {
    const number = value?.trim() ? Number(value) : -1;
    return Number.isFinite(number) && number >= 0 ? number : null;
  });
  each(
    FLAG_ATTRIBUTES,
    (value) => value !== null,
    (element, attribute, value) => element.toggleAttribute(attribute, Boolean(value)),
  );
}

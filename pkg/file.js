// Where a module's bytes come from, for those that a page may do without.

/**
 * The wasm off a disk, where nobody serves it: under a test runner in Node.
 * @param {string} url of a file
 * @returns {Promise<any>} its bytes; where there is no Node, what the page can have of it
 */
export async function read(url) {
  const node = /** @type {any} */ (globalThis).process?.getBuiltinModule?.("node:fs");
  return node ? node.readFileSync(new URL(url)) : fetch(url);
}

/**
 * What a module is made from: an answer of the network, or bytes.
 * @param {any} place a URL, or bytes already
 * @param {RequestCache} [cache] `reload` past what a browser keeps that was no module
 * @returns {Promise<any>}
 */
export async function source(place, cache) {
  const url = place.href ?? place;
  if (typeof url !== "string") return place;
  return url.startsWith("file:") ? read(url) : fetch(url, { cache });
}

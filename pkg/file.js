// The wasm off a disk, where nobody serves it: under a test runner in Node.

/**
 * @param {string} url of a file
 * @returns {Promise<any>} its bytes; where there is no Node, what the page can have of it
 */
export async function read(url) {
  const node = /** @type {any} */ (globalThis).process?.getBuiltinModule?.("node:fs");
  return node ? node.readFileSync(new URL(url)) : fetch(url);
}

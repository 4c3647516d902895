// The second module: encodes pairing texts, and reads pictures that the first one cannot verify. Fetched for the first such code.

import { source } from "./file.js";
import { own } from "./places.js";
import init, { __wbg_reset_state as reset, read as readCode } from "./wasm/sendapi_pairing_reader.js";

/** @type {Promise<unknown> | undefined} */
let loading;

/** As the browser is used to; past its cache once an attempt has failed. @type {RequestCache} */
let cache = "default";

async function start(place) {
  const from = place ?? own(new URL("./wasm/sendapi_pairing_reader_bg.wasm", import.meta.url));
  await init({ module_or_path: await source(from, cache) });
}

/**
 * The modules of what `code` shows (how many per side, then the bits), or undefined. Rejects where the module cannot be had; a failed
 * attempt is forgotten.
 * @param {string} code
 * @param {string | URL | BufferSource | undefined} place where its `.wasm` file is, if not beside this module
 */
export async function read(code, place) {
  loading ??= start(place).catch((reason) => {
    loading = undefined;
    cache = "reload";
    throw reason;
  });
  await loading;
  try {
    return readCode(code);
  } catch {
    // It has no other way to fail than a trap, after which its memory means nothing: this picture was too much, the next starts afresh.
    reset();
    return undefined;
  }
}

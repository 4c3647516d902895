// Brings the wasm in: lazily, once per page, from a place that can be chosen.

import { sendApiError } from "./errors.js";

/** @type {Promise<typeof import("./wasm/sendapi_pairing.js")> | undefined} */
let loading;
/** @type {string | URL | undefined} */
let place;

/**
 * Loads the wasm. Optional: everything that needs it awaits it.
 * @param {{ wasmUrl?: string | URL }} [options] where the `.wasm` file is, if not beside this module
 */
export async function init(options = {}) {
  if (options.wasmUrl !== undefined) place = options.wasmUrl;
  await load();
}

/** The module, ready to be called. A failed attempt is forgotten, so that the next one can succeed. */
export function load() {
  loading ??= start().catch((reason) => {
    loading = undefined;
    throw reason;
  });
  return loading;
}

async function start() {
  const module = await import("./wasm/sendapi_pairing.js").catch((cause) => {
    throw sendApiError("wasm_blocked", "The widget's module could not be loaded.", cause);
  });
  try {
    // Written out here, not left to the generated code, because bundlers look for exactly this form.
    const url = place ?? new URL("./wasm/sendapi_pairing_bg.wasm", import.meta.url);
    await module.default({ module_or_path: url });
  } catch (cause) {
    throw sendApiError(
      "wasm_blocked",
      "The widget's WebAssembly could not be loaded or was blocked: allow 'wasm-unsafe-eval' in script-src and serve the .wasm file.",
      cause,
    );
  }
  return module;
}

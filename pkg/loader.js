// Brings the wasm in: lazily, once per page, from a place that can be chosen. After a trap nothing in that instance can be trusted any
// more, so its generation ends here, for all who use it, and the next to ask gets a fresh one.

import { sendApiError } from "./errors.js";
import generation from "./wasm/sendapi_pairing.js";

/** @typedef {typeof import("./wasm/sendapi_pairing.js") & Life} Wasm */
/**
 * @typedef {object} Life
 * @property {(user: (failure: Error) => void) => void} join tells `user` of the generation's end; throws where it has come already
 * @property {(user: (failure: Error) => void) => void} leave
 * @property {<T>(promise: Promise<T>) => Promise<T>} outcome the same promise, rejected by the generation's end
 */

/** @type {Promise<Wasm> | undefined} */
let loading;
/** @type {string | URL | BufferSource | undefined} */
let place;
/** @type {string | URL | BufferSource | undefined} */
let readerPlace;

/**
 * Loads the wasm. Optional: everything that needs it awaits it.
 * @param {{ wasmUrl?: string | URL | BufferSource, readerUrl?: string | URL | BufferSource }} [options] where the `.wasm` files are, if
 * not beside this module, or their bytes: of the one that everything needs, and of the one for codes that this one leaves over
 */
export async function init(options = {}) {
  if (options.wasmUrl !== undefined) place = options.wasmUrl;
  if (options.readerUrl !== undefined) readerPlace = options.readerUrl;
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
  /** Timers, listeners and the like of this instance, each with its end: after a trap nobody else can end them. */
  const kept = new Map();
  const users = new Set();
  let failure;

  function end(cause) {
    if (failure) return;
    failure = sendApiError("internal", "The widget stopped because of a fault of its own.", cause);
    loading = undefined;
    for (const undo of kept.values()) undo();
    for (const user of users) queueMicrotask(() => user(failure));
    users.clear();
  }

  const wasm = /** @type {any} */ (generation)({
    keep: (key, undo) => (failure ? undo() : kept.set(key, undo)),
    drop: (key) => kept.delete(key),
    // Whatever leaves a call by an exception, a trap or not, has skipped destructors on its way.
    guard: (exports) =>
      Object.fromEntries(
        Object.entries(exports).map(([name, value]) => [
          name,
          typeof value === "function"
            ? (...given) => {
                // Late answers and timers of an instance that is no more; where something is expected, this holds nothing.
                if (failure) return [];
                try {
                  return value(...given);
                } catch (cause) {
                  end(cause);
                  throw failure;
                }
              }
            : value,
        ]),
      ),
  });
  try {
    // Written out here, not left to the generated code, because bundlers look for exactly this form.
    const url = place ?? new URL("./wasm/sendapi_pairing_bg.wasm", import.meta.url);
    await wasm.init({ module_or_path: url });
  } catch (cause) {
    throw sendApiError(
      "wasm_blocked",
      "The widget's WebAssembly could not be loaded or was blocked: allow 'wasm-unsafe-eval' in script-src and serve the .wasm file.",
      cause,
    );
  }
  wasm.setReader(async (code) => (await import("./reader.js")).read(code, readerPlace));
  wasm.join = (user) => {
    if (failure) throw failure;
    users.add(user);
  };
  wasm.leave = (user) => users.delete(user);
  wasm.outcome = (promise) =>
    new Promise((resolve, reject) => {
      wasm.join(reject);
      promise.then(resolve, reject).finally(() => wasm.leave(reject));
    });
  return wasm;
}

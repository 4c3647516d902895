// Brings the wasm in: lazily, once per page, from a place that can be chosen. After a trap nothing in that instance can be trusted any
// more, so its generation ends here, for all who use it, and the next to ask gets a fresh one.
//
// Published, the module comes in two parts (scripts/split-module.mjs): the first is what the straight way to a first code needs, the rest
// follows it. Whatever comes in from outside that may lead off that way (an event, a timer, an error, an answer that is no success) waits
// until both are there. What cannot be foreseen, such as an answer of a strange shape, finds the rest missing within a call: it is
// fetched there and then, while the page stands still for it.

import { sendApiError } from "./errors.js";
import * as places from "./places.js";
import generation from "./wasm/sendapi_pairing.js";

/** @typedef {typeof import("./wasm/sendapi_pairing.js") & Life} Wasm */
/**
 * @typedef {object} Life
 * @property {(user: (failure: Error) => void) => void} join tells `user` of the generation's end; throws where it has come already
 * @property {(user: (failure: Error) => void) => void} leave
 * @property {<T>(promise: Promise<T>) => Promise<T>} outcome the same promise, rejected by the generation's end
 * @property {() => void} stray lets nothing in any more before the rest of the module is there
 * @property {() => Promise<void>} whole resolves once the rest of the module is there as well; rejects with the generation's end
 */

/** Milliseconds: the pauses between attempts at the rest of the module double from a second to this one. */
const LAST_PAUSE = 8000;

/** @type {Promise<Wasm> | undefined} */
let loading;
/** @type {string | URL | BufferSource | undefined} */
let place;
/** @type {string | URL | BufferSource | undefined} */
let readerPlace;
/** Whether the module is to be had in one piece alone: a generation ended for want of its rest, or could not be put together. */
let undivided = false;
/**
 * How our own files are fetched: after a failure past what the browser keeps, which may be what failed (a proxy's page under a file's name
 * would be found there each time).
 * @type {RequestCache}
 */
let cache = "default";

/** What may lead off the straight way to a first code. */
const astray = (value) => value instanceof Event || value instanceof Error || value?.ok === false;

const blocked = (cause) =>
  sendApiError(
    "wasm_blocked",
    "No WebAssembly: serve the .wasm files, allow 'wasm-unsafe-eval'.",
    cause,
  );

/**
 * Loads the wasm. Optional: everything that needs it awaits it.
 * @param {{ wasmUrl?: string | URL | BufferSource, readerUrl?: string | URL | BufferSource }} [options] where the `.wasm` files are, if
 * not beside this module, or their bytes: of the one that everything needs, and of the one for codes that this one leaves over
 */
export async function init(options = {}) {
  place = options.wasmUrl ?? place;
  readerPlace = options.readerUrl ?? readerPlace;
  await loadWhole();
}

/** The module with all its parts, for those who call it in any order. */
export async function loadWhole() {
  const wasm = await load();
  await wasm.whole();
  return wasm;
}

/**
 * `getToken`, asked at once, so that its request is under way while the wasm's is: whoever asks first is given what that brings.
 * @param {any} getToken
 */
export function askAhead(getToken) {
  if (typeof getToken !== "function") return undefined;
  /** @type {Promise<unknown> | undefined} */
  let early = (async () => getToken())();
  // Seen by whoever asks; where nobody does, it is no fault.
  early.catch(() => {});
  return () => {
    const token = early ?? getToken();
    early = undefined;
    return token;
  };
}

/** The module, ready to be called. A failed attempt is forgotten, so that the next one can succeed. */
export function load() {
  return (loading ??= start().catch((reason) => {
    loading = undefined;
    throw reason;
  }));
}

/** The module's bytes, or a promise of them. @returns {any} */
function source() {
  const from = /** @type {any} */ (place ?? (undivided ? places.whole : places.first)());
  const url = from.href ?? from;
  if (typeof url !== "string") return from;
  if (url.startsWith("file:")) return import("./file.js").then(({ read }) => read(place ? url : places.whole()));
  return fetch(url, { cache });
}

async function start() {
  /** Timers, listeners and the like of this instance, each with its end: after a trap nobody else can end them. */
  const kept = new Map();
  const users = new Set();
  let failure;
  /** What the parts of the module share: what they import, and what the first exports. @type {any} */
  let shared;
  /** Whether there is a rest; its functions, once it is there. */
  let parted = false;
  /** @type {any} */
  let rest;
  let strayed = false;
  /** @type {Promise<void> | undefined} */
  let completing;
  /** While the page stands still within a call: settled after that call. @type {Promise<void> | undefined} */
  let standing;

  function end(cause) {
    if (failure) return;
    failure = cause?.httpStatus === null ? cause : sendApiError("internal", "The widget failed.", cause);
    loading = undefined;
    for (const undo of kept.values()) undo();
    for (const user of users) queueMicrotask(() => user(failure));
    users.clear();
  }

  async function complete() {
    for (let pause = 1000; !rest; pause *= 2) {
      // One that never ends is as good as failed: everything waits for it. Not `AbortSignal.timeout`, which nobody else holds on to.
      const attempt = new AbortController();
      const deadline = setTimeout(() => attempt.abort(), 10_000);
      try {
        const response = await fetch(places.rest(), { cache, signal: attempt.signal });
        const { instance } = await WebAssembly.instantiate(await response.arrayBuffer(), shared);
        // Meanwhile a call may have fetched it there and then.
        rest ??= instance.exports;
      } catch (cause) {
        cache = "reload";
        if (pause > LAST_PAUSE && !rest) {
          undivided = true;
          end(blocked(cause));
        } else await new Promise((resolve) => setTimeout(resolve, pause));
      } finally {
        clearTimeout(deadline);
      }
      if (failure) throw failure;
    }
  }
  async function whole() {
    if (parted && !rest) await (completing ??= complete());
    await standing;
  }
  function stray() {
    strayed = true;
    // Where it cannot be had, the generation's users are told.
    whole().catch(() => {});
  }

  /** The rest within a call, which cannot wait. Some engines go on with promises meanwhile: nothing may call into the call. */
  function atOnce() {
    /** @type {any} */
    let go;
    standing = new Promise((resolve) => (go = resolve));
    try {
      const request = new XMLHttpRequest();
      request.open("GET", places.rest(), false);
      // One character for each byte, as only text can be had at once.
      request.overrideMimeType("text/plain;charset=x-user-defined");
      request.send();
      const bytes = Uint8Array.from(request.responseText, (letter) => letter.charCodeAt(0));
      return new WebAssembly.Instance(new WebAssembly.Module(bytes), shared).exports;
    } catch (cause) {
      undivided = true;
      throw blocked(cause);
    } finally {
      standing = go();
    }
  }

  const wasm = /** @type {any} */ (generation)({
    imports: (given) => {
      // What the first part imports has no name and is asked for in order.
      const inOrder = (list, make) => {
        let next = 0;
        return new Proxy(list, { get: (_, name) => (name ? list[name] : make(next++)) });
      };
      const handOn = (number) => {
        parted = true;
        return (...values) => (rest ??= atOnce())[number](...values);
      };
      const { a: list } = given;
      if (list) given.a = inOrder(list, (number) => list[number]);
      given.b = inOrder([], handOn);
      return (shared = given);
    },
    waits: (value) => {
      strayed ||= astray(value);
      if (standing) return standing;
      if (!strayed || !parted || rest) return undefined;
      const given = value?.target;
      // A shadow tree's event forgets its target once it is over, and until then each listener is to see its own.
      return whole().then(() => {
        if (given) Object.defineProperty(value, "target", { value: given });
      });
    },
    timer: (call) => () => {
      stray();
      call();
    },
    keep: (key, undo) => (failure ? undo() : kept.set(key, undo)),
    drop: (key) => kept.delete(key),
    // Whatever leaves a call by an exception, a trap or not, has skipped destructors on its way.
    guard: (exports) => {
      shared.c = exports;
      return Object.fromEntries(
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
      );
    },
  });
  const asked = place;
  try {
    await wasm.init(source());
  } catch (cause) {
    // `init` named another place meanwhile, since a tag of the page came to life before. Or something in the page stands between us and the
    // engine, and does not hand on what has no name.
    // By its name: where there is no WebAssembly, as in iOS's Lockdown Mode, there is no such class.
    if (asked !== place || (/** @type {any} */ (cause)?.name === "LinkError" && !undivided)) {
      undivided = true;
      return start();
    }
    cache = "reload";
    throw blocked(cause);
  }
  Object.assign(wasm, { whole, stray });
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

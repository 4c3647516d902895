// The five routes without a lifecycle.

import { SECRET_KEY } from "./constants.js";
import { checkObject } from "./errors.js";
import { loadWhole } from "./loader.js";

/** Milliseconds after which a request ends by itself, whatever it waits for. */
const DEADLINE = 10_000;
const CREDENTIALS = ["", "same-origin", "include", "omit"];

/** @typedef {{ signal?: AbortSignal }} RequestOptions */

/** By what it does, since it may be of another window. @param {AbortSignal | undefined} signal */
export function checkSignal(signal) {
  if (signal !== undefined && typeof signal?.throwIfAborted !== "function") throw new TypeError("`signal` must be an AbortSignal");
}

/** The signal among a call's options, which has not aborted. @param {RequestOptions} options */
export function signalOf(options) {
  checkObject("options", options);
  const { signal } = options;
  checkSignal(signal);
  signal?.throwIfAborted();
  return signal;
}

/** @param {{ credentials?: unknown, endpoint?: unknown }} options */
export function checkBackend({ credentials, endpoint }) {
  if (typeof endpoint === "string" && SECRET_KEY.test(endpoint)) throw failure("secret_key_rejected", "A secret key must never reach a browser, nor a URL.");
  if (!CREDENTIALS.includes(/** @type {string} */ (credentials ?? ""))) {
    throw new TypeError("`credentials` must be one of same-origin include omit");
  }
}

/** @param {"timeout" | "config" | "secret_key_rejected"} code @param {string} message */
const failure = (code, message) => {
  const facts = { name: "SendApiError", code, retryable: code === "timeout", httpStatus: null, requestId: null };
  return Object.assign(new Error(message), facts);
};

const tookTooLong = () => failure("timeout", "The backend took too long to answer.");

/** @param {string} what needs one */
export function checkPage(what) {
  if (!globalThis.document) throw failure("config", `${what} needs a browser's page; there is none here.`);
}

/**
 * What the promise comes to, unless the signal aborts before: then its reason.
 * @template T
 * @param {AbortSignal | undefined} signal
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
export function until(signal, promise) {
  return new Promise((resolve, reject) => {
    const end = () => reject(signal?.reason);
    if (signal?.aborted) end();
    else signal?.addEventListener("abort", end);
    promise.then(resolve, reject).finally(() => signal?.removeEventListener("abort", end));
  });
}

/**
 * What `act` comes to. It is given a signal that aborts with the caller's and at the deadline, and is not waited for beyond that: a token,
 * headers, a transport or the wasm may never come, and know nothing of a signal.
 * @template T
 * @param {AbortSignal | undefined} signal
 * @param {(signal: AbortSignal) => Promise<T>} act
 */
async function bounded(signal, act) {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const pass = () => stop.abort(signal?.reason);
  const timer = setTimeout(() => stop.abort(tookTooLong()), DEADLINE);
  signal?.addEventListener("abort", pass);
  try {
    return await until(stop.signal, act(stop.signal));
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", pass);
  }
}

/** The same transport, whose `list` hears which page it is asked for: the wasm hands on an id or a body, and a list has neither. */
const turnedTo = (page, transport) => Object.create(transport, { list: { value: (_, context) => transport.list(page, context) } });

export class SendApiClient {
  /** @type {any} */
  #options;
  /** @type {import("./loader.js").Wasm | undefined} */
  #wasm;
  /** @type {import("./wasm/sendapi_pairing.js").Client | undefined} */
  #client;

  /** @param {object} options `endpoint`, `credentials`, `getToken`, `headers` or `transport`, as of the element */
  constructor(options) {
    checkObject("options", options);
    checkBackend(options);
    this.#options = options;
  }

  /** @param {string} route @param {unknown} input @param {RequestOptions} [options] */
  async #ask(route, input, options = {}) {
    checkObject("options", options);
    checkSignal(options.signal);
    if (!this.#options.transport) checkPage("HTTP");
    return bounded(options.signal, async (signal) => {
      const wasm = await loadWhole();
      signal.throwIfAborted();
      const client = this.#clientOf(wasm);
      signal.addEventListener("abort", () => {
        // What it waits for is not waited for by the next call.
        if (this.#client === client) this.#client = undefined;
      });
      const { transport } = this.#options;
      const turned = route === "list" && transport && new wasm.Client({ transport: turnedTo(input, transport) });
      return wasm.outcome((turned || client).ask(route, input, signal));
    });
  }

  /** @param {import("./loader.js").Wasm} wasm */
  #clientOf(wasm) {
    // Another instance than before is a fresh one after a trap.
    if (!this.#client || wasm !== this.#wasm) {
      this.#client = new wasm.Client(this.#options);
      this.#wasm = wasm;
    }
    return this.#client;
  }

  /** @param {object} input @param {RequestOptions} [options] */
  async create(input, options) {
    checkObject("input", input);
    return this.#ask("create", input, options);
  }
  /** @param {string} id @param {RequestOptions} [options] */
  get(id, options) {
    return this.#ask("get", id, options);
  }
  /** @param {string} id @param {RequestOptions} [options] */
  qr(id, options) {
    return this.#ask("qr", id, options);
  }
  /** @param {string} id @param {RequestOptions} [options] */
  delete(id, options) {
    return this.#ask("delete", id, options);
  }
  /** @param {{ page?: number, perPage?: number } & RequestOptions} [options] */
  async list(options = {}) {
    checkObject("options", options);
    const { page, perPage } = options;
    const { transport } = this.#options;
    if (transport && typeof transport.list !== "function") throw new TypeError("`transport.list` must be a function");
    return this.#ask("list", { page: page ?? 1, perPage: perPage ?? 25 }, options);
  }

  /** Page after page. @param {{ perPage?: number } & RequestOptions} [options] */
  async *pages(options = {}) {
    checkObject("options", options);
    const { signal } = options;
    const perPage = options.perPage ?? 100;
    let seen = 0;
    for (let page = 1; ; page++) {
      const list = await this.list({ page, perPage, signal });
      const count = list.sessions.length;
      if (count > 0 || page === 1) yield list;
      seen += count;
      // Without a total, a page that is not full is the last one; how many fill one, the server may decide.
      const more = list.total === null ? count === (list.perPage ?? perPage) : seen < list.total;
      if (!more || count === 0) return;
    }
  }

  /** Every session, page by page. @param {{ perPage?: number } & RequestOptions} [options] */
  async *sessions(options) {
    for await (const { sessions } of this.pages(options)) yield* sessions;
  }
}

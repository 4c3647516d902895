// The five routes without a lifecycle.

import { loadWhole } from "./loader.js";

/** Milliseconds after which a request ends by itself, whatever it waits for. */
const DEADLINE = 10_000;
const CREDENTIALS = ["", "same-origin", "include", "omit"];

/** @typedef {{ signal?: AbortSignal }} RequestOptions */

/** @param {AbortSignal | undefined} signal */
export function checkSignal(signal) {
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError("`signal` must be an AbortSignal");
}

/** @param {{ credentials?: unknown }} options */
export function checkCredentials({ credentials }) {
  if (!CREDENTIALS.includes(/** @type {string} */ (credentials ?? ""))) {
    throw new TypeError("`credentials` must be one of same-origin include omit");
  }
}

const tookTooLong = () => {
  const facts = { name: "SendApiError", code: "timeout", retryable: true, httpStatus: null, requestId: null };
  return Object.assign(new Error("The backend took too long to answer."), facts);
};

export class SendApiClient {
  #options;
  /** @type {import("./loader.js").Wasm | undefined} */
  #wasm;
  /** @type {import("./wasm/sendapi_pairing.js").Client | undefined} */
  #client;

  /** @param {object} options `endpoint`, `credentials`, `getToken`, `headers` or `transport`, as of the element */
  constructor(options) {
    if (options === null || typeof options !== "object") throw new TypeError("`options` must be an object");
    checkCredentials(options);
    this.#options = options;
  }

  /**
   * @param {string} route @param {unknown} input
   * @param {AbortSignal | undefined} signal
   */
  async #ask(route, input, signal) {
    checkSignal(signal);
    signal?.throwIfAborted();
    const wasm = await loadWhole();
    signal?.throwIfAborted();
    // Another instance than before is a fresh one after a trap.
    if (!this.#client || wasm !== this.#wasm) {
      this.#client = new wasm.Client(this.#options);
      this.#wasm = wasm;
    }
    const client = this.#client;
    const deadline = AbortSignal.timeout(DEADLINE);
    const either = signal ? AbortSignal.any([signal, deadline]) : deadline;
    let give = () => {};
    // A token, headers or a transport may never come, and know nothing of the signal.
    const given = new Promise((_, reject) => {
      give = () => {
        // What it waits for is not waited for by the next call.
        if (this.#client === client) this.#client = undefined;
        reject(signal?.aborted ? signal.reason : tookTooLong());
      };
    });
    either.addEventListener("abort", give);
    try {
      return await Promise.race([wasm.outcome(client.ask(route, input, either)), given]);
    } finally {
      either.removeEventListener("abort", give);
    }
  }

  /** @param {object} input @param {RequestOptions} options */
  create(input, { signal } = {}) {
    return this.#ask("create", input, signal);
  }
  /** @param {string} id @param {RequestOptions} options */
  get(id, { signal } = {}) {
    return this.#ask("get", id, signal);
  }
  /** @param {string} id @param {RequestOptions} options */
  qr(id, { signal } = {}) {
    return this.#ask("qr", id, signal);
  }
  /** @param {string} id @param {RequestOptions} options */
  delete(id, { signal } = {}) {
    return this.#ask("delete", id, signal);
  }
  /** @param {{ page?: number, perPage?: number } & RequestOptions} options */
  list({ page = 1, perPage = 25, signal } = {}) {
    return this.#ask("list", { page, perPage }, signal);
  }

  /** Page after page. @param {{ perPage?: number } & RequestOptions} options */
  async *pages({ perPage = 100, signal } = {}) {
    for (let page = 1; ; page++) {
      const list = await this.list({ page, perPage, signal });
      if (list.sessions.length > 0 || page === 1) yield list;
      // Without a total, a page that is not full is the last one.
      const more = list.total === null ? list.sessions.length === perPage : page * perPage < list.total;
      if (!more || list.sessions.length === 0) return;
    }
  }

  /** Every session, page by page. @param {{ perPage?: number } & RequestOptions} options */
  async *sessions(options) {
    for await (const { sessions } of this.pages(options)) yield* sessions;
  }
}

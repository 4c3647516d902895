// The five routes without a lifecycle.

import { load } from "./loader.js";

/** @typedef {{ signal?: AbortSignal }} RequestOptions */

export class SendApiClient {
  #options;
  /** @type {Promise<any> | undefined} */
  #client;

  /** @param {object} options `endpoint`, `credentials`, `getToken`, `headers` or `transport`, as of the element */
  constructor(options) {
    if (options === null || typeof options !== "object") throw new TypeError("`options` must be an object");
    this.#options = options;
  }

  #use() {
    this.#client ??= load().then((wasm) => new wasm.Client(this.#options));
    return this.#client;
  }

  /** @param {object} input @param {RequestOptions} options */
  async create(input, { signal } = {}) {
    return (await this.#use()).create(input, signal);
  }
  /** @param {string} id @param {RequestOptions} options */
  async get(id, { signal } = {}) {
    return (await this.#use()).get(id, signal);
  }
  /** @param {string} id @param {RequestOptions} options */
  async qr(id, { signal } = {}) {
    return (await this.#use()).qr(id, signal);
  }
  /** @param {string} id @param {RequestOptions} options */
  async delete(id, { signal } = {}) {
    return (await this.#use()).delete(id, signal);
  }
  /** @param {{ page?: number, perPage?: number } & RequestOptions} options */
  async list({ page = 1, perPage = 25, signal } = {}) {
    return (await this.#use()).list(page, perPage, signal);
  }

  /** Every session, page by page. @param {{ perPage?: number } & RequestOptions} options */
  async *sessions({ perPage = 100, signal } = {}) {
    for (let page = 1; ; page++) {
      const { sessions, total } = await this.list({ page, perPage, signal });
      yield* sessions;
      // Without a total, a page that is not full is the last one.
      const more = total === null ? sessions.length === perPage : page * perPage < total;
      if (!more || sessions.length === 0) return;
    }
  }
}

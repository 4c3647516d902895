// The lifecycle without a view: an EventTarget, and an async iterator of snapshots.

import { CANCELABLE } from "./constants.js";
import { load } from "./loader.js";

const Target = globalThis.EventTarget ?? class {};

export class PairingController extends Target {
  #ready;
  /** @type {import("./wasm/sendapi_pairing.js").Pairing | undefined} */
  #pairing;
  #closed = false;
  /** @type {Set<() => void>} */
  #watchers = new Set();

  /** @param {{ signal?: AbortSignal }} options as the element's properties, and `signal` to end it */
  constructor(options) {
    super();
    if (options === null || typeof options !== "object") throw new TypeError("`options` must be an object");
    const { signal } = options;
    this.#ready = load().then((wasm) => {
      if (this.#closed) throw new DOMException("The controller was closed.", "AbortError");
      this.#pairing = new wasm.Pairing(options, (name, detail) => this.#hear(name, detail), undefined);
      this.#pairing.begin();
      return this.#pairing;
    });
    this.#ready.catch(() => {});
    if (signal?.aborted) this.close();
    else signal?.addEventListener("abort", () => this.close(), { once: true });
  }

  get ready() {
    return this.#ready.then(() => this);
  }
  get snapshot() {
    return this.#pairing?.snapshot() ?? null;
  }
  get phase() {
    return this.snapshot?.phase ?? "idle";
  }
  /** `{size, d}` of the code on show, or null. */
  get code() {
    return this.#pairing?.code() ?? null;
  }

  async start({ fresh = false } = {}) {
    return (await this.#use()).start(Boolean(fresh));
  }
  async refresh() {
    return (await this.#use()).refresh();
  }
  async retry() {
    return (await this.#use()).retry();
  }
  async stop({ discard = false } = {}) {
    return (await this.#use()).stop(Boolean(discard));
  }
  /** Unlinks. Ask the person first: there is no view here that would. */
  async unlink() {
    return (await this.#use()).unlink(true);
  }
  async accept() {
    return (await this.#use()).accept();
  }
  diagnostics() {
    return this.#pairing?.diagnostics() ?? null;
  }

  /** Ends it: no event, timer or request is left. The session stays. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    const pairing = this.#pairing;
    this.#pairing = undefined;
    // Perhaps called from one of its own events; it must not be freed while it runs.
    queueMicrotask(() => pairing?.free());
    for (const wake of this.#watchers) wake();
  }

  /** Snapshots as they come; a slow reader sees the latest, not all. Ends when the controller is closed. */
  async *[Symbol.asyncIterator]() {
    let wake = () => {};
    let fresh = true;
    const watcher = () => {
      fresh = true;
      wake();
    };
    this.#watchers.add(watcher);
    try {
      await this.#ready;
      while (!this.#closed) {
        if (fresh) {
          fresh = false;
          yield this.snapshot;
        } else {
          await new Promise((resolve) => (wake = () => resolve(undefined)));
        }
      }
    } finally {
      this.#watchers.delete(watcher);
    }
  }

  async #use() {
    const pairing = await this.#ready;
    if (this.#closed) throw new DOMException("The controller was closed.", "AbortError");
    return pairing;
  }

  #hear(name, detail) {
    if (name === "change") {
      for (const wake of this.#watchers) wake();
      return true;
    }
    return this.dispatchEvent(new CustomEvent(name, { detail, cancelable: name === CANCELABLE }));
  }
}

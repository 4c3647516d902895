// The lifecycle without a view: an EventTarget, and an async iterator of snapshots.

import { checkCredentials, checkSignal } from "./client.js";
import { CANCELABLE } from "./constants.js";
import { detailOf } from "./errors.js";
import { loadWhole } from "./loader.js";

const Target = globalThis.EventTarget ?? class {};

const NO_OFFERS = { start: false, refresh: false, retry: false, unlink: false, accept: false, original: false };

export class PairingController extends Target {
  /** @type {any} */
  #options;
  /** @type {Promise<void>} */
  #ready = Promise.resolve();
  /** @type {import("./loader.js").Wasm | undefined} */
  #wasm;
  /** @type {import("./wasm/sendapi_pairing.js").Pairing | undefined} */
  #pairing;
  /** The latest one; after a failure of the wasm itself, what can be said without it. @type {any} */
  #snapshot = null;
  #failed = false;
  #closed = false;
  /** @type {Set<() => void>} */
  #watchers = new Set();

  /** @param {{ signal?: AbortSignal }} options as the element's properties, and `signal` to end it */
  constructor(options) {
    super();
    if (options === null || typeof options !== "object") throw new TypeError("`options` must be an object");
    const { signal } = options;
    checkSignal(signal);
    this.#options = options;
    this.#begin();
    if (signal?.aborted) this.close();
    else signal?.addEventListener("abort", () => this.close(), { once: true });
  }

  get ready() {
    return this.#ready.then(() => this);
  }
  get snapshot() {
    return this.#pairing?.snapshot() ?? this.#snapshot;
  }
  get phase() {
    return this.snapshot?.phase ?? "idle";
  }
  /** `{size, d}` of the code on show, or null. */
  get code() {
    return this.#pairing?.code() ?? null;
  }

  async start({ fresh = false } = {}) {
    if (this.#failed) this.#restart();
    return this.#act((pairing) => pairing.start(Boolean(fresh)));
  }
  async refresh() {
    return this.#act((pairing) => pairing.refresh());
  }
  async retry() {
    if (this.#failed) {
      this.#restart();
      return this.#act((pairing) => pairing.start(false));
    }
    return this.#act((pairing) => pairing.retry());
  }
  async stop({ discard = false } = {}) {
    return this.#act((pairing) => pairing.stop(Boolean(discard)));
  }
  /** Unlinks. Ask the person first: there is no view here that would. */
  async unlink() {
    return this.#act((pairing) => pairing.unlink(true));
  }
  async accept() {
    return this.#act((pairing) => pairing.accept());
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
    this.#wasm?.leave(this.#trap);
    // Perhaps called from one of its own events; it must not be freed while it runs.
    queueMicrotask(() => pairing?.free());
    this.#wake();
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
      await this.#ready.catch((error) => {
        if (!this.#closed) throw error;
      });
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

  #begin() {
    this.#ready = loadWhole().then((wasm) => {
      if (this.#closed) throw closed();
      checkCredentials(this.#options);
      wasm.join(this.#trap);
      this.#wasm = wasm;
      this.#pairing = new wasm.Pairing(this.#options, (name, detail) => this.#hear(name, detail), true);
      this.#pairing.begin();
    });
    this.#ready.catch(() => {
      this.#failed = true;
    });
  }

  #restart() {
    this.#failed = false;
    // Where the tab remembers nothing, only we know which session it was.
    const id = this.#options.persist === "none" ? this.#snapshot?.session?.id : undefined;
    if (id !== undefined) this.#options = { ...this.#options, sessionId: id };
    this.#begin();
  }

  /** The wasm ended under this controller. */
  #trap = (failure) => {
    if (!this.#pairing) return;
    const previous = this.#snapshot?.phase ?? "idle";
    const error = detailOf(failure);
    this.#pairing = undefined;
    this.#failed = true;
    this.#snapshot = {
      phase: "error",
      settled: true,
      offline: false,
      session: this.#snapshot?.session ?? null,
      expiresAt: null,
      remaining: null,
      generation: null,
      error,
      unlink: null,
      can: { ...NO_OFFERS, start: true, retry: true },
    };
    if (previous !== "error") this.#dispatch("sendapi-phase-change", { phase: "error", previous });
    this.#dispatch("sendapi-error", error);
    this.#wake();
  };

  /** @param {(pairing: import("./wasm/sendapi_pairing.js").Pairing) => Promise<any>} act */
  async #act(act) {
    await this.#ready;
    if (this.#closed) throw closed();
    if (!this.#pairing || !this.#wasm) throw Object.assign(new Error("The pairing ended; start it again."), this.#snapshot?.error);
    return this.#wasm.outcome(act(this.#pairing));
  }

  #wake() {
    for (const wake of this.#watchers) wake();
  }

  #hear(name, detail) {
    if (name === "change") {
      if (this.#pairing) this.#snapshot = this.#pairing.snapshot();
      this.#wake();
      return true;
    }
    return this.#dispatch(name, detail);
  }

  #dispatch(name, detail) {
    return this.dispatchEvent(new CustomEvent(name, { detail, cancelable: name === CANCELABLE }));
  }
}

const closed = () => new DOMException("The controller was closed.", "AbortError");

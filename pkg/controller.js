// The lifecycle without a view: an EventTarget, and an async iterator of snapshots.

import { checkBackend, checkPage, checkSignal, signalOf, until } from "./client.js";
import { CANCELABLE } from "./constants.js";
import { checkObject, detailOf, ended, flag } from "./errors.js";
import { askAhead, loadWhole } from "./loader.js";

/** @typedef {import("./wasm/sendapi_pairing.js").Pairing} Pairing */
/** @typedef {import("./client.js").RequestOptions} RequestOptions */
/** @typedef {(pairing: Pairing, restarted: boolean) => Promise<any>} Act what a method asks of the pairing; whether that began anew for it */

/**
 * The options, with some of ours in their place. Not a copy: what a class gives, or a getter, would be left behind.
 * @param {any} options
 * @param {Record<string, unknown>} own
 */
const overlaid = (options, own) => new Proxy(own, { get: (_, name) => (Object.hasOwn(own, name) ? own : options)[name] });

const Target = globalThis.EventTarget ?? class {};

export class PairingController extends Target {
  /** @type {any} */
  #options;
  /** @type {AbortSignal | undefined} */
  #signal;
  /** Aborted once it is closed. */
  #life = new AbortController();
  /** @type {Promise<void>} */
  #ready = Promise.resolve();
  /** @type {import("./loader.js").Wasm | undefined} */
  #wasm;
  /** @type {Pairing | undefined} */
  #pairing;
  /** The latest one; where there is no pairing because of an error, what can be said without it. @type {any} */
  #snapshot = null;
  #failed = false;
  /** @type {Set<() => void>} */
  #watchers = new Set();

  /** @param {{ signal?: AbortSignal }} options as the element's properties, and `signal` to end it */
  constructor(options) {
    super();
    checkObject("options", options);
    const { signal } = options;
    checkSignal(signal);
    this.#options = options;
    this.#signal = signal;
    if (signal?.aborted) this.close();
    else signal?.addEventListener("abort", this.#abort);
    this.#begin();
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
  /** `{size, d, verified}` of the code on show, or null. */
  get code() {
    return this.#pairing?.code() ?? null;
  }

  // Each method takes `{signal}`, which ends the wait for its outcome.

  async start(options = {}) {
    const fresh = flag(options, "fresh");
    return this.#act(options, (pairing) => pairing.start(fresh), true);
  }
  /** @param {RequestOptions} [options] */
  async refresh(options = {}) {
    return this.#act(options, (pairing) => pairing.refresh());
  }
  /** @param {RequestOptions} [options] */
  async retry(options = {}) {
    return this.#act(options, (pairing, restarted) => (restarted ? pairing.start(false) : pairing.retry()), true);
  }
  async stop(options = {}) {
    const discard = flag(options, "discard");
    return this.#act(options, (pairing) => pairing.stop(discard));
  }
  /** Unlinks. Ask the person first: there is no view here that would. @param {RequestOptions} [options] */
  async unlink(options = {}) {
    return this.#act(options, (pairing) => pairing.unlink(true));
  }
  /** @param {RequestOptions} [options] */
  async accept(options = {}) {
    return this.#act(options, (pairing) => pairing.accept());
  }
  /** Shows the picture that could not be verified, where `can.original` offers it. @param {RequestOptions} [options] */
  async showOriginal(options = {}) {
    return this.#act(options, (pairing) => pairing.showOriginal());
  }
  diagnostics() {
    return this.#pairing?.diagnostics() ?? null;
  }

  /** Ends it: no event, timer or request is left. The session stays. */
  close() {
    if (this.#closed) return;
    this.#life.abort(new DOMException("The controller was closed.", "AbortError"));
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#free();
    // No code is on show any more.
    if (this.#snapshot) this.#snapshot = { ...this.#snapshot, expiresAt: null, remaining: null, generation: null };
    this.#wake();
  }

  /** Snapshots as they come; a slow reader sees the latest, not all. Ends when the controller is closed. */
  [Symbol.asyncIterator]() {
    let wake = () => {};
    let fresh = true;
    let over = false;
    /** Steps are taken one after another. @type {Promise<any>} */
    let last = Promise.resolve();
    const watcher = () => {
      fresh = true;
      wake();
    };
    const step = async () => {
      if (!over) {
        this.#watchers.add(watcher);
        // A failure is told by a snapshot.
        await this.#ready.catch(() => {});
      }
      while (!over && !this.#closed) {
        if (fresh) {
          fresh = false;
          return { value: this.snapshot, done: false };
        }
        await new Promise((resolve) => (wake = () => resolve(undefined)));
      }
      this.#watchers.delete(watcher);
      return { value: undefined, done: true };
    };
    return {
      next: () => (last = last.then(step)),
      // Not a generator's, which would wait for the snapshot that a `next` waits for.
      return: () => {
        over = true;
        wake();
        return (last = last.then(step));
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  get #closed() {
    return this.#life.signal.aborted;
  }

  #abort = () => this.close();

  #begin() {
    this.#ready = until(this.#life.signal, this.#load());
    // Whoever asks for it sees the rejection; nobody asking is no fault.
    this.#ready.catch(() => {});
  }

  async #load() {
    const { signal } = this.#life;
    signal.throwIfAborted();
    try {
      // By then whoever made this listens.
      await null;
      signal.throwIfAborted();
      checkPage("A pairing");
      checkBackend(this.#options);
      const { getToken, transport, trigger } = this.#options;
      const ahead = !transport && trigger !== "manual" && !document.hidden && askAhead(getToken);
      const wasm = await loadWhole();
      signal.throwIfAborted();
      wasm.join(this.#trap);
      this.#wasm = wasm;
      const pairing = new wasm.Pairing(ahead ? overlaid(this.#options, { getToken: ahead }) : this.#options, (name, detail) => this.#hear(name, detail), true);
      this.#pairing = pairing;
      pairing.begin();
    } catch (error) {
      if (!this.#closed) this.#fail(error);
      throw error;
    }
  }

  #free() {
    const pairing = this.#pairing;
    this.#pairing = undefined;
    this.#wasm?.leave(this.#trap);
    // Perhaps one of its own events led here; it must not be freed while it runs.
    queueMicrotask(() => pairing?.free());
  }

  #restart() {
    this.#failed = false;
    // Where the tab remembers nothing, only we know which session it was.
    const id = this.#options.persist === "none" ? this.#snapshot?.session?.id : undefined;
    if (id !== undefined) this.#options = overlaid(this.#options, { sessionId: id });
    this.#begin();
  }

  /** The wasm ended under this controller. */
  #trap = (failure) => {
    if (this.#pairing) this.#fail(failure);
  };

  #fail(cause) {
    const previous = this.#snapshot?.phase ?? "idle";
    const error = detailOf(cause);
    this.#free();
    this.#failed = true;
    this.#snapshot = ended(error, this.#snapshot?.session ?? null);
    if (previous !== "error") this.#dispatch("sendapi-phase-change", { phase: "error", previous });
    this.#dispatch("sendapi-error", error);
    this.#wake();
  }

  /**
   * @param {RequestOptions} options
   * @param {Act} act
   * @param {boolean} [restarts] whether it begins anew after a failure
   */
  async #act(options, act, restarts = false) {
    const signal = signalOf(options);
    this.#life.signal.throwIfAborted();
    const restarted = restarts && this.#failed;
    if (restarted) this.#restart();
    return until(signal, this.#outcome(signal, (pairing) => act(pairing, restarted)));
  }

  /** @param {AbortSignal | undefined} signal @param {(pairing: Pairing) => Promise<any>} act */
  async #outcome(signal, act) {
    try {
      await this.#ready;
      // What nobody waits for any more is not begun.
      signal?.throwIfAborted();
      if (this.#pairing && this.#wasm) return await this.#wasm.outcome(act(this.#pairing));
    } catch (error) {
      this.#life.signal.throwIfAborted();
      // A listener may have begun anew meanwhile.
      if (!this.#failed) return ended(detailOf(error), this.snapshot?.session ?? null);
    }
    this.#life.signal.throwIfAborted();
    // An outcome like any other, though there is no pairing to tell it.
    return this.#snapshot;
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

  /** Whether what the event tells of may go on. */
  #dispatch(name, detail) {
    const event = new CustomEvent(name, { detail, cancelable: name === CANCELABLE });
    return !this.#closed && this.dispatchEvent(event) && !this.#closed;
  }
}

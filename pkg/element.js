// The custom element: attributes, properties and events of the page on one side, one wasm pairing on the other. It holds no
// lifecycle policy and makes no request; when to do what is decided in Rust.

import { CANCELABLE, OBJECT_PROPERTIES, RESTARTING, SECRET_KEY } from "./constants.js";
import { detailOf, ended, flag, sendApiError } from "./errors.js";
import { askAhead, load } from "./loader.js";
import { PROPERTIES, define, defineAttributes } from "./properties.js";
import { failure, skeleton } from "./skeleton.js";
import { soon, speechOf } from "./speech.js";
import css from "./wasm/style.js";

// A server that renders has no HTMLElement; importing this must be safe there.
const Base = globalThis.HTMLElement ?? class {};

/**
 * One of the browser's observers. Where a page is only played, as in a unit test, nothing is laid out, and there is none.
 * @param {"IntersectionObserver" | "ResizeObserver"} name
 * @param {(entries: any[]) => void} told
 * @returns {any}
 */
const observer = (name, told) => globalThis[name] && new globalThis[name](told);

/** The sheet that was made last, and for which document: a constructed one belongs to it. @type {CSSStyleSheet} */
let sheet;
/** @type {Document} */
let sheetDocument;

/** Whether this is a phone's screen, by what it can do: small, and touched by nothing finer than a finger. */
const onPhone = () =>
  navigator.maxTouchPoints > 0 && matchMedia("(pointer: coarse) and (hover: none)").matches && Math.min(screen.width, screen.height) < 600;

/** What can be told of a property's value without asking it. @param {any} value */
const kind = (value) => (value ? typeof (value.create ?? value) : "");

/** @type {any} */
const NOTHING = { phase: "idle", session: null, expiresAt: null, remaining: null, error: null, offline: false };

export class SendApiPairingElement extends Base {
  /** That of the package, as package.json has it. */
  static version = "0.1.0";
  // The last two are no settings of ours: watched so that a key put there does not stay.
  static observedAttributes = [...Object.keys(PROPERTIES), "token", "api-key"];

  #internals = this.attachInternals?.();
  #shadow = this.attachShadow({ mode: "open" });
  /** @type {Record<string, any>} */
  #given = {};
  /** One per stay in a document; what belongs to an older one is dropped. @type {object | undefined} */
  #stay;
  /** @type {any} */
  #wasm;
  /** @type {import("./wasm/sendapi_pairing.js").Pairing | undefined} */
  #pairing;
  /** Whether there is no pairing because of an error: a start then begins anew. */
  #failed = false;
  /** The session that a start after a trap resumes where the tab remembers none. @type {string | undefined} */
  #resumed;
  /** The `getToken` that was asked ahead, and what stands for it: the same as long as that is, or the token would be taken for another's. */
  #ahead = [];
  #updating = false;
  /** The stay that was stopped before its pairing was there: nothing begins by itself. @type {object | false | undefined} */
  #stoppedStay = false;
  /** What was amiss with the settings when they were last applied. @type {string | undefined} */
  #lastConfigError;
  /** Tells whether the element is on the screen, from before the wasm is there: the first frame knows. @type {IntersectionObserver | undefined} */
  #watch;
  #onScreen = false;
  #snapshot = NOTHING;
  #speech = speechOf(this, () => {
    this.#direct(this.#shadow.firstElementChild);
    this.#update();
  });
  /** Told when the code is drawn, and when it is drawn in another size. @type {ResizeObserver | undefined} */
  #measure;
  #small = false;
  /** Draws again what is there without wasm; nothing where the wasm draws. @type {(() => void) | undefined} */
  #redraw;
  /** @type {any} */
  #ready;
  /** `resolve` and `reject` of that promise. @type {any} */
  #settleReady;

  constructor() {
    super();
    this.#renewReady();
    // A property set before this class was defined sits on the instance and would hide the accessor.
    for (const name of [...Object.values(PROPERTIES), ...OBJECT_PROPERTIES]) {
      if (Object.hasOwn(this, name)) {
        const value = this[name];
        delete this[name];
        this[name] = value;
      }
    }
  }

  /** @param {Document} before */
  adoptedCallback(before) {
    before.defaultView?.removeEventListener("pagehide", this.#gone);
    this.#adoptSheet();
  }

  disconnectedCallback() {
    queueMicrotask(() => {
      if (this.#isHere()) return;
      this.#end();
      this.#shadow.replaceChildren();
    });
  }

  connectedCallback() {
    // Moved, not removed: the pairing goes on.
    if (this.#stay) this.#speech.listen();
    else if (this.#isHere()) this.#begin();
  }

  attributeChangedCallback(name, before, after) {
    if (before === after || !this.#stay || this.#refuseSecrets()) return;
    if (RESTARTING.includes(name)) {
      this.#end(true);
      this.#begin();
    } else {
      this.#heed(true);
    }
  }

  get session() {
    return this.#live().session;
  }
  get expiresAt() {
    const { expiresAt } = this.#live();
    return expiresAt === null ? null : new Date(expiresAt);
  }
  get remaining() {
    return this.#live().remaining;
  }
  get phase() {
    return this.#snapshot.phase;
  }
  get error() {
    return this.#live().error;
  }
  get ready() {
    return this.#ready;
  }

  async start(options = {}) {
    return this.#act("start", flag(options, "fresh"));
  }
  refresh() {
    return this.#act("refresh");
  }
  async stop(options = {}) {
    return this.#act("stop", flag(options, "discard"));
  }
  unlink() {
    return this.#act("unlink");
  }
  diagnostics() {
    return this.#pairing?.diagnostics() ?? null;
  }

  #live() {
    return this.#pairing?.snapshot() ?? this.#snapshot;
  }

  /** Whoever waits for the one before waits for this one. */
  #renewReady() {
    const before = this.#settleReady;
    this.#ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject };
    });
    // Whoever asks for it sees the rejection; nobody asking is no fault.
    this.#ready.catch(() => {});
    before?.resolve(this.#ready);
  }

  async #act(method, argument) {
    const start = method === "start";
    if (!this.#isHere()) throw new DOMException("The element is not in a document.", "InvalidStateError");
    if (this.#failed && start) this.#restart();
    const stay = this.#stay;
    if (!this.#pairing && (start || method === "stop")) this.#stoppedStay = !start && stay;
    try {
      await this.#ready;
      const pairing = this.#pairing;
      await this.#wasm.whole();
      // What was asked of a pairing is not done to the one in its place.
      if (this.#pairing !== pairing || !pairing || (!start && stay !== this.#stay)) throw new DOMException("The element was removed.", "AbortError");
      return await this.#wasm.outcome(pairing[method](argument));
    } catch (error) {
      // An outcome like any other, though there is no pairing to tell it; a listener may have begun anew meanwhile.
      if (this.#failed) return this.#snapshot;
      if (/** @type {any} */ (error).name === "AbortError") throw error;
      return ended(detailOf(error), this.session);
    }
  }

  #adoptSheet() {
    const page = this.ownerDocument;
    const window = page.defaultView;
    // A document without a window, such as a template's, draws nothing.
    if (!window) return;
    if (page !== sheetDocument) {
      sheetDocument = page;
      sheet = new window.CSSStyleSheet();
      sheet.replaceSync?.(css);
    }
    this.#shadow.adoptedStyleSheets = [sheet];
    if (window !== self) window.addEventListener("pagehide", this.#gone);
  }

  async #begin() {
    const stay = {};
    this.#stay = stay;
    // Under way while the frame is drawn.
    const loading = load();
    // Seen to below; until then it is no rejection that nobody handles.
    loading.catch(() => {});
    // A copy of another element, such as a page's snapshot has, brings the phase that it had.
    this.removeAttribute("phase");
    try {
      this.#adoptSheet();
      const spoken = this.#speech.listen();
      this.#redraw = () => this.#show(skeleton(this.#options()));
      this.#redraw();
      if (this.#refuseSecrets()) return;
      this.#watch = observer("IntersectionObserver", (entries) => {
        this.#onScreen = entries.at(-1)?.isIntersecting ?? false;
        this.#pairing?.onScreen(this.#onScreen);
      });
      this.#watch?.observe(this);
      this.#onScreen = !this.#watch;
      // Here already when the view is drawn, so that the view moves nothing.
      const aids = onPhone() && soon(import("./aids.js"));
      // Frameworks set properties right after they insert an element; those are part of its configuration.
      await null;
      if (stay !== this.#stay) return;
      const { getToken } = this.#given;
      const early = getToken && this.isConnected && !this.#given.transport && this.#isDue();
      this.#ahead = early ? [getToken, askAhead(getToken)] : [];
      await spoken;
      const wasm = await loading;
      await aids;
      // What a transport of the page's own promises is not to be told from what goes wrong.
      if (this.#given.transport) await wasm.whole();
      if (stay !== this.#stay) return;
      const options = this.#options();
      if (!options.endpoint && !options.transport) {
        throw sendApiError("config", "Set `endpoint` to the URL of your backend.");
      }
      const hear = (name, detail) => stay !== this.#stay || this.#hear(name, detail);
      wasm.join(this.#trap);
      this.#wasm = wasm;
      const pairing = new wasm.Pairing(options, hear, this.#onScreen || this.#isHit());
      this.#pairing = pairing;
      pairing.begin();
      // The request goes out first, and what follows is done while it is under way.
      await null;
      if (this.#pairing !== pairing) return;
      // Throws what ended the generation meanwhile, in which nothing can be drawn.
      wasm.join(this.#trap);
      const root = document.createElement("div");
      pairing.draw(root, options);
      this.#redraw = undefined;
      this.#show(root);
      this.#measure = observer("ResizeObserver", ([{ target, contentRect }]) => {
        const svg = /** @type {SVGSVGElement} */ (target);
        this.#small = contentRect.width > 0 && contentRect.width * devicePixelRatio < 2 * svg.viewBox.baseVal.width;
        this.#aid();
      });
      this.#measure?.observe(/** @type {Element} */ (root.querySelector(".qr")));
      this.#aid();
      this.#settleReady.resolve(this);
    } catch (error) {
      if (stay === this.#stay) this.#fail(error);
    }
  }

  #options() {
    /** @type {Record<string, any>} */
    const options = { ...this.#given };
    for (const name of Object.values(PROPERTIES)) options[name] = this[name];
    options.sessionId ||= this.#resumed;
    if (this.#stoppedStay === this.#stay) options.trigger = "manual";
    const [own, ahead] = this.#ahead;
    if (ahead && own === options.getToken) options.getToken = ahead;
    const { lang, words, quiet } = this.#speech.now;
    Object.assign(options, { lang, quiet });
    if (words) options.strings = { ...words, ...options.strings };
    return options;
  }

  /** Whether a request goes out as soon as the wasm is there. */
  #isDue() {
    const { trigger } = this.#options();
    return trigger !== "manual" && !document.hidden && (trigger === "load" || this.#isHit());
  }

  /**
   * Whether its middle is what one would point at: then it is on the screen, and no frame need be waited for to hear so. Where it stands in
   * a frame, the frame may be off the screen itself.
   */
  #isHit() {
    const { x, y, width, height } = this.getBoundingClientRect();
    const root = /** @type {any} */ (this.getRootNode());
    return self === top && this.contains(root.elementFromPoint?.(x + width / 2, y + height / 2));
  }

  #setState(name, on) {
    try {
      /** @type {ElementInternals} */ (this.#internals).states[on ? "add" : "delete"](name);
    } catch {
      // An engine without states, or one whose states have to be named otherwise.
    }
  }

  /** @param {boolean} [again] whether it begins anew, as another pairing */
  #end(again) {
    this.#stay = this.#resumed = this.#lastConfigError = undefined;
    this.ownerDocument.defaultView?.removeEventListener("pagehide", this.#gone);
    this.#speech.end();
    this.#failed = false;
    this.#free();
    this.#setState(this.#snapshot.phase, false);
    this.#setState("offline", false);
    this.#snapshot = NOTHING;
    this.removeAttribute("phase");
    if (!again) this.#settleReady.reject(new DOMException("The element was removed.", "AbortError"));
    this.#renewReady();
  }

  #free() {
    const pairing = this.#pairing;
    this.#pairing = undefined;
    this.#measure?.disconnect();
    this.#watch?.disconnect();
    this.#onScreen = false;
    this.#small = false;
    this.#wasm?.leave(this.#trap);
    if (!pairing) return;
    // Later, since perhaps one of its own events led here: it must not be freed while it runs. Until then it hears nothing.
    this.#wasm.stray();
    this.#wasm.whole().then(() => pairing.free(), () => {});
  }

  /** In a document that is on a screen: one without a window shows nothing, and that of a frame that was taken away has none. */
  #isHere() {
    return this.isConnected && this.ownerDocument.defaultView;
  }

  /** Shows this in place of what was there; whoever works by keyboard keeps a place. @param {HTMLElement} box */
  #show(box) {
    const held = this.#shadow.activeElement;
    this.#direct(box);
    this.#shadow.replaceChildren(box);
    if (!held) return;
    // Drawn again, the same button is where the person was; after it was pressed, there is none.
    const button = held.localName === "button" && box.querySelector("button");
    const place = /** @type {HTMLElement} */ (button || (box.querySelector(".title") ?? box));
    if (!button) place.tabIndex = -1;
    place.focus({ preventScroll: true });
  }

  /** In the language in force. @param {Element | null} box */
  #direct(box) {
    const { lang, dir } = this.#speech.now;
    if (box) Object.assign(box, { lang, dir });
  }

  /** Helps where the code cannot simply be scanned. */
  async #aid() {
    const [phone, small] = [onPhone(), this.#small];
    if (!phone && !small) return;
    const aids = await import("./aids.js").catch(() => null);
    if (!aids || !this.#pairing) return;
    const { strings } = this.#options();
    if (phone) aids.handOff(this.#shadow, strings);
    if (small) aids.enlarge(this.#shadow, strings);
  }

  /** The frame that it is in was taken away, which removes no element. @param {PageTransitionEvent} event */
  #gone = ({ persisted }) => persisted || this.#end();

  /** The wasm ended under this element. */
  #trap = (failure) => {
    if (!this.#pairing) return;
    this.#renewReady();
    this.#fail(failure);
  };

  #restart() {
    const id = /** @type {any} */ (this).persist === "none" ? (this.#snapshot.session?.id ?? this.#resumed) : undefined;
    this.#end(true);
    this.#resumed = id;
    this.#begin();
  }

  /** Applies what was set. Where something is amiss, what is `changed` may be what cures it, and a function that is `given` what was refused without it. */
  #heed(changed, given) {
    const code = this.error?.code;
    if (changed && this.#failed && code === "config") return this.#restart();
    this.#update();
    // After those are applied.
    if (changed && given && /^fo|^una/.test(code)) this.start().catch(() => {});
  }

  #update() {
    if (this.#updating || !this.#stay) return;
    this.#updating = true;
    // One update for all that a script sets in one go, and no event while it sets.
    queueMicrotask(() => {
      this.#updating = false;
      if (this.#stay) this.#redraw?.();
      this.#apply();
    });
  }

  #reflect(phase) {
    if (this.getAttribute("phase") === phase) return;
    this.#setState(this.#snapshot.phase, false);
    this.#setState(phase, true);
    this.#snapshot = { ...this.#snapshot, phase };
    this.setAttribute("phase", phase);
    // What comes after a first code may follow it, once it is painted; a session that is resumed needs it at once.
    if (phase === "checking") this.#wasm?.stray();
    else if (phase !== "creating" && (phase !== "idle" || /** @type {any} */ (this).trigger === "manual")) {
      requestAnimationFrame(() => setTimeout(() => this.#wasm?.stray()));
    }
  }

  async #apply() {
    try {
      if (!this.#pairing) return;
      await this.#wasm.whole();
      this.#pairing?.update(this.#options());
      this.#lastConfigError = undefined;
      this.#aid();
    } catch (error) {
      const detail = detailOf(error);
      // Once: a listener that sets a property has the settings applied again.
      if (this.#pairing && this.#lastConfigError !== (this.#lastConfigError = detail.message)) this.#dispatch("sendapi-error", detail);
    }
  }

  #hear(name, detail) {
    if (name === "change") {
      this.#mirror();
      return true;
    }
    if (name === "sendapi-phase-change") this.#reflect(detail.phase);
    return this.#dispatch(name, detail);
  }

  #dispatch(name, detail) {
    const event = new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: name === CANCELABLE });
    return this.dispatchEvent(event);
  }

  #mirror() {
    if (!this.#pairing) return;
    const snapshot = this.#pairing.snapshot();
    const focused = /** @type {HTMLElement | null} */ (this.#shadow.activeElement);
    if (focused) {
      const asks = snapshot.unlink === "confirming" && snapshot.unlink !== this.#snapshot.unlink;
      // Whoever works by keyboard keeps a place, and a second press of the same key confirms nothing.
      requestAnimationFrame(() => {
        if (focused.hidden || asks) this.#shadow.querySelector(/** @type {"h2"} */ (".title"))?.focus();
      });
    }
    this.#reflect(snapshot.phase);
    this.#snapshot = snapshot;
    this.#setState("offline", snapshot.offline);
  }

  /** Removes a secret key from wherever it was put; whether there was one. */
  #refuseSecrets() {
    const found = [...this.attributes].filter(({ value }) => SECRET_KEY.test(value));
    if (!found.length) return false;
    this.#free();
    // This stay is over, and none may begin while removing the attributes calls back into this class.
    this.#stay = undefined;
    for (const { name } of found) this.removeAttribute(name);
    const stay = (this.#stay = {});
    this.#renewReady();
    // Setting a property tells nothing within the setting.
    queueMicrotask(() => {
      const error = sendApiError("secret_key_rejected", "A secret key must never reach a browser: use a token.");
      if (stay === this.#stay) this.#fail(error);
      // What else was set began it anew; the key is told of all the same.
      else if (this.#stay) this.#dispatch("sendapi-error", detailOf(error));
    });
    return true;
  }

  #fail(error) {
    const detail = detailOf(error);
    const previous = this.#snapshot.phase;
    this.#free();
    this.#failed = true;
    this.#setState("offline", false);
    this.#snapshot = { ...ended(detail, this.#snapshot.session), phase: previous };
    this.#reflect("error");
    this.#settleReady.reject(error);
    this.#redraw = () => this.#show(failure(this.#options(), detail, () => this.#restart()));
    this.#redraw();
    if (previous !== "error") this.#dispatch("sendapi-phase-change", { phase: "error", previous });
    this.#dispatch("sendapi-error", detail);
  }

  static {
    defineAttributes(this.prototype);
    for (const name of OBJECT_PROPERTIES) {
      define(
        this.prototype,
        name,
        (element) => element.#given[name] ?? null,
        (element, value) => {
          // Frameworks set anew what stays as it was, functions in particular.
          const changed = kind(element.#given[name]) !== kind(value);
          // Preact writes an empty text for what is none.
          element.#given[name] = value || null;
          element.#heed(changed, kind(value) === "function");
        },
      );
    }
  }
}

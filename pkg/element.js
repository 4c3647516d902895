// The custom element: attributes, properties and events of the page on one side, one wasm pairing on the other. It holds no
// lifecycle policy and makes no request; when to do what is decided in Rust.

import {
  ALLOWED,
  CANCELABLE,
  FLAG_ATTRIBUTES,
  NUMBER_ATTRIBUTES,
  OBJECT_PROPERTIES,
  RESTARTING,
  SECRET_KEY,
  TEXT_ATTRIBUTES,
} from "./constants.js";
import { detailOf, sendApiError } from "./errors.js";
import { load } from "./loader.js";
import { failure, skeleton } from "./skeleton.js";
import css from "./wasm/style.js";

// A server that renders has no HTMLElement; importing this must be safe there.
const Base = globalThis.HTMLElement ?? class {};

// A constructed sheet belongs to one document; an element that moves to another needs that one's.
const sheets = new WeakMap();

function sheetOf(document) {
  let sheet = sheets.get(document);
  if (!sheet) {
    sheet = new document.defaultView.CSSStyleSheet();
    sheet.replaceSync(css);
    sheets.set(document, sheet);
  }
  return sheet;
}

export class SendApiPairingElement extends Base {
  static observedAttributes = [
    ...Object.keys(TEXT_ATTRIBUTES),
    ...Object.keys(NUMBER_ATTRIBUTES),
    ...Object.keys(FLAG_ATTRIBUTES),
    "token",
    "api-key",
  ];

  #internals = this.attachInternals?.();
  #given = {};
  /** @type {import("./wasm/sendapi_pairing.js").Pairing | undefined} */
  #pairing;
  /** Counts starts: what belongs to an older one is dropped. */
  #turn = 0;
  #updating = false;
  #snapshot = { phase: "idle", session: null, expiresAt: null, remaining: null, error: null, offline: false };
  #ready;
  #resolveReady;
  #rejectReady;

  constructor() {
    super();
    this.attachShadow({ mode: "open" });
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

  connectedCallback() {
    // Moved, not removed: the pairing goes on.
    if (this.#pairing || this.#turnIsLoading) return;
    this.#begin();
  }

  disconnectedCallback() {
    queueMicrotask(() => {
      if (!this.isConnected) this.#end();
    });
  }

  adoptedCallback() {
    this.#adoptSheet();
  }

  attributeChangedCallback(name, before, after) {
    if (before === after || !this.isConnected) return;
    if (this.#refuseSecrets()) return;
    if (RESTARTING.includes(name)) {
      this.#end();
      this.#begin();
    } else {
      this.#update();
    }
  }

  get phase() {
    return this.#snapshot.phase;
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
  get error() {
    return this.#live().error;
  }
  /** Resolves once the pairing can be used; rejects where it cannot be loaded or is not configured. */
  get ready() {
    return this.#ready;
  }

  async start({ fresh = false } = {}) {
    return (await this.#use()).start(Boolean(fresh));
  }
  async refresh() {
    return (await this.#use()).refresh();
  }
  async stop({ discard = false } = {}) {
    return (await this.#use()).stop(Boolean(discard));
  }
  async unlink() {
    return (await this.#use()).unlink(false);
  }
  diagnostics() {
    return this.#pairing?.diagnostics() ?? null;
  }

  get #turnIsLoading() {
    return this.#turn > 0 && this.shadowRoot.childElementCount > 0;
  }

  #renewReady() {
    this.#ready = new Promise((resolve, reject) => {
      this.#resolveReady = resolve;
      this.#rejectReady = reject;
    });
    // Whoever asks for it sees the rejection; nobody asking is no fault.
    this.#ready.catch(() => {});
  }

  async #use() {
    if (!this.isConnected) throw new DOMException("The element is not in a document.", "InvalidStateError");
    await this.#ready;
    if (!this.#pairing) throw new DOMException("The element was removed.", "AbortError");
    return this.#pairing;
  }

  #live() {
    return this.#pairing?.snapshot() ?? this.#snapshot;
  }

  #adoptSheet() {
    this.shadowRoot.adoptedStyleSheets = [sheetOf(this.ownerDocument)];
  }

  async #begin() {
    const turn = ++this.#turn;
    this.#adoptSheet();
    this.shadowRoot.replaceChildren(skeleton(this.theme, this.layout));
    if (this.#refuseSecrets()) return;
    try {
      if (!this.endpoint && !this.transport) {
        throw sendApiError("config", "Set the attribute `endpoint` to the base URL of your backend or gateway.");
      }
      const wasm = await load();
      // Properties that a framework sets right after inserting the element are part of its configuration.
      await Promise.resolve();
      if (turn !== this.#turn) return;
      const root = document.createElement("div");
      const pairing = new wasm.Pairing(this.#options(), (name, detail) => this.#hear(name, detail), this);
      this.#pairing = pairing;
      pairing.draw(root, this.#options());
      this.shadowRoot.replaceChildren(root);
      pairing.begin();
      this.#resolveReady(this);
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    }
  }

  #end() {
    this.#turn++;
    const pairing = this.#pairing;
    this.#pairing = undefined;
    pairing?.free();
    this.shadowRoot.replaceChildren();
    this.#rejectReady(new DOMException("The element was removed.", "AbortError"));
    this.#renewReady();
    this.#turn = 0;
  }

  #update() {
    if (this.#updating || !this.#pairing) return;
    this.#updating = true;
    // One update for all that a script sets in one go, and no event while it sets.
    queueMicrotask(() => {
      this.#updating = false;
      try {
        this.#pairing?.update(this.#options());
      } catch (error) {
        this.#dispatch("sendapi-error", detailOf(error));
      }
    });
  }

  #options() {
    const options = { ...this.#given };
    for (const name of [
      ...Object.values(TEXT_ATTRIBUTES),
      ...Object.values(NUMBER_ATTRIBUTES),
      ...Object.values(FLAG_ATTRIBUTES),
    ]) {
      options[name] = this[name];
    }
    return options;
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
    this.#snapshot = this.#pairing.snapshot();
    this.#reflect(this.#snapshot.phase);
    this.#setState("offline", this.#snapshot.offline);
  }

  #reflect(phase) {
    const before = this.#snapshot.phase;
    if (this.getAttribute("phase") === phase) return;
    this.#snapshot = { ...this.#snapshot, phase };
    this.#setState(before, false);
    this.#setState(phase, true);
    this.setAttribute("phase", phase);
  }

  #setState(name, on) {
    const states = this.#internals?.states;
    if (on) states?.add(name);
    else states?.delete(name);
  }

  /** Removes a secret key from wherever it was put; whether there was one. */
  #refuseSecrets() {
    let found = false;
    for (const { name, value } of [...this.attributes]) {
      if (SECRET_KEY.test(value)) {
        found = true;
        this.removeAttribute(name);
      }
    }
    if (found) {
      const message = "A secret key must never reach a browser: use a gateway token or your own backend.";
      this.#pairing?.free();
      this.#pairing = undefined;
      this.#turn++;
      this.#fail(sendApiError("secret_key_rejected", message));
    }
    return found;
  }

  #fail(error) {
    const detail = detailOf(error);
    const previous = this.#snapshot.phase;
    this.#snapshot = { ...this.#snapshot, error: detail };
    this.#reflect("error");
    const retry = () => {
      this.#end();
      this.#begin();
    };
    this.shadowRoot.replaceChildren(failure(this.theme, this.layout, detail, retry));
    if (previous !== "error") this.#dispatch("sendapi-phase-change", { phase: "error", previous });
    this.#dispatch("sendapi-error", detail);
    this.#rejectReady(error);
  }

  /** @internal */
  _set(name, value) {
    this.#given[name] = value;
    if (this.isConnected) this.#update();
  }

  /** @internal */
  _given(name) {
    return this.#given[name] ?? null;
  }
}

const PROPERTIES = { ...TEXT_ATTRIBUTES, ...NUMBER_ATTRIBUTES, ...FLAG_ATTRIBUTES };

function accessor(name, get, set) {
  Object.defineProperty(SendApiPairingElement.prototype, name, { get, set, configurable: true, enumerable: true });
}

function setAttribute(element, attribute, value) {
  if (value === null || value === undefined) element.removeAttribute(attribute);
  else element.setAttribute(attribute, String(value));
}

for (const [attribute, name] of Object.entries(TEXT_ATTRIBUTES)) {
  accessor(
    name,
    function () {
      const value = this.getAttribute(attribute);
      return ALLOWED[name] && !ALLOWED[name].includes(value) ? null : value;
    },
    function (value) {
      setAttribute(this, attribute, value);
    },
  );
}

for (const [attribute, name] of Object.entries(NUMBER_ATTRIBUTES)) {
  accessor(
    name,
    function () {
      const text = this.getAttribute(attribute)?.trim();
      const value = text ? Number(text) : Number.NaN;
      return Number.isFinite(value) && value >= 0 ? value : null;
    },
    function (value) {
      setAttribute(this, attribute, value);
    },
  );
}

for (const [attribute, name] of Object.entries(FLAG_ATTRIBUTES)) {
  accessor(
    name,
    function () {
      return this.hasAttribute(attribute);
    },
    function (value) {
      this.toggleAttribute(attribute, Boolean(value));
    },
  );
}

for (const name of OBJECT_PROPERTIES) {
  accessor(
    name,
    function () {
      return this._given(name);
    },
    function (value) {
      this._set(name, value);
    },
  );
}

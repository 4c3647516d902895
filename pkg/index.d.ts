import type {
  BackendOptions,
  ElementOptions,
  ErrorDetail,
  LanguageOptions,
  PairingOptions,
  Phase,
  QrPath,
  SendApiError,
  Session,
  ShownCode,
  Snapshot,
  TextKey,
  Transport,
} from "./model.js";

export * from "./model.js";

export interface PairingEventMap {
  /** The pairing can be used. */
  "sendapi-ready": CustomEvent<null>;
  /** Another phase. */
  "sendapi-phase-change": CustomEvent<{ phase: Phase; previous: Phase }>;
  /** A code is on show; the event never holds it. */
  "sendapi-qr": CustomEvent<{ expiresAt: string; attempt: number }>;
  /** The code's life is over and none follows by itself. */
  "sendapi-expired": CustomEvent<null>;
  /** A phone is linked; once per transition. */
  "sendapi-connected": CustomEvent<{ sessionId: string; phoneNumber: string | null; resumed: boolean }>;
  /** The service lost the phone and tries to reconnect. */
  "sendapi-disconnected": CustomEvent<{ sessionId: string }>;
  /** The service gave up. */
  "sendapi-failed": CustomEvent<{ sessionId: string }>;
  /** The person confirmed; `preventDefault()` keeps the link. */
  "sendapi-before-unlink": CustomEvent<{ sessionId: string }>;
  /** The session was deleted. */
  "sendapi-unlinked": CustomEvent<{ sessionId: string }>;
  /** Something failed. */
  "sendapi-error": CustomEvent<ErrorDetail>;
}

/** The slots of the element: what `slot="…"` may name. */
export type SlotName = "heading" | "instructions" | "loading" | "expired" | "connected" | "error" | "footer";

/**
 * `<sendapi-pairing>`. Importing this class registers nothing; import `sendapi-pairing/define` for that.
 *
 * @tag sendapi-pairing
 * @slot heading - in place of the box's heading
 * @slot instructions - in place of the steps
 * @slot loading - on the plate while something is waited for: before the first code, before a new one
 * @slot expired - on the plate in place of the sign, once the code is over
 * @slot connected - below the linked number, in phase `connected`
 * @slot error - in place of the words on what failed, in phase `error`; title, request and buttons stay
 * @slot footer - in place of how to undo it
 * @csspart base - the box
 * @csspart header - heading and name
 * @csspart qr-frame - the light plate
 * @csspart qr - the drawing
 * @csspart countdown - what is left of the code's life
 * @csspart steps - the list of steps
 * @csspart step - one of them
 * @csspart status - the present state in words
 * @csspart phone - the linked number
 * @csspart error - what failed, in words
 * @csspart actions - the row of buttons
 * @csspart button - each button, beside its own part
 * @csspart primary-button - the next step
 * @csspart refresh-button - a new code
 * @csspart original-button - shows a code that could not be checked
 * @csspart accept-button - keeps a number that was not expected
 * @csspart unlink-button - unlinks, or confirms it
 * @csspart cancel-button - keeps the link
 * @csspart enlarge-button - where the code is small: opens the dialog
 * @csspart handoff - on a phone: the offer to send the page to another screen
 * @csspart share-button - there: hands the page's address to another app
 * @csspart copy-button - there: copies it
 * @csspart dialog - the enlarged code
 * @cssprop --sendapi-accent - of the next step's button
 * @cssprop --sendapi-on-accent - words on it
 * @cssprop --sendapi-surface - the box's background
 * @cssprop --sendapi-text - words
 * @cssprop --sendapi-muted - lesser words
 * @cssprop --sendapi-danger - what failed, and what deletes
 * @cssprop --sendapi-border - lines
 * @cssprop --sendapi-radius - of corners
 * @cssprop --sendapi-font - the family
 * @cssprop --sendapi-spacing - the unit of distance
 * @cssprop --sendapi-qr-size - the plate's side
 * @cssstate offline - there is no network; beside it, each phase is a state
 */
export class SendApiPairingElement extends HTMLElement implements Required<ElementOptions> {
  /** The version of the package. */
  static readonly version: string;

  endpoint: string | null;
  credentials: "same-origin" | "include" | "omit" | null;
  getToken: (() => string | Promise<string>) | null;
  headers: (() => HeadersInit | Promise<HeadersInit>) | null;
  transport: Transport | null;
  sessionId: string | null;
  sessionName: string | null;
  webhookUrl: string | null;
  trigger: "visible" | "load" | "manual" | null;
  pollInterval: number | null;
  watchInterval: number | null;
  refreshLead: number | null;
  maxRefreshes: number | null;
  expectedPhone: string | null;
  allowUnlink: boolean;
  persist: "session" | "none" | null;
  persistKey: string | null;
  theme: "auto" | "light" | "dark" | null;
  layout: "auto" | "stack" | "row" | null;
  strings: Partial<Record<TextKey, string>> | null;

  readonly phase: Phase;
  readonly session: Session | null;
  readonly expiresAt: Date | null;
  /** Milliseconds. */
  readonly remaining: number | null;
  readonly error: ErrorDetail | null;
  /** Resolves once the pairing can be used; rejects where it cannot be loaded or is not configured. */
  readonly ready: Promise<this>;

  /** Starts, or resumes a session that is known. */
  start(options?: { fresh?: boolean }): Promise<Snapshot>;
  /** A new code. */
  refresh(): Promise<Snapshot>;
  /** Stops here; `discard` also deletes a still pending session that this element created. */
  stop(options?: { discard?: boolean }): Promise<Snapshot>;
  /** Asks the person, then deletes the session. */
  unlink(): Promise<Snapshot>;
  /** The redacted timeline. */
  diagnostics(): object | null;
}

/**
 * The lifecycle without a view. Its events are the element's; `for await` gives snapshots. Where the wasm cannot be loaded or an option is
 * wrong, both tell the error, and `ready` rejects.
 */
export class PairingController extends EventTarget {
  constructor(options: PairingOptions & { signal?: AbortSignal });
  readonly ready: Promise<this>;
  readonly snapshot: Snapshot | null;
  readonly phase: Phase;
  /** The code on show; null where none may be shown. */
  readonly code: ShownCode | null;
  // Where a call's `signal` aborts, the promise rejects with its reason; what was begun goes on.
  start(options?: { fresh?: boolean } & RequestOptions): Promise<Snapshot>;
  refresh(options?: RequestOptions): Promise<Snapshot>;
  retry(options?: RequestOptions): Promise<Snapshot>;
  stop(options?: { discard?: boolean } & RequestOptions): Promise<Snapshot>;
  /** Unlinks at once: ask the person first. */
  unlink(options?: RequestOptions): Promise<Snapshot>;
  /** Keeps a number that is not the expected one. */
  accept(options?: RequestOptions): Promise<Snapshot>;
  /** Shows the picture that could not be verified, where `can.original` offers it: `code` gives it then. */
  showOriginal(options?: RequestOptions): Promise<Snapshot>;
  diagnostics(): object | null;
  /** Ends it, whatever it waits for; the session stays. */
  close(): void;
  [Symbol.asyncIterator](): AsyncIterableIterator<Snapshot>;

  addEventListener<K extends keyof PairingEventMap>(
    type: K,
    listener: (this: PairingController, event: PairingEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof PairingEventMap>(
    type: K,
    listener: (this: PairingController, event: PairingEventMap[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
}

export interface Code {
  qrCode: string | null;
  /** Milliseconds from the start of the request; null where the server's clock could not be read. */
  expiresIn: number | null;
}

/** One page; what the server did not tell is null. */
export interface SessionList {
  sessions: Session[];
  total: number | null;
  /** From 1. */
  page: number | null;
  perPage: number | null;
}

export interface RequestOptions {
  signal?: AbortSignal;
}

/** The five routes without a lifecycle. Methods reject with a `SendApiError`; a bad argument with a `TypeError` that names it. */
export class SendApiClient {
  constructor(options: BackendOptions);
  create(
    input: { name: string; webhookUrl?: string; idempotencyKey?: string },
    options?: RequestOptions,
  ): Promise<Session & Code>;
  get(id: string, options?: RequestOptions): Promise<Session>;
  /** The code shown before is dead from then on. */
  qr(id: string, options?: RequestOptions): Promise<Code>;
  /** An id that is gone counts as deleted. */
  delete(id: string, options?: RequestOptions): Promise<{ deleted: true; id: string }>;
  list(options?: { page?: number; perPage?: number } & RequestOptions): Promise<SessionList>;
  /** Page after page, 100 sessions each unless told otherwise. */
  pages(options?: { perPage?: number } & RequestOptions): AsyncGenerator<SessionList, void, void>;
  /** Every session, page by page. */
  sessions(options?: { perPage?: number } & RequestOptions): AsyncGenerator<Session, void, void>;
}

export interface Handle {
  readonly element: SendApiPairingElement;
  unmount(): void;
}

/** Loads the wasm now. Optional: everything that needs it awaits it. `signal` ends the wait, not the loading. */
export function init(options?: RequestOptions & {
  /** Where the `.wasm` file is, if not beside the module; or its bytes. */
  wasmUrl?: string | URL | BufferSource;
  /** The same of the second module, which is fetched only for codes that the first one cannot read alone. */
  readerUrl?: string | URL | BufferSource;
}): Promise<void>;
/**
 * Puts an element into `target`, which is in a document by the time the script is there; `signal` takes it away again. Rejects where it
 * cannot be loaded or is not configured, and with the signal's reason where that aborts first.
 */
export function mount(target: Element, options: ElementOptions & LanguageOptions & RequestOptions): Promise<Handle>;
/** `code` is what the API sent: a PNG data URL, bare base64 of a PNG, or a pairing text. */
export function qrToPath(code: string, options?: RequestOptions): Promise<QrPath>;
export function qrToSvg(code: string, options?: RequestOptions): Promise<string>;
export function qrToElement(code: string, document: Document, options?: RequestOptions): Promise<SVGSVGElement>;

declare global {
  interface HTMLElementTagNameMap {
    "sendapi-pairing": SendApiPairingElement;
  }
  interface GlobalEventHandlersEventMap extends PairingEventMap {}
}

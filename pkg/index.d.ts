/** What the widget is doing. `offline` is a state beside it, not a phase. */
export type Phase =
  | "idle"
  | "checking"
  | "creating"
  | "awaiting-scan"
  | "refreshing"
  | "expired"
  | "connected"
  | "wrong-number"
  | "reconnecting"
  | "failed"
  | "action-required"
  | "unlinking"
  | "unlinked"
  | "error";

/** Stable codes; a new release may add some, none changes its meaning. */
export type ErrorCode =
  | "config"
  | "secret_key_rejected"
  | "unauthorized"
  | "forbidden"
  | "quota_exceeded"
  | "not_found"
  | "conflict"
  | "invalid_request"
  | "rate_limited"
  | "server_error"
  | "network_or_cors"
  | "timeout"
  | "invalid_response"
  | "qr_unverified"
  | "wrong_number"
  | "wasm_blocked"
  | "internal";

export interface ErrorDetail {
  code: ErrorCode;
  /** The server's own words where it sent any, as text; else ours. */
  message: string;
  retryable: boolean;
  httpStatus: number | null;
  requestId: string | null;
}

/** What methods and `init` reject with. */
export interface SendApiError extends Error, ErrorDetail {
  name: "SendApiError";
}

export interface Session {
  id: string;
  name: string | null;
  /** `unknown` for a status that this version does not know. */
  status: "pending" | "connected" | "disconnected" | "failed" | "unknown";
  /** `+` and digits. */
  phoneNumber: string | null;
  /** ISO 8601. */
  lastSeenAt: string | null;
  messageCount: number | null;
  /** ISO 8601. */
  createdAt: string | null;
}

export interface Snapshot {
  phase: Phase;
  /** Whether things rest here until a person, the phone or the service does something. */
  settled: boolean;
  offline: boolean;
  session: Session | null;
  /** ISO 8601 on this machine's clock; only while a code is on show. */
  expiresAt: string | null;
  /** Milliseconds of the shown code's life. */
  remaining: number | null;
  /** Counts codes: another number is another code. */
  generation: number | null;
  error: ErrorDetail | null;
  unlink: "confirming" | "deleting" | null;
  can: { start: boolean; refresh: boolean; retry: boolean; unlink: boolean; accept: boolean; original: boolean };
}

/** A code to draw: the side of a square view box, quiet zone included, and the path of its dark modules. */
export interface QrPath {
  size: number;
  d: string;
}

/** What is on show, to be drawn as any `QrPath`. */
export interface ShownCode extends QrPath {
  /** False where it is the picture as it was received, in which no code was found: only after `showOriginal()`. Say so beside it. */
  verified: boolean;
}

export interface TransportContext {
  signal: AbortSignal;
  /** One per intent to create, the same on each retry of it. */
  idempotencyKey?: string;
  /** Bypass shared reads. */
  fresh: boolean;
}

/** Another way to the service. Resolve with the service's JSON; reject with an object that has a numeric `status`. */
export interface Transport {
  create(body: { name: string; webhook_url?: string }, context: TransportContext): Promise<unknown>;
  get(id: string, context: TransportContext): Promise<unknown>;
  qr(id: string, context: TransportContext): Promise<unknown>;
  remove(id: string, context: TransportContext): Promise<unknown>;
  /** For `SendApiClient.list()` alone. */
  list?(asked: { page: number; perPage: number }, context: TransportContext): Promise<unknown>;
}

export interface BackendOptions {
  /** Base URL of your backend or gateway; the routes are `{endpoint}/sessions…`. Required unless there is a `transport`. */
  endpoint?: string | null;
  /**
   * As for `fetch`.
   * @default "same-origin"
   */
  credentials?: "same-origin" | "include" | "omit" | null;
  /** A short-lived bearer token; asked again once after a 401. Never a secret key. */
  getToken?: (() => string | Promise<string>) | null;
  /** Further request headers, such as a CSRF token's. */
  headers?: (() => HeadersInit | Promise<HeadersInit>) | null;
  /** Another way to the service in place of HTTP. */
  transport?: Transport | null;
}

export interface PairingOptions extends BackendOptions {
  /** Resume this session instead of creating one. */
  sessionId?: string | null;
  /**
   * `name` on create.
   * @default "WhatsApp"
   */
  sessionName?: string | null;
  /** `webhook_url` on create; a gateway may refuse it. */
  webhookUrl?: string | null;
  /**
   * When the first request goes out: once on screen in a visible page, at once, or with a button or `start()`.
   * @default "visible"
   */
  trigger?: "visible" | "load" | "manual" | null;
  /**
   * Seconds between reads while pending; grows with the wait.
   * @default 3
   */
  pollInterval?: number | null;
  /**
   * Seconds between reads once connected, while visible; 0 stops there.
   * @default 30
   */
  watchInterval?: number | null;
  /**
   * Seconds before a code's end at which a new one is asked for; at most a quarter of its life.
   * @default 10
   */
  refreshLead?: number | null;
  /**
   * Refreshes by themselves, per gesture or page load.
   * @default 5
   */
  maxRefreshes?: number | null;
  /** Another number that connects is shown as a mismatch. */
  expectedPhone?: string | null;
  /**
   * Offers to unlink, confirmed in two steps.
   * @default false
   */
  allowUnlink?: boolean;
  /**
   * Whether a reload of this tab resumes its session.
   * @default "session"
   */
  persist?: "session" | "none" | null;
  /** Opaque id of the signed-in user, so that the next user of a tab starts afresh. */
  persistKey?: string | null;
}

/** The keys of all texts. `{name}` in a text stands for a value; `digits` are the ten digits, from zero. */
export type TextKey =
  | "heading"
  | "asks"
  | "idleTitle"
  | "idleDetail"
  | "idleAction"
  | "checkingTitle"
  | "creatingTitle"
  | "retryingDetail"
  | "scanTitle"
  | "stepOpen"
  | "stepMenu"
  | "stepScan"
  | "qrLabel"
  | "timeLeft"
  | "refreshAction"
  | "refreshingTitle"
  | "refreshingDetail"
  | "expiredTitle"
  | "expiredDetail"
  | "expiredAction"
  | "connectedTitle"
  | "connectedDetail"
  | "connectedPlain"
  | "sinceLabel"
  | "unlinkAction"
  | "wrongTitle"
  | "wrongDetail"
  | "acceptAction"
  | "reconnectingTitle"
  | "reconnectingDetail"
  | "idlePhoneNote"
  | "failedTitle"
  | "failedDetail"
  | "failedAction"
  | "actionTitle"
  | "actionDetail"
  | "confirmTitle"
  | "confirmDetail"
  | "cancelAction"
  | "unlinkingTitle"
  | "unlinkedTitle"
  | "unlinkedDetail"
  | "unlinkedAction"
  | "retryAction"
  | "startAction"
  | "originalAction"
  | "originalNote"
  | "requestLabel"
  | "offlineCode"
  | "offlineWait"
  | "undo"
  | "soonEnds"
  | "errorConfig"
  | "errorSecret"
  | "errorSignIn"
  | "errorForbidden"
  | "errorQuota"
  | "errorGone"
  | "errorBusy"
  | "errorServer"
  | "errorNetwork"
  | "errorUnverified"
  | "errorOther"
  | "errorSiteDetail"
  | "errorSignInDetail"
  | "errorQuotaDetail"
  | "errorGoneDetail"
  | "errorBusyDetail"
  | "errorServerDetail"
  | "errorNetworkDetail"
  | "errorUnverifiedDetail"
  | "handoffTitle"
  | "handoffDetail"
  | "shareAction"
  | "copyAction"
  | "copiedNote"
  | "enlargeAction"
  | "closeAction"
  | "digits";

/** A language as `sendapi-pairing/locales/*.js` holds it; a text with `{count}` has a form for each category of `Intl.PluralRules`. */
export type Locale = Record<Exclude<TextKey, "digits">, string | Partial<Record<Intl.LDMLPluralRule, string>>>;

export interface ElementOptions extends PairingOptions {
  /**
   * Colours; the code's own plate is always light.
   * @default "auto"
   */
  theme?: "auto" | "light" | "dark" | null;
  /**
   * Code and words one below the other or side by side.
   * @default "auto"
   */
  layout?: "auto" | "stack" | "row" | null;
  /** Texts by key, in place of those of the language (`lang`). */
  strings?: Partial<Record<TextKey, string>> | null;
}

/** What can be written as an attribute, under its property's name. */
export type ElementAttributes = Omit<ElementOptions, "getToken" | "headers" | "transport" | "strings">;

/** The attributes whose names are not their properties' own, as HTML writes them. */
export interface HyphenatedAttributes {
  "session-id"?: string | null;
  "session-name"?: string | null;
  "webhook-url"?: string | null;
  "poll-interval"?: number | string | null;
  "watch-interval"?: number | string | null;
  "refresh-lead"?: number | string | null;
  "max-refreshes"?: number | string | null;
  "expected-phone"?: string | null;
  /** On wherever it is there, whatever its text: `false` would be a text, too. */
  "allow-unlink"?: true | "" | null;
  "persist-key"?: string | null;
}

/** HTML's own attributes for language and direction of the texts. */
export interface LanguageOptions {
  lang?: string | null;
  dir?: "ltr" | "rtl" | "auto" | null;
}

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
  start(options?: { fresh?: boolean }): Promise<Snapshot>;
  refresh(): Promise<Snapshot>;
  retry(): Promise<Snapshot>;
  stop(options?: { discard?: boolean }): Promise<Snapshot>;
  /** Unlinks at once: ask the person first. */
  unlink(): Promise<Snapshot>;
  /** Keeps a number that is not the expected one. */
  accept(): Promise<Snapshot>;
  /** Shows the picture that could not be verified, where `can.original` offers it: `code` gives it then. */
  showOriginal(): Promise<Snapshot>;
  diagnostics(): object | null;
  /** Ends it, whatever it waits for; the session stays. */
  close(): void;
  [Symbol.asyncIterator](): AsyncIterator<Snapshot>;

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

/** Loads the wasm now. Optional: everything that needs it awaits it. */
export function init(options?: {
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
export function qrToPath(code: string): Promise<QrPath>;
export function qrToSvg(code: string): Promise<string>;
export function qrToElement(code: string, document: Document): Promise<SVGSVGElement>;

declare global {
  interface HTMLElementTagNameMap {
    "sendapi-pairing": SendApiPairingElement;
  }
  interface GlobalEventHandlersEventMap extends PairingEventMap {}
}

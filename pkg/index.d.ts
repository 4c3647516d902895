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
  list?(nothing: undefined, context: TransportContext): Promise<unknown>;
}

export interface BackendOptions {
  /** Base URL; the routes are `{endpoint}/sessions…`. */
  endpoint?: string | null;
  credentials?: "same-origin" | "include" | "omit" | null;
  /** A short-lived bearer token; asked again once after a 401. Never a secret key. */
  getToken?: (() => string | Promise<string>) | null;
  /** Further request headers. */
  headers?: (() => HeadersInit | Promise<HeadersInit>) | null;
  transport?: Transport | null;
}

export interface PairingOptions extends BackendOptions {
  sessionId?: string | null;
  sessionName?: string | null;
  webhookUrl?: string | null;
  trigger?: "visible" | "load" | "manual" | null;
  /** Seconds. */
  pollInterval?: number | null;
  /** Seconds. */
  watchInterval?: number | null;
  /** Seconds. */
  refreshLead?: number | null;
  maxRefreshes?: number | null;
  expectedPhone?: string | null;
  allowUnlink?: boolean;
  persist?: "session" | "none" | null;
  persistKey?: string | null;
}

export interface ElementOptions extends PairingOptions {
  theme?: "auto" | "light" | "dark" | null;
  layout?: "auto" | "stack" | "row" | null;
  /** Texts by key, in place of the English ones. */
  strings?: Record<string, string> | null;
}

export interface PairingEventMap {
  "sendapi-ready": CustomEvent<null>;
  "sendapi-phase-change": CustomEvent<{ phase: Phase; previous: Phase }>;
  "sendapi-qr": CustomEvent<{ expiresAt: string; attempt: number }>;
  "sendapi-expired": CustomEvent<null>;
  "sendapi-connected": CustomEvent<{ sessionId: string; phoneNumber: string | null; resumed: boolean }>;
  "sendapi-disconnected": CustomEvent<{ sessionId: string }>;
  "sendapi-failed": CustomEvent<{ sessionId: string }>;
  /** Cancelable. */
  "sendapi-before-unlink": CustomEvent<{ sessionId: string }>;
  "sendapi-unlinked": CustomEvent<{ sessionId: string }>;
  "sendapi-error": CustomEvent<ErrorDetail>;
}

/** `<sendapi-pairing>`. Importing this class registers nothing; import `sendapi-pairing/define` for that. */
export class SendApiPairingElement extends HTMLElement implements Required<ElementOptions> {
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
  strings: Record<string, string> | null;

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

  addEventListener<K extends keyof PairingEventMap>(
    type: K,
    listener: (this: SendApiPairingElement, event: PairingEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

/** The lifecycle without a view. Its events are the element's; `for await` gives snapshots. */
export class PairingController extends EventTarget {
  constructor(options: PairingOptions & { signal?: AbortSignal });
  readonly ready: Promise<this>;
  readonly snapshot: Snapshot | null;
  readonly phase: Phase;
  /** The code on show; null where none may be shown. */
  readonly code: QrPath | null;
  start(options?: { fresh?: boolean }): Promise<Snapshot>;
  refresh(): Promise<Snapshot>;
  retry(): Promise<Snapshot>;
  stop(options?: { discard?: boolean }): Promise<Snapshot>;
  /** Unlinks at once: ask the person first. */
  unlink(): Promise<Snapshot>;
  /** Keeps a number that is not the expected one. */
  accept(): Promise<Snapshot>;
  diagnostics(): object | null;
  /** Ends it; the session stays. */
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
}

export interface Code {
  qrCode: string | null;
  /** Milliseconds from the start of the request; null where the server's clock could not be read. */
  expiresIn: number | null;
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
  list(options?: { page?: number; perPage?: number } & RequestOptions): Promise<{
    sessions: Session[];
    total: number | null;
    page: number | null;
    perPage: number | null;
  }>;
  /** Every session, page by page. */
  sessions(options?: { perPage?: number } & RequestOptions): AsyncGenerator<Session, void, void>;
}

export interface Handle {
  readonly element: SendApiPairingElement;
  unmount(): void;
}

/** Loads the wasm now. Optional: everything that needs it awaits it. */
export function init(options?: { wasmUrl?: string | URL }): Promise<void>;
/** Puts an element into `target`. */
export function mount(target: Element, options: ElementOptions): Promise<Handle>;
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

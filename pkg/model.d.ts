// What is told and what can be set: of data alone, so that a server without a DOM has these types too.

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

/** What `new Headers()` takes. */
export type HeaderFields = NonNullable<ConstructorParameters<typeof Headers>[0]>;

export interface BackendOptions {
  /** Base URL of your backend or gateway; the routes are `{endpoint}/sessions…`. Required unless there is a `transport`. */
  endpoint?: string | null;
  /**
   * As for `fetch`.
   * @default "same-origin"
   */
  credentials?: "same-origin" | "include" | "omit" | null;
  /** A short-lived bearer token; asked again once after a 401, or where none came. Never a secret key. */
  getToken?: (() => string | Promise<string>) | null;
  /** Further request headers, such as a CSRF token's. */
  headers?: (() => HeaderFields | Promise<HeaderFields>) | null;
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

import type { Transport, TransportContext } from "./model.js";

/** A story that the sandbox plays by itself. */
export type Scenario =
  | "manual"
  | "connects"
  | "reconnects"
  | "fails"
  | "quota-exceeded"
  | "rate-limited"
  | "server-error"
  | "unreachable"
  | "html"
  | "bad-image"
  | "unknown-status";

export const scenarios: readonly Scenario[];

export interface SandboxOptions {
  /** `manual` by default: nothing happens by itself. */
  scenario?: Scenario;
  /** Milliseconds between a scenario's steps; 3000 by default. */
  delay?: number;
  /** Milliseconds that each answer takes; 150 by default. */
  latency?: number;
  /** The number that scans, with its `+`; a fictitious one by default. */
  phoneNumber?: string;
  /** The same seed gives the same ids, codes and numbers; random by default. */
  seed?: number;
  /** Where the `.wasm` file is, if not beside the module; or its bytes. */
  wasmUrl?: string | URL | ArrayBuffer | ArrayBufferView;
}

export interface SandboxSession {
  id: string;
  status: "pending" | "connected" | "disconnected" | "failed";
  phone_number: string | null;
}

export interface FaultRule {
  /** `POST create`, `GET list`, `GET session`, `GET qr`, `DELETE session`, `GET *` or `*`; after two words, if need be, a session's id. */
  match: string;
  kind: "delay" | "drop" | "500" | "html" | "truncate" | "429";
  /** Once by default. */
  times?: number;
  /** Milliseconds, for `delay` and `429`; 0 by default. */
  ms?: number;
  /** For `html` alone, 200 to 599; 502 by default. */
  status?: number;
  /** For `drop`: the answer after the service acted, by default, or the request before it. */
  lost?: "answer" | "request";
}

/** One call of the log. */
export interface SandboxCall {
  method: string;
  /** Without the query. */
  path: string;
  /** Also where a fault then lost the answer. */
  status: number;
  /** RFC 3339. */
  time: string;
  /** The fault that was played on it. */
  fault?: FaultRule["kind"];
}

/** The service, and beside it what a person with a phone and the network would do. */
export interface SandboxTransport extends Required<Transport> {
  /** The first page, of 25, by default. */
  list(asked?: { page?: number; perPage?: number }, context?: TransportContext): Promise<unknown>;
  /** A phone scans: `payload` is what it read, by default the living code of the latest session; `phone` its number, with its `+`. */
  scan(what?: { payload?: string; phone?: string }): Promise<SandboxSession>;
  /** The phone loses its network; `id` is the latest session by default. */
  disconnect(id?: string): Promise<SandboxSession>;
  /** The phone is back. */
  reconnect(id?: string): Promise<SandboxSession>;
  /** The service gives up. */
  fail(id?: string): Promise<SandboxSession>;
  /** What goes wrong from now on, in place of the rules before; resolves with the rules as they stand. Rejects where one is none. */
  faults(rules: FaultRule[]): Promise<{ rules: FaultRule[] }>;
  /** The calls so far, the latest 100,000 of them. */
  log(): Promise<SandboxCall[]>;
}

/** A transport that leads to a sandbox of its own, inside the page: no network, no key. For tests and stories. */
export function sandboxTransport(options?: SandboxOptions): SandboxTransport;

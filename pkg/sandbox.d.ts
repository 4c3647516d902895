import type { Transport } from "./model.js";

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
  /** `POST create`, `GET list`, `GET session`, `GET qr`, `DELETE session` or `*`. */
  match: string;
  kind: "delay" | "drop" | "500" | "html" | "truncate" | "429";
  /** Once by default. */
  times?: number;
  /** Milliseconds, for `delay` and `429`. */
  ms?: number;
}

/** The service, and beside it what a person with a phone and the network would do. */
export interface SandboxTransport extends Required<Transport> {
  /** A phone scans: `payload` is what it read, by default the living code of the latest session. */
  scan(what?: { payload?: string; phone?: string }): Promise<SandboxSession>;
  /** The phone loses its network; `id` is the latest session by default. */
  disconnect(id?: string): Promise<SandboxSession>;
  /** The phone is back. */
  reconnect(id?: string): Promise<SandboxSession>;
  /** The service gives up. */
  fail(id?: string): Promise<SandboxSession>;
  faults(rules: FaultRule[]): Promise<unknown>;
  /** Every call so far. */
  log(): Promise<{ method: string; path: string; status: number; time: string }[]>;
}

/** A transport that leads to a sandbox of its own, inside the page: no network, no key. For tests and stories. */
export function sandboxTransport(options?: SandboxOptions): SandboxTransport;

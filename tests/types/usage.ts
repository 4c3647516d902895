// What a strict TypeScript user may write, and what must not compile.

import { FLAG_ATTRIBUTES, NUMBER_ATTRIBUTES, TEXT_ATTRIBUTES } from "../../pkg/constants.js";
import {
  type ErrorCode,
  type HyphenatedAttributes,
  PairingController,
  type PairingEventMap,
  type Phase,
  SendApiClient,
  SendApiPairingElement,
  init,
  mount,
  qrToPath,
} from "../../pkg/index.js";
import { type Scenario, sandboxTransport, scenarios } from "../../pkg/sandbox.js";
import { render, skeleton } from "../../pkg/ssr.js";

const element = document.createElement("sendapi-pairing");
element.endpoint = "/api/whatsapp";
element.pollInterval = 5;
element.getToken = async () => "token";
element.headers = () => ({ "x-csrf-token": "1" });
element.transport = {
  create: async ({ name }, { idempotencyKey }) => ({ id: name + idempotencyKey }),
  get: async (id) => ({ id }),
  qr: async () => ({}),
  remove: async () => ({}),
  list: async ({ page, perPage }, { signal }) => ({ data: [], meta: { total: 0, page: page + 0, per_page: perPage, over: signal.aborted } }),
};
element.addEventListener("sendapi-connected", (event) => {
  const number: string | null = event.detail.phoneNumber;
  console.log(number, event.detail.sessionId.length, event.detail.resumed);
});
element.addEventListener("click", (event) => console.log(event.clientX));
document.addEventListener("sendapi-error", (event) => {
  const code: ErrorCode = event.detail.code;
  console.log(code);
});
const phase: Phase = element.phase;
const isElement: boolean = element instanceof SendApiPairingElement;
const expires: Date | null = element.expiresAt;
console.log(phase, isElement, expires);

export async function use(signal: AbortSignal) {
  await init({ wasmUrl: new URL("https://cdn.test/w.wasm"), readerUrl: "/r.wasm" });
  const handle = await mount(document.body, { endpoint: "/api", theme: "dark", lang: "ar", dir: "rtl", signal });
  handle.unmount();
  const client = new SendApiClient({ endpoint: "/api" });
  const created = await client.create({ name: "Bot" }, { signal });
  const code = created.qrCode ? await qrToPath(created.qrCode) : null;
  for await (const session of client.sessions()) console.log(session.phoneNumber, code?.d);
  const controller = new PairingController({ endpoint: "/api", signal });
  const told = (event: PairingEventMap["sendapi-qr"]) => console.log(event.detail.attempt);
  controller.addEventListener("sendapi-qr", told);
  controller.removeEventListener("sendapi-qr", told);
  for await (const snapshot of controller) {
    if (snapshot.phase === "connected") controller.close();
    if (snapshot.can.original) await controller.showOriginal({ signal });
    if (snapshot.can.retry) await controller.retry({ signal });
    else if (snapshot.can.start) await controller.start({ fresh: true, signal });
    else await controller.refresh();
    const verified: boolean | undefined = controller.code?.verified;
    console.log(verified);
  }
}

export async function play() {
  const transport = sandboxTransport({ scenario: "connects", delay: 500 });
  element.transport = transport;
  const { phone_number: number } = await transport.scan();
  const names: readonly Scenario[] = scenarios;
  console.log(number, names, skeleton({ theme: "dark" }), render({ endpoint: "/api", pollInterval: 5, lang: "pt-BR", dir: "ltr" }));
  console.log(await transport.list({ page: 2, perPage: 25 }, { signal: new AbortController().signal, fresh: false }));
  console.log(await transport.list(), await transport.list({ page: 2 }));
  const { rules } = await transport.faults([
    { match: "POST create", kind: "drop", lost: "request" },
    { match: "GET session", kind: "html", status: 503, times: 2 },
    { match: "*", kind: "delay", ms: 500 },
  ]);
  for (const { path, status, fault } of await transport.log()) console.log(path, status, fault === "429", rules.length);
}

const written: HyphenatedAttributes = { "session-name": "Support Bot", "poll-interval": "5", "max-refreshes": 3, "allow-unlink": "" };
const off: HyphenatedAttributes = { "allow-unlink": null };
console.log(written, off);
type Attribute = keyof typeof TEXT_ATTRIBUTES | keyof typeof NUMBER_ATTRIBUTES | keyof typeof FLAG_ATTRIBUTES;
type Hyphenated = Extract<Attribute, `${string}-${string}`>;
export const all: Record<Hyphenated, unknown> = {} as Required<HyphenatedAttributes>;
export const noOther: Required<Record<keyof HyphenatedAttributes, unknown>> = {} as Record<Hyphenated, unknown>;
// @ts-expect-error as a text it would switch it on
export const onByText: HyphenatedAttributes = { "allow-unlink": "false" };
// @ts-expect-error a template would write it as that text
export const onByFlag: HyphenatedAttributes = { "allow-unlink": false };
// @ts-expect-error there is no such attribute
export const noAttribute: HyphenatedAttributes = { "sesion-name": "Support Bot" };
// @ts-expect-error there is no such direction
void mount(document.body, { endpoint: "/api", dir: "up" });

// @ts-expect-error a controller to abort with is no signal
void new PairingController({ endpoint: "/api" }).stop({ signal: new AbortController() });
// @ts-expect-error there is no such fault
void sandboxTransport().faults([{ match: "*", kind: "404" }]);
// @ts-expect-error a call loses its request or its answer
void sandboxTransport().faults([{ match: "*", kind: "drop", lost: "both" }]);
// @ts-expect-error there is no such scenario
sandboxTransport({ scenario: "explodes" });
// @ts-expect-error a function is nothing to write into HTML
render({ endpoint: "/api", getToken: async () => "token" });
element.lang = "pt-BR";
element.strings = { heading: "WhatsApp Business" };
// @ts-expect-error there is no such text
element.strings = { headline: "WhatsApp Business" };
// @ts-expect-error there is no such phase
export const wrongPhase: Phase = "paired";
// @ts-expect-error the phase is read-only
element.phase = "idle";
// @ts-expect-error a number is no theme
element.theme = 3;
// @ts-expect-error there is no API key in a browser
element.apiKey = "sk_test_1";
// @ts-expect-error a name is needed
void new SendApiClient({ endpoint: "/api" }).create({});
// @ts-expect-error a detail of another event
element.addEventListener("sendapi-qr", (event) => event.detail.phoneNumber);

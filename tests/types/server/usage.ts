// A server's code, compiled without the DOM's types.

import { sandboxTransport, type SandboxTransport } from "sendapi-pairing/sandbox";
import { type ElementOptions, type ErrorCode, type Phase, type Session, render, skeleton } from "sendapi-pairing/ssr";

const box: string = skeleton({ sessionName: "Support Bot", theme: "dark", strings: { heading: "Scan" } });
const tag: string = render({ endpoint: "/api/whatsapp", sessionName: "Support Bot", lang: "he", dir: "rtl" });
// @ts-expect-error there is no such layout
skeleton({ layout: "column" });
// @ts-expect-error a function is no attribute
render({ endpoint: "/api/whatsapp", getToken: () => "" });

const options: ElementOptions = { endpoint: "/api/whatsapp", headers: () => ({ "x-csrf-token": "t" }) };
// @ts-expect-error a header's value is a text
const wrong: ElementOptions = { headers: () => ({ "x-csrf-token": 1 }) };

const told = (phase: Phase, code: ErrorCode, session: Session) => `${phase} ${code} ${session.id}`;
const sandbox: SandboxTransport = sandboxTransport({ scenario: "connects" });

export { box, options, sandbox, tag, told, wrong };

import "/sendapi-pairing/define.js";
import { sandboxTransport } from "/sendapi-pairing/sandbox.js";

const given = Object.fromEntries(new URLSearchParams(location.search));
const element = document.createElement("sendapi-pairing");
element.transport = sandboxTransport({ scenario: given.scenario, delay: 300, latency: 10, seed: 7, phoneNumber: "+447700900123" });
Object.assign(element, { trigger: "load", pollInterval: 0.2, watchInterval: 0.2, persist: "none" });
window.seen = [];
window.codes = [];
element.addEventListener("sendapi-phase-change", ({ detail }) => window.seen.push(detail.phase));
element.addEventListener("sendapi-error", ({ detail }) => window.codes.push(detail.code));
document.body.append(element);

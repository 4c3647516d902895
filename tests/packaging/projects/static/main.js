import { SendApiPairingElement, qrToPath } from "/sendapi-pairing/index.js";

const element = document.querySelector("sendapi-pairing");
window.sameClass = element instanceof SendApiPairingElement;
window.drawn = qrToPath("2@" + "a".repeat(200));

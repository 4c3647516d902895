// Rollup by itself places no file that a script points to: the wasm comes inside the script.
import { SendApiPairingElement, qrToPath } from "sendapi-pairing/inline";

const element = document.querySelector("sendapi-pairing");
window.sameClass = element instanceof SendApiPairingElement;
window.drawn = qrToPath("2@" + "a".repeat(200));

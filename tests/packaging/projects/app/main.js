import "sendapi-pairing/define";
import { SendApiPairingElement, qrToPath } from "sendapi-pairing";

const element = document.querySelector("sendapi-pairing");
// One copy of the class, whichever entry it came by; and the headless API beside it.
window.sameClass = element instanceof SendApiPairingElement;
window.drawn = qrToPath("2@" + "a".repeat(200));

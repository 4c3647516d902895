// Registers the element. Importing it twice, or beside another copy of the package, is harmless: the first one stays.

import { SendApiPairingElement } from "./element.js";

const tag = "sendapi-pairing";
const { version } = SendApiPairingElement;
/** @type {any} */
const known = globalThis.customElements?.get(tag);
if (!known) globalThis.customElements?.define(tag, SendApiPairingElement);
else if (known.version !== version) console.warn(tag, known.version, "stays; later came", version);

export { SendApiPairingElement };

// Registers the element. Importing it twice, or beside another copy of the package, is harmless: the first one stays.

import { SendApiPairingElement } from "./element.js";

if (globalThis.customElements && !customElements.get("sendapi-pairing")) {
  customElements.define("sendapi-pairing", SendApiPairingElement);
}

export { SendApiPairingElement };

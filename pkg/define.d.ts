export { SendApiPairingElement } from "./index.js";

// `<sendapi-pairing>` in Svelte's templates: properties and attributes by their names, events by `on` and their own names.

import type { HTMLAttributes } from "svelte/elements";
import type { ElementOptions, HyphenatedAttributes, PairingEventMap, SendApiPairingElement } from "../index.js";

type Listeners = { [Name in keyof PairingEventMap as `on${Name}` | `on:${Name}`]?: (event: PairingEventMap[Name]) => void };

declare module "svelte/elements" {
  interface SvelteHTMLElements {
    "sendapi-pairing": HTMLAttributes<SendApiPairingElement> & ElementOptions & HyphenatedAttributes & Listeners;
  }
}

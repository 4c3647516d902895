// `<sendapi-pairing>` in JSX of Preact, which sets properties, writes what has a hyphen as an attribute, and listens by `on` and the event's
// own name. From Preact 10.27.2.

import type { HTMLAttributes } from "preact";
import type { ElementOptions, HyphenatedAttributes, PairingEventMap, SendApiPairingElement } from "../index.js";

/** Preact takes away an attribute that is `false`, and writes none of that text. */
type Attributes = Omit<HyphenatedAttributes, "allow-unlink"> & { "allow-unlink"?: boolean | "" | null };

type Listeners = { [Name in keyof PairingEventMap as `on${Name}`]?: (event: PairingEventMap[Name]) => void };

type Props = HTMLAttributes<SendApiPairingElement> & ElementOptions & Attributes & Listeners;

declare module "preact" {
  namespace JSX {
    interface IntrinsicElements {
      "sendapi-pairing": Props;
    }
  }
}

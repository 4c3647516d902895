// `<sendapi-pairing>` in JSX of React 19, which sets properties, writes what has a hyphen as an attribute, and listens by `on` and the
// event's own name.

import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type { ElementOptions, HyphenatedAttributes, PairingEventMap, SendApiPairingElement } from "../index.js";

/** React takes away an attribute that is `false`, and writes none of that text. */
type Attributes = Omit<HyphenatedAttributes, "allow-unlink"> & { "allow-unlink"?: boolean | "" | null };

type Listeners = { [Name in keyof PairingEventMap as `on${Name}`]?: (event: PairingEventMap[Name]) => void };

type Props = DetailedHTMLProps<HTMLAttributes<SendApiPairingElement>, SendApiPairingElement> & ElementOptions & Attributes & Listeners;

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "sendapi-pairing": Props;
    }
  }
}

// `<sendapi-pairing>` in JSX of Preact, which sets properties, and listens by `on` and the event's own name. From Preact 10.27.2.

import type { HTMLAttributes } from "preact";
import type { ElementOptions, PairingEventMap, SendApiPairingElement } from "../index.js";

type Listeners = { [Name in keyof PairingEventMap as `on${Name}`]?: (event: PairingEventMap[Name]) => void };

type Props = HTMLAttributes<SendApiPairingElement> & ElementOptions & Listeners;

declare module "preact" {
  namespace JSX {
    interface IntrinsicElements {
      "sendapi-pairing": Props;
    }
  }
}

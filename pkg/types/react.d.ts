// `<sendapi-pairing>` in JSX of React 19, which sets properties, and listens by `on` and the event's own name.

import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type { ElementOptions, PairingEventMap, SendApiPairingElement } from "../index.js";

type Listeners = { [Name in keyof PairingEventMap as `on${Name}`]?: (event: PairingEventMap[Name]) => void };

type Props = DetailedHTMLProps<HTMLAttributes<SendApiPairingElement>, SendApiPairingElement> & ElementOptions & Listeners;

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "sendapi-pairing": Props;
    }
  }
}

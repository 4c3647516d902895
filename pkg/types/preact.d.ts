// `<sendapi-pairing>` in JSX of Preact, from 10.27.2.

import type { HTMLAttributes } from "preact";
import type { SendApiPairingElement } from "../index.js";
import type { OwnProps } from "./jsx.js";

declare module "preact" {
  namespace JSX {
    interface IntrinsicElements {
      "sendapi-pairing": HTMLAttributes<SendApiPairingElement> & OwnProps;
    }
  }
}

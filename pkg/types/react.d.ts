// `<sendapi-pairing>` in JSX of React 19.

import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type { SendApiPairingElement } from "../index.js";
import type { OwnProps } from "./jsx.js";

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "sendapi-pairing": DetailedHTMLProps<HTMLAttributes<SendApiPairingElement>, SendApiPairingElement> & OwnProps;
    }
  }
}

// What React and Preact share: both set properties, write what has a hyphen as an attribute, and listen by `on` and the event's own name.

import type { ElementOptions, HyphenatedAttributes, PairingEventMap } from "../index.js";

/** Both take away an attribute that is `false`, and write none of that text. */
type Attributes = Omit<HyphenatedAttributes, "allow-unlink"> & { "allow-unlink"?: boolean | "" | null };

type Listeners = { [Name in keyof PairingEventMap as `on${Name}`]?: (event: PairingEventMap[Name]) => void };

export type OwnProps = ElementOptions & Attributes & Listeners;

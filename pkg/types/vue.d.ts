// `<sendapi-pairing>` in Vue's templates. Tell the compiler that the tag is an element:
// `compilerOptions: { isCustomElement: (tag) => tag === "sendapi-pairing" }`.
//
// Bind what is no text by its property's name: `:allowUnlink="false"`, `:getToken="token"`. With a hyphen, Vue writes an attribute, in which
// `false` is a text and switches on. Its types cannot tell the two apart: they take a name with a hyphen for the property's.

import type { EmitFn, HTMLAttributes, PublicProps } from "vue";
import type { ElementOptions, PairingEventMap, SendApiPairingElement } from "../index.js";

type Listeners = { [Name in keyof PairingEventMap]: (event: PairingEventMap[Name]) => void };

/** What is a number may be written as a text, too: `poll-interval="5"`. */
type Options = { [Name in keyof ElementOptions]: ElementOptions[Name] | (number extends ElementOptions[Name] ? `${number}` : never) };

/** The element as `GlobalComponents` wants a component to be. */
export interface SendApiPairingComponent {
  new (): SendApiPairingElement & {
    /** Only for the template compiler's types; no such property exists. */
    $props: HTMLAttributes & Options & PublicProps;
    /** Only for the template compiler's types; no such property exists. */
    $emit: EmitFn<Listeners>;
  };
}

declare module "vue" {
  interface GlobalComponents {
    "sendapi-pairing": SendApiPairingComponent;
  }
}

import type { ElementAttributes, LanguageOptions, TextKey } from "./model.js";

// A server has no DOM, which the types of the package's main entry need.
export * from "./model.js";

export interface SkeletonOptions {
  sessionName?: string | null;
  theme?: "auto" | "light" | "dark" | null;
  layout?: "auto" | "stack" | "row" | null;
  /** Who asks; a server does not know the host's name. */
  site?: string | null;
  /** Texts by key, in another language or other words. */
  strings?: Partial<Record<TextKey, string>> | null;
  /** The URL of this package's `style.css`, for pages whose policy forbids `<style>`. */
  stylesheet?: string;
  /** For pages whose policy allows `<style>` by nonce. */
  nonce?: string;
}

/** What goes inside the tag: a declarative shadow root with the box as it is while nothing is known. Needs no DOM. */
export function skeleton(options?: SkeletonOptions): string;
/** The whole tag with its attributes and its skeleton. Throws a `TypeError` for a secret key. */
export function render(options: ElementAttributes & LanguageOptions & SkeletonOptions): string;

// Where the wasm lies. The published package has another file in place of this one (scripts/publish.mjs): its module comes in two parts.

/**
 * A file beside the scripts as they were installed: Vite's dev server keeps scripts in a folder of its own (`.vite/deps`; Nuxt's in
 * `.cache/vite/client/deps`), and up to version 7, or there, nothing of what lies beside them.
 */
export const own = ({ href }) => href.replace(/\.(cache\/)?vite\/.*deps/, "sendapi-pairing");

// Written out, not put together, because bundlers look for exactly this form.
export const first = () => own(new URL("./wasm/sendapi_pairing_bg.wasm", import.meta.url));

/** The rest of the module, where the first part is not all of it. */
export const rest = first;

/** All of it in one. */
export const whole = first;

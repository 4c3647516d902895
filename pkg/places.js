// Where the wasm lies. The published package has another file in place of this one (scripts/publish.mjs): its module comes in two parts.

// Written out, not put together, because bundlers look for exactly this form.
export const first = () => new URL("./wasm/sendapi_pairing_bg.wasm", import.meta.url);

/** The rest of the module, where the first part is not all of it. */
export const rest = first;

/** All of it in one. */
export const whole = first;

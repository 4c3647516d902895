// Everything in one file: the classes, the registered element, and (once packed) the wasm itself. For bundlers that cannot place a
// `.wasm` file beside a script, and for a page that wants a single one.

import "./define.js";

export * from "./index.js";

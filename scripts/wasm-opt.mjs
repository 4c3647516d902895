// Where binaryen's wasm-opt is, and what it may take for granted of our modules.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const tools = createRequire(new URL('../tests/package.json', import.meta.url));

/** To be run by Node. */
export const wasmOpt = join(dirname(tools.resolve('binaryen/package.json')), 'bin', 'wasm-opt');

/** What any of the modules may be taken to do. */
export const assumptions = [
  // Nothing of Rust's lies in the first kilobyte: the far end of the stack does.
  '--low-memory-unused',
  // Safe Rust checks before it loads or divides, and traps by an instruction of its own.
  '--ignore-implicit-traps',
  '--generate-global-effects',
  '--always-inline-max-function-size=4',
];

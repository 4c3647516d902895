// The first part of the module as it is published: optimised once more, and the smallest of several, which are made side by side.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inWorker } from './in-worker.mjs';
import { brotli } from './order-functions.mjs';
import { unnamed } from './split-module.mjs';
import { assumptions, wasmOpt } from './wasm-opt.mjs';

/** Functions up to this size go where they are called from, if from one place alone: no figure says which that would outlast a change. */
const INLINED = [10, 20, 30, 40, 50, 60, 80, 100, 120, 140, 160];

/** How many functions are put elsewhere by chance in each; 60 take some 20 seconds. */
const TRIES = 60;

/** What a part of a module does not say of itself any more: the features of what rustc makes. */
const features = ['mutable-globals', 'sign-ext', 'nontrapping-float-to-int', 'bulk-memory', 'multivalue', 'reference-types'].map((name) => `--enable-${name}`);
features.unshift('--mvp-features');

/**
 * Without what is called from one place alone now, and what is left of the types.
 * @param {Uint8Array} bytes
 * @param {number} inlined
 */
export function optimised(bytes, inlined) {
  const folder = mkdtempSync(join(tmpdir(), 'first-part-'));
  try {
    const file = join(folder, 'first.wasm');
    writeFileSync(file, bytes);
    execFileSync(process.execPath, [wasmOpt, file, '-o', file, ...features, ...assumptions, '-Oz', `--one-caller-inline-max-function-size=${inlined}`, '--dealign']);
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * The smallest.
 * @param {Buffer} bytes as `split` gave it
 * @param {(bytes: Buffer) => Promise<Uint8Array>} finished puts the functions of a module in order
 */
export async function smallestFirst(bytes, finished) {
  const made = await Promise.all(INLINED.map((inlined) => inWorker(new URL(import.meta.url), 'optimised', bytes, inlined)));
  const distinct = new Map(made.map((one) => [Buffer.from(one).toString('latin1'), one]));
  const orders = new URL('order-functions.mjs', import.meta.url);
  const all = await Promise.all([...distinct.values()].map(async (one) => inWorker(orders, 'shuffled', await finished(unnamed(Buffer.from(one))), TRIES)));
  return all.reduce((least, one) => (brotli(one) < brotli(least) ? one : least));
}

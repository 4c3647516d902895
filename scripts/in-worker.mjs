// What takes long, done beside everything else: as much at a time as there are processors.

import { availableParallelism } from 'node:os';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

const waiting = [];
let running = 0;

/**
 * Calls a function that a module exports, in a thread of its own.
 * @param {URL} module
 * @param {string} name
 * @param {...unknown} inputs what can be cloned; a Buffer arrives as a Uint8Array, and comes back as one
 */
export async function inWorker(module, name, ...inputs) {
  if (running >= availableParallelism()) await new Promise((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    return await new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: { module: module.href, name, inputs } });
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
    });
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

// Not awaited here: the module may import this one.
if (!isMainThread) {
  const { module, name, inputs } = workerData;
  import(module).then(async (exports) => parentPort?.postMessage(await exports[name](...inputs)));
}

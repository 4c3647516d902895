// Puts functions that are alike beside each other. A compressor finds what repeats wherever it is, but its statistics follow the place:
// among their like, the same instructions cost a sixtieth less. What the module does is not touched; all that changes is which number a
// function has, in the code, the table, the exports and the start.

import { brotliCompressSync, constants } from 'node:zlib';
import { parsed, written } from './wasm-module.mjs';

/** Functions are alike by the runs of so many bytes that both have. Which length serves best depends on the module. */
const RUNS = [3, 4];

/** How many of the functions placed last the next one is compared with. Likewise. */
const WINDOWS = [1, 2, 3, 4, 6];

/** How long a module is as it travels. @param {Uint8Array} bytes */
export const brotli = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;

/** A function of so many bytes or more changes by its place what is around it. */
const LARGE = 300;

/** How alike each two functions are, from 0 to 1. */
function likeness({ bytes, bodies }, length) {
  const runs = bodies.map(({ start, end }) => {
    const found = new Set();
    for (let at = start; at + length <= end; at++) found.add(bytes.readUIntLE(at, length));
    return found;
  });
  const table = runs.map(() => new Float64Array(runs.length));
  runs.forEach((one, at) => {
    for (let other = 0; other < at; other++) {
      const [small, large] = [one, runs[other]].sort((a, b) => a.size - b.size);
      let shared = 0;
      for (const run of small) if (large.has(run)) shared += 1;
      table[at][other] = table[other][at] = shared / Math.sqrt(small.size * large.size || 1);
    }
  });
  return table;
}

/** From the smallest function on, each time the one that is most like the last ones. */
function order({ bodies }, alike, window) {
  const size = ({ start, end }) => end - start;
  const left = new Set(bodies.keys());
  const placed = [];
  let next = [...left].reduce((least, one) => (size(bodies[one]) < size(bodies[least]) ? one : least));
  while (left.size > 0) {
    placed.push(next);
    left.delete(next);
    const last = placed.slice(-window).reverse();
    let most = -1;
    for (const one of left) {
      const score = last.reduce((sum, other, back) => sum + alike[other][one] / (back + 1), 0);
      if (score > most) [most, next] = [score, one];
    }
  }
  return placed;
}

/**
 * The same module with its functions in the order that compresses best, of those that are tried. Where each search begins depends on the
 * order before it, so it goes on as long as that gains anything.
 * @param {Uint8Array} bytes
 */
export function ordered(bytes) {
  let [best, least] = [Buffer.from(bytes), brotli(bytes)];
  for (let before = Infinity; least < before; ) {
    before = least;
    const module = parsed(best);
    for (const length of RUNS) {
      const alike = likeness(module, length);
      for (const window of WINDOWS) {
        const tried = written(module, order(module, alike, window));
        const size = brotli(tried);
        if (size < least) [best, least] = [tried, size];
      }
    }
  }
  return best;
}

/**
 * The same module once more, after so many large functions were put elsewhere by chance, each to stay there where that costs nothing: what
 * the compressor makes of an order no likeness foresees. The same chances every time, so that a build comes out the same.
 * @param {Uint8Array} bytes
 * @param {number} tries
 */
export function shuffled(bytes, tries) {
  const module = parsed(Buffer.from(bytes));
  const large = [...module.bodies.keys()].filter((one) => module.bodies[one].end - module.bodies[one].start >= LARGE);
  let [best, least, order] = [bytes, brotli(bytes), [...module.bodies.keys()]];
  // A Weyl sequence through a mixing function.
  let state = 1;
  const below = (/** @type {number} */ bound) => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return Math.floor((((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32) * bound);
  };
  for (; tries > 0 && large.length > 0; tries--) {
    const moved = large[below(large.length)];
    const next = order.filter((one) => one !== moved);
    next.splice(below(order.length), 0, moved);
    const tried = written(module, next);
    const size = brotli(tried);
    if (size <= least) [best, least, order] = [tried, size, next];
  }
  return best;
}

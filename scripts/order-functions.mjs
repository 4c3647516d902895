// Puts functions that are alike beside each other. A compressor finds what repeats wherever it is, but its statistics follow the place:
// among their like, the same instructions cost a sixtieth less. What the module does is not touched; all that changes is which number a
// function has, in the code, the table, the exports and the start.

import { brotliCompressSync, constants } from 'node:zlib';

/** Sections of a module (core specification, "Modules", binary format). */
const [IMPORTS, FUNCTIONS, EXPORTS, START, ELEMENTS, CODE] = [2, 3, 7, 8, 9, 10];

/** Functions are alike by the runs of so many bytes that both have. Which length serves best depends on the module. */
const RUNS = [3, 4];

/** How many of the functions placed last the next one is compared with. Likewise. */
const WINDOWS = [1, 2, 3, 4, 6];

const brotli = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;

class Reader {
  constructor(bytes, at = 0, end = bytes.length) {
    Object.assign(this, { bytes, at, end });
  }
  byte() {
    return this.bytes[this.at++];
  }
  /** LEB128; of a signed number only the length matters here. */
  number() {
    let [value, scale, byte] = [0, 1, 0];
    do {
      byte = this.byte();
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte > 127);
    return value;
  }
  numbers(count) {
    for (; count > 0; count--) this.number();
  }
  list(one) {
    return Array.from({ length: this.number() }, one);
  }
  text() {
    const length = this.number();
    this.at += length;
  }
  limits() {
    this.numbers(1 + (this.byte() & 1));
  }
}

function encoded(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}

/** Passes over what belongs to an instruction; whether it is a function's number, which follows. */
function namesFunction(reader) {
  const opcode = reader.byte();
  // call, ref.func
  if (opcode === 0x10 || opcode === 0xd2) return true;
  const none = opcode <= 0x01 || [0x05, 0x0b, 0x0f, 0x1a, 0x1b, 0xd1].includes(opcode) || (opcode >= 0x45 && opcode <= 0xc4);
  const one = (opcode >= 0x02 && opcode <= 0x04) || opcode === 0x0c || opcode === 0x0d || (opcode >= 0x20 && opcode <= 0x26) || (opcode >= 0x3f && opcode <= 0x42) || opcode === 0xd0;
  if (one) reader.numbers(1);
  else if (opcode === 0x11 || (opcode >= 0x28 && opcode <= 0x3e)) reader.numbers(2);
  else if (opcode === 0x0e) reader.numbers(reader.number() + 1);
  else if (opcode === 0x1c) reader.numbers(reader.number());
  else if (opcode === 0x43) reader.at += 4;
  else if (opcode === 0x44) reader.at += 8;
  else if (opcode === 0xfc) {
    const kind = reader.number();
    if (kind > 17) throw new Error(`unknown instruction 0xfc ${kind}`);
    if (kind > 7) reader.numbers([8, 10, 12, 14].includes(kind) ? 2 : 1);
  } else if (!none) throw new Error(`unknown instruction 0x${opcode.toString(16)}`);
  return false;
}

/** A function's body as what stays, and between it the numbers of functions. */
function pieces(bytes, from, end) {
  const reader = new Reader(bytes, from);
  const found = [];
  let start = from;
  reader.list(() => reader.numbers(2));
  while (reader.at < end) {
    if (namesFunction(reader)) {
      found.push(bytes.subarray(start, reader.at), reader.number());
      start = reader.at;
    }
  }
  return [...found, bytes.subarray(start, end)];
}

function parsed(bytes) {
  const sections = [];
  let [imported, types, bodies] = [0, [], []];
  const file = new Reader(bytes, 8);
  while (file.at < file.end) {
    const id = file.byte();
    const length = file.number();
    const reader = new Reader(bytes, file.at, file.at + length);
    sections.push({ id, start: reader.at, end: reader.end });
    if (id === IMPORTS) {
      reader.list(() => {
        reader.text();
        reader.text();
        const kind = reader.byte();
        if (kind === 0) imported += 1;
        if (kind === 1 || kind === 3) reader.at += 1;
        if (kind === 0) reader.number();
        if (kind === 1 || kind === 2) reader.limits();
        if (kind === 3) reader.at += 1;
      });
    }
    if (id === FUNCTIONS) types = reader.list(() => reader.number());
    if (id === CODE) {
      bodies = reader.list(() => {
        const size = reader.number();
        return { start: reader.at, end: (reader.at += size) };
      });
    }
    file.at = reader.end;
  }
  return { bytes, sections, imported, types, bodies, code: bodies.map(({ start, end }) => pieces(bytes, start, end)) };
}

/** The module with its functions in this order of their numbers in `module`. */
function written({ bytes, sections, imported, types, code }, order) {
  const places = [];
  order.forEach((old, place) => (places[old] = place));
  const renumbered = (number) => encoded(number < imported ? number : imported + places[number - imported]);
  const copied = (reader, read) => {
    const start = reader.at;
    read();
    return bytes.subarray(start, reader.at);
  };
  const sized = (parts) => {
    const body = Buffer.concat(parts);
    return Buffer.concat([encoded(body.length), body]);
  };
  const listed = (parts) => [encoded(parts.length), ...parts];
  const content = (id, reader) => {
    if (id === FUNCTIONS) return listed(order.map((old) => encoded(types[old])));
    if (id === CODE) return listed(order.map((old) => sized(code[old].map((piece) => (typeof piece === 'number' ? renumbered(piece) : piece)))));
    if (id === START) return [renumbered(reader.number())];
    if (id === EXPORTS) {
      return listed(
        reader.list(() => {
          const name = copied(reader, () => reader.text());
          const kind = reader.byte();
          const number = reader.number();
          return Buffer.concat([name, Buffer.from([kind]), kind === 0 ? renumbered(number) : encoded(number)]);
        }),
      );
    }
    if (id === ELEMENTS) {
      return listed(
        reader.list(() => {
          const head = copied(reader, () => {
            // An active segment of functions for the first table, at a constant place: all that LLVM and binaryen make of a table.
            if (reader.number() !== 0 || reader.byte() !== 0x41) throw new Error('unknown elements');
            reader.number();
            if (reader.byte() !== 0x0b) throw new Error('unknown elements');
          });
          return Buffer.concat([head, ...listed(reader.list(() => renumbered(reader.number())))]);
        }),
      );
    }
    return [bytes.subarray(reader.at, reader.end)];
  };
  const parts = sections.map(({ id, start, end }) => Buffer.concat([Buffer.from([id]), sized(content(id, new Reader(bytes, start, end)))]));
  return Buffer.concat([bytes.subarray(0, 8), ...parts]);
}

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
 * The same module with its functions in the order that compresses best, of those that are tried.
 * @param {Buffer} bytes
 */
export function ordered(bytes) {
  const module = parsed(bytes);
  const orders = RUNS.flatMap((length) => {
    const alike = likeness(module, length);
    return WINDOWS.map((window) => order(module, alike, window));
  });
  const tried = [bytes, ...orders.map((one) => written(module, one))];
  const sizes = tried.map(brotli);
  return tried[sizes.indexOf(Math.min(...sizes))];
}

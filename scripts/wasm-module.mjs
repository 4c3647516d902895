// Reads and writes modules of WebAssembly in the binary format (core specification, "Binary Format"), as far as LLVM and binaryen use it
// here: sections, and functions as bytes between the numbers that they name things by.

/** Ids of sections. */
export const section = { TYPES: 1, IMPORTS: 2, FUNCTIONS: 3, TABLES: 4, MEMORIES: 5, GLOBALS: 6, EXPORTS: 7, START: 8, ELEMENTS: 9, CODE: 10, DATA: 11 };

/** Kinds of what is imported and exported. */
export const kind = { FUNCTION: 0, TABLE: 1, MEMORY: 2, GLOBAL: 3 };

export class Reader {
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
    return this.bytes.toString('utf8', this.at, (this.at += length));
  }
  /** The bytes that `read` passes over. */
  passed(read) {
    const start = this.at;
    read();
    return this.bytes.subarray(start, this.at);
  }
  limits() {
    this.numbers(1 + (this.byte() & 1));
  }
}

/** LEB128 of a number that is not negative. */
export function encoded(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}

/** The same with a sign, as `i32.const` has it. */
export function encodedSigned(value) {
  const bytes = [];
  for (; value > 63; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}

export const encodedText = (text) => sized([Buffer.from(text)]);

export function sized(parts) {
  const body = Buffer.concat(parts);
  return Buffer.concat([encoded(body.length), body]);
}

export const listed = (parts) => Buffer.concat([encoded(parts.length), ...parts]);

/** A module out of its sections: `[id, content]`. */
export const moduleOf = (sections) =>
  Buffer.concat([Buffer.from('\0asm\x01\0\0\0', 'latin1'), ...sections.map(([id, content]) => Buffer.concat([Buffer.from([id]), sized([content])]))]);

/** What a piece of a function's body is that is no bytes. */
const NAMES = new Map([
  [0x10, 'call'],
  [0xd2, 'reference'],
  [0x23, 'global'],
  [0x24, 'global'],
]);

/**
 * Passes over an instruction; where a number follows that names a function or a global, up to it, and what it is. `constant` is told what
 * may be an address: constants, and what loads and stores add.
 */
function instruction(reader, constant = (_) => {}) {
  const opcode = reader.byte();
  if (NAMES.has(opcode)) return NAMES.get(opcode);
  const none = opcode <= 0x01 || [0x05, 0x0b, 0x0f, 0x1a, 0x1b, 0xd1].includes(opcode) || (opcode >= 0x45 && opcode <= 0xc4);
  const one = (opcode >= 0x02 && opcode <= 0x04) || [0x0c, 0x0d, 0xd0].includes(opcode) || (opcode >= 0x20 && opcode <= 0x26) || (opcode >= 0x3f && opcode <= 0x42);
  if (opcode === 0x41) constant(reader.number());
  else if (one) reader.numbers(1);
  else if (opcode === 0x11) reader.numbers(2);
  else if (opcode >= 0x28 && opcode <= 0x3e) {
    reader.numbers(1);
    constant(reader.number());
  }
  else if (opcode === 0x0e) reader.numbers(reader.number() + 1);
  else if (opcode === 0x1c) reader.numbers(reader.number());
  else if (opcode === 0x43) reader.at += 4;
  else if (opcode === 0x44) reader.at += 8;
  else if (opcode === 0xfc) {
    const further = reader.number();
    if (further > 17) throw new Error(`unknown instruction 0xfc ${further}`);
    if (further > 7) reader.numbers([8, 10, 12, 14].includes(further) ? 2 : 1);
  } else if (!none) throw new Error(`unknown instruction 0x${opcode.toString(16)}`);
  return undefined;
}

/** A function's body: bytes, and between them `{what, number}`; the opcode of a call, a reference, an access is the last byte before it. */
function pieces(bytes, from, end) {
  const reader = new Reader(bytes, from);
  const found = [];
  let start = from;
  reader.list(() => reader.numbers(2));
  while (reader.at < end) {
    const what = instruction(reader);
    if (what) {
      found.push(bytes.subarray(start, reader.at), { what, number: reader.number() });
      start = reader.at;
    }
  }
  return [...found, bytes.subarray(start, end)];
}

/** The constants in a function's body that may be addresses. @param {Buffer} bytes @param {{start: number, end: number}} body */
export function constantsOf(bytes, { start, end }) {
  const reader = new Reader(bytes, start, end);
  const found = new Set();
  reader.list(() => reader.numbers(2));
  while (reader.at < end) if (instruction(reader, (value) => found.add(value))) reader.numbers(1);
  return found;
}

/**
 * @typedef {object} Parsed
 * @property {Buffer} bytes
 * @property {{id: number, start: number, end: number}[]} sections
 * @property {{module: string, name: string, kind: number, type?: number}[]} imports
 * @property {number} imported how many of them are functions
 * @property {number[]} types of the functions that are defined here, by their numbers in the section of types
 * @property {{start: number, end: number}[]} bodies
 * @property {(Buffer | {what: string, number: number})[][]} code the bodies in pieces
 * @property {{name: string, kind: number, number: number}[]} exports
 * @property {{offset: number, functions: number[]}[]} elements
 * @property {Map<number, string>} names of functions, where the module has any
 */

/** @param {Buffer} bytes @returns {Parsed} */
export function parsed(bytes) {
  const module = { bytes, sections: [], imports: [], imported: 0, types: [], bodies: [], code: [], exports: [], elements: [], names: new Map() };
  const file = new Reader(bytes, 8);
  while (file.at < file.end) {
    const id = file.byte();
    const length = file.number();
    const reader = new Reader(bytes, file.at, file.at + length);
    module.sections.push({ id, start: reader.at, end: reader.end });
    if (id === section.IMPORTS) {
      module.imports = reader.list(() => {
        const [module, name, what] = [reader.text(), reader.text(), reader.byte()];
        if (what === kind.FUNCTION) return { module, name, kind: what, type: reader.number() };
        if (what === kind.TABLE || what === kind.GLOBAL) reader.at += 1;
        if (what === kind.TABLE || what === kind.MEMORY) reader.limits();
        if (what === kind.GLOBAL) reader.at += 1;
        return { module, name, kind: what };
      });
      module.imported = module.imports.filter((one) => one.kind === kind.FUNCTION).length;
    }
    if (id === section.FUNCTIONS) module.types = reader.list(() => reader.number());
    if (id === section.EXPORTS) module.exports = reader.list(() => ({ name: reader.text(), kind: reader.byte(), number: reader.number() }));
    if (id === section.ELEMENTS) {
      module.elements = reader.list(() => {
        // An active segment of functions for the first table, at a constant place: all that LLVM and binaryen make of a table.
        if (reader.number() !== 0 || reader.byte() !== 0x41) throw new Error('unknown elements');
        const offset = reader.number();
        if (reader.byte() !== 0x0b) throw new Error('unknown elements');
        return { offset, functions: reader.list(() => reader.number()) };
      });
    }
    if (id === section.CODE) {
      module.bodies = reader.list(() => {
        const size = reader.number();
        return { start: reader.at, end: (reader.at += size) };
      });
    }
    if (id === 0 && reader.text() === 'name') {
      while (reader.at < reader.end) {
        const of = reader.byte();
        const next = reader.number() + reader.at;
        if (of === 1) reader.list(() => module.names.set(reader.number(), reader.text()));
        reader.at = next;
      }
    }
    file.at = reader.end;
  }
  module.code = module.bodies.map(({ start, end }) => pieces(bytes, start, end));
  return module;
}

/** The section of elements with `number` in place of a function's. */
export const elementsOf = (elements, number) =>
  listed(elements.map(({ offset, functions }) => Buffer.concat([Buffer.from([0, 0x41]), encodedSigned(offset), Buffer.from([0x0b]), listed(functions.map((one) => encoded(number(one))))])));

/** The section of exports with `number` in place of a function's. */
export const exportsOf = (exports, number) =>
  listed(exports.map((one) => Buffer.concat([encodedText(one.name), Buffer.from([one.kind]), encoded(one.kind === kind.FUNCTION ? number(one.number) : one.number)])));

/** A body out of its pieces, with `number` in place of a function's. */
export const bodyOf = (pieces, number) =>
  sized(pieces.map((piece) => (Buffer.isBuffer(piece) ? piece : encoded(piece.what === 'global' ? piece.number : number(piece.number)))));

/** The module with its functions in this order of their numbers in `module`. */
export function written({ bytes, sections, imported, types, code, exports, elements }, order) {
  const places = [];
  order.forEach((old, place) => (places[old] = place));
  const renumbered = (number) => (number < imported ? number : imported + places[number - imported]);
  const content = (id, reader) => {
    if (id === section.FUNCTIONS) return listed(order.map((old) => encoded(types[old])));
    if (id === section.CODE) return listed(order.map((old) => bodyOf(code[old], renumbered)));
    if (id === section.START) return encoded(renumbered(reader.number()));
    if (id === section.EXPORTS) return exportsOf(exports, renumbered);
    if (id === section.ELEMENTS) return elementsOf(elements, renumbered);
    return bytes.subarray(reader.at, reader.end);
  };
  return moduleOf(sections.map(({ id, start, end }) => [id, content(id, new Reader(bytes, start, end))]));
}

/** The same module without its names and other notes. @param {Buffer} bytes */
export function withoutNames(bytes) {
  const { sections } = parsed(bytes);
  return moduleOf(sections.filter(({ id }) => id !== 0).map(({ id, start, end }) => [id, bytes.subarray(start, end)]));
}

/** A function's name without what changes with the compiler: hashes, and the numbers that tell copies apart. @param {string} name */
const plainName = (name) => name.replace(/::h[0-9a-f]{16}$/, '').replaceAll(/\[[0-9a-f]{12,16}\]/g, '').replace(/\.\d+$/, '');

/**
 * The names of a module's own functions, in their order; of several with one name each has its number.
 * @param {Parsed} module
 * @returns {string[]}
 */
export function namesOf({ names, imported, bodies }) {
  const seen = new Map();
  return bodies.map((_, at) => {
    const name = plainName(names.get(at + imported) ?? '');
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} #${count}`;
  });
}

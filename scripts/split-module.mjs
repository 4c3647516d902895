// Parts a module in two: what a page needs to show its first code, and the rest, which can come after it.
//
// Both work on the same memory, globals and tables, which the first part owns. The rest finds the functions of the first part in the
// table, where those that it calls got places of their own at the end. The first part imports the functions of the rest that it calls, or
// that the table holds, from the module `b`: JavaScript that hands on to the rest, and knows what to do where that is not there yet
// (pkg/loader.js). What the module does is the same, with its parts together or one after the other.

import { Reader, bodyOf, elementsOf, encoded, encodedSigned, encodedText, exportsOf, kind, listed, moduleOf, namesOf, parsed, section } from './wasm-module.mjs';

/** The module from which the first part imports the rest's functions; from which the rest imports what the first part owns. */
const [REST, FIRST] = ['b', 'c'];

/** The letters of short names. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$';
const short = (number) => (number < LETTERS.length ? '' : short(Math.floor(number / LETTERS.length) - 1)) + LETTERS[number % LETTERS.length];

/** What a type of value or of a table and such is in bytes, as they stand. */
function definitions(bytes, { start, end }, id) {
  const reader = new Reader(bytes, start, end);
  return reader.list(() =>
    reader.passed(() => {
      if (id === section.TABLES || id === section.GLOBALS) reader.at += 1;
      if (id === section.TABLES || id === section.MEMORIES) reader.limits();
      if (id === section.GLOBALS) {
        reader.at += 1;
        // A constant, or a null reference, and the end.
        const opcode = reader.byte();
        if (opcode === 0x43 || opcode === 0x44) reader.at += opcode === 0x43 ? 4 : 8;
        else reader.numbers(1);
        if (reader.byte() !== 0x0b) throw new Error('a global that is not a constant');
      }
    }),
  );
}

/**
 * @param {Buffer} bytes a module that defines its memory, its globals and its tables, the first table for functions
 * @param {Set<string>} isRest the names of functions that can come later, as `namesOf` gives them
 * @returns {{ first: Buffer, rest: Buffer }}
 */
export function split(bytes, isRest) {
  const module = parsed(bytes);
  const { imports, imported, types, code, exports, elements, sections } = module;
  const names = namesOf(module);
  if (imports.some((one) => one.kind !== kind.FUNCTION) || sections.some(({ id }) => id === section.START)) throw new Error('a module of another kind');
  const place = (id) => sections.find((one) => one.id === id);
  const content = (id) => {
    const found = place(id);
    return found ? bytes.subarray(found.start, found.end) : listed([]);
  };

  const all = [...code.keys()].map((index) => index + imported);
  const later = new Set(all.filter((number) => isRest.has(names[number - imported])));
  const type = (number) => (number < imported ? imports[number].type : types[number - imported]);
  /** What these functions name of one kind. */
  const named = (functions, what) => new Set(functions.flatMap((number) => code[number - imported].filter((piece) => piece.what === what).map((piece) => piece.number)));
  const firsts = all.filter((number) => !later.has(number));
  const rests = all.filter((number) => later.has(number));
  if (named(all, 'reference').size > 0) throw new Error('references to functions');

  // The first part.
  const inTable = elements.flatMap(({ functions }) => functions);
  const called = named(firsts, 'call');
  const exported = exports.filter((one) => one.kind === kind.FUNCTION).map((one) => one.number);
  const reached = rests.filter((number) => called.has(number) || inTable.includes(number) || exported.includes(number));
  reached.sort((a, b) => type(a) - type(b) || a - b);
  const firstImports = [...imports.keys()].filter((number) => called.has(number) || inTable.includes(number) || exported.includes(number));
  const handed = new Map(reached.map((number, at) => [number, { name: short(at), number: firstImports.length + at }]));
  const firstNumbers = new Map(firstImports.map((number, at) => [number, at]));
  firsts.forEach((number, at) => firstNumbers.set(number, firstImports.length + reached.length + at));
  const inFirst = (number) => {
    const found = firstNumbers.get(number) ?? handed.get(number)?.number;
    if (found === undefined) throw new Error(`the first part does without function ${number}`);
    return found;
  };

  // Places in the table by which the rest calls the first part.
  const slots = new Map();
  elements.forEach(({ offset, functions }) => functions.forEach((number, at) => slots.set(number, offset + at)));
  const appended = [...named(rests, 'call')].filter((number) => number >= imported && !later.has(number) && !slots.has(number)).sort((a, b) => a - b);
  const tables = definitions(bytes, place(section.TABLES), section.TABLES);
  const functionTable = new Reader(tables[0], 1);
  const bounded = functionTable.byte() & 1;
  const length = functionTable.number();
  appended.forEach((number, at) => slots.set(number, length + at));
  tables[0] = Buffer.concat([tables[0].subarray(0, 2), encoded(length + appended.length), bounded ? encoded(length + appended.length) : Buffer.alloc(0)]);
  const last = elements.at(-1);
  const joined = last && last.offset + last.functions.length === length;
  const firstElements = joined
    ? [...elements.slice(0, -1), { offset: last.offset, functions: [...last.functions, ...appended] }]
    : [...elements, ...(appended.length > 0 ? [{ offset: length, functions: appended }] : [])];

  // What the rest borrows gets a name where it has none.
  const globals = [...named(rests, 'global')].sort((a, b) => a - b);
  const firstExports = [...exports];
  const taken = new Set(exports.map((one) => one.name));
  let next = 0;
  const lent = (what, number) => {
    const known = firstExports.find((one) => one.kind === what && one.number === number);
    if (known) return known.name;
    while (taken.has(short(next))) next += 1;
    const name = short(next++);
    firstExports.push({ name, kind: what, number });
    return name;
  };
  const memoryLimits = definitions(bytes, place(section.MEMORIES), section.MEMORIES)[0];
  const globalTypes = definitions(bytes, place(section.GLOBALS), section.GLOBALS).map((one) => one.subarray(0, 2));
  const imported_ = (from, name, what, description) => Buffer.concat([encodedText(from), encodedText(name), Buffer.from([what]), description]);
  const borrowed = [
    imported_(FIRST, lent(kind.MEMORY, 0), kind.MEMORY, memoryLimits),
    ...tables.map((table, number) => imported_(FIRST, lent(kind.TABLE, number), kind.TABLE, table)),
    ...globals.map((number) => imported_(FIRST, lent(kind.GLOBAL, number), kind.GLOBAL, globalTypes[number])),
  ];

  const functionImport = (from, name, of) => imported_(from, name, kind.FUNCTION, encoded(of));
  const known = (number) => functionImport(imports[number].module, imports[number].name, imports[number].type);
  const firstContents = new Map([
    [section.IMPORTS, listed([...firstImports.map(known), ...reached.map((number) => functionImport(REST, handed.get(number).name, type(number)))])],
    [section.FUNCTIONS, listed(firsts.map((number) => encoded(type(number))))],
    [section.TABLES, listed(tables)],
    [section.EXPORTS, exportsOf(firstExports, inFirst)],
    [section.ELEMENTS, elementsOf(firstElements, inFirst)],
    [section.CODE, listed(firsts.map((number) => bodyOf(code[number - imported], inFirst)))],
  ]);
  const first = moduleOf(sections.filter(({ id }) => id !== 0).map(({ id }) => [id, firstContents.get(id) ?? content(id)]));

  // The rest.
  const restImports = [...named(rests, 'call')].filter((number) => number < imported).sort((a, b) => a - b);
  const restNumbers = new Map(restImports.map((number, at) => [number, at]));
  rests.forEach((number, at) => restNumbers.set(number, restImports.length + at));
  const globalNumbers = new Map(globals.map((number, at) => [number, at]));
  const restBody = (pieces) => {
    const out = [];
    pieces.forEach((piece, at) => {
      if (Buffer.isBuffer(piece)) {
        const crosses = pieces[at + 1]?.what === 'call' && !restNumbers.has(pieces[at + 1].number);
        out.push(crosses ? piece.subarray(0, -1) : piece);
      } else if (piece.what === 'global') out.push(encoded(globalNumbers.get(piece.number)));
      else if (restNumbers.has(piece.number)) out.push(encoded(restNumbers.get(piece.number)));
      // i32.const of the place, then call_indirect.
      else out.push(Buffer.from([0x41]), encodedSigned(slots.get(piece.number)), Buffer.from([0x11]), encoded(type(piece.number)), encoded(0));
    });
    return bodyOf([Buffer.concat(out)], () => 0);
  };
  const restElements = rests.filter((number) => inTable.includes(number)).map((number) => ({ offset: slots.get(number), functions: [number] }));
  const rest = moduleOf([
    [section.TYPES, content(section.TYPES)],
    [section.IMPORTS, listed([...restImports.map(known), ...borrowed])],
    [section.FUNCTIONS, listed(rests.map((number) => encoded(type(number))))],
    [section.EXPORTS, exportsOf(reached.map((number) => ({ name: handed.get(number).name, kind: kind.FUNCTION, number })), (number) => restNumbers.get(number))],
    [section.ELEMENTS, elementsOf(restElements, (number) => restNumbers.get(number))],
    [section.CODE, listed(rests.map((number) => restBody(code[number - imported])))],
  ]);
  return { first, rest };
}

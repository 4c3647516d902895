// Parts a module in two: what a page needs to show its first code, and the rest, which can come after it.
//
// Both work on the same memory, globals and tables, which the first part owns. The rest finds the functions of the first part in the
// table, where those that it calls got places of their own at the end. The first part imports the functions of the rest that it calls, or
// that the table holds, from the module `b`: JavaScript that hands on to the rest, and knows what to do where that is not there yet
// (pkg/loader.js). What the module does is the same, with its parts together or one after the other.
//
// Its imports are named by their numbers, and once nothing is done to it any more they lose these names, which would be most of what they
// cost: an engine asks for imports in their order (WebAssembly JavaScript Interface, "read the imports"), so they can be handed out so.
//
// Constant data stays with the first part, save what stands between two marks: that is the rest's, which writes it to its place.

import { Reader, bodyOf, constantsOf, elementsOf, encoded, encodedSigned, encodedText, exportsOf, kind, listed, moduleOf, namesOf, parsed, section, sized } from './wasm-module.mjs';

/** From which module all import JavaScript; the first part the rest's functions; the rest what the first part owns. */
const [GLUE, REST, FIRST] = ['a', 'b', 'c'];

/** Around constant data that only functions of the rest look at; the marks are part of it (src/ui/text.rs). */
const MARKS = ['\0later\0', '\0over\0'];

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
 * The sections of data of both parts: `[first, rest]`.
 * @param {Buffer} bytes
 * @param {{start: number, end: number}} place of the section
 * @param {{start: number, end: number}[]} bodies of the first part's functions
 */
function parted(bytes, { start, end }, bodies) {
  const reader = new Reader(bytes, start, end);
  const moved = [];
  const constant = (address) => Buffer.concat([Buffer.from([0, 0x41]), encodedSigned(address), Buffer.from([0x0b])]);
  const segments = reader.list(() => {
    // An active segment at a constant address.
    if (reader.number() !== 0 || reader.byte() !== 0x41) throw new Error('unknown data');
    const address = reader.number();
    if (reader.byte() !== 0x0b) throw new Error('unknown data');
    const length = reader.number();
    const content = Buffer.from(bytes.subarray(reader.at, (reader.at += length)));
    for (let from = content.indexOf(MARKS[0]); from >= 0; from = content.indexOf(MARKS[0])) {
      const to = content.indexOf(MARKS[1], from) + MARKS[1].length;
      if (to < from) throw new Error('data without its end mark');
      moved.push({ address: address + from, content: Buffer.from(content.subarray(from, to)) });
      content.fill(0, from, to);
    }
    return { address, content };
  });
  function inside(value, what) {
    for (const { address, content } of moved) {
      if (value > address && value < address + content.length) throw new Error(`${what} of the first part points at data of the rest`);
    }
  }
  // Words of the data that may be pointers.
  for (const { content } of segments) for (let at = 0; at + 4 <= content.length; at += 4) inside(content.readUInt32LE(at), 'the data');
  for (const body of bodies) for (const value of constantsOf(bytes, body)) inside(value, 'a function');
  if (moved.length === 0) throw new Error('no data between the marks');
  const section = (all) => listed(all.map(({ address, content }) => Buffer.concat([constant(address), sized([content])])));
  return [section(segments), section(moved)];
}

/**
 * @param {Buffer} bytes a module that defines its memory, its globals and its tables, the first table for functions
 * @param {Set<string>} isRest the names of functions that can come later, as `namesOf` gives them
 * @param {(name: string) => unknown} does what an import is in JavaScript: two of one type that are the same become one
 * @returns {{ first: Buffer, rest: Buffer, whole: Buffer, order: number[] }} `order`: which of the module's imports the glue's list is to hold
 * at each place; `whole`: the module with its imports named by those places
 */
export function split(bytes, isRest, does) {
  const module = parsed(bytes);
  const { imports, imported, types, exports, sections } = module;
  const texts = imports.map(({ name }) => does(name));
  const firstAlike = imports.map(({ type }, at) => imports.findIndex((other, before) => other.type === type && texts[before] === texts[at]));
  const merged = (number) => firstAlike[number] ?? number;
  const code = module.code.map((body) => body.map((piece) => (piece.what === 'call' ? { ...piece, number: merged(piece.number) } : piece)));
  const elements = module.elements.map(({ offset, functions }) => ({ offset, functions: functions.map(merged) }));
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
  const isReached = (number) => called.has(number) || inTable.includes(number) || exported.includes(number);
  // Those of one type beside each other: without a name, that is all in which they differ. And what is alike in JavaScript.
  const byType = (a, b) => type(a) - type(b) || a - b;
  const byText = (a, b) => type(a) - type(b) || String(texts[a]).localeCompare(String(texts[b]), 'en');
  const reached = rests.filter(isReached).sort(byType);
  const firstImports = [...imports.keys()].filter(isReached).sort(byText);
  const order = [...firstImports, ...[...imports.keys()].filter((number) => !isReached(number) && merged(number) === number)];
  const handed = new Map(reached.map((number, at) => [number, firstImports.length + at]));
  const firstNumbers = new Map(firstImports.map((number, at) => [number, at]));
  firsts.forEach((number, at) => firstNumbers.set(number, firstImports.length + reached.length + at));
  const inFirst = (number) => {
    const found = firstNumbers.get(number) ?? handed.get(number);
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
  const lent = (what, number) => {
    const known = firstExports.find((one) => one.kind === what && one.number === number);
    if (known) return known.name;
    const name = String(firstExports.length);
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

  const [firstData, restData] = parted(bytes, place(section.DATA), firsts.map((number) => module.bodies[number - imported]));
  const functionImport = (from, name, number) => imported_(from, name, kind.FUNCTION, encoded(type(number)));
  const glue = (number) => functionImport(GLUE, String(order.indexOf(merged(number))), number);
  const firstContents = new Map([
    [section.IMPORTS, listed([...firstImports.map(glue), ...reached.map((number, at) => functionImport(REST, String(at), number))])],
    [section.FUNCTIONS, listed(firsts.map((number) => encoded(type(number))))],
    [section.TABLES, listed(tables)],
    [section.EXPORTS, exportsOf(firstExports, inFirst)],
    [section.ELEMENTS, elementsOf(firstElements, inFirst)],
    [section.CODE, listed(firsts.map((number) => bodyOf(code[number - imported], inFirst)))],
    [section.DATA, firstData],
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
    [section.IMPORTS, listed([...restImports.map(glue), ...borrowed])],
    [section.FUNCTIONS, listed(rests.map((number) => encoded(type(number))))],
    [section.EXPORTS, exportsOf(reached.map((number, at) => ({ name: String(at), kind: kind.FUNCTION, number })), (number) => restNumbers.get(number))],
    [section.ELEMENTS, elementsOf(restElements, (number) => restNumbers.get(number))],
    [section.CODE, listed(rests.map((number) => restBody(code[number - imported])))],
    [section.DATA, restData],
  ]);
  const whole = moduleOf(
    sections.map(({ id }, at) => [id, id === section.IMPORTS ? listed([...imports.keys()].map(glue)) : bytes.subarray(sections[at].start, sections[at].end)]),
  );
  return { first, rest, whole, order };
}

/**
 * The first part with imports that have no names, as it is to be published.
 * @param {Buffer} bytes as `split` gave it; it may have been optimised, as long as its imports are the same
 */
export function unnamed(bytes) {
  const { imports, sections } = parsed(bytes);
  for (const [from, ours] of [GLUE, REST].map((module) => [module, imports.filter((one) => one.module === module)])) {
    ours.forEach(({ name }, at) => {
      if (name !== String(at)) throw new Error(`import ${name} of ${from} stands at place ${at}`);
    });
  }
  const content = listed(imports.map((one) => Buffer.concat([encodedText(one.module), encodedText(''), Buffer.from([one.kind]), encoded(one.type)])));
  return moduleOf(sections.filter(({ id }) => id !== 0).map(({ id, start, end }) => [id, id === section.IMPORTS ? content : bytes.subarray(start, end)]));
}

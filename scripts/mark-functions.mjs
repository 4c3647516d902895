// Has every function of a module leave a mark in memory when it is called: a byte each, in pages of their own behind what the module has.

import { Reader, encoded, encodedSigned, listed, moduleOf, namesOf, parsed, section, sized } from './wasm-module.mjs';

const PAGE = 65536;

/**
 * @param {Buffer} bytes
 * @returns {{ marked: Buffer, start: number, names: string[] }} where the marks start; the functions in their order
 */
export function mark(bytes) {
  const module = parsed(bytes);
  const { sections, bodies } = module;
  const place = sections.find(({ id }) => id === section.MEMORIES);
  const memories = new Reader(bytes, place.start, place.end);
  if (memories.number() !== 1) throw new Error('not one memory');
  const flags = memories.byte();
  const pages = memories.number();
  const start = pages * PAGE;
  const content = ({ id, start: from, end }) => {
    if (id === section.MEMORIES) return listed([Buffer.concat([Buffer.from([flags]), encoded(pages + Math.ceil(bodies.length / PAGE)), bytes.subarray(memories.at, end)])]);
    if (id !== section.CODE) return bytes.subarray(from, end);
    return listed(
      bodies.map((body, at) => {
        const reader = new Reader(bytes, body.start, body.end);
        reader.list(() => reader.numbers(2));
        // i32.const place, i32.const 1, i32.store8.
        const store = Buffer.concat([Buffer.from([0x41]), encodedSigned(start + at), Buffer.from([0x41, 1, 0x3a, 0, 0])]);
        return sized([bytes.subarray(body.start, reader.at), store, bytes.subarray(reader.at, body.end)]);
      }),
    );
  };
  return { marked: moduleOf(sections.map((one) => [one.id, content(one)])), start, names: namesOf(module) };
}

// What the documents hold, and what they tell people to write: fenced snippets, commands and names in the text, links.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { plan } from './plan.js';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
export const read = (path) => readFileSync(`${root}/${path}`, 'utf8');

/** Every file that the repository keeps, and every one that is about to be. */
export const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
/** Every document. */
export const documents = files.filter((path) => path.endsWith('.md')).sort();

/** A document taken apart: `{fenced: [{language, text, first}], prose}`, the text of a snippet without the indentation of a list. */
export function parse(file) {
  const fenced = [];
  const prose = [];
  let open = null;
  for (const line of read(file).split('\n')) {
    const fence = line.match(/^( *)(`{3,}|~{3,})(.*)$/);
    if (open) {
      if (fence && fence[2].startsWith(open.fence) && !fence[3].trim()) {
        fenced.push({ file, language: open.language, text: `${open.lines.join('\n')}\n`, first: open.lines[0] ?? '' });
        open = null;
      } else open.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line.trimStart());
    } else if (fence) open = { indent: fence[1], fence: fence[2], language: fence[3].trim(), lines: [] };
    else prose.push(line);
  }
  if (open) throw new Error(`${file}: a snippet is not closed`);
  return { fenced, prose: prose.join('\n') };
}

/** The snippets of a document, in one language or in all. */
export const snippets = (file, language) => parse(file).fenced.filter((snippet) => language === undefined || snippet.language === language);

/** What stands in backquotes in a document's text. */
export const inline = (file) => [...parse(file).prose.matchAll(/(`+)(.+?)\1/gs)].map(([, , code]) => code.replaceAll(/\s+/g, ' ').trim());

const taken = new Set();
/** The texts of the snippets of `file` that the plan has tried in this way, in their order. */
export function take(file, way) {
  const chosen = snippets(file).filter(({ first }) => plan[file]?.[first] === way);
  if (chosen.length === 0) throw new Error(`${file}: no snippet is to be tried as "${way}"`);
  taken.add(`${file}: ${way}`);
  return chosen.map(({ text }) => text);
}

/** The one snippet of `file` that is tried in this way. */
export function takeOne(file, way) {
  const [text, ...more] = take(file, way);
  if (more.length > 0) throw new Error(`${file}: "${way}" is the way of more than one snippet`);
  return text;
}

/** What the plan leaves to the tests of this kind (the word before the colon of its ways), and none of them has taken. */
export const left = (kind) =>
  Object.entries(plan)
    .flatMap(([file, ways]) => Object.values(ways).filter((way) => way.startsWith(`${kind}: `)).map((way) => `${file}: ${way}`))
    .filter((way) => !taken.has(way));

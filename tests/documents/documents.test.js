// What can be told of the documents by looking: every snippet is in the plan, every command and path that they name is there, every link leads
// somewhere, and the names of the element are those of its manifest.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, normalize } from 'node:path';
import { test } from 'node:test';
import { documents, files, inline, left, parse, read, root, snippets, takeOne } from './documents.js';
import { plan } from './plan.js';

test('each snippet is in the plan, and the plan has no other', () => {
  const known = /^(browser|command|text|doctest|none): \S/;
  for (const file of new Set([...documents, ...Object.keys(plan)])) {
    const found = snippets(file).map(({ first }) => first);
    assert.deepEqual(found.sort(), Object.keys(plan[file] ?? {}).sort(), file);
    for (const [first, way] of Object.entries(plan[file] ?? {})) assert.match(way, known, `${file}: ${first}`);
  }
});

test('each snippet in Rust is compiled with the doctests', () => {
  const compiled = [...read('src/lib.rs').matchAll(/include_str!\("\.\.\/([^"]+\.md)"\)/g)].map((found) => found[1]);
  const holding = documents.filter((file) => snippets(file, 'rust').length > 0);
  assert.deepEqual(compiled.sort(), holding);
  for (const file of holding) for (const { first } of snippets(file, 'rust')) assert.equal(plan[file][first], `doctest: ${file}`);
  // rustdoc takes a snippet without a language for Rust.
  for (const file of holding) assert.deepEqual(snippets(file, '').map(({ first }) => first), [], file);
});

/** Lines of commands: the snippets in `sh` and what stands in backquotes. */
const commands = (file) => [...snippets(file, 'sh').flatMap(({ text }) => text.trim().split('\n')), ...inline(file)];

test('every target of make, script, step and path that a document names is there', () => {
  const targets = new Set([...read('Makefile').matchAll(/^([a-z-]+):/gm)].map((found) => found[1]));
  const [, steps] = read('scripts/prove').match(/^all='(.*)'$/m);
  const tops = new Set(files.map((path) => path.split('/', 1)[0]).filter((top) => files.some((path) => path.startsWith(`${top}/`))));
  const there = (path) => {
    if (!path.includes('*') && !path.includes('{')) return existsSync(`${root}/${path}`);
    const pattern = path.replaceAll(/[.[\]]/g, '\\$&').replaceAll('*', '[^/]*').replaceAll(/\{([^}]*)\}/g, (_, names) => `(${names.replaceAll(',', '|')})`);
    return files.some((file) => new RegExp(`^${pattern}$`).test(file));
  };
  let seen = 0;
  for (const file of documents) {
    for (const command of commands(file)) {
      for (const [, target] of command.matchAll(/(?:^|\s|&& )make ([a-z-]+)/g)) assert.ok(targets.has(target) && ++seen, `${file}: make ${target}`);
      for (const [, step] of command.matchAll(/PROVE_STEPS=(\S+)/g)) assert.ok(steps.split(' ').includes(step) && ++seen, `${file}: PROVE_STEPS=${step}`);
      for (const [, crate] of command.matchAll(/(?:^|\s)cargo .*-p (\S+)/g)) assert.ok(read('Cargo.lock').includes(`name = "${crate}"\n`) && ++seen, `${file}: -p ${crate}`);
      for (const [, name] of command.matchAll(/(?:^|\s)cargo .*--test (\w+)/g)) assert.ok(files.some((path) => path.endsWith(`/tests/${name}.rs`)) && ++seen, `${file}: --test ${name}`);
      for (const [, path] of command.matchAll(/(?:^|[\s=(])((?:[\w.-]+\/)[\w./*{},[\]-]*)(?=$|[\s:,;)])/g)) {
        const [top] = path.split('/', 1);
        // What a build makes is not there before it.
        if (!tops.has(top) || path.startsWith('pkg/wasm') || /^[\w-]+\.[\w-]+\//.test(path)) continue;
        const beside = normalize(`${dirname(file)}/${path}`);
        assert.ok((there(path) || there(beside)) && ++seen, `${file}: ${path}`);
      }
    }
  }
  assert.ok(seen > 60, `${seen} names`);
});

test('every link between documents leads to a file and a heading', () => {
  const anchor = (heading) => heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, '').trim().replaceAll(' ', '-');
  let seen = 0;
  for (const file of documents) {
    for (const [, link] of parse(file).prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^\w+:/.test(link)) continue;
      const [path, fragment] = link.split('#');
      const target = path ? normalize(`${dirname(file)}/${decodeURIComponent(path)}`) : file;
      assert.ok(existsSync(`${root}/${target}`), `${file}: ${link}`);
      if (fragment) {
        const headings = [...parse(target).prose.matchAll(/^#+ (.*)$/gm)].map((found) => anchor(found[1]));
        assert.ok(headings.includes(fragment), `${file}: ${link}`);
      }
      seen++;
    }
  }
  assert.ok(seen > 40, `${seen} links`);
});

const names = (found) => [...new Set(found)].sort();

test('the pages on theming, events and errors have the names that the package has, and all of them', () => {
  const { modules } = JSON.parse(read('pkg/custom-elements.json'));
  const tag = modules.flatMap(({ declarations }) => declarations).find(({ tagName }) => tagName === 'sendapi-pairing');
  const listed = (items) => names(items.map(({ name }) => name));
  const rows = (file, heading) => names([...parse(file).prose.split(`\n| ${heading} `)[1].split('\n\n', 1)[0].matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell]) => [...cell.matchAll(/`([^`]+)`/g)].map((found) => found[1])));
  assert.deepEqual(rows('docs/events.md', 'event'), listed(tag.events));
  assert.deepEqual(rows('docs/theming.md', 'property'), listed(tag.cssProperties));
  assert.deepEqual(rows('docs/theming.md', 'slot'), listed(tag.slots));
  assert.deepEqual(rows('README.md', 'attribute'), names(tag.attributes.map(({ name }) => name).filter((name) => !['phase', 'lang', 'dir'].includes(name))));
  const parts = inline('docs/theming.md').find((code) => code.startsWith('base header ')).split(' ');
  for (const part of parts) assert.ok(listed(tag.cssParts).includes(part), `the part ${part}`);

  const codes = names([...read('pkg/model.d.ts').match(/export type ErrorCode =([^;]*);/)[1].matchAll(/"(\w+)"/g)].map((found) => found[1]));
  assert.deepEqual(rows('docs/troubleshooting.md', 'code'), codes);
  const told = inline('docs/headless.md').find((code) => code.startsWith('config, secret_key_rejected')).split(', ');
  assert.deepEqual(names(told), codes);
});

test('what an app of yours writes into its Cargo.toml is what the Leptos examples have, but for where the crate is', () => {
  const [, repository] = read('Cargo.toml').match(/^repository = "(.*)"$/m);
  const fields = (line) => new Map([...line.matchAll(/([\w-]+) = ("[^"]*"|\w+|\[[^\]]*\])/g)].map(([, key, value]) => [key, value]));
  const line = (toml, name) => toml.split('\n').find((line) => line.startsWith(`${name} = `));
  for (const [example, way] of Object.entries({ leptos: 'plain crate', 'leptos-axum': 'crate for both places' })) {
    const written = takeOne('docs/leptos.md', `text: ${way}`);
    const built = read(`examples/${example}/Cargo.toml`);
    const dependency = line(written, 'sendapi-pairing');
    assert.ok(built.includes(`# In an app of yours: ${dependency}\n`), `${example}: ${dependency}`);
    const wanted = fields(dependency);
    assert.equal(wanted.get('git'), `"${repository}"`);
    const had = fields(line(built, 'sendapi-pairing'));
    for (const [key, value] of wanted) if (key !== 'git') assert.equal(had.get(key), value, `${example}: ${key}`);
    for (const key of had.keys()) assert.ok(['path', 'version'].includes(key) || wanted.has(key), `${example}: ${key}`);
    for (const [, name, items] of written.matchAll(/^(\w+) = \[(.*)\]$/gm)) {
      const there = line(built, name).split('"');
      for (const item of items.matchAll(/"([^"]+)"/g)) assert.ok(there.includes(item[1]), `${example}: ${name} has ${item[1]}`);
    }
  }
});

test('each snippet that is left to this file has been tried', () => assert.deepEqual(left('text'), []));

// Writes pkg/custom-elements.json (custom-elements-manifest.org, schema 2.1.0) from the two places where the public surface is fixed: the
// names in pkg/constants.js, and the words and types in pkg/index.d.ts and pkg/model.d.ts. Fails where those two disagree.
//
// usage: node scripts/manifest.mjs [--check]   with --check it writes nothing and fails where the file is stale

import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { CANCELABLE, EVENTS, FLAG_ATTRIBUTES, NUMBER_ATTRIBUTES, OBJECT_PROPERTIES, TEXT_ATTRIBUTES } from '../pkg/constants.js';

const ts = createRequire(new URL('../tests/package.json', import.meta.url))('typescript');
const place = fileURLToPath(new URL('../pkg/custom-elements.json', import.meta.url));
const sources = ['index', 'model'].map((name) => {
  const path = fileURLToPath(new URL(`../pkg/${name}.d.ts`, import.meta.url));
  return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
});

const declared = (name) => {
  const found = sources.flatMap(({ statements }) => [...statements]).find((statement) => statement.name?.text === name);
  if (!found) throw new Error(`neither pkg/index.d.ts nor pkg/model.d.ts declares ${name}`);
  return found;
};
const nameOf = (node) => node.name.text;
const comment = (text) => (typeof text === 'string' ? text : ts.getTextOfJSDocComment(text)) ?? '';
const flat = (text) => text.replace(/\s+/g, ' ').trim();
const docs = (node) => flat((node.jsDoc ?? []).map((doc) => comment(doc.comment)).join(' '));
const tags = (node, name) =>
  ts
    .getJSDocTags(node)
    .filter((tag) => tag.tagName.text === name)
    .map((tag) => flat(comment(tag.comment)));
const text = (node) => flat(node.getText()).replace(/^\| /, '');

/** What an option's doc comment says, by the option's name. */
const options = new Map(
  ['BackendOptions', 'PairingOptions', 'ElementOptions'].flatMap((name) =>
    declared(name).members.map((member) => [nameOf(member), { description: docs(member), default: tags(member, 'default')[0] }]),
  ),
);

const element = declared('SendApiPairingElement');
const properties = new Map();
const methods = [];
for (const member of element.members) {
  if (ts.isPropertyDeclaration(member)) properties.set(nameOf(member), member);
  else if (ts.isMethodDeclaration(member) && nameOf(member) !== 'addEventListener') methods.push(member);
}

const attributes = Object.entries({ ...TEXT_ATTRIBUTES, ...NUMBER_ATTRIBUTES, ...FLAG_ATTRIBUTES });
const attributeOf = new Map(attributes.map(([attribute, property]) => [property, attribute]));
const known = [...attributeOf.keys(), ...OBJECT_PROPERTIES];
const disagree = [
  ...known.filter((name) => !properties.has(name) || !options.has(name)).map((name) => `constants.js has ${name}, the types do not`),
  ...[...options.keys()].filter((name) => !known.includes(name)).map((name) => `the types have ${name}, constants.js does not`),
];

const eventMap = new Map(declared('PairingEventMap').members.map((member) => [nameOf(member), member]));
disagree.push(
  ...EVENTS.filter((name) => !eventMap.has(name)).map((name) => `constants.js has ${name}, the types do not`),
  ...[...eventMap.keys()].filter((name) => !EVENTS.includes(name)).map((name) => `the types have ${name}, constants.js does not`),
);
if (disagree.length > 0) throw new Error(disagree.join('\n'));

const described = (tag) =>
  tags(element, tag).map((words) => {
    const [, name, description] = words.match(/^(\S+) - (.*)$/) ?? [];
    if (!name) throw new Error(`index.d.ts: "@${tag} ${words}" is not "name - words"`);
    return { name, description };
  });

const member = (name) => {
  const node = properties.get(name);
  const option = options.get(name);
  const attribute = attributeOf.get(name) ?? (name === 'phase' ? 'phase' : undefined);
  const is = (keyword) => node.modifiers?.some((modifier) => modifier.kind === keyword);
  return {
    kind: 'field',
    name,
    type: { text: text(node.type) },
    ...((option?.description || docs(node)) && { description: option?.description || docs(node) }),
    ...(option?.default && { default: option.default }),
    ...(is(ts.SyntaxKind.StaticKeyword) && { static: true }),
    ...(is(ts.SyntaxKind.ReadonlyKeyword) && { readonly: true }),
    ...(attribute && { attribute, reflects: true }),
  };
};

const manifest = {
  schemaVersion: '2.1.0',
  readme: 'README.md',
  modules: [
    {
      kind: 'javascript-module',
      path: 'element.js',
      declarations: [
        {
          kind: 'class',
          name: 'SendApiPairingElement',
          tagName: 'sendapi-pairing',
          customElement: true,
          superclass: { name: 'HTMLElement' },
          description: docs(element),
          attributes: [
            ...attributes.map(([name, property]) => ({
              name,
              fieldName: property,
              type: { text: text(properties.get(property).type).replace(/ \| null$/, '') },
              description: options.get(property).description,
              ...(options.get(property).default && { default: options.get(property).default }),
            })),
            { name: 'phase', fieldName: 'phase', type: { text: 'Phase' }, description: 'Read-only: what the widget is doing.' },
          ],
          members: [
            ...[...properties.keys()].map(member),
            ...methods.map((method) => ({
              kind: 'method',
              name: nameOf(method),
              description: docs(method),
              parameters: method.parameters.map((parameter) => ({
                name: nameOf(parameter),
                optional: Boolean(parameter.questionToken),
                type: { text: text(parameter.type) },
              })),
              return: { type: { text: text(method.type) } },
            })),
          ],
          events: EVENTS.map((name) => ({
            name,
            type: { text: text(eventMap.get(name).type) },
            description: docs(eventMap.get(name)) + (name === CANCELABLE ? ' Bubbles, composed, cancelable.' : ' Bubbles, composed.'),
          })),
          slots: described('slot'),
          cssParts: described('csspart'),
          cssProperties: described('cssprop'),
          cssStates: described('cssstate'),
        },
      ],
      exports: [{ kind: 'js', name: 'SendApiPairingElement', declaration: { name: 'SendApiPairingElement', module: 'element.js' } }],
    },
    {
      kind: 'javascript-module',
      path: 'define.js',
      declarations: [],
      exports: [
        {
          kind: 'custom-element-definition',
          name: 'sendapi-pairing',
          declaration: { name: 'SendApiPairingElement', module: 'element.js' },
        },
      ],
    },
  ],
};

const json = `${JSON.stringify(manifest, null, 2)}\n`;
if (!process.argv.includes('--check')) {
  writeFileSync(place, json);
} else if (readFileSync(place, 'utf8') !== json) {
  throw new Error('pkg/custom-elements.json is stale: run node scripts/manifest.mjs');
}

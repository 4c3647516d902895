// The words of every language, against the English ones: the same keys and placeholders, the plural forms that the language has, nothing
// left in English. And which language serves which tag.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { WORDS } from '../../pkg/aids.js';
import { languages, matching, plain, speak } from '../../pkg/languages.js';
import { ENGLISH } from '../../pkg/skeleton.js';

const rust = readFileSync(new URL('../../src/ui/text.rs', import.meta.url), 'utf8');
const english = new Map(
  [...rust.matchAll(/^ {8}[A-Z]\w+ "(\w+)" "((?:[^"\\]|\\.)*)",$/gm)].map(([, key, words]) => [key, JSON.parse(`"${words}"`)]),
);
for (const [key, words] of Object.entries(WORDS)) english.set(key, words);
// Not words: the language's digits come from Intl.
english.delete('digits');

const PLURALS = ['idlePhoneNote', 'soonEnds'];
/** Names and, where the phone may well show them in English, WhatsApp's own terms. */
const LATIN = /WhatsApp|Android|iPhone|QR|Linked devices|Link a device|\{\w+\}/g;

const files = readdirSync(new URL('../../pkg/locales/', import.meta.url)).filter((name) => name.endsWith('.js'));
const load = async (tag) => (await import(`../../pkg/locales/${tag}.js`)).default;
const rightToLeft = ['ar', 'fa', 'he', 'ur'];
const placeholders = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
const texts = (words) => (typeof words === 'string' ? [words] : Object.values(words));

test('there are twenty languages besides English, each a file that is in the map', () => {
  assert.ok(english.size > 70, `${english.size} keys were found in the sources`);
  assert.ok(languages.length >= 20);
  assert.deepEqual(files.map((name) => name.replace('.js', '')).sort(), [...languages].sort());
});

test('what the skeleton says before the wasm is there is what the wasm says', () => {
  for (const [key, words] of Object.entries(ENGLISH)) assert.equal(words, english.get(key), key);
});

test('the types name every key', () => {
  const types = readFileSync(new URL('../../pkg/model.d.ts', import.meta.url), 'utf8');
  const named = types.match(/export type TextKey =([^;]+);/)[1].match(/\w+/g);
  assert.deepEqual(named.sort(), [...english.keys(), 'digits'].sort());
});

for (const tag of languages) {
  test(`${tag}: exactly the keys`, async () => {
    const own = Object.keys(await load(tag));
    assert.deepEqual([...own].sort(), [...english.keys()].sort());
  });

  test(`${tag}: the placeholders of English, and no other`, async () => {
    for (const [key, words] of Object.entries(await load(tag))) {
      const wanted = PLURALS.includes(key) ? ['count'] : placeholders(english.get(key));
      for (const text of texts(words)) assert.deepEqual(placeholders(text), wanted, `${key}: ${text}`);
    }
  });

  test(`${tag}: the plural forms that Intl knows of it`, async () => {
    const locale = await load(tag);
    const { pluralCategories } = new Intl.PluralRules(tag).resolvedOptions();
    for (const [key, words] of Object.entries(locale)) {
      assert.equal(typeof words, PLURALS.includes(key) ? 'object' : 'string', key);
      if (typeof words === 'object') assert.deepEqual(Object.keys(words).sort(), [...pluralCategories].sort(), key);
    }
  });

  test(`${tag}: nothing empty, no HTML, no stray space, nothing in English`, async () => {
    const latinScript = new Intl.Locale(tag).maximize().script === 'Latn';
    for (const [key, words] of Object.entries(await load(tag))) {
      for (const text of texts(words)) {
        assert.ok(text.length > 0 && text === text.trim() && !/ {2}/.test(text), `${key}: "${text}"`);
        assert.doesNotMatch(text, /[<>&]|\p{Cc}(?<!\n)/u, key);
        // A word that two languages share is no lack of care; a sentence is.
        assert.ok(text !== english.get(key) || !text.includes(' '), `${key} is English: ${text}`);
        const rest = text.replace(LATIN, '');
        if (latinScript) assert.doesNotMatch(rest, /(?<!\p{L})(the|your|this|with|and|phone|again)(?!\p{L})/iu, `${key}: ${text}`);
        else assert.doesNotMatch(rest, /[a-z]/i, `${key}: ${text}`);
      }
    }
  });

  test(`${tag}: as short as a small screen needs it`, async () => {
    const locale = await load(tag);
    for (const [key, words] of Object.entries(locale)) {
      const longest = Math.max(...texts(words).map((text) => [...text].length));
      if (/Action$/.test(key)) assert.ok(longest <= 28, `${key} is a button: ${words}`);
      if (/Title$|^error[A-Z][a-z]+$/.test(key)) assert.ok(longest <= 48, `${key} is a title: ${words}`);
      const own = english.get(key).length;
      assert.ok(longest <= 2.2 * own + 24, `${key} is ${longest} long, ${own} in English`);
    }
  });

  test(`${tag}: plain words come out of it`, async () => {
    const { lang, dir, words } = await speak(tag);
    assert.equal(lang, tag);
    assert.equal(dir, rightToLeft.includes(tag) ? 'rtl' : 'ltr');
    assert.ok(Object.values(words).every((text) => typeof text === 'string' && !text.includes('{count}')));
    assert.equal([...words.digits].length, 10);
  });
}

for (const tag of rightToLeft) {
  test(`${tag}: what finds its direction by itself begins in its own script`, async () => {
    const locale = await load(tag);
    for (const [key, words] of Object.entries(locale)) {
      // Notes stand beside a server's words, so each line has the direction that it begins in.
      if (/Note$|^requestLabel$|^sinceLabel$|^offline/.test(key)) for (const text of texts(words)) assert.match(text.replace(/^\{time\}/, ''), /^[^\p{L}]*\p{Script=Arabic}|^[^\p{L}]*\p{Script=Hebrew}/u, key);
    }
  });
}

test('a tag finds its language by region, script and former name, and nothing where there is none', () => {
  for (const [tag, found] of [
    ['pt-BR', 'pt'], ['pt-PT', 'pt'], ['de-AT', 'de'], ['de_CH', 'de'], ['DE', 'de'],
    ['zh', 'zh-Hans'], ['zh-CN', 'zh-Hans'], ['zh-SG', 'zh-Hans'], ['zh-TW', 'zh-Hant'], ['zh-HK', 'zh-Hant'], ['zh-Hant-CN', 'zh-Hant'],
    ['iw', 'he'], ['in', 'id'], ['ur-IN', 'ur'],
    ['hi-Latn', undefined], ['sr', undefined], ['en', undefined], ['en-GB', undefined], ['xx', undefined], ['', undefined],
    ['constructor', undefined], ['__proto__', undefined], ['not a tag', undefined],
  ]) assert.equal(matching(tag), found, tag);
});

test('the region of a tag chooses the digits', async () => {
  assert.equal((await speak('ar-EG')).words.digits, '٠١٢٣٤٥٦٧٨٩');
  assert.match((await speak('fa')).words.soonEnds, /۳۰/);
  assert.equal((await speak('pt-BR')).lang, 'pt-BR');
  assert.equal(await speak('tlh'), undefined);
});

test('each plural form is chosen by its count', () => {
  const forms = { zero: 'zero', one: 'one', two: 'two', few: 'few', many: 'many', other: 'other {count}' };
  // 30 and 14 are both "many" in Arabic, as 11 to 99 are.
  assert.equal(plain({ soonEnds: forms }, 'ar').soonEnds, 'many');
  assert.equal(plain({ idlePhoneNote: forms }, 'pl').idlePhoneNote, 'many');
  assert.equal(plain({ soonEnds: { other: '残り{count}秒' } }, 'ja').soonEnds, '残り30秒');
});

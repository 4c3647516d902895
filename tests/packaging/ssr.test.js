// What a server writes is what the browser would draw; and nothing of it needs a browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skeleton as drawn } from '../../pkg/skeleton.js';
import { render, skeleton } from '../../pkg/ssr.js';

const inside = (html) => html.match(/^<template shadowrootmode="open"><style>.*?<\/style>(.*)<\/template>$/s)[1];

/** As much of a document as it takes to write HTML. */
class Node {
  constructor(tag) {
    Object.assign(this, { tag, attributes: [], children: [] });
  }
  setAttribute(name, value) {
    this.attributes.push([name, value]);
  }
  append(...children) {
    this.children.push(...children);
  }
  toString() {
    const attributes = this.attributes.map(([name, value]) => ` ${name}="${value}"`).join('');
    return `<${this.tag}${attributes}>${this.children.join('')}</${this.tag}>`;
  }
}

test('the skeleton of a server is the skeleton of the browser', (t) => {
  globalThis.document = { createElement: (tag) => new Node(tag) };
  t.after(() => delete globalThis.document);
  for (const options of [{}, { sessionName: 'Support Bot', theme: 'dark', layout: 'row', site: 'shop.example' }]) {
    assert.equal(inside(skeleton(options)), String(drawn(options)));
  }
});

test('what is written into it stays text', () => {
  const html = render({ endpoint: '/api"><script>', sessionName: '</template><img src=x onerror=alert(1)>', allowUnlink: true, pollInterval: 5 });
  assert.ok(!html.includes('<script') && !html.includes('<img'), html);
  assert.ok(skeleton({ site: 'Cash$$' }).includes('Cash$$ asks'));
  assert.match(html, /^<sendapi-pairing endpoint="\/api&#34;&#62;&#60;script&#62;" session-name="[^"<>]+" poll-interval="5" allow-unlink="">/);
});

test('the tag says its language and direction', () => {
  assert.match(render({ endpoint: '/api', lang: 'ar', dir: 'rtl' }), /^<sendapi-pairing endpoint="\/api" lang="ar" dir="rtl">/);
  assert.match(render({ endpoint: '/api', lang: 'sk_SK' }), /^<sendapi-pairing endpoint="\/api" lang="sk_SK">/);
  assert.match(render({ endpoint: '/api', lang: null }), /^<sendapi-pairing endpoint="\/api">/);
});

test('a strict policy needs no style element', () => {
  assert.ok(!skeleton({ stylesheet: '/style.css' }).includes('<style'));
  assert.ok(skeleton({ stylesheet: '/style.css' }).includes('<link rel="stylesheet" href="/style.css">'));
  assert.ok(skeleton({ nonce: 'abc' }).includes('<style nonce="abc">'));
});

test('a secret key is not written', () => {
  assert.throws(() => render({ endpoint: '/api', sessionName: 'sk_live_0123456789' }), (error) => error instanceof TypeError && /sessionName/.test(error.message) && !error.message.includes('0123'));
});

test('options that are no object are named', () => {
  for (const write of [render, skeleton]) {
    for (const options of [null, 'x', 17]) assert.throws(() => write(options), (error) => error instanceof TypeError && /`options`/.test(error.message));
  }
  assert.match(skeleton(), /shadowrootmode/);
});

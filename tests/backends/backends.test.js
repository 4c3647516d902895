// Each example backend before the sandbox: conformant, and each user apart from the others. BACKENDS names them.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { check, root, startBackend, startService } from './support.js';

const handlers = {
  express: 'express/whatsapp.js',
  fastapi: 'fastapi/whatsapp.py',
  nextjs: 'nextjs/app/api/whatsapp/sessions/[[...path]]/route.js',
};
const backends = (process.env.BACKENDS ?? 'express').split(' ').filter(Boolean);

for (const name of backends) {
  test(`${name}: a handler of at most 60 lines keeps every rule`, async (t) => {
    const lines = readFileSync(`${root}/examples/backends/${handlers[name]}`, 'utf8').trimEnd().split('\n');
    assert.ok(lines.length <= 60, `${lines.length} lines`);
    const endpoint = await startBackend(t, name, await startService(t));
    const { status, lines: said } = await check(endpoint, 'Cookie: user=alice');
    assert.equal(status, 0, said.join('\n'));
    assert.deepEqual(said.filter((line) => line.startsWith('FAIL')), []);
    assert.ok(said.filter((line) => line.startsWith('PASS')).length >= 17, said.join('\n'));
  });

  test(`${name}: a session is its user's alone, and so is an idempotency key`, async (t) => {
    const service = await startService(t);
    const endpoint = await startBackend(t, name, service);
    const as = async (user, method, path, { body, ...headers } = {}) => {
      const init = { method, headers: { cookie: `user=${user}`, 'content-type': 'application/json', ...headers }, body: body && JSON.stringify(body) };
      const answer = await fetch(`${endpoint}/sessions${path}`, init);
      return { status: answer.status, value: await answer.json().catch(() => null) };
    };
    const create = (user) => as(user, 'POST', '', { body: { name: 'Bot' }, 'idempotency-key': 'the-same' });
    const mine = (await create('alice')).value;
    assert.equal((await create('alice')).value.id, mine.id, 'a retry gets the same session');
    const theirs = (await create('bob')).value;
    assert.notEqual(theirs.id, mine.id, "nobody is answered another user's session");
    for (const [method, end] of [['GET', ''], ['GET', '/qr'], ['DELETE', '']]) {
      const answer = await as('bob', method, `/${mine.id}${end}`);
      assert.equal(answer.status, 404, `${method} ${end}`);
      assert.equal(typeof answer.value.error.message, 'string');
    }
    assert.equal((await as('alice', 'GET', `/${mine.id}`)).value.status, 'pending');
    assert.equal((await as('alice', 'POST', '', { body: { name: 'x'.repeat(65) } })).status, 422);
    assert.equal((await as('alice', 'POST', '', { body: { name: 'a\u0000b' } })).status, 422);
    assert.equal((await as('alice', 'POST', '', { body: [] })).status, 422);
    assert.equal((await as('alice', 'GET', `/${mine.id}`, { 'sec-fetch-site': 'cross-site' })).status, 403);
    assert.equal((await as('alice', 'DELETE', `/${mine.id}`)).status, 200);
    assert.equal((await as('alice', 'GET', `/${mine.id}`)).status, 404);
  });

  test(`${name}: what the service refuses the server is no refusal of the user, and no key shows`, async (t) => {
    const service = await startService(t);
    const endpoint = await startBackend(t, name, service);
    const rules = ['html', '500', '429'].map((kind) => ({ match: 'POST create', kind, times: 1, ms: 7000 }));
    await fetch(`${service}/sandbox/faults`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ rules }) });
    const statuses = [];
    for (let turn = 0; turn < 3; turn++) {
      const answer = await fetch(`${endpoint}/sessions`, { method: 'POST', headers: { cookie: 'user=alice', 'content-type': 'application/json' }, body: '{"name":"Bot"}' });
      const text = await answer.text();
      assert.ok(!text.includes('sk_test') && !text.includes('<html'), text);
      assert.equal(typeof JSON.parse(text).error.message, 'string');
      statuses.push([answer.status, answer.headers.get('retry-after')]);
    }
    assert.deepEqual(statuses, [[502, null], [500, null], [429, '7']]);
  });
}

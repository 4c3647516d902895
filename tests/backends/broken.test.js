// A backend with one rule broken fails `check` on that rule, for each rule. The breaking is done between a sound backend (the gateway on its
// sandbox) and the checker.

import assert from 'node:assert/strict';
import { createServer, request as send } from 'node:http';
import { test } from 'node:test';
import { check, startService } from './support.js';

const json = (change) => (answer) => {
  const value = JSON.parse(answer.body);
  answer.body = JSON.stringify(change(value) ?? value);
};
const without = (...names) => json((value) => names.forEach((name) => delete value[name]));
const create = ({ method, path, body }) => method === 'POST' && path === '/sessions' && body !== '{';
const session = ({ path }) => /^\/sessions\/[^/]+$/.test(path);
const read = (request) => request.method === 'GET' && session(request);
const code = ({ path }) => /^\/sessions\/[^/]+\/qr$/.test(path);
const remove = ({ method }) => method === 'DELETE';
const good = ({ status }) => status < 300;
const storable = (answer) => (answer.headers['cache-control'] = 'private');
const replied = (status, body) => (answer) => Object.assign(answer, { status, body: JSON.stringify(body) });

let lastCode;
/** For each rule that `check` reports: which exchange is broken, and how. */
const broken = {
  'create answers a session with an id and a code': [(q, a) => create(q) && good(a), without('qr_code')],
  'create answers no-store': [(q) => create(q), storable],
  'a created session is pending': [(q, a) => create(q) && good(a), json((value) => ({ ...value, status: 'connected' }))],
  "create gives the code's deadline": [(q, a) => create(q) && good(a), json((value) => ({ ...value, qr_expires_at: 'soon' }))],
  'get answers the session with its status': [(q, a) => read(q) && good(a), without('status')],
  'get answers no-store': [(q) => read(q), storable],
  'qr answers a new code with its deadline': [
    (q, a) => good(a) && ((create(q) && (lastCode = JSON.parse(a.body).qr_code) && false) || code(q)),
    json((value) => ({ ...value, qr_code: lastCode })),
  ],
  'qr answers no-store': [(q) => code(q), storable],
  'an unknown session is 404': [(q, a) => read(q) && q.path.includes('unknown') && a.status === 404, (a) => (a.status = 400)],
  'an error is JSON with error.message': [(q) => read(q) && q.path.includes('unknown'), (a) => (a.body = '<html>Not Found</html>')],
  'another browser cannot read the session': [(q, a) => read(q) && !q.own && !good(a), replied(200, { id: 'x', status: 'pending' })],
  'another browser cannot take a code': [(q, a) => code(q) && !q.own && !good(a), replied(200, { qr_code: '2@a' })],
  "list answers this user's sessions": [({ method, path }, a) => method === 'GET' && path === '/sessions' && good(a), replied(200, { data: [] })],
  'an id that is a path never leaves it': [(q) => q.path.includes('messages'), replied(200, { data: [] })],
  'an id that is a path never leaves it: GET /sessions/%2e%2e came to 200': [
    (q) => q.path === '/sessions/%2e%2e',
    (a) => Object.assign(a, { status: 308, body: '', headers: { ...a.headers, location: '/sessions' } }),
  ],
  'a body that is no JSON is refused': [(q) => q.method === 'POST' && q.body === '{', replied(201, {})],
  'a page of another site cannot read answers': [(q) => q.headers.origin?.includes('conformance'), (a) => (a.headers['access-control-allow-origin'] = '*')],
  'delete removes the session': [(q, a) => remove(q) && good(a), replied(500, { error: { message: 'no' } })],
  'a deleted session is gone': [(q, a) => read(q) && a.status === 404 && !q.path.includes('unknown'), replied(200, { id: 'x', status: 'pending' })],
  'a second delete does no harm': [(q) => remove(q) && q.again, replied(500, { error: { message: 'no' } })],
  'no answer contains a secret key': [(q, a) => read(q) && good(a), json((value) => ({ ...value, key: 'sk_live_0123456789abcdef0123' }))],
};

/** A server that passes everything on to `target` but answers what `breakage` makes of it. */
async function between(t, target, [applies, change]) {
  let owner;
  let deleted = false;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { host, connection, ...headers } = request.headers;
    // What is this origin's own is the target's own.
    if (headers.origin?.endsWith(host)) headers.origin = new URL(target).origin;
    // Not `fetch`, which adds headers of its own.
    const reply = await new Promise((resolve, reject) => {
      send(target + request.url, { method: request.method, headers }, resolve).once('error', reject).end(body);
    });
    const answer = { status: reply.statusCode, headers: { ...reply.headers }, body: '' };
    for await (const chunk of reply) answer.body += chunk;
    for (const name of ['content-length', 'transfer-encoding', 'connection']) delete answer.headers[name];
    owner ??= reply.headers['set-cookie']?.[0].split(';')[0];
    const asked = { method: request.method, path: request.url, headers, body, own: headers.cookie?.includes(owner), again: deleted };
    if (applies(asked, answer)) change(answer);
    if (request.method === 'DELETE') deleted = true;
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${server.address().port}`;
}

test('a sound backend keeps all these rules and no other', async (t) => {
  const { status, lines } = await check(`${await startService(t)}/api/whatsapp`);
  assert.equal(status, 0, lines.join('\n'));
  const rules = lines.filter((line) => line.startsWith('PASS ')).map((line) => line.slice(5));
  // A rule that can be broken in several ways is there once for each, with what is said of it.
  const names = Object.keys(broken).map((name) => name.split(': ')[0]);
  assert.deepEqual(rules.sort(), [...new Set(names)].sort());
});

for (const [rule, breakage] of Object.entries(broken)) {
  test(`broken: ${rule}`, async (t) => {
    const service = await startService(t);
    const endpoint = await between(t, `${service}/api/whatsapp`, breakage);
    const { status, lines } = await check(endpoint);
    assert.equal(status, 1, lines.join('\n'));
    const said = rule.includes(': ') ? `FAIL ${rule}` : `FAIL ${rule}: `;
    assert.ok(lines.some((line) => line.startsWith(said)), lines.join('\n'));
  });
}

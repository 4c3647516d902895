// Each example backend before the sandbox: conformant, and each user apart from the others. BACKENDS names them.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, request as send } from 'node:http';
import { test } from 'node:test';
import { checkWith, root, startBackend, startService } from './support.js';

const handlers = {
  express: 'express/whatsapp.js',
  fastapi: 'fastapi/whatsapp.py',
  nextjs: 'nextjs/app/api/whatsapp/sessions/[[...path]]/route.js',
};
const backends = (process.env.BACKENDS ?? 'express').split(' ').filter(Boolean);

/** One exchange with its headers as they came: `{status, headers, value}`; `value` is null where the body is no JSON. */
function exchange(url, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    // Each on a connection of its own: uvicorn hangs up after what an app raised.
    const request = send(url, { agent: false, method, headers: { cookie: 'user=alice', 'content-type': 'application/json', ...headers } }, async (answer) => {
      let text = '';
      for await (const chunk of answer) text += chunk;
      let value = null;
      try {
        value = JSON.parse(text);
      } catch {
        // A page.
      }
      const sent = (name) => answer.rawHeaders.filter((_, at) => at % 2 && answer.rawHeaders[at - 1].toLowerCase() === name);
      resolve({ status: answer.statusCode, sent, value });
    });
    request.once('error', reject);
    // In two parts, so that no length is sent.
    if (body) request.write(body);
    request.end();
  });
}

/** A service that answers as `respond` says: `[status, text, headers]` for `(method, path, body)`. */
async function double(t, respond) {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const [status, text, headers = {}] = respond(request.method, request.url.replace('/v1/whatsapp/sessions', ''), body);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    if (text === undefined) {
      // A byte now and then, and no end.
      const drip = setInterval(() => response.write(' '), 1000);
      response.once('close', () => clearInterval(drip));
    } else {
      response.end(text);
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${server.address().port}`;
}

/** A backend before a double, with one session, `a`, of alice's: how to ask it, and what has `reached` the service since. */
async function counted(t, name) {
  const reached = [];
  const service = await double(t, (method, path) => {
    reached.push(`${method} ${path}`);
    return [method === 'POST' ? 201 : 200, '{"id":"a","status":"pending"}'];
  });
  const endpoint = await startBackend(t, name, service);
  const ask = (method, path, headers = {}, body) => exchange(`${endpoint}/sessions${path}`, { method, headers, body });
  const create = (headers) => ask('POST', '', headers, '{"name":"Bot"}');
  assert.equal((await create()).status, 201);
  reached.length = 0;
  return { ask, create, reached };
}

for (const name of backends) {
  test(`${name}: a handler of at most 60 lines keeps every rule`, async (t) => {
    const lines = readFileSync(`${root}/examples/backends/${handlers[name]}`, 'utf8').trimEnd().split('\n');
    assert.ok(lines.length <= 60, `${lines.length} lines`);
    const service = await startService(t);
    const endpoint = await startBackend(t, name, service);
    const { status, lines: said } = await checkWith(endpoint, ['--header', 'Cookie: user=alice', '--other-header', 'Cookie: user=bob']);
    assert.equal(status, 0, said.join('\n'));
    const others = said.filter((line) => !line.startsWith('PASS')).map((line) => line.replace(/\d+/, 'no'));
    assert.deepEqual(others, [
      "SKIP list answers this user's sessions (answered no: not offered)",
      'SKIP a webhook_url is refused (taken: see that it does not get to the service)',
    ]);
    assert.ok(said.length >= 34, said.join('\n'));
    const left = await fetch(`${service}/v1/whatsapp/sessions`, { headers: { authorization: 'Bearer sk_test_backends' } });
    assert.equal((await left.json()).meta.total, 0, 'the check leaves no session behind');
  });

  test(`${name}: the check needs no more than the smallest plan`, async (t) => {
    const endpoint = await startBackend(t, name, await startService(t, ['--quota', '1']));
    const { status, lines } = await checkWith(endpoint, ['--header', 'Cookie: user=alice', '--other-header', 'Cookie: user=bob']);
    assert.equal(status, 0, lines.join('\n'));
    assert.ok(lines.includes('SKIP a webhook_url is refused (answered 402: see that it does not get to the service)'), lines.join('\n'));
    assert.ok(lines.includes('PASS no session is left behind'), lines.join('\n'));
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

  test(`${name}: whatever comes in, and wherever, is answered with JSON that nobody stores`, async (t) => {
    const service = await startService(t);
    const endpoint = await startBackend(t, name, service);
    const named = (text) => JSON.stringify({ name: text });
    for (const [method, path, expected, body] of [
      ['POST', '/sessions', 413, JSON.stringify({ name: 'Bot', padding: 'x'.repeat(16_384) })],
      ['POST', '/sessions', 422, '['.repeat(16_000)],
      ['POST', '/sessions', 422, `{"name":${'['.repeat(5000)}${']'.repeat(5000)}}`],
      ['POST', '/sessions', 422, named('')],
      ['POST', '/sessions', 422, named('x\u0085')],
      ['POST', '/sessions', 422, '{"name":17}'],
      ['POST', '/sessions', 422, '{"name":["Bot"]}'],
      ...['', 'null', 'true', '17', '"Bot"', '[]', '["name"]', '[{"name":"Bot"}]'].map((body) => ['POST', '/sessions', 422, body]),
      ['POST', '/sessions', 201, '{"name":"\\ud83d\\ude42"}'],
      ['POST', '/sessions', 201, named('\u{1F642}'.repeat(64))],
      ['GET', '/sessions/%25', 404],
      ['GET', '/sessions/%252e%252e', 404],
      ['GET', '/sessions', undefined],
      ['PUT', '/sessions', undefined],
      ['PATCH', '/sessions/a', undefined],
      ['OPTIONS', '/sessions', undefined],
      ['OPTIONS', '/sessions/a/qr', undefined],
      ['GET', '/sessions/a/qr/b', 404],
      ['DELETE', '/sessions/a/qr', 404],
    ]) {
      const { status, sent, value } = await exchange(`${endpoint}${path}`, { method, body });
      const what = `${method} ${path} ${body?.slice(0, 20)}: ${status}`;
      // Express tells what is no JSON from what is another.
      if (expected === 422) assert.ok([400, 422].includes(status), what);
      else assert.ok(expected === undefined ? status === 404 || status === 405 : status === expected, what);
      assert.deepEqual(sent('cache-control'), ['no-store'], what);
      assert.equal(typeof (status < 300 ? value.id : value.error.message), 'string', what);
    }
  });

  test(`${name}: what another site or another subdomain makes a browser send does not reach the service`, async (t) => {
    const { ask, create, reached } = await counted(t, name);
    for (const site of ['cross-site', 'same-site', 'nonsense'].map((site) => ({ 'sec-fetch-site': site }))) {
      for (const { status, sent, value } of [await create(site), await ask('GET', '/a', site), await ask('GET', '/a/qr', site), await ask('DELETE', '/a', site)]) {
        assert.deepEqual([status, typeof value.error.message, sent('cache-control')], [403, 'string', ['no-store']]);
      }
    }
    assert.deepEqual(reached, []);
    // The page's own, what is typed into the address bar, and what comes from no browser.
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }, {}]) {
      assert.equal((await ask('GET', '/a/qr', headers)).status, 200);
      assert.equal((await create(headers)).status, 201);
    }
  });

  test(`${name}: a create that a form can send does not reach the service`, async (t) => {
    const { create, reached } = await counted(t, name);
    for (const type of ['text/plain', 'text/plain; a=application/json', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=a', '']) {
      const { status, value } = await create({ 'content-type': type });
      assert.deepEqual([status, typeof value.error.message], [422, 'string'], type);
    }
    assert.deepEqual(reached, []);
    assert.equal((await create({ 'content-type': 'application/json; charset=utf-8' })).status, 201);
  });

  test(`${name}: a HEAD is no GET, which would kill the code that is shown`, async (t) => {
    const { ask, reached } = await counted(t, name);
    for (const method of ['HEAD', 'OPTIONS', 'PUT']) {
      for (const path of ['', '/a', '/a/qr']) {
        const { status, sent } = await ask(method, path);
        assert.ok(status === 404 || status === 405, `${method} ${path}: ${status}`);
        assert.deepEqual(sent('cache-control'), ['no-store']);
      }
    }
    assert.deepEqual(reached, []);
  });

  test(`${name}: half a character, which not every reader of JSON takes, does not reach the service`, async (t) => {
    const { ask, reached } = await counted(t, name);
    for (const half of ['\\ud800', 'a\\udc00b', '\\ude42\\ud83d']) assert.equal((await ask('POST', '', {}, `{"name":"${half}"}`)).status, 422, half);
    assert.deepEqual(reached, []);
  });

  test(`${name}: whoever is not signed in is told so before anything that was sent is read`, async (t) => {
    const { ask, reached } = await counted(t, name);
    for (const [headers, body] of [
      [{}, '{'],
      [{}, 'null'],
      [{}, 'x'.repeat(20_000)],
      [{ 'content-encoding': 'gzip' }, 'no gzip'],
      [{ 'content-encoding': 'none-that-is-known' }, '{}'],
      [{ 'content-type': 'application/json; charset=utf-16' }, '{}'],
    ]) {
      assert.equal((await ask('POST', '', { ...headers, cookie: '' }, body)).status, 401, body);
      assert.equal((await ask('POST', '', { ...headers, 'sec-fetch-site': 'cross-site' }, body)).status, 403, body);
    }
    assert.deepEqual(reached, []);
  });

  test(`${name}: what is no error of the service is none, and no answer holds the key`, async (t) => {
    const error = (message) => JSON.stringify({ error: { code: 1, message } });
    const answers = {
      moved: [307, error('elsewhere')],
      choices: [300, error('which?')],
      parts: [422, error({ a: 'b' })],
      number: [500, error(17)],
      echo: [422, error('No such key: sk_test_backends')],
      echoed: [200, '{"id":"echoed","status":"pending","note":"sk_test_backends"}'],
    };
    const service = await double(t, (method, path, body) => (method === 'POST' ? [201, `{"id":"${JSON.parse(body).name}"}`] : answers[path.split('/')[1]]));
    const endpoint = await startBackend(t, name, service);
    for (const kind of Object.keys(answers)) {
      assert.equal((await exchange(`${endpoint}/sessions`, { method: 'POST', body: JSON.stringify({ name: kind }) })).status, 201);
      for (const end of ['', '/qr']) {
        const { status, value } = await exchange(`${endpoint}/sessions/${kind}${end}`);
        assert.deepEqual([status, typeof value.error.message], [502, 'string'], kind);
        assert.ok(!JSON.stringify(value).includes('sk_test'), kind);
      }
    }
  });

  test(`${name}: a status that says enough is kept where the rest cannot be read`, async (t) => {
    const date = 'Tue, 01 Jan 2030 00:00:00 GMT';
    const page = '<html>sk_test_backends</html>';
    const answers = {
      gone: [410, '', 410],
      missing: [404, page, 404],
      null: [404, 'null', 404],
      busy: [429, page, 429],
      list: [429, '[]', 429],
      wordless: [429, '{}', 429],
      down: [503, page, 503],
      worded: [404, '{"error":{"code":4040,"message":"gone"}}', 404],
      broken: [500, page, 502],
      empty: [500, '', 502],
      silent: [422, '{}', 502],
      page: [200, page, 502],
      nothing: [200, '', 502],
      text: [200, 'null', 502],
    };
    const service = await double(t, (method, path, body) => {
      const named = answers[method === 'POST' ? JSON.parse(body).name : path.split('/')[1]];
      if (method === 'POST' && !named) return [201, `{"id":"${JSON.parse(body).name.slice(3)}"}`];
      return [...named.slice(0, 2), { date, 'retry-after': '7' }];
    });
    const endpoint = await startBackend(t, name, service);
    const post = (name) => exchange(`${endpoint}/sessions`, { method: 'POST', body: JSON.stringify({ name }) });
    for (const [kind, [, , expected]] of Object.entries(answers)) {
      assert.equal((await post(`id ${kind}`)).status, 201);
      const url = `${endpoint}/sessions/${kind}`;
      for (const { status, sent, value } of [await post(kind), await exchange(url), await exchange(`${url}/qr`)]) {
        assert.deepEqual([status, typeof value.error.message], [expected, 'string'], kind);
        assert.deepEqual([sent('retry-after'), sent('date'), sent('cache-control')], [['7'], [date], ['no-store']], kind);
        assert.ok(!JSON.stringify(value).includes('sk_test'), kind);
      }
    }
  });

  test(`${name}: an id may hold what has a meaning in a URL, and is forgotten with its session`, async (t) => {
    const reached = [];
    const service = await double(t, (method, path, body) => {
      if (method === 'POST') return [201, JSON.stringify({ id: JSON.parse(body).name, status: 'pending' })];
      reached.push(`${method} ${decodeURIComponent(path)}`);
      return method === 'DELETE' ? [404, ''] : [200, '{"id":"a"}'];
    });
    const endpoint = await startBackend(t, name, service);
    for (const id of ['a b', '50%', '%2e', '\u00fc\u{1F642}', 'a+b', 'a?b#c', "it's", '__proto__', '0']) {
      assert.equal((await exchange(`${endpoint}/sessions`, { method: 'POST', body: JSON.stringify({ name: id }) })).value.id, id);
      const url = `${endpoint}/sessions/${encodeURIComponent(id)}`;
      assert.equal((await exchange(url)).status, 200, id);
      assert.equal((await exchange(`${url}/qr`)).status, 200, id);
      const deleted = await exchange(url, { method: 'DELETE' });
      assert.deepEqual([deleted.status, deleted.value], [200, { deleted: true, id }]);
      assert.equal((await exchange(url)).status, 404, `${id} is forgotten`);
      assert.deepEqual(reached.splice(0), [`GET /${id}`, `GET /${id}/qr`, `DELETE /${id}`]);
    }
  });

  test(`${name}: where your own table fails, that is said as all else is`, async (t) => {
    const endpoint = await startBackend(t, name, 'http://127.0.0.1:9', { troubled: true });
    for (const method of ['GET', 'DELETE']) {
      const { status, sent, value } = await exchange(`${endpoint}/sessions/a`, { method, headers: { cookie: 'user=troubled' } });
      assert.deepEqual([status, value?.error.code, sent('cache-control')], [500, 500, ['no-store']], method);
      assert.ok(!JSON.stringify(value).includes('table'));
    }
    assert.equal((await exchange(`${endpoint}/sessions`, { method: 'POST', body: '{"name":"Bot"}' })).status, 502, 'nobody listens there');
  });

  test(`${name}: what the service answers is passed on where it makes sense, with its Date`, async (t) => {
    const date = 'Tue, 01 Jan 2030 00:00:00 GMT';
    const odd = {
      'no id': [201, '{"status":"pending"}'],
      'null': [200, 'null'],
      'a list': [200, '[{"id":"a"}]'],
      'a true id': [201, '{"data":{"id":true}}'],
      'an empty id': [201, '{"id":""}'],
      'a large id': [201, '{"id":9007199254740993}'],
      'nested': [201, `{"id":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
      'moved': [307, '{"id":"moved"}', { location: '/elsewhere' }],
      'forbidden': [403, '{"error":{"message":"no","code":4030}}'],
    };
    const gone = { 1: [204, ''], 2: [404, '<html>'], 3: [410, '{}'], 4: [200, '{"deleted":true,"id":"4"}'] };
    const service = await double(t, (method, path, body) => {
      if (method === 'POST') {
        const { name } = JSON.parse(body);
        return odd[name] ?? [201, `{"id":${name},"status":"pending"}`, { date }];
      }
      if (method === 'DELETE') return gone[path.slice(1)] ?? [500, '{"error":{"code":1,"message":"not now"}}'];
      return [429, '{"error":{"code":4029,"message":"later"}}', { date, 'retry-after': '7' }];
    });
    const endpoint = await startBackend(t, name, service);
    const post = (name) => exchange(`${endpoint}/sessions`, { method: 'POST', body: JSON.stringify({ name }) });
    const ask = (method, id) => exchange(`${endpoint}/sessions/${id}`, { method });
    for (const kind of Object.keys(odd)) {
      const { status, value } = await post(kind);
      assert.deepEqual([status, typeof value.error.message], [502, 'string'], kind);
    }
    for (const id of ['undefined', 'null', 'true', 'a', 'moved']) assert.equal((await ask('GET', id)).status, 404, `${id} is nobody's`);
    for (const id of [1, 2, 3, 4, 5]) {
      const created = await post(String(id));
      assert.deepEqual([created.status, created.value.id, created.sent('date')], [201, id, [date]]);
    }
    const later = await ask('GET', 1);
    assert.deepEqual([later.status, later.sent('date'), later.sent('retry-after')], [429, [date], ['7']]);
    for (const id of [1, 2, 3, 4]) {
      const deleted = await ask('DELETE', id);
      assert.deepEqual([deleted.status, deleted.value, deleted.sent('date').length], [200, { deleted: true, id: String(id) }, 1]);
      assert.equal((await ask('GET', id)).status, 404, `${id} is gone`);
    }
    assert.equal((await ask('DELETE', 5)).status, 500);
    assert.equal((await ask('GET', 5)).status, 429, 'what could not be deleted is still there');
  });
}

test('the sessions that a careless backend makes are deleted', { skip: !backends.includes('express') }, async (t) => {
  const service = await startService(t);
  const endpoint = await startBackend(t, 'express', service);
  let creates = 0;
  const careless = createServer(async (request, response) => {
    for await (const _ of request);
    // Whatever is sent and by whomever, somebody gets a session.
    const headers = { 'content-type': 'application/json', cookie: request.headers.cookie ?? 'user=nobody' };
    const create = request.method === 'POST';
    creates += create;
    const answer = await fetch(endpoint + request.url, { method: request.method, headers, body: create ? '{"name":"Bot"}' : undefined });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  });
  await new Promise((resolve) => careless.listen(0, '127.0.0.1', resolve));
  t.after(() => careless.closeAllConnections() ?? careless.close());
  const flags = ['--header', 'Cookie: user=alice', '--other-header', 'Cookie: user=bob'];
  const { status, lines } = await checkWith(`http://127.0.0.1:${careless.address().port}`, flags);
  assert.equal(status, 1);
  assert.ok(lines.includes('PASS no session is left behind'), lines.join('\n'));
  assert.ok(creates >= 8, `${creates} sessions`);
  const left = await fetch(`${service}/v1/whatsapp/sessions`, { headers: { authorization: 'Bearer sk_test_backends' } });
  assert.equal((await left.json()).meta.total, 0);
});

// At once, since each takes as long.
test('an answer that drips has ten seconds in all', { timeout: 30_000 }, async (t) => {
  const service = await double(t, () => [201, undefined]);
  const dripped = async (name) => {
    const endpoint = await startBackend(t, name, service);
    const begun = Date.now();
    const { status } = await exchange(`${endpoint}/sessions`, { method: 'POST', body: '{"name":"Bot"}' });
    assert.equal(status, 502, name);
    assert.ok(Date.now() - begun < 13_000, name);
  };
  await Promise.all(backends.map(dripped));
});

// Tokens as the examples mint them, in Node and in Python, at a gateway that demands them.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { check, root, startService } from './support.js';

const origin = 'https://app.example.org';
const minters = { 'mint.mjs': 'node', 'mint.py': 'python3' };

for (const [file, program] of Object.entries(minters)) {
  test(`${file}: its token passes the check, for its user and its origin alone`, async (t) => {
    // With white space around each, as the gateway takes them.
    const keys = ` 2026b:${randomBytes(32).toString('base64')} ,\n2026a:${randomBytes(32).toString('base64')}\n`;
    const mint = (user, from = origin) =>
      execFileSync(program, [`${root}/examples/tokens/${file}`, user, from], { encoding: 'utf8', env: { ...process.env, SENDAPI_TOKEN_KEYS: keys } }).trim();
    const service = await startService(t, ['--origin', origin, '--origin', 'https://other.example.org'], { SENDAPI_TOKEN_KEYS: keys });
    const token = mint('user-1');
    const { status, lines } = await check(`${service}/api/whatsapp`, `Authorization: Bearer ${token}`, `Origin: ${origin}`);
    assert.equal(status, 0, lines.join('\n'));

    const ask = async (bearer, from, path = '', init = {}) => {
      const headers = { origin: from, 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) };
      return fetch(`${service}/api/whatsapp/sessions${path}`, { ...init, headers });
    };
    const created = await (await ask(token, origin, '', { method: 'POST', body: '{"name":"Bot"}' })).json();
    const { id } = created.data ?? created;
    assert.equal((await ask(mint('user-2'), origin, `/${id}`)).status, 404, 'another user');
    assert.equal((await ask(token, 'https://other.example.org', `/${id}`)).status, 403, 'another origin');
    assert.equal((await ask(undefined, origin, `/${id}`)).status, 401, 'no token');
    const changed = token.replace(/[^.](?=[^.]*$)/, (first) => (first === 'A' ? 'B' : 'A'));
    assert.equal((await ask(changed, origin, `/${id}`)).status, 401, 'a changed signature');
  });
}

// The commands that the documents tell people to type are typed, but for ports, keys and folders of the test's own; what they start does what the
// text around them says. scripts/documents has built what they need.

import assert from 'node:assert/strict';
import { execFileSync, execSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { check, freePort, start, startService } from '../backends/support.js';
import { documents, inline, left, root, snippets, takeOne } from './documents.js';

const gateway = process.env.GATEWAY_BIN ?? `${root}/target/debug/sendapi-gateway`;
/** Where a shell finds `sendapi-gateway`. */
const path = { PATH: `${dirname(gateway)}:${process.env.PATH}` };

/** A folder for one test. */
function scratch(t) {
  const folder = mkdtempSync(join(tmpdir(), 'sendapi-pairing-commands-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The lines of a snippet, without comments. */
const lines = (text) => text.trim().split('\n').map((line) => line.replace(/\s+#.*/, '').trim());
/** Replaces what has to be there. */
function put(text, what, value) {
  assert.ok(text.includes(what), `${text}: ${what}`);
  return text.replace(what, value);
}

test('the gateway starts as its README and the first one say, and passes its own check', async (t) => {
  const service = await startService(t);
  const typed = [...lines(takeOne('README.md', 'command: gateway')), ...lines(takeOne('gateway/README.md', 'command: gateway'))];
  assert.equal(typed.length, 3);
  for (const line of typed) {
    let command = line.replace(' --listen 127.0.0.1:8080', '').replace(/=(…|sk_live_\.\.\.)/, '=sk_live_0123456789abcdef');
    // The real service is not for a test.
    if (!command.includes('--sandbox')) command += ` --upstream ${service}/v1`;
    const env = { ...path, STATE_DIRECTORY: scratch(t) };
    assert.match(execSync(`${command} --check-config`, { env: { ...process.env, ...env }, encoding: 'utf8' }), /configuration is sound/);
    const [, url] = await start(t, 'bash', ['-c', `${command} --listen 127.0.0.1:0`], { env, ready: /^ready: (http:\S+?)\/?\s/m });
    const { status, lines: said } = await check(`${url}/api/whatsapp`);
    assert.equal(status, 0, said.join('\n'));
  }
});

test('what is served below a version is kept, and what has none is asked for again', async (t) => {
  const cwd = scratch(t);
  for (const [file, text] of [['public/index.html', 'page'], ['node_modules/sendapi-pairing/define.js', 'export {}']]) {
    mkdirSync(dirname(join(cwd, file)), { recursive: true });
    writeFileSync(join(cwd, file), text);
  }
  const command = takeOne('docs/headless.md', 'command: immutable').trim();
  const [, url] = await start(t, 'bash', ['-c', `${command} --listen 127.0.0.1:0`], { cwd, env: path, ready: /^ready: (http:\S+?)\/?\s/m });
  const caching = async (at) => (await fetch(`${url}${at}`)).headers.get('cache-control');
  assert.match(await caching('/sendapi-pairing/0.1.0/define.js'), /^public, max-age=31536000, immutable$/);
  assert.equal(await caching('/'), 'no-cache');
});

test('behind nginx, as the gateway is put there, it passes the check and knows its own pages; its other routes are not to be reached', async (t) => {
  const folder = scratch(t);
  const service = await startService(t);
  const location = put(takeOne('gateway/README.md', 'command: nginx'), 'http://127.0.0.1:8080', service);
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
  writeFileSync(
    `${folder}/nginx.conf`,
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr notice; events {}
     http { access_log off; ${temporary} server { listen 127.0.0.1:${port}; ${location} } }`,
  );
  await start(t, 'nginx', ['-p', folder, '-c', `${folder}/nginx.conf`, '-e', 'stderr'], { ready: /start worker|using the ".*" event method/ });
  const url = `http://127.0.0.1:${port}`;
  const { status, lines: said } = await check(`${url}/api/whatsapp`);
  assert.equal(status, 0, said.join('\n'));
  const create = (origin) => fetch(`${url}/api/whatsapp/sessions`, { method: 'POST', headers: { origin, 'content-type': 'application/json' }, body: '{"name":"Bot"}' });
  assert.equal((await create(url)).status, 201);
  assert.equal((await create('http://127.0.0.1:1')).status, 403);
  for (const route of ['/metrics', '/readyz', '/sandbox/log']) {
    assert.equal((await fetch(`${service}${route}`, { headers: { authorization: 'Bearer sk_test_x' } })).status, 200, route);
    assert.equal((await fetch(`${url}${route}`)).status, 404, route);
  }
});

test('the page on backends: the example before the sandbox, and the check of it', async (t) => {
  const [first, second, ...more] = lines(takeOne('docs/backend.md', 'command: backend'));
  assert.deepEqual(more, []);
  const [, service] = await start(t, 'bash', ['-c', put(first, '127.0.0.1:8080', '127.0.0.1:0')], { env: path, ready: /^ready: (http:\S+?)\/?\s/m });
  const cwd = `${root}/target/backends/express`;
  const server = `PORT=0 ${put(second, 'http://127.0.0.1:8080', service)}`;
  const [, url] = await start(t, 'bash', ['-c', server], { cwd, ready: /ready: (http:\S+)/ });
  const judge = put(takeOne('docs/backend.md', 'command: check').trim(), 'http://127.0.0.1:3000', url);
  const said = execSync(judge, { env: { ...process.env, ...path }, encoding: 'utf8' });
  assert.ok(said.split('\n').filter((line) => line.startsWith('PASS ')).length >= 17 && !said.includes('FAIL'), said);
});

test('the demo comes up by its command', async (t) => {
  const command = takeOne('README.md', 'command: demo').trim();
  const port = await freePort();
  const [, url] = await start(t, 'bash', ['-c', command], { cwd: root, env: { PORT: String(port) }, ready: /^ready: (http:\S+)/m });
  assert.equal(new URL(url).port, String(port));
  assert.match(await (await fetch(url)).text(), /<sendapi-pairing/);
  assert.match(await (await fetch(new URL('playground/index.html', url))).text(), /<html/);
});

test('a simulation runs, and one seed gives one run', () => {
  const typed = lines(takeOne('docs/simulation.md', 'command: simulation'));
  assert.equal(typed.length, 2);
  const [atRoot, alone] = typed.map((line) => put(put(line, ' N ', ' 20 '), ' S', ' 7'));
  assert.equal(atRoot, alone.replace('-p sendapi-simulation', '--example simulate'), 'the two differ in what is built');
  // The first builds the browser's part for this machine, optimised: minutes. `cargo test` builds that example.
  const said = execSync(alone, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  assert.match(said, /^violations\s+0$/m);
  const [, seed] = said.match(/^seed\s+(\S+)/m);
  assert.equal(seed, '7');
});

test('every flag, command and variable of the gateway that a document names is one of the gateway', () => {
  const help = ['', 'check', 'smoke'].map((command) => execFileSync(gateway, [command, '--help'].filter(Boolean), { encoding: 'utf8' })).join('\n');
  const flags = new Set(help.match(/--[a-z][a-z-]*/g));
  const [, block] = help.match(/Commands:\n((?: {2}.*\n)+)/);
  const subcommands = new Set([...block.matchAll(/^ {2}([a-z]+)/gm)].map((found) => found[1]));
  let seen = 0;
  for (const file of documents) {
    const own = file === 'gateway/README.md';
    for (const code of [...snippets(file, 'sh').flatMap(({ text }) => lines(text)), ...inline(file)]) {
      const [, given] = code.match(/^(?:[A-Z_]+=\S+ )*sendapi-gateway(?: (.*))?$/) ?? (own && /^--[a-z]/.test(code) ? [null, code] : []);
      if (given === undefined) continue;
      for (const [flag] of given.matchAll(/(?<!\S)--[a-z][a-z-]*/g)) assert.ok((flags.has(flag) || flag === '--read-only') && ++seen, `${file}: ${flag}`);
      const [word] = given.split(' ');
      if (/^[a-z]+$/.test(word)) assert.ok(subcommands.has(word) && ++seen, `${file}: ${word}`);
    }
    for (const [name] of own ? inline(file).join(' ').matchAll(/\b[A-Z]+(?:_[A-Z]+)+\b/g) : []) assert.ok(help.includes(name) && ++seen, `${file}: ${name}`);
  }
  assert.ok(seen > 20, `${seen} names`);
});

test('each snippet that is left to this file has been tried', () => assert.deepEqual(left('command'), []));

// The gateway beside nginx, both in front of the same upstream, in one run: how many reads of a session each answers, what it costs the
// upstream when many widgets poll, and how much memory that takes. Prints Markdown tables; asserts nothing, since clocks differ.

import { fork, spawn, spawnSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const program = process.env.GATEWAY_BIN;
const seconds = Number(process.env.BENCH_SECONDS ?? 10);
const key = 'sk_test_bench';
const tokenKey = randomBytes(32);
const folder = mkdtempSync(join(tmpdir(), 'bench-gateway-'));
const started = [];

function start(command, args, options) {
  const child = spawn(command, args, options);
  started.push(child);
  return child;
}

async function gateway(args, env = {}) {
  const vars = { ...process.env, SENDAPI_KEY: undefined, SENDAPI_TOKEN_KEYS: undefined, REDIS_URL: undefined, ...env };
  const child = start(program, ['--listen', '127.0.0.1:0', ...args], { stdio: ['ignore', 'pipe', 'inherit'], env: vars });
  const base = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const ready = line.match(/^ready: (http:\S+)\/$/);
      if (ready) resolve(ready[1]);
    });
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)));
    child.once('error', reject);
  });
  return { base, pid: child.pid };
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** nginx with its defaults but for kept connections to the upstream, which is what anybody would set; the key is added there. */
async function nginx(upstream) {
  const port = await freePort();
  const conf = `
    worker_processes auto;
    pid ${folder}/nginx.pid;
    error_log ${folder}/error.log;
    events { worker_connections 4096; }
    http {
      access_log off;
      client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c; uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
      upstream service { server ${new URL(upstream).host}; keepalive 64; }
      server {
        listen 127.0.0.1:${port};
        location /v1/ { proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Authorization "Bearer ${key}"; }
      }
    }`;
  writeFileSync(join(folder, 'nginx.conf'), conf);
  const child = start('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-g', 'daemon off;'], { stdio: 'inherit' });
  const base = `http://127.0.0.1:${port}`;
  for (;;) {
    if (child.exitCode !== null) throw new Error('nginx ended');
    const answer = await fetch(`${base}/v1/whatsapp/sessions`).catch(() => null);
    if (answer?.ok) return { base, pid: child.pid };
  }
}

function token(subject) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 590;
  const head = `${part({ alg: 'HS256', kid: 'bench' })}.${part({ aud: 'sendapi-gateway', sub: subject, exp, ops: ['create', 'read', 'qr', 'delete', 'list'] })}`;
  return `${head}.${createHmac('sha256', tokenKey).update(head).digest('base64url')}`;
}

async function create(base, bearer) {
  const answer = await fetch(`${base}/api/whatsapp/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Bench' }),
  });
  if (answer.status !== 201) throw new Error(`create answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()).id;
}

/** Resident memory of a process and its children, in MiB. */
function resident(pid) {
  const kib = (file) => Number(readFileSync(file, 'utf8').match(/VmRSS:\s+(\d+)/)?.[1] ?? 0);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return [pid, ...children].reduce((sum, one) => sum + kib(`/proc/${one}/status`), 0) / 1024;
}

function wrk(url, headers, script) {
  const args = ['-t2', '-c32', `-d${seconds}s`, '--latency', ...headers.flatMap((header) => ['-H', header]), ...(script ? ['-s', script] : []), url];
  const { stdout, status } = spawnSync('wrk', args, { encoding: 'utf8' });
  if (status !== 0 || /Non-2xx/.test(stdout)) throw new Error(`wrk ${url}: ${stdout}`);
  const ms = (percent) => {
    const [, number, unit] = stdout.match(new RegExp(`${percent}%\\s+([\\d.]+)(us|ms|s)`));
    return Number(number) * { us: 0.001, ms: 1, s: 1000 }[unit];
  };
  return { rate: Number(stdout.match(/Requests\/sec:\s+([\d.]+)/)[1]), p50: ms(50), p99: ms(99) };
}

/** A script for wrk: each request is the next widget's poll. */
function pollsOf(clients) {
  const script = join(folder, 'polls.lua');
  const rows = clients.map(({ id, bearer }) => `{"/api/whatsapp/sessions/${id}", "Bearer ${bearer}"}`);
  writeFileSync(script, `local rows = {${rows}}
local at = 0
request = function()
  at = at % #rows + 1
  return wrk.format("GET", rows[at][1], {authorization = rows[at][2]})
end`);
  return script;
}

/** Every client reads its session each 3 s, as a widget does, for `periods` times that. */
async function poll(base, clients, periods) {
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  const end = Date.now() + periods * 3000;
  const late = [];
  const one = async ({ id, bearer }, n) => {
    let at = Date.now() + (3000 * n) / clients.length;
    while (at < end) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, at - Date.now())));
      const asked = performance.now();
      const status = await new Promise((resolve, reject) => {
        const call = request(`${base}/api/whatsapp/sessions/${id}`, { agent, headers: { authorization: `Bearer ${bearer}` } }, (answer) => {
          answer.resume().on('end', () => resolve(answer.statusCode));
        });
        call.on('error', reject).end();
      });
      if (status !== 200) throw new Error(`a poll answered ${status}`);
      late.push(performance.now() - asked);
      at += 3000;
    }
  };
  await Promise.all(clients.map(one));
  agent.destroy();
  late.sort((a, b) => a - b);
  return { p50: late[late.length >> 1], p99: late[Math.floor(late.length * 0.99)] };
}

/** Healthy reads, 200 a second, while `count` slow clients hold connections for 30 s. */
async function besideSlowClients(base, id, bearer, count) {
  const { hostname, port } = new URL(base);
  const slow = fork(new URL('./slow-clients.js', import.meta.url), [hostname, port, String(count)]);
  started.push(slow);
  const said = () => new Promise((resolve) => slow.once('message', resolve));
  await said();
  const figures = await poll(base, Array.from({ length: 600 }, () => ({ id, bearer })), 10);
  slow.send('how many?');
  const { cut } = await said();
  slow.kill();
  return { ...figures, cut };
}

async function upstreamCalls(base) {
  const text = await (await fetch(`${base}/metrics`)).text();
  return [...text.matchAll(/^sendapi_gateway_upstream_calls_total\{[^}]*\} (\d+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
}

const fixed = (n, digits = 1) => n.toFixed(digits);

async function main() {
  const service = await gateway(['--sandbox', '--rate', '100000000']);
  const live = () =>
    gateway(['--upstream', `${service.base}/v1`, '--state', 'memory', '--max-sessions', '0', '--max-requests', '0', '--max-connections', '8192', '--log', 'off'], {
      SENDAPI_KEY: key,
      SENDAPI_TOKEN_KEYS: `bench:${tokenKey.toString('base64')}`,
    });
  const ours = await live();
  const proxy = await nginx(service.base);
  const bearer = token('one');
  const id = await create(ours.base, bearer);
  const clients = [];
  for (let n = 0; n < 100; n += 1) clients.push({ id: await create(ours.base, token(`widget ${n}`)), bearer: token(`widget ${n}`) });

  const authorization = `authorization: Bearer ${bearer}`;
  const through = [
    ['the upstream itself', () => wrk(`${service.base}/v1/whatsapp/sessions/${id}`, [`authorization: Bearer ${key}`])],
    ['nginx `proxy_pass`', () => wrk(`${proxy.base}/v1/whatsapp/sessions/${id}`, [])],
    ['gateway, each read forwarded', () => wrk(`${ours.base}/api/whatsapp/sessions/${id}`, [authorization, 'cache-control: no-cache'])],
    ['gateway, polls of 100 widgets', () => wrk(ours.base, [], pollsOf(clients))],
  ];
  const figures = through.map(([name, run]) => [name, run()]);
  const peer = figures[1][1];
  console.log(`\nReads of a session, 32 connections, ${seconds} s each, tokens checked by the gateway:\n`);
  console.log('| through | requests/s | of nginx | p50 ms | p99 ms |\n| --- | ---: | ---: | ---: | ---: |');
  for (const [name, { rate, p50, p99 }] of figures) {
    console.log(`| ${name} | ${fixed(rate, 0)} | ${fixed(rate / peer.rate, 2)} | ${fixed(p50, 2)} | ${fixed(p99, 2)} |`);
  }
  console.log(`\nResident after that: nginx ${fixed(resident(proxy.pid))} MiB, gateway ${fixed(resident(ours.pid))} MiB.`);

  console.log('\n1,000 clients that send one byte of a head a second, for 30 s, beside 200 reads a second:\n');
  console.log('| slow clients | cut off | p50 ms | p99 ms |\n| ---: | ---: | ---: | ---: |');
  for (const count of [0, 1000]) {
    const { p50, p99, cut } = count ? await besideSlowClients(ours.base, id, bearer, count) : { ...(await poll(ours.base, Array.from({ length: 600 }, () => ({ id, bearer })), 3)), cut: 0 };
    console.log(`| ${count} | ${cut} | ${fixed(p50, 2)} | ${fixed(p99, 2)} |`);
  }

  console.log('\nWidgets that poll every 3 s, one session each:\n');
  console.log('| widgets | sessions on the key | upstream calls per interval | the naive proxy | p50 ms | p99 ms | gateway MiB |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
  // A service of its own for each row, so that the key holds exactly the sessions that are polled.
  for (const widgets of [1, 100, 1000]) {
    const own = await gateway(['--sandbox', '--rate', '100000000']);
    const front = await gateway(['--upstream', `${own.base}/v1`, '--state', 'memory', '--max-sessions', '0', '--max-requests', '0', '--max-connections', '8192', '--log', 'off'], {
      SENDAPI_KEY: key,
      SENDAPI_TOKEN_KEYS: `bench:${tokenKey.toString('base64')}`,
    });
    const clients = [];
    for (let n = 0; n < widgets; n += 1) {
      const mine = token(`user ${n}`);
      clients.push({ id: await create(front.base, mine), bearer: mine });
    }
    // Ten living tokens for each client of the last row: they cost the gateway nothing, which is what is to be seen.
    const tokens = widgets === 1000 ? clients.flatMap((client, n) => Array.from({ length: 10 }, () => ({ id: client.id, bearer: token(`user ${n}`) }))) : clients;
    for (const { id: one, bearer: mine } of tokens) {
      const answer = await fetch(`${front.base}/api/whatsapp/sessions/${one}`, { headers: { authorization: `Bearer ${mine}` } });
      if (answer.status !== 200) throw new Error(`a read answered ${answer.status}`);
      await answer.arrayBuffer();
    }
    await poll(front.base, clients, 2);
    const before = await upstreamCalls(front.base);
    const periods = 6;
    const { p50, p99 } = await poll(front.base, clients, periods);
    const calls = (await upstreamCalls(front.base)) - before;
    console.log(`| ${widgets} | ${widgets} | ${fixed(calls / periods)} | ${widgets} | ${fixed(p50, 2)} | ${fixed(p99, 2)} | ${fixed(resident(front.pid))} |`);
  }
}

try {
  await main();
} finally {
  for (const child of started) child.kill();
  rmSync(folder, { recursive: true, force: true });
}

// What stands around several gateways: a balancer before them, a Redis behind them.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, request } from 'node:http';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A port that nobody listens on now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** A folder of the test's own, removed after it. */
export function ownFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), 'sendapi-pairing-e2e-'));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/**
 * Passes each request to the next of the servers in `bases`, and to the one after where that does not answer, unless `answers` has answered it
 * and says so. Resolves with its base.
 */
export async function startBalancer(t, bases, answers = (_incoming, _outgoing) => false) {
  let turn = 0;
  const server = createHttpServer((incoming, outgoing) => {
    if (answers(incoming, outgoing)) return;
    const chunks = [];
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', () => pass(incoming, Buffer.concat(chunks), outgoing, bases.length));
  });
  const pass = (incoming, body, outgoing, tries) => {
    const target = new URL(incoming.url, bases[turn++ % bases.length]);
    const call = request(target, { method: incoming.method, headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    call.on('error', () => (tries > 1 && !outgoing.headersSent ? pass(incoming, body, outgoing, tries - 1) : outgoing.destroy()));
    call.end(body);
  };
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}/`;
}

/** A Redis that keeps what it is told on disk: `{url, kill, start}`. */
export async function startRedis(t) {
  const folder = ownFolder(t);
  const port = await freePort();
  let child;
  const answers = () =>
    new Promise((resolve) => {
      const socket = createConnection(port, '127.0.0.1');
      socket.on('connect', () => socket.write('PING\r\n'));
      socket.on('data', (text) => resolve(String(text).startsWith('+PONG'), socket.destroy()));
      socket.on('error', () => resolve(false));
    });
  const start = async () => {
    const args = ['--port', port, '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
    child = spawn('redis-server', args.map(String), { stdio: 'ignore' });
    const failed = new Promise((_, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
    });
    failed.catch(() => {});
    while (!(await Promise.race([answers(), failed])));
  };
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  };
  await start();
  t.after(kill);
  return { url: `redis://127.0.0.1:${port}`, start, kill };
}

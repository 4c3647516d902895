// Backends under test: started from the examples on a port of their own, with the sandbox as the service behind them.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const gateway = process.env.GATEWAY_BIN ?? `${root}/target/debug/sendapi-gateway`;

/** Starts a program; resolves once a line of what it prints matches `ready`, with that match. `t` stops it. */
export async function start(t, command, args, { cwd, env = {}, ready }) {
  const child = spawn(command, args, { cwd, env: { ...process.env, SENDAPI_KEY: undefined, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const closed = new Promise((resolve) => child.once('close', resolve));
  t.after(async () => {
    // Its whole group: some of these start a worker.
    try {
      process.kill(-child.pid);
    } catch {
      // It is gone already.
    }
    await closed;
  });
  let said = '';
  return new Promise((resolve, reject) => {
    const hear = (chunk) => {
      said += chunk;
      const match = said.match(ready);
      if (match) resolve(match);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', reject);
    closed.then((code) => reject(new Error(`${command} ended (${code}) before it was ready: ${said}`)));
  });
}

/** A port that nobody uses at this moment. */
export async function freePort() {
  const { createServer } = await import('node:net');
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A gateway on its sandbox; resolves to its URL without a slash at the end. */
export async function startService(t, args = [], env = {}) {
  const [, url] = await start(t, gateway, ['--sandbox', '--listen', '127.0.0.1:0', ...args], { env, ready: /^ready: (http:\S+?)\/?\s/m });
  return url;
}

/** Runs `sendapi-gateway check` as the user that `headers` sign in: `{status, lines}`. */
export const check = (url, ...headers) => checkWith(url, headers.flatMap((header) => ['--header', header]));

/** The same with any flags. */
export function checkWith(url, flags) {
  return new Promise((resolve, reject) => {
    const child = spawn(gateway, ['check', url, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (chunk) => (said += chunk));
    child.stderr.on('data', (chunk) => (said += chunk));
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, lines: said.split('\n').filter(Boolean) }));
  });
}

// A table that fails for `troubled`. The status of what it throws says nothing of the answer's.
const failing = `
  const { get } = Map.prototype;
  Map.prototype.get = function (key) {
    if (key === 'troubled') throw Object.assign(new Error('no table: sk_test_table'), { status: 401 });
    return get.call(this, key);
  };`;
const troubledInNode = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(failing)}` };
const troubledInPython = `
import main, uvicorn
ids = main.Store.ids
async def failing(self, user):
    if user == "troubled": raise RuntimeError("no table: sk_test_table")
    return await ids(self, user)
main.Store.ids = failing
uvicorn.run(main.app, port=0, date_header=False)`;

const places = {
  async express(t, env, troubled) {
    const options = { cwd: `${root}/target/backends/express`, env: { ...env, ...(troubled && troubledInNode), PORT: '0' }, ready: /ready: (http:\S+)/ };
    const [, url] = await start(t, 'node', ['server.js'], options);
    return url;
  },
  async fastapi(t, env, troubled) {
    const args = troubled ? ['-c', troubledInPython] : ['-m', 'uvicorn', 'main:app', '--port', '0', '--no-date-header'];
    const options = { cwd: `${root}/examples/backends/fastapi`, env: { ...env, PYTHONDONTWRITEBYTECODE: '1' }, ready: /running on (http:\S+)/ };
    const [, url] = await start(t, `${root}/target/backends/venv/bin/python`, args, options);
    return url;
  },
  async nextjs(t, env, troubled) {
    const port = await freePort();
    const args = ['node_modules/next/dist/bin/next', 'start', '--hostname', '127.0.0.1', '--port', String(port)];
    await start(t, 'node', args, { cwd: `${root}/target/backends/nextjs`, env: { ...env, ...(troubled && troubledInNode), NEXT_TELEMETRY_DISABLED: '1' }, ready: /Ready in/ });
    return `http://127.0.0.1:${port}`;
  },
};

/** Starts the example of this name before the service at `service`; resolves to its endpoint. Where it is `troubled`, so is the user of that name. */
export async function startBackend(t, name, service, { troubled = false } = {}) {
  const url = await places[name](t, { SENDAPI_URL: `${service}/v1`, SENDAPI_KEY: 'sk_test_backends' }, troubled);
  return `${url}/api/whatsapp`;
}

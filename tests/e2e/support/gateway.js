// The real gateway, on its sandbox, on a port of its own.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const program = process.env.GATEWAY_BIN ?? `${root}/target/debug/sendapi-gateway`;

const testPages = `/test=${root}/tests/e2e/pages`;
/** The demo page as scripts/build-demo assembled it, at /. */
export const demo = [`${root}/target/demo`];
/** The package as `scripts/build-pkg --opt` made it, ready to publish, and small pages at /test/ that hold the bare tag. */
export const published = [`/sendapi-pairing=${root}/target/pkg`, testPages];

/** Preact as it is published, at /preact/. */
export const preact = `/preact=${root}/tests/node_modules/preact/dist`;

/** The strictest policy under which the element works; the bare pages are tested under it. */
export const strictPolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; style-src 'self'; img-src 'none'; " +
  "require-trusted-types-for 'script'; trusted-types 'none'";

/** Runs a gateway with these flags until it says that it is ready: `{base, kill}`. `kill` ends it without a farewell; so does the end of `t`. */
export async function launch(t, args, env = {}) {
  const vars = { ...process.env, SENDAPI_KEY: undefined, SENDAPI_TOKEN_KEYS: undefined, REDIS_URL: undefined, ...env };
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: vars });
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  const closed = new Promise((resolve) => child.once('close', resolve));
  const kill = async () => {
    child.kill('SIGKILL');
    await closed;
  };
  t.after(kill);
  const base = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const ready = line.match(/^ready: (http:\S+)/);
      if (ready) resolve(ready[1]);
    });
    child.once('error', reject);
    closed.then((code) => reject(new Error(`the gateway ended (${code}) before it was ready: ${said}`)));
  });
  return { base, kill };
}

/** The flags that serve these folders under this policy. */
export const pages = (statics = published, csp = strictPolicy) => [
  ...statics.flatMap((folder) => ['--static', folder]),
  ...(csp === null ? [] : ['--csp', csp]),
];

/**
 * Starts a gateway on its sandbox; `t` stops it. `qrTtl`: seconds that a code lives. `csp`: the policy on its pages, by default the
 * strictest (null: the gateway's own). `statics`: what it serves, as `--static` takes it; `immutables`: likewise, as `--immutable` does.
 * `quota`: sessions that the account may hold. `env`: further variables.
 */
export async function startGateway(t, { qrTtl, quota, csp, statics, immutables = [], env } = {}) {
  const args = ['--sandbox', '--listen', '127.0.0.1:0', ...pages(statics, csp), ...immutables.flatMap((folder) => ['--immutable', folder])];
  if (qrTtl !== undefined) args.push('--qr-ttl', String(qrTtl));
  if (quota !== undefined) args.push('--quota', String(quota));
  return new Gateway((await launch(t, args, env)).base);
}

class Gateway {
  constructor(base) {
    this.base = base;
  }

  url(path = '') {
    return new URL(path, this.base).href;
  }

  async #send(method, path, body) {
    const init = { method, headers: { authorization: 'Bearer sk_test_e2e' } };
    if (body !== undefined) {
      init.headers['content-type'] = 'application/json';
      init.body = JSON.stringify(body);
    }
    const answer = await fetch(this.url(path), init);
    const text = await answer.text();
    let value = null;
    try {
      value = JSON.parse(text);
    } catch {
      // Not every answer is JSON; the status tells.
    }
    return { status: answer.status, body: value?.data ?? value };
  }

  /** A phone scans this text: 200 with the session, or 404 when no living code bears it. */
  scan(payload) {
    return this.#send('POST', '/sandbox/scan', { payload });
  }

  disconnect(id) {
    return this.#send('POST', `/sandbox/sessions/${id}/disconnect`);
  }

  reconnect(id) {
    return this.#send('POST', `/sandbox/sessions/${id}/reconnect`);
  }

  fail(id) {
    return this.#send('POST', `/sandbox/sessions/${id}/fail`);
  }

  faults(...rules) {
    return this.#send('PUT', '/sandbox/faults', { rules });
  }

  clearFaults() {
    return this.#send('DELETE', '/sandbox/faults');
  }

  /** A session made at the service itself, past the page. */
  create(name) {
    return this.#send('POST', '/v1/whatsapp/sessions', { name });
  }

  remove(id) {
    return this.#send('DELETE', `/v1/whatsapp/sessions/${id}`);
  }

  /** Every session that the service holds. */
  sessions() {
    return this.#send('GET', '/v1/whatsapp/sessions');
  }

  /** The session as the service itself shows it. */
  session(id) {
    return this.#send('GET', `/v1/whatsapp/sessions/${id}`);
  }

  /** Every call that reached the service: `{method, path, status, time}`, in order. */
  async log() {
    return (await this.#send('GET', '/sandbox/log')).body;
  }

  /** How often the service was asked this, e.g. `calls('POST', /sessions$/)`. */
  async calls(method, path) {
    return (await this.log()).filter((call) => call.method === method && path.test(call.path)).length;
  }
}

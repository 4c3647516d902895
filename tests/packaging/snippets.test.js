// What the documents tell people to write is written and run: commands in a fresh folder, JavaScript under the type checker, and that of the
// package's README in a page, bundled from the installed tarball.

import assert from 'node:assert/strict';
import { execFileSync, execSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../backends/support.js';
import { openBrowser } from '../e2e/support/browser.js';
import { until } from '../e2e/support/devtools.js';
import { reached } from '../e2e/support/element.js';
import { startGateway } from '../e2e/support/gateway.js';
import { readQrCode } from '../e2e/support/screen.js';

// scripts/packaging installs the tarball there.
const skip = !(process.env.PROJECTS ?? 'static').split(' ').includes('static');
const tools = createRequire(new URL('../package.json', import.meta.url));
const installed = `${root}/target/packaging/static/node_modules`;
const place = `${root}/target/packaging/snippets`;

const blocks = (file, language) =>
  [...readFileSync(`${root}/${file}`, 'utf8').matchAll(/^( *)```(\w+)\n([\s\S]*?)^\1```$/gm)].filter((block) => block[2] === language).map((block) => block[3].replaceAll(new RegExp(`^${block[1]}`, 'gm'), ''));

/**
 * How each snippet of the documents is tried, by its first line. What is not run here says why; its JavaScript goes past the type checker like all.
 */
const tried = {
  'README.md': {
    '<script type="module" src="/sendapi-pairing/define.js"></script>': 'page',
    'document.querySelector("sendapi-pairing").addEventListener("sendapi-connected", (event) => {': 'page',
    'const pairing = document.querySelector("sendapi-pairing");': 'page',
    'import { PairingController } from "sendapi-pairing";': 'headless',
    'make demo': 'make',
    'make test': 'make',
    'scripts/bench page': 'measures for a quarter of an hour, and asserts nothing',
    'SENDAPI_KEY=… sendapi-gateway --listen 127.0.0.1:8080': 'gateway',
    'use leptos::prelude::*;': 'compiled by `cargo test`, as a doctest (src/lib.rs); examples/leptos has the same and runs',
  },
  'pkg/README.md': {
    'npm install sendapi-pairing': 'followed',
    'import "sendapi-pairing/define";': 'followed',
    '<sendapi-pairing endpoint="/api/whatsapp" session-name="Support Bot"></sendapi-pairing>': 'followed',
    'document.addEventListener("sendapi-connected", ({ detail }) => console.log(detail.sessionId, detail.phoneNumber));': 'followed',
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; style-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'": 'followed',
    'import { PairingController } from "sendapi-pairing";': 'followed',
  },
  'docs/headless.md': {
    'import { PairingController, SendApiClient, init, mount, qrToElement, qrToPath, qrToSvg } from "sendapi-pairing";': 'names alone: the type checker sees that they are there',
    'const stop = new AbortController();': 'headless',
    'const client = new SendApiClient({ endpoint: "/api/whatsapp", getToken: async () => (await fetch("/whatsapp-token")).text() });': 'headless',
    '<link rel="modulepreload" href="/sendapi-pairing/define.js" />': 'page',
    'import { sandboxTransport, scenarios } from "sendapi-pairing/sandbox";': 'every scenario is run from the tarball in projects.test.js',
  },
  'docs/backend.md': {
    'sendapi-gateway --sandbox --listen 127.0.0.1:8080': 'scripts/backends starts this gateway and this server, on free ports',
    'sendapi-gateway check http://127.0.0.1:3000/api/whatsapp --header "Cookie: user=alice"': 'scripts/backends runs it against three backends, and against each rule broken',
    '<sendapi-pairing endpoint="/api/whatsapp" session-id="sess_01H8BKF" persist-key="user-17"></sendapi-pairing>': 'names a session that a backend stored',
    'SENDAPI_TOKEN_KEYS="2026a:$(openssl rand -base64 32)" node mint.mjs user-17 https://app.example.org': 'tests/backends/tokens.test.js runs both minters, and has the gateway take what they sign',
    'element.getToken = async () => (await fetch("/whatsapp-token", { method: "POST" })).text();': 'the README has the same, and that runs',
  },
};

const documents = Object.keys(tried);
const firstLine = (block) => block.split('\n', 1)[0];
/** The snippets of `file` that are tried in this way, in their order. */
const chosen = (file, language, way) => blocks(file, language).filter((block) => tried[file][firstLine(block)] === way);

test('each snippet of the documents is run, or says why not', () => {
  for (const file of documents) {
    const found = ['html', 'js', 'sh', 'rust', 'text'].flatMap((language) => blocks(file, language)).map(firstLine);
    assert.deepEqual(found.sort(), Object.keys(tried[file]).sort(), file);
  }
});

test('the commands of the README are there', { skip }, () => {
  for (const command of chosen('README.md', 'sh', 'make')) execSync(`${command.trim()} --dry-run`, { cwd: root, stdio: 'pipe' });
  const commands = chosen('README.md', 'sh', 'gateway');
  assert.equal(commands.length, 1);
  for (const command of commands) {
    const whole = command.trim().replace('SENDAPI_KEY=…', 'SENDAPI_KEY=sk_live_0123456789abcdef').replace('sendapi-gateway', process.env.GATEWAY_BIN);
    assert.match(execSync(`${whole} --check-config`, { encoding: 'utf8' }), /configuration is sound/);
  }
});

/** What the text around a snippet takes for granted, as scripts of a page; `heard` keeps what the snippets tell. */
const around = `
  window.heard = [];
  console.log = (...given) => heard.push(given);
  window.draw = (phase, code) => heard.push(['drew', phase, code?.size]);
  const own = window.fetch;
  window.fetch = (url, init) => (url === '/whatsapp-token' ? Promise.resolve(new Response('a-token')) : own(url, init));`;
const heard = (driver, what) => until(() => driver.executeScript(`return window.heard?.find((given) => ${what})`), what);

test("the README's page, and its way without the box, pair", { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sendapi-pairing-page-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const html = [...chosen('docs/headless.md', 'html', 'page'), ...chosen('README.md', 'html', 'page')].join('');
  const scripts = chosen('README.md', 'js', 'page');
  assert.equal(scripts.length, 2);
  const page = (name, body) => writeFileSync(join(folder, `${name}.html`), `<!doctype html><title>README</title><body><script src="around.js"></script>${body}</body>`);
  writeFileSync(join(folder, 'around.js'), around);
  writeFileSync(join(folder, 'tag.js'), scripts.join('\n'));
  page('tag', `${html}<script type="module" src="tag.js"></script>`);
  const import_ = 'import { PairingController, SendApiClient, qrToElement } from "/sendapi-pairing/index.js";\n';
  const headless = (file) => chosen(file, 'js', 'headless').map((block) => import_ + block.replace(/^import .*\n/, ''));
  const [first, ...rest] = [...headless('README.md'), ...headless('docs/headless.md')];
  for (const [name, script] of Object.entries({ first, second: rest[0], third: `${rest[1]}\nheard.push(["over", status, expiresIn, qrCode.length]);` })) {
    writeFileSync(join(folder, `${name}.js`), script);
    page(name, `<script type="module" src="${name}.js"></script>`);
  }

  const driver = await openBrowser(t);
  const csp = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'none'";
  const gateway = await startGateway(t, { statics: [`/readme=${folder}`, `/sendapi-pairing=${installed}/sendapi-pairing`], csp });
  await driver.get(gateway.url('readme/tag.html'));
  await reached(driver, 'awaiting-scan');
  const scanned = await gateway.scan(await readQrCode(driver));
  assert.equal(scanned.status, 200);
  await reached(driver, 'connected');
  assert.deepEqual(await heard(driver, 'given.length === 2'), [scanned.body.id, scanned.body.phone_number]);

  for (const name of ['first', 'second']) {
    await driver.executeScript('sessionStorage.clear()');
    await driver.get(gateway.url(`readme/${name}.html`));
    await heard(driver, "given[1] === 'awaiting-scan' && given[2] > 20");
  }
  await driver.get(gateway.url('readme/third.html'));
  const [, status, expiresIn, length] = await heard(driver, "given[0] === 'over'");
  assert.equal(status, 'pending');
  assert.ok(expiresIn > 100_000 && length > 100);
});

test('JavaScript in the documents is what the types allow', { skip }, () => {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(`${place}/node_modules`, { recursive: true });
  cpSync(`${installed}/sendapi-pairing`, `${place}/node_modules/sendapi-pairing`, { recursive: true });
  writeFileSync(`${place}/package.json`, '{"type":"module"}');
  // What the text around a snippet takes for granted.
  writeFileSync(
    `${place}/around.d.ts`,
    `import type { ElementOptions, SendApiPairingElement, SendApiClient as C, PairingController as P } from "sendapi-pairing";
     declare global {
       const element: SendApiPairingElement;
       function draw(...given: unknown[]): void;
       const SendApiClient: typeof C;
       const PairingController: typeof P;
       const qrToElement: typeof import("sendapi-pairing").qrToElement;
     }`,
  );
  let count = 0;
  for (const file of documents) {
    for (const block of blocks(file, 'js')) {
      const text = block.includes('import ') ? block : `${block}\nexport {};\n`;
      writeFileSync(`${place}/snippet-${++count}.js`, `// ${file}\n// @ts-check\n${text}`);
    }
  }
  assert.ok(count >= 9, `${count} snippets`);
  writeFileSync(
    `${place}/tsconfig.json`,
    JSON.stringify({
      compilerOptions: { target: 'ES2022', module: 'ESNext', moduleResolution: 'bundler', lib: ['ES2022', 'DOM', 'DOM.Iterable'], types: [], allowJs: true, checkJs: true, strict: true, strictNullChecks: false, noEmit: true },
      include: ['*.js', '*.d.ts'],
    }),
  );
  execFileSync(process.execPath, [tools.resolve('typescript/bin/tsc'), '--project', place], { stdio: 'pipe', encoding: 'utf8' });
});

test("the package's README, followed line by line, pairs", { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sendapi-pairing-readme-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  const [tarball] = readdirSync(`${root}/target/npm`);
  for (const command of blocks('pkg/README.md', 'sh')) {
    execSync(command.replace('sendapi-pairing', `${root}/target/npm/${tarball} --no-audit --no-fund --loglevel=error`), { cwd: folder, stdio: 'pipe' });
  }
  const scripts = blocks('pkg/README.md', 'js');
  const headless = scripts.filter((block) => block.includes('PairingController'));
  const tag = scripts.filter((block) => !headless.includes(block));
  assert.ok(headless.length === 1 && tag.length === 2, 'the README has the snippets that this knows');
  writeFileSync(join(folder, 'tag.js'), tag.join('\n'));
  writeFileSync(join(folder, 'headless.js'), headless[0].replaceAll('console.log(', 'globalThis.said?.('));
  const { build } = tools('esbuild');
  await build({ absWorkingDir: folder, entryPoints: ['tag.js', 'headless.js'], bundle: true, splitting: true, format: 'esm', outdir: join(folder, 'dist') });
  cpSync(join(folder, 'node_modules/sendapi-pairing/wasm'), join(folder, 'dist/wasm'), { recursive: true });
  const page = (script, body) => `<!doctype html><title>README</title><script type="module" src="/${script}"></script>${body}`;
  writeFileSync(join(folder, 'dist/index.html'), page('tag.js', blocks('pkg/README.md', 'html').join('')));
  writeFileSync(join(folder, 'dist/said.js'), 'window.heard = []; window.said = (...given) => window.heard.push(given);');
  writeFileSync(join(folder, 'dist/headless.html'), page('headless.js', '<script src="/said.js"></script>'));

  const driver = await openBrowser(t);
  // The policy that the README names.
  const [policy] = blocks('pkg/README.md', 'text');
  const gateway = await startGateway(t, { statics: [join(folder, 'dist')], csp: policy.trim() });
  await driver.get(gateway.url());
  await reached(driver, 'awaiting-scan');
  assert.equal((await gateway.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');

  await driver.executeScript('sessionStorage.clear()');
  await driver.get(gateway.url('headless.html'));
  const size = await driver.executeAsyncScript(function (done) {
    const look = () => {
      const shown = window.heard?.find(([phase, size]) => phase === 'awaiting-scan' && size > 20);
      if (shown) done(shown[1]);
      else setTimeout(look, 50);
    };
    look();
  });
  assert.ok(size > 20);
});

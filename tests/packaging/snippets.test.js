// What the documents tell people to write into a page is run as it stands, in a page, with the installed tarball: each snippet does what the text
// around it says. What that text takes for granted (a token's route, `draw`, `element`) is in `around`.

import assert from 'node:assert/strict';
import { execFileSync, execSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { documents, left, root, snippets, take, takeOne } from '../documents/documents.js';
import { severeLog, shareBrowser } from '../e2e/support/browser.js';
import { until } from '../e2e/support/devtools.js';
import { click, property, reached, visibleText } from '../e2e/support/element.js';
import { startGateway } from '../e2e/support/gateway.js';
import { readQrCode } from '../e2e/support/screen.js';

// scripts/packaging installs the tarball there.
const skip = !(process.env.PROJECTS ?? 'static').split(' ').includes('static');
const tools = createRequire(new URL('../package.json', import.meta.url));
const installed = `${root}/target/packaging/static/node_modules/sendapi-pairing`;
const mount = `/sendapi-pairing=${installed}`;
const csp = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'none'";

let driver;
shareBrowser((browser) => (driver = browser));

/** A folder for one test. */
function scratch(t, name) {
  const folder = mkdtempSync(join(tmpdir(), `sendapi-pairing-${name}-`));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What the text around a snippet takes for granted, as the first script of a page; `heard` keeps what snippets, requests and events tell. */
const around = (token = 'a-token') => `
  window.heard = [];
  console.log = (...given) => heard.push(given);
  window.draw = (phase, code) => heard.push(['drew', phase, code?.size]);
  const own = window.fetch;
  window.fetch = (url, init) => {
    if (url === '/whatsapp-token') heard.push(['token', init?.method ?? 'GET']);
    if (url === '/whatsapp-token') return Promise.resolve(new Response(${JSON.stringify(token)}));
    if (String(url).startsWith('/onboarding/')) heard.push([url, init.method, init.body]);
    if (String(url).startsWith('/onboarding/')) return Promise.resolve(new Response());
    return own(url, init);
  };
  for (const name of ['connected', 'disconnected']) document.addEventListener('sendapi-' + name, ({ detail }) => heard.push([name, detail]));`;

/** The package as a page without a build names it. */
const served = (script) => script.replaceAll(/from "sendapi-pairing(\/\w+)?"/g, (_, entry = '/index') => `from "/sendapi-pairing${entry}.js"`);
const define = '<script type="module" src="/sendapi-pairing/define.js"></script>';
const tag = '<sendapi-pairing endpoint="/api/whatsapp" trigger="load"></sendapi-pairing>';

/** Writes `{html, js, css}` as a page of `folder`; the script runs before the element is defined, since it need not wait for that. */
function page(folder, name, { html = `${tag}\n${define}`, js, css, token }) {
  writeFileSync(join(folder, `${name}-around.js`), around(token));
  const given = js && /\belement\./.test(js) ? 'const element = document.querySelector("sendapi-pairing");\n' : '';
  if (js) writeFileSync(join(folder, `${name}.js`), served(given + js));
  if (css) writeFileSync(join(folder, `${name}.css`), css);
  const head = `<meta charset="utf-8"><title>${name}</title><script src="${name}-around.js"></script>${css ? `<link rel="stylesheet" href="${name}.css">` : ''}`;
  const script = js ? `<script type="module" src="${name}.js"></script>` : '';
  // A snippet may be a whole document.
  writeFileSync(join(folder, `${name}.html`), `<!doctype html>${html.includes('<html') ? html.replace(/<html[^>]*>/, (start) => start + head + script) : head + script + html}`);
}

const run = (script) => driver.executeScript(script);
const heard = (what) => until(() => run(`return window.heard?.find((given) => ${what})`), what);

/** Scans the code on the screen; resolves to the session as the service has it then. */
async function scan(gateway) {
  await reached(driver, 'awaiting-scan');
  const scanned = await gateway.scan(await readQrCode(driver));
  assert.equal(scanned.status, 200);
  return scanned.body;
}

test("the README's page, and the ways without the box, pair", { skip }, async (t) => {
  const folder = scratch(t, 'page');
  const [html, ...scripts] = take('README.md', 'browser: page');
  page(folder, 'tag', { html: takeOne('docs/headless.md', 'browser: preload') + html, js: scripts.join('\n') });
  page(folder, 'first', { html: '', js: takeOne('README.md', 'browser: headless') });
  const use = 'import { PairingController, SendApiClient, qrToElement } from "sendapi-pairing";\n';
  page(folder, 'second', { html: '', js: use + takeOne('docs/headless.md', 'browser: controller') });
  page(folder, 'third', { html: '', js: `${use}${takeOne('docs/headless.md', 'browser: client')}\nheard.push(["over", session.id, status, expiresIn, qrCode.length]);` });
  const gateway = await startGateway(t, { statics: [`/readme=${folder}`, mount], csp });

  await severeLog(driver);
  await driver.get(gateway.url('readme/tag.html'));
  const { id, phone_number: number } = await scan(gateway);
  assert.deepEqual(await heard('given.length === 2 && given[0].startsWith("sess_")'), [id, number]);
  assert.deepEqual(await heard("given[0] === 'token'"), ['token', 'POST']);
  // Each file that the head names is one that the page needs, and is fetched once.
  const ahead = await run('return [...document.querySelectorAll("link[href]")].map(({ href }) => [href, performance.getEntriesByName(href).length])');
  assert.ok(ahead.length >= 3);
  for (const [href, times] of ahead) assert.equal(times, 1, href);
  assert.deepEqual((await severeLog(driver)).filter((line) => !line.includes('favicon')), []);

  replays(folder, await run('return JSON.stringify(document.querySelector("sendapi-pairing").diagnostics())'));

  for (const name of ['first', 'second']) {
    await run('sessionStorage.clear()');
    await driver.get(gateway.url(`readme/${name}.html`));
    await heard("given[1] === 'awaiting-scan' && given[2] > 20");
    // The box that is not there drew the code; the phone reads its picture elsewhere (examples/headless).
  }
  await driver.get(gateway.url('readme/third.html'));
  const [, made, status, expiresIn, length] = await heard("given[0] === 'over'");
  assert.equal(status, 'pending');
  assert.ok(expiresIn > 100_000 && length > 100);
  assert.deepEqual(await heard(`given[0] === ${JSON.stringify(made)}`), [made, null], 'the list has it');
  assert.equal((await gateway.session(made)).status, 404, 'it was deleted');
});

/** The page on diagnostics: what the element gave, gone through again by the example that the page names. */
function replays(folder, diagnostics) {
  const [command, stdin] = takeOne('docs/diagnostics.md', 'browser: replay').split('#');
  const [, name, ...given] = command.match(/^cargo run -p sendapi-pairing-core --example (\w+) -- (FILE)\s+$/);
  assert.deepEqual(given, ['FILE']);
  assert.match(stdin, /or - for standard input/);
  // As `cargo test` builds it, so that it need not be built again.
  const messages = execFileSync('cargo', ['build', '--quiet', '--workspace', '--example', name, '--message-format', 'json'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1e8 });
  const { executable } = messages.trim().split('\n').map(JSON.parse).find(({ target, executable }) => executable && target.name === name);
  const file = join(folder, 'diagnostics.json');
  writeFileSync(file, diagnostics);
  const said = execFileSync(executable, [file], { encoding: 'utf8' });
  const [last, sum] = said.trim().split('\n').slice(-2);
  assert.match(last, /connected$/);
  assert.match(sum, /^[1-9]\d* inputs, 0 differing$/);
  assert.equal(execFileSync(executable, ['-'], { input: diagnostics, encoding: 'utf8' }), said);
  const other = JSON.parse(diagnostics);
  other.inputs.at(-1)[5] = other.inputs[0][5];
  assert.throws(() => execFileSync(executable, ['-'], { input: JSON.stringify(other), stdio: 'pipe' }), ({ status }) => status === 1, 'another phase than the one recorded');
}

test('theming: the custom properties, the part and the slots do what the page says', { skip }, async (t) => {
  const folder = scratch(t, 'theming');
  page(folder, 'own', { html: `${define}\n${takeOne('docs/theming.md', 'browser: page')}`, css: take('docs/theming.md', 'browser: style').join('\n') });
  page(folder, 'plain', {});
  const gateway = await startGateway(t, { statics: [`/docs=${folder}`, mount], csp, quota: 1 });
  const style = (selector, ...names) => run(`const style = getComputedStyle(document.querySelector('sendapi-pairing').shadowRoot.querySelector('${selector}')); return ${JSON.stringify(names)}.map((name) => style[name])`);

  // An account that is full shows an error, with a button.
  const { body: full } = await gateway.create('Full');
  await driver.get(gateway.url('docs/plain.html'));
  await reached(driver, 'error');
  const [plainFont, plainAccent] = [(await style('.base', 'fontFamily'))[0], (await style('[part~=primary-button]', 'backgroundColor'))[0]];
  await driver.get(gateway.url('docs/own.html'));
  await reached(driver, 'error');
  const shown = () => run("return [...document.querySelector('sendapi-pairing').children].filter((child) => child.assignedSlot && child.checkVisibility({ visibilityProperty: true })).map(({ textContent }) => textContent)");
  assert.deepEqual(await shown(), ['Your shop on WhatsApp', 'Call us: we link it together.']);
  assert.deepEqual(await style('.base', 'borderTopLeftRadius', 'borderTopWidth', 'boxShadow', 'fontFamily'), ['8px', '0px', 'rgba(0, 0, 0, 0.12) 0px 10px 40px 0px', 'Inter, sans-serif']);
  assert.notEqual(plainFont, 'Inter, sans-serif');
  assert.deepEqual(await style('[part~=primary-button]', 'backgroundColor'), ['rgb(91, 61, 245)']);
  assert.notEqual(plainAccent, 'rgb(91, 61, 245)');

  assert.equal((await gateway.remove(full.id)).status, 200);
  await click(driver, 'primary-button');
  await scan(gateway);
  await reached(driver, 'connected');
  assert.deepEqual(await shown(), ['Your shop on WhatsApp', 'Go to your inbox']);
});

test('languages: the nearest `lang` decides, and `strings` go on top', { skip }, async (t) => {
  const folder = scratch(t, 'languages');
  page(folder, 'two', { html: `${takeOne('docs/languages.md', 'browser: page')}\n${define}` });
  page(folder, 'own', { js: takeOne('docs/languages.md', 'browser: strings') });
  const gateway = await startGateway(t, { statics: [`/docs=${folder}`, mount], csp });
  await driver.get(gateway.url('docs/two.html'));
  const shown = () =>
    run(`return [...document.querySelectorAll('sendapi-pairing')].map((element) => {
      const heading = element.shadowRoot?.querySelector('h2');
      return heading && [heading.textContent, getComputedStyle(heading).direction];
    })`);
  const words = async (tag) => (await import(`${installed}/locales/${tag}.js`)).default.heading;
  const wanted = [[await words('pt'), 'ltr'], [await words('ar'), 'rtl']];
  await until(async () => JSON.stringify(await shown()) === JSON.stringify(wanted), JSON.stringify(wanted));

  await driver.get(gateway.url('docs/own.html'));
  await reached(driver, 'awaiting-scan');
  const own = await visibleText(driver);
  assert.ok(own.includes('Connect our support line') && own.includes('Scan me') && own.includes('Open WhatsApp'), own);
});

test('events: the listener welcomes once, not after a reload', { skip }, async (t) => {
  const folder = scratch(t, 'events');
  page(folder, 'events', { js: takeOne('docs/events.md', 'browser: page') });
  const gateway = await startGateway(t, { statics: [`/docs=${folder}`, mount], csp });
  await driver.get(gateway.url('docs/events.html'));
  const { id } = await scan(gateway);
  await reached(driver, 'connected');
  assert.deepEqual(await heard('given[1] === "POST"'), ['/onboarding/whatsapp', 'POST', id]);
  await driver.navigate().refresh();
  const [, { resumed, sessionId }] = await heard("given[0] === 'connected'");
  assert.deepEqual([resumed, sessionId], [true, id]);
  assert.equal(await run('return heard.some((given) => given[1] === "POST")'), false);
});

test('your own backend: a session that is there already is resumed, with a token that the example signed', { skip }, async (t) => {
  const folder = scratch(t, 'backend');
  const command = takeOne('docs/backend.md', 'browser: mint').trim();
  const key = randomBytes(32).toString('base64');
  const gateway = await startGateway(t, { statics: [`/docs=${folder}`, mount], csp, env: { SENDAPI_TOKEN_KEYS: `2026a:${key}` } });
  const { origin } = new URL(gateway.base);
  // With a key and an origin of its own, else as it stands; the command has to work with the key that it makes itself, too.
  const mint = (text) => execSync(text, { cwd: `${root}/examples/tokens`, encoding: 'utf8' }).trim();
  const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  const { sub, origin: from, aud } = claims(mint(command));
  assert.deepEqual([sub, from, aud], ['user-17', 'https://app.example.org', 'sendapi-gateway']);
  const token = mint(command.replace('$(openssl rand -base64 32)', key).replace('https://app.example.org', origin));

  const created = await fetch(gateway.url('api/whatsapp/sessions'), { method: 'POST', headers: { origin, authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: '{"name":"Earlier"}' });
  const { id } = await created.json();
  assert.equal(created.status, 201);
  const [html, js] = take('docs/backend.md', 'browser: page');
  assert.ok(html.includes('"sess_01H8BKF"'));
  page(folder, 'resumed', { html: `${html.replace('sess_01H8BKF', id)}${define}`, js, token });
  page(folder, 'refused', { html: `${html.replace('sess_01H8BKF', id)}${define}` });
  await driver.get(gateway.url('docs/refused.html'));
  await reached(driver, 'error');
  assert.equal((await property(driver, 'error')).code, 'unauthorized');
  await driver.get(gateway.url('docs/resumed.html'));
  assert.equal((await scan(gateway)).id, id);
  await reached(driver, 'connected');
  assert.equal(await gateway.calls('POST', /\/sessions$/), 1);
});

test('tests and stories: the sandbox plays its scenario in the page', { skip }, async (t) => {
  const folder = scratch(t, 'sandbox');
  page(folder, 'story', { html: `<sendapi-pairing trigger="load"></sendapi-pairing>${define}`, js: takeOne('docs/headless.md', 'browser: sandbox') });
  const gateway = await startGateway(t, { statics: [`/docs=${folder}`, mount], csp });
  await driver.get(gateway.url('docs/story.html'));
  assert.equal((await heard("given[0] === 'connected'"))[1].phoneNumber, '+447700900123');
  await heard("given[0] === 'disconnected'");
  await reached(driver, 'connected');
  assert.deepEqual(await gateway.log(), [], 'no server was asked');
});

const place = `${root}/target/packaging/snippets`;

test('JavaScript in the documents is what the types allow, and what the module exports', { skip }, () => {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(`${place}/node_modules`, { recursive: true });
  cpSync(installed, `${place}/node_modules/sendapi-pairing`, { recursive: true });
  writeFileSync(`${place}/package.json`, '{"type":"module"}');
  // What the text around a snippet takes for granted.
  writeFileSync(
    `${place}/around.d.ts`,
    `import type { SendApiPairingElement, SendApiClient as C, PairingController as P } from "sendapi-pairing";
     declare global {
       const element: SendApiPairingElement;
       function draw(...given: unknown[]): void;
       const SendApiClient: typeof C;
       const PairingController: typeof P;
       const qrToElement: typeof import("sendapi-pairing").qrToElement;
     }`,
  );
  let count = 0;
  for (const { file, text } of documents.flatMap((file) => snippets(file, 'js'))) {
    writeFileSync(`${place}/snippet-${++count}.js`, `// ${file}\n// @ts-check\n${/^import /m.test(text) ? text : `${text}\nexport {};\n`}`);
  }
  writeFileSync(
    `${place}/tsconfig.json`,
    JSON.stringify({
      compilerOptions: { target: 'ES2022', module: 'ESNext', moduleResolution: 'bundler', lib: ['ES2022', 'DOM', 'DOM.Iterable'], types: [], allowJs: true, checkJs: true, strict: true, strictNullChecks: false, noEmit: true },
      include: ['*.js', '*.d.ts'],
    }),
  );
  execFileSync(process.execPath, [tools.resolve('typescript/bin/tsc'), '--project', place], { stdio: 'pipe', encoding: 'utf8' });

  // A name that is not exported ends the module before it runs. On a server, importing is all there is to do.
  const names = takeOne('docs/headless.md', 'browser: import');
  const types = `console.log(JSON.stringify([${names.match(/\{(.*)\}/)[1]}].map((it) => typeof it)));`;
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', `${names}${types}`], { cwd: place, encoding: 'utf8' });
  assert.deepEqual(JSON.parse(said), Array(7).fill('function'));
});

test("the package's README, followed line by line, pairs", { skip }, async (t) => {
  const folder = scratch(t, 'readme');
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  const [tarball] = readdirSync(`${root}/target/npm`);
  const install = takeOne('pkg/README.md', 'browser: install');
  execSync(install.replace('sendapi-pairing', `${root}/target/npm/${tarball} --no-audit --no-fund --loglevel=error`), { cwd: folder, stdio: 'pipe' });
  writeFileSync(join(folder, 'tag.js'), take('pkg/README.md', 'browser: tag').join('\n'));
  writeFileSync(join(folder, 'headless.js'), takeOne('pkg/README.md', 'browser: headless'));
  const { build } = tools('esbuild');
  await build({ absWorkingDir: folder, entryPoints: ['tag.js', 'headless.js'], bundle: true, splitting: true, format: 'esm', outdir: join(folder, 'dist') });
  cpSync(join(folder, 'node_modules/sendapi-pairing/wasm'), join(folder, 'dist/wasm'), { recursive: true });
  const dist = join(folder, 'dist');
  writeFileSync(join(dist, 'around.js'), around());
  const document = (script, body) => `<!doctype html><meta charset="utf-8"><title>README</title><script src="/around.js"></script><script type="module" src="/${script}"></script>${body}`;
  writeFileSync(join(dist, 'index.html'), document('tag.js', takeOne('pkg/README.md', 'browser: page')));
  writeFileSync(join(dist, 'headless.html'), document('headless.js', ''));

  // The policy that the README names.
  const gateway = await startGateway(t, { statics: [dist], csp: takeOne('pkg/README.md', 'browser: policy').trim() });
  await severeLog(driver);
  await driver.get(gateway.url());
  const { id, phone_number: number } = await scan(gateway);
  await reached(driver, 'connected');
  assert.deepEqual(await heard('given.length === 2 && given[0].startsWith("sess_")'), [id, number]);
  assert.deepEqual((await severeLog(driver)).filter((line) => !line.includes('favicon')), []);

  await run('sessionStorage.clear()');
  await driver.get(gateway.url('headless.html'));
  await heard("given[0] === 'awaiting-scan' && given[1] > 20");
});

test('each snippet that is left to this file has been tried', { skip }, () => assert.deepEqual(left('browser'), []));

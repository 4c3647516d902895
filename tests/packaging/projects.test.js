// The packed tarball in fresh projects: built for production, opened in a real browser before the gateway, paired. PROJECTS names those to try;
// scripts/packaging has installed and built them.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { root, start, freePort } from '../backends/support.js';
import { shareBrowser, severeLog } from '../e2e/support/browser.js';
import { until } from '../e2e/support/devtools.js';
import { digits, reached, visibleText } from '../e2e/support/element.js';
import { startGateway } from '../e2e/support/gateway.js';
import { readQrCode, readQrCodes } from '../e2e/support/screen.js';

const projects = (process.env.PROJECTS ?? 'static').split(' ').filter(Boolean);
const folder = (name) => fileURLToPath(new URL(`../../target/packaging/${name}`, import.meta.url));

let driver;
shareBrowser((browser) => (driver = browser));

/** Reads the code off the screen, scans it, and sees the number. */
async function pairs(gateway) {
  await reached(driver, 'awaiting-scan');
  const scanned = await gateway.scan(await readQrCode(driver));
  assert.equal(scanned.status, 200);
  await reached(driver, 'connected');
  assert.ok(digits(await visibleText(driver)).includes(digits(scanned.body.phone_number)));
}

const quiet = async () => assert.deepEqual((await severeLog(driver)).filter((line) => !line.includes('favicon')), []);

for (const name of projects.filter((name) => ['esbuild', 'rollup', 'vite', 'vite-7', 'webpack'].includes(name))) {
  test(`${name}: the production build pairs`, async (t) => {
    const gateway = await startGateway(t, { statics: [folder(`${name}/dist`)], csp: null });
    await severeLog(driver);
    await driver.get(gateway.url());
    await pairs(gateway);
    assert.equal(await driver.executeScript('return window.sameClass'), true);
    assert.equal(await driver.executeAsyncScript('const done = arguments[0]; window.drawn.then(({ size, d }) => done(size > 20 && d.length > 100), String)'), true);
    await quiet();
  });
}

for (const name of projects.filter((name) => ['headless', 'html', 'react', 'svelte', 'vue'].includes(name))) {
  test(`${name}: the example pairs, and its own code hears the number`, async (t) => {
    const gateway = await startGateway(t, { statics: [folder(`${name}/dist`)], csp: null });
    await severeLog(driver);
    await driver.get(gateway.url());
    const payload = await codeOnScreen();
    const scanned = await gateway.scan(payload);
    assert.equal(scanned.status, 200);
    const number = await driver.executeAsyncScript(function (done) {
      const look = () => {
        const text = document.querySelector('#number').textContent;
        if (/\d{6}/.test(text)) done(text);
        else setTimeout(look, 50);
      };
      look();
    });
    assert.equal(digits(number), digits(scanned.body.phone_number));
    // Under React's StrictMode, which mounts twice, as anywhere else.
    assert.equal(await gateway.calls('POST', /\/sessions$/), 1);
    await quiet();
  });
}

/** Vite's dev server for the project as it is, but for where its endpoint is passed on to. */
async function develop(t, name, gateway) {
  // What it keeps of packages is of the tarball of another time, and that has the same version.
  rmSync(`${folder(name)}/node_modules/.vite`, { recursive: true, force: true });
  const port = await freePort();
  const args = ['node_modules/vite/bin/vite.js', '--host', '127.0.0.1', '--port', String(port), '--strictPort'];
  await start(t, 'node', args, { cwd: folder(name), env: { GATEWAY: gateway.base, NO_COLOR: '1' }, ready: /ready in/ });
  await severeLog(driver);
  await driver.get(`http://127.0.0.1:${port}/`);
}

for (const name of projects.filter((name) => ['vite', 'vite-7'].includes(name))) {
  test(`${name}: the dev server pairs with nothing set up`, async (t) => {
    const gateway = await startGateway(t);
    await develop(t, name, gateway);
    await pairs(gateway);
    await quiet();
  });
}

for (const name of projects.filter((name) => ['headless', 'react', 'svelte', 'vue'].includes(name))) {
  test(`${name}: the example pairs under Vite's dev server, too`, async (t) => {
    const gateway = await startGateway(t);
    await develop(t, name, gateway);
    const scanned = await gateway.scan(await codeOnScreen());
    assert.equal(scanned.status, 200);
    await until(async () => digits(await driver.executeScript('return document.querySelector("#number").textContent')) === digits(scanned.body.phone_number), 'the number');
    await quiet();
  });
}

/** The code's text once one is on the screen; the driver's own deadline ends a wait in vain. */
async function codeOnScreen() {
  await driver.executeAsyncScript(function (done) {
    const look = () => {
      const element = document.querySelector('sendapi-pairing');
      const drawn = element ? element.phase === 'awaiting-scan' : document.querySelector('svg path[d]');
      if (drawn) requestAnimationFrame(() => requestAnimationFrame(done));
      else setTimeout(look, 50);
    };
    look();
  });
  return readQrCode(driver);
}

test('static: a page without any build pairs under the strictest policy', { skip: !projects.includes('static') }, async (t) => {
  const gateway = await startGateway(t, { statics: [folder('static/dist')] });
  for (const page of ['', 'one-file.html']) {
    await severeLog(driver);
    await driver.get(gateway.url(page));
    await pairs(gateway);
    await quiet();
    await driver.executeScript('sessionStorage.clear()');
  }
});

test('static: two versions on one page show one session beside each other, and the first keeps the tag', { skip: !projects.includes('static') }, async (t) => {
  const later = mkdtempSync(join(tmpdir(), 'sendapi-pairing-later-'));
  t.after(() => rmSync(later, { recursive: true, force: true }));
  cpSync(folder('static/dist/sendapi-pairing'), later, { recursive: true });
  const { version } = JSON.parse(readFileSync(`${later}/package.json`, 'utf8'));
  const script = readFileSync(`${later}/element.js`, 'utf8');
  assert.equal(script.split(`"${version}"`).length, 2, 'the script names its version once');
  writeFileSync(`${later}/element.js`, script.replace(`"${version}"`, '"99.0.0"'));
  const gateway = await startGateway(t, { statics: [folder('static/dist'), `/later=${later}`] });
  await driver.manage().logs().get('browser');
  await driver.get(gateway.url('versions.html'));
  const run = (script) => driver.executeScript(script);
  const shown = () => run('return [...document.querySelectorAll("sendapi-pairing, later-pairing")].map(({ phase, session }) => [phase, session?.id])');
  const both = (phase) => until(async () => (await shown()).every(([now]) => now === phase), `both ${phase}`);
  await until(() => run('return window.registered !== undefined'), 'the page');
  assert.deepEqual(await run('return [window.versions, window.registered]'), [[version, '99.0.0'], true]);

  // On one session, they share its lock and its channel as two tabs do.
  await run('both({}, { trigger: "manual" })');
  await until(async () => (await shown())[0][0] === 'awaiting-scan', 'the first');
  await run('const [first, second] = document.body.children; second.sessionId = first.session.id; second.start()');
  await both('awaiting-scan');
  const drawn = () => run('return [...document.body.children].map(({ shadowRoot }) => shadowRoot.querySelector("svg.qr:not([hidden]) path[d]")?.getAttribute("d"))');
  await until(async () => {
    const [one, two] = await drawn();
    return one && one === two;
  }, 'both to draw the same code');
  const [code] = await readQrCodes(driver);
  assert.equal((await gateway.scan(code)).status, 200);
  await both('connected');
  assert.equal(await gateway.calls('POST', /\/sessions$/), 1);

  const said = (await driver.manage().logs().get('browser')).filter(({ message }) => !message.includes('favicon'));
  assert.equal(said.length, 1, said.map(({ message }) => message).join('\n'));
  assert.equal(said[0].level.name, 'WARNING');
  assert.ok(said[0].message.includes(version) && said[0].message.includes('99.0.0'), said[0].message);
});

test('static: each scenario of the sandbox ends where its name says', { skip: !projects.includes('static') }, async (t) => {
  const gateway = await startGateway(t, { statics: [folder('static/dist')] });
  const { scenarios } = await import(`${folder('static/dist')}/sendapi-pairing/sandbox.js`);
  const wanted = {
    manual: ['creating', 'awaiting-scan'],
    connects: ['creating', 'awaiting-scan', 'connected'],
    reconnects: ['creating', 'awaiting-scan', 'connected', 'reconnecting', 'connected'],
    fails: ['creating', 'awaiting-scan', 'failed'],
    'quota-exceeded': ['creating', 'error'],
    // A code that a repeated create brought may be the first attempt's, and a transport has no Date to tell by.
    'rate-limited': ['creating', 'refreshing', 'awaiting-scan'],
    'server-error': ['creating', 'refreshing', 'awaiting-scan'],
    unreachable: ['creating'],
    html: ['creating', 'refreshing', 'awaiting-scan'],
    'bad-image': ['creating', 'refreshing', 'expired'],
    'unknown-status': ['creating', 'awaiting-scan', 'action-required'],
  };
  const codes = { 'quota-exceeded': 'quota_exceeded', 'bad-image': 'invalid_response' };
  assert.deepEqual([...scenarios].sort(), Object.keys(wanted).sort());
  for (const [scenario, phases] of Object.entries(wanted)) {
    await driver.get(gateway.url(`sandbox.html?scenario=${scenario}`));
    const outcome = await driver.executeAsyncScript(
      function (count, code, done) {
        const deadline = Date.now() + 28_000;
        const look = () => {
          const told = window.seen?.length >= count && (!code || window.codes.includes(code));
          if (told || Date.now() > deadline) done([window.seen.slice(0, count), window.codes]);
          else setTimeout(look, 50);
        };
        look();
      },
      phases.length,
      codes[scenario] ?? null,
    );
    assert.deepEqual(outcome[0], phases, `${scenario}: ${outcome[1]}`);
    if (codes[scenario]) assert.ok(outcome[1].includes(codes[scenario]), `${scenario}: ${outcome[1]}`);
    if (scenario === 'connects') assert.match(digits(await visibleText(driver)), /447700900123/);
  }
  assert.deepEqual(await gateway.log(), [], 'none of it asked a server');
});

test('nextjs: the app router renders, hydrates and pairs, through its own backend', { skip: !projects.includes('nextjs') }, async (t) => {
  const gateway = await startGateway(t);
  const port = await freePort();
  const args = ['node_modules/next/dist/bin/next', 'start', '--hostname', '127.0.0.1', '--port', String(port)];
  const env = { SENDAPI_URL: gateway.url('v1'), SENDAPI_KEY: 'sk_test_next', NEXT_TELEMETRY_DISABLED: '1' };
  await start(t, 'node', args, { cwd: `${root}/target/backends/nextjs`, env, ready: /Ready in/ });
  const page = `http://127.0.0.1:${port}`;
  const html = await (await fetch(page)).text();
  assert.match(html, /<sendapi-pairing endpoint="\/api\/whatsapp" session-name="Support Bot"/, 'the tag is in what the server sent');
  await driver.get(page);
  // Nobody is signed in yet, and what the browser's log says of that is not to come later.
  await reached(driver, 'error');
  await driver.manage().addCookie({ name: 'user', value: 'alice' });
  await severeLog(driver);
  await driver.get(page);
  await driver.executeScript('window.said = []; console.log = (...words) => window.said.push(words[0]);');
  await pairs(gateway);
  assert.deepEqual(await driver.executeScript('return window.said'), ['connected'], "the page's own listener was told");
  await quiet();
});

test('Node without a DOM can import everything', { skip: !projects.includes('static') }, () => {
  const script = `
    const exports = Object.keys((await import('sendapi-pairing/package.json', { with: { type: 'json' } })).default.exports);
    const scripts = exports.filter((name) => !/\\.(wasm|json|css)$|\\*/.test(name));
    for (const name of scripts) await import('sendapi-pairing' + name.slice(1));
    const { mount, SendApiClient, PairingController, SendApiPairingElement } = await import('sendapi-pairing');
    const { render } = await import('sendapi-pairing/ssr');
    console.log(JSON.stringify([scripts.length, typeof SendApiPairingElement, render({ endpoint: '/api' }).slice(0, 38), 'customElements' in globalThis]));`;
  const said = execFileSync('node', ['--input-type=module', '--disable-warning=ExperimentalWarning', '--eval', script], { cwd: folder('static'), encoding: 'utf8' });
  assert.deepEqual(JSON.parse(said), [9, 'function', '<sendapi-pairing endpoint="/api"><temp', false]);
});

for (const environment of ['jsdom', 'happy-dom']) {
  test(`unit-tests: an app's own tests pass in ${environment}, and nothing goes wrong beside them`, { skip: !projects.includes('unit-tests') }, () => {
    // Ends with an error also where a rejection is left to nobody.
    const args = ['run', '--environment', environment, '--reporter', 'json'];
    const said = execFileSync(`${folder('unit-tests')}/node_modules/.bin/vitest`, args, { cwd: folder('unit-tests'), encoding: 'utf8' });
    const { success, numPassedTests, numTotalTests } = JSON.parse(said);
    assert.deepEqual({ success, numPassedTests, numTotalTests }, { success: true, numPassedTests: 6, numTotalTests: 6 });
  });
}

test('unit-tests: without a DOM what needs none works, and the rest says so', { skip: !projects.includes('unit-tests') }, () => {
  const said = execFileSync(process.execPath, ['node.js'], { cwd: folder('unit-tests'), encoding: 'utf8' });
  assert.deepEqual(JSON.parse(said), { size: 65, status: 'pending', refused: 'config', failed: 'error: config', heard: 'config' });
});

test('publint and arethetypeswrong find nothing', { skip: !projects.includes('checks') }, () => {
  const [tarball] = readdirSync(`${root}/target/npm`).map((file) => `${root}/target/npm/${file}`);
  const run = (tool, ...args) => execFileSync(`${folder('checks')}/node_modules/.bin/${tool}`, [tarball, ...args], { encoding: 'utf8' });
  assert.match(run('publint', '--strict'), /All good/);
  // Its modules are ES modules alone, as the `type` says.
  run('attw', '--profile', 'esm-only', '--format', 'ascii');
});

test('the tarball holds what is needed and nothing else', { skip: !projects.includes('static') }, () => {
  const [file] = readdirSync(`${root}/target/npm`);
  const files = execFileSync('tar', ['tzf', `${root}/target/npm/${file}`], { encoding: 'utf8' }).trim().split('\n').map((path) => path.replace('package/', ''));
  const { exports } = JSON.parse(readFileSync(`${folder('static')}/node_modules/sendapi-pairing/package.json`, 'utf8'));
  const named = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry))).filter((path) => !path.includes('*'));
  for (const path of named) assert.ok(files.includes(path.slice(2)), path);
  for (const path of ['LICENSE', 'README.md', 'wasm/sendapi_pairing_bg.wasm', 'wasm/sendapi_sandbox_bg.wasm']) assert.ok(files.includes(path), path);
  assert.deepEqual(files.filter((path) => /\.(rs|map|ts\.map|tgz)$|(^|\/)\.|node_modules|test/.test(path)), []);
});

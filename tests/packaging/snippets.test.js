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

const documents = ['pkg/README.md', 'docs/headless.md', 'docs/backend.md', 'README.md'];

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

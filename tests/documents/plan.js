// How each snippet of the documents is tried, by its document and its first line. The word before the colon says where: `browser` in
// tests/packaging/snippets.test.js, `command` in commands.test.js, `text` in documents.test.js, `doctest` by `cargo test` (src/lib.rs).
// A snippet that is not listed fails documents.test.js, and one that is listed and tried by nothing the file that it is left to. `none` says why
// there is nothing to try; JavaScript goes past the type checker even so.

export const plan = {
  'ARCHITECTURE.md': {
    ' page ──attributes──► pkg/element.js ──options──► src/bindings ─► src/driver ◄──fetch, timers, tabs, storage──► browser': 'none: a drawing',
  },
  'README.md': {
    '<script type="module" src="/sendapi-pairing/define.js"></script>': 'browser: page',
    'document.querySelector("sendapi-pairing").addEventListener("sendapi-connected", (event) => {': 'browser: page',
    'const pairing = document.querySelector("sendapi-pairing");': 'browser: page',
    'import { PairingController } from "sendapi-pairing";': 'browser: headless',
    'make demo': 'command: demo',
    'make test': 'none: runs these very tests; that it is a target is looked at for all commands',
    'scripts/bench page': 'none: measures for a quarter of an hour, and asserts nothing',
    'SENDAPI_KEY=… sendapi-gateway --listen 127.0.0.1:8080': 'command: gateway',
    'use leptos::prelude::*;': 'doctest: README.md',
  },
  'docs/backend.md': {
    'sendapi-gateway --sandbox --listen 127.0.0.1:8080': 'command: backend',
    'sendapi-gateway check http://127.0.0.1:3000/api/whatsapp --header "Cookie: user=alice"': 'command: check',
    '<sendapi-pairing endpoint="/api/whatsapp" session-id="sess_01H8BKF" persist-key="user-17"></sendapi-pairing>': 'browser: page',
    'SENDAPI_TOKEN_KEYS="2026a:$(openssl rand -base64 32)" node mint.mjs user-17 https://app.example.org': 'browser: mint',
    'element.getToken = async () => (await fetch("/whatsapp-token", { method: "POST" })).text();': 'browser: page',
  },
  'docs/diagnostics.md': {
    'cargo run -p sendapi-pairing-core --example replay -- FILE   # or - for standard input': 'browser: replay',
  },
  'docs/events.md': {
    'document.addEventListener("sendapi-connected", async ({ detail }) => {': 'browser: page',
  },
  'docs/headless.md': {
    'import { PairingController, SendApiClient, init, mount, qrToElement, qrToPath, qrToSvg } from "sendapi-pairing";': 'browser: import',
    'const stop = new AbortController();': 'browser: controller',
    'const client = new SendApiClient({ endpoint: "/api/whatsapp", getToken: async () => (await fetch("/whatsapp-token", { method: "POST" })).text() });': 'browser: client',
    '<link rel="modulepreload" href="/sendapi-pairing/define.js" />': 'browser: preload',
    'sendapi-gateway --sandbox --static public --immutable /sendapi-pairing/0.1.0=node_modules/sendapi-pairing': 'command: immutable',
    'import { sandboxTransport, scenarios } from "sendapi-pairing/sandbox";': 'browser: sandbox',
  },
  'docs/languages.md': {
    '<html lang="pt-BR">': 'browser: page',
    'element.strings = { heading: "Connect our support line", scanTitle: "Scan me" };': 'browser: strings',
    'use leptos::prelude::*;': 'doctest: docs/languages.md',
  },
  'docs/leptos.md': {
    'sendapi-pairing = { git = "https://github.com/sendapi/sendapi-pairing" }': 'text: plain crate',
    '[features]': 'text: crate for both places',
  },
  'docs/mutants.md': {
    'scripts/mutants              # the QR engine, core/src/qr': 'none: hours; `make prove` runs both',
  },
  'docs/simulation.md': {
    'cargo run --release --example simulate -- --runs N --seed S      # at the root': 'command: simulation',
  },
  'docs/size.md': {
    'make size                                                # the files, in a real browser; fails above tests/packaging/size-limit.txt':
      'none: `make test` runs the first; the second only prints, and takes the module apart a dozen times',
  },
  'docs/theming.md': {
    'sendapi-pairing {': 'browser: style',
    'sendapi-pairing::part(base) { box-shadow: 0 10px 40px rgb(0 0 0 / .12); border: 0 }': 'browser: style',
    '<sendapi-pairing endpoint="/api/whatsapp">': 'browser: page',
    'use leptos::prelude::*;': 'doctest: docs/theming.md',
  },
  'gateway/README.md': {
    'sendapi-gateway --sandbox                         # no key, no network: a double of the service': 'command: gateway',
    'location /api/whatsapp/ {': 'command: nginx',
  },
  'pkg/README.md': {
    'npm install sendapi-pairing': 'browser: install',
    'import "sendapi-pairing/define";': 'browser: tag',
    '<sendapi-pairing endpoint="/api/whatsapp" session-name="Support Bot"></sendapi-pairing>': 'browser: page',
    'document.addEventListener("sendapi-connected", ({ detail }) => console.log(detail.sessionId, detail.phoneNumber));': 'browser: tag',
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; style-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'": 'browser: policy',
    'import { PairingController } from "sendapi-pairing";': 'browser: headless',
  },
};

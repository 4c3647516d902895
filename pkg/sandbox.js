// A double of the whole service inside the page, as the element's `transport`: for tests, stories and demos. Its wasm is its own and
// is fetched by the first call alone; nothing else of this package imports it.

import { source } from "./file.js";

const SESSIONS = "/v1/whatsapp/sessions";

/** What each scenario does: `begin` before anything was asked, `created` once there is a session, `answer` with each answer's JSON. */
const SCENARIOS = {
  /** Nothing happens by itself. */
  manual: {},
  /** Somebody scans. */
  connects: { created: async ({ after, scan }) => (await after(1), scan()) },
  /** Somebody scans, later the phone loses its network, later it is back. */
  reconnects: {
    async created({ after, scan, act }) {
      await after(1);
      await scan();
      await after(2);
      await act("disconnect");
      await after(3);
      await act("reconnect");
    },
  },
  /** The service gives up. */
  fails: { created: async ({ after, act }) => (await after(1), act("fail")) },
  /** The account may hold no further session. */
  "quota-exceeded": { quota: 0 },
  /** The first three calls are refused for their rate. */
  "rate-limited": { begin: ({ faults }) => faults([{ match: "*", kind: "429", times: 3, ms: 2000 }]) },
  /** The service fails three times before it works: with the waits in between, at most 7 seconds. */
  "server-error": { begin: ({ faults }) => faults([{ match: "*", kind: "500", times: 3 }]) },
  /** No connection, for good. */
  unreachable: { begin: ({ faults }) => faults([{ match: "*", kind: "drop", times: 4_000_000_000 }]) },
  /** A backend that answers three times with a page of its own. */
  html: { begin: ({ faults }) => faults([{ match: "*", kind: "html", times: 3 }]) },
  /** What should be a picture is none. */
  "bad-image": { answer: (value) => ("qr_code" in value ? { ...value, qr_code: "data:image/png;base64,aGVsbG8=" } : value) },
  /** The service reports a status that this version does not know. */
  "unknown-status": {
    answer: (value, { age }) => ("status" in value && age() > 1 ? { ...value, status: "paused" } : value),
  },
};

export const scenarios = Object.freeze(Object.keys(SCENARIOS));

let loading;

// As in places.js, which is not asked: whoever bundles it places the other module's files, and a story may do without them.
const own = ({ href }) => href.replace(/\.(cache\/)?vite\/.*deps/, "sendapi-pairing");

function load(wasmUrl) {
  loading ??= (async () => {
    const module = await import("./wasm/sendapi_sandbox.js");
    const from = wasmUrl ?? own(new URL("./wasm/sendapi_sandbox_bg.wasm", import.meta.url));
    await module.default({ module_or_path: await source(from) });
    return module;
  })().catch((reason) => {
    loading = undefined;
    throw reason;
  });
  return loading;
}

/**
 * A transport that leads to a sandbox of its own.
 * @param {object} [options]
 * @param {string} [options.scenario] one of `scenarios`; `manual` by default
 * @param {number} [options.delay] milliseconds between a scenario's steps; 3000 by default
 * @param {number} [options.latency] milliseconds that each answer takes; 150 by default
 * @param {string} [options.phoneNumber] the number that scans, with its `+`; a fictitious one by default
 * @param {number} [options.seed] the same seed gives the same ids, codes and numbers; random by default
 * @param {string | URL | BufferSource} [options.wasmUrl] where the `.wasm` file is, if not beside this module; or its bytes
 */
export function sandboxTransport(options = {}) {
  if (options === null || typeof options !== "object") throw new TypeError("`options` must be an object");
  const { scenario = "manual", delay = 3000, latency = 150, phoneNumber, seed = Math.random(), wasmUrl } = options;
  if (!Object.hasOwn(SCENARIOS, scenario)) throw new TypeError(`\`scenario\` must be one of ${scenarios.join(", ")}`);
  const play = SCENARIOS[scenario];
  if (phoneNumber !== undefined && typeof phoneNumber !== "string") throw new TypeError("`phoneNumber` must be a string");
  for (const name of ["delay", "latency", "seed"]) {
    const value = options[name];
    if (value !== undefined && !(typeof value === "number" && value >= 0)) {
      throw new TypeError(`\`${name}\` must be a number that is not negative`);
    }
  }
  /** When the latest session was there: the story's beginning. @type {number | undefined} */
  let created;
  let session;
  /** The sessions whose story has begun: each has its own. */
  const told = new Set();
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  /** Steps of the story since then; what is answered before has none behind it. */
  const age = () => (created === undefined ? 0 : (Date.now() - created) / (delay || 1));

  const begun = async () => {
    const { Sandbox } = await load(wasmUrl);
    const sandbox = new Sandbox(JSON.stringify({ seed, quota: play.quota ?? null }));
    await play.begin?.({ faults: (rules) => control(sandbox, "PUT", "/sandbox/faults", { rules }) });
    return sandbox;
  };
  let sandbox;
  const use = () => {
    sandbox ??= begun().catch((reason) => {
      // The next call may succeed.
      sandbox = undefined;
      throw reason;
    });
    return sandbox;
  };

  const ask = (service, method, path, body, key) =>
    JSON.parse(service.handle(method, path, body === undefined ? "" : JSON.stringify(body), key, Date.now()));

  function control(service, method, path, body) {
    const { status, body: text } = ask(service, method, path, body);
    const value = text ? JSON.parse(text) : {};
    if (status >= 300) throw Object.assign(new Error(value.error?.message ?? `status ${status}`), { status });
    return value;
  }

  async function call(method, path, body, { signal, idempotencyKey } = {}) {
    const service = await use();
    await wait(latency);
    signal?.throwIfAborted();
    const answer = ask(service, method, path, body, idempotencyKey);
    await wait(answer.delay);
    signal?.throwIfAborted();
    if (answer.cut) throw new TypeError("The sandbox dropped the connection.");
    let value;
    try {
      value = JSON.parse(answer.body);
    } catch {
      value = {};
      if (answer.status < 400) answer.status = 502;
    }
    if (answer.status >= 300) throw Object.assign(value, { status: answer.status });
    return play.answer?.(value, { age }) ?? value;
  }

  const path = (id, end = "") => `${SESSIONS}/${encodeURIComponent(id)}${end}`;
  const current = (id) => {
    const found = id ?? session;
    if (!found) throw new Error("There is no session yet.");
    return found;
  };

  const transport = {
    /** @param {unknown} body @param {any} context */
    async create(body, context) {
      created = undefined;
      const value = await call("POST", SESSIONS, body, context);
      session = String(value.id);
      const start = Date.now();
      created = start;
      const id = session;
      // The same call, sent again, gets the same session.
      if (!told.has(id)) {
        told.add(id);
        const story = {
          after: (steps) => wait(start + steps * delay - Date.now()),
          scan: async () => transport.scan({ payload: (await use()).text(id, Date.now()) ?? "" }),
          act: (what) => act(what, id),
        };
        // A story ends where its session does.
        play.created?.(story).catch(() => {});
      }
      return value;
    },
    /** @param {string} id @param {any} context */
    get: (id, context) => call("GET", path(id), undefined, context),
    /** @param {string} id @param {any} context */
    qr: (id, context) => call("GET", path(id, "/qr"), undefined, context),
    /** @param {string} id @param {any} context */
    remove: (id, context) => call("DELETE", path(id), undefined, context),
    /** @param {{ page?: number, perPage?: number }} [asked] the first page by default @param {any} [context] */
    list: ({ page = 1, perPage = 25 } = {}, context) => call("GET", `${SESSIONS}?page=${page}&per_page=${perPage}`, undefined, context),

    /** A phone scans: `payload` is what it read, by default the living code of the latest session. */
    async scan({ payload, phone = phoneNumber } = {}) {
      const service = await use();
      const text = payload ?? service.text(current(), Date.now());
      return control(service, "POST", "/sandbox/scan", { payload: text ?? "", phone_number: phone });
    },
    /** The phone loses its network. */
    disconnect: (id) => act("disconnect", id),
    /** The phone is back. */
    reconnect: (id) => act("reconnect", id),
    /** The service gives up. */
    fail: (id) => act("fail", id),
    /** What goes wrong from now on, as `PUT /sandbox/faults` of the gateway takes it. */
    async faults(rules) {
      return control(await use(), "PUT", "/sandbox/faults", { rules });
    },
    /** Every call so far: method, path, status, time. */
    async log() {
      return control(await use(), "GET", "/sandbox/log").data;
    },
  };

  async function act(what, id) {
    return control(await use(), "POST", `/sandbox/sessions/${encodeURIComponent(current(id))}/${what}`);
  }

  return transport;
}

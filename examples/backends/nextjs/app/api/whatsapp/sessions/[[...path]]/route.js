// The routes of <sendapi-pairing> for Next.js (app router), with endpoint="/api/whatsapp". `userOf(request)` in lib/user.js is your own
// sign-in: a user's id, or nothing. lib/store.js says which sessions are whose: ids(user), add(user, id), remove(user, id), as promises.
import { createHash } from "node:crypto";
import * as store from "../../../../../lib/store.js";
import { userOf } from "../../../../../lib/user.js";

const base = process.env.SENDAPI_URL ?? "https://sendapi.co/v1";
const passed = (from) => [...from].filter(([name]) => name === "date" || name === "retry-after");
const answer = (status, value, from = []) => Response.json(value, { status, headers: [...passed(from), ["cache-control", "no-store"]] });
const failure = (status, message, from) => answer(status, { error: { code: status, message } }, from);
const usable = (id) => Number.isSafeInteger(id) || (typeof id === "string" && id !== "");

async function service(method, path, body, key) {
  const headers = { authorization: `Bearer ${process.env.SENDAPI_KEY}`, "content-type": "application/json", ...(key && { "idempotency-key": key }) };
  const init = { method, headers, body: body && JSON.stringify(body), redirect: "error", signal: AbortSignal.timeout(10_000), cache: "no-store" };
  const { status, ok, headers: from, body: sent } = await fetch(`${base}/whatsapp/sessions${path}`, init).catch(() => ({}));
  if ([undefined, 401, 403].includes(status)) return failure(502, `The service ${status ? "refused this server" : "could not be reached"}.`); // no fault of the user's
  if (method === "DELETE" && [204, 404, 410].includes(status)) return answer(200, {}, from);
  // Node's fetch may lose its signal once the head is here; a pipe does not.
  const text = new Response(sent?.pipeThrough(new TransformStream(), { signal: init.signal }));
  const value = await text.json().then((read) => read?.data ?? read, () => null);
  const sound = ok ? value && (method !== "POST" || usable(value.id)) : status >= 400 && typeof value?.error?.message === "string";
  if (sound && !JSON.stringify(value).includes(process.env.SENDAPI_KEY)) return answer(status, value, from);
  // The first four say enough without a body that can be read.
  return failure([404, 410, 429, 503].includes(status) ? status : 502, "The service gave no answer that can be used.", from);
}

async function create(request, user) {
  if (!request.headers.get("content-type")?.startsWith("application/json")) return failure(422, "Send JSON."); // no form does
  let body = Buffer.alloc(0);
  for await (const chunk of request.body ?? [])
    if ((body = Buffer.concat([body, chunk])).length > 16_384) return failure(413, "The body may have 16 KiB.");
  const name = (await new Response(body).json().catch(() => null))?.name;
  if (typeof name !== "string" || !/^[^\p{Cc}\p{Cs}]{1,64}$/u.test(name)) return failure(422, "`name` must be 1 to 64 characters.");
  // The browser's key counts within this user alone: nobody may replay what another one was answered.
  const given = request.headers.get("idempotency-key");
  const created = await service("POST", "", { name }, given && createHash("sha256").update(`${user}\n${given}`).digest("hex"));
  if (created.ok) await store.add(user, String((await created.clone().json()).id));
  return created;
}

async function handle(request, { params }) {
  if (!["same-origin", "none"].includes(request.headers.get("sec-fetch-site") ?? "none")) return failure(403, "Not from another site.");
  const user = await userOf(request);
  if (!user) return failure(401, "Sign in first.");
  const [id, end, ...more] = (await params).path ?? [];
  if (id === undefined) return request.method === "POST" ? create(request, user) : failure(405, "Not offered.");
  if (!(await store.ids(user)).includes(id) || more.length > 0) return failure(404, "No such session.");
  const path = `/${encodeURIComponent(id)}`;
  if (request.method === "GET" && (end === undefined || end === "qr")) return service("GET", end ? `${path}/qr` : path);
  if (request.method !== "DELETE" || end !== undefined) return failure(405, "Not offered.");
  const deleted = await service("DELETE", path);
  if (deleted.ok) await store.remove(user, id);
  return deleted.ok ? answer(200, { deleted: true, id }, deleted.headers) : deleted;
}

const broken = (error) => console.error(error) ?? failure(500, "That could not be answered.");
const answered = (request, context) => handle(request, context).catch(broken);
// HEAD by name, or Next.js would take it for a GET.
export { answered as DELETE, answered as GET, answered as HEAD, answered as OPTIONS, answered as PATCH, answered as POST, answered as PUT };

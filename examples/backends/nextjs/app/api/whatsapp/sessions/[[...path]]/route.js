// The routes of <sendapi-pairing> for Next.js (app router), with endpoint="/api/whatsapp". `userOf(request)` in lib/user.js is your own
// sign-in: a user's id, or nothing. lib/store.js says which sessions are whose: ids(user), add(user, id), remove(user, id), as promises.

import { createHash } from "node:crypto";
import * as store from "../../../../../lib/store.js";
import { userOf } from "../../../../../lib/user.js";

const base = process.env.SENDAPI_URL ?? "https://sendapi.co/v1";

function answer(status, value, headers = {}) {
  return Response.json(value, { status, headers: { ...headers, "cache-control": "no-store" } });
}
const failure = (status, message) => answer(status, { error: { code: status, message } });

async function service(method, path, body, key) {
  try {
    const headers = { authorization: `Bearer ${process.env.SENDAPI_KEY}`, "content-type": "application/json" };
    if (key) headers["idempotency-key"] = key;
    const init = { method, headers, body: body && JSON.stringify(body), redirect: "error", cache: "no-store" };
    const reply = await fetch(`${base}/whatsapp/sessions${path}`, { ...init, signal: AbortSignal.timeout(10_000) });
    // That our key was refused is our trouble, not this user's.
    if (reply.status === 401 || reply.status === 403) return failure(502, "The service refused this server.");
    const value = await reply.json();
    const wait = reply.headers.get("retry-after");
    return answer(reply.status, value.data ?? value, wait ? { "retry-after": wait } : {});
  } catch {
    return failure(502, "The service could not be reached.");
  }
}

async function create(request, user) {
  const name = (await request.json().catch(() => ({})))?.name;
  if (typeof name !== "string" || !/^[^\p{Cc}]{1,64}$/u.test(name)) return failure(422, "`name` must be 1 to 64 characters.");
  // The browser's key counts within this user alone: nobody may replay what another one was answered.
  const given = request.headers.get("idempotency-key");
  const created = await service("POST", "", { name }, given && createHash("sha256").update(`${user}\n${given}`).digest("hex"));
  if (created.ok) await store.add(user, String((await created.clone().json()).id));
  return created;
}

async function handle(request, { params }) {
  if (request.headers.get("sec-fetch-site") === "cross-site") return failure(403, "Not from another site.");
  const user = await userOf(request);
  if (!user) return failure(401, "Sign in first.");
  const [segment, end, ...more] = (await params).path ?? [];
  if (segment === undefined) return request.method === "POST" ? create(request, user) : failure(405, "Not offered.");
  const id = decodeURIComponent(segment);
  if (!(await store.ids(user)).includes(id) || more.length > 0) return failure(404, "No such session.");
  const path = `/${encodeURIComponent(id)}`;
  if (request.method === "GET" && (end === undefined || end === "qr")) return service("GET", end ? `${path}/qr` : path);
  if (request.method !== "DELETE" || end !== undefined) return failure(405, "Not offered.");
  const deleted = await service("DELETE", path);
  if (deleted.ok || deleted.status === 404) await store.remove(user, id);
  return deleted;
}

export { handle as DELETE, handle as GET, handle as POST };

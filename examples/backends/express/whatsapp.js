// The routes of <sendapi-pairing> for Express: app.use("/api/whatsapp", whatsapp({ userOf, store })). `userOf(request)` is your own
// sign-in: a user's id, or nothing. `store` says which sessions are whose: ids(user), add(user, id), remove(user, id), as promises.
import { createHash } from "node:crypto";
import express from "express";

const base = process.env.SENDAPI_URL ?? "https://sendapi.co/v1";
const failure = (status, message) => ({ status, value: { error: { code: status, message } } });
const usable = (id) => Number.isSafeInteger(id) || (typeof id === "string" && id !== "");

async function service(method, path, body, key) {
  const headers = { authorization: `Bearer ${process.env.SENDAPI_KEY}`, "content-type": "application/json", ...(key && { "idempotency-key": key }) };
  const init = { method, headers, body: body && JSON.stringify(body), redirect: "error", signal: AbortSignal.timeout(10_000) };
  const { status, ok, headers: from, body: sent } = await fetch(`${base}/whatsapp/sessions${path}`, init).catch(() => ({}));
  if ([undefined, 401, 403].includes(status)) return failure(502, `The service ${status ? "refused this server" : "could not be reached"}.`); // no fault of the user's
  if (method === "DELETE" && [204, 404, 410].includes(status)) return { status: 200, from };
  // Node's fetch may lose its signal once the head is here; a pipe does not.
  const text = new Response(sent?.pipeThrough(new TransformStream(), { signal: init.signal }));
  const value = await text.json().then((read) => read?.data ?? read, () => null);
  const sound = ok ? value && (method !== "POST" || usable(value.id)) : status >= 400 && typeof value?.error?.message === "string";
  if (sound && !JSON.stringify(value).includes(process.env.SENDAPI_KEY)) return { status, value, from };
  // The first four say enough without a body that can be read.
  return { ...failure([404, 410, 429, 503].includes(status) ? status : 502, "The service gave no answer that can be used."), from };
}

export function whatsapp({ userOf, store }) {
  const answered = (act) => async (request, response) => {
    const [user, { id }, site] = [await userOf(request), request.params, request.get("sec-fetch-site") ?? "none"];
    const refusal = !["same-origin", "none"].includes(site) ? failure(403, "Not for other sites.") : user ? null : failure(401, "Sign in first.");
    const unknown = !refusal && id !== undefined && !(await store.ids(user)).includes(id) && failure(404, "No such session.");
    const { status, value, from } = refusal || unknown || (await act({ request, response, user, id, path: `/${encodeURIComponent(id)}` }));
    for (const name of ["date", "retry-after"]) if (from?.has(name)) response.set(name, from.get(name));
    response.status(status).json(value);
  };
  const create = async ({ request, response, user }) => {
    await new Promise((done, fail) => express.json({ limit: "16kb" })(request, response, (error) => (error ? fail(error) : done())));
    const name = request.body?.name;
    if (typeof name !== "string" || !/^[^\p{Cc}\p{Cs}]{1,64}$/u.test(name)) return failure(422, "`name` must be 1 to 64 characters.");
    // The browser's key counts within this user alone: nobody may replay what another one was answered.
    const given = request.get("idempotency-key");
    const created = await service("POST", "", { name }, given && createHash("sha256").update(`${user}\n${given}`).digest("hex"));
    if (created.status < 300) await store.add(user, String(created.value.id));
    return created;
  };
  const remove = async ({ user, id, path }) => {
    const deleted = await service("DELETE", path);
    if (deleted.status < 300) await store.remove(user, id);
    return deleted.status < 300 ? { ...deleted, value: { deleted: true, id } } : deleted;
  };
  const broken = (error, _request, response, _next) => {
    const status = error.expose || error instanceof URIError ? error.status : (console.error(error), 500); // not what your own store's error calls it
    response.status(status).json(failure(status, "That could not be answered.").value);
  };
  return express.Router().use((_request, response, next) => next(void response.set("cache-control", "no-store")))
    .head(/.*/, answered(async () => failure(404, "Not offered."))) // Express takes it for a GET, and that of a code kills the one shown
    .post("/sessions", answered(create))
    .get("/sessions/:id", answered(({ path }) => service("GET", path)))
    .get("/sessions/:id/qr", answered(({ path }) => service("GET", `${path}/qr`)))
    .delete("/sessions/:id", answered(remove))
    .use(answered(async () => failure(404, "Not offered.")), broken);
}

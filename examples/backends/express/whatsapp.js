// The routes of <sendapi-pairing> for Express: app.use("/api/whatsapp", whatsapp({ userOf, store })). `userOf(request)` is your own
// sign-in: a user's id, or nothing. `store` says which sessions are whose: ids(user), add(user, id), remove(user, id), as promises.
import { createHash } from "node:crypto";
import express from "express";

const base = process.env.SENDAPI_URL ?? "https://sendapi.co/v1";
const failure = (status, message) => ({ status, value: { error: { code: status, message } } });

async function service(method, path, body, key) {
  try {
    const headers = { authorization: `Bearer ${process.env.SENDAPI_KEY}`, "content-type": "application/json" };
    if (key) headers["idempotency-key"] = key;
    const signal = AbortSignal.timeout(10_000);
    const answer = await fetch(`${base}/whatsapp/sessions${path}`, { method, headers, body: body && JSON.stringify(body), redirect: "error", signal });
    // That our key was refused is our trouble, not this user's.
    if (answer.status === 401 || answer.status === 403) return failure(502, "The service refused this server.");
    const value = await answer.json();
    return { status: answer.status, value: value.data ?? value, retryAfter: answer.headers.get("retry-after") };
  } catch {
    return failure(502, "The service could not be reached.");
  }
}

export function whatsapp({ userOf, store }) {
  const answered = (act) => async (request, response) => {
    response.set("cache-control", "no-store");
    const user = await userOf(request);
    const foreign = request.get("sec-fetch-site") === "cross-site";
    const refusal = foreign ? failure(403, "Not from another site.") : user ? null : failure(401, "Sign in first.");
    const { status, value, retryAfter } = refusal ?? (await act(request, user));
    if (retryAfter) response.set("retry-after", retryAfter);
    response.status(status).json(value);
  };
  const owned = (act) =>
    answered(async ({ params: { id } }, user) =>
      (await store.ids(user)).includes(id) ? act(encodeURIComponent(id), user, id) : failure(404, "No such session."),
    );

  const create = async (request, user) => {
    const name = request.body?.name;
    if (typeof name !== "string" || !/^[^\p{Cc}]{1,64}$/u.test(name)) return failure(422, "`name` must be 1 to 64 characters.");
    // The browser's key counts within this user alone: nobody may replay what another one was answered.
    const given = request.get("idempotency-key");
    const key = given && createHash("sha256").update(`${user}\n${given}`).digest("hex");
    const created = await service("POST", "", { name }, key);
    if (created.status < 300) await store.add(user, String(created.value.id));
    return created;
  };
  const remove = async (path, user, id) => {
    const deleted = await service("DELETE", `/${path}`);
    if (deleted.status < 300 || deleted.status === 404) await store.remove(user, id);
    return deleted;
  };
  return express.Router()
    .use(express.json({ limit: "16kb" }), (_error, _request, response, _next) => response.status(400).json(failure(400, "That is no JSON.").value))
    .post("/sessions", answered(create))
    .get("/sessions/:id", owned((id) => service("GET", `/${id}`)))
    .get("/sessions/:id/qr", owned((id) => service("GET", `/${id}/qr`)))
    .delete("/sessions/:id", owned(remove));
}

"""The routes of <sendapi-pairing> for FastAPI: app.include_router(whatsapp(user_of, store), prefix="/api/whatsapp"). `user_of(request)` is
your own sign-in: a user's id, or None. `store` says which sessions are whose: ids(user), add(user, id), remove(user, id), all async."""
import hashlib
import os
import re
from urllib.parse import quote
import httpx
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

BASE = os.environ.get("SENDAPI_URL", "https://sendapi.co/v1")
NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,64}")
def answer(status, value, headers={}):
    return JSONResponse(value, status, {"cache-control": "no-store", **headers})
def failure(status, message):
    return answer(status, {"error": {"code": status, "message": message}})

async def service(method, path, body=None, key=None):
    headers = {"authorization": f"Bearer {os.environ['SENDAPI_KEY']}", **({"idempotency-key": key} if key else {})}
    try:
        async with httpx.AsyncClient(timeout=10) as client:
            reply = await client.request(method, f"{BASE}/whatsapp/sessions{path}", json=body, headers=headers)
        value = dict(reply.json())
    except (httpx.HTTPError, ValueError, TypeError):
        return {}, failure(502, "The service could not be reached.")
    if reply.status_code in (401, 403):  # that our key was refused is our trouble, not this user's
        return {}, failure(502, "The service refused this server.")
    value = value.get("data", value)
    return value, answer(reply.status_code, value, {k: v for k, v in reply.headers.items() if k == "retry-after"})

def whatsapp(user_of, store):
    async def create(request, user):
        try:
            name = NAME.fullmatch((await request.json())["name"])[0]
        except (ValueError, LookupError, TypeError):
            return failure(422, "`name` must be 1 to 64 characters.")
        given = request.headers.get("idempotency-key")  # counts within this user alone: nobody may replay another's answer
        key = given and hashlib.sha256(f"{user}\n{given}".encode()).hexdigest()
        created, response = await service("POST", "", {"name": name}, key)
        if response.status_code < 300:
            await store.add(user, str(created["id"]))
        return response
    async def handle(request: Request):
        if request.headers.get("sec-fetch-site") == "cross-site":
            return failure(403, "Not from another site.")
        if not (user := await user_of(request)):
            return failure(401, "Sign in first.")
        if request.method == "POST":
            return await create(request, user)
        if (id := request.path_params["id"]) not in await store.ids(user):
            return failure(404, "No such session.")
        end = "/qr" if request.url.path.endswith("/qr") else ""
        _, response = await service(request.method, f"/{quote(id, safe='')}{end}")
        if request.method == "DELETE" and (response.status_code < 300 or response.status_code == 404):
            await store.remove(user, id)
        return response
    router = APIRouter()
    for path, methods in ("", ["POST"]), ("/{id}", ["GET", "DELETE"]), ("/{id}/qr", ["GET"]):
        router.add_api_route(f"/sessions{path}", handle, methods=methods)
    return router

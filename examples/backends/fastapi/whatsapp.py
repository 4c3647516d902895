"""The routes of <sendapi-pairing> for FastAPI: app.include_router(whatsapp(user_of, store), prefix="/api/whatsapp"). `user_of(request)` is
your own sign-in: a user's id, or None. `store` says which sessions are whose: ids(user), add(user, id), remove(user, id), all async."""
import asyncio
import hashlib
import os
from urllib.parse import quote, unquote
import httpx
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

BASE = os.environ.get("SENDAPI_URL", "https://sendapi.co/v1")
class Create(BaseModel):
    name: str = Field(pattern=r"^\P{Cc}{1,64}$")  # no control characters
def answer(status, value, sent={}):
    return JSONResponse(value, status, {"cache-control": "no-store", **{k: v for k, v in sent.items() if k in ("date", "retry-after")}})
def failure(status, message, sent={}): return answer(status, {"error": {"code": status, "message": message}}, sent)
def usable(id): return (type(id) is str and id != "") or (type(id) is int and abs(id) < 2**53)
async def service(method, path, body=None, key=None):
    headers = {"authorization": f"Bearer {os.environ['SENDAPI_KEY']}", **({"idempotency-key": key} if key else {})}
    reply = httpx.Response(502)
    try:
        async with httpx.AsyncClient(timeout=None) as client:  # its own timeouts are for each step, ours is for the whole
            reply = await asyncio.wait_for(client.request(method, f"{BASE}/whatsapp/sessions{path}", json=body, headers=headers), 10)
        if reply.status_code in (401, 403): return {}, failure(502, "The service refused this server.")  # our trouble, not this user's
        gone = method == "DELETE" and reply.status_code in (204, 404, 410)
        value = {"deleted": True, "id": unquote(path[1:])} if gone else reply.json()
        value = {**(value.get("data") or value)}
        sound = (method != "POST" or usable(value.get("id"))) if reply.is_success else gone or reply.is_error and type(value["error"]["message"]) is str
        if sound and os.environ["SENDAPI_KEY"] not in reply.text: return value, answer(200 if gone else reply.status_code, value, reply.headers)
    except (httpx.HTTPError, asyncio.TimeoutError, ValueError, TypeError, AttributeError, LookupError, RecursionError): pass
    kept = reply.status_code if reply.status_code in (404, 410, 429, 503) else 502  # these say enough without a body that can be read
    return {}, failure(kept, "The service gave no answer that can be used.", reply.headers)

def whatsapp(user_of, store):
    async def create(request, user):
        if not request.headers.get("content-type", "").startswith("application/json"): return failure(422, "Send JSON.")  # no form does
        body = b""
        async for chunk in request.stream():
            if len(body := body + chunk) > 16_384: return failure(413, "The body may have 16 KiB.")
        try: name = Create.model_validate_json(body).name
        except ValueError: return failure(422, "`name` must be 1 to 64 characters.")
        given = request.headers.get("idempotency-key")  # counts within this user alone: nobody may replay another's answer
        key = given and hashlib.sha256(f"{user}\n{given}".encode()).hexdigest()
        created, response = await service("POST", "", {"name": name}, key)
        if response.status_code < 300: await store.add(user, str(created["id"]))
        return response
    async def handle(request: Request, path: str):
        if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"): return failure(403, "Not from another site.")
        if not (user := await user_of(request)): return failure(401, "Sign in first.")
        match [request.method, *path.split("/")]:
            case ["POST", "sessions"]: return await create(request, user)
            case ["GET" | "DELETE", "sessions", id] | ["GET", "sessions", id, "qr"] if id in await store.ids(user):
                _, response = await service(request.method, quote(path.removeprefix("sessions")))
                if request.method == "DELETE" and response.status_code < 300: await store.remove(user, id)
                return response
        return failure(404, "No such session.")
    router = APIRouter()
    router.add_api_route("/{path:path}", handle, methods=["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"], include_in_schema=False)
    return router

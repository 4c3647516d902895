"""An app around the handler. Its sign-in is a stand-in: put your own session middleware in its place, and a table in place of the dict."""

import uvicorn
from fastapi import FastAPI

from whatsapp import failure, whatsapp


class Store:
    def __init__(self):
        self.owners = {}

    async def ids(self, user):
        return self.owners.get(user, ())

    async def add(self, user, id):
        self.owners[user] = {*self.owners.get(user, ()), id}

    async def remove(self, user, id):
        self.owners.get(user, set()).discard(id)


async def user_of(request):
    return request.cookies.get("user")


app = FastAPI()
app.include_router(whatsapp(user_of, Store()), prefix="/api/whatsapp")


# A table may fail, and FastAPI would say so in plain text.
@app.exception_handler(Exception)
async def broken(_request, _error):
    return failure(500, "That could not be answered.")


if __name__ == "__main__":
    # The answers carry the service's Date; a second one would make both useless. The same by hand: uvicorn main:app --no-date-header
    uvicorn.run(app, port=3000, date_header=False)

"""A gateway token for one signed-in user, in Python, without a library. `keys` is SENDAPI_TOKEN_KEYS as the gateway has it; the first signs.

usage: SENDAPI_TOKEN_KEYS=KID:BASE64 python3 mint.py USER [ORIGIN]
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time


def mint(user, keys=None, origin=None, ops=("create", "read", "qr", "delete"), seconds=300):
    kid, secret = (keys or os.environ["SENDAPI_TOKEN_KEYS"]).split(",")[0].strip().split(":", 1)
    url64 = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    part = lambda value: url64(json.dumps(value).encode())
    claims = {"aud": "sendapi-gateway", "sub": user, "exp": int(time.time()) + seconds, "ops": list(ops)}
    if origin:
        claims["origin"] = origin
    signed = f"{part({'alg': 'HS256', 'kid': kid})}.{part(claims)}"
    # In either alphabet, padded or not, as the gateway takes it.
    key = base64.urlsafe_b64decode(secret.replace("+", "-").replace("/", "_") + "==")
    return f"{signed}.{url64(hmac.digest(key, signed.encode(), hashlib.sha256))}"


if __name__ == "__main__":
    print(mint(sys.argv[1], origin=sys.argv[2] if len(sys.argv) > 2 else None))

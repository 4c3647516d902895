// A gateway token for one signed-in user, in Node, without a library. `keys` is SENDAPI_TOKEN_KEYS as the gateway has it; the first signs.
//
// usage: SENDAPI_TOKEN_KEYS=KID:BASE64 node mint.mjs USER [ORIGIN]

import { createHmac } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

export function mint(user, { keys = process.env.SENDAPI_TOKEN_KEYS, origin, ops = ["create", "read", "qr", "delete"], seconds = 300 } = {}) {
  const [kid, secret] = keys.split(",")[0].trim().split(/:(.*)/);
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { aud: "sendapi-gateway", sub: user, exp: Math.floor(Date.now() / 1000) + seconds, ops, ...(origin && { origin }) };
  const signed = `${part({ alg: "HS256", kid })}.${part(claims)}`;
  return `${signed}.${createHmac("sha256", Buffer.from(secret, "base64")).update(signed).digest("base64url")}`;
}

const [, program, user, origin] = process.argv;
if (existsSync(program ?? "") && realpathSync(program) === fileURLToPath(import.meta.url)) {
  if (user && process.env.SENDAPI_TOKEN_KEYS) console.log(mint(user, { origin }));
  else {
    console.error("usage: SENDAPI_TOKEN_KEYS=KID:BASE64 node mint.mjs USER [ORIGIN]");
    process.exitCode = 2;
  }
}

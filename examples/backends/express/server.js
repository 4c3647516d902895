// An app around the handler. Its sign-in is a stand-in: put your own session middleware in its place, and a table in place of the Map.

import express from "express";
import { whatsapp } from "./whatsapp.js";

const owners = new Map();
const store = {
  ids: async (user) => owners.get(user) ?? [],
  add: async (user, id) => void owners.set(user, [...new Set([...(owners.get(user) ?? []), id])]),
  remove: async (user, id) => void owners.set(user, (owners.get(user) ?? []).filter((other) => other !== id)),
};
const userOf = (request) => request.get("cookie")?.match(/(?:^|;\s*)user=(\w+)/)?.[1];

const server = express()
  .use("/api/whatsapp", whatsapp({ userOf, store }))
  .listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => console.log(`ready: http://127.0.0.1:${server.address().port}`));

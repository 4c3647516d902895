// What an application has of its own and hands to the element, however its framework writes that.

import type { Transport } from "sendapi-pairing";

export const getToken = async () => "token";
export const headers = () => ({ "x-csrf-token": "1" });
export const strings = { heading: "WhatsApp Business" };
export const transport: Transport = {
  create: async ({ name }) => ({ id: name }),
  get: async (id) => ({ id }),
  qr: async () => ({}),
  remove: async () => ({}),
};
/** Takes what is in the events' details. */
export const heard = (...details: (string | number | boolean | null)[]) => console.log(...details);

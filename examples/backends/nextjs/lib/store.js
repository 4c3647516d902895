// A stand-in for a table with two columns. Kept on `globalThis`, since Next.js may load a module more than once.

const owners = (globalThis.whatsappOwners ??= new Map());

export const ids = async (user) => owners.get(user) ?? [];
export const add = async (user, id) => void owners.set(user, [...new Set([...(await ids(user)), id])]);
export const remove = async (user, id) => void owners.set(user, (await ids(user)).filter((other) => other !== id));

// Rust has no form of a dynamic import.
export const load = (url) => import(url);

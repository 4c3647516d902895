// Errors raised before there is any wasm to raise them.

/**
 * @param {"wasm_blocked" | "internal" | "config" | "secret_key_rejected"} code the first two may pass with another try
 * @param {string} message
 * @param {unknown} [cause]
 */
export function sendApiError(code, message, cause) {
  const error = new Error(message, { cause });
  error.name = "SendApiError";
  return Object.assign(error, { code, retryable: /^(w|in)/.test(code), httpStatus: null, requestId: null });
}

/** The snapshot of a pairing that could not begin, or that an error ended from outside. @param {any} error @param {any} session */
export const ended = (error, session) => ({
  phase: "error",
  settled: true,
  offline: false,
  session,
  expiresAt: null,
  remaining: null,
  generation: null,
  error,
  unlink: null,
  can: { start: true, refresh: false, retry: error.retryable, unlink: false, accept: false, original: false },
});

/** @param {unknown} error */
export function detailOf(error) {
  const { code, message, retryable, httpStatus, requestId } = Object(error);
  return {
    code: typeof code === "string" ? code : error instanceof TypeError ? "config" : "internal",
    message: String(message ?? error),
    retryable: retryable === true,
    httpStatus: httpStatus ?? null,
    requestId: requestId ?? null,
  };
}

/** @param {string} name @param {unknown} value */
export function checkObject(name, value) {
  if (Object(value) !== value) throw new TypeError(`\`${name}\` must be an object`);
}

/** @param {any} options of a method @param {string} name of one that is on or off */
export function flag(options, name) {
  checkObject("options", options);
  return Boolean(options[name]);
}

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

/** @param {unknown} error */
export function detailOf(error) {
  const { code, message, retryable, httpStatus, requestId } = /** @type {any} */ (error);
  return {
    code: typeof code === "string" ? code : error instanceof TypeError ? "config" : "internal",
    message: String(message ?? error),
    retryable: retryable === true,
    httpStatus: httpStatus ?? null,
    requestId: requestId ?? null,
  };
}

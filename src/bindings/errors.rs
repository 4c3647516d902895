//! Errors at the JavaScript edge: real `Error`s with a stable `code`.

use js_sys::Reflect;
use sendapi_pairing_core::error::{Error, ErrorCode};
use wasm_bindgen::JsValue;

/// An `Error` named `SendApiError`, with `code`, `retryable`, `httpStatus` and `requestId`.
pub(super) fn to_js(error: &Error) -> JsValue {
    let value = js_sys::Error::new(&error.message);
    value.set_name("SendApiError");
    let status = error.http_status.map_or(JsValue::NULL, JsValue::from);
    let request = error
        .request_id
        .as_deref()
        .map_or(JsValue::NULL, JsValue::from);
    for (name, member) in [
        ("code", JsValue::from(error.code.as_str())),
        ("retryable", JsValue::from(error.retryable)),
        ("httpStatus", status),
        ("requestId", request),
    ] {
        // Setting a member of a fresh object does not fail.
        let _ = Reflect::set(&value, &name.into(), &member);
    }
    value.into()
}

/// The same for a bare code.
pub(super) fn of_code(code: ErrorCode) -> JsValue {
    to_js(&Error::new(code))
}

/// A `TypeError` that names the bad argument.
pub(super) fn bad_argument(name: &str, expected: &str) -> JsValue {
    js_sys::TypeError::new(&["`", name, "` must be ", expected].concat()).into()
}

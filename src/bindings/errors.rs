//! Errors at the JavaScript edge: real `Error`s with a stable `code`.

use sendapi_pairing_core::{
    error::{Error, ErrorCode},
    text::piece,
};
use wasm_bindgen::JsValue;

use super::values::text;
use crate::js::{fill, object};

/// An `Error` named `SendApiError`, with `code`, `retryable`, `httpStatus` and `requestId`.
#[inline(never)]
pub(super) fn to_js(error: &Error) -> JsValue {
    let value = js_sys::Error::new(&error.message);
    value.set_name("SendApiError");
    fill(&value, &members(error));
    value.into()
}

/// What is told of an error beside its message.
fn members(error: &Error) -> [(&'static str, JsValue); 4] {
    let status = error.http_status.map_or(JsValue::NULL, JsValue::from);
    [
        ("code", error.code.as_str().into()),
        ("retryable", error.retryable.into()),
        ("httpStatus", status),
        ("requestId", text(error.request_id.as_deref())),
    ]
}

/// An error as a plain object.
pub(super) fn detail(error: &Error) -> JsValue {
    let value = object(&members(error));
    fill(&value, &[("message", error.message.as_str().into())]);
    value
}

/// The same for a bare code.
#[inline(never)]
pub(super) fn of_code(code: ErrorCode) -> JsValue {
    to_js(&Error::new(code))
}

/// Words between the marks by which scripts/split-module.mjs finds what only code that comes later reads.
macro_rules! later {
    ($words:literal) => {
        concat!("\0later\0", $words, "\0over\0")
    };
}
pub(super) use later;

/// A `TypeError` that names the bad argument; `expected` may stand between marks.
#[inline(never)]
pub(super) fn bad_argument(name: &str, expected: &str) -> JsValue {
    let expected = match piece(expected, 0, 2) {
        "" => expected,
        words => words,
    };
    js_sys::TypeError::new(&["`", name, "` must be ", expected].concat()).into()
}

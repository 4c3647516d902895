//! The QR engine for JavaScript.

use sendapi_pairing_core::{
    error::{Error, ErrorCode},
    qr::{self, Matrix, QrError, svg},
};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::errors::to_js;
use crate::js::object;

/// `{size, d}`: the side of a square view box, quiet zone included, and the path of the dark modules.
///
/// # Errors
/// `invalid_response` for what is no code, `qr_unverified` for an image that could not be verified.
#[wasm_bindgen(js_name = qrToPath)]
pub fn qr_to_path(code: &str) -> Result<JsValue, JsValue> {
    let matrix = read(code)?;
    Ok(path_value(svg::view_box_size(&matrix), &svg::path(&matrix)))
}

/// A whole SVG document.
///
/// # Errors
/// As [`qr_to_path`].
#[wasm_bindgen(js_name = qrToSvg)]
pub fn qr_to_svg(code: &str) -> Result<String, JsValue> {
    Ok(svg::document(&read(code)?))
}

fn read(code: &str) -> Result<Matrix, JsValue> {
    qr::read(code).map(qr::Code::into_matrix).map_err(|error| {
        to_js(&Error::new(match error {
            QrError::Invalid(_) => ErrorCode::InvalidResponse,
            QrError::Unverified(_) => ErrorCode::QrUnverified,
        }))
    })
}

/// `{size, d}` as a plain object.
pub(super) fn path_value(size: usize, path: &str) -> JsValue {
    object(&[("size", size.into()), ("d", path.into())])
}

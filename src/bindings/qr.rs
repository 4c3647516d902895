//! The QR engine for JavaScript.

use sendapi_pairing_core::{
    error::{Error, ErrorCode},
    pairing::Unread,
    qr::{self, Matrix, QrError, svg},
};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::errors::to_js;
use crate::{driver, js::object};

/// `{size, d}`: the side of a square view box, quiet zone included, and the path of the dark modules.
///
/// # Errors
/// `invalid_response` for what is no code, `qr_unverified` for an image that could not be verified, `wasm_blocked` for a pairing text
/// where the second reader cannot be had.
#[wasm_bindgen(js_name = qrToPath)]
pub async fn qr_to_path(code: String) -> Result<JsValue, JsValue> {
    let matrix = read(&code).await?;
    Ok(path_value(svg::view_box_size(&matrix), &svg::path(&matrix)))
}

/// A whole SVG document.
///
/// # Errors
/// As [`qr_to_path`].
#[wasm_bindgen(js_name = qrToSvg)]
pub async fn qr_to_svg(code: String) -> Result<String, JsValue> {
    Ok(svg::document(&read(&code).await?))
}

async fn read(code: &str) -> Result<Matrix, JsValue> {
    let text = match qr::read(code) {
        Ok(matrix) => return Ok(matrix),
        Err(QrError::Invalid(_)) => return Err(to_js(&Error::new(ErrorCode::InvalidResponse))),
        Err(QrError::Text) => true,
        Err(QrError::Unverified(_)) => false,
    };
    let matrix = driver::read(super::reader::registered(), code).await;
    // What comes from outside is held to the standard here.
    let matrix = matrix.and_then(|matrix| qr::verify(&matrix).ok_or(Unread::Declined));
    matrix.map_err(|unread| {
        to_js(&Error::new(match (text, unread) {
            (false, _) => ErrorCode::QrUnverified,
            (true, Unread::Declined) => ErrorCode::InvalidResponse,
            (true, Unread::Unavailable) => ErrorCode::WasmBlocked,
        }))
    })
}

/// `{size, d}` as a plain object.
pub(super) fn path_value(size: usize, path: &str) -> JsValue {
    object(&[("size", size.into()), ("d", path.into())])
}

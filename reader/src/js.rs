//! The one export, for the page's first module: see `pkg/reader.js`.

use wasm_bindgen::prelude::wasm_bindgen;

/// The modules of what `code` shows: their number per side in one byte, then [`Matrix::to_bytes`](crate::qr::Matrix::to_bytes);
/// `undefined` where it could not be read.
#[wasm_bindgen]
#[must_use]
pub fn read(code: &str) -> Option<Vec<u8>> {
    let matrix = crate::read(code).ok()?;
    // At most 177.
    let mut bytes = vec![matrix.size() as u8];
    bytes.extend(matrix.to_bytes());
    Some(bytes)
}

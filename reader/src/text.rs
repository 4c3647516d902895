//! Pairing texts into symbols.

use qrcode::{Color, EcLevel, QrCode};
use sendapi_pairing_core::qr::Matrix;

/// Encodes `text` verbatim at level M, or L where M has no room; `None` where it is longer than any symbol holds.
pub(crate) fn encode(text: &str) -> Option<Matrix> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .or_else(|_| QrCode::with_error_correction_level(text, EcLevel::L))
        .ok()?;
    let size = code.width();
    let mut matrix = Matrix::new(size)?;
    for (index, color) in code.to_colors().into_iter().enumerate() {
        matrix.set(index % size, index / size, color == Color::Dark);
    }
    Some(matrix)
}

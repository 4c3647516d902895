//! The second module of `sendapi-pairing`: what the strict sampler of [`sendapi_pairing_core::qr`] leaves over.
//!
//! Services send clean pictures, which the core reads. A pairing text has to be encoded, and a picture that is tilted, blurred or
//! drawn in an odd style wants a search that is several times as large. Few pages ever need either, so a page fetches this when it
//! does. What comes out has been held to ISO/IEC 18004 by the core, like everything that is drawn.

mod general;
#[cfg(feature = "js")]
mod js;
mod text;

use sendapi_pairing_core::qr::{self, Matrix, QrError, Reason};

/// Reads a `qr_code` by every way there is: everything that [`qr::read`] reads, pairing texts, and pictures that only a general
/// decoder can.
///
/// # Errors
///
/// [`QrError::Invalid`] and [`QrError::Unverified`] as [`qr::read`]; a text too long for any symbol is [`Reason::Text`].
pub fn read(qr_code: &str) -> Result<Matrix, QrError> {
    match qr::read(qr_code) {
        Err(QrError::Text) => Ok(text::encode(qr_code).ok_or(Reason::Text)?),
        Err(QrError::Unverified(bitmap)) => {
            general::read(&qr::raster(qr_code)?).ok_or(QrError::Unverified(bitmap))
        }
        read => read,
    }
}

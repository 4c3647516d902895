//! What the API sent in `qr_code` → a verified module matrix → SVG.
//!
//! The engine accepts exactly what the contract names (rule 4): a PNG data URL in any letter case, bare base64
//! of a PNG, or the pairing text itself. Pictures are read by a strict sampler for the images services really
//! send: upright or turned by quarters, mirrored, inverted, of any module size and margin. Every symbol is held
//! to ISO/IEC 18004 before it is drawn, and what is drawn is the repaired symbol, never the picture.
//!
//! Clause numbers are those of ISO/IEC 18004:2015.
//!
//! Nothing here prints a text or a module: `Debug` shows sizes only.

mod base64;
mod bitmap;
mod bits;
mod finder;
mod galois;
mod locate;
mod matrix;
mod pixels;
mod png;
mod reed_solomon;
mod sampler;
mod segments;
mod source;
pub mod svg;
mod symbol;
mod verify;
mod work;

pub use bitmap::Bitmap;
pub use matrix::Matrix;
pub use pixels::Raster;
pub use source::MAX_SOURCE_BYTES;
pub use verify::verify;

use core::fmt;

/// Why [`read`] drew nothing from a `qr_code`.
#[derive(Clone, PartialEq, Eq)]
pub enum QrError {
    /// Not something the contract lets a service send; the error code `invalid_response`.
    Invalid(Reason),
    /// A sound pairing text. There is no encoder here: services send pictures, and most pages never need one.
    Text,
    /// A sound, bounded PNG which the strict sampler cannot verify as one QR symbol; where a general decoder cannot either, the error
    /// code `qr_unverified`. The picture's thresholded pixels come along, for "Show the original image".
    Unverified(Box<Bitmap>),
}

impl fmt::Debug for QrError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Invalid(reason) => reason.as_str(),
            Self::Text => "Text",
            Self::Unverified(_) => "Unverified(..)",
        })
    }
}

impl fmt::Display for QrError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Invalid(reason) => reason.as_str(),
            Self::Text => "the QR code is a pairing text, which is to be encoded",
            Self::Unverified(_) => "the image could not be verified as one QR code",
        })
    }
}

impl core::error::Error for QrError {}

impl From<Reason> for QrError {
    fn from(reason: Reason) -> Self {
        Self::Invalid(reason)
    }
}

/// What is wrong with a `qr_code` that is no picture and no pairing text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nothing in it.
    Empty,
    /// Longer than [`MAX_SOURCE_BYTES`].
    TooLarge,
    /// Neither a PNG data URL, nor base64 of a PNG, nor a pairing text.
    Unrecognised,
    /// The base64 does not decode.
    Base64,
    /// The bytes are not a PNG: no signature, or no image header where one belongs.
    NotPng,
    /// The PNG breaks its specification: cut short, a bad checksum, an impossible header, wrong amounts of data.
    CorruptPng,
    /// The header asks for no pixels, or for more than [`Raster::MAX_SIDE`] and [`Raster::MAX_PIXELS`] allow.
    Dimensions,
    /// A pairing text with characters no pairing text has, or too long for any QR symbol.
    Text,
}

impl Reason {
    /// A sentence without any of the input in it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "the QR code is empty",
            Self::TooLarge => "the QR code is too large",
            Self::Unrecognised => "the QR code is neither a PNG nor a pairing text",
            Self::Base64 => "the QR code is not sound base64",
            Self::NotPng => "the QR code is not a PNG image",
            Self::CorruptPng => "the QR code is a corrupt PNG image",
            Self::Dimensions => "the QR code's image has forbidden dimensions",
            Self::Text => "the QR code is not a sound pairing text",
        }
    }
}

/// Reads a `qr_code` as the contract's rule 4 has it, as far as the strict sampler goes.
///
/// Accepted are a `data:image/png;base64,` URL in any letter case, bare base64 of a PNG, and a pairing text
/// (`2@…`, bare or after exactly `https://wa.me/settings/linked_devices#`). A verified PNG is drawn whatever its text says.
/// Pairing texts and what the strict sampler leaves over are for the crate `sendapi-pairing-reader`, which a page loads when it
/// needs it.
///
/// # Errors
///
/// [`QrError::Invalid`] for everything else, and before anything is allocated for what is over the limits;
/// [`QrError::Text`] for a pairing text; [`QrError::Unverified`] for a sound PNG that is not one verifiable QR symbol.
pub fn read(qr_code: &str) -> Result<Matrix, QrError> {
    match source::classify(qr_code)? {
        source::Source::Text => Err(QrError::Text),
        source::Source::Base64(encoded) => {
            let pixels =
                png::decode(&base64::decode(encoded).ok_or(Reason::Base64)?)?.into_pixels();
            locate::locate(&pixels).ok_or_else(|| unverified(&pixels))
        }
    }
}

#[inline(never)]
fn unverified(pixels: &pixels::Pixels) -> QrError {
    QrError::Unverified(Box::new(Bitmap::of(pixels)))
}

/// The modules that every symbol of `size` modules a side has alike (finder, timing and alignment patterns, separators, the dark
/// module: 6.3.3 to 6.3.6): those are dark in the first matrix, and which of them are dark is in the second.
///
/// `None` unless the size is that of a version.
#[must_use]
pub fn function_patterns(size: usize) -> Option<(Matrix, Matrix)> {
    let version = Matrix::new(size)?.version();
    let symbol::Layout { reserved, dark } = symbol::Layout::patterns(version)?;
    Some((reserved, dark))
}

/// The brightness of the picture in a `qr_code`, for a general decoder to try what [`read`] could not verify.
///
/// # Errors
///
/// As for [`read`], [`QrError::Unverified`] aside.
pub fn raster(qr_code: &str) -> Result<Raster, QrError> {
    match source::classify(qr_code)? {
        source::Source::Text => Err(QrError::Text),
        source::Source::Base64(encoded) => Ok(png::decode(
            &base64::decode(encoded).ok_or(Reason::Base64)?,
        )?),
    }
}

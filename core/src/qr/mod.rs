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
mod text;
mod verify;

pub use bitmap::Bitmap;
pub use matrix::Matrix;
pub use pixels::Raster;
pub use source::MAX_SOURCE_BYTES;
pub use verify::verify;

use core::fmt;

/// One QR symbol that is safe to draw.
#[derive(Clone, PartialEq, Eq)]
pub enum Code {
    /// Read from a picture: found as the one symbol in it, checked and repaired.
    Verified(Matrix),
    /// Encoded here, verbatim, from a pairing text.
    Encoded(Matrix),
}

impl Code {
    /// The modules to draw.
    #[must_use]
    pub fn matrix(&self) -> &Matrix {
        match self {
            Self::Verified(matrix) | Self::Encoded(matrix) => matrix,
        }
    }

    /// The modules to draw, by value.
    #[must_use]
    pub fn into_matrix(self) -> Matrix {
        match self {
            Self::Verified(matrix) | Self::Encoded(matrix) => matrix,
        }
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Verified(_) => "Verified(..)",
            Self::Encoded(_) => "Encoded(..)",
        })
    }
}

/// Why no [`Code`] came of a `qr_code`.
#[derive(Clone, PartialEq, Eq)]
pub enum QrError {
    /// Not something the contract lets a service send; the error code `invalid_response`.
    Invalid(Reason),
    /// A sound, bounded PNG which is not one verifiable QR symbol; the error code `qr_unverified`. The picture's
    /// thresholded pixels come along, for "Show the original image".
    Unverified(Box<Bitmap>),
}

impl fmt::Debug for QrError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Invalid(reason) => reason.as_str(),
            Self::Unverified(_) => "Unverified(..)",
        })
    }
}

impl fmt::Display for QrError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Invalid(reason) => reason.as_str(),
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

/// Reads a `qr_code` as the contract's rule 4 has it.
///
/// Accepted are a `data:image/png;base64,` URL in any letter case, bare base64 of a PNG, and a pairing text
/// (`2@…`, bare or after exactly `https://wa.me/settings/linked_devices#`), which is encoded verbatim. A verified
/// PNG is a [`Code::Verified`] whatever its text says.
///
/// # Errors
///
/// [`QrError::Invalid`] for everything else, and before anything is allocated for what is over the limits;
/// [`QrError::Unverified`] for a sound PNG that is not one verifiable QR symbol.
pub fn read(qr_code: &str) -> Result<Code, QrError> {
    match source::classify(qr_code)? {
        source::Source::Text(text) => Ok(Code::Encoded(text::encode(text).ok_or(Reason::Text)?)),
        source::Source::Base64(encoded) => {
            let pixels =
                png::decode(&base64::decode(encoded).ok_or(Reason::Base64)?)?.into_pixels();
            match locate::locate(&pixels) {
                Some(matrix) => Ok(Code::Verified(matrix)),
                None => Err(QrError::Unverified(Box::new(Bitmap::of(&pixels)))),
            }
        }
    }
}

/// The brightness of the picture in a `qr_code`, for a general decoder to try what [`read`] could not verify.
///
/// # Errors
///
/// [`QrError::Invalid`] as for [`read`]; a pairing text is no picture, and so [`Reason::NotPng`].
pub fn raster(qr_code: &str) -> Result<Raster, QrError> {
    match source::classify(qr_code)? {
        source::Source::Text(_) => Err(Reason::NotPng.into()),
        source::Source::Base64(encoded) => Ok(png::decode(
            &base64::decode(encoded).ok_or(Reason::Base64)?,
        )?),
    }
}

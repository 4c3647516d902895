//! Reads a code out of a grey picture, with a decoder that is not ours.

use std::fmt;

/// A picture as a camera delivers it: one byte of brightness for each pixel, row by row.
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) luma: Vec<u8>,
}

/// Why no text came out of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// Nothing in it looks like a code.
    NoCode,
    /// Something looks like a code and is too damaged to be read.
    Damaged,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoCode => "no code found",
            Self::Damaged => "a damaged code",
        })
    }
}

impl std::error::Error for Unread {}

/// The text of the first code that can be read.
///
/// # Errors
/// [`Unread`], saying how far the decoder came.
pub(crate) fn read(picture: &Picture) -> Result<String, Unread> {
    let &Picture {
        width,
        height,
        ref luma,
    } = picture;
    if width == 0 || height == 0 || luma.len() != width * height {
        return Err(Unread::NoCode);
    }
    let mut image =
        rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| luma[y * width + x]);
    let grids = image.detect_grids();
    let mut texts = grids
        .iter()
        .filter_map(|grid| grid.decode().ok())
        .map(|(_, text)| text);
    texts.next().ok_or(if grids.is_empty() {
        Unread::NoCode
    } else {
        Unread::Damaged
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use qrcode::{Color, QrCode};

    const TEXT: &str = "2@kq1uVQ0rB9b6vVx,aZ8d2mN4pQ7sT1wX,cE5gH9jK3lM6oR0u,yA2bC4dF7iL8nP1q==";

    fn picture(text: &str, scale: usize, spoil: impl Fn(usize, usize) -> bool) -> Picture {
        let code = QrCode::new(text).unwrap();
        let (modules, quiet) = (code.width(), 4);
        let side = (modules + 2 * quiet) * scale;
        let mut luma = Vec::with_capacity(side * side);
        for y in 0..side {
            for x in 0..side {
                let module = |v: usize| (v / scale).checked_sub(quiet).filter(|m| *m < modules);
                let dark = match (module(x), module(y)) {
                    (Some(x), Some(y)) => (code[(x, y)] == Color::Dark) != spoil(x, y),
                    _ => false,
                };
                luma.push(if dark { 0 } else { 255 });
            }
        }
        Picture {
            width: side,
            height: side,
            luma,
        }
    }

    #[test]
    fn a_clean_code_is_read() {
        for scale in [2, 5, 9] {
            assert_eq!(
                read(&picture(TEXT, scale, |_, _| false)),
                Ok(TEXT.to_owned())
            );
        }
    }

    #[test]
    fn a_spoiled_code_is_not() {
        let noise = |x: usize, y: usize| x > 8 && y > 8 && (x * 7 + y * 13).is_multiple_of(3);
        assert_eq!(read(&picture(TEXT, 6, noise)), Err(Unread::Damaged));
        assert_eq!(
            read(&picture(TEXT, 6, |x, y| x < 8 && y < 8)),
            Err(Unread::NoCode)
        );
    }

    #[test]
    fn an_empty_or_lying_picture_is_no_code() {
        for (width, height, bytes) in [(0, 0, 0), (9, 9, 81), (9, 9, 80), (400, 400, 160_000)] {
            let luma = vec![255; bytes];
            assert_eq!(
                read(&Picture {
                    width,
                    height,
                    luma
                }),
                Err(Unread::NoCode)
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        // A trap in the decoder would take the page's program with it.
        #[test]
        fn nothing_makes_it_panic(seed in any::<u64>(), density in 1u64..40) {
            let noise = |x: usize, y: usize| {
                let mut v = seed ^ (x as u64) << 32 ^ (y as u64);
                v = (v ^ v >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                v = (v ^ v >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
                (v ^ v >> 31).is_multiple_of(density)
            };
            let _ = read(&picture(TEXT, 4, noise));
        }
    }
}

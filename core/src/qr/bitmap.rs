//! The thresholded pixels of a picture that could not be verified.

use core::fmt;

use super::bits::Bits;
use super::pixels::Pixels;

/// The pixels of a sound picture in two levels, shrunk by a whole factor to at most [`Bitmap::MAX_SIDE`] a side:
/// what "Show the original image" draws. It was not verified as a QR symbol.
#[derive(Clone, PartialEq, Eq)]
pub struct Bitmap(Bits);

impl Bitmap {
    /// The longest side, in pixels. It bounds the SVG of noise to about 1 MB.
    pub const MAX_SIDE: usize = 512;

    /// Each pixel of the result is the majority of the square that it stands for.
    pub(super) fn of(pixels: &Pixels) -> Self {
        let (width, height) = (pixels.width(), pixels.height());
        let factor = width.max(height).div_ceil(Self::MAX_SIDE).max(1);
        let mut bits = Bits::new(width.div_ceil(factor), height.div_ceil(factor));
        for y in 0..bits.height() {
            for x in 0..bits.width() {
                let (mut dark, mut all) = (0, 0);
                for row in y * factor..height.min((y + 1) * factor) {
                    for column in x * factor..width.min((x + 1) * factor) {
                        all += 1;
                        dark += usize::from(pixels.dark(column, row));
                    }
                }
                bits.set(x, y, dark * 2 > all);
            }
        }
        Self(bits)
    }

    /// Pixels in a row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.0.width()
    }

    /// Rows of pixels.
    #[must_use]
    pub fn height(&self) -> usize {
        self.0.height()
    }

    /// Whether the pixel in column `x` from the left, row `y` from the top is dark; light outside.
    #[must_use]
    pub fn get(&self, x: usize, y: usize) -> bool {
        self.0.get(x, y)
    }

    pub(super) fn bits(&self) -> &Bits {
        &self.0
    }
}

impl fmt::Debug for Bitmap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bitmap({}x{})", self.width(), self.height())
    }
}

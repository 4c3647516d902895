//! The modules of one symbol.

use core::fmt;

use super::bits::Bits;

/// The modules of one QR symbol, without its quiet zone (ISO/IEC 18004, 6.3.1): 21 to 177 a side.
#[derive(Clone, PartialEq, Eq)]
pub struct Matrix(Bits);

impl Matrix {
    /// A light matrix; `None` unless the size is that of a version (6.3.1: 4 × version + 17).
    #[must_use]
    pub fn new(size: usize) -> Option<Self> {
        is_size(size).then(|| Self(Bits::new(size, size)))
    }

    /// Modules per side: 21, 25, … 177.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.width()
    }

    /// The version: 1 to 40.
    #[must_use]
    pub fn version(&self) -> usize {
        (self.size() - 17) / 4
    }

    /// Whether the module in column `x` from the left, row `y` from the top is dark; light outside the symbol.
    #[must_use]
    pub fn get(&self, x: usize, y: usize) -> bool {
        self.0.get(x, y)
    }

    /// Makes the module in column `x`, row `y` dark or light; outside the symbol it changes nothing.
    pub fn set(&mut self, x: usize, y: usize, dark: bool) {
        self.0.set(x, y, dark);
    }

    pub(super) fn bits(&self) -> &Bits {
        &self.0
    }

    /// The modules row by row, eight to a byte, most significant bit first, 1 for dark, without gaps between rows:
    /// ⌈size² ÷ 8⌉ bytes, the last filled up with 0. With [`size`](Self::size) this is all that crosses tabs.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes()
    }

    /// The inverse of [`to_bytes`](Self::to_bytes); `None` where size and bytes do not fit together. The modules are
    /// taken as they are: use [`verify`](super::verify) on those from a source that is not trusted.
    #[must_use]
    pub fn from_bytes(size: usize, bytes: &[u8]) -> Option<Self> {
        if is_size(size) {
            Bits::from_bytes(size, size, bytes).map(Self)
        } else {
            None
        }
    }
}

fn is_size(size: usize) -> bool {
    (21..=177).contains(&size) && size % 4 == 1
}

impl fmt::Debug for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Matrix({})", self.size())
    }
}

#[cfg(test)]
mod tests {
    use super::Matrix;

    #[test]
    fn bytes_round_trip_and_nothing_else_is_taken() {
        let mut matrix = Matrix::new(21).unwrap();
        matrix.set(0, 0, true);
        matrix.set(20, 20, true);
        matrix.set(3, 7, true);
        let bytes = matrix.to_bytes();
        assert_eq!((bytes.len(), bytes[0], bytes[55]), (56, 0x80, 0x80));
        assert_eq!(Matrix::from_bytes(21, &bytes), Some(matrix));
        assert_eq!(Matrix::from_bytes(25, &bytes), None);
        assert_eq!(Matrix::from_bytes(21, &bytes[1..]), None);
        let mut spare = bytes.clone();
        spare[55] |= 1;
        assert_eq!(Matrix::from_bytes(21, &spare), None);
        for size in [0, 17, 20, 22, 178, 181, usize::MAX] {
            assert_eq!(Matrix::from_bytes(size, &[]), None, "{size}");
            assert_eq!(Matrix::new(size), None, "{size}");
        }
    }

    #[test]
    fn light_outside_and_silent_in_debug() {
        let mut matrix = Matrix::new(21).unwrap();
        matrix.set(21, 0, true);
        matrix.set(0, 21, true);
        assert_eq!(matrix, Matrix::new(21).unwrap());
        assert!(!matrix.get(21, 0) && !matrix.get(0, 21) && !matrix.get(usize::MAX, usize::MAX));
        assert_eq!(format!("{matrix:?}"), "Matrix(21)");
    }
}

//! A rectangle of bits: the one store behind matrices and bitmaps.

use super::work;

/// Rows of bits, a byte each: 1 is dark, 0 light.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Bits {
    width: usize,
    height: usize,
    cells: Vec<u8>,
}

impl Bits {
    /// All light.
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            cells: vec![0; width * height],
        }
    }

    /// From bits packed without gaps, most significant bit first. `None` unless there are exactly as many bytes as the bits need, and
    /// the bits left over are 0.
    pub(super) fn from_bytes(width: usize, height: usize, bytes: &[u8]) -> Option<Self> {
        let mut bits = Self::new(width, height);
        for (index, cell) in bits.cells.iter_mut().enumerate() {
            *cell = bytes.get(index / 8)? >> (7 - index % 8) & 1;
        }
        (bits.to_bytes() == bytes).then_some(bits)
    }

    /// The bits packed as [`from_bytes`](Self::from_bytes) takes them.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.cells.len().div_ceil(8)];
        for (index, cell) in self.cells.iter().enumerate() {
            bytes[index / 8] += cell << (7 - index % 8);
        }
        bytes
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn height(&self) -> usize {
        self.height
    }

    /// How many are dark.
    pub(super) fn count(&self) -> usize {
        self.cells.iter().map(|&cell| usize::from(cell)).sum()
    }

    /// How many of the cells that are dark in `mask` differ from those of `other`, all of one size.
    pub(super) fn differences(&self, other: &Self, mask: &Self) -> usize {
        work::count(self.cells.len());
        let cells = self.cells.iter().zip(&other.cells).zip(&mask.cells);
        cells
            .map(|((one, other), mask)| usize::from((one ^ other) & mask))
            .sum()
    }

    /// Light outside.
    #[inline(always)]
    pub(super) fn get(&self, x: usize, y: usize) -> bool {
        work::count(1);
        x < self.width && y < self.height && self.cells.get(y * self.width + x) == Some(&1)
    }

    /// Does nothing outside.
    pub(super) fn set(&mut self, x: usize, y: usize, dark: bool) {
        work::count(1);
        if x < self.width
            && y < self.height
            && let Some(cell) = self.cells.get_mut(y * self.width + x)
        {
            *cell = u8::from(dark);
        }
    }
}

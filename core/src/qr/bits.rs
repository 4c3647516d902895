//! A rectangle of bits: the one store behind matrices and bitmaps.

use super::work;

/// Rows of bits, packed without gaps, most significant bit first; 1 is dark.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Bits {
    width: usize,
    height: usize,
    bytes: Vec<u8>,
}

impl Bits {
    /// All light.
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            bytes: vec![0; (width * height).div_ceil(8)],
        }
    }

    /// `None` unless there are exactly as many bytes as the bits need, and the bits left over are 0.
    pub(super) fn from_bytes(width: usize, height: usize, bytes: &[u8]) -> Option<Self> {
        let bits = width * height;
        let spare = bytes.len() * 8 - bits.min(bytes.len() * 8);
        let last = bytes.last().copied().unwrap_or(0);
        if bytes.len() != bits.div_ceil(8) || last & ((1u16 << spare) - 1) as u8 != 0 {
            return None;
        }
        Some(Self {
            width,
            height,
            bytes: bytes.to_vec(),
        })
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn height(&self) -> usize {
        self.height
    }

    /// Light outside.
    pub(super) fn get(&self, x: usize, y: usize) -> bool {
        let place = self.place(x, y);
        place.is_some_and(|bit| {
            self.bytes
                .get(bit / 8)
                .is_some_and(|byte| byte << (bit % 8) & 0x80 != 0)
        })
    }

    /// Does nothing outside.
    pub(super) fn set(&mut self, x: usize, y: usize, dark: bool) {
        let place = self.place(x, y);
        if let Some((bit, byte)) =
            place.and_then(|bit| Some((bit % 8, self.bytes.get_mut(bit / 8)?)))
        {
            let mask = 0x80 >> bit;
            if dark {
                *byte |= mask;
            } else {
                *byte &= !mask;
            }
        }
    }

    fn place(&self, x: usize, y: usize) -> Option<usize> {
        work::count(1);
        (x < self.width && y < self.height).then(|| y * self.width + x)
    }
}

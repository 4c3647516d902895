//! The image header (11.2.1).

use super::super::{Raster, Reason};

/// Colour types (table 8) as sets of their bits: palette 1, colour 2, alpha 4.
pub(super) const PALETTE: u8 = 3;

pub(super) struct Header {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Bits per sample: 1, 2, 4, 8 or 16.
    pub(super) depth: usize,
    pub(super) colour: u8,
    pub(super) interlaced: bool,
}

impl Header {
    /// What the specification forbids is corrupt; what it allows but nobody needs is [`Reason::Dimensions`].
    pub(super) fn parse(data: &[u8]) -> Result<Self, Reason> {
        let &[
            w0,
            w1,
            w2,
            w3,
            h0,
            h1,
            h2,
            h3,
            depth,
            colour,
            0,
            0,
            interlace @ 0..=1,
        ] = data
        else {
            return Err(Reason::CorruptPng);
        };
        let allowed = match colour {
            0 => matches!(depth, 1 | 2 | 4 | 8 | 16),
            PALETTE => matches!(depth, 1 | 2 | 4 | 8),
            2 | 4 | 6 => matches!(depth, 8 | 16),
            _ => false,
        };
        if !allowed {
            return Err(Reason::CorruptPng);
        }
        let width = u32::from_be_bytes([w0, w1, w2, w3]) as usize;
        let height = u32::from_be_bytes([h0, h1, h2, h3]) as usize;
        let sides = 1..=Raster::MAX_SIDE;
        if !sides.contains(&width)
            || !sides.contains(&height)
            || width * height > Raster::MAX_PIXELS
        {
            return Err(Reason::Dimensions);
        }
        Ok(Self {
            width,
            height,
            depth: usize::from(depth),
            colour,
            interlaced: interlace == 1,
        })
    }

    /// Samples per pixel.
    pub(super) fn channels(&self) -> usize {
        match self.colour {
            2 => 3,
            4 => 2,
            6 => 4,
            _ => 1,
        }
    }

    /// Bytes in a row of `width` pixels, without its filter byte.
    pub(super) fn row_bytes(&self, width: usize) -> usize {
        (width * self.depth * self.channels()).div_ceil(8)
    }
}

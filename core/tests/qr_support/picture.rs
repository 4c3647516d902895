//! Pictures in grey, and what happens to them on their way.

use qrcodegen::{Mask, QrCode, QrCodeEcc, QrSegment, Version};
use sendapi_pairing_core::qr::Matrix;

pub const LEVELS: [QrCodeEcc; 4] = [
    QrCodeEcc::Low,
    QrCodeEcc::Medium,
    QrCodeEcc::Quartile,
    QrCodeEcc::High,
];

/// A symbol by the encoder `qrcodegen`, of exactly this version, level and mask; `None` where the data are too long.
pub fn symbol(data: &[u8], version: u8, level: usize, mask: u8) -> Option<QrCode> {
    let version = Version::new(version);
    let segments = [QrSegment::make_bytes(data)];
    let mask = Some(Mask::new(mask));
    QrCode::encode_segments_advanced(&segments, LEVELS[level], version, version, mask, false).ok()
}

/// Whether both have the same modules.
pub fn same(matrix: &Matrix, code: &QrCode) -> bool {
    let size = code.size();
    matrix.size() == size as usize
        && (0..size)
            .all(|y| (0..size).all(|x| matrix.get(x as usize, y as usize) == code.get_module(x, y)))
}

/// Grey pixels, row by row.
#[derive(Clone)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}

impl Picture {
    pub fn new(width: usize, height: usize, of: impl Fn(usize, usize) -> u8) -> Self {
        let pixels = (0..width * height)
            .map(|index| of(index % width, index / width))
            .collect();
        Self {
            width,
            height,
            pixels,
        }
    }

    /// A module to a pixel, black on white.
    pub fn of_code(code: &QrCode, margin: usize) -> Self {
        let margin = margin as i32;
        let side = (code.size() + 2 * margin) as usize;
        Self::new(side, side, |x, y| {
            if code.get_module(x as i32 - margin, y as i32 - margin) {
                0
            } else {
                255
            }
        })
    }

    pub fn of_matrix(matrix: &Matrix, margin: usize) -> Self {
        let side = matrix.size() + 2 * margin;
        Self::new(side, side, |x, y| {
            if matrix.get(x.wrapping_sub(margin), y.wrapping_sub(margin)) {
                0
            } else {
                255
            }
        })
    }

    pub fn get(&self, x: usize, y: usize) -> u8 {
        self.pixels[y * self.width + x]
    }

    pub fn set(&mut self, x: usize, y: usize, value: u8) {
        self.pixels[y * self.width + x] = value;
    }

    /// By nearest neighbour: each pixel of the result takes the one under its middle, as image libraries do it.
    pub fn scaled(&self, scale: f64) -> Self {
        self.resized(
            (self.width as f64 * scale).round() as usize,
            (self.height as f64 * scale).round() as usize,
        )
    }

    pub fn resized(&self, width: usize, height: usize) -> Self {
        Self::new(width, height, |x, y| {
            self.get(
                (2 * x + 1) * self.width / (2 * width),
                (2 * y + 1) * self.height / (2 * height),
            )
        })
    }

    /// By nearest neighbour: each pixel of the result takes the one under its upper left corner, as plain loops do it.
    pub fn scaled_by_corner(&self, scale: f64) -> Self {
        let size = |length: usize| (length as f64 * scale).floor() as usize;
        let from = |at: usize, length: usize| ((at as f64 / scale) as usize).min(length - 1);
        Self::new(size(self.width), size(self.height), |x, y| {
            self.get(from(x, self.width), from(y, self.height))
        })
    }

    /// By area: each pixel of the result is the mean of what it covers.
    pub fn antialiased(&self, scale: f64) -> Self {
        const PARTS: usize = 6;
        let big = |length: usize| (length as f64 * scale).round() as usize;
        let (width, height) = (big(self.width), big(self.height));
        Self::new(width, height, |x, y| {
            let mut sum = 0usize;
            for part in 0..PARTS * PARTS {
                let (column, row) = (x * PARTS + part % PARTS, y * PARTS + part / PARTS);
                let from_x = (2 * column + 1) * self.width / (2 * width * PARTS);
                let from_y = (2 * row + 1) * self.height / (2 * height * PARTS);
                sum += usize::from(self.get(from_x, from_y));
            }
            (sum / (PARTS * PARTS)) as u8
        })
    }

    /// A quarter turn clockwise.
    pub fn turned(&self) -> Self {
        Self::new(self.height, self.width, |x, y| {
            self.get(y, self.height - 1 - x)
        })
    }

    pub fn mirrored(&self) -> Self {
        Self::new(self.width, self.height, |x, y| {
            self.get(self.width - 1 - x, y)
        })
    }

    pub fn mapped(&self, map: impl Fn(u8) -> u8) -> Self {
        Self::new(self.width, self.height, |x, y| map(self.get(x, y)))
    }

    pub fn fill(&mut self, left: usize, top: usize, width: usize, height: usize, value: u8) {
        for y in top..(top + height).min(self.height) {
            for x in left..(left + width).min(self.width) {
                self.set(x, y, value);
            }
        }
    }

    pub fn paste(&mut self, other: &Self, left: usize, top: usize) {
        for y in 0..other.height {
            for x in 0..other.width {
                self.set(left + x, top + y, other.get(x, y));
            }
        }
    }

    /// A straight scratch of a square pen.
    pub fn scratch(&mut self, from: (f64, f64), to: (f64, f64), pen: usize, value: u8) {
        let steps = 2 * self.width.max(self.height);
        for step in 0..=steps {
            let part = step as f64 / steps as f64;
            let x = from.0 + (to.0 - from.0) * part;
            let y = from.1 + (to.1 - from.1) * part;
            self.fill(x.max(0.0) as usize, y.max(0.0) as usize, pen, pen, value);
        }
    }

    /// What `rqrr`, which is not ours, reads in it: the text of its only symbol.
    pub fn text(&self) -> Option<Vec<u8>> {
        let mut image =
            rqrr::PreparedImage::prepare_from_greyscale(self.width, self.height, |x, y| {
                self.get(x, y)
            });
        let grids = image.detect_grids();
        let [grid] = grids.as_slice() else {
            return None;
        };
        let mut text = Vec::new();
        grid.decode_to(&mut text).ok()?;
        Some(text)
    }
}

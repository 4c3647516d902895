//! The grid of 64,000 pictures: 40 versions × 4 levels × 8 masks × 10 scales × 5 margins, nearest neighbour.

use sendapi_pairing_core::qr;

use super::picture::{Picture, same, symbol};
use super::png;
use super::random::Random;

pub const SCALES: [f64; 10] = [1.0, 1.5, 2.0, 2.5, 3.0, 3.7, 4.0, 5.0, 8.0, 10.0];
pub const MARGINS: [usize; 5] = [0, 1, 2, 4, 10];
pub const CELLS: usize = 40 * 4 * 8 * 10 * 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Drawn, every module as the encoder made it.
    Exact,
    /// Drawn otherwise.
    Wrong,
    /// Not drawn.
    Declined,
}

/// How the picture of a cell is scaled.
#[derive(Clone, Copy, Debug)]
pub enum Scaling {
    /// Nearest neighbour, by the middle of each pixel.
    Middle,
    /// Nearest neighbour, by the corner of each pixel.
    Corner,
    /// Antialiased.
    Area,
}

#[derive(Clone, Copy, Debug)]
pub struct Cell {
    pub version: u8,
    pub level: usize,
    pub mask: u8,
    pub scale: f64,
    pub margin: usize,
    seed: u64,
}

impl Cell {
    /// Cell `index` of [`CELLS`].
    pub fn new(index: usize, seed: u64) -> Self {
        Self {
            version: (index / 1600 + 1) as u8,
            level: index / 400 % 4,
            mask: (index / 50 % 8) as u8,
            scale: SCALES[index / 5 % 10],
            margin: MARGINS[index % 5],
            seed: seed.wrapping_mul(CELLS as u64).wrapping_add(index as u64),
        }
    }

    /// Draws, encodes and reads this cell.
    pub fn run(&self, scaling: Scaling) -> Outcome {
        let mut random = Random::new(self.seed);
        // From a few bytes to nearly all that the version holds.
        let side = usize::from(self.version) * 4 + 17;
        let mut length = 1 + random.below(side * side / 8);
        let code = loop {
            let data = random.bytes(length);
            if let Some(code) = symbol(&data, self.version, self.level, self.mask) {
                break code;
            }
            length = length * 4 / 5;
        };
        let picture = Picture::of_code(&code, self.margin);
        let picture = match scaling {
            Scaling::Middle => picture.scaled(self.scale),
            Scaling::Corner => picture.scaled_by_corner(self.scale),
            Scaling::Area => picture.antialiased(self.scale),
        };
        match qr::read(&png::data_url(&png::grey(&picture))) {
            Ok(matrix) if same(&matrix, &code) => Outcome::Exact,
            Ok(_) => Outcome::Wrong,
            Err(_) => Outcome::Declined,
        }
    }
}

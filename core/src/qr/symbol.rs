//! What ISO/IEC 18004 fixes about a symbol of each version and level: where the function patterns lie, where format and
//! version information are and how they are coded, how many codewords there are and how they are parted into blocks.

use super::Matrix;

/// Error correction codewords per block (table 9), by level (L M Q H) and version.
const PARITY: [&[u8; 40]; 4] = [
    &[
        7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30,
        30, 26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    &[
        10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28,
        28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    ],
    &[
        13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30, 30,
        30, 30, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    &[
        17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28, 30, 24, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
];

/// Blocks (table 9), by level and version.
const BLOCKS: [&[u8; 40]; 4] = [
    &[
        1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13,
        14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25,
    ],
    &[
        1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23,
        25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
    ],
    &[
        1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29,
        34, 34, 35, 38, 40, 43, 45, 48, 51, 53, 56, 59, 62, 65, 68,
    ],
    &[
        1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34, 30, 32, 35,
        37, 40, 42, 45, 48, 51, 54, 57, 60, 63, 66, 70, 74, 77, 81,
    ],
];

/// How a symbol's codewords are parted (7.5.1).
#[derive(Clone, Copy)]
pub(super) struct Blocks {
    /// How many there are.
    pub(super) count: usize,
    /// Error correction codewords of each.
    pub(super) parity: usize,
    /// Codewords of the shorter ones, which come first.
    pub(super) short: usize,
    /// How many of them are short; the others have one data codeword more.
    pub(super) shorts: usize,
    /// How many codewords of each may be corrected.
    pub(super) limit: usize,
}

impl Blocks {
    /// `level` is 0 to 3 for L M Q H.
    pub(super) fn of(version: usize, level: usize) -> Option<Self> {
        let parity = usize::from(*PARITY.get(level)?.get(version - 1)?);
        let count = usize::from(*BLOCKS.get(level)?.get(version - 1)?);
        let codewords = codewords(version);
        // Table 9, footnote b: in the smallest symbols some codewords are kept to detect errors, p of 7.5.1. Where that is 1, `parity` is odd,
        // and half of it is the same with and without.
        let misdecode = match (version, level) {
            (1, 0) => 3,
            (1, 1) | (2, 0) => 2,
            _ => 0,
        };
        Some(Self {
            count,
            parity,
            short: codewords / count,
            shorts: count - codewords % count,
            limit: (parity - misdecode) / 2,
        })
    }
}

/// All codewords of a version (table 1).
fn codewords(version: usize) -> usize {
    let mut modules = (16 * version + 128) * version + 64;
    if version >= 2 {
        let alignments = version / 7 + 2;
        modules -= (25 * alignments - 10) * alignments - 55;
        if version >= 7 {
            modules -= 36;
        }
    }
    modules / 8
}

/// Function patterns of a version (6.3.3 to 6.3.6), or the whole of its function modules.
pub(super) struct Layout {
    /// Which modules are no data.
    pub(super) reserved: Matrix,
    /// The dark ones among them.
    pub(super) dark: Matrix,
}

impl Layout {
    /// Finder patterns with their separators, timing patterns, alignment patterns.
    pub(super) fn patterns(version: usize) -> Option<Self> {
        let size = version * 4 + 17;
        let mut layout = Self {
            reserved: Matrix::new(size)?,
            dark: Matrix::new(size)?,
        };
        // From edge to edge: what the finder patterns cover of it is drawn over.
        for index in 0..size {
            layout.put(index, 6, index % 2 == 0);
            layout.put(6, index, index % 2 == 0);
        }
        let centres = alignment_centres(version);
        let last = size - 7;
        for &x in centres.iter().take_while(|&&centre| centre != 0) {
            for &y in centres.iter().take_while(|&&centre| centre != 0) {
                if !matches!((x, y), (6, 6)) && (x, y) != (6, last) && (x, y) != (last, 6) {
                    layout.rings(x, y, 2, 1);
                }
            }
        }
        for (x, y) in [(3, 3), (size - 4, 3), (3, size - 4)] {
            layout.rings(x, y, 4, 2);
        }
        Some(layout)
    }

    /// Reserves the modules of format and version information, all light, and sets the dark module beside them (7.9.1).
    pub(super) fn reserve_information(&mut self) {
        let size = self.dark.size();
        for copies in format_places(size) {
            for (x, y) in copies {
                self.put(x, y, false);
            }
        }
        self.put(8, size - 8, true);
        for (a, b) in version_places(size) {
            self.put(a, b, false);
            self.put(b, a, false);
        }
    }

    fn put(&mut self, x: usize, y: usize, dark: bool) {
        self.reserved.set(x, y, true);
        self.dark.set(x, y, dark);
    }

    /// Squares around a centre, dark and light: `light` is the distance of the light ring from the centre, and everything up
    /// to `radius` is drawn as far as it lies within the symbol.
    fn rings(&mut self, x: usize, y: usize, radius: usize, light: usize) {
        for row in y.saturating_sub(radius)..=y + radius {
            for column in x.saturating_sub(radius)..=x + radius {
                let distance = row.abs_diff(y).max(column.abs_diff(x));
                self.put(column, row, distance != light && distance != 4);
            }
        }
    }
}

/// Row and column coordinates of the alignment patterns' centres (annex E), as many as are not 0.
fn alignment_centres(version: usize) -> [usize; 7] {
    let mut centres = [0; 7];
    if version == 1 {
        return centres;
    }
    let count = version / 7 + 2;
    // Version 32 alone departs from the rule behind the table.
    let step = if version == 32 {
        26
    } else {
        (version * 2 + count) / (count - 1) * 2
    };
    centres[0] = 6;
    for (index, centre) in centres.iter_mut().enumerate().take(count).skip(1) {
        *centre = version * 4 + 10 - (count - 1 - index) * step;
    }
    centres
}

/// Modules (x, y) of both copies of the format information (figure 25), bit 0 first.
pub(super) fn format_places(size: usize) -> [[(usize, usize); 15]; 2] {
    let mut places = [[(0, 0); 15]; 2];
    let [first, second] = &mut places;
    for (bit, (one, other)) in first.iter_mut().zip(second).enumerate() {
        *one = match bit {
            0..6 => (8, bit),
            6 => (8, 7),
            7 => (8, 8),
            8 => (7, 8),
            _ => (14 - bit, 8),
        };
        *other = if bit < 8 {
            (size - 1 - bit, 8)
        } else {
            (8, size - 15 + bit)
        };
    }
    places
}

/// Modules of the version information (figure 28), bit 0 first: (x, y) in the upper right copy, (y, x) in the lower left.
/// None below version 7.
pub(super) fn version_places(size: usize) -> impl Iterator<Item = (usize, usize)> {
    let bits = if size < 45 { 0 } else { 18 };
    (0..bits).map(move |bit| (size - 11 + bit % 3, bit / 3))
}

/// The 15 bits of format information for level 0 to 3 (L M Q H) and mask 0 to 7 (7.9.1, annex C).
pub(super) fn format_bits(level: usize, mask: usize) -> u32 {
    // The indicators of table 12: L 01, M 00, Q 11, H 10.
    let data = ((level ^ 1) * 8 + mask) as u32;
    ((data << 10) + remainder(data, 0x537, 10)) ^ 0x5412
}

/// The 18 bits of version information (7.10, annex D).
pub(super) fn version_bits(version: usize) -> u32 {
    let data = version as u32;
    (data << 12) + remainder(data, 0x1f25, 12)
}

fn remainder(data: u32, generator: u32, degree: u32) -> u32 {
    let mut remainder = data;
    for _ in 0..degree {
        remainder = (remainder << 1) ^ ((remainder >> (degree - 1)) * generator);
    }
    remainder
}

/// Whether a data mask pattern inverts the module in column `x`, row `y` (table 10, less an inner remainder that changes nothing).
pub(super) fn masked(mask: usize, x: usize, y: usize) -> bool {
    let product = x * y;
    let value = match mask {
        0 => (y + x) % 2,
        1 => y % 2,
        2 => x % 3,
        3 => (y + x) % 3,
        4 => (y / 2 + x / 3) % 2,
        5 => product % 2 + product % 3,
        6 => (product % 3 + product) % 2,
        _ => (product % 3 + y + x) % 2,
    };
    value == 0
}

/// The data modules in the order in which codewords fill them (7.7.3): upwards and downwards in columns two wide, from the lower
/// right, around the vertical timing pattern.
///
/// One function for all who visit, not copied into each: JavaScriptCore 2.50 now and then goes wrong where it changes over to compiled
/// code within a long loop of a large function.
#[inline(never)]
pub(super) fn data_modules(reserved: &Matrix, visit: &mut dyn FnMut(usize, usize)) {
    let size = reserved.size();
    let mut upwards = true;
    for pair in (0..size / 2).rev() {
        // Pairs left of the timing pattern in column 6 begin one column earlier.
        let left = if pair < 3 { pair * 2 } else { pair * 2 + 1 };
        for step in 0..size {
            let y = if upwards { size - 1 - step } else { step };
            for side in 0..2 {
                let x = left + 1 - side;
                if !reserved.get(x, y) {
                    visit(x, y);
                }
            }
        }
        upwards = !upwards;
    }
}

//! Finder patterns: dark and light runs of 1 : 1 : 3 : 1 : 1 modules both ways (6.3.3), in either polarity.

use super::{pixels::Pixels, work};

/// A place where rows and columns run like a finder pattern's. Sides are whole pixels, the far ones past the end.
#[derive(Clone, Copy)]
pub(super) struct Finder {
    pub(super) left: usize,
    pub(super) right: usize,
    pub(super) top: usize,
    pub(super) bottom: usize,
    /// Whether the outer ring is dark.
    pub(super) dark: bool,
}

impl Finder {
    /// Twice the centre.
    pub(super) fn centre(&self) -> (usize, usize) {
        (self.left + self.right, self.top + self.bottom)
    }

    pub(super) fn width(&self) -> usize {
        self.right - self.left
    }

    pub(super) fn height(&self) -> usize {
        self.bottom - self.top
    }

    /// Whether both could be finder patterns of one symbol.
    pub(super) fn matches(&self, other: &Self) -> bool {
        self.dark == other.dark
            && alike(self.width(), other.width())
            && alike(self.height(), other.height())
    }

    /// Whether both have the same centre, as far as rounding lets us know.
    fn same_place(&self, other: &Self) -> bool {
        let ((x, y), (other_x, other_y)) = (self.centre(), other.centre());
        x.abs_diff(other_x) * 2 < self.width() && y.abs_diff(other_y) * 2 < self.height()
    }

    /// Whether the 81 modules of it and the light ones around (6.3.4) are as they should be, but for the corners, which some styles
    /// round. Beyond the picture's edge all is well.
    fn is_whole(&self, pixels: &Pixels) -> bool {
        let mut wrong = 0;
        for y in 0..9usize {
            for x in 0..9usize {
                // Shifted by a finder pattern's size to stay above zero: 2 × 7 half modules each way, the ring's begin at −2.
                let column = self.left * 14 + (2 * x + 13) * self.width();
                let row = self.top * 14 + (2 * y + 13) * self.height();
                let column = (column / 14).wrapping_sub(self.width());
                let row = (row / 14).wrapping_sub(self.height());
                if column < pixels.width() && row < pixels.height() {
                    let distance = x.abs_diff(4).max(y.abs_diff(4));
                    let dark = pixels.dark(column, row) == self.dark;
                    wrong += usize::from(dark == matches!(distance, 2 | 4));
                }
            }
        }
        wrong <= 5
    }
}

/// Within an eighth, beside the two pixels that rounding takes.
fn alike(a: usize, b: usize) -> bool {
    a.abs_diff(b) <= 2 + a.max(b) / 8
}

/// All finder patterns of a picture, and the places that run like one without being whole.
pub(super) struct Finders {
    pub(super) whole: Vec<Finder>,
    pub(super) partial: Vec<Finder>,
}

impl Finders {
    /// Data of a regular kind can make some more than the three of one symbol. With yet more it is no picture of one symbol, and
    /// the search ends.
    pub(super) const MOST: usize = 12;
    const MOST_PARTIAL: usize = 64;

    pub(super) fn find(pixels: &Pixels) -> Self {
        let mut found = Self {
            whole: Vec::new(),
            partial: Vec::new(),
        };
        for y in 0..pixels.height() {
            found.search_row(pixels, y);
            if found.whole.len() > Self::MOST {
                break;
            }
        }
        found
    }

    fn search_row(&mut self, pixels: &Pixels, y: usize) {
        let row = pixels.row(y);
        work::count(2 * row.len());
        // What a repeated row shows has been considered.
        if y > 0 && row == pixels.row(y - 1) {
            return;
        }
        let mut runs = [0; 5];
        let mut start = 0;
        for x in 1..=row.len() {
            if x < row.len() && row[x] == row[x - 1] {
                continue;
            }
            runs.rotate_left(1);
            runs[4] = x - start;
            start = x;
            if runs[0] != 0 && is_finder(&runs) {
                let centre = x - runs[4] - runs[3] - runs[2].div_ceil(2);
                self.consider(pixels, centre, y, runs.iter().sum());
            }
        }
    }

    /// Looks at the place in column `x`, row `y`, in the middle of `length` pixels that run like a finder pattern's.
    fn consider(&mut self, pixels: &Pixels, x: usize, y: usize, length: usize) {
        let within = |finder: &Finder| {
            let (centre_x, centre_y) = finder.centre();
            (2 * x).abs_diff(centre_x) * 3 < finder.width()
                && (2 * y).abs_diff(centre_y) * 2 < finder.height()
        };
        if self.whole.iter().any(within) {
            return;
        }
        let dark = pixels.dark(x, y);
        // Whatever is longer is none, so the walk along it ends: else stripes could make it as long as the picture at each place.
        let reach = 2 * length + 8;
        let Some((top, bottom)) = cross(y, pixels.height(), reach, |at| pixels.dark(x, at) == dark)
        else {
            return;
        };
        let middle = (top + bottom) / 2;
        let Some((left, right)) = cross(x, pixels.width(), reach, |at| {
            pixels.dark(at, middle) == dark
        }) else {
            return;
        };
        let finder = Finder {
            left,
            right,
            top,
            bottom,
            dark,
        };
        if !alike(finder.width(), finder.height()) {
            return;
        }
        if finder.is_whole(pixels) {
            if !self.whole.iter().any(|other| other.same_place(&finder)) {
                self.whole.push(finder);
            }
        } else if self.partial.len() < Self::MOST_PARTIAL
            && !self.partial.iter().any(|other| other.same_place(&finder))
        {
            self.partial.push(finder);
        }
    }
}

/// The outer ends of the five runs around `at`, where they run like a finder pattern's, at most `reach` to each side. `same` tells the
/// pixels of the centre's colour.
fn cross(
    at: usize,
    end: usize,
    reach: usize,
    same: impl Fn(usize) -> bool,
) -> Option<(usize, usize)> {
    let mut runs = [0; 5];
    let (mut low, mut high) = (at, at);
    let (start, end) = (at.saturating_sub(reach), end.min(at + reach));
    for (index, colour) in [true, false, true].into_iter().enumerate() {
        while low > start && same(low - 1) == colour {
            low -= 1;
            runs[2 - index] += 1;
        }
        while high < end && same(high) == colour {
            high += 1;
            runs[2 + index] += 1;
        }
    }
    is_finder(&runs).then_some((low, high))
}

/// Whether five runs are as 1 : 1 : 3 : 1 : 1, each off by half of what it should be at most, or by the pixel that rounding
/// takes from small ones.
fn is_finder(runs: &[usize; 5]) -> bool {
    let total: usize = runs.iter().sum();
    total >= 7
        && runs.iter().zip([1, 1, 3, 1, 1]).all(|(&run, modules)| {
            run != 0 && (run * 7).abs_diff(modules * total) <= (modules * total / 2).max(8)
        })
}

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
    pub(super) const MOST: usize = 5;
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
        work::count(row.len());
        // What a repeated row shows has been considered.
        if pixels.repeats(y) {
            return;
        }
        work::count(row.len());
        let mut runs = [0; 5];
        let mut start = 0;
        let mut colour = row.first();
        for x in 1..=row.len() {
            let pixel = row.get(x);
            if pixel == colour {
                continue;
            }
            colour = pixel;
            runs.copy_within(1.., 0);
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
    for index in 0..3 {
        let colour = index != 1;
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

#[cfg(test)]
mod tests {
    use super::{Finder, Finders, Pixels, alike, cross, is_finder};
    use crate::qr::Raster;

    fn finder(left: usize, top: usize, width: usize, height: usize) -> Finder {
        Finder {
            left,
            right: left + width,
            top,
            bottom: top + height,
            dark: true,
        }
    }

    #[test]
    fn sizes_are_alike_within_an_eighth_and_two_pixels() {
        for (a, b, are) in [
            (7, 10, true),
            (7, 11, false),
            (80, 92, true),
            (80, 94, false),
        ] {
            assert_eq!((alike(a, b), alike(b, a)), (are, are), "{a} {b}");
        }
    }

    #[test]
    fn patterns_of_one_symbol_have_its_size_and_polarity() {
        let one = finder(0, 0, 70, 70);
        assert!(one.matches(&finder(500, 3, 75, 66)));
        assert!(!one.matches(&finder(500, 3, 100, 70)));
        assert!(!one.matches(&finder(500, 3, 70, 100)));
        let light = Finder {
            dark: false,
            ..finder(500, 3, 70, 70)
        };
        assert!(!one.matches(&light) && light.matches(&light));
    }

    #[test]
    fn a_place_is_the_same_within_a_quarter_of_the_pattern() {
        let one = finder(100, 200, 40, 60);
        for (right, down, same) in [
            (0, 0, true),
            (9, 14, true),
            (10, 0, false),
            (0, 15, false),
            (100, 0, false),
            (0, 100, false),
        ] {
            let other = finder(100 + right, 200 + down, 40, 60);
            assert_eq!(one.same_place(&other), same, "{right} {down}");
            assert_eq!(other.same_place(&one), same, "{right} {down}");
        }
    }

    #[test]
    fn runs_are_off_by_half_a_module_at_most_or_a_pixel() {
        for (runs, is) in [
            ([1, 1, 3, 1, 1], true),
            ([10, 10, 30, 10, 10], true),
            ([14, 6, 30, 14, 6], true),
            ([10, 10, 72, 10, 10], true),
            ([10, 10, 73, 10, 10], false),
            ([10, 10, 11, 10, 10], true),
            ([10, 10, 10, 10, 10], false),
            ([16, 10, 30, 10, 10], true),
            ([17, 10, 30, 10, 10], false),
            ([10, 10, 30, 5, 10], true),
            ([10, 10, 30, 4, 10], false),
            // A pixel more or less is rounding where a module has two of them.
            ([3, 2, 6, 2, 2], true),
            ([2, 2, 5, 1, 2], true),
            ([2, 2, 6, 2, 4], false),
            ([0, 1, 3, 1, 1], false),
            ([1, 1, 2, 1, 1], false),
        ] {
            assert_eq!(is_finder(&runs), is, "{runs:?}");
        }
    }

    #[test]
    fn the_runs_around_a_place_end_where_the_pattern_does() {
        let pixels = b"0011001111110011000";
        let same = |at: usize| pixels[at] == b'1';
        for at in 6..12 {
            assert_eq!(cross(at, pixels.len(), 100, same), Some((2, 16)), "{at}");
        }
        // The reach, and the picture's end, cut it short: here to three runs and a half.
        assert_eq!(cross(8, pixels.len(), 8, same), Some((2, 16)));
        assert_eq!(cross(8, pixels.len(), 5, same), None);
        assert_eq!(cross(8, 14, 100, same), None);
        assert_eq!(cross(8, 16, 100, same), Some((2, 16)));
        assert_eq!(cross(0, 3, 100, |_| true), None);
    }

    /// Finder patterns of `module` pixels a module, side by side in rows, with `spoilt` modules of each inverted.
    fn many(columns: usize, rows: usize, spoilt: usize) -> Pixels {
        let module = 3;
        let mut raster = Raster::new(columns * 10 * module, rows * 10 * module);
        let width = columns * 10 * module;
        for (at, luma) in raster.luma_mut().iter_mut().enumerate() {
            let (x, y) = (at % width / module % 10, at / width / module % 10);
            let distance = x.abs_diff(4).max(y.abs_diff(4));
            let dark = !matches!(distance, 2 | 4..);
            // In the outer ring's lower corners, which neither middle row nor middle column meets.
            let turned = y == 7 && [1, 2, 6, 7, 0, 8].iter().take(spoilt).any(|&at| at == x);
            *luma = if dark == turned { 255 } else { 0 };
        }
        raster.into_pixels()
    }

    /// Damage may make the runs of a row shorter than the pattern's.
    #[test]
    fn a_walk_goes_as_far_as_twice_the_length_of_the_runs_and_eight_pixels() {
        let mut raster = Raster::new(110, 110);
        for (at, luma) in raster.luma_mut().iter_mut().enumerate() {
            let (x, y) = (at % 110 / 10, at / 110 / 10);
            let distance = x.abs_diff(5).max(y.abs_diff(5));
            *luma = if matches!(distance, 2 | 4..) { 255 } else { 0 };
        }
        let pixels = raster.into_pixels();
        for (length, whole) in [(15, 0), (25, 1), (70, 1)] {
            let mut found = Finders {
                whole: Vec::new(),
                partial: Vec::new(),
            };
            // The centre's last row: 49 pixels to the upper end.
            found.consider(&pixels, 55, 69, length);
            let counts = (found.whole.len(), found.partial.len());
            assert_eq!(counts, (whole, 0), "{length}");
        }
    }

    #[test]
    fn each_place_is_found_once() {
        for (spoilt, whole, partial) in [(0, 4, 0), (5, 4, 0), (6, 0, 4)] {
            let found = Finders::find(&many(2, 2, spoilt));
            let counts = (found.whole.len(), found.partial.len());
            assert_eq!(counts, (whole, partial), "{spoilt}");
            let all = found.whole.iter().chain(&found.partial);
            let mut places: Vec<_> = all.map(|finder| (finder.left, finder.top)).collect();
            places.sort_unstable();
            assert_eq!(places, [(3, 3), (3, 33), (33, 3), (33, 33)], "{spoilt}");
        }
    }

    /// The light ring around may lie outside: there all is well, in either polarity.
    #[test]
    fn patterns_at_the_edge_are_whole() {
        for (module, inverted, left, top) in [
            (3, 0, 0, 0),
            (3, 255, 0, 0),
            (3, 255, 10, 4),
            (1, 0, 10, 4),
            (1, 255, 10, 1),
            (1, 255, 4, 4),
        ] {
            let (width, height) = (17, 11);
            let mut raster = Raster::new(width * module, height * module);
            for (at, luma) in raster.luma_mut().iter_mut().enumerate() {
                let (x, y) = (at % (width * module), at / (width * module));
                let (x, y) = (
                    (x / module).wrapping_sub(left),
                    (y / module).wrapping_sub(top),
                );
                let distance = x.abs_diff(3).max(y.abs_diff(3));
                let dark = x < 7 && y < 7 && distance != 2;
                *luma = if dark { inverted } else { 255 - inverted };
            }
            let found = Finders::find(&raster.into_pixels());
            let counts = (found.whole.len(), found.partial.len());
            assert_eq!(counts, (1, 0), "{module} {inverted} {left} {top}");
        }
    }

    #[test]
    fn a_picture_of_many_patterns_is_given_up() {
        assert_eq!(Finders::find(&many(1, 5, 0)).whole.len(), 5);
        // A row at a time: the next row's are found, those after it are not.
        assert_eq!(Finders::find(&many(1, 9, 0)).whole.len(), 6);
        assert_eq!(Finders::find(&many(5, 9, 0)).whole.len(), 10);
        assert_eq!(Finders::find(&many(9, 9, 6)).partial.len(), 64);
    }
}

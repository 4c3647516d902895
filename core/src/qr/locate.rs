//! The one symbol in a picture.

use super::Matrix;
use super::finder::{Finder, Finders};
use super::pixels::Pixels;
use super::sampler::{Area, Grid, Profile};
use super::{verify::verify, work};

/// Finds, samples and verifies the symbol of a picture that shows exactly one; `None` where it shows none, or more, or nothing
/// that could be verified. The work is bounded: at most [`Search::ATTEMPTS`] areas are sampled, in at most three sizes each.
pub(super) fn locate(pixels: &Pixels) -> Option<Matrix> {
    let Finders { whole, partial } = Finders::find(pixels);
    // Within the symbol chance makes single ones beside its own three, but not three.
    if whole.len() > Finders::MOST {
        return None;
    }
    let mut search = Search {
        pixels,
        attempts: Search::ATTEMPTS,
    };
    let (area, matrix) = search.three(&whole).or_else(|| search.fewer(&whole))?;
    // Whatever else looks like finder patterns may belong to a second symbol, which the customer's phone might read instead.
    // The quiet zone lends the first some that reach out, but their centres do not.
    let inside = |finder: &Finder| {
        let (x, y) = finder.centre();
        (area.left * 2..area.right * 2).contains(&x) && (area.top * 2..area.bottom * 2).contains(&y)
    };
    let alone =
        whole.iter().all(inside) && partial.iter().filter(|&finder| !inside(finder)).count() < 2;
    alone.then_some(matrix)
}

struct Search<'a> {
    pixels: &'a Pixels,
    /// How many areas may still be sampled.
    attempts: usize,
}

impl Search<'_> {
    const ATTEMPTS: usize = 12;

    /// From three finder patterns at the corners of an upright rectangle.
    fn three(&mut self, finders: &[Finder]) -> Option<(Area, Matrix)> {
        for corner in finders {
            for beside in finders.iter().filter(|beside| level(corner, beside)) {
                for below in finders.iter().filter(|below| upright(corner, below)) {
                    let found = self.attempt(around(&[*corner, *beside, *below]), Some(corner));
                    if found.is_some() {
                        return found;
                    }
                }
            }
        }
        None
    }

    /// Where damage left less than three: the rectangles that two of them span, then all that is dark, and all that is light.
    #[inline(never)]
    fn fewer(&mut self, finders: &[Finder]) -> Option<(Area, Matrix)> {
        let mut rest = finders;
        while let [one, others @ ..] = rest {
            rest = others;
            for other in others {
                let span = around(&[*one, *other]);
                let areas = if level(one, other) {
                    [
                        Area {
                            bottom: span.top + span.width(),
                            ..span
                        },
                        Area {
                            top: span.bottom.saturating_sub(span.width()),
                            ..span
                        },
                    ]
                } else if upright(one, other) {
                    [
                        Area {
                            right: span.left + span.height(),
                            ..span
                        },
                        Area {
                            left: span.right.saturating_sub(span.height()),
                            ..span
                        },
                    ]
                } else if one.matches(other) {
                    [span, span]
                } else {
                    continue;
                };
                for mut area in areas {
                    area.right = area.right.min(self.pixels.width());
                    area.bottom = area.bottom.min(self.pixels.height());
                    let found = self.attempt(area, Some(one));
                    if found.is_some() {
                        return found;
                    }
                }
            }
        }
        // These two are never spent on pairs.
        self.attempts = self.attempts.max(2);
        let dark = extent(self.pixels, true).and_then(|area| self.attempt(area, None));
        dark.or_else(|| extent(self.pixels, false).and_then(|area| self.attempt(area, None)))
    }

    /// Tries an area with the sizes whose timing patterns fit best. A `finder` of it narrows them.
    fn attempt(&mut self, area: Area, finder: Option<&Finder>) -> Option<(Area, Matrix)> {
        let pixels = self.pixels;
        self.attempts = self.attempts.checked_sub(1)?;
        // Wider or higher by a fifth at most.
        let (width, height) = (area.width(), area.height());
        if width * 5 > height * 6 || height * 5 > width * 6 {
            return None;
        }
        let profile = Profile::of(pixels, area);
        let mut candidates: Vec<(usize, Grid)> = Vec::new();
        for version in 1..=40 {
            let size = version * 4 + 17;
            let plausible = finder.is_none_or(|finder| {
                // A finder pattern is known to a pixel either way.
                let module = finder.width() + finder.height();
                let expected = (width + height) * 7;
                size * (module + 2) + module >= expected
                    && size * module.saturating_sub(2) <= expected + module
            });
            // A pixel a module at least.
            if size > width.min(height) || !plausible {
                continue;
            }
            let grid = profile.grid(size);
            candidates.push((grid.timing_faults(pixels), grid));
        }
        for _ in 0..3 {
            let (best, _) = candidates
                .iter()
                .enumerate()
                .min_by_key(|(_, candidate)| candidate.0)?;
            let (_, grid) = candidates.swap_remove(best);
            if let Some(matrix) = verify(&turned(grid.sample(pixels)?)) {
                return Some((area, matrix));
            }
        }
        None
    }
}

fn level(one: &Finder, other: &Finder) -> bool {
    one.matches(other)
        && one.centre().1.abs_diff(other.centre().1) * 7 <= one.height() * 2
        && apart(one.centre().0, other.centre().0, one.width())
}

fn upright(one: &Finder, other: &Finder) -> bool {
    one.matches(other)
        && one.centre().0.abs_diff(other.centre().0) * 7 <= one.width() * 2
        && apart(one.centre().1, other.centre().1, one.height())
}

/// The centres of version 1 are 14 modules apart, two finder patterns' width.
fn apart(one: usize, other: usize, length: usize) -> bool {
    one.abs_diff(other) * 2 > length * 7 / 2
}

fn around(finders: &[Finder]) -> Area {
    let mut area = Area {
        left: usize::MAX,
        right: 0,
        top: usize::MAX,
        bottom: 0,
    };
    for finder in finders {
        area.left = area.left.min(finder.left);
        area.right = area.right.max(finder.right);
        area.top = area.top.min(finder.top);
        area.bottom = area.bottom.max(finder.bottom);
    }
    area
}

/// The smallest area with all pixels of one colour.
fn extent(pixels: &Pixels, dark: bool) -> Option<Area> {
    let colour = u8::from(dark);
    let mut area = Area {
        left: usize::MAX,
        right: 0,
        top: usize::MAX,
        bottom: 0,
    };
    for y in 0..pixels.height() {
        let row = pixels.row(y);
        work::count(row.len());
        if let Some(first) = row.iter().position(|&pixel| pixel == colour) {
            let last = row
                .iter()
                .rposition(|&pixel| pixel == colour)
                .unwrap_or(first);
            area.left = area.left.min(first);
            area.right = area.right.max(last + 1);
            area.top = area.top.min(y);
            area.bottom = y + 1;
        }
    }
    (area.bottom != 0).then_some(area)
}

/// Turned and inverted so that three finder patterns are where they belong, as well as can be. That leaves the mirror image open.
fn turned(sampled: Matrix) -> Matrix {
    let size = sampled.size();
    // Where the module at (x, y) of what is turned by quarters was before.
    let before = |quarters: usize, x: usize, y: usize| match quarters {
        0 => (x, y),
        1 => (y, size - 1 - x),
        2 => (size - 1 - x, size - 1 - y),
        _ => (size - 1 - y, x),
    };
    let mut best = (usize::MAX, 0, false);
    for way in 0..8 {
        let (quarters, inverted) = (way % 4, way > 3);
        let mut wrong = 0;
        for (left, top) in [(0, 0), (size - 7, 0), (0, size - 7)] {
            for y in 0..7usize {
                for x in 0..7usize {
                    let dark = x.abs_diff(3).max(y.abs_diff(3)) != 2;
                    let (x, y) = before(quarters, left + x, top + y);
                    wrong += usize::from((sampled.get(x, y) != dark) != inverted);
                }
            }
        }
        if wrong < best.0 {
            best = (wrong, quarters, inverted);
        }
    }
    let (_, quarters, inverted) = best;
    let mut result = sampled.clone();
    for y in 0..size {
        for x in 0..size {
            let (column, row) = before(quarters, x, y);
            result.set(x, y, sampled.get(column, row) != inverted);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::{Finder, apart, around, extent, level, turned, upright};
    use crate::qr::{Matrix, Raster};

    /// By twice its centre.
    fn finder(x: usize, y: usize, width: usize, height: usize) -> Finder {
        Finder {
            left: (x - width) / 2,
            right: x.div_ceil(2) + width / 2,
            top: (y - height) / 2,
            bottom: y.div_ceil(2) + height / 2,
            dark: true,
        }
    }

    #[test]
    fn patterns_are_beside_or_below_each_other_within_a_module() {
        let one = finder(400, 600, 70, 84);
        for (x, y, beside, below) in [
            (680, 600, true, false),
            (120, 600, true, false),
            (522, 600, false, false),
            (524, 600, true, false),
            (278, 600, false, false),
            (276, 600, true, false),
            (680, 624, true, false),
            (680, 626, false, false),
            (680, 576, true, false),
            (680, 574, false, false),
            (400, 936, false, true),
            (400, 264, false, true),
            (400, 746, false, false),
            (400, 748, false, true),
            (400, 454, false, false),
            (400, 452, false, true),
            (420, 936, false, true),
            (422, 936, false, false),
            (380, 936, false, true),
            (378, 936, false, false),
            (680, 936, false, false),
        ] {
            let other = finder(x, y, 70, 84);
            assert_eq!(level(&one, &other), beside, "{x} {y}");
            assert_eq!(upright(&one, &other), below, "{x} {y}");
        }
        let (larger, light) = (
            finder(680, 600, 100, 84),
            Finder {
                dark: false,
                ..finder(680, 600, 70, 84)
            },
        );
        assert!(!level(&one, &larger) && !level(&one, &light));
        let (larger, light) = (
            finder(400, 936, 100, 84),
            Finder {
                dark: false,
                ..finder(400, 936, 70, 84)
            },
        );
        assert!(!upright(&one, &larger) && !upright(&one, &light));
    }

    #[test]
    fn patterns_are_apart_from_seven_eighths_of_their_length() {
        // Twice the places.
        for (distance, are) in [(0, false), (126, false), (127, true), (288, true)] {
            assert_eq!(apart(500, 500 + distance, 72), are, "{distance}");
            assert_eq!(apart(500 + distance, 500, 72), are, "{distance}");
        }
    }

    #[test]
    fn an_area_is_around_all_patterns() {
        let area = around(&[
            finder(400, 600, 70, 84),
            finder(680, 604, 72, 84),
            finder(404, 900, 70, 84),
        ]);
        let sides = (area.left, area.right, area.top, area.bottom);
        assert_eq!(sides, (165, 376, 258, 492));
    }

    /// Where no way has more of the finder patterns than another, modules stay in their places.
    #[test]
    fn what_has_no_upper_side_is_not_turned() {
        for dark in [false, true] {
            let mut matrix = Matrix::new(21).unwrap();
            for (x, y) in (0..21).flat_map(|y| (0..21).map(move |x| (x, y))) {
                matrix.set(x, y, ((x, y) == (10, 9)) != dark);
            }
            let found = turned(matrix);
            assert_ne!(found.get(10, 9), found.get(9, 10), "{dark}");
            assert_eq!(found.get(9, 10), found.get(0, 0), "{dark}");
        }
    }

    #[test]
    fn an_extent_is_the_smallest_area_with_all_of_a_colour() {
        let mut raster = Raster::new(9, 7);
        for (at, luma) in raster.luma_mut().iter_mut().enumerate() {
            *luma = match (at % 9, at / 9) {
                (3, 1) | (6, 3) | (4, 4) => 0,
                _ => 255,
            };
        }
        let sides = |raster: Raster, dark| {
            let area = extent(&raster.into_pixels(), dark)?;
            Some((area.left, area.right, area.top, area.bottom))
        };
        assert_eq!(sides(raster.clone(), true), Some((3, 7, 1, 5)));
        assert_eq!(sides(raster.clone(), false), Some((0, 9, 0, 7)));
        for luma in raster.luma_mut() {
            *luma = 255 - *luma;
        }
        assert_eq!(sides(raster, false), Some((3, 7, 1, 5)));
        assert_eq!(sides(Raster::new(9, 7), true), None);
    }
}

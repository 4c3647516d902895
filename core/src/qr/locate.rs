//! The one symbol in a picture.

use super::Matrix;
use super::finder::{Finder, Finders};
use super::pixels::Pixels;
use super::sampler::{Area, Edges, Profile};
use super::verify::verify;

/// Finds, samples and verifies the symbol of a picture that shows exactly one; `None` where it shows none, or more, or nothing
/// that could be verified. The work is bounded: at most a few areas, of each at most three sizes.
pub(super) fn locate(pixels: &Pixels) -> Option<Matrix> {
    let finders = Finders::find(pixels);
    if finders.whole.len() > Finders::MOST {
        return None;
    }
    let (area, matrix) =
        from_three(pixels, &finders.whole).or_else(|| from_less(pixels, &finders.whole))?;
    // Whatever else looks like a finder pattern may belong to a second symbol, which the customer's phone might read instead. Within
    // the symbol, chance makes partial ones.
    let outside = |finder: &&Finder| {
        finder.left >= area.right
            || finder.right <= area.left
            || finder.top >= area.bottom
            || finder.bottom <= area.top
    };
    let alone = !finders.whole.iter().any(|finder| outside(&finder))
        && finders.partial.iter().filter(outside).count() < 2;
    alone.then_some(matrix)
}

/// From three finder patterns at the corners of an upright rectangle.
fn from_three(pixels: &Pixels, finders: &[Finder]) -> Option<(Area, Matrix)> {
    for corner in finders {
        for beside in finders {
            for below in finders {
                if level(corner, beside)
                    && upright(corner, below)
                    && let Some(found) =
                        attempt(pixels, around(&[*corner, *beside, *below]), Some(corner))
                {
                    return Some(found);
                }
            }
        }
    }
    None
}

/// Where damage left less than three: the rectangles that two of them span, then all that is dark, and all that is light.
fn from_less(pixels: &Pixels, finders: &[Finder]) -> Option<(Area, Matrix)> {
    for (index, one) in finders.iter().enumerate() {
        for other in finders.iter().skip(index + 1) {
            let span = around(&[*one, *other]);
            let mut areas = Vec::new();
            if level(one, other) {
                areas.push(Area {
                    bottom: span.top + span.width(),
                    ..span
                });
                areas.push(Area {
                    top: span.bottom.saturating_sub(span.width()),
                    ..span
                });
            } else if upright(one, other) {
                areas.push(Area {
                    right: span.left + span.height(),
                    ..span
                });
                areas.push(Area {
                    left: span.right.saturating_sub(span.height()),
                    ..span
                });
            } else if one.matches(other) {
                areas.push(span);
            }
            for mut area in areas {
                area.right = area.right.min(pixels.width());
                area.bottom = area.bottom.min(pixels.height());
                if let Some(found) = attempt(pixels, area, Some(one)) {
                    return Some(found);
                }
            }
        }
    }
    [true, false]
        .into_iter()
        .find_map(|dark| attempt(pixels, extent(pixels, dark)?, None))
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

/// Tries an area with the sizes whose timing patterns fit best. A `finder` of it narrows them.
fn attempt(pixels: &Pixels, area: Area, finder: Option<&Finder>) -> Option<(Area, Matrix)> {
    // Wider or higher by a fifth at most, and a pixel a module at least.
    let (width, height) = (area.width(), area.height());
    if width * 5 > height * 6 || height * 5 > width * 6 || width.min(height) < 21 {
        return None;
    }
    let profile = Profile::of(pixels, area);
    let mut candidates: Vec<(usize, usize, Edges)> = Vec::new();
    for version in 1..=40 {
        let size = version * 4 + 17;
        let plausible = finder.is_none_or(|finder| {
            // A finder pattern is known to a pixel either way.
            let module = finder.width() + finder.height();
            let expected = (width + height) * 7;
            size * (module + 2) + module >= expected
                && size * module.saturating_sub(2) <= expected + module
        });
        if size > width.min(height) || !plausible {
            continue;
        }
        let edges = profile.edges(size);
        let faults = edges.timing_faults(pixels) * 1000 / (size - 16);
        candidates.push((faults, size, edges));
    }
    candidates.sort_by_key(|&(faults, size, _)| (faults, size));
    candidates
        .into_iter()
        .take(3)
        .find_map(|(_, _, edges)| Some((area, verify(&turned(edges.sample(pixels)?))?)))
}

/// Turned and inverted so that three finder patterns are where they belong, as well as can be. That leaves the mirror image open.
fn turned(mut sampled: Matrix) -> Matrix {
    let size = sampled.size();
    let mut best = (usize::MAX, sampled.clone());
    for _ in 0..4 {
        let mut wrong = 0;
        for (left, top) in [(0, 0), (size - 7, 0), (0, size - 7)] {
            for y in 0..7usize {
                for x in 0..7usize {
                    let dark = x.abs_diff(3).max(y.abs_diff(3)) != 2;
                    wrong += usize::from(sampled.get(left + x, top + y) != dark);
                }
            }
        }
        let inverse = 3 * 49 - wrong;
        if wrong.min(inverse) < best.0 {
            best = (
                wrong.min(inverse),
                transformed(&sampled, |x, y| sampled.get(x, y) != (inverse < wrong)),
            );
        }
        sampled = transformed(&sampled, |x, y| sampled.get(y, size - 1 - x));
    }
    best.1
}

fn transformed(matrix: &Matrix, module: impl Fn(usize, usize) -> bool) -> Matrix {
    let mut result = matrix.clone();
    for y in 0..matrix.size() {
        for x in 0..matrix.size() {
            result.set(x, y, module(x, y));
        }
    }
    result
}

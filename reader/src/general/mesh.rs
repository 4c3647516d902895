//! Alignment patterns (ISO/IEC 18004, 6.3.6): where paper is bent or a perspective is a little off, each shows by how much.

use sendapi_pairing_core::qr::function_patterns;

use super::{
    grey::Levels,
    plane::{Perspective, Point},
};

/// How far what is seen lies from where a perspective has it, at the middles of all alignment patterns and in between.
pub(super) struct Mesh {
    /// Of columns and of rows alike, in modules.
    middles: Vec<f64>,
    /// In pixels, row by row.
    offsets: Vec<Point>,
}

/// An alignment pattern is seen where at most this many of its 25 modules are not as they should be.
const WRONG: usize = 4;
/// Steps to a module in which one is sought, and how many to each side.
const STEPS: i32 = 5;
const REACH: i32 = 6;

impl Mesh {
    /// No pattern, no offsets.
    pub(super) fn flat() -> Self {
        Self {
            middles: Vec::new(),
            offsets: Vec::new(),
        }
    }

    /// Seeks each alignment pattern of a symbol around where the perspective has it. The perspective is corrected first by those found,
    /// beside the `anchors` that are known: points in modules and in pixels.
    pub(super) fn find(
        levels: &Levels,
        size: usize,
        perspective: Perspective,
        anchors: &[(Point, Point)],
    ) -> (Perspective, Self) {
        let Some(middles) = middles(size) else {
            return (perspective, Self::flat());
        };
        let seen = patterns(levels, &middles, &perspective);
        let mut pairs = anchors.to_vec();
        pairs.extend(seen.iter().filter_map(|&(middle, at)| Some((middle, at?))));
        let nearest = if pairs.len() < 4 {
            None
        } else {
            Perspective::nearest(&pairs, size as f64)
        };
        let perspective = nearest.unwrap_or(perspective);
        let offsets = patterns(levels, &middles, &perspective)
            .into_iter()
            .map(|((u, v), at)| {
                let (x, y) = perspective.map(u, v);
                at.map_or((0.0, 0.0), |at| (at.0 - x, at.1 - y))
            })
            .collect();
        (perspective, Self { middles, offsets })
    }

    /// What to add at a point of the symbol: between four middles a part of each of theirs, beyond them as at the nearest.
    pub(super) fn at(&self, u: f64, v: f64) -> Point {
        let count = self.middles.len();
        if count < 2 {
            return (0.0, 0.0);
        }
        let part = |at: f64| {
            let cell = self.middles.partition_point(|&middle| middle <= at);
            let cell = cell.saturating_sub(1).min(count - 2);
            let (from, to) = (self.middles[cell], self.middles[cell + 1]);
            (cell, ((at - from) / (to - from)).clamp(0.0, 1.0))
        };
        let ((column, right), (row, down)) = (part(u), part(v));
        let at = |column: usize, row: usize| self.offsets[row * count + column];
        let between =
            |a: Point, b: Point, part: f64| (a.0 + (b.0 - a.0) * part, a.1 + (b.1 - a.1) * part);
        let above = between(at(column, row), at(column + 1, row), right);
        let below = between(at(column, row + 1), at(column + 1, row + 1), right);
        between(above, below, down)
    }
}

/// The middles of the alignment patterns of a size, alike for columns and rows; `None` where it has none. Read off the row that cuts
/// the upper rings of the lowest ones: runs of five.
fn middles(size: usize) -> Option<Vec<f64>> {
    let (reserved, _) = function_patterns(size)?;
    let row = size - 9;
    let mut middles = vec![6.5];
    let mut run = 0;
    for x in 8..size {
        run = if reserved.get(x, row) { run + 1 } else { 0 };
        if run == 5 {
            middles.push(x as f64 - 1.5);
        }
    }
    (middles.len() > 1).then_some(middles)
}

/// Where each of them is seen, if it is; the corners that finder patterns hold have none.
fn patterns(
    levels: &Levels,
    middles: &[f64],
    perspective: &Perspective,
) -> Vec<(Point, Option<Point>)> {
    let last = middles.len() - 1;
    let mut found = Vec::with_capacity(middles.len() * middles.len());
    for (row, &v) in middles.iter().enumerate() {
        for (column, &u) in middles.iter().enumerate() {
            let none = matches!((column, row), (0, 0))
                || (column, row) == (0, last)
                || (column, row) == (last, 0);
            let at = (!none)
                .then(|| pattern(levels, perspective, (u, v)))
                .flatten();
            found.push(((u, v), at));
        }
    }
    found
}

/// The middle of all places where the pattern fits best.
fn pattern(levels: &Levels, perspective: &Perspective, (u, v): Point) -> Option<Point> {
    let (mut least, mut sum, mut count) = (WRONG, (0.0, 0.0), 0);
    for down in -REACH..=REACH {
        for right in -REACH..=REACH {
            let step = |steps: i32| f64::from(steps) / f64::from(STEPS);
            let (u, v) = (u + step(right), v + step(down));
            let wrong = misfits(levels, perspective, (u, v), least);
            if wrong < least {
                (least, sum, count) = (wrong, (0.0, 0.0), 0);
            }
            if wrong == least {
                sum.0 += u;
                sum.1 += v;
                count += 1;
            }
        }
    }
    (count > 0).then(|| perspective.map(sum.0 / f64::from(count), sum.1 / f64::from(count)))
}

/// How many modules of an alignment pattern are not as they should be; those past `most` are not counted.
fn misfits(levels: &Levels, perspective: &Perspective, (u, v): Point, most: usize) -> usize {
    let mut wrong = 0;
    for row in -2i32..=2 {
        for column in -2i32..=2 {
            let dark = row.abs().max(column.abs()) != 1;
            let (x, y) = perspective.map(u + f64::from(column), v + f64::from(row));
            wrong += usize::from(levels.dark(x.floor() as i32, y.floor() as i32) != dark);
            if wrong > most {
                return wrong;
            }
        }
    }
    wrong
}

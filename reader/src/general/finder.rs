//! Finder patterns at any angle: along every line through its middle one runs dark, light, dark, light, dark as 1 : 1 : 3 : 1 : 1
//! (ISO/IEC 18004, 6.3.3).

use super::{grey::Levels, work};

/// Where a finder pattern's middle seems to be.
#[derive(Clone, Copy)]
pub(super) struct Finder {
    pub(super) x: f64,
    pub(super) y: f64,
    /// Its width along the row, in pixels.
    pub(super) width: f64,
    /// In how many rows it was seen.
    pub(super) seen: u32,
}

impl Finder {
    pub(super) fn distance(&self, other: &Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

/// More places than a picture of one symbol has by chance.
const MOST: usize = 200;

/// All of them, those that were seen in most rows first. Nothing where there are too many to be one symbol's.
pub(super) fn finders(levels: &Levels) -> Vec<Finder> {
    let mut found: Vec<Finder> = Vec::new();
    for y in 0..levels.height {
        let row = levels.row(y);
        work::count(2 * row.len());
        let mut runs = [0usize; 5];
        let mut start = 0;
        for x in 1..=row.len() {
            if x < row.len() && row[x] == row[x - 1] {
                continue;
            }
            runs.rotate_left(1);
            runs[4] = x - start;
            start = x;
            if row[x - 1] && is_finder(&runs) {
                let middle = (x - runs[4] - runs[3]) as f64 - runs[2] as f64 / 2.0;
                if let Some(finder) = crossed(levels, middle, y, runs.iter().sum()) {
                    merge(&mut found, finder);
                    if found.len() > MOST {
                        return Vec::new();
                    }
                }
            }
        }
    }
    found.sort_by_key(|finder| core::cmp::Reverse(finder.seen));
    found
}

fn merge(found: &mut Vec<Finder>, finder: Finder) {
    let near = |other: &&mut Finder| other.distance(&finder) < other.width / 3.0;
    let Some(known) = found.iter_mut().find(near) else {
        return found.push(finder);
    };
    let before = f64::from(known.seen);
    let mean = |old: f64, new: f64| (old * before + new) / (before + 1.0);
    known.x = mean(known.x, finder.x);
    known.y = mean(known.y, finder.y);
    known.width = mean(known.width, finder.width);
    known.seen += 1;
}

/// Follows the column through the middle of `length` pixels of a row, then the row through that column's; neither for longer than a
/// finder pattern of that width could be, or stripes would make it a long way at each place.
fn crossed(levels: &Levels, x: f64, y: usize, length: usize) -> Option<Finder> {
    let reach = 3 * length as i32 + 8;
    let (top, bottom) = cross(y as i32, levels.height, reach, |at| {
        levels.dark(x as i32, at)
    })?;
    let middle = (top + bottom) / 2.0;
    let (left, right) = cross(x as i32, levels.width, reach, |at| {
        levels.dark(at, middle as i32)
    })?;
    let (width, height) = (right - left, bottom - top);
    // Tilted, they may differ by more than a half, but not by two.
    if width > 2.5 * height || height > 2.5 * width {
        return None;
    }
    Some(Finder {
        x: (left + right) / 2.0,
        y: middle,
        width: (width + height) / 2.0,
        seen: 1,
    })
}

/// The ends of the middle run, widened to the ends of all five.
fn cross(at: i32, end: usize, reach: i32, dark: impl Fn(i32) -> bool) -> Option<(f64, f64)> {
    let (start, end) = ((at - reach).max(0), (at + reach).min(end as i32));
    let mut runs = [0usize; 5];
    let (mut low, mut high) = (at, at + 1);
    if !dark(at) {
        return None;
    }
    runs[2] = 1;
    for (index, colour) in [true, false, true].into_iter().enumerate() {
        while low > start && dark(low - 1) == colour {
            low -= 1;
            runs[2 - index] += 1;
        }
        while high < end && dark(high) == colour {
            high += 1;
            runs[2 + index] += 1;
        }
    }
    // The middle was counted by both.
    let inner = (
        low as f64 + (runs[0] + runs[1]) as f64,
        high as f64 - (runs[4] + runs[3]) as f64,
    );
    is_finder(&runs).then(|| {
        // The middle run bounds the centre better than the ring, which may touch what is around.
        let middle = (inner.0 + inner.1) / 2.0;
        let half = (f64::from(high) - f64::from(low)) / 2.0;
        (middle - half, middle + half)
    })
}

/// Each run within two thirds of what it should be, or a pixel and a half.
fn is_finder(runs: &[usize; 5]) -> bool {
    let total: usize = runs.iter().sum();
    let module = total as f64 / 7.0;
    total >= 7
        && runs
            .iter()
            .zip([1.0, 1.0, 3.0, 1.0, 1.0])
            .all(|(&run, modules)| {
                run != 0
                    && (run as f64 - modules * module).abs()
                        <= (module * modules.min(1.5) * 0.67).max(1.5)
            })
}

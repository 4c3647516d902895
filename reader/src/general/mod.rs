//! A general decoder: symbols at any angle, tilted, blurred, or drawn as dots.
//!
//! Crates that do this assert what a hostile picture can break, or search as long as it likes; and they hand out texts where modules
//! are wanted. So this is our own, with every loop bounded: at most [`PREPARATIONS`] × 2 versions of the picture, each no larger than
//! [`Grey::LONGEST`] a side, and at most [`ATTEMPTS`] symbols tried in all of them together.
//!
//! The outlines of three finder patterns give a perspective, and alignment patterns what is bent about it. Where the outlines are not
//! to be seen, as of dots, their middles give three corners of one, and the fourth is sought where the function patterns fit best. What
//! is sampled there is the core's to verify: nothing here decides that something is a symbol.

mod finder;
mod fit;
mod grey;
mod mesh;
mod outline;
mod plane;
mod work;

use finder::Finder;
use fit::{Fit, Hypothesis};
use grey::{Grey, Levels};
use sendapi_pairing_core::qr::{Matrix, Raster, verify};

/// Radius of a blur; then into how many parts the picture's longest side is cut for the threshold to follow what is around, or 0 for
/// one threshold. Dots need a blur of about half a module, blurred pictures a threshold that follows closely.
const PREPARATIONS: [(usize, usize); 11] = [
    (0, 0),
    (0, 16),
    (0, 40),
    (1, 0),
    (2, 0),
    (2, 16),
    (3, 0),
    (4, 0),
    (4, 16),
    (6, 0),
    (9, 0),
];

/// How many places and sizes are tried in one picture.
const ATTEMPTS: usize = 240;
/// How many of a prepared picture's finder patterns are combined, and how many of the combinations tried.
const FINDERS: usize = 8;
const TRIPLES: usize = 3;

/// The one symbol in the picture; `None` where there is none that verifies, or where there may be a second one.
pub(crate) fn read(raster: &Raster) -> Option<Matrix> {
    let grey = Grey::of(raster);
    let mut attempts = ATTEMPTS;
    for grey in [grey.clone(), grey.inverted()] {
        for preparation in PREPARATIONS {
            let levels = prepare(&grey, preparation);
            let finders = finder::finders(&levels);
            for hypothesis in hypotheses(&levels, &finders) {
                attempts = attempts.checked_sub(1)?;
                for fit in Fit::find(&levels, &hypothesis) {
                    if let Some(matrix) = fit.sample(&levels).as_ref().and_then(verify) {
                        return is_alone(&grey, &fit).then_some(matrix);
                    }
                }
            }
        }
    }
    None
}

fn prepare(grey: &Grey, (blur, parts): (usize, usize)) -> Levels {
    let blurred = (blur > 0).then(|| grey.blurred(blur));
    let grey = blurred.as_ref().unwrap_or(grey);
    match parts {
        0 => grey.parted(),
        parts => grey.adapted(parts),
    }
}

/// Whatever else looks like finder patterns may belong to a second symbol, which the customer's phone might read instead.
fn is_alone(grey: &Grey, fit: &Fit) -> bool {
    let inverted = grey.inverted();
    [grey, &inverted].into_iter().all(|grey| {
        [(0, 0), (0, 16), (2, 0)].into_iter().all(|preparation| {
            let finders = finder::finders(&prepare(grey, preparation));
            let outside = |finder: &&Finder| finder.seen > 2 && !fit.contains((finder.x, finder.y));
            finders.iter().filter(outside).count() < 2
        })
    })
}

/// What symbols may be there, the likeliest first.
fn hypotheses(levels: &Levels, finders: &[Finder]) -> Vec<Hypothesis> {
    let best = &finders[..finders.len().min(FINDERS)];
    let mut triples = Vec::new();
    for (third, &c) in best.iter().enumerate() {
        for (second, &b) in best[..third].iter().enumerate() {
            for &a in &best[..second] {
                triples.extend(cornered([a, b, c]));
            }
        }
    }
    triples.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let triples = triples.into_iter().take(TRIPLES);
    triples
        .flat_map(|(_, corners)| {
            let mut found = fit::outlined(levels, corners);
            for size in fit::sizes(levels, &corners) {
                found.push(Hypothesis {
                    size,
                    corners,
                    outlines: None,
                });
            }
            found
        })
        .collect()
}

/// How far three patterns are from the corners of a square, and in their order; `None` where they are no such corners.
fn cornered(mut finders: [Finder; 3]) -> Option<(f64, [Finder; 3])> {
    // The corner is opposite the longest side.
    let opposite = |at: usize| finders[(at + 1) % 3].distance(&finders[(at + 2) % 3]);
    let longest = (0..3).max_by(|&a, &b| opposite(a).total_cmp(&opposite(b)))?;
    finders.swap(0, longest);
    let [corner, right, below] = finders;
    let (across, down, diagonal) = (
        corner.distance(&right),
        corner.distance(&below),
        right.distance(&below),
    );
    let legs = across.min(down) / across.max(down);
    let square = (across * across + down * down) / (diagonal * diagonal);
    let widths = [corner.width, right.width, below.width];
    let (narrow, wide) = (
        widths.into_iter().fold(f64::MAX, f64::min),
        widths.into_iter().fold(0.0, f64::max),
    );
    // Of version 1 the centres are two finder patterns apart.
    if legs < 0.5
        || !(0.6..1.6).contains(&square)
        || wide > 2.0 * narrow
        || across.min(down) < narrow
    {
        return None;
    }
    let turn =
        (right.x - corner.x) * (below.y - corner.y) - (right.y - corner.y) * (below.x - corner.x);
    if turn < 0.0 {
        finders.swap(1, 2);
    }
    let far = (1.0 - legs) + (1.0 - square).abs() + (1.0 - narrow / wide);
    Some((far, finders))
}

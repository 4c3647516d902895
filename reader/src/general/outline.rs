//! The outline of a finder pattern: four straight sides, also where it is turned and tilted. Three of them tell the perspective of a
//! whole symbol, which three middles cannot.

use super::{finder::Finder, grey::Levels, plane::Point};

/// Rays to each side, and how far the outermost are off its middle, in parts of a half side: short of the corners, which some styles
/// round.
const RAYS: usize = 15;
const SPREAD: f64 = 0.7;

/// The corners of the dark ring's outer edge: above left, above right, below right, below left as the directions `across` and `down`
/// have it; both are of length 1. `None` where too few rays meet the three edges that they should.
pub(super) fn outline(
    levels: &Levels,
    finder: &Finder,
    across: Point,
    down: Point,
) -> Option<[Point; 4]> {
    let centre = (finder.x, finder.y);
    let reach = 1.6 * finder.width + 4.0;
    let half = |(x, y): Point| {
        let there = edge(levels, centre, (x, y), reach)?;
        let back = edge(levels, centre, (-x, -y), reach)?;
        Some((there + back) / 2.0)
    };
    // In these every finder pattern is about the square from −1 to 1.
    let scaled = |(x, y): Point| half((x, y)).map(|half| (x * half, y * half));
    let (across, down) = (scaled(across)?, scaled(down)?);
    let at = |(u, v): Point| {
        (
            centre.0 + u * across.0 + v * down.0,
            centre.1 + u * across.1 + v * down.1,
        )
    };
    // Each side as its distance in one direction, and how that grows along the other.
    let side = |way: Point, along: Point| {
        let mut points = Vec::with_capacity(RAYS);
        for ray in 0..RAYS {
            let off = SPREAD * (2.0 * ray as f64 / (RAYS - 1) as f64 - 1.0);
            let (x, y) = (way.0 + off * along.0, way.1 + off * along.1);
            let length = x.hypot(y).max(1e-9);
            if let Some(there) = edge(levels, centre, (x / length, y / length), reach) {
                let times = there / length;
                points.push((times * off, times));
            }
        }
        line(&points)
    };
    let minus = |(x, y): Point| (-x, -y);
    let right = side(across, down)?;
    let left = side(minus(across), down)?;
    let below = side(down, across)?;
    let above = side(minus(down), across)?;
    // (u, v) with u = q + m·v, times the sign of its side, and v = q + m·u likewise.
    let corner = |(vertical, sign_u): (Line, f64), (horizontal, sign_v): (Line, f64)| {
        let (m, q) = (vertical.0 * sign_u, vertical.1 * sign_u);
        let (n, p) = (horizontal.0 * sign_v, horizontal.1 * sign_v);
        let u = (q + m * p) / (1.0 - m * n);
        at((u, p + n * u))
    };
    Some([
        corner((left, -1.0), (above, -1.0)),
        corner((right, 1.0), (above, -1.0)),
        corner((right, 1.0), (below, 1.0)),
        corner((left, -1.0), (below, 1.0)),
    ])
}

/// Slope and offset.
type Line = (f64, f64);

/// The line most of the points lie on: medians of slopes and offsets (Theil and Sen), which a few strays do not move.
fn line(points: &[Point]) -> Option<Line> {
    if points.len() * 2 < RAYS {
        return None;
    }
    let mut slopes = Vec::new();
    for (index, &(x, y)) in points.iter().enumerate() {
        for &(other_x, other_y) in &points[..index] {
            if (x - other_x).abs() > 1e-6 {
                slopes.push((y - other_y) / (x - other_x));
            }
        }
    }
    let slope = median(slopes)?;
    let offset = median(points.iter().map(|(x, y)| y - slope * x).collect())?;
    // Steeper than that it is no side of a square.
    (slope.abs() < 0.7).then_some((slope, offset))
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let (low, high) = (
        values.get(values.len().checked_sub(1)? / 2)?,
        values.get(values.len() / 2)?,
    );
    Some((low + high) / 2.0)
}

/// How far away the ring ends in a direction of length 1: dark, light, dark, and then light again, in about the proportions of a
/// finder pattern; in pixels, to a quarter of one.
fn edge(levels: &Levels, from: Point, (x, y): Point, reach: f64) -> Option<f64> {
    const STEP: f64 = 0.5;
    let mut turns = [0.0; 3];
    let mut found = 0;
    // A finder pattern is no wider than the picture.
    for step in 0..(reach.min(2000.0) / STEP) as u32 {
        let there = f64::from(step) * STEP;
        let (px, py) = (from.0 + there * x, from.1 + there * y);
        if levels.dark(px.floor() as i32, py.floor() as i32) == (found % 2 == 1) {
            *turns.get_mut(found)? = there - STEP / 2.0;
            found += 1;
            if found == 3 {
                let [middle, gap, ring] = turns;
                let fits =
                    (0.25..0.62).contains(&(middle / ring)) && (0.5..0.9).contains(&(gap / ring));
                return fits.then_some(ring);
            }
        }
    }
    None
}

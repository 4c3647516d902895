//! Where the modules of a symbol lie, given its finder patterns.

use sendapi_pairing_core::qr::{Matrix, function_patterns};

use super::{
    finder::Finder,
    grey::Levels,
    mesh::Mesh,
    outline::outline,
    plane::{Perspective, Point},
};

/// A perspective under which the function patterns of a size are found in the picture, and what it lacks.
pub(super) struct Fit {
    size: usize,
    perspective: Perspective,
    mesh: Mesh,
}

/// What may be a symbol: its size, and its finder patterns above left, above right and below left.
pub(super) struct Hypothesis {
    pub(super) size: usize,
    pub(super) corners: [Finder; 3],
    /// What the outlines of the finder patterns tell; without them only their middles are known.
    pub(super) outlines: Option<Outlines>,
}

/// Corners of the three finder patterns in modules and in pixels, and the perspective that takes the ones to the others.
pub(super) struct Outlines {
    pairs: Vec<(Point, Point)>,
    perspective: Perspective,
}

/// How many sizes are tried for which the timing patterns under the outlines' perspective speak.
const OUTLINED: usize = 2;

/// The sizes under whose perspective the timing patterns (6.3.5) come to light, the likeliest first.
pub(super) fn outlined(levels: &Levels, corners: [Finder; 3]) -> Vec<Hypothesis> {
    let [corner, right, below] = &corners;
    let (across, down) = (towards(corner, right), towards(corner, below));
    let outlines = [corner, right, below].map(|finder| outline(levels, finder, across, down));
    let [Some(corner), Some(right), Some(below)] = outlines else {
        return Vec::new();
    };
    let mut found: Vec<(f64, Hypothesis)> = Vec::new();
    for version in 1..=40 {
        let size = version * 4 + 17;
        let far = size as f64 - 7.0;
        let mut pairs = Vec::with_capacity(12);
        for ((left, top), seen) in [
            ((0.0, 0.0), corner),
            ((far, 0.0), right),
            ((0.0, far), below),
        ] {
            let modules = [(0.0, 0.0), (7.0, 0.0), (7.0, 7.0), (0.0, 7.0)];
            for ((u, v), at) in modules.into_iter().zip(seen) {
                pairs.push(((left + u, top + v), at));
            }
        }
        let Some(perspective) = Perspective::nearest(&pairs, size as f64) else {
            continue;
        };
        let along = 8..size - 8;
        let all = 2 * along.len();
        let right = along
            .flat_map(|at| [(at, 6), (6, at)].map(|place| (at, place)))
            .filter(|&(at, (x, y))| {
                is_dark(levels, &perspective, x as f64 + 0.5, y as f64 + 0.5) == (at % 2 == 0)
            })
            .count();
        let share = right as f64 / all as f64;
        if share > 0.7 {
            let outlines = Some(Outlines { pairs, perspective });
            found.push((
                share,
                Hypothesis {
                    size,
                    corners,
                    outlines,
                },
            ));
        }
    }
    found.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let found = found.into_iter().take(OUTLINED);
    found.map(|(_, hypothesis)| hypothesis).collect()
}

/// A module of a function pattern: its middle, whether it is dark, and how much it counts.
type Expected = (f64, f64, bool, i32);

/// The sizes that the timing patterns and the distances speak for, the likeliest first.
pub(super) fn sizes(levels: &Levels, [corner, right, below]: &[Finder; 3]) -> Vec<usize> {
    let across = towards(corner, right);
    let down = towards(corner, below);
    let module = |finder: &Finder| {
        // Along a row one sees more of a pattern that is turned.
        let (x, y) = across;
        finder.width * x.abs().max(y.abs()) / 7.0
    };
    let mean = (module(corner) + module(right) + module(below)) / 3.0;
    let distance = (corner.distance(right) + corner.distance(below)) / 2.0;
    let along = |from: &Finder, to: &Finder, way: Point, aside: Point| {
        let at = |finder: &Finder, sign: f64| {
            let module = module(finder) * 3.0;
            (
                finder.x + aside.0 * module + sign * way.0 * module,
                finder.y + aside.1 * module + sign * way.1 * module,
            )
        };
        changes(levels, at(from, 1.0), at(to, -1.0)) + 13
    };
    let guesses = [
        along(corner, right, across, down),
        along(corner, below, down, across),
        (distance / mean.max(0.5)).round() as usize + 7,
    ];
    let mut sizes = Vec::new();
    for off in [0i64, 4, -4, 8, -8] {
        for guess in guesses {
            let version = (guess as i64 + off - 15).div_euclid(4);
            let size = version * 4 + 17;
            // Neighbours of the distance's guess alone: what the timing patterns say is right or far off.
            let wanted = off == 0 || guess == guesses[2];
            if wanted && (1..=40).contains(&version) && !sizes.contains(&(size as usize)) {
                sizes.push(size as usize);
            }
        }
    }
    sizes
}

fn towards(from: &Finder, to: &Finder) -> Point {
    let distance = from.distance(to).max(1.0);
    ((to.x - from.x) / distance, (to.y - from.y) / distance)
}

/// How often dark and light change on the way.
fn changes(levels: &Levels, from: Point, to: Point) -> usize {
    let steps = ((to.0 - from.0).abs().max((to.1 - from.1).abs()) * 2.0).ceil() as usize;
    let mut before = None;
    let mut changes = 0;
    // A picture's diagonal in half pixels, at most.
    for step in 0..=steps.min(4000) {
        let part = step as f64 / steps.max(1) as f64;
        let (x, y) = (
            from.0 + (to.0 - from.0) * part,
            from.1 + (to.1 - from.1) * part,
        );
        let dark = levels.dark(x.floor() as i32, y.floor() as i32);
        changes += usize::from(before.is_some_and(|before| before != dark));
        before = Some(dark);
    }
    changes
}

impl Fit {
    /// Seeks the fourth corner around where a parallelogram would have it, then moves all four a little. None where the function
    /// patterns do not come to light, several where nothing tells which is best: version 1 has no pattern near that corner.
    pub(super) fn find(levels: &Levels, hypothesis: &Hypothesis) -> Vec<Self> {
        let &Hypothesis { size, corners, .. } = hypothesis;
        let Some(search) = Search::new(levels, size, corners) else {
            return Vec::new();
        };
        if let Some(Outlines { pairs, perspective }) = &hypothesis.outlines {
            return search.outlined(pairs, *perspective);
        }
        let [corner, right, below] = search.corners;
        let fourths = search.fourths();
        let fits = fourths.iter().take(if size == 21 { 24 } else { 2 });
        fits.filter_map(|&(_, fourth)| search.refined([corner, right, below, fourth]))
            .flat_map(|fit| [fit.bent(levels, &[]), fit])
            .collect()
    }

    /// The same with what the alignment patterns tell.
    fn bent(&self, levels: &Levels, anchors: &[(Point, Point)]) -> Self {
        let far = self.size as f64 - 3.5;
        // What is known counts beside what is found.
        let mut pairs = anchors.to_vec();
        for (u, v) in [(3.5, 3.5), (far, 3.5), (3.5, far)] {
            pairs.push(((u, v), self.perspective.map(u, v)));
        }
        let (perspective, mesh) = Mesh::find(levels, self.size, self.perspective, &pairs);
        Self {
            size: self.size,
            perspective,
            mesh,
        }
    }

    /// Where a point of the symbol, in modules, is in the picture.
    fn place(&self, u: f64, v: f64) -> Point {
        let ((x, y), (right, down)) = (self.perspective.map(u, v), self.mesh.at(u, v));
        (x + right, y + down)
    }

    /// What most of five points within each module show.
    pub(super) fn sample(&self, levels: &Levels) -> Option<Matrix> {
        const OFF: [Point; 5] = [(0.5, 0.5), (0.3, 0.5), (0.7, 0.5), (0.5, 0.3), (0.5, 0.7)];
        let mut matrix = Matrix::new(self.size)?;
        for y in 0..self.size {
            for x in 0..self.size {
                let dark = OFF.iter().filter(|(u, v)| {
                    let (x, y) = self.place(x as f64 + u, y as f64 + v);
                    levels.dark(x.floor() as i32, y.floor() as i32)
                });
                matrix.set(x, y, dark.count() > 2);
            }
        }
        Some(matrix)
    }

    /// Whether a point of the picture is in the symbol, or in its quiet zone's first module.
    pub(super) fn contains(&self, point: Point) -> bool {
        let (low, high) = (-1.0, self.size as f64 + 1.0);
        let corners = [(low, low), (high, low), (high, high), (low, high)];
        let corners = corners.map(|(u, v)| self.perspective.map(u, v));
        let side = |at: usize| {
            let (from, to) = (corners[at], corners[(at + 1) % 4]);
            (to.0 - from.0) * (point.1 - from.1) - (to.1 - from.1) * (point.0 - from.0) > 0.0
        };
        let first = side(0);
        (1..4).all(|at| side(at) == first)
    }
}

/// A search for one symbol's corners.
struct Search<'a> {
    levels: &'a Levels,
    size: usize,
    corners: [Point; 3],
    expected: Vec<Expected>,
    /// What moves with the fourth corner most, where there is enough of it.
    telling: Vec<Expected>,
}

impl<'a> Search<'a> {
    fn new(levels: &'a Levels, size: usize, corners: [Finder; 3]) -> Option<Self> {
        let expected = expected(size)?;
        let telling = expected
            .iter()
            .filter(|&&(u, v, _, weight)| size == 21 || weight > 1 || u == 6.5 || v == 6.5)
            .copied()
            .collect();
        Some(Self {
            levels,
            size,
            corners: corners.map(|finder| (finder.x, finder.y)),
            expected,
            telling,
        })
    }

    /// The middle of the alignment pattern below right (6.3.6), or where version 1 would have it; in modules each way.
    fn fourth(&self) -> f64 {
        self.size as f64 - 6.5
    }

    /// Where a parallelogram has the fourth corner, `u` and `v` modules off.
    fn seed(&self, u: f64, v: f64) -> Point {
        let [corner, right, below] = self.corners;
        let modules = self.size as f64 - 7.0;
        let (across, down) = (self.fourth() - 3.5 + u, self.fourth() - 3.5 + v);
        let at = |corner: f64, right: f64, below: f64| {
            corner + ((right - corner) * across + (below - corner) * down) / modules
        };
        (
            at(corner.0, right.0, below.0),
            at(corner.1, right.1, below.1),
        )
    }

    fn through(&self, [corner, right, below, last]: [Point; 4]) -> Option<Perspective> {
        let (near, far, fourth) = (3.5, self.size as f64 - 3.5, self.fourth());
        Perspective::through([
            ((near, near), corner),
            ((far, near), right),
            ((near, far), below),
            ((fourth, fourth), last),
        ])
    }

    fn score(&self, points: [Point; 4], expected: &[Expected]) -> i32 {
        self.through(points).map_or(i32::MIN, |perspective| {
            score(self.levels, &perspective, expected)
        })
    }

    /// Places for the fourth corner, the best first: on a grid of a module, and around its best ones on one of half a module.
    fn fourths(&self) -> Vec<(i32, Point)> {
        let [corner, right, below] = self.corners;
        let reach = (self.size as i32 / 5).clamp(4, 14);
        let tried = |u: f64, v: f64| {
            let place = self.seed(u, v);
            (
                self.score([corner, right, below, place], &self.telling),
                (u, v),
            )
        };
        let mut found = Vec::new();
        for v in -reach..=reach {
            for u in -reach..=reach {
                found.push(tried(f64::from(u), f64::from(v)));
            }
        }
        found.sort_by_key(|&(score, _)| core::cmp::Reverse(score));
        let around = found[..found.len().min(4)].to_vec();
        for (_, (u, v)) in around {
            for (right, down) in [
                (1, 0),
                (-1, 0),
                (0, 1),
                (0, -1),
                (1, 1),
                (-1, -1),
                (1, -1),
                (-1, 1),
            ] {
                found.push(tried(u + f64::from(right) / 2.0, v + f64::from(down) / 2.0));
            }
        }
        found.sort_by_key(|&(score, _)| core::cmp::Reverse(score));
        let places = found.into_iter();
        places
            .map(|(score, (u, v))| (score, self.seed(u, v)))
            .collect()
    }

    /// From the outlines of the finder patterns, and from there as far as alignment patterns lead.
    fn outlined(&self, pairs: &[(Point, Point)], perspective: Perspective) -> Vec<Fit> {
        let (far, fourth) = (self.size as f64 - 3.5, self.fourth());
        let middles = [(3.5, 3.5), (far, 3.5), (3.5, far), (fourth, fourth)];
        let mut fits = Vec::new();
        let outlined = Fit {
            size: self.size,
            perspective,
            mesh: Mesh::flat(),
        };
        let bent = outlined.bent(self.levels, pairs);
        for perspective in [bent.perspective, perspective] {
            let points = middles.map(|(u, v)| perspective.map(u, v));
            if let Some(fit) = self.refined(points) {
                fits.push(fit.bent(self.levels, &[]));
                fits.push(fit);
            }
        }
        fits.push(bent);
        fits
    }

    /// Moves each corner by less and less as long as the function patterns fit better; `None` where they fit badly.
    fn refined(&self, mut points: [Point; 4]) -> Option<Fit> {
        let mut best = self.score(points, &self.expected);
        let most: i32 = self.expected.iter().map(|(_, _, _, weight)| weight).sum();
        // Right minus wrong: two thirds are right.
        (best * 3 >= most).then_some(())?;
        let [corner, right, ..] = points;
        let module = (right.0 - corner.0).hypot(right.1 - corner.1) / (self.size as f64 - 7.0);
        for step in [0.5, 0.25, 0.25, 0.12, 0.12] {
            let step = step * module;
            for at in 0..4 {
                for (x, y) in [(step, 0.0), (-step, 0.0), (0.0, step), (0.0, -step)] {
                    let mut moved = points;
                    moved[at].0 += x;
                    moved[at].1 += y;
                    let reached = self.score(moved, &self.expected);
                    if reached > best {
                        (best, points) = (reached, moved);
                    }
                }
            }
        }
        // Three quarters.
        (best * 2 >= most).then_some(())?;
        Some(Fit {
            size: self.size,
            perspective: self.through(points)?,
            mesh: Mesh::flat(),
        })
    }
}

fn expected(size: usize) -> Option<Vec<Expected>> {
    let (reserved, dark) = function_patterns(size)?;
    let mut expected = Vec::new();
    for y in 0..size {
        for x in 0..size {
            if reserved.get(x, y) {
                // Far from the finder patterns a little counts much.
                let weight = if x + 9 >= size && y + 9 >= size { 4 } else { 1 };
                expected.push((x as f64 + 0.5, y as f64 + 0.5, dark.get(x, y), weight));
            }
        }
    }
    Some(expected)
}

fn score(levels: &Levels, perspective: &Perspective, expected: &[Expected]) -> i32 {
    let mut score = 0;
    for &(u, v, dark, weight) in expected {
        if is_dark(levels, perspective, u, v) == dark {
            score += weight;
        } else {
            score -= weight;
        }
    }
    score
}

fn is_dark(levels: &Levels, perspective: &Perspective, u: f64, v: f64) -> bool {
    let (x, y) = perspective.map(u, v);
    // A float to integer cast saturates, and what is no number becomes 0.
    levels.dark(x.floor() as i32, y.floor() as i32)
}

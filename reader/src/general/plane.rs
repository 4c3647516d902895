//! From the plane of modules to the plane of pixels: a perspective.

/// Eight numbers of a perspective; the ninth is 1.
#[derive(Clone, Copy)]
pub(super) struct Perspective(pub(super) [f64; 8]);

/// A point.
pub(super) type Point = (f64, f64);

impl Perspective {
    /// The perspective that takes each of four points to its counterpart; `None` where three of them lie on a line.
    pub(super) fn through(pairs: [(Point, Point); 4]) -> Option<Self> {
        let mut rows = [[0.0; 9]; 8];
        for (pair, equations) in pairs.into_iter().zip(rows.chunks_exact_mut(2)) {
            equations.copy_from_slice(&equations_of(pair));
        }
        solved(rows).map(Self)
    }

    /// The perspective that comes nearest to taking each of four or more points to its counterpart, by least squares; `None` where
    /// they do not tell. `size` is the side of the square that the points lie in.
    pub(super) fn nearest(pairs: &[(Point, Point)], size: f64) -> Option<Self> {
        // Both planes are brought to about 1, for else the squares differ by more than numbers can hold.
        let count = pairs.len() as f64;
        let sum = |part: fn(&Point) -> f64| pairs.iter().map(|(_, at)| part(at)).sum::<f64>();
        let (x, y) = (sum(|at| at.0) / count, sum(|at| at.1) / count);
        let far = pairs.iter().map(|(_, at)| (at.0 - x).hypot(at.1 - y));
        let scale = far.fold(1e-9, f64::max);
        let mut rows = [[0.0; 9]; 8];
        for &((u, v), at) in pairs {
            let at = ((at.0 - x) / scale, (at.1 - y) / scale);
            for equation in equations_of(((u / size, v / size), at)) {
                for (row, left) in rows.iter_mut().zip(equation) {
                    for (value, right) in row.iter_mut().zip(equation) {
                        *value += left * right;
                    }
                }
            }
        }
        let [a, b, c, d, e, f, g, h] = solved(rows)?;
        Some(Self([
            (scale * a + x * g) / size,
            (scale * b + x * h) / size,
            scale * c + x,
            (scale * d + y * g) / size,
            (scale * e + y * h) / size,
            scale * f + y,
            g / size,
            h / size,
        ]))
    }

    pub(super) fn map(&self, u: f64, v: f64) -> Point {
        let [a, b, c, d, e, f, g, h] = self.0;
        let depth = g * u + h * v + 1.0;
        ((a * u + b * v + c) / depth, (d * u + e * v + f) / depth)
    }
}

/// What a pair of points says of the eight numbers: two equations, the right side last.
fn equations_of(((u, v), (x, y)): (Point, Point)) -> [[f64; 9]; 2] {
    [
        [u, v, 1.0, 0.0, 0.0, 0.0, -u * x, -v * x, x],
        [0.0, 0.0, 0.0, u, v, 1.0, -u * y, -v * y, y],
    ]
}

/// By elimination with the largest pivot.
fn solved(mut rows: [[f64; 9]; 8]) -> Option<[f64; 8]> {
    for column in 0..8 {
        let pivot = (column..8)
            .max_by(|&a, &b| f64::total_cmp(&rows[a][column].abs(), &rows[b][column].abs()))?;
        rows.swap(column, pivot);
        let lead = rows[column];
        if lead[column].abs() < 1e-9 {
            return None;
        }
        for (index, row) in rows.iter_mut().enumerate() {
            if index == column {
                continue;
            }
            let factor = row[column] / lead[column];
            for (value, lead) in row.iter_mut().zip(lead) {
                *value -= factor * lead;
            }
        }
    }
    let mut numbers = [0.0; 8];
    for (index, number) in numbers.iter_mut().enumerate() {
        *number = rows[index][8] / rows[index][index];
    }
    Some(numbers)
}

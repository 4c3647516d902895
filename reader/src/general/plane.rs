//! From the plane of modules to the plane of pixels: a perspective.

/// Eight numbers of a perspective; the ninth is 1.
#[derive(Clone, Copy)]
pub(super) struct Perspective(pub(super) [f64; 8]);

/// A point.
pub(super) type Point = (f64, f64);

impl Perspective {
    /// The perspective that takes each of four points to its counterpart; `None` where three of them lie on a line.
    pub(super) fn through(pairs: [(Point, Point); 4]) -> Option<Self> {
        // Two equations a pair, solved by elimination with the largest pivot.
        let mut rows = [[0.0; 9]; 8];
        for (index, ((u, v), (x, y))) in pairs.into_iter().enumerate() {
            rows[2 * index] = [u, v, 1.0, 0.0, 0.0, 0.0, -u * x, -v * x, x];
            rows[2 * index + 1] = [0.0, 0.0, 0.0, u, v, 1.0, -u * y, -v * y, y];
        }
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
        Some(Self(numbers))
    }

    pub(super) fn map(&self, u: f64, v: f64) -> Point {
        let [a, b, c, d, e, f, g, h] = self.0;
        let depth = g * u + h * v + 1.0;
        ((a * u + b * v + c) / depth, (d * u + e * v + f) / depth)
    }
}

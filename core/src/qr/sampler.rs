//! From a rectangle of pixels to modules: where the edges between modules lie, and what is between them.

use super::Matrix;
use super::{pixels::Pixels, work};

/// Where a symbol may lie, in whole pixels; the far sides are past the end.
#[derive(Clone, Copy)]
pub(super) struct Area {
    pub(super) left: usize,
    pub(super) right: usize,
    pub(super) top: usize,
    pub(super) bottom: usize,
}

impl Area {
    pub(super) fn width(&self) -> usize {
        self.right - self.left
    }

    pub(super) fn height(&self) -> usize {
        self.bottom - self.top
    }
}

/// How often neighbouring pixels differ, at each boundary between columns and between rows of an area. Rows that repeat count once.
pub(super) struct Profile {
    columns: Vec<u32>,
    rows: Vec<u32>,
    area: Area,
}

impl Profile {
    pub(super) fn of(pixels: &Pixels, area: Area) -> Self {
        let mut columns = vec![0; area.width() + 1];
        let mut rows = vec![0; area.height() + 1];
        let mut above: &[u8] = &[];
        for (y, changes) in (area.top..area.bottom).zip(&mut rows) {
            let row = pixels.row(y).get(area.left..area.right).unwrap_or(&[]);
            work::count(3 * row.len());
            // A row like the one above has nothing to add.
            if y > area.top && pixels.repeats(y) || row == above {
                continue;
            }
            for (pair, count) in row.windows(2).zip(columns.iter_mut().skip(1)) {
                *count += u32::from(pair[0] ^ pair[1]);
            }
            *changes = row.iter().zip(above).map(|(&a, &b)| u32::from(a ^ b)).sum();
            above = row;
        }
        Self {
            columns,
            rows,
            area,
        }
    }

    /// Lays a grid of `size` modules each way.
    pub(super) fn grid(&self, size: usize) -> Grid {
        Grid {
            columns: spans(&self.columns, size, self.area.left),
            rows: spans(&self.rows, size, self.area.top),
        }
    }
}

/// Where a column or row of modules lies, in pixels.
#[derive(Clone, Copy)]
struct Span {
    /// Its extent: how far samples may lie apart.
    length: usize,
    /// The pixel in its middle.
    middle: usize,
}

/// Columns and rows of modules.
pub(super) struct Grid {
    columns: Vec<Span>,
    rows: Vec<Span>,
}

impl Grid {
    /// The modules on this grid.
    pub(super) fn sample(&self, pixels: &Pixels) -> Option<Matrix> {
        let mut matrix = Matrix::new(self.columns.len())?;
        for (y, &row) in self.rows.iter().enumerate() {
            for (x, &column) in self.columns.iter().enumerate() {
                matrix.set(x, y, module(pixels, column, row));
            }
        }
        Some(matrix)
    }

    /// How many modules of the two timing patterns (6.3.5) do not alternate, in the best of the places where they lie in symbols
    /// turned by quarters, of `2 × (size − 16)`.
    pub(super) fn timing_faults(&self, pixels: &Pixels) -> usize {
        let size = self.columns.len();
        let faults = |across: bool, line: usize| {
            let wrong = (8..size - 8)
                .filter(|&along| {
                    let (x, y) = if across { (along, line) } else { (line, along) };
                    module(pixels, self.columns[x], self.rows[y]) != (along % 2 == 0)
                })
                .count();
            // In either polarity.
            wrong.min(size - 16 - wrong)
        };
        faults(true, 6).min(faults(true, size - 7)) + faults(false, 6).min(faults(false, size - 7))
    }
}

/// What most of nine pixels around a module's middle show, or the one in the middle of a small module.
fn module(pixels: &Pixels, column: Span, row: Span) -> bool {
    let (x, y) = (column.middle, row.middle);
    let off = column.length.min(row.length) / 4;
    if off == 0 {
        return pixels.dark(x, y);
    }
    let mut dark = 0;
    for down in 0..3 {
        let y = (y + down * off).saturating_sub(off);
        for right in 0..3 {
            dark += usize::from(pixels.dark((x + right * off).saturating_sub(off), y));
        }
    }
    dark > 4
}

/// Fractions of a pixel in which edges are sought.
const PARTS: usize = 4;

/// Places `size` modules over a profile so that the changes fall on the edges between them. The outer edges are known to a pixel;
/// within it the best fractions are sought, as nearest-neighbour scaling by a fraction puts every edge on a whole pixel by them.
/// Edges may then still move by a pixel to where the changes are. The middles stay where the fractions put them, where antialiasing
/// is weakest, as far as the edges let them.
fn spans(profile: &[u32], size: usize, first: usize) -> Vec<Span> {
    let end = profile.len() - 1;
    let total: u32 = profile.iter().sum();
    // Half a module counts one. A start lies between −1 and 1 pixel: shifted up by one to stay above zero.
    let scaled =
        |start: usize, stop: usize, halves: usize| start * (2 * size - halves) + stop * halves;
    // Rounded to whole pixels.
    let edge = |start: usize, stop: usize, index: usize| {
        (scaled(start, stop, 2 * index) / size + PARTS) / (2 * PARTS)
    };
    // The same edges from one to the next, without a division for each: this is most of the work on a clean picture.
    let explained = |start: usize, stop: usize| -> u32 {
        work::count(size);
        let (whole, part) = (2 * (stop - start) / size, 2 * (stop - start) % size);
        let (mut at, mut rest) = (2 * start, 0);
        let mut changes = 0;
        for _ in 1..size {
            at += whole;
            rest += part;
            if rest >= size {
                rest -= size;
                at += 1;
            }
            let edge = (at + PARTS) / (2 * PARTS);
            changes += profile.get(edge.wrapping_sub(1)).copied().unwrap_or(0);
        }
        changes
    };
    let mut best = (PARTS, (end + 1) * PARTS);
    let mut most = explained(best.0, best.1);
    let side = 2 * PARTS + 1;
    for place in 0..side * side {
        if most == total {
            break;
        }
        let (start, stop) = (place / side, end * PARTS + place % side);
        let changes = explained(start, stop);
        if changes > most {
            (most, best) = (changes, (start, stop));
        }
    }
    let mut edges: Vec<usize> = (0..=size)
        .map(|index| edge(best.0, best.1, index).saturating_sub(1).min(end))
        .collect();
    if most != total {
        settle(profile, &mut edges, total / (size as u32 * 8) + 1);
    }
    edges
        .windows(2)
        .enumerate()
        .map(|(index, pair)| {
            let middle = scaled(best.0, best.1, 2 * index + 1) / (2 * size * PARTS);
            let middle = middle
                .saturating_sub(1)
                .min(pair[1].saturating_sub(1))
                .max(pair[0]);
            Span {
                length: pair[1].saturating_sub(pair[0]),
                middle: middle + first,
            }
        })
        .collect()
}

/// Moves edges by up to a pixel, each past the one before, so that together they lie on the most changes; a move costs `price`.
/// Viterbi's algorithm over the three places of each.
fn settle(profile: &[u32], edges: &mut [usize], price: u32) {
    let gain = |edge: usize, place: usize| match (edge + place).checked_sub(1) {
        Some(at) => profile
            .get(at)
            .map(|&changes| i64::from(changes) - if place == 1 { 0 } else { i64::from(price) }),
        None => None,
    };
    let mut from = vec![[1u8; 3]; edges.len()];
    let mut sums = [Some(0i64); 3];
    for index in 0..edges.len() {
        work::count(9);
        let mut next = [None; 3];
        for place in 0..3 {
            let Some(gained) = gain(edges[index], place) else {
                continue;
            };
            for (before, sum) in sums.into_iter().enumerate() {
                let apart = index == 0 || edges[index] + place > edges[index - 1] + before;
                let Some(sum) = sum.filter(|_| apart) else {
                    continue;
                };
                if next[place].is_none_or(|best| sum + gained > best) {
                    next[place] = Some(sum + gained);
                    from[index][place] = before as u8;
                }
            }
        }
        sums = next;
    }
    let Some(mut place) = (0..3)
        .filter(|&place| sums[place].is_some())
        .max_by_key(|&place| sums[place])
    else {
        return;
    };
    for index in (0..edges.len()).rev() {
        edges[index] = edges[index] + place - 1;
        place = usize::from(from[index][place]);
    }
}

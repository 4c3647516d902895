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
            work::count(row.len());
            // A row like the one above has nothing to add.
            if !above.is_empty() && pixels.repeats(y) || row == above {
                continue;
            }
            work::count(row.len());
            for (pair, count) in row.windows(2).zip(columns.iter_mut().skip(1)) {
                *count += u32::from(pair[0] ^ pair[1]);
            }
            work::count(row.len());
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
    /// turned by quarters, in thousandths of one pattern's.
    pub(super) fn timing_faults(&self, pixels: &Pixels) -> usize {
        let size = self.columns.len();
        let faults = |across: bool, line: usize| {
            let wrong: usize = (8..size - 8)
                .map(|along| {
                    let (x, y) = if across { (along, line) } else { (line, along) };
                    (usize::from(module(pixels, self.columns[x], self.rows[y])) + along) % 2
                })
                .sum();
            // In either polarity.
            wrong.min(size - 16 - wrong)
        };
        let wrong = faults(true, 6).min(faults(true, size - 7))
            + faults(false, 6).min(faults(false, size - 7));
        wrong * 1000 / (size - 16)
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

#[cfg(test)]
mod tests {
    use super::{Area, PARTS, Profile, Span, module, settle, spans};
    use crate::qr::{Raster, pixels::Pixels};

    fn random(seed: u32) -> impl FnMut(usize) -> usize {
        let mut state = seed;
        move |end| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize % end
        }
    }

    fn pixels(width: usize, height: usize, dark: impl Fn(usize, usize) -> bool) -> Pixels {
        let mut raster = Raster::new(width, height);
        for (at, luma) in raster.luma_mut().iter_mut().enumerate() {
            *luma = if dark(at % width, at / width) { 0 } else { 255 };
        }
        raster.into_pixels()
    }

    #[test]
    fn changes_are_counted_at_their_boundaries_once_for_rows_that_repeat() {
        let mut next = random(1);
        let (width, height) = (12, 14);
        let mut rows: Vec<Vec<bool>> = Vec::new();
        for y in 0..height {
            let mut row: Vec<bool> = (0..width).map(|_| next(2) == 0).collect();
            match y % 5 {
                // As a whole, from above the area into it too; and within the area alone.
                2 => row.clone_from(&rows[y - 1]),
                4 => row[3..10].copy_from_slice(&rows[y - 1][3..10]),
                _ => {}
            }
            rows.push(row);
        }
        let area = Area {
            left: 3,
            right: 10,
            top: 2,
            bottom: 13,
        };
        let found = Profile::of(&pixels(width, height, |x, y| rows[y][x]), area);
        let (mut columns, mut lines) = (vec![0; 8], vec![0; 12]);
        for y in 2..13 {
            let (row, above) = (&rows[y][3..10], &rows[y - 1][3..10]);
            if y > 2 && row == above {
                continue;
            }
            for x in 1..7 {
                columns[x] += u32::from(row[x] != row[x - 1]);
            }
            if y > 2 {
                lines[y - 2] = (0..7).filter(|&x| row[x] != above[x]).count() as u32;
            }
        }
        assert_eq!((found.columns, found.rows), (columns, lines));
        assert_eq!((found.area.left, found.area.top), (3, 2));
    }

    #[test]
    fn a_module_is_what_most_of_nine_pixels_around_its_middle_are() {
        let span = |length: usize, middle: usize| Span { length, middle };
        // Of four pixels at least, both ways: a quarter of the shorter side apart.
        for (across, down, apart) in [(3, 9, 0), (9, 3, 0), (4, 9, 1), (9, 8, 2), (13, 12, 3)] {
            for bits in 0..1u32 << 9 {
                let picture = pixels(20, 20, |x, y| {
                    (0..9).any(|at| {
                        bits >> at & 1 == 1
                            && (x + apart, y + apart) == (10 + at % 3 * apart, 8 + at / 3 * apart)
                    }) || (x, y) == (0, 0)
                });
                let dark = match apart {
                    0 => bits != 0,
                    _ => bits.count_ones() > 4,
                };
                let found = module(&picture, span(across, 10), span(down, 8));
                assert_eq!(found, dark, "{across} {down} {bits:b}");
            }
        }
    }

    #[test]
    fn timing_faults_are_those_of_the_better_line_each_way() {
        let size = 45;
        let area = Area {
            left: 0,
            right: size,
            top: 0,
            bottom: size,
        };
        for (row, column) in [(6, 6), (6, 38), (38, 38), (38, 6)] {
            for (across, down) in [(0, 0), (3, 0), (0, 2), (4, 5), (14, 1)] {
                for inverted in [false, true] {
                    let picture = pixels(size, size, |x, y| {
                        let dark = if y == row {
                            (x % 2 == 0) != (10..10 + across).contains(&x)
                        } else if x == column {
                            (y % 2 == 0) != (20..20 + down).contains(&y)
                        } else {
                            false
                        };
                        dark != inverted
                    });
                    let grid = Profile::of(&picture, area).grid(size);
                    let found = grid.timing_faults(&picture);
                    let expected = (across + down) * 1000 / 29;
                    assert_eq!(found, expected, "{row} {column} {across} {down}");
                }
            }
        }
    }

    /// Where the edge or middle after `half` half modules is, in parts of a pixel that make all of them whole numbers.
    fn by_definition(start: usize, stop: usize, size: usize, half: usize) -> usize {
        start * (2 * size - half) + stop * half
    }

    #[test]
    fn spans_lie_where_the_most_changes_are() {
        let mut next = random(2);
        let (mut clean, mut settled) = (0, 0);
        for number in 0..400 {
            let size = 5 + next(20);
            // A pixel a module at least: no two edges in one place.
            let end = size + 2 + next(4 * size);
            let side = 2 * PARTS + 1;
            let places = (0..side * side).map(|place| (place / side, end * PARTS + place % side));
            let edges = |(start, stop): (usize, usize)| -> Vec<usize> {
                let pixel = 2 * size * PARTS;
                let rounded =
                    |index| (by_definition(start, stop, size, 2 * index) + pixel / 2) / pixel;
                (0..=size)
                    .map(|index| rounded(index).saturating_sub(1).min(end))
                    .collect()
            };
            let mut profile = vec![0; end + 1];
            for edge in &edges((next(side), end * PARTS + next(side)))[1..size] {
                profile[*edge] += 1 + next(9) as u32;
            }
            for _ in 0..number % 3 {
                profile[next(end + 1)] += next(3) as u32;
            }
            // There are no changes at the area's sides.
            (profile[0], profile[end]) = (0, 0);
            let explained = |place| -> u32 {
                let edges = edges(place);
                edges[1..size].iter().map(|&edge| profile[edge]).sum()
            };
            let mut best = (PARTS, end * PARTS + PARTS);
            for place in places {
                if explained(place) > explained(best) {
                    best = place;
                }
            }
            let mut expected = edges(best);
            let total: u32 = profile.iter().sum();
            if explained(best) != total {
                settle(&profile, &mut expected, total / (8 * size as u32) + 1);
                settled += 1;
            } else {
                clean += 1;
            }
            let found = spans(&profile, size, 100);
            assert_eq!(found.len(), size);
            for (index, span) in found.iter().enumerate() {
                let (from, to) = (expected[index], expected[index + 1]);
                assert_eq!(span.length, to.saturating_sub(from), "{number} {index}");
                let middle =
                    by_definition(best.0, best.1, size, 2 * index + 1) / (2 * size * PARTS);
                let middle = middle.saturating_sub(1).min(to.saturating_sub(1)).max(from);
                assert_eq!(span.middle, 100 + middle, "{number} {index}");
            }
        }
        assert!(clean > 100 && settled > 100, "{clean} {settled}");
    }

    #[test]
    fn edges_settle_on_the_most_changes_for_their_price() {
        let mut next = random(3);
        for number in 0..500 {
            let count = 1 + next(5);
            let profile: Vec<u32> = (0..2 + next(12)).map(|_| next(6) as u32).collect();
            let price = 1 + next(3) as u32;
            let mut edges: Vec<usize> = (0..count).map(|_| next(profile.len() + 1)).collect();
            edges.sort_unstable();
            // All ways to move each, the last edge's latest and the others' earliest first among those that are worth as much.
            let mut best: Option<(i64, Vec<usize>)> = None;
            for way in 0..3usize.pow(count as u32) {
                let places = (0..count as u32).map(|index| way / 3usize.pow(index) % 3);
                let mut moved = Vec::new();
                let mut worth = 0;
                for (place, &edge) in places.zip(&edges) {
                    let Some(at) = (edge + place).checked_sub(1) else {
                        break;
                    };
                    let Some(&changes) = profile.get(at) else {
                        break;
                    };
                    worth += i64::from(changes) - i64::from(u32::from(place != 1) * price);
                    moved.push(at);
                }
                let valid = moved.len() == count && moved.windows(2).all(|pair| pair[0] < pair[1]);
                let key = |moved: &Vec<usize>| {
                    let earlier: Vec<_> = moved[..count - 1]
                        .iter()
                        .rev()
                        .map(|&at| usize::MAX - at)
                        .collect();
                    (moved[count - 1], earlier)
                };
                if valid
                    && best
                        .as_ref()
                        .is_none_or(|(most, places)| (worth, key(&moved)) > (*most, key(places)))
                {
                    best = Some((worth, moved));
                }
            }
            let expected = best.map_or_else(|| edges.clone(), |(_, moved)| moved);
            let what = format!("{number}: {edges:?} {profile:?} {price}");
            settle(&profile, &mut edges, price);
            assert_eq!(edges, expected, "{what}");
        }
    }
}

//! SVG made for scanning and for a strict content security policy: one path in a plain colour on a light plate that is always
//! there, attributes only, no ids, no styles, no script.
//!
//! The path's data are closed outlines around joined dark modules, filled by either fill rule; each command is the shorter of its
//! absolute and relative forms. It came out shorter than rows or columns of rectangles on every symbol tried, and, other than
//! stroked rows, it leaves no hairlines between modules when a browser draws it at a fraction of a pixel.

use super::bits::Bits;
use super::{Bitmap, Matrix};
use crate::decimal;

/// Modules of quiet zone on each side (ISO/IEC 18004, 6.3.8).
pub const QUIET_ZONE: usize = 4;

/// The outlines of the dark modules: the `d` of a `<path>`, a module to a unit, in the coordinates of the box
/// `0 0 n n` with `n` of [`view_box_size`].
#[must_use]
pub fn path(matrix: &Matrix) -> String {
    trace(matrix.bits(), QUIET_ZONE)
}

/// The side of the view box, in modules: the symbol's and its quiet zone's on both sides.
#[must_use]
pub fn view_box_size(matrix: &Matrix) -> usize {
    matrix.size() + 2 * QUIET_ZONE
}

/// A complete `<svg>`: the light plate, then the dark modules.
#[must_use]
pub fn document(matrix: &Matrix) -> String {
    let size = view_box_size(matrix);
    wrap((size, size), &path(matrix))
}

/// The outlines of the dark pixels of a picture that was not verified, in the coordinates of the box `0 0 w h` with `w` and
/// `h` of [`bitmap_view_box`].
#[must_use]
#[inline(never)]
pub fn bitmap_path(bitmap: &Bitmap) -> String {
    trace(bitmap.bits(), margin(bitmap))
}

/// Width and height of the view box, in pixels of the bitmap: the bitmap's and a light margin around it.
#[must_use]
pub fn bitmap_view_box(bitmap: &Bitmap) -> (usize, usize) {
    let margin = 2 * margin(bitmap);
    (bitmap.width() + margin, bitmap.height() + margin)
}

/// A complete `<svg>` of a picture that was not verified.
#[must_use]
pub fn bitmap_document(bitmap: &Bitmap) -> String {
    wrap(bitmap_view_box(bitmap), &bitmap_path(bitmap))
}

/// The picture may have no quiet zone of its own, and how large its modules are is not known: a tenth is four modules up to
/// version 5, and enough for readers beyond.
fn margin(bitmap: &Bitmap) -> usize {
    bitmap.width().max(bitmap.height()) / 10 + 1
}

fn wrap((width, height): (usize, usize), path: &str) -> String {
    let mut svg = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ");
    decimal::push(&mut svg, width as u64);
    svg.push(' ');
    decimal::push(&mut svg, height as u64);
    svg.push_str("\"><rect width=\"");
    decimal::push(&mut svg, width as u64);
    svg.push_str("\" height=\"");
    decimal::push(&mut svg, height as u64);
    svg.push_str("\" fill=\"#fff\"/><path shape-rendering=\"crispEdges\" fill=\"#000\" d=\"");
    svg.push_str(path);
    svg.push_str("\"/></svg>");
    svg
}

fn trace(bits: &Bits, margin: usize) -> String {
    let mut path = String::new();
    // Upper sides of dark cells that are drawn. Every outline has one, and is begun at its first.
    let mut drawn = Bits::new(bits.width(), bits.height());
    let mut pen = (0, 0);
    for y in 0..bits.height() {
        for x in 0..bits.width() {
            if bits.get(x, y) && !above(bits, x, y) && !drawn.get(x, y) {
                let start = ((x + margin) as isize, (y + margin) as isize);
                push_move(&mut path, pen, start);
                pen = start;
                outline(bits, &mut drawn, (x, y), margin as isize, &mut path);
            }
        }
    }
    path
}

/// Follows one outline, the dark cells on its right hand, and closes it.
fn outline(
    bits: &Bits,
    drawn: &mut Bits,
    (left, top): (usize, usize),
    margin: isize,
    path: &mut String,
) {
    let (mut x, mut y) = (left, top);
    // Right, down, left, up.
    let mut heading = 0;
    loop {
        let from = (x, y);
        loop {
            if heading == 0 {
                drawn.set(x, y, true);
            }
            match heading {
                0 => x += 1,
                1 => y += 1,
                2 => x -= 1,
                _ => y -= 1,
            }
            // Of the four cells that meet here: where the one ahead on the left is dark the outline turns to it, also where only a
            // corner joins it, which saves an outline; where the one ahead on the right is light it turns the other way.
            let ahead = |turn| match (heading + turn) % 4 {
                0 => cell(bits, x, y, 0, 0),
                1 => cell(bits, x, y, 1, 0),
                2 => cell(bits, x, y, 1, 1),
                _ => cell(bits, x, y, 0, 1),
            };
            let turn = if ahead(1) {
                3
            } else if ahead(2) {
                0
            } else {
                1
            };
            if turn != 0 {
                let before = heading;
                heading = (heading + turn) % 4;
                if (x, y) == (left, top) && heading == 0 {
                    // The last side is drawn by closing.
                    path.push('z');
                    return;
                }
                if before % 2 == 0 {
                    push_line(path, 'h', from.0, x, margin);
                } else {
                    push_line(path, 'v', from.1, y, margin);
                }
                break;
            }
        }
    }
}

/// The cell at the upper left (0, 0), upper right (1, 0), lower right (1, 1) or lower left (0, 1) of a corner.
fn cell(bits: &Bits, x: usize, y: usize, right: usize, down: usize) -> bool {
    bits.get((x + right).wrapping_sub(1), (y + down).wrapping_sub(1))
}

fn above(bits: &Bits, x: usize, y: usize) -> bool {
    cell(bits, x, y, 1, 0)
}

fn push_move(path: &mut String, pen: (isize, isize), to: (isize, isize)) {
    let by = (to.0 - pen.0, to.1 - pen.1);
    // A sign parts two numbers as well as a space does.
    let both = |(x, y)| length(x) + length(y) + usize::from(y >= 0);
    let (command, (x, y)) = if path.is_empty() || both(to) < both(by) {
        ('M', to)
    } else {
        ('m', by)
    };
    path.push(command);
    decimal::push_signed(path, x as i64);
    if y >= 0 {
        path.push(' ');
    }
    decimal::push_signed(path, y as i64);
}

fn push_line(path: &mut String, command: char, from: usize, to: usize, margin: isize) {
    let by = to as isize - from as isize;
    let to = to as isize + margin;
    if length(to) < length(by) {
        path.push(command.to_ascii_uppercase());
        decimal::push_signed(path, to as i64);
    } else {
        path.push(command);
        decimal::push_signed(path, by as i64);
    }
}

/// Characters of a number, less one.
fn length(number: isize) -> usize {
    usize::from(number < 0) + number.unsigned_abs().checked_ilog10().unwrap_or(0) as usize
}

#[cfg(test)]
mod tests {
    use super::{document, path, push_line, push_move, view_box_size};
    use crate::qr::Matrix;

    #[test]
    fn commands_are_the_shorter_of_absolute_and_relative_ones() {
        let shorter = |absolute: String, relative: String| {
            let (absolute, relative) = (absolute.replace(" -", "-"), relative.replace(" -", "-"));
            if absolute.len() < relative.len() {
                absolute
            } else {
                relative
            }
        };
        let places = [0isize, 1, 4, 9, 10, 11, 95, 99, 100, 104, 999, 1000];
        for (from, to) in places.iter().flat_map(|&from| places.map(|to| (from, to))) {
            let mut line = String::new();
            push_line(&mut line, 'h', from as usize, to as usize, 4);
            let (absolute, relative) = (format!("H{}", to + 4), format!("h{}", to - from));
            assert_eq!(line, shorter(absolute, relative));
            for (above, below) in places
                .iter()
                .flat_map(|&above| places.map(|below| (above, below)))
            {
                let mut path = "z".to_owned();
                push_move(&mut path, (from, above), (to, below));
                let absolute = format!("M{to} {below}");
                let relative = format!("m{} {}", to - from, below - above);
                assert_eq!(path[1..], shorter(absolute, relative));
            }
        }
        let mut path = String::new();
        push_move(&mut path, (0, 0), (4, 7));
        assert_eq!(path, "M4 7");
    }

    #[test]
    fn four_light_modules_on_each_side() {
        let mut matrix = Matrix::new(21).unwrap();
        for corner in [0, 20] {
            matrix.set(corner, corner, true);
        }
        assert_eq!(view_box_size(&matrix), 29);
        assert_eq!(path(&matrix), "M4 4h1v1H4zm20 20h1v1h-1z");
        assert!(document(&matrix).contains("viewBox=\"0 0 29 29\"><rect width=\"29\""));
    }
}

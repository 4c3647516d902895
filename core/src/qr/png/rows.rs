//! Scanlines: filters undone (9), passes of Adam7 (8.1) put in place, samples turned into brightness (12, 13).

use core::mem;

use super::super::{Raster, work};
use super::header::{Header, PALETTE};
use super::inflate::Taken;

/// First column and row, and the steps between columns and rows, of each pass.
type Pass = (usize, usize, usize, usize);
const WHOLE: &[Pass] = &[(0, 0, 1, 1)];
const ADAM7: &[Pass] = &[
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
];

/// No sample has this brightness: an index past the palette's end.
const OUTSIDE: u16 = 256;

pub(super) struct Rows {
    header: Header,
    passes: &'static [Pass],
    /// Of samples up to 8 bits that stand alone: their brightness.
    levels: [u16; 256],
    /// The one colour that is transparent, as the bytes of its pixels; empty where there is none.
    key: Vec<u8>,
    row: Vec<u8>,
    above: Vec<u8>,
    y: usize,
    raster: Raster,
}

impl Rows {
    /// `None` where palette or transparency do not fit the header.
    pub(super) fn new(
        header: Header,
        palette: Option<&[u8]>,
        transparency: Option<&[u8]>,
    ) -> Option<Self> {
        let mut levels = [OUTSIDE; 256];
        let mut key = Vec::new();
        let largest = (1usize << header.depth.min(8)) - 1;
        if header.colour == PALETTE {
            let palette = palette?;
            let alphas = transparency.unwrap_or(&[]);
            let entries = palette.len() / 3;
            if palette.len() % 3 != 0 || entries > largest + 1 || alphas.len() > entries {
                return None;
            }
            for (index, (level, entry)) in
                levels.iter_mut().zip(palette.chunks_exact(3)).enumerate()
            {
                let &[red, green, blue] = entry else {
                    return None;
                };
                *level = u16::from(on_white(
                    brightness(red, green, blue),
                    alphas.get(index).copied().unwrap_or(255),
                ));
            }
        } else {
            for (index, level) in levels.iter_mut().take(largest + 1).enumerate() {
                *level = (index * 255 / largest) as u16;
            }
            // Samples of the transparent colour are 16 bits wide whatever the depth (11.3.1.1); with an alpha channel
            // the chunk must not be there, and has nothing to say.
            if let (0 | 2, Some(samples)) = (header.colour, transparency) {
                if samples.len() != header.channels() * 2 {
                    return None;
                }
                for sample in samples.chunks_exact(2) {
                    let &[high, low] = sample else { return None };
                    if header.depth == 16 {
                        key.push(high);
                    }
                    key.push(low);
                }
                if header.colour == 0
                    && header.depth <= 8
                    && let Some(level) = key
                        .first()
                        .and_then(|&sample| levels.get_mut(usize::from(sample)))
                {
                    *level = 255;
                }
            }
        }
        let raster = Raster::new(header.width, header.height);
        let passes = if header.interlaced { ADAM7 } else { WHOLE };
        let mut rows = Self {
            header,
            passes,
            levels,
            key,
            row: Vec::new(),
            above: Vec::new(),
            y: 0,
            raster,
        };
        rows.enter();
        Some(rows)
    }

    /// How many bytes the header implies, filter bytes included (table of 7.2 and 8.1).
    pub(super) fn expected(&self) -> usize {
        self.passes.iter().map(|pass| self.pass_bytes(pass)).sum()
    }

    fn pass_bytes(&self, pass: &Pass) -> usize {
        let (width, height) = self.pass_size(pass);
        if width == 0 {
            0
        } else {
            (self.header.row_bytes(width) + 1) * height
        }
    }

    fn pass_size(&self, &(x, y, dx, dy): &Pass) -> (usize, usize) {
        (
            (self.header.width + dx - 1 - x) / dx,
            (self.header.height + dy - 1 - y) / dy,
        )
    }

    /// Steps over passes without pixels and clears the row above the first.
    fn enter(&mut self) {
        while let Some((pass, rest)) = self.passes.split_first() {
            let (width, height) = self.pass_size(pass);
            if width != 0 && height != 0 {
                self.above.clear();
                self.above.resize(self.header.row_bytes(width), 0);
                break;
            }
            self.passes = rest;
        }
        self.y = 0;
    }

    /// Takes the row that `bytes` begins with, if it is there as a whole.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Option<Taken> {
        let Some((filter, row)) = bytes.get(..=self.above.len()).and_then(<[u8]>::split_first)
        else {
            return Some(Taken { bytes: 0, zeros: 0 });
        };
        let pass = *self.passes.first()?;
        work::count(row.len());
        let zeros = if is_zero(row) { row.len() } else { 0 };
        // Pictures of modules repeat most of their rows.
        let repeats = match filter {
            0 => *row == *self.above,
            2 => zeros != 0,
            _ => false,
        };
        if repeats && !self.header.interlaced && self.y > 0 {
            self.raster.repeat(self.y)?;
        } else {
            let pixel = (self.header.depth * self.header.channels()).div_ceil(8);
            self.row.clear();
            self.row.extend_from_slice(row);
            unfilter(*filter, &mut self.row, &self.above, pixel)?;
            self.draw(pass)?;
            mem::swap(&mut self.row, &mut self.above);
        }
        self.y += 1;
        if self.y == self.pass_size(&pass).1 {
            self.passes = self.passes.get(1..)?;
            self.enter();
        }
        Some(Taken {
            bytes: row.len() + 1,
            zeros,
        })
    }

    fn draw(&mut self, pass: Pass) -> Option<()> {
        work::count(self.pass_size(&pass).0);
        let (first_x, first_y, step_x, step_y) = pass;
        let (columns, depth, channels) = (
            self.pass_size(&pass).0,
            self.header.depth,
            self.header.channels(),
        );
        let start = (first_y + self.y * step_y) * self.header.width;
        let end = start + self.header.width;
        let line = self.raster.luma_mut().get_mut(start..end)?;
        let mut x = first_x;
        if depth <= 8 && channels == 1 {
            for index in 0..columns {
                let byte = *self.row.get(index * depth / 8)?;
                let sample = byte << (index * depth % 8) >> (8 - depth);
                *line.get_mut(x)? = u8::try_from(self.levels[usize::from(sample)]).ok()?;
                x += step_x;
            }
            return Some(());
        }
        // Of 16 bits the upper 8 are enough.
        let bytes = depth / 8;
        let keyed = !self.key.is_empty();
        if (bytes, channels) == (1, 4) {
            // The commonest pixels: what is like the one before is not looked at.
            let (mut last, mut luma) = (0, 255);
            for pixel in self.row.as_chunks().0 {
                let word = u32::from_le_bytes(*pixel);
                if word != last {
                    let &[red, green, blue, alpha] = pixel;
                    luma = on_white(brightness(red, green, blue), alpha);
                    last = word;
                }
                *line.get_mut(x)? = luma;
                x += step_x;
            }
            return Some(());
        }
        for pixel in self.row.chunks_exact(bytes * channels) {
            let (colour, alpha) = match channels {
                2 | 4 => pixel.split_at_checked(bytes * (channels - 1))?,
                _ => (
                    pixel,
                    &[if keyed && pixel == self.key { 0 } else { 255 }][..],
                ),
            };
            let luma = match colour.get(2 * bytes) {
                Some(&blue) => brightness(*colour.first()?, *colour.get(bytes)?, blue),
                None => *colour.first()?,
            };
            *line.get_mut(x)? = on_white(luma, *alpha.first()?);
            x += step_x;
        }
        Some(())
    }

    pub(super) fn finish(self) -> Raster {
        self.raster
    }
}

/// Undoes a row's filter (9.2); `pixel` is the distance to the corresponding byte on the left.
fn unfilter(filter: u8, row: &mut [u8], above: &[u8], pixel: usize) -> Option<()> {
    if filter > 4 {
        return None;
    }
    work::count(row.len());
    if pixel == 4 {
        // The commonest pixels, all four samples at once.
        let (mut left, mut corner) = (0, 0);
        for (word, &up) in row.as_chunks_mut().0.iter_mut().zip(above.as_chunks().0) {
            let up = u32::from_le_bytes(up);
            let predicted = match filter {
                0 => 0,
                1 => left,
                2 => up,
                // What Paeth's predictor comes to where two of its three are the same.
                4 if up == corner || up == left => left,
                4 if left == corner => up,
                _ => {
                    work::count(4);
                    let [lefts, ups, corners] = [left, up, corner].map(u32::to_le_bytes);
                    let mut bytes = [0; 4];
                    for (index, byte) in bytes.iter_mut().enumerate() {
                        *byte = predict(filter, lefts[index], ups[index], corners[index]);
                    }
                    u32::from_le_bytes(bytes)
                }
            };
            let raw = u32::from_le_bytes(*word);
            // Four sums without carries between them.
            const LOW: u32 = 0x7f7f_7f7f;
            left = ((raw & LOW) + (predicted & LOW)) ^ ((raw ^ predicted) & !LOW);
            corner = up;
            *word = left.to_le_bytes();
        }
        return Some(());
    }
    for (index, &up) in above.iter().enumerate() {
        let (left, corner) = if index < pixel {
            (0, 0)
        } else {
            (*row.get(index - pixel)?, *above.get(index - pixel)?)
        };
        let byte = row.get_mut(index)?;
        *byte = byte.wrapping_add(predict(filter, left, up, corner));
    }
    Some(())
}

/// 9.2, from the corresponding bytes on the left, above, and above on the left.
fn predict(filter: u8, left: u8, up: u8, corner: u8) -> u8 {
    match filter {
        0 => 0,
        1 => left,
        2 => up,
        3 => ((u16::from(left) + u16::from(up)) / 2) as u8,
        _ => paeth(left, up, corner),
    }
}

fn is_zero(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<8>();
    words.iter().all(|&word| u64::from_ne_bytes(word) == 0) && rest.iter().all(|&byte| byte == 0)
}

/// 9.4: whichever of the three neighbours is nearest to left + up − corner.
fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let from_left = (i16::from(up) - i16::from(corner)).abs();
    let from_up = (i16::from(left) - i16::from(corner)).abs();
    let from_corner = (i16::from(left) + i16::from(up) - 2 * i16::from(corner)).abs();
    if from_left <= from_up && from_left <= from_corner {
        left
    } else if from_up <= from_corner {
        up
    } else {
        corner
    }
}

/// Rec. 601 luma, weights of 256 parts.
fn brightness(red: u8, green: u8, blue: u8) -> u8 {
    ((u32::from(red) * 77 + u32::from(green) * 150 + u32::from(blue) * 29) >> 8) as u8
}

fn on_white(luma: u8, alpha: u8) -> u8 {
    if alpha == 255 {
        return luma;
    }
    let (luma, alpha) = (u32::from(luma), u32::from(alpha));
    ((luma * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::unfilter;

    /// 9.2 and 9.4 as they stand there.
    fn by_definition(filter: u8, row: &[u8], above: &[u8], pixel: usize) -> Vec<u8> {
        let mut result: Vec<u8> = Vec::new();
        for (index, &byte) in row.iter().enumerate() {
            let before = |bytes: &[u8]| {
                index
                    .checked_sub(pixel)
                    .map_or(0, |at| i32::from(bytes[at]))
            };
            let (a, b, c) = (before(&result), i32::from(above[index]), before(above));
            let p = a + b - c;
            let (pa, pb, pc) = ((p - a).abs(), (p - b).abs(), (p - c).abs());
            let predicted = match filter {
                0 => 0,
                1 => a,
                2 => b,
                3 => (a + b) / 2,
                _ if pa <= pb && pa <= pc => a,
                _ if pb <= pc => b,
                _ => c,
            };
            result.push(byte.wrapping_add(predicted as u8));
        }
        result
    }

    #[test]
    fn undoes_filters_by_pixels_of_every_size() {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        for levels in [2u8, 3, 255] {
            // Any bytes, or whole pixels of few levels, so that neighbours are alike as often as not.
            let mut bytes = |pixel: usize| -> Vec<u8> {
                if levels == 255 {
                    return (0..10 * pixel).map(|_| next()).collect();
                }
                let pixels = (0..10).map(|_| next() % levels * (255 / levels));
                pixels
                    .flat_map(|level| (1..=pixel).map(move |at| level.wrapping_mul(at as u8)))
                    .collect()
            };
            for pixel in [1, 2, 3, 4, 6, 8] {
                for filter in 0..=4 {
                    for _ in 0..50 {
                        let above = bytes(pixel);
                        let mut row = bytes(pixel);
                        let expected = by_definition(filter, &row, &above, pixel);
                        assert_eq!(unfilter(filter, &mut row, &above, pixel), Some(()));
                        assert_eq!(row, expected, "filter {filter}, {pixel} bytes a pixel");
                    }
                }
                assert_eq!(unfilter(5, &mut [0; 8], &[0; 8], pixel), None);
            }
        }
    }
}

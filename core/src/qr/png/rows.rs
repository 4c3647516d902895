//! Scanlines: filters undone (9), passes of Adam7 (8.1) put in place, samples turned into brightness (12, 13).

use super::super::{Raster, work};
use super::header::{Header, PALETTE};

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
        self.row.clear();
    }

    /// Takes the next bytes of the image data, wherever they are cut.
    pub(super) fn push(&mut self, mut bytes: &[u8]) -> Option<()> {
        while !bytes.is_empty() {
            let missing = self.above.len() + 1 - self.row.len();
            let (part, rest) = bytes.split_at(missing.min(bytes.len()));
            self.row.extend_from_slice(part);
            bytes = rest;
            if self.row.len() > self.above.len() {
                self.end_row()?;
            }
        }
        Some(())
    }

    fn end_row(&mut self) -> Option<()> {
        let pass = *self.passes.first()?;
        let (filter, row) = self.row.split_first_mut()?;
        let pixel = (self.header.depth * self.header.channels()).div_ceil(8);
        unfilter(*filter, row, &self.above, pixel)?;
        work::count(3 * row.len());
        self.draw(pass)?;
        self.above.clear();
        self.above.extend_from_slice(self.row.get(1..)?);
        self.row.clear();
        self.y += 1;
        if self.y == self.pass_size(&pass).1 {
            self.passes = self.passes.get(1..)?;
            self.enter();
        }
        Some(())
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
        // Pictures of modules repeat most of their rows.
        if step_y == 1 && self.y > 0 && self.row.get(1..)? == self.above {
            let above = start - self.header.width;
            self.raster.luma_mut().copy_within(above..start, start);
            return Some(());
        }
        let targets = self
            .raster
            .luma_mut()
            .get_mut(start..end)?
            .iter_mut()
            .skip(first_x)
            .step_by(step_x);
        let row = self.row.get(1..)?;
        if depth <= 8 && channels == 1 {
            for (x, target) in targets.take(columns).enumerate() {
                let byte = *row.get(x * depth / 8)?;
                let sample = byte << (x * depth % 8) >> (8 - depth);
                *target = u8::try_from(self.levels[usize::from(sample)]).ok()?;
            }
            return Some(());
        }
        // Of 16 bits the upper 8 are enough.
        let bytes = depth / 8;
        let keyed = !self.key.is_empty();
        for (pixel, target) in row.chunks_exact(bytes * channels).zip(targets) {
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
            let alpha = *alpha.first()?;
            *target = if alpha == 255 {
                luma
            } else {
                on_white(luma, alpha)
            };
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
    if filter == 0 {
        return Some(());
    }
    if filter == 2 {
        // What most encoders choose for pictures of modules.
        for (byte, &up) in row.iter_mut().zip(above) {
            *byte = byte.wrapping_add(up);
        }
        return Some(());
    }
    for (index, &up) in above.iter().enumerate() {
        let (left, corner) = if index < pixel {
            (0, 0)
        } else {
            (*row.get(index - pixel)?, *above.get(index - pixel)?)
        };
        let predicted = match filter {
            1 => left,
            3 => ((u16::from(left) + u16::from(up)) / 2) as u8,
            _ => paeth(left, up, corner),
        };
        let byte = row.get_mut(index)?;
        *byte = byte.wrapping_add(predicted);
    }
    Some(())
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
    let (luma, alpha) = (u32::from(luma), u32::from(alpha));
    ((luma * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

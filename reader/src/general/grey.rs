//! Pictures in grey, and what can be done to them so that a symbol stands out.

use sendapi_pairing_core::qr::Raster;

use super::work;

/// Brightness, 0 black to 255 white.
#[derive(Clone)]
pub(super) struct Grey {
    pub(super) width: usize,
    pub(super) height: usize,
    pixels: Vec<u8>,
}

/// Two levels, of which dark is one.
pub(super) struct Levels {
    pub(super) width: usize,
    pub(super) height: usize,
    dark: Vec<bool>,
}

impl Levels {
    /// Light outside.
    pub(super) fn dark(&self, x: i32, y: i32) -> bool {
        work::count(1);
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else {
            return false;
        };
        x < self.width && y < self.height && self.dark[y * self.width + x]
    }

    pub(super) fn row(&self, y: usize) -> &[bool] {
        &self.dark[y * self.width..(y + 1) * self.width]
    }
}

/// Sums over rectangles in four look-ups: each value is the sum of all above and left of it.
struct Sums {
    width: usize,
    sums: Vec<u32>,
}

impl Sums {
    fn of(grey: &Grey) -> Self {
        work::count(grey.pixels.len());
        let width = grey.width + 1;
        // At most 255 a pixel of a million: far below the end of u32.
        let mut sums = vec![0u32; width * (grey.height + 1)];
        for y in 0..grey.height {
            let mut row = 0;
            for x in 0..grey.width {
                row += u32::from(grey.pixels[y * grey.width + x]);
                sums[(y + 1) * width + x + 1] = sums[y * width + x + 1] + row;
            }
        }
        Self { width, sums }
    }

    /// The sum of a rectangle and how many pixels it has; ends are past the last ones.
    fn sum(&self, left: usize, top: usize, right: usize, bottom: usize) -> (u32, u32) {
        let at = |x: usize, y: usize| self.sums[y * self.width + x];
        let sum = at(right, bottom) + at(left, top) - at(right, top) - at(left, bottom);
        (sum, ((right - left) * (bottom - top)) as u32)
    }
}

impl Grey {
    /// The longest side that is worked on, in pixels: 177 modules have more than five each.
    pub(super) const LONGEST: usize = 1000;
    /// The longest side that is doubled first: edges of small modules then lie between pixels.
    const SMALL: usize = Self::LONGEST / 2;

    pub(super) fn of(raster: &Raster) -> Self {
        let (width, height) = (raster.width(), raster.height());
        let whole = Self {
            width,
            height,
            pixels: raster.luma().to_vec(),
        };
        let longest = width.max(height).max(1);
        if longest > Self::LONGEST {
            whole.resized(
                width * Self::LONGEST / longest,
                height * Self::LONGEST / longest,
            )
        } else if longest <= Self::SMALL {
            whole.resized(2 * width, 2 * height)
        } else {
            whole
        }
    }

    /// By area where it shrinks, bilinear where it grows.
    fn resized(&self, width: usize, height: usize) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        let mut pixels = Vec::with_capacity(width * height);
        let shrinks = width <= self.width;
        for y in 0..height {
            for x in 0..width {
                pixels.push(if shrinks {
                    self.area(x, y, width, height)
                } else {
                    let at = |at: usize, to: usize, from: usize| {
                        ((at as f32 + 0.5) * from as f32 / to as f32 - 0.5).max(0.0)
                    };
                    self.between(at(x, width, self.width), at(y, height, self.height))
                });
            }
        }
        Self {
            width,
            height,
            pixels,
        }
    }

    fn area(&self, x: usize, y: usize, width: usize, height: usize) -> u8 {
        let (left, top) = (x * self.width / width, y * self.height / height);
        let right = ((x + 1) * self.width).div_ceil(width).min(self.width);
        let bottom = ((y + 1) * self.height).div_ceil(height).min(self.height);
        let (mut sum, mut count) = (0u32, 0u32);
        for row in top..bottom {
            for column in left..right {
                sum += u32::from(self.pixels[row * self.width + column]);
                count += 1;
            }
        }
        (sum / count.max(1)) as u8
    }

    fn between(&self, x: f32, y: f32) -> u8 {
        let (left, top) = (x as usize, y as usize);
        let (right, bottom) = (
            (left + 1).min(self.width - 1),
            (top + 1).min(self.height - 1),
        );
        let (across, down) = (x - left as f32, y - top as f32);
        let at = |x: usize, y: usize| f32::from(self.pixels[y * self.width + x]);
        let above = at(left, top) * (1.0 - across) + at(right, top) * across;
        let below = at(left, bottom) * (1.0 - across) + at(right, bottom) * across;
        (above * (1.0 - down) + below * down) as u8
    }

    pub(super) fn inverted(&self) -> Self {
        let mut inverted = self.clone();
        for pixel in &mut inverted.pixels {
            *pixel = 255 - *pixel;
        }
        inverted
    }

    /// The mean of the square that reaches `radius` pixels to each side: closes the gaps between dots.
    pub(super) fn blurred(&self, radius: usize) -> Self {
        work::count(4 * self.pixels.len());
        let sums = Sums::of(self);
        let mut blurred = self.clone();
        for y in 0..self.height {
            for x in 0..self.width {
                let (sum, count) = self.around(&sums, x, y, radius);
                blurred.pixels[y * self.width + x] = (sum / count) as u8;
            }
        }
        blurred
    }

    fn around(&self, sums: &Sums, x: usize, y: usize, radius: usize) -> (u32, u32) {
        sums.sum(
            x.saturating_sub(radius),
            y.saturating_sub(radius),
            (x + radius + 1).min(self.width),
            (y + radius + 1).min(self.height),
        )
    }

    /// One threshold for all: the one that parts the levels best (Otsu's).
    pub(super) fn parted(&self) -> Levels {
        work::count(self.pixels.len());
        let mut histogram = [0u64; 256];
        for &pixel in &self.pixels {
            histogram[usize::from(pixel)] += 1;
        }
        let all = self.pixels.len() as f64;
        let sum = |(level, &count): (usize, &u64)| level as f64 * count as f64;
        let total: f64 = histogram.iter().enumerate().map(sum).sum();
        let (mut below, mut below_sum) = (0.0, 0.0);
        let (mut most, mut threshold) = (0.0, 0);
        for (level, count) in histogram.iter().enumerate().take(255) {
            below += *count as f64;
            below_sum += sum((level, count));
            let apart = below_sum / below - (total - below_sum) / (all - below);
            // Not a number where a side is empty, which compares as no more.
            let variance = below * (all - below) * apart * apart;
            if variance > most {
                (most, threshold) = (variance, level);
            }
        }
        self.levels(|pixel, _, _| usize::from(pixel) <= threshold)
    }

    /// A threshold for each pixel, a little under the mean around it: shadows and gradients fall away.
    pub(super) fn adapted(&self, parts: usize) -> Levels {
        let sums = Sums::of(self);
        work::count(4 * self.pixels.len());
        let radius = (self.width.max(self.height) / parts).max(4);
        self.levels(|pixel, x, y| {
            let (sum, count) = self.around(&sums, x, y, radius);
            u32::from(pixel) * count * 20 < sum * 19
        })
    }

    fn levels(&self, dark: impl Fn(u8, usize, usize) -> bool) -> Levels {
        work::count(self.pixels.len());
        let pixels = self.pixels.iter().enumerate();
        Levels {
            width: self.width,
            height: self.height,
            dark: pixels
                .map(|(at, &pixel)| dark(pixel, at % self.width, at / self.width))
                .collect(),
        }
    }
}

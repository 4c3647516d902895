//! A picture's brightness, and the same in two levels.

use core::fmt;

use super::work;

/// The brightness of each pixel of a picture, on white where it was transparent.
#[derive(Clone, PartialEq, Eq)]
pub struct Raster {
    width: usize,
    luma: Vec<u8>,
    /// Of each row, whether it is known to be like the one above: most are in pictures of modules, and need not be looked at.
    repeats: Vec<bool>,
}

impl Raster {
    /// The longest side of a picture that is decoded, in pixels.
    pub const MAX_SIDE: usize = 4096;
    /// The most pixels of a picture that is decoded: 8 Mi, a byte each while at work.
    pub const MAX_PIXELS: usize = 1 << 23;

    pub(super) fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            luma: vec![255; width * height],
            repeats: vec![false; height],
        }
    }

    /// Pixels in a row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows of pixels.
    #[must_use]
    pub fn height(&self) -> usize {
        self.repeats.len()
    }

    /// Row by row from the top left: 0 black, 255 white.
    #[must_use]
    pub fn luma(&self) -> &[u8] {
        &self.luma
    }

    pub(super) fn luma_mut(&mut self) -> &mut [u8] {
        &mut self.luma
    }

    /// Makes row `y` ≥ 1 like the one above.
    pub(super) fn repeat(&mut self, y: usize) -> Option<()> {
        let start = y * self.width;
        *self.repeats.get_mut(y)? = true;
        self.luma.copy_within(start - self.width..start, start);
        Some(())
    }

    /// Two levels, in the same memory. Otsu's method parts the levels in two classes, so that any two colours will do, and a
    /// third one in a logo; the threshold then lies midway between their means, which halves antialiased edges.
    pub(super) fn into_pixels(mut self) -> Pixels {
        let width = self.width.max(1);
        let mut histogram = [0u32; 256];
        // From the last row up, for how many it stands.
        let mut alike = 1;
        for (row, &repeats) in self.luma.chunks(width).zip(&self.repeats).rev() {
            if repeats {
                alike += 1;
                continue;
            }
            work::count(row.len());
            for &luma in row {
                histogram[usize::from(luma)] += alike;
            }
            alike = 1;
        }
        // No level lies between: whole numbers do.
        let threshold = threshold(&histogram).ceil() as u8;
        for y in 0..self.repeats.len() {
            let start = y * width;
            if self.repeats[y] {
                self.luma.copy_within(start - width..start, start);
            } else {
                work::count(width);
                for luma in self.luma.iter_mut().skip(start).take(width) {
                    *luma = u8::from(*luma < threshold);
                }
            }
        }
        Pixels {
            width: self.width,
            dark: self.luma,
            repeats: self.repeats,
        }
    }
}

fn threshold(histogram: &[u32; 256]) -> f64 {
    let (mut all, mut sum) = (0.0, 0.0);
    for (level, &count) in histogram.iter().enumerate() {
        all += f64::from(count);
        sum += f64::from(count) * level as f64;
    }
    let (mut most, mut threshold) = (0.0, 0.0);
    let (mut dark, mut dark_sum) = (0.0, 0.0);
    for (level, &count) in histogram.iter().enumerate() {
        dark += f64::from(count);
        dark_sum += f64::from(count) * level as f64;
        // The variance between both classes; not a number where one is empty, which compares as no more.
        let apart = dark_sum / dark - (sum - dark_sum) / (all - dark);
        let variance = dark * (all - dark) * apart * apart;
        if variance > most {
            most = variance;
            threshold = (dark_sum / dark + (sum - dark_sum) / (all - dark)) / 2.0;
        }
    }
    threshold
}

impl fmt::Debug for Raster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raster({}x{})", self.width(), self.height())
    }
}

/// A picture in two levels.
pub(super) struct Pixels {
    width: usize,
    dark: Vec<u8>,
    repeats: Vec<bool>,
}

impl Pixels {
    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn height(&self) -> usize {
        self.repeats.len()
    }

    /// One row, a byte per pixel: 1 dark, 0 light; empty outside.
    pub(super) fn row(&self, y: usize) -> &[u8] {
        self.dark
            .get(y * self.width..(y + 1) * self.width)
            .unwrap_or(&[])
    }

    /// Whether a row is like the one above.
    pub(super) fn repeats(&self, y: usize) -> bool {
        self.repeats.get(y) == Some(&true) || y > 0 && self.row(y) == self.row(y - 1)
    }

    /// Light outside.
    pub(super) fn dark(&self, x: usize, y: usize) -> bool {
        work::count(1);
        x < self.width && self.dark.get(y * self.width + x) == Some(&1)
    }
}

#[cfg(test)]
mod tests {
    use super::{Raster, threshold};

    fn levels(luma: &[u8]) -> Vec<u8> {
        let mut raster = Raster::new(luma.len(), 1);
        raster.luma_mut().copy_from_slice(luma);
        raster.into_pixels().row(0).to_vec()
    }

    #[test]
    fn parts_any_two_levels_midway() {
        assert_eq!(levels(&[0, 255, 0, 255]), [1, 0, 1, 0]);
        let edges = [[0; 20].as_slice(), &[100, 155], &[255; 20]].concat();
        assert_eq!(levels(&edges)[19..23], [1, 1, 0, 0]);
        assert_eq!(levels(&[3, 9, 3, 9, 3]), [1, 0, 1, 0, 1]);
        assert_eq!(levels(&[254, 255]), [1, 0]);
        assert_eq!(levels(&[0, 1]), [1, 0]);
        assert_eq!(levels(&[200, 200, 250, 250]), [1, 1, 0, 0]);
        assert_eq!(levels(&[10, 10, 60, 60]), [1, 1, 0, 0]);
        // Of two equally good thresholds the darker.
        assert_eq!(levels(&[0, 127, 254]), [1, 0, 0]);
    }

    /// Otsu's criterion in whole numbers: the squared difference of both classes' means times their sizes, over a common denominator.
    #[test]
    fn the_threshold_parts_the_classes_whose_means_differ_most() {
        let mut state = 1u64;
        let mut next = |end: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % end
        };
        for number in 0..500 {
            let mut histogram = [0u32; 256];
            for _ in 0..2 + number % 6 {
                histogram[next(256) as usize] += 1 + next(1000) as u32;
            }
            let sums = |levels: std::ops::Range<usize>| {
                levels.fold((0u128, 0u128), |(count, sum), level| {
                    let here = u128::from(histogram[level]);
                    (count + here, sum + here * level as u128)
                })
            };
            let mut best = (0, 1, 0.0);
            for split in 1..256 {
                let ((dark, dark_sum), (light, light_sum)) = (sums(0..split), sums(split..256));
                if dark == 0 || light == 0 {
                    continue;
                }
                let apart = (light_sum * dark - dark_sum * light).pow(2);
                if apart * best.1 > best.0 * (dark * light) {
                    let means = (
                        dark_sum as f64 / dark as f64,
                        light_sum as f64 / light as f64,
                    );
                    best = (apart, dark * light, (means.0 + means.1) / 2.0);
                }
            }
            let found = threshold(&histogram);
            assert!(
                (found - best.2).abs() < 1e-6,
                "{number}: {found} {}",
                best.2
            );
        }
    }

    #[test]
    fn rows_that_repeat_count_as_often_as_they_are_there() {
        let mut raster = Raster::new(4, 12);
        raster.luma_mut()[..8].copy_from_slice(&[0, 0, 0, 130, 255, 255, 255, 255]);
        let mut plain = raster.clone();
        for y in 2..10 {
            raster.repeat(y);
            plain.luma_mut().copy_within(4..8, 4 * y);
        }
        for raster in [&mut raster, &mut plain] {
            raster.luma_mut()[40..].copy_from_slice(&[0, 130, 255, 130, 0, 0, 0, 0]);
            assert_eq!(raster.luma()[..8], [0, 0, 0, 130, 255, 255, 255, 255]);
            assert_eq!((raster.width(), raster.height()), (4, 12));
            assert_eq!(format!("{raster:?}"), "Raster(4x12)");
        }
        let (found, expected) = (raster.into_pixels(), plain.into_pixels());
        for y in 0..12 {
            assert_eq!(found.row(y), expected.row(y), "{y}");
            assert_eq!(found.repeats(y), (2..10).contains(&y), "{y}");
            assert_eq!(expected.repeats(y), (2..10).contains(&y), "{y}");
            for x in 0..5 {
                let dark = found.row(y).get(x) == Some(&1);
                assert_eq!(found.dark(x, y), dark, "{x} {y}");
            }
        }
        assert!(found.row(12).is_empty() && !found.dark(0, 12) && !found.repeats(12));
        assert_eq!(found.height(), 12);
    }

    #[test]
    fn one_level_is_one_level() {
        for level in [0, 1, 127, 128, 254, 255] {
            let found = levels(&[level; 4]);
            assert!(found.iter().all(|&dark| dark == found[0]), "{level}");
        }
    }
}

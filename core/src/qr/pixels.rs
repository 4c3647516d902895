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
        self.luma.len() / self.width.max(1)
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
        self.dark.len() / self.width.max(1)
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
    use super::Raster;

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

    #[test]
    fn one_level_is_one_level() {
        for level in [0, 1, 127, 128, 254, 255] {
            let found = levels(&[level; 4]);
            assert!(found.iter().all(|&dark| dark == found[0]), "{level}");
        }
    }
}

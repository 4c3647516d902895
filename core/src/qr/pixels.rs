//! A picture's brightness, and the same in two levels.

use core::fmt;

/// The brightness of each pixel of a picture, on white where it was transparent.
#[derive(Clone, PartialEq, Eq)]
pub struct Raster {
    width: usize,
    luma: Vec<u8>,
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

    /// Two levels, in the same memory. The threshold lies midway between the means of both (Ridler and Calvard's
    /// iterative selection), which halves antialiased edges, and bears any two colours and a third one in a logo.
    pub(super) fn into_pixels(mut self) -> Pixels {
        let mut histogram = [0u32; 256];
        for &luma in &self.luma {
            histogram[usize::from(luma)] += 1;
        }
        let mut threshold = 128;
        // Converges within a few rounds; the bound is for the worst of histograms.
        for _ in 0..32 {
            let (dark, light) = histogram.split_at(threshold);
            let (dark, light) = (mean(dark, 0), mean(light, threshold));
            let next = match (dark, light) {
                (Some(dark), Some(light)) => (dark + light) / 512 + 1,
                // All on one side: look for the levels there.
                (Some(dark), None) => dark / 256,
                (None, Some(light)) => light / 256 + 1,
                (None, None) => threshold,
            };
            let next = next.clamp(1, 255);
            if next == threshold {
                break;
            }
            threshold = next;
        }
        for luma in &mut self.luma {
            *luma = u8::from(usize::from(*luma) < threshold);
        }
        Pixels {
            width: self.width,
            dark: self.luma,
        }
    }
}

/// The mean of the levels `first..` in 1/256, where `counts` has any.
fn mean(counts: &[u32], first: usize) -> Option<usize> {
    let (mut sum, mut all) = (0u64, 0u64);
    for (level, &count) in counts.iter().enumerate() {
        sum += (level + first) as u64 * u64::from(count);
        all += u64::from(count);
    }
    (sum * 256).checked_div(all).map(|mean| mean as usize)
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

    /// Light outside.
    pub(super) fn dark(&self, x: usize, y: usize) -> bool {
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
        assert_eq!(levels(&[0, 0, 126, 129, 255, 255]), [1, 1, 1, 0, 0, 0]);
        assert_eq!(levels(&[3, 9, 3, 9, 3]), [1, 0, 1, 0, 1]);
        assert_eq!(levels(&[254, 255]), [1, 0]);
        assert_eq!(levels(&[0, 1]), [1, 0]);
        assert_eq!(levels(&[200, 200, 250, 250]), [1, 1, 0, 0]);
        assert_eq!(levels(&[10, 10, 60, 60]), [1, 1, 0, 0]);
    }

    #[test]
    fn one_level_is_one_level() {
        for level in [0, 1, 127, 128, 254, 255] {
            let found = levels(&[level; 4]);
            assert!(found.iter().all(|&dark| dark == found[0]), "{level}");
        }
    }
}

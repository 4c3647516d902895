//! Arithmetic in GF(2⁸) modulo x⁸ + x⁴ + x³ + x² + 1 (7.5.2).

use super::work;

/// Powers and logarithms of α = 2, built where they are needed: 1 KiB of memory instead of wasm.
pub(super) struct Field {
    /// Twice around, so that no remainder has to be taken of the sum of two logarithms: a division for each product would be most of
    /// the work.
    powers: [u8; 510],
    logarithms: [u8; 256],
}

impl Field {
    pub(super) fn new() -> Self {
        let mut field = Self {
            powers: [0; 510],
            logarithms: [0; 256],
        };
        let mut value = 1u8;
        for (exponent, power) in field.powers.iter_mut().enumerate() {
            *power = value;
            field.logarithms[usize::from(value)] = (exponent % 255) as u8;
            value = value << 1 ^ if value & 0x80 != 0 { 0x1d } else { 0 };
        }
        field
    }

    /// α to the `exponent`.
    pub(super) fn power(&self, exponent: usize) -> u8 {
        self.powers[exponent % 255]
    }

    /// `a` times α to the `exponent`, which is at most 255.
    #[inline(always)]
    pub(super) fn scale(&self, a: u8, exponent: usize) -> u8 {
        work::count(1);
        if a == 0 {
            0
        } else {
            self.powers[self.logarithm(a) + exponent]
        }
    }

    pub(super) fn multiply(&self, a: u8, b: u8) -> u8 {
        if b == 0 {
            0
        } else {
            self.scale(a, self.logarithm(b))
        }
    }

    /// `b` is not 0.
    pub(super) fn divide(&self, a: u8, b: u8) -> u8 {
        self.scale(a, 255 - self.logarithm(b))
    }

    fn logarithm(&self, a: u8) -> usize {
        usize::from(self.logarithms[usize::from(a)])
    }
}

#[cfg(test)]
mod tests {
    use super::Field;

    /// Multiplication by the definition: carry-less, then reduced.
    fn by_definition(a: u8, b: u8) -> u8 {
        let mut product = (0..8)
            .filter(|bit| b >> bit & 1 == 1)
            .fold(0u16, |sum, bit| sum ^ u16::from(a) << bit);
        for bit in (8..16).rev() {
            if product >> bit & 1 == 1 {
                product ^= 0x11d << (bit - 8);
            }
        }
        product as u8
    }

    #[test]
    fn agrees_with_the_definition_everywhere() {
        let field = Field::new();
        for a in 0..=255 {
            for b in 0..=255 {
                let product = field.multiply(a, b);
                assert_eq!(product, by_definition(a, b), "{a} {b}");
                if b != 0 {
                    assert_eq!(field.divide(product, b), a, "{a} {b}");
                }
            }
        }
    }
}

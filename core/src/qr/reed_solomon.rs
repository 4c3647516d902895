//! Error correction of one block (7.5, and the decoding procedure of annex B).

use super::galois::Field;

/// Corrects `block`, whose last `parity` ≤ 30 codewords are its error correction codewords, in place. Gives the number of
/// codewords corrected, or `None` where that would be more than `limit` ≤ `parity` ÷ 2 or the block is past correction; the block
/// is then undefined.
pub(super) fn correct(
    field: &Field,
    block: &mut [u8],
    parity: usize,
    limit: usize,
) -> Option<usize> {
    let syndromes = syndromes(field, block, parity);
    if syndromes.iter().all(|&syndrome| syndrome == 0) {
        return Some(0);
    }
    let (locator, errors) = berlekamp_massey(field, syndromes.get(..parity)?);
    if errors > limit {
        return None;
    }
    // Ω = S·Λ mod x^parity
    let mut evaluator = [0u8; TERMS];
    for (degree, term) in evaluator.iter_mut().enumerate().take(parity) {
        for index in 0..=degree {
            *term ^= field.multiply(locator[index], syndromes[degree - index]);
        }
    }
    // Chien's search for the inverses of the positions, Forney's formula for the values.
    let mut found = 0;
    for (power, codeword) in block.iter_mut().rev().enumerate() {
        let inverse = 255 - power;
        let (even, odd) = evaluate(field, &locator, inverse);
        if even == odd {
            // In characteristic 2 the odd terms of Λ are x·Λ', just what Forney's formula divides by.
            if odd == 0 {
                return None;
            }
            let (evaluator_even, evaluator_odd) = evaluate(field, &evaluator, inverse);
            *codeword ^= field.divide(evaluator_even ^ evaluator_odd, odd);
            found += 1;
        }
    }
    // Fewer roots than the locator's degree: no codeword is within reach. As many, and at most half of `parity`: the values are the only
    // ones that make all syndromes 0.
    (found == errors).then_some(errors)
}

/// More than the largest block has error correction codewords (table 9: 30), by the one term that polynomials have more.
const TERMS: usize = 32;

fn syndromes(field: &Field, block: &[u8], parity: usize) -> [u8; TERMS] {
    let mut syndromes = [0; TERMS];
    for (exponent, syndrome) in syndromes.iter_mut().enumerate().take(parity) {
        // The block as a polynomial at α^exponent, by Horner's rule.
        for &codeword in block {
            *syndrome = field.scale(*syndrome, exponent) ^ codeword;
        }
    }
    syndromes
}

/// The shortest error locator Λ that generates the syndromes, and its length.
fn berlekamp_massey(field: &Field, syndromes: &[u8]) -> ([u8; TERMS], usize) {
    let mut locator = [0u8; TERMS];
    let mut previous = [0u8; TERMS];
    locator[0] = 1;
    previous[0] = 1;
    let (mut length, mut shift, mut scale) = (0, 1, 1u8);
    for index in 0..syndromes.len() {
        let mut discrepancy = 0;
        for term in 0..=length {
            discrepancy ^= field.multiply(locator[term], syndromes[index - term]);
        }
        if discrepancy == 0 {
            shift += 1;
            continue;
        }
        let before = locator;
        let factor = field.divide(discrepancy, scale);
        for term in shift..TERMS {
            locator[term] ^= field.multiply(factor, previous[term - shift]);
        }
        if 2 * length <= index {
            length = index + 1 - length;
            previous = before;
            scale = discrepancy;
            shift = 1;
        } else {
            shift += 1;
        }
    }
    (locator, length)
}

/// The even and the odd terms of a polynomial, lowest first, at α^`exponent`.
fn evaluate(field: &Field, polynomial: &[u8; TERMS], exponent: usize) -> (u8, u8) {
    let mut sums = [0, 0];
    for (degree, &term) in polynomial.iter().enumerate() {
        sums[degree % 2] ^= field.multiply(term, field.power(exponent * degree));
    }
    sums.into()
}

#[cfg(test)]
mod tests {
    use super::{Field, correct};

    /// A codeword block by long division with the generator polynomial, from the definition in 7.5.2.
    fn encoded(field: &Field, data: &[u8], parity: usize) -> Vec<u8> {
        let mut generator = vec![1u8];
        for exponent in 0..parity {
            let mut next = generator.clone();
            next.push(0);
            for (index, &term) in generator.iter().enumerate() {
                next[index + 1] ^= field.multiply(term, field.power(exponent));
            }
            generator = next;
        }
        let mut block = data.to_vec();
        block.resize(data.len() + parity, 0);
        for index in 0..data.len() {
            let factor = block[index];
            for (offset, &term) in generator.iter().enumerate() {
                block[index + offset] ^= field.multiply(factor, term);
            }
        }
        block[..data.len()].copy_from_slice(data);
        block
    }

    #[test]
    fn encodes_the_example_of_annex_i() {
        // Version 1-M, "01234567".
        let data = [
            0x10, 0x20, 0x0c, 0x56, 0x61, 0x80, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11,
            0xec, 0x11,
        ];
        let block = encoded(&Field::new(), &data, 10);
        assert_eq!(
            block[16..],
            [0xa5, 0x24, 0xd4, 0xc1, 0xed, 0x36, 0xc7, 0x87, 0x2c, 0x55]
        );
    }

    #[test]
    fn corrects_up_to_the_limit_and_not_beyond() {
        let field = Field::new();
        for (data, parity) in [(16, 10), (9, 17), (19, 7), (123, 30), (15, 30), (46, 28)] {
            let data: Vec<u8> = (0..data).map(|index| (index * 37 + 11) as u8).collect();
            let sound = encoded(&field, &data, parity);
            for errors in 0..=parity / 2 {
                for offset in 0..sound.len() {
                    let mut block = sound.clone();
                    for error in 0..errors {
                        let place = (offset + error * 3) % sound.len();
                        block[place] = sound[place] ^ (1 + (error * 29 + offset) as u8 % 255);
                    }
                    let different = block.iter().zip(&sound).filter(|(a, b)| a != b).count();
                    let limit = parity / 2;
                    assert_eq!(correct(&field, &mut block, parity, limit), Some(different));
                    assert_eq!(block, sound);
                    if different > 1 {
                        let mut block = sound.clone();
                        for codeword in &mut block[..different] {
                            *codeword ^= 0xff;
                        }
                        assert_eq!(correct(&field, &mut block, parity, different - 1), None);
                    }
                }
            }
        }
    }
}

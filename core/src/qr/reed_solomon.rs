//! Error correction of one block (7.5, and the decoding procedure of annex B).

use super::galois::Field;

/// Corrects `block`, whose last `parity` ≤ 30 codewords are its error correction codewords, in place. Gives the number of
/// codewords corrected, or `None` where that would be more than `limit` or the block is past correction; the block
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
    // Fewer roots than the locator's degree: no codeword is within reach.
    let sound = found == errors
        && self::syndromes(field, block, parity)
            .iter()
            .all(|&syndrome| syndrome == 0);
    sound.then_some(errors)
}

/// More than the largest block has error correction codewords (table 9: 30), by the one term that polynomials have more.
const TERMS: usize = 32;

fn syndromes(field: &Field, block: &[u8], parity: usize) -> [u8; TERMS] {
    let mut syndromes = [0; TERMS];
    for (exponent, syndrome) in syndromes.iter_mut().enumerate().take(parity) {
        let root = field.power(exponent);
        for &codeword in block {
            *syndrome = field.multiply(*syndrome, root) ^ codeword;
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

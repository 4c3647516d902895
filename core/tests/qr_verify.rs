//! Sampled modules held to the standard: what is repaired, how far, and what is declined. The symbols come from an encoder that is not ours.

// What the tests call may unwrap as they do.
#![allow(clippy::unwrap_used)]

mod qr_support;

use qr_support::picture::{same, symbol};
use qr_support::random::Random;
use qrcodegen::{Mask, QrCode, QrCodeEcc, Version};
use sendapi_pairing_core::qr::{self, Matrix};

type Place = (usize, usize);

fn modules(code: &QrCode) -> Matrix {
    let size = code.size() as usize;
    let mut matrix = Matrix::new(size).unwrap();
    for y in 0..size {
        for x in 0..size {
            matrix.set(x, y, code.get_module(x as i32, y as i32));
        }
    }
    matrix
}

fn flip(matrix: &mut Matrix, places: &[Place]) {
    for &(x, y) in places {
        matrix.set(x, y, !matrix.get(x, y));
    }
}

/// The symbol with those modules inverted comes out whole, or not at all.
fn check(code: &QrCode, places: &[Place], repaired: bool) {
    let mut matrix = modules(code);
    flip(&mut matrix, places);
    let read = qr::verify(&matrix);
    let version = matrix.version();
    assert_eq!(read.is_some(), repaired, "version {version}: {places:?}");
    assert!(read.is_none_or(|read| same(&read, code)), "{version}");
}

#[test]
fn symbols_of_every_version_level_and_mask_are_left_as_they_are() {
    for version in 1..=40 {
        for level in 0..4 {
            for mask in 0..8 {
                // All masks where it is quick, all versions and levels with one of them.
                if version < 8 || mask == (version + level as u8) % 8 {
                    check(&symbol(b"2@a,b", version, level, mask).unwrap(), &[], true);
                }
            }
        }
    }
}

#[test]
fn a_module_in_a_hundred_may_be_wrong_anywhere() {
    let mut random = Random::new(31);
    for version in (1..=40).chain(1..=6) {
        let code = symbol(b"2@a,b", version, 3, version % 8).unwrap();
        let size = code.size() as usize;
        let places: Vec<_> = (0..size * size / 100)
            .map(|_| (random.below(size), random.below(size)))
            .collect();
        check(&code, &places, true);
    }
}

/// Annex C: a code of distance 7.
fn format_information(format: u32) -> u32 {
    let mut rest = format << 10;
    for bit in (10..15).rev() {
        if rest >> bit & 1 == 1 {
            rest ^= 0x537 << (bit - 10);
        }
    }
    (format << 10 | rest) ^ 0x5412
}

/// Figure 25: where the bits of both copies are, the least significant first.
fn format_places(size: usize) -> [Vec<Place>; 2] {
    let around = [0, 1, 2, 3, 4, 5, 7, 8].map(|y| (8, y));
    let first = around
        .into_iter()
        .chain([7, 5, 4, 3, 2, 1, 0].map(|x| (x, 8)));
    let second = (1..=8)
        .map(|from| (size - from, 8))
        .chain((size - 7..size).map(|y| (8, y)));
    [first.collect(), second.collect()]
}

fn picked(places: &[Place], bits: u32) -> Vec<Place> {
    let all = places.iter().enumerate();
    all.filter(|(bit, _)| bits >> bit & 1 == 1)
        .map(|(_, &place)| place)
        .collect()
}

#[test]
fn format_information_is_the_nearest_of_either_copy_within_three_bits() {
    let code = symbol(b"2@a,b", 2, 1, 5).unwrap();
    let copies = format_places(code.size() as usize);
    let far: Vec<u32> = (0..1 << 15)
        .filter(|bits: &u32| {
            // Four bits away from what it is, and as far from all else.
            let read = format_information(5) ^ bits;
            bits.count_ones() == 4
                && (0..32).all(|format| (format_information(format) ^ read).count_ones() > 3)
        })
        .collect();
    assert!(far.len() > 100);
    for (number, &bits) in far.iter().enumerate().step_by(37) {
        let [first, second] = &copies;
        let other = far[(number * 31 + 7) % far.len()];
        // Past correction in both; with one bit less in one of them; in one alone.
        let both = [picked(first, bits), picked(second, other)];
        check(&code, &both.concat(), false);
        for (a, b) in [(1, 0), (0, 1)] {
            check(&code, &[&both[0][a..], &both[1][b..]].concat(), true);
        }
        check(&code, &both[0], true);
        check(&code, &both[1], true);
    }
}

#[test]
fn one_copy_of_the_version_information_is_within_three_bits() {
    for version in [7, 12, 40] {
        let code = symbol(b"2@a,b", version, 3, 1).unwrap();
        let size = code.size() as usize;
        let upper: Vec<Place> = (0..18).map(|bit| (size - 11 + bit % 3, bit / 3)).collect();
        let lower: Vec<Place> = upper.iter().map(|&(x, y)| (y, x)).collect();
        check(&code, &[&upper[..3], &lower[15..]].concat(), true);
        check(&code, &[&upper[..3], &lower[..]].concat(), true);
        check(&code, &[&upper[..], &lower[4..7]].concat(), true);
        check(&code, &[&upper[7..11], &lower[9..13]].concat(), false);
        check(&code, &[&upper[..], &lower[..]].concat(), false);
    }
}

/// Version 2's finder patterns with their separators, timing patterns and alignment pattern.
fn function_patterns() -> Vec<Place> {
    let mut places = Vec::new();
    for y in 0..25 {
        for x in 0..25 {
            let finder = !(8..17).contains(&x) && y < 8 || x < 8 && y > 16;
            let alignment = (16..21).contains(&x) && (16..21).contains(&y);
            if finder || alignment || x == 6 || y == 6 {
                places.push((x, y));
            }
        }
    }
    places
}

#[test]
fn a_quarter_of_the_function_patterns_may_be_wrong() {
    let places = function_patterns();
    assert_eq!(places.len(), 3 * 64 + 2 * 9 + 25);
    let code = symbol(b"2@a,b", 2, 3, 4).unwrap();
    let mut random = Random::new(32);
    for _ in 0..40 {
        let mut order = places.clone();
        for last in (1..order.len()).rev() {
            order.swap(last, random.below(last + 1));
        }
        check(&code, &order[..places.len() / 4], true);
        check(&code, &order[..places.len() / 4 + 1], false);
    }
}

#[test]
fn a_mirrored_symbol_is_turned_over() {
    for version in [1, 7, 20] {
        let code = symbol(b"2@a,b", version, 1, 6).unwrap();
        let upright = modules(&code);
        let mut mirrored = upright.clone();
        for y in 0..upright.size() {
            for x in 0..upright.size() {
                mirrored.set(x, y, upright.get(y, x));
            }
        }
        assert_ne!(mirrored, upright);
        assert_eq!(qr::verify(&mirrored), Some(upright));
    }
}

/// 7.7.3: what is left over after the last codeword carries nothing, and is drawn as the mask alone has it.
#[test]
fn remainder_bits_are_no_errors() {
    let code = symbol(b"2@a,b", 2, 0, 0).unwrap();
    // They end at the left edge, above the lower finder pattern.
    let rest = [
        (0, 16),
        (1, 16),
        (0, 15),
        (1, 15),
        (0, 14),
        (1, 14),
        (0, 13),
    ];
    // One module of each of the first codewords, as many as can be corrected.
    let errors = [22, 18, 14, 10].map(|y| (24, y));
    check(&code, &[&rest[..], &errors].concat(), true);
    check(&code, &[&rest[..], &errors, &[(1, 13)]].concat(), false);
}

#[test]
fn what_all_symbols_of_a_size_have_is_told() {
    for version in 1..=40 {
        let code = symbol(b"2@a,b", version, 0, 0).unwrap();
        let (reserved, dark) = qr::function_patterns(code.size() as usize).unwrap();
        for y in 0..reserved.size() {
            for x in 0..reserved.size() {
                let module = code.get_module(x as i32, y as i32);
                assert_eq!(
                    dark.get(x, y),
                    reserved.get(x, y) && module,
                    "{version} {x} {y}"
                );
            }
        }
        if version == 2 {
            let places = (0..25).flat_map(|y| (0..25).map(move |x| (x, y)));
            let reserved: Vec<_> = places.filter(|&(x, y)| reserved.get(x, y)).collect();
            assert_eq!(reserved, function_patterns());
        }
    }
    assert_eq!(qr::function_patterns(22), None);
}

/// 7.4.10 wants pad codewords of two kinds. Encoders differ, and readers do not look: only what was repaired is held to it, since a
/// miscorrection would not have them.
#[test]
fn padding_counts_only_where_something_was_repaired() {
    // Version 1-L in byte mode: five characters, the terminator, and pads.
    let padded = |pads: [u8; 2]| {
        let mut data = vec![0x40, 0x53, 0x24, 0x02, 0xc6, 0x12, 0xc0];
        while data.len() < 19 {
            data.push(pads[data.len() % 2]);
        }
        QrCode::encode_codewords(Version::new(1), QrCodeEcc::Low, &data, Some(Mask::new(2)))
    };
    let format = [(8, 0)];
    let data = [(20, 20)];
    let timing = [(6, 10)];
    let usual = padded([0x11, 0xec]);
    let odd = padded([0x55, 0x55]);
    check(&usual, &[], true);
    check(&odd, &[], true);
    for place in [&format, &data, &timing] {
        check(&usual, place, true);
        check(&odd, place, false);
    }
}

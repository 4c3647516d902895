//! What happens to a symbol on its way into a picture: colours, kinds of PNG, turns, damage, company.

// What the tests call may unwrap as they do.
#![allow(clippy::unwrap_used)]

mod qr_support;

use qr_support::picture::{Picture, same, symbol};
use qr_support::png::{self, Kind, data_url};
use qr_support::random::Random;
use qrcodegen::QrCode;
use sendapi_pairing_core::qr::{self, Matrix, QrError};

fn read(picture: &Picture) -> Option<Matrix> {
    match qr::read(&data_url(&png::grey(picture))) {
        Ok(matrix) => Some(matrix),
        Err(QrError::Unverified(_)) => None,
        other => panic!("{other:?}"),
    }
}

fn drawn(picture: &Picture, code: &QrCode, what: &str) {
    let matrix = read(picture).unwrap_or_else(|| panic!("{what}: declined"));
    assert!(same(&matrix, code), "{what}: wrong");
}

fn any_symbol(random: &mut Random, versions: std::ops::Range<usize>, level: usize) -> QrCode {
    let version = (versions.start + random.below(versions.len())) as u8;
    // Version 1 holds 7 bytes at level H.
    let length = random.pick(&[1, 3, 7]);
    let data = random.bytes(length);
    let mask = random.below(8) as u8;
    symbol(&data, version, level, mask)
        .unwrap_or_else(|| panic!("version {version}, level {level}"))
}

#[test]
fn every_kind_of_png_is_read_alike() {
    let code = symbol(b"2@some,kind", 4, 1, 5).unwrap();
    let picture = Picture::of_code(&code, 2).scaled(2.5);
    let dark = |x: usize, y: usize| picture.get(x, y) == 0;
    let kinds: [(u8, &[u8]); 5] = [
        (0, &[1, 2, 4, 8, 16]),
        (2, &[8, 16]),
        (3, &[1, 2, 4, 8]),
        (4, &[8, 16]),
        (6, &[8, 16]),
    ];
    for (colour, depths) in kinds {
        for &depth in depths {
            for interlaced in [false, true] {
                for (filters, cut, level) in [
                    (vec![0], 1000, 6),
                    (vec![1, 2, 3, 4], 17, 9),
                    (vec![4, 0, 3], 100, 1),
                    (vec![2], 64, 0),
                ] {
                    let palette = (colour == 3).then(|| vec![250, 251, 252, 10, 0, 30]);
                    let kind = Kind {
                        depth,
                        colour,
                        interlaced,
                        filters,
                        level,
                        cut,
                        palette,
                        transparency: None,
                    };
                    let largest = ((1u32 << depth) - 1) as u16;
                    let file =
                        png::encode(picture.width, picture.height, &kind, |x, y, channel| {
                            match colour {
                                3 => dark(x, y).into(),
                                // A little colour, and noise below what the eye sees.
                                _ if channel == 3 || colour == 4 && channel == 1 => largest,
                                _ if dark(x, y) => largest / 16 * channel as u16,
                                _ => largest - largest / 16 * channel as u16,
                            }
                        });
                    let matrix = qr::read(&data_url(&file)).unwrap();
                    assert!(same(&matrix, &code), "{kind:?}");
                }
            }
        }
    }
}

/// PNG 12 and 13 in whole numbers: Rec. 601's weights in 256 parts, on white, the upper 8 of 16 bits.
fn brightness(kind: &Kind, samples: &[u16]) -> u8 {
    let largest = (1u32 << kind.depth.min(8)) - 1;
    let byte = |sample: u16| {
        let sample = u32::from(sample);
        if kind.depth == 16 {
            sample >> 8
        } else {
            sample * 255 / largest
        }
    };
    let luma = |colour: &[u32]| match *colour {
        [red, green, blue] => (red * 77 + green * 150 + blue * 29) >> 8,
        _ => colour[0],
    };
    let bytes: Vec<u32> = samples.iter().map(|&sample| byte(sample)).collect();
    let transparency = kind.transparency.as_deref().unwrap_or(&[]);
    let (luma, alpha) = match kind.colour {
        3 => {
            let index = usize::from(samples[0]);
            let palette = kind.palette.as_ref().unwrap();
            let colour: Vec<u32> = palette[3 * index..][..3]
                .iter()
                .map(|&byte| u32::from(byte))
                .collect();
            (
                luma(&colour),
                u32::from(transparency.get(index).copied().unwrap_or(255)),
            )
        }
        4 | 6 => (luma(&bytes[..bytes.len() - 1]), bytes[bytes.len() - 1]),
        _ => {
            let key: Vec<u16> = transparency
                .chunks(2)
                .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
                .collect();
            (luma(&bytes), if samples == key { 0 } else { 255 })
        }
    };
    ((luma * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

#[test]
fn every_sample_becomes_its_brightness_in_its_place() {
    let mut random = Random::new(15);
    for (colour, depths) in [
        (0, &[1, 2, 4, 8, 16][..]),
        (2, &[8, 16]),
        (3, &[1, 2, 4, 8]),
        (4, &[8, 16]),
        (6, &[8, 16]),
    ] {
        let channels = [1, 0, 3, 1, 2, 0, 4][usize::from(colour)];
        for number in 0..60 * depths.len() {
            let depth = depths[number % depths.len()];
            let (width, height) = (1 + random.below(10), 1 + random.below(10));
            let mask = (0xffffu32 >> (16 - depth)) as u16;
            // Rows and pixels that repeat, and samples that are all or nothing.
            let few: Vec<u16> = (0..4)
                .map(|_| random.next() as u16 & mask)
                .chain([0, mask])
                .collect();
            let mut samples: Vec<u16> = Vec::new();
            let row = width * channels;
            for at in 0..height * row {
                let sample = match random.below(5) {
                    0 if at >= channels => samples[at - channels],
                    1 | 2 if at >= row => samples[at - row],
                    _ => random.pick(&few),
                };
                samples.push(sample);
            }
            for y in 1..height {
                if random.below(2) == 0 {
                    samples.copy_within((y - 1) * row..y * row, y * row);
                }
            }
            let keyed = random.below(2) == 0;
            let entries = usize::from(mask) + 1;
            let kind = Kind {
                colour,
                interlaced: random.below(2) == 0,
                filters: (0..4).map(|_| random.below(5) as u8).collect(),
                palette: (colour == 3).then(|| random.bytes(3 * entries)),
                transparency: match colour {
                    3 if keyed => {
                        let length = 1 + random.below(entries);
                        Some(random.bytes(length))
                    }
                    0 | 2 if keyed => Some(
                        samples[..channels]
                            .iter()
                            .flat_map(|sample| sample.to_be_bytes())
                            .collect(),
                    ),
                    _ => None,
                },
                ..Kind::grey(depth)
            };
            let pixel = |x: usize, y: usize| &samples[(y * width + x) * channels..][..channels];
            let file = png::encode(width, height, &kind, |x, y, channel| pixel(x, y)[channel]);
            let raster = qr::raster(&data_url(&file)).unwrap();
            assert_eq!((raster.width(), raster.height()), (width, height));
            for (at, &luma) in raster.luma().iter().enumerate() {
                let (x, y) = (at % width, at / width);
                assert_eq!(
                    luma,
                    brightness(&kind, pixel(x, y)),
                    "{x} {y} of {width} {height}: {kind:?}"
                );
            }
        }
    }
}

#[test]
fn transparency_is_white() {
    let code = symbol(b"2@some,kind", 4, 1, 5).unwrap();
    let picture = Picture::of_code(&code, 2).scaled(3.0);
    let dark = |x: usize, y: usize| picture.get(x, y) == 0;
    // By channel, all black, shown by alpha alone.
    for (colour, depth) in [(4, 8), (4, 16), (6, 8), (6, 16)] {
        let kind = Kind {
            colour,
            ..Kind::grey(depth)
        };
        let alpha = if colour == 4 { 1 } else { 3 };
        let file = png::encode(picture.width, picture.height, &kind, |x, y, channel| {
            if channel == alpha && dark(x, y) {
                (0xffff >> (16 - depth)) as u16
            } else {
                0
            }
        });
        assert!(
            same(qr::read(&data_url(&file)).as_ref().unwrap(), &code),
            "{colour} {depth}"
        );
    }
    // By colour: what is transparent is black otherwise.
    for (colour, depth, key) in [
        (0, 1, vec![0, 0]),
        (0, 4, vec![0, 2]),
        (0, 8, vec![0, 9]),
        (0, 16, vec![1, 2]),
        (2, 8, vec![0, 1, 0, 2, 0, 3]),
        (2, 16, vec![0, 1, 0, 2, 0, 3]),
    ] {
        let transparency = Some(key.clone());
        let kind = Kind {
            colour,
            transparency,
            ..Kind::grey(depth)
        };
        let file = png::encode(picture.width, picture.height, &kind, |x, y, channel| {
            let key = u16::from_be_bytes([key[channel * 2], key[channel * 2 + 1]]);
            // Dark pixels differ from the key by the least there is.
            if dark(x, y) && depth > 1 {
                key ^ u16::from(channel == 0)
            } else {
                key ^ u16::from(dark(x, y))
            }
        });
        // Grey of 1 bit has no second dark level: light on transparent shows nothing.
        match qr::read(&data_url(&file)) {
            Ok(matrix) => assert!(depth > 1 && same(&matrix, &code), "{colour} {depth}"),
            Err(error) => assert!(
                depth == 1 && matches!(error, QrError::Unverified(_)),
                "{colour} {depth}"
            ),
        }
    }
    // By palette entry, the later ones opaque.
    for depth in [1, 2, 4, 8] {
        let kind = Kind {
            colour: 3,
            palette: Some(vec![0; 6]),
            transparency: Some(vec![0]),
            ..Kind::grey(depth)
        };
        let file = png::encode(picture.width, picture.height, &kind, |x, y, _| {
            dark(x, y).into()
        });
        assert!(
            same(qr::read(&data_url(&file)).as_ref().unwrap(), &code),
            "{depth}"
        );
    }
}

#[test]
fn turned_mirrored_and_inverted_symbols_are_drawn_upright() {
    let mut random = Random::new(11);
    for number in 0..60 {
        let code = any_symbol(&mut random, 1..26, number % 4);
        let scale = 1.0 + random.below(50) as f64 / 10.0;
        let mut picture = Picture::of_code(&code, random.pick(&[0, 1, 4])).scaled(scale);
        let (turns, mirrored, inverted) =
            (random.below(4), random.below(2) == 1, random.below(2) == 1);
        for _ in 0..turns {
            picture = picture.turned();
        }
        if mirrored {
            picture = picture.mirrored();
        }
        if inverted {
            picture = picture.mapped(|value| 255 - value);
        }
        drawn(
            &picture,
            &code,
            &format!("{number}: {scale} {turns} {mirrored} {inverted}"),
        );
    }
}

#[test]
fn logos_and_scratches_are_repaired() {
    let mut random = Random::new(12);
    for number in 0..60 {
        let code = any_symbol(&mut random, 2..26, 3);
        let scale = random.pick(&[2.0, 3.0, 3.7, 5.0, 8.0]);
        let mut picture = Picture::of_code(&code, 4).scaled(scale);
        let side = picture.width;
        if number % 2 == 0 {
            let logo = side * (5 + random.below(12)) / 100;
            picture.fill(
                (side - logo) / 2,
                (side - logo) / 2,
                logo,
                logo,
                random.next() as u8,
            );
        } else {
            let mut end = || (random.below(side) as f64, random.below(side) as f64);
            let (from, to) = (end(), end());
            picture.scratch(from, to, (scale * 0.7) as usize, random.pick(&[0, 255]));
        }
        drawn(
            &picture,
            &code,
            &format!("{number}: version {}, {scale}", code.version().value()),
        );
    }
}

#[test]
fn a_scratch_through_every_finder_pattern_is_repaired() {
    let code = symbol(b"2@scratched", 5, 3, 1).unwrap();
    let plain = Picture::of_code(&code, 4).scaled(6.0);
    for (value, across, at) in [
        (0, true, 40),
        (255, true, 50),
        (0, false, 40),
        (255, false, 52),
        (0, true, 230),
        (255, false, 235),
    ] {
        let mut picture = plain.clone();
        let last = picture.width as f64;
        // Within the symbol, as a scratch that reaches the margin moves its edges.
        let (from, to) = if across {
            ((24.0, f64::from(at)), (last - 28.0, f64::from(at)))
        } else {
            ((f64::from(at), 24.0), (f64::from(at), last - 28.0))
        };
        picture.scratch(from, to, 4, value);
        drawn(&picture, &code, &format!("{value} {across} {at}"));
    }
}

#[test]
fn what_is_repaired_is_right_or_declined() {
    let mut random = Random::new(13);
    let (mut repaired, mut declined) = (0, 0);
    for number in 0..400 {
        let code = any_symbol(&mut random, 1..12, number % 4);
        let mut picture = Picture::of_code(&code, 1);
        let side = code.size() as usize;
        for _ in 0..random.below(side * side / 10) {
            let (x, y) = (1 + random.below(side), 1 + random.below(side));
            let value = picture.get(x, y);
            picture.set(x, y, 255 - value);
        }
        match read(&picture.scaled(3.0)) {
            Some(matrix) => {
                assert!(same(&matrix, &code), "{number}");
                repaired += 1;
            }
            None => declined += 1,
        }
    }
    assert!(repaired > 50 && declined > 50, "{repaired} {declined}");
}

#[test]
fn only_symbols_are_verified() {
    let code = symbol(b"2@a", 2, 3, 0).unwrap();
    let matrix = read(&Picture::of_code(&code, 4)).unwrap();
    assert_eq!(qr::verify(&matrix), Some(matrix.clone()));
    for (size, bytes) in [
        (21, vec![0; 56]),
        (21, vec![0xff; 55]),
        (25, vec![0x55; 79]),
    ] {
        assert!(
            Matrix::from_bytes(size, &bytes).is_none_or(|matrix| qr::verify(&matrix).is_none())
        );
    }
}

#[test]
fn two_symbols_are_declined() {
    let mut random = Random::new(14);
    for number in 0..24 {
        let (one, other) = (
            any_symbol(&mut random, 1..20, 1),
            any_symbol(&mut random, 1..20, 1),
        );
        let one = Picture::of_code(&one, 4).scaled(random.pick(&[2.0, 3.0, 4.5]));
        let mut other = Picture::of_code(&other, 4).scaled(random.pick(&[2.0, 3.0, 4.5]));
        if number % 3 == 0 {
            other = other.mapped(|value| 255 - value);
        }
        let (mut across, mut down) = (one.width, 0);
        if number % 2 == 1 {
            (across, down) = (random.below(one.width), one.height);
        }
        let mut page = Picture::new(
            across + other.width.max(one.width),
            down + other.height + one.height,
            |_, _| 255,
        );
        page.paste(&one, 0, 0);
        page.paste(&other, across, down);
        assert_eq!(read(&page), None, "{number}");
    }
    // One as the other's logo.
    let large = symbol(b"2@a", 20, 3, 2).unwrap();
    let small = symbol(b"2@b", 1, 1, 2).unwrap();
    let mut page = Picture::of_code(&large, 4).scaled(8.0);
    page.paste(&Picture::of_code(&small, 1).scaled(5.0), 360, 360);
    assert_eq!(read(&page), None);
}

#[test]
fn what_is_around_a_symbol_does_not_matter() {
    let code = symbol(b"2@framed", 6, 1, 3).unwrap();
    let plate = Picture::of_code(&code, 4).scaled(4.0);
    for page_level in [0, 60, 255] {
        let mut page = Picture::new(plate.width + 120, plate.height + 160, |_, _| page_level);
        page.fill(10, 10, plate.width + 100, 4, 0);
        page.fill(10, 10, 4, plate.height + 100, 0);
        page.paste(&plate, 50, 30);
        for letter in 0..12 {
            page.fill(60 + letter * 10, plate.height + 60, 4, 9, 255 - page_level);
        }
        drawn(&page, &code, &page_level.to_string());
    }
    // Stretched a little one way.
    for (width, height) in [(210, 190), (196, 205)] {
        drawn(
            &Picture::of_code(&code, 4).resized(width, height),
            &code,
            "stretched",
        );
    }
}

/// Table 9: what the smallest symbols could still correct is kept to detect more errors.
#[test]
fn as_many_errors_are_repaired_as_the_standard_says() {
    for (version, level, limit) in [
        (1, 0, 2),
        (1, 1, 4),
        (1, 2, 6),
        (1, 3, 8),
        (2, 0, 4),
        (3, 0, 7),
    ] {
        let code = symbol(b"2@a,b", version, level, 3).unwrap();
        let margin = 4;
        let size = 4 * usize::from(version) + 17;
        // A codeword is two modules wide and four high, beginning at the lower right (7.7.3), as far as nothing is in its way.
        let mut places = (0..3).flat_map(|pair| {
            (10..size)
                .step_by(4)
                .map(move |y| (size - 1 - 2 * pair + margin, y + margin))
        });
        let mut picture = Picture::of_code(&code, margin);
        let mut spoil = || {
            let (x, y) = places.next().unwrap();
            picture.set(x, y, 255 - picture.get(x, y));
            picture.clone()
        };
        for errors in 1..=limit {
            drawn(&spoil(), &code, &format!("{version} {level} {errors}"));
        }
        assert_eq!(read(&spoil()), None, "{version} {level}");
    }
}

/// A finder pattern of `module` pixels a module with the light ring around it, its outer ring's lower corners spoilt or not.
fn finder_pattern(module: usize, spoilt: bool) -> Picture {
    Picture::new(9 * module, 9 * module, |x, y| {
        let (x, y) = (x / module, y / module);
        let distance = x.abs_diff(4).max(y.abs_diff(4));
        let corner = y == 7 && spoilt && x.abs_diff(4) > 1;
        if matches!(distance, 2 | 4) == corner {
            0
        } else {
            255
        }
    })
}

/// A phone's camera could read it instead.
#[test]
fn what_may_be_a_second_symbol_is_declined() {
    let code = symbol(b"2@in company", 3, 1, 3).unwrap();
    let module = 3;
    let margin = 12;
    let plain = Picture::of_code(&code, margin).scaled(module as f64);
    let far = (margin + code.size() as usize + 2) * module;
    let beside = [(7, 60), (60, 7), (far, 60), (60, far)];
    for (index, &(left, top)) in beside.iter().enumerate() {
        let mut whole = plain.clone();
        whole.paste(&finder_pattern(module, false), left, top);
        assert_eq!(read(&whole), None, "{index}");
        // One that is not whole chance makes as well, two not.
        let mut partial = plain.clone();
        partial.paste(&finder_pattern(module, true), left, top);
        drawn(&partial, &code, &index.to_string());
        let (left, top) = beside[(index + 1) % 4];
        partial.paste(&finder_pattern(module, true), left, top);
        assert_eq!(read(&partial), None, "{index}");
    }
    // Within the symbol there may be two more, whole or not.
    let code = symbol(b"2@in company", 25, 3, 3).unwrap();
    for (count, spoilt, allowed) in [(2, false, true), (3, false, false), (3, true, true)] {
        let mut picture = Picture::of_code(&code, 4).scaled(module as f64);
        for at in 0..count {
            picture.paste(
                &finder_pattern(module, spoilt),
                100 + 40 * at,
                190 + 10 * at,
            );
        }
        let read = read(&picture);
        assert_eq!(read.is_some(), allowed, "{count} {spoilt}");
        assert!(
            read.is_none_or(|matrix| same(&matrix, &code)),
            "{count} {spoilt}"
        );
    }
}

/// In a frame, so that neither all that is dark nor all that is light is the symbol.
#[test]
fn two_finder_patterns_are_enough() {
    let module = 4;
    for (version, level) in [(2, 3), (5, 3), (7, 3)] {
        let code = symbol(b"2@two", version, level, 1).unwrap();
        let (margin, size) = (6, code.size() as usize);
        for (x, y) in [(0, 0), (size - 7, 0), (0, size - 7)] {
            let mut picture = Picture::of_code(&code, margin).scaled(module as f64);
            let side = picture.width;
            // Its middle, in which rows and columns are looked for.
            let (left, top) = ((margin + x + 2) * module, (margin + y + 2) * module);
            picture.fill(left, top, 3 * module, 3 * module, 255);
            for edge in [4, side - 8] {
                picture.fill(edge, 4, 4, side - 8, 0);
                picture.fill(4, edge, side - 8, 4, 0);
            }
            for inverted in [false, true] {
                let mut picture =
                    picture.mapped(|value| if inverted { 255 - value } else { value });
                for turns in 0..4 {
                    drawn(
                        &picture,
                        &code,
                        &format!("{version} {x} {y} {inverted} {turns}"),
                    );
                    picture = picture.turned();
                }
            }
        }
    }
}

/// Of five, in a frame: all pairs of them would be more than are tried.
#[test]
fn three_finder_patterns_are_tried_before_two() {
    let code = symbol(b"2@three", 25, 3, 3).unwrap();
    let size = code.size() as usize;
    let mut picture = Picture::of_code(&code, 4);
    for place in [40, 60] {
        picture.paste(&finder_pattern(1, false), place, place);
    }
    let mut picture = picture.resized((size + 8) * 4, (size + 8) * 9 / 2);
    let (width, height) = (picture.width, picture.height);
    picture.fill(0, 0, width, 1, 0);
    picture.fill(0, 0, 1, height, 0);
    for turns in 0..4 {
        drawn(&picture, &code, &turns.to_string());
        picture = picture.turned();
    }
}

#[test]
fn symbols_are_stretched_by_a_fifth_at_most() {
    let code = symbol(b"2@stretched", 6, 1, 3).unwrap();
    let plain = Picture::of_code(&code, 0);
    for (width, height, is) in [
        (246, 205, true),
        (205, 246, true),
        (247, 205, false),
        (205, 247, false),
        (492, 410, true),
        (410, 493, false),
    ] {
        let mut picture = Picture::new(width + 40, height + 40, |_, _| 255);
        picture.paste(&plain.resized(width, height), 20, 20);
        // In a frame the finder patterns alone tell where it is; wide ones are none.
        if width.min(height) < 210 {
            picture.fill(2, 2, width + 36, 2, 0);
            picture.fill(2, 2, 2, height + 36, 0);
        }
        let read = read(&picture);
        assert_eq!(read.is_some(), is, "{width} {height}");
        assert!(
            read.is_none_or(|matrix| same(&matrix, &code)),
            "{width} {height}"
        );
    }
}

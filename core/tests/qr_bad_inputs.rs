//! What a server may send instead of a code: the rows of the table of bad inputs, and PNG files made to hurt.

// What the tests call may unwrap as they do.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::slice;

mod qr_support;

use qr_support::picture::{Picture, symbol};
use qr_support::png::{self, Kind, chunk, data_url, file, ihdr, zlib};
use qr_support::random::Random;
use sendapi_pairing_core::qr::{self, MAX_SOURCE_BYTES, QrError, Raster, Reason};

fn reason(qr_code: &str) -> Reason {
    match qr::read(qr_code) {
        Err(QrError::Invalid(reason)) => reason,
        other => panic!("{other:?} from {:.40}", qr_code),
    }
}

fn picture() -> Picture {
    Picture::of_code(&symbol(b"2@a,b", 3, 1, 2).unwrap(), 4).scaled(3.0)
}

fn unverified(picture: &Picture) {
    let code = qr::read(&data_url(&png::grey(picture)));
    assert!(matches!(code, Err(QrError::Unverified(_))), "{code:?}");
}

#[test]
fn accepts_the_forms_of_the_contract() {
    let base64 = png::base64(&png::grey(&picture()));
    for prefix in [
        "data:image/png;base64,",
        "DATA:IMAGE/PNG;BASE64,",
        "Data:Image/Png;Base64,",
        "",
    ] {
        assert!(qr::read(&format!("{prefix}{base64}")).is_ok(), "{prefix}");
    }
    let prefixed = "https://wa.me/settings/linked_devices#2@a,b";
    for text in ["2@a,b", prefixed] {
        assert_eq!(qr::read(text), Err(QrError::Text), "{text}");
        assert_eq!(qr::raster(text), Err(QrError::Text), "{text}");
    }
}

#[test]
fn refuses_what_is_neither_picture_nor_pairing_text() {
    assert_eq!(reason(""), Reason::Empty);
    let base64 = png::base64(&png::grey(&picture()));
    for text in [
        "data:image/svg+xml;base64,PHN2Zy8+".to_owned(),
        "data:image/svg+xml,<svg/>".to_owned(),
        "javascript:alert(1)".to_owned(),
        "https://other.example/x.png".to_owned(),
        "http://wa.me/settings/linked_devices#2@a".to_owned(),
        "https://wa.me/settings/linked_devices#3@a".to_owned(),
        "https://wa.me/settings/linked_devices2@a".to_owned(),
        "HTTPS://wa.me/settings/linked_devices#2@a".to_owned(),
        "https://wa.me/settings/linked_devices".to_owned(),
        "<!doctype html>".to_owned(),
        "1@a,b".to_owned(),
        "17".to_owned(),
        "null".to_owned(),
        format!("data:image/jpeg;base64,{base64}"),
        format!("data:image/png,{base64}"),
        format!("data:image/png;base64;{base64}"),
        format!(" data:image/png;base64,{base64}"),
        // A character of two bytes across the end of the prefix.
        "data:image/png;base64\u{e9}".to_owned(),
    ] {
        assert_eq!(reason(&text), Reason::Unrecognised, "{text:.40}");
    }
    for text in [
        "2@",
        "https://wa.me/settings/linked_devices#2@",
        "2@a b",
        "2@a\n",
        "2@\u{e9}",
        "2@a\0",
        "2@\u{202e}a",
    ] {
        assert_eq!(reason(text), Reason::Text, "{text:?}");
    }
    for text in [
        "data:image/png;base64,iVBOR!",
        "data:image/png;base64,iVBORw0KGgoA=AAA",
        "iVBORw0KGgo-",
    ] {
        assert_eq!(reason(text), Reason::Base64, "{text}");
    }
    for bytes in [
        &b""[..],
        b"\xff\xd8\xff\xe0JFIF",
        b"<html></html>",
        b"GIF89a",
        b"\x89PNG\r\n\x1a\r",
        b"\x89PNG",
    ] {
        assert_eq!(reason(&data_url(bytes)), Reason::NotPng, "{bytes:?}");
    }
    let long = format!(
        "data:image/png;base64,{}",
        "A".repeat(MAX_SOURCE_BYTES - 22)
    );
    assert_eq!(long.len(), MAX_SOURCE_BYTES);
    assert_eq!(reason(&long), Reason::NotPng);
    assert_eq!(reason(&(long + "A")), Reason::TooLarge);
}

#[test]
fn every_truncation_is_refused() {
    for kind in [
        Kind::grey(1),
        Kind {
            interlaced: true,
            cut: 50,
            ..Kind::grey(8)
        },
    ] {
        let picture = Picture::of_code(&symbol(b"2@a,b", 3, 1, 2).unwrap(), 2);
        let largest = (1u16 << kind.depth) - 1;
        let whole = png::encode(picture.width, picture.height, &kind, |x, y, _| {
            u16::from(picture.get(x, y)) * largest / 255
        });
        assert!(qr::read(&data_url(&whole)).is_ok());
        for length in 0..whole.len() {
            let expected = if length < 8 {
                Reason::NotPng
            } else {
                Reason::CorruptPng
            };
            assert_eq!(reason(&data_url(&whole[..length])), expected, "{length}");
        }
        // What follows the end of the image is no part of it.
        let longer = [whole, b"<html>".to_vec()].concat();
        assert!(qr::read(&data_url(&longer)).is_ok());
    }
}

#[test]
fn every_flipped_bit_is_refused_or_harmless() {
    let whole = png::grey(&picture());
    let sound = qr::read(&data_url(&whole)).unwrap();
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        // Checksums find each; what they cannot, as the picture's end, must not matter.
        match qr::read(&data_url(&bytes)) {
            Ok(code) => assert_eq!(code, sound, "bit {bit}"),
            Err(error) => assert!(matches!(error, QrError::Invalid(_)), "bit {bit}: {error:?}"),
        }
    }
}

#[test]
fn headers_that_lie_are_refused() {
    let image = chunk(b"IDAT", &zlib(&[0; 100], 6));
    let end = chunk(b"IEND", &[]);
    let with = |header: Vec<u8>| reason(&data_url(&file(&[header, image.clone(), end.clone()])));
    let over = Raster::MAX_SIDE as u32 + 1;
    for (width, height) in [
        (0, 9),
        (9, 0),
        (0, 0),
        (60_000, 60_000),
        (over, 1),
        (1, over),
        (u32::MAX, u32::MAX),
        (4096, 2049),
        (0x8000_0000, 1),
    ] {
        assert_eq!(
            with(ihdr(width, height, 8, 0, 0)),
            Reason::Dimensions,
            "{width} {height}"
        );
    }
    // As large as may be: it is the data that are too few.
    for (width, height) in [(4096, 2048), (2048, 4096)] {
        let reason = with(ihdr(width, height, 8, 0, 0));
        assert_eq!(reason, Reason::CorruptPng, "{width} {height}");
    }
    for (depth, colour) in [
        (0, 0),
        (3, 0),
        (5, 0),
        (32, 0),
        (4, 2),
        (1, 2),
        (16, 3),
        (1, 4),
        (2, 6),
        (8, 1),
        (8, 5),
        (8, 7),
        (8, 255),
    ] {
        assert_eq!(
            with(ihdr(9, 10, depth, colour, 0)),
            Reason::CorruptPng,
            "{depth} {colour}"
        );
    }
    let header = |data: &[u8]| chunk(b"IHDR", data);
    for tail in [[8, 0, 1, 0, 0], [8, 0, 0, 1, 0], [8, 0, 0, 0, 2]] {
        let data = [&[0, 0, 0, 9, 0, 0, 0, 10][..], &tail].concat();
        assert_eq!(with(header(&data)), Reason::CorruptPng, "{tail:?}");
    }
    for length in [0, 12, 14] {
        assert_eq!(
            with(header(&vec![1; length])),
            Reason::CorruptPng,
            "{length}"
        );
    }
    // 9 × 10 pixels of 8 bits, with filters: exactly 100 bytes. Neighbouring sizes want others.
    let sound = file(&[ihdr(9, 10, 8, 0, 0), image.clone(), end.clone()]);
    assert!(matches!(
        qr::read(&data_url(&sound)),
        Err(QrError::Unverified(_))
    ));
    for (width, height) in [(9, 9), (9, 11), (8, 10), (10, 10), (1, 1), (2000, 2000)] {
        assert_eq!(
            with(ihdr(width, height, 8, 0, 0)),
            Reason::CorruptPng,
            "{width} {height}"
        );
    }
}

/// Only the first tRNS, and only one before the image, says what is transparent (11.3.1.1).
#[test]
fn transparency_that_comes_again_or_late_is_stepped_over() {
    let whole = png::grey(&picture());
    let sound = qr::read(&data_url(&whole)).unwrap();
    let (before, after) = (8 + 25, whole.len() - 12);
    let with = |early: &[Vec<u8>], late: &[Vec<u8>]| {
        let chunks = [
            whole[..before].to_vec(),
            early.concat(),
            whole[before..after].to_vec(),
            late.concat(),
            whole[after..].to_vec(),
        ];
        qr::read(&data_url(&chunks.concat()))
    };
    let (dark, light) = (chunk(b"tRNS", &[0, 0]), chunk(b"tRNS", &[0, 1]));
    let blank = with(slice::from_ref(&dark), &[]);
    assert!(matches!(blank, Err(QrError::Unverified(_))));
    let twice = with(&[light.clone(), dark.clone()], &[]);
    assert_eq!(twice.unwrap(), sound);
    assert_eq!(with(&[], slice::from_ref(&dark)).unwrap(), sound);
    assert_eq!(with(&[light], &[dark]).unwrap(), sound);
}

#[test]
fn broken_structure_is_refused() {
    let header = ihdr(9, 10, 8, 0, 0);
    let raw = [0; 100];
    let image = chunk(b"IDAT", &zlib(&raw, 6));
    let end = chunk(b"IEND", &[]);
    let text = chunk(b"tEXt", b"a\0b");
    let compressed = zlib(&raw, 6);
    let (first, second) = compressed.split_at(5);
    let halves = [chunk(b"IDAT", first), chunk(b"IDAT", second)];
    let sound = [
        vec![header.clone(), image.clone(), end.clone()],
        vec![
            header.clone(),
            text.clone(),
            image.clone(),
            text.clone(),
            end.clone(),
        ],
        vec![
            header.clone(),
            halves[0].clone(),
            halves[1].clone(),
            end.clone(),
        ],
        vec![
            header.clone(),
            chunk(b"IDAT", b""),
            image.clone(),
            end.clone(),
        ],
    ];
    for chunks in sound {
        assert!(matches!(
            qr::read(&data_url(&file(&chunks))),
            Err(QrError::Unverified(_))
        ));
    }
    let palette = ihdr(9, 10, 8, 3, 0);
    let flipped = |at: usize| {
        let mut chunk = image.clone();
        let length = chunk.len();
        chunk[length - 1 - at] ^= 1;
        chunk
    };
    let with = |data: Vec<u8>| vec![header.clone(), chunk(b"IDAT", &data), end.clone()];
    let zlib_with = |at: usize, bits: u8| {
        let mut data = compressed.clone();
        data[at] ^= bits;
        with(data)
    };
    let mut trailing = compressed.clone();
    trailing.push(0);
    let filters = |filter: u8| with(zlib(&[&[filter][..], &[0; 99]].concat(), 6));
    for (number, chunks) in [
        vec![header.clone(), end.clone()],
        vec![header.clone(), image.clone()],
        vec![header.clone(), image.clone(), chunk(b"IEND", b"x")],
        vec![header.clone(), header.clone(), image.clone(), end.clone()],
        vec![
            header.clone(),
            halves[0].clone(),
            text.clone(),
            halves[1].clone(),
            end.clone(),
        ],
        vec![
            header.clone(),
            image.clone(),
            text.clone(),
            chunk(b"IDAT", b""),
            end.clone(),
        ],
        vec![
            header.clone(),
            chunk(b"ABCD", b""),
            image.clone(),
            end.clone(),
        ],
        vec![header.clone(), chunk(b"iEND", b""), image.clone()],
        vec![header.clone(), flipped(0), end.clone()],
        vec![header.clone(), flipped(7), end.clone()],
        vec![palette.clone(), image.clone(), end.clone()],
        vec![
            palette.clone(),
            image.clone(),
            chunk(b"PLTE", &[0; 3]),
            end.clone(),
        ],
        vec![
            palette.clone(),
            chunk(b"PLTE", &[0; 4]),
            image.clone(),
            end.clone(),
        ],
        vec![
            palette.clone(),
            chunk(b"PLTE", &[0; 771]),
            image.clone(),
            end.clone(),
        ],
        vec![
            palette.clone(),
            chunk(b"PLTE", &[0; 3]),
            chunk(b"PLTE", &[0; 3]),
            image.clone(),
            end.clone(),
        ],
        vec![
            palette.clone(),
            chunk(b"PLTE", &[0; 3]),
            chunk(b"tRNS", &[0; 2]),
            image.clone(),
            end.clone(),
        ],
        vec![
            palette.clone(),
            chunk(b"PLTE", &[]),
            image.clone(),
            end.clone(),
        ],
        vec![
            header.clone(),
            chunk(b"tRNS", &[0; 1]),
            image.clone(),
            end.clone(),
        ],
        vec![
            ihdr(9, 10, 8, 2, 0),
            chunk(b"tRNS", &[0; 2]),
            chunk(b"IDAT", &zlib(&[0; 280], 6)),
            end.clone(),
        ],
        filters(5),
        filters(255),
        with(trailing),
        with(compressed[..compressed.len() - 1].to_vec()),
        with(zlib(&[0; 99], 6)),
        with(zlib(&[0; 101], 6)),
        // zlib: another method, a larger window, a preset dictionary, a wrong check, a wrong Adler-32.
        with([&[0x79, 0x9c][..], &compressed[2..]].concat()),
        with([&[0x88, 0x1c][..], &compressed[2..]].concat()),
        with([&[0x78, 0x20 | 0x1b][..], &compressed[2..]].concat()),
        zlib_with(1, 1),
        zlib_with(compressed.len() - 1, 1),
        with(b"\x78\x9c\x07".to_vec()),
        with(b"\x78\x9c".to_vec()),
        with(b"\x78".to_vec()),
    ]
    .into_iter()
    .enumerate()
    {
        let code = qr::read(&data_url(&file(&chunks)));
        assert_eq!(code, Err(QrError::Invalid(Reason::CorruptPng)), "{number}");
    }
    assert_eq!(
        reason(&data_url(&file(&[text, header, image, end]))),
        Reason::NotPng
    );
}

#[test]
fn sound_pictures_of_no_symbol_are_unverified() {
    for level in [0, 128, 255] {
        unverified(&Picture::new(200, 100, |_, _| level));
    }
    unverified(&Picture::new(1, 1, |_, _| 0));
    unverified(&Picture::new(300, 300, |x, y| (x * 3 + y * 5) as u8));
    unverified(&Picture::new(Raster::MAX_SIDE, 1, |x, _| {
        (x % 2 * 255) as u8
    }));
    let mut random = Random::new(7);
    let noise = random.bytes(200 * 200);
    unverified(&Picture::new(200, 200, |x, y| noise[y * 200 + x]));
    // A photo: waves of many lengths.
    unverified(&Picture::new(320, 240, |x, y| {
        let wave =
            |length: f64| ((x as f64 / length).sin() + (y as f64 / (length * 1.3)).cos()) * 20.0;
        (128.0 + wave(7.0) + wave(19.0) + wave(53.0)) as u8
    }));
    // Finder patterns without a symbol.
    let code = symbol(b"2@a,b", 3, 1, 2).unwrap();
    let mut hollow = Picture::of_code(&code, 4);
    hollow.fill(13, 4, 8, 29, 255);
    hollow.fill(4, 13, 29, 8, 255);
    hollow.fill(13, 13, 20, 20, 255);
    unverified(&hollow.scaled(5.0));
}

#[test]
fn nothing_private_is_printed() {
    let secret = "2@secret,fields";
    let code = qr::read(&data_url(&png::grey(&picture()))).unwrap();
    let text = qr::read(secret).unwrap_err();
    let error = qr::read("2@secret fields").unwrap_err();
    let picture = qr::read(&data_url(&png::grey(&Picture::new(30, 30, |_, _| 0)))).unwrap_err();
    let raster = qr::raster(&data_url(&png::grey(&Picture::new(30, 20, |_, _| 0)))).unwrap();
    let printed =
        format!("{code:?} {text:?} {text} {error:?} {error} {picture:?} {picture} {raster:?}");
    for trace in ["secret", "2@", "true", "false", "255", "[", "1,", "0,"] {
        assert!(!printed.contains(trace), "{trace} in {printed}");
    }
}

/// A sentence each: what a developer reads must tell one fault from another.
#[test]
fn every_outcome_says_what_it_is() {
    let reasons = [
        Reason::Empty,
        Reason::TooLarge,
        Reason::Unrecognised,
        Reason::Base64,
        Reason::NotPng,
        Reason::CorruptPng,
        Reason::Dimensions,
        Reason::Text,
    ];
    let mut said = BTreeSet::new();
    for reason in reasons {
        let error = QrError::from(reason);
        assert!(reason.as_str().starts_with("the QR code"), "{reason:?}");
        assert_eq!(error.to_string(), reason.as_str());
        assert_eq!(format!("{error:?}"), reason.as_str());
        assert!(said.insert(error.to_string()), "{reason:?}");
    }
    let unverified = qr::read(&data_url(&png::grey(&Picture::new(30, 30, |_, _| 0)))).unwrap_err();
    for (error, name) in [(QrError::Text, "Text"), (unverified, "Unverified(..)")] {
        assert_eq!(format!("{error:?}"), name);
        assert!(error.to_string().starts_with("the "), "{error}");
        assert!(said.insert(error.to_string()), "{error}");
    }
}

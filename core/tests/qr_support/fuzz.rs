//! What the fuzzers try, whether their numbers come from a seed (`tests/qr_fuzz.rs`) or from cargo-fuzz (`fuzz/`).

use sendapi_pairing_core::qr::{self, Matrix, QrError, svg};

use super::picture::{Picture, symbol};
use super::png::{self, Kind, chunk, data_url, file, ihdr, zlib};
use super::random::Random;
use super::svg::windings;

/// What holds of anything read: a drawn symbol is one that verifies as itself, and its path is what it should be.
pub fn check(qr_code: &str) {
    match qr::read(qr_code) {
        Ok(matrix) => {
            assert_eq!(qr::verify(&matrix).as_ref(), Some(&matrix));
            check_drawing(&matrix);
        }
        Err(QrError::Unverified(bitmap)) => {
            let (width, height) = svg::bitmap_view_box(&bitmap);
            let dark = windings(&svg::bitmap_path(&bitmap), width, height)
                .iter()
                .filter(|&&winding| winding == 1)
                .count();
            let all = (0..bitmap.height()).flat_map(|y| (0..bitmap.width()).map(move |x| (x, y)));
            assert_eq!(dark, all.filter(|&(x, y)| bitmap.get(x, y)).count());
        }
        Err(QrError::Invalid(_) | QrError::Text) => {}
    }
}

fn check_drawing(matrix: &Matrix) {
    let side = svg::view_box_size(matrix);
    let windings = windings(&svg::path(matrix), side, side);
    for (index, winding) in windings.into_iter().enumerate() {
        let (x, y) = (index % side, index / side);
        let dark = matrix.get(
            x.wrapping_sub(svg::QUIET_ZONE),
            y.wrapping_sub(svg::QUIET_ZONE),
        );
        assert_eq!(winding == 1, dark, "{x} {y}");
    }
}

fn mutate(random: &mut Random, bytes: &mut Vec<u8>) {
    for _ in 0..1 + random.below(6) {
        let at = random.below(bytes.len().max(1));
        let value = random.next() as u8;
        match random.below(5) {
            0 if at < bytes.len() => bytes[at] = value,
            1 if at < bytes.len() => bytes[at] ^= 1 << (value % 8),
            2 => bytes.truncate(at),
            3 => bytes.insert(at.min(bytes.len()), value),
            _ => {
                let end = (at + random.below(20)).min(bytes.len());
                let part = bytes.get(at..end).unwrap_or(&[]).to_vec();
                bytes.extend(part);
            }
        }
    }
}

fn some_picture(random: &mut Random) -> Picture {
    let version = 1 + random.below(6) as u8;
    let code = symbol(b"2@a", version, random.below(4), random.below(8) as u8).unwrap();
    Picture::of_code(&code, random.below(5)).scaled(1.0 + random.below(40) as f64 / 10.0)
}

pub fn texts(random: &mut Random) {
    let mut bytes = match random.below(4) {
        0 => data_url(&png::grey(&some_picture(random))).into_bytes(),
        1 => b"https://wa.me/settings/linked_devices#2@abc,def".to_vec(),
        2 => b"2@abc,def".to_vec(),
        _ => {
            let length = random.below(300);
            random.bytes(length)
        }
    };
    mutate(random, &mut bytes);
    check(&String::from_utf8_lossy(&bytes));
}

/// Files whose checksums are right, so that what is behind them is reached; compared with a decoder that is not ours.
pub fn png_files(random: &mut Random) {
    let (width, height) = (1 + random.below(40), 1 + random.below(40));
    let (colour, depth) = random.pick(&[
        (0, 1),
        (0, 2),
        (0, 4),
        (0, 8),
        (0, 16),
        (2, 8),
        (2, 16),
        (3, 1),
        (3, 2),
        (3, 4),
        (3, 8),
        (4, 8),
        (4, 16),
        (6, 8),
        (6, 16),
    ]);
    let entries = 1 + random.below(1 << depth.min(8));
    let palette = (colour == 3).then(|| random.bytes(3 * entries));
    let transparency = match colour {
        0 if random.below(2) == 0 => Some(vec![0, random.below(1 << depth.min(8)) as u8]),
        2 if random.below(2) == 0 => Some(vec![0, 1, 0, 2, 0, 3]),
        3 if random.below(2) == 0 => {
            let count = random.below(entries + 1);
            Some(random.bytes(count))
        }
        _ => None,
    };
    let filters = 1 + random.below(4);
    let kind = Kind {
        depth,
        colour,
        interlaced: random.below(2) == 0,
        filters: (0..filters).map(|_| random.below(5) as u8).collect(),
        level: random.below(10) as u32,
        cut: 1 + random.below(300),
        palette,
        transparency,
    };
    let samples: Vec<u16> = (0..width * height * 4)
        .map(|_| random.next() as u16 >> (16 - depth))
        .collect();
    // Few values, so that the transparent one is among them.
    let few = random.below(2) == 0;
    let sample = |x: usize, y: usize, channel: usize| {
        let value = samples[(y * width + x) * 4 + channel];
        let value = if few && depth >= 8 { value % 4 } else { value };
        if colour == 3 {
            value % entries as u16
        } else {
            value
        }
    };
    let bytes = png::encode(width, height, &kind, sample);
    let ours = qr::raster(&data_url(&bytes)).unwrap();
    assert_eq!((ours.width(), ours.height()), (width, height));
    for (index, (&ours, theirs)) in ours.luma().iter().zip(by_other_decoder(&bytes)).enumerate() {
        assert!(
            ours.abs_diff(theirs) <= 1,
            "pixel {index}: {ours} {theirs}, {kind:?}"
        );
    }
    let mut broken = bytes;
    mutate(random, &mut broken);
    check(&data_url(&broken));
}

/// Brightness on white, from the pixels of the crate `png`.
fn by_other_decoder(bytes: &[u8]) -> Vec<u8> {
    let mut decoder = ::png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(
        ::png::Transformations::EXPAND
            | ::png::Transformations::ALPHA
            | ::png::Transformations::STRIP_16,
    );
    let mut reader = decoder.read_info().unwrap();
    let mut buffer = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut buffer).unwrap();
    let pixel = info.color_type.samples();
    let luma = |pixel: &[u8]| {
        let (colours, alpha) = pixel.split_at(pixel.len() - 1);
        let grey = match *colours {
            [red, green, blue] => {
                (f64::from(red) * 77.0 + f64::from(green) * 150.0 + f64::from(blue) * 29.0) / 256.0
            }
            _ => f64::from(colours[0]),
        };
        let alpha = f64::from(alpha[0]) / 255.0;
        (grey * alpha + 255.0 * (1.0 - alpha)).round() as u8
    };
    buffer.chunks(pixel).map(luma).collect()
}

pub fn compressed_data(random: &mut Random) {
    let raw = random.bytes(100);
    let runs: Vec<u8> = (0..100).map(|at| raw[at / (1 + random.below(9))]).collect();
    let mut data = zlib(
        if random.below(2) == 0 { &raw } else { &runs },
        random.below(10) as u32,
    );
    if random.below(8) != 0 {
        // Bits of the first block's header and its codes most of all.
        let within = random.pick(&[12, data.len() - 2]);
        let at = 2 + random.below(within);
        data[at] ^= 1 << random.below(8);
    } else {
        mutate(random, &mut data);
    }
    check(&data_url(&file(&[
        ihdr(9, 10, 8, 0, 0),
        chunk(b"IDAT", &data),
        chunk(b"IEND", &[]),
    ])));
}

pub fn rasters(random: &mut Random) {
    check(&data_url(&png::grey(&painted(random))));
}

/// A picture of a symbol with whatever done to it.
pub fn painted(random: &mut Random) -> Picture {
    let mut picture = some_picture(random);
    let (width, height) = (picture.width, picture.height);
    for _ in 0..random.below(5) {
        let (left, top) = (random.below(width), random.below(height));
        let (wide, high) = (random.below(width), random.below(height));
        match random.below(4) {
            0 => picture.fill(left, top, wide / 3, high / 3, random.next() as u8),
            1 => {
                let (from, to) = ((left as f64, top as f64), (wide as f64, high as f64));
                picture.scratch(from, to, 1 + random.below(4), random.next() as u8);
            }
            2 => {
                let part = Picture::new(1 + wide / 2, 1 + high / 2, |x, y| picture.get(x, y));
                let (left, top) = (
                    random.below(width - part.width + 1),
                    random.below(height - part.height + 1),
                );
                picture.paste(&part, left, top);
            }
            _ => picture = picture.mapped(|value| value.wrapping_mul(3)),
        }
    }
    picture
}

/// Modules of any kind, most of them near those of a symbol: what verifies is a symbol, and verifies as itself.
pub fn matrices(random: &mut Random) {
    let size = 17 + 4 * (1 + random.below(12));
    let mut bytes = random.bytes((size * size).div_ceil(8));
    if random.below(4) != 0 {
        let code = symbol(
            b"2@a",
            ((size - 17) / 4) as u8,
            random.below(4),
            random.below(8) as u8,
        )
        .unwrap();
        let damage = random.below(size * 3);
        bytes.fill(0);
        for index in 0..size * size {
            let dark = code.get_module((index % size) as i32, (index / size) as i32);
            bytes[index / 8] |= u8::from(dark) << (7 - index % 8);
        }
        for _ in 0..damage {
            let bit = random.below(size * size);
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
        }
    }
    let spare = bytes.len() * 8 - size * size;
    if let Some(last) = bytes.last_mut() {
        *last &= 0xff << spare;
    }
    let matrix = Matrix::from_bytes(size, &bytes).unwrap();
    if let Some(symbol) = qr::verify(&matrix) {
        assert_eq!(qr::verify(&symbol).as_ref(), Some(&symbol));
        check_drawing(&symbol);
    }
}

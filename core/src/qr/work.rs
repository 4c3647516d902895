//! Steps of work, counted in the tests of this crate alone: how long a picture can keep the engine busy is asserted in steps, since clocks
//! differ from machine to machine (docs/qr.md, "How much work a picture can make").

/// Counts `steps`: each a pixel, a module, a byte, a bit or a product that is looked at. Nothing of it is in what ships.
#[inline(always)]
pub(super) fn count(steps: usize) {
    #[cfg(test)]
    tests::count(steps);
    #[cfg(not(test))]
    let _ = steps;
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use crate::qr::{Bitmap, Raster, locate::locate, png, svg};

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn count(steps: usize) {
        STEPS.with(|counted| counted.set(counted.get() + steps));
    }

    fn counted<T>(work: impl FnOnce() -> T) -> (usize, T) {
        STEPS.with(|counted| counted.set(0));
        let result = work();
        (STEPS.with(Cell::get), result)
    }

    fn raster(width: usize, height: usize, of: impl Fn(usize, usize) -> u8) -> Raster {
        let mut raster = Raster::new(width, height);
        for (at, luma) in raster.luma_mut().iter_mut().enumerate() {
            *luma = of(at % width, at / width);
        }
        raster
    }

    /// The pixel at a place of a finder pattern of a pixel a module, light around.
    fn finder(x: usize, y: usize) -> u8 {
        let distance = x.abs_diff(4).max(y.abs_diff(4));
        if matches!(distance, 2 | 4..) { 255 } else { 0 }
    }

    fn noise(x: usize, y: usize) -> u8 {
        let mut value = (x as u64) << 32 ^ y as u64 ^ 0x9e37_79b9_7f4a_7c15;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (value ^ (value >> 31)) as u8
    }

    /// Pictures made to keep a reader busy, each `width` × `height`.
    fn hostile(width: usize, height: usize) -> Vec<(String, Raster)> {
        let mut pictures = Vec::new();
        let mut add = |name: String, of: &dyn Fn(usize, usize) -> u8| {
            pictures.push((name, raster(width, height, of)));
        };
        for cell in [1, 2, 3, 7] {
            add(format!("checkerboard of {cell}"), &|x, y| {
                ((x / cell + y / cell) % 2 * 255) as u8
            });
        }
        for level in [32, 85, 128, 200] {
            add(format!("noise, {level} of 256 dark"), &|x, y| {
                if noise(x, y) < level { 0 } else { 255 }
            });
        }
        // Columns that run like finder patterns in every row, each row a little other than the one above.
        for module in [1, 2, 5] {
            add(format!("stripes of {module}"), &|x, y| {
                let stripe = (x / module) % 8;
                let broken = x == y % width;
                if matches!(stripe, 0 | 2..=4 | 6) != broken {
                    0
                } else {
                    255
                }
            });
            add(format!("crossed stripes of {module}"), &|x, y| {
                let dark = |at: usize| matches!(at / module % 8, 0 | 2..=4 | 6);
                if dark(x) && dark(y) { 0 } else { 255 }
            });
            add(
                format!("rows of lengthening finder patterns of {module}"),
                &|x, y| {
                    let module = module + y * 40 / height;
                    if matches!(x / module % 8, 0 | 2..=4 | 6) {
                        0
                    } else {
                        255
                    }
                },
            );
        }
        // Finder patterns side by side: whole ones end the search, spoilt ones do not.
        for module in [1, 2, 4] {
            add(format!("finder patterns of {module}"), &|x, y| {
                finder(x / module % 9, y / module % 9)
            });
            add(format!("spoilt finder patterns of {module}"), &|x, y| {
                let (column, row) = (x / module % 9, y / module % 9);
                if column > 5 && row > 5 {
                    0
                } else {
                    finder(column, row)
                }
            });
        }
        // As many whole ones as the search bears, in places that can be combined, among what speaks for any size.
        let side = width.min(height);
        for count in [3, 5] {
            add(
                format!("{count} finder patterns in a grid, noise between"),
                &|x, y| {
                    let part = side / 4;
                    let (column, row) = (x / part, y / part);
                    let module = part / 20;
                    let (u, v) = (x % part / module, y % part / module);
                    let wanted = match count {
                        3 => matches!((column, row), (0, 0) | (3, 0) | (0, 3)),
                        _ => matches!((column, row), (0, 0) | (3, 0) | (0, 3) | (3, 3) | (1, 0)),
                    };
                    if wanted && u < 9 && v < 9 {
                        finder(u, v)
                    } else if column < 4 && row < 4 && noise(x / module, y / module) < 128 {
                        0
                    } else {
                        255
                    }
                },
            );
        }
        add("nested squares".into(), &|x, y| {
            let from = x.abs_diff(width / 2).max(y.abs_diff(height / 2));
            (from / 3 % 2 * 255) as u8
        });
        add("slanted stripes".into(), &|x, y| {
            if matches!((x + y) / 3 % 8, 0 | 2..=4 | 6) {
                0
            } else {
                255
            }
        });
        pictures
    }

    /// Steps that a picture's pixels cost at most, each, and those that do not depend on how large it is: docs/qr.md sums them up.
    const PER_PIXEL: usize = 100;
    const SEARCH: usize = 60_000_000;
    /// What the worst of these pictures come to, a pixel, the search included; the sums above leave room for worse ones.
    const SEEN: usize = 40;

    #[test]
    fn hostile_pictures_make_no_more_work_than_the_bound() {
        for (width, height) in [(720, 720), (4096, 100), (100, 4096)] {
            for (name, raster) in hostile(width, height) {
                let (steps, _) = counted(|| {
                    let pixels = raster.into_pixels();
                    (locate(&pixels), svg::bitmap_path(&Bitmap::of(&pixels)))
                });
                let area = width * height;
                assert!(steps > 3 * area, "{width} x {height}, {name}: {steps}");
                assert!(
                    steps <= SEEN * area && steps <= PER_PIXEL * area + SEARCH,
                    "{width} x {height}, {name}: {steps}"
                );
            }
        }
    }

    fn file(width: u32, height: u32, depth: u8, colour: u8, data: &[u8]) -> Vec<u8> {
        let header = [
            &width.to_be_bytes()[..],
            &height.to_be_bytes(),
            &[depth, colour, 0, 0, 0],
        ]
        .concat();
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        for (kind, data) in [(b"IHDR", &header[..]), (b"IDAT", data), (b"IEND", &[])] {
            let mut crc = flate2::Crc::new();
            crc.update(kind);
            crc.update(data);
            file.extend((data.len() as u32).to_be_bytes());
            file.extend(kind);
            file.extend(data);
            file.extend(crc.sum().to_be_bytes());
        }
        file
    }

    fn deflated(raw: &[u8], level: u32) -> Vec<u8> {
        use std::io::Write;

        let level = flate2::Compression::new(level);
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
        encoder.write_all(raw).unwrap();
        encoder.finish().unwrap()
    }

    /// Pictures as services send them: rows that repeat are not looked at again, nor is a search gone on with when its end is found.
    #[test]
    fn a_clean_picture_makes_little_work() {
        let code =
            qrcodegen::QrCode::encode_text(&"2@clean".repeat(30), qrcodegen::QrCodeEcc::Medium)
                .unwrap();
        let (margin, module) = (4, 6);
        let modules = code.size() as usize + 2 * margin;
        let side = modules * module;
        let dark = |x: usize, y: usize| {
            let place = |at: usize| (at / module) as i32 - margin as i32;
            code.get_module(place(x), place(y))
        };
        let area = side * side;
        // Thousandths of a step that a pixel costs until it is decoded, and from there until the symbol is read, by its bytes and filter.
        for (bytes, filter, to_decode, to_read) in [
            (1, 0, 3790, 2965),
            (1, 1, 5490, 4665),
            (1, 2, 2950, 2965),
            (1, 4, 4640, 4665),
            (4, 0, 14850, 2965),
            (4, 1, 19120, 4665),
            (4, 2, 11480, 2965),
            (4, 4, 15720, 4665),
        ] {
            let sample = |at: usize, y: usize| {
                if at % bytes != 3 && dark(at / bytes, y) {
                    0u8
                } else {
                    255
                }
            };
            let mut raw = Vec::new();
            for y in 0..side {
                raw.push(filter);
                for at in 0..side * bytes {
                    let left = at.checked_sub(bytes).map_or(0, |at| sample(at, y));
                    let up = y.checked_sub(1).map_or(0, |y| sample(at, y));
                    let corner = match (at.checked_sub(bytes), y.checked_sub(1)) {
                        (Some(at), Some(y)) => sample(at, y),
                        _ => 0,
                    };
                    let predicted = match filter {
                        0 => 0,
                        1 => left,
                        2 => up,
                        // Of two levels: the one that differs from the corner, if any.
                        _ if left == corner => up,
                        _ => left,
                    };
                    raw.push(sample(at, y).wrapping_sub(predicted));
                }
            }
            let colour = if bytes == 1 { 0 } else { 6 };
            let file = file(side as u32, side as u32, 8, colour, &deflated(&raw, 9));
            let (decoding, raster) = counted(|| png::decode(&file));
            let (reading, matrix) = counted(|| locate(&raster.unwrap().into_pixels()));
            let what = format!("{bytes} {filter}: {decoding} {reading}");
            assert!(matrix.is_some(), "{what}");
            assert!(decoding * 1000 <= to_decode * area, "{what}");
            assert!(reading * 1000 <= to_read * area, "{what}");
        }
    }

    /// Steps that a byte of inflated data and a byte of the file cost at most.
    const PER_INFLATED: usize = 10;
    const PER_BYTE: usize = 400;

    #[test]
    fn hostile_files_make_no_more_work_than_the_bound() {
        let bound = |file: &[u8], inflated: usize| PER_BYTE * file.len() + PER_INFLATED * inflated;
        // The most bytes a pixel can have, each row by the filter that takes longest, no two alike.
        let (width, height) = (1024, 1024);
        let mut raw = Vec::new();
        for row in 0..height {
            raw.push(4);
            raw.extend(std::iter::repeat_n(row as u8, width * 8));
        }
        for level in [0, 9] {
            let file = file(width as u32, height as u32, 16, 6, &deflated(&raw, level));
            let (steps, decoded) = counted(|| png::decode(&file));
            assert!(decoded.is_ok());
            assert!(
                steps > raw.len() && steps <= bound(&file, raw.len()),
                "{steps}"
            );
        }
        // Blocks without anything in them, ten bits each, for which a code is built all the same: 010 and seven zeros.
        let mut bits = Vec::new();
        let bytes = crate::qr::MAX_SOURCE_BYTES * 3 / 4 - 100;
        while bits.len() < bytes * 8 {
            bits.extend([0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        }
        let mut data = vec![0x78, 0x9c];
        data.extend(bits.chunks(8).map(|byte| {
            let bits = byte.iter().enumerate();
            bits.fold(0, |sum, (at, bit)| sum | bit << at)
        }));
        let file = file(9, 10, 8, 0, &data);
        let (steps, decoded) = counted(|| png::decode(&file));
        assert!(decoded.is_err());
        assert!(steps > file.len() && steps <= bound(&file, 0), "{steps}");
    }
}

//! Steps of work, counted in the tests of this crate alone, as in the core: each a pixel that is looked at.

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
    use std::io::Write;

    use sendapi_pairing_core::qr::{Raster, raster};

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn count(steps: usize) {
        STEPS.with(|counted| counted.set(counted.get() + steps));
    }

    /// A raster comes from a picture only.
    fn picture(side: usize, of: impl Fn(usize, usize) -> bool) -> Raster {
        let mut raw = Vec::new();
        for y in 0..side {
            raw.push(0);
            for from in (0..side).step_by(8) {
                raw.push((from..from + 8).fold(0, |byte, x| byte << 1 | u8::from(!of(x, y))));
            }
        }
        let size = (side as u32).to_be_bytes();
        let header = [&size[..], &size, &[1, 0, 0, 0, 0]].concat();
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(9));
        encoder.write_all(&raw).unwrap();
        let data = encoder.finish().unwrap();
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        for (kind, data) in [(b"IHDR", &header[..]), (b"IDAT", &data), (b"IEND", &[])] {
            let mut crc = flate2::Crc::new();
            crc.update(kind);
            crc.update(data);
            file.extend((data.len() as u32).to_be_bytes());
            file.extend(kind);
            file.extend(data);
            file.extend(crc.sum().to_be_bytes());
        }
        raster(&base64(&file)).unwrap()
    }

    fn base64(bytes: &[u8]) -> String {
        const DIGITS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for group in bytes.chunks(3) {
            let value = group
                .iter()
                .fold(0, |value, &byte| value << 8 | u32::from(byte));
            let value = value << (8 * (3 - group.len()));
            for digit in 0..=group.len() {
                text.push(char::from(
                    DIGITS[(value >> (18 - 6 * digit) & 63) as usize],
                ));
            }
        }
        text
    }

    /// No picture is worked on for longer: 22 preparations of a million pixels, and 240 symbols that are fitted and sampled.
    const MOST: usize = 22 * 40 * 1_000_000 + 240 * 4_000_000;

    #[test]
    fn hostile_pictures_make_no_more_work_than_the_bound() {
        let noise = |x: usize, y: usize| {
            let mut value = (x as u64) << 32 ^ y as u64 ^ 0x9e37_79b9_7f4a_7c15;
            value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (value >> 40) % 100
        };
        let finder = |x: usize, y: usize| {
            let distance = x.abs_diff(4).max(y.abs_diff(4));
            !matches!(distance, 2 | 4..)
        };
        let side = 1000;
        let stripe = |at: usize| matches!(at % 8, 0 | 2..=4 | 6);
        // Three finder patterns, and between them what speaks for any size: the longest way through every hypothesis.
        let cornered = |module: usize| {
            move |x: usize, y: usize| {
                let part = side - 9 * module;
                match (x / part, y / part) {
                    (0, 0) if x < 9 * module && y < 9 * module => finder(x / module, y / module),
                    (1, 0) if y < 9 * module => finder((x - part) / module, y / module),
                    (0, 1) if x < 9 * module => finder(x / module, (y - part) / module),
                    _ => noise(x / module, y / module) < 50,
                }
            }
        };
        type Dark<'a> = &'a dyn Fn(usize, usize) -> bool;
        let cases: [(&str, Dark<'_>); 12] = [
            ("checkerboard", &|x, y| (x + y) % 2 == 0),
            ("checkerboard of 5", &|x, y| (x / 5 + y / 5) % 2 == 0),
            ("noise", &|x, y| noise(x, y) < 50),
            ("thin noise", &|x, y| noise(x, y) < 20),
            ("noise of 4", &|x, y| noise(x / 4, y / 4) < 50),
            ("stripes", &|x, y| stripe(x / 3) && y % 50 != 0),
            ("crossed stripes", &|x, y| stripe(x / 3) && stripe(y / 3)),
            ("finder patterns", &|x, y| finder(x / 4 % 9, y / 4 % 9)),
            ("few finder patterns", &|x, y| {
                finder(x / 8 % 30, y / 8 % 30)
            }),
            ("three, small", &cornered(5)),
            ("three, medium", &cornered(12)),
            ("three, large", &cornered(40)),
        ];
        for (name, of) in cases {
            let raster = picture(side, of);
            STEPS.with(|counted| counted.set(0));
            let read = super::super::read(&raster);
            let steps = STEPS.with(Cell::get);
            println!("{name}: {steps} steps");
            assert!(read.is_none(), "{name}");
            assert!(steps > 22 * side * side && steps <= MOST, "{name}: {steps}");
        }
    }
}

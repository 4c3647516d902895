//! Streams from another encoder, and streams written bit by bit.

use super::{Taken, zlib};

/// What comes out by rows of `row` bytes.
fn inflated(stream: &[u8], expected: usize, row: usize) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    zlib(stream, expected, &mut |bytes| {
        let Some(row) = bytes.get(..row.min(expected - all.len())) else {
            return Some(Taken { bytes: 0, zeros: 0 });
        };
        all.extend_from_slice(row);
        let zeros = row.iter().rev().take_while(|&&byte| byte == 0).count();
        Some(Taken {
            bytes: row.len(),
            zeros,
        })
    })?;
    Some(all)
}

fn deflated(data: &[u8], level: u32) -> Vec<u8> {
    use std::io::Write;

    let level = flate2::Compression::new(level);
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// Runs, periods of every length up to beyond the window, few values and many, in turns.
fn data(length: usize) -> Vec<u8> {
    let mut state = 7u32;
    let mut next = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    let mut data = Vec::new();
    while data.len() < length {
        let count = 1 + next(1000);
        match next(5) {
            0 => data.resize(data.len() + count, 0),
            1 => data.resize(data.len() + count, next(256) as u8),
            2 => data.extend((0..count).map(|_| next(256) as u8)),
            3 => data.extend((0..count).map(|_| (next(8) * next(8)) as u8)),
            _ if data.is_empty() => {}
            _ => {
                let distance = 1 + next(data.len().min(40_000));
                for _ in 0..count {
                    data.push(data[data.len() - distance]);
                }
            }
        }
    }
    data.truncate(length);
    data
}

#[test]
fn gives_back_what_another_encoder_deflated() {
    for length in [0, 1, 258, 40_000, 300_000] {
        for data in [data(length), vec![0; length], vec![255; length]] {
            for level in [0, 1, 9] {
                let stream = deflated(&data, level);
                for row in [1, 7, 2001, 32_769] {
                    assert!(
                        inflated(&stream, length, row).as_ref() == Some(&data),
                        "{length} bytes at level {level} by {row}"
                    );
                }
                assert_eq!(inflated(&stream, length + 1, 100), None);
                assert!(length == 0 || inflated(&stream, length - 1, 100).is_none());
            }
        }
    }
}

#[test]
fn a_wrong_checksum_or_what_comes_after_it_is_declined() {
    let data = data(3000);
    let stream = deflated(&data, 9);
    for at in stream.len() - 4..stream.len() {
        let mut wrong = stream.clone();
        wrong[at] ^= 1;
        assert_eq!(inflated(&wrong, data.len(), 100), None);
    }
    let longer = [&stream[..], &[0]].concat();
    assert_eq!(inflated(&longer, data.len(), 100), None);
    for length in 0..stream.len() {
        assert_eq!(
            inflated(&stream[..length], data.len(), 100),
            None,
            "{length}"
        );
    }
}

/// A stream of one dynamic block (3.2.7) with so many codes, of which a literal 0 and the block's end have one bit each; it is that
/// literal.
fn dynamic(literals: u32, distances: u32) -> Vec<u8> {
    let mut bits = Vec::new();
    let mut field = |value: u32, count: u32| {
        bits.extend((0..count).map(|bit| value >> bit & 1));
    };
    for (value, count) in [
        (1, 1),
        (2, 2),
        (literals - 257, 5),
        (distances - 1, 5),
        (14, 4),
    ] {
        field(value, count);
    }
    // In the order of 3.2.7: 18 has the code 0, 0 has 10, 1 has 11.
    for length in [0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2] {
        field(length, 3);
    }
    let one = (3, 2);
    let zero = (1, 2);
    for (value, count) in [one, (0, 1), (127, 7), (0, 1), (106, 7), one] {
        field(value, count);
    }
    for _ in 257..literals + distances {
        field(zero.0, zero.1);
    }
    field(2, 2);
    let packed = bits.chunks(8).map(|byte| {
        let bits = byte.iter().enumerate();
        bits.fold(0, |sum, (at, bit)| sum + ((*bit as u8) << at))
    });
    let adler = [0, 1, 0, 1];
    [0x78, 0x9c]
        .into_iter()
        .chain(packed)
        .chain(adler)
        .collect()
}

#[test]
fn a_block_has_no_more_codes_than_there_are() {
    for (literals, distances, sound) in [
        (257, 1, true),
        (286, 1, true),
        (257, 30, true),
        (286, 30, true),
        (287, 1, false),
        (257, 31, false),
        (288, 32, false),
    ] {
        let found = inflated(&dynamic(literals, distances), 1, 1);
        assert_eq!(found, sound.then(|| vec![0]), "{literals} {distances}");
    }
}

//! PNG files: of every kind that the specification has, and of those that it has not.

use std::io::Write;

use flate2::{Compression, Crc, write::ZlibEncoder};

use super::picture::Picture;

pub const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

pub fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut chunk = (data.len() as u32).to_be_bytes().to_vec();
    chunk.extend_from_slice(kind);
    chunk.extend_from_slice(data);
    let mut crc = Crc::new();
    crc.update(&chunk[4..]);
    chunk.extend_from_slice(&crc.sum().to_be_bytes());
    chunk
}

pub fn ihdr(width: u32, height: u32, depth: u8, colour: u8, interlace: u8) -> Vec<u8> {
    let mut data = width.to_be_bytes().to_vec();
    data.extend_from_slice(&height.to_be_bytes());
    data.extend_from_slice(&[depth, colour, 0, 0, interlace]);
    chunk(b"IHDR", &data)
}

pub fn zlib(data: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

pub fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
    [SIGNATURE.to_vec(), chunks.concat()].concat()
}

/// How to write a picture down.
#[derive(Clone, Debug)]
pub struct Kind {
    pub depth: u8,
    pub colour: u8,
    pub interlaced: bool,
    /// Which filter each row has, in turn.
    pub filters: Vec<u8>,
    pub level: u32,
    /// Bytes in an IDAT chunk.
    pub cut: usize,
    pub palette: Option<Vec<u8>>,
    pub transparency: Option<Vec<u8>>,
}

impl Kind {
    pub fn grey(depth: u8) -> Self {
        Self {
            depth,
            colour: 0,
            interlaced: false,
            filters: vec![0],
            level: 6,
            cut: usize::MAX,
            palette: None,
            transparency: None,
        }
    }

    fn channels(&self) -> usize {
        [1, 0, 3, 1, 2, 0, 4][usize::from(self.colour)]
    }
}

const ADAM7: [(usize, usize, usize, usize); 7] = [
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
];

/// Writes an image whose samples, each as wide as the kind's depth, come from `sample(x, y, channel)`.
pub fn encode(
    width: usize,
    height: usize,
    kind: &Kind,
    sample: impl Fn(usize, usize, usize) -> u16,
) -> Vec<u8> {
    let mut raw = Vec::new();
    let passes: &[_] = if kind.interlaced {
        &ADAM7
    } else {
        &[(0, 0, 1, 1)]
    };
    let mut row_number = 0;
    for &(x0, y0, dx, dy) in passes {
        let columns: Vec<usize> = (x0..width).step_by(dx).collect();
        if columns.is_empty() {
            continue;
        }
        let mut above: Vec<u8> = Vec::new();
        for y in (y0..height).step_by(dy) {
            let mut row = Vec::new();
            let (mut bits, mut count) = (0u32, 0);
            for &x in &columns {
                for channel in 0..kind.channels() {
                    let value = sample(x, y, channel);
                    if kind.depth == 16 {
                        row.extend_from_slice(&value.to_be_bytes());
                        continue;
                    }
                    bits = (bits << kind.depth) | u32::from(value);
                    count += kind.depth;
                    if count == 8 {
                        row.push(bits as u8);
                        (bits, count) = (0, 0);
                    }
                }
            }
            if count != 0 {
                row.push((bits << (8 - count)) as u8);
            }
            above.resize(row.len(), 0);
            let filter = kind.filters[row_number % kind.filters.len()];
            row_number += 1;
            let pixel = (kind.channels() * usize::from(kind.depth)).div_ceil(8);
            raw.push(filter);
            for index in 0..row.len() {
                let left = if index < pixel { 0 } else { row[index - pixel] };
                let corner = if index < pixel {
                    0
                } else {
                    above[index - pixel]
                };
                let up = above[index];
                let predicted = match filter {
                    0 => 0,
                    1 => left,
                    2 => up,
                    3 => ((u16::from(left) + u16::from(up)) / 2) as u8,
                    _ => {
                        let estimate = i32::from(left) + i32::from(up) - i32::from(corner);
                        let distance = |value: u8| (estimate - i32::from(value)).abs();
                        *[left, up, corner]
                            .iter()
                            .min_by_key(|&&value| distance(value))
                            .unwrap()
                    }
                };
                raw.push(row[index].wrapping_sub(predicted));
            }
            above = row;
        }
    }
    let mut chunks = vec![ihdr(
        width as u32,
        height as u32,
        kind.depth,
        kind.colour,
        kind.interlaced.into(),
    )];
    chunks.extend(kind.palette.iter().map(|data| chunk(b"PLTE", data)));
    chunks.extend(kind.transparency.iter().map(|data| chunk(b"tRNS", data)));
    let compressed = zlib(&raw, kind.level);
    chunks.extend(
        compressed
            .chunks(kind.cut.min(compressed.len()))
            .map(|part| chunk(b"IDAT", part)),
    );
    chunks.push(chunk(b"IEND", &[]));
    file(&chunks)
}

/// A picture in grey of 1 bit where it has only two levels, of 8 otherwise.
pub fn grey(picture: &Picture) -> Vec<u8> {
    let depth = if picture.pixels.iter().all(|&value| matches!(value, 0 | 255)) {
        1
    } else {
        8
    };
    let largest = (1u16 << depth) - 1;
    encode(
        picture.width,
        picture.height,
        &Kind::grey(depth),
        |x, y, _| u16::from(picture.get(x, y)) * largest / 255,
    )
}

/// RFC 4648, section 4.
pub fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group
            .iter()
            .fold(0u32, |bits, &byte| (bits << 8) | u32::from(byte))
            << (8 * (3 - group.len()));
        for index in 0..4 {
            let letter = ALPHABET[((bits >> (18 - 6 * index)) & 63) as usize];
            text.push(if index <= group.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    text
}

pub fn data_url(file: &[u8]) -> String {
    format!("data:image/png;base64,{}", base64(file))
}

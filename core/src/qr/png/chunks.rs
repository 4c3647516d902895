//! The chunks of a PNG datastream (5.3), their checksums checked.

use super::super::work;

/// Yields type and data of each chunk, and nothing from the first fault on.
pub(super) struct Chunks<'a>(&'a [u8]);

impl<'a> Chunks<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn next(&mut self) -> Option<([u8; 4], &'a [u8])> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let length = u32::from_be_bytes(*length) as usize;
        // Type and data lie under one checksum. Lengths beyond what is there, up to the 2³¹ − 1 of 5.3 and past it,
        // fail the split.
        let (checked, rest) = rest.split_at_checked(length.checked_add(4)?)?;
        let (crc, rest) = rest.split_first_chunk::<4>()?;
        let (kind, data) = checked.split_first_chunk::<4>()?;
        if u32::from_be_bytes(*crc) != crc32(checked) {
            return None;
        }
        self.0 = rest;
        Some((*kind, data))
    }
}

/// The CRC of annex D, four bits at a time: a table of 64 bytes, where one of a whole byte takes 1 KiB of the wasm.
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 16] = {
        let mut table = [0; 16];
        let mut index = 0;
        while index < 16 {
            let mut value = index as u32;
            let mut bit = 0;
            while bit < 4 {
                value = if value & 1 != 0 {
                    0xedb8_8320 ^ value >> 1
                } else {
                    value >> 1
                };
                bit += 1;
            }
            table[index] = value;
            index += 1;
        }
        table
    };
    work::count(bytes.len());
    let mut crc = !0u32;
    for &byte in bytes {
        crc ^= u32::from(byte);
        crc = crc >> 4 ^ TABLE[(crc & 15) as usize];
        crc = crc >> 4 ^ TABLE[(crc & 15) as usize];
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::{Chunks, crc32};

    #[test]
    fn checks_the_usual_vector() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b"IEND"), 0xae42_6082);
    }

    #[test]
    fn lengths_that_lie_are_the_end() {
        for length in [1, 13, u32::MAX - 3, u32::MAX] {
            let mut file = length.to_be_bytes().to_vec();
            file.extend_from_slice(b"IEND\xae\x42\x60\x82");
            assert!(Chunks::new(&file).next().is_none(), "{length}");
        }
        assert!(
            Chunks::new(b"\0\0\0\0IEND\xae\x42\x60\x82")
                .next()
                .is_some()
        );
    }
}

//! The data bit stream (7.4): whether it is built as the standard says. What it says is nobody's business here.

use super::work;

struct Stream<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Stream<'_> {
    fn left(&self) -> usize {
        self.bytes.len() * 8 - self.at
    }

    fn take(&mut self, count: usize) -> Option<usize> {
        work::count(count);
        let mut value = 0;
        for _ in 0..count {
            let byte = self.bytes.get(self.at / 8)?;
            value = value * 2 + usize::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }
}

/// Whether data codewords of a `version` are segments of known modes, with their characters within the modes' ranges, and a
/// terminator (7.4.9). `strict` also wants the padding of 7.4.10, which only repaired symbols are held to: readers do not look
/// at it, and encoders differ.
pub(super) fn sound(bytes: &[u8], version: usize, strict: bool) -> bool {
    walk(&mut Stream { bytes, at: 0 }, version, strict).is_some()
}

fn walk(stream: &mut Stream<'_>, version: usize, strict: bool) -> Option<()> {
    // Table 3: character count indicators grow with the version.
    let range = match version {
        1..=9 => 0,
        10..=26 => 1,
        _ => 2,
    };
    let mut characters = 0;
    // The terminator may be cut short, or be missing, where the symbol is full.
    while stream.left() >= 4 {
        match stream.take(4)? {
            0 => break,
            1 => {
                let count = stream.take(10 + 2 * range)?;
                characters += count;
                for _ in 0..count / 3 {
                    below(stream, 10, 1000)?;
                }
                match count % 3 {
                    1 => below(stream, 4, 10)?,
                    2 => below(stream, 7, 100)?,
                    _ => {}
                }
            }
            2 => {
                let count = stream.take(9 + 2 * range)?;
                characters += count;
                for _ in 0..count / 2 {
                    below(stream, 11, 45 * 45)?;
                }
                if count % 2 == 1 {
                    below(stream, 6, 45)?;
                }
            }
            4 => {
                let count = stream.take(if range == 0 { 8 } else { 16 })?;
                characters += count;
                stream.at += 8 * count;
            }
            mode => characters += rare(stream, mode, range)?,
        }
        if stream.at > stream.bytes.len() * 8 {
            return None;
        }
    }
    if characters == 0 {
        return None;
    }
    if strict {
        let rest = stream.left() % 8;
        if stream.take(rest)? != 0 {
            return None;
        }
        // Some encoders put a codeword of zeros first where the terminator ends on a boundary, or pad with nothing else.
        let mut pad = 0;
        while stream.left() != 0 {
            let codeword = stream.take(8)?;
            pad = match (pad, codeword) {
                (0, 0) => 0,
                (0 | 0x11, 0xec) | (0xec, 0x11) => codeword,
                _ => return None,
            };
        }
    }
    Some(())
}

/// The modes that no pairing text is written in; how many characters it was.
#[inline(never)]
fn rare(stream: &mut Stream<'_>, mode: usize, range: usize) -> Option<usize> {
    match mode {
        8 => {
            let count = stream.take(8 + 2 * range)?;
            // 13 bits each (7.4.6), all of whose values are taken.
            stream.at += 13 * count;
            return Some(count);
        }
        // Structured append (8): position, total and parity.
        3 => {
            stream.take(16)?;
        }
        // FNC1 in first and second position (7.4.8); the second has an application indicator.
        5 => {}
        9 => {
            stream.take(8)?;
        }
        // ECI designators of one to three bytes (7.4.2.2).
        7 => match stream.take(8)? {
            0..0x80 => {}
            0x80..0xc0 => {
                stream.take(8)?;
            }
            0xc0..0xe0 => below(stream, 16, usize::MAX)?,
            _ => return None,
        },
        _ => return None,
    }
    Some(0)
}

fn below(stream: &mut Stream<'_>, bits: usize, limit: usize) -> Option<()> {
    (stream.take(bits)? < limit).then_some(())
}

#[cfg(test)]
mod tests {
    use super::sound;

    /// Codewords of fields, each a value and its bits.
    fn codewords(fields: &[(u32, u32)], count: usize) -> Vec<u8> {
        let bits: Vec<bool> = fields
            .iter()
            .flat_map(|&(value, bits)| (0..bits).rev().map(move |bit| value >> bit & 1 == 1))
            .collect();
        let mut bytes: Vec<u8> = bits
            .chunks(8)
            .map(|byte| {
                byte.iter()
                    .enumerate()
                    .fold(0, |sum, (at, &bit)| sum | u8::from(bit) << (7 - at))
            })
            .collect();
        let used = bytes.len();
        bytes.resize(count, 0);
        for (index, byte) in bytes.iter_mut().enumerate().skip(used) {
            *byte = if (index - used).is_multiple_of(2) {
                0xec
            } else {
                0x11
            };
        }
        bytes
    }

    const LETTER: [(u32, u32); 3] = [(4, 4), (1, 8), (0x41, 8)];

    #[test]
    fn segments_of_every_mode_are_sound() {
        let segments: [&[(u32, u32)]; 11] = [
            &[],
            &[(1, 4), (7, 10), (999, 10), (0, 10), (9, 4)],
            &[(1, 4), (5, 10), (999, 10), (99, 7)],
            &[(2, 4), (3, 9), (45 * 45 - 1, 11), (44, 6)],
            &[(8, 4), (2, 8), (0x1fff, 13), (0, 13)],
            &[(3, 4), (0x1234, 16)],
            &[(5, 4)],
            &[(9, 4), (37, 8)],
            &[(7, 4), (26, 8)],
            &[(7, 4), (0x80, 8), (1, 8)],
            &[(7, 4), (0xc0, 8), (1, 16)],
        ];
        for segment in segments {
            let fields = [segment, &LETTER, &[(0, 4)]].concat();
            assert!(sound(&codewords(&fields, 30), 1, true), "{segment:?}");
        }
        // Counts grow with the version.
        for (version, bits) in [(9, 8), (10, 16), (26, 16), (27, 16)] {
            assert!(
                sound(
                    &codewords(&[(4, 4), (1, bits), (1, 8), (0, 4)], 30),
                    version,
                    true
                ),
                "{version}"
            );
        }
        for (version, bits) in [(9, 10), (10, 12), (26, 12), (27, 14), (40, 14)] {
            assert!(
                sound(
                    &codewords(&[(1, 4), (1, bits), (1, 4), (0, 4)], 30),
                    version,
                    true
                ),
                "{version}"
            );
        }
        for (version, bits) in [(9, 9), (10, 11), (27, 13)] {
            assert!(
                sound(
                    &codewords(&[(2, 4), (1, bits), (1, 6), (0, 4)], 30),
                    version,
                    true
                ),
                "{version}"
            );
        }
        for (version, bits) in [(9, 8), (10, 10), (27, 12)] {
            assert!(
                sound(
                    &codewords(&[(8, 4), (1, bits), (1, 13), (0, 4)], 30),
                    version,
                    true
                ),
                "{version}"
            );
        }
    }

    #[test]
    fn a_full_symbol_needs_no_terminator() {
        assert!(sound(
            &codewords(&[(4, 4), (2, 8), (0, 16), (0, 4)], 4),
            1,
            true
        ));
        assert!(sound(&codewords(&[(1, 4), (3, 10), (0, 10)], 3), 1, true));
        assert!(sound(
            &codewords(&[(2, 4), (3, 9), (0, 11), (0, 6), (0, 2)], 4),
            1,
            true
        ));
        assert!(!sound(
            &codewords(&[(2, 4), (3, 9), (0, 11), (0, 6), (1, 2)], 4),
            1,
            true
        ));
    }

    #[test]
    fn broken_segments_are_not() {
        let broken: [&[(u32, u32)]; 13] = [
            // Modes that there are not.
            &[(6, 4)],
            &[(10, 4)],
            &[(15, 4)],
            // Characters that there are not.
            &[(1, 4), (3, 10), (1000, 10)],
            &[(1, 4), (2, 10), (100, 7)],
            &[(1, 4), (1, 10), (10, 4)],
            &[(2, 4), (2, 9), (45 * 45, 11)],
            &[(2, 4), (1, 9), (45, 6)],
            // Past the end.
            &[(4, 4), (40, 8)],
            &[(1, 4), (900, 10), (0, 16)],
            &[(8, 4), (40, 8)],
            &[(2, 4), (300, 9)],
            // No such designator.
            &[(7, 4), (0xe0, 8), (0, 16)],
        ];
        for segment in broken {
            let fields = [segment, &LETTER, &[(0, 4)]].concat();
            assert!(!sound(&codewords(&fields, 30), 1, false), "{segment:?}");
        }
        // Nothing at all.
        assert!(!sound(&codewords(&[(0, 4)], 30), 1, false));
        assert!(!sound(&codewords(&[(4, 4), (0, 8), (0, 4)], 30), 1, false));
        assert!(!sound(&[], 1, false));
    }

    #[test]
    fn repaired_symbols_are_held_to_their_padding() {
        let padded = codewords(&[LETTER.as_slice(), &[(0, 4)]].concat(), 19);
        assert!(sound(&padded, 1, true));
        for index in 3..19 {
            let mut bytes = padded.clone();
            bytes[index] ^= 4;
            assert!(!sound(&bytes, 1, true), "{index}");
            assert!(sound(&bytes, 1, false), "{index}");
        }
        let mut zeros = padded.clone();
        zeros[3..].fill(0);
        assert!(sound(&zeros, 1, true));
        zeros[6..8].copy_from_slice(&[0xec, 0x11]);
        assert!(!sound(&zeros, 1, true));
        let swapped = codewords(&[LETTER.as_slice(), &[(0, 4), (0x11, 8)]].concat(), 19);
        assert!(!sound(&swapped, 1, true));
        // Bits between terminator and boundary.
        let bits = codewords(&[(1, 4), (3, 10), (0, 10), (0, 4), (1, 4)], 19);
        assert!(!sound(&bits, 1, true));
        assert!(sound(&bits, 1, false));
    }
}

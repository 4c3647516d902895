//! The data bit stream (7.4): whether it is built as the standard says. What it says is nobody's business here.

struct Stream<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Stream<'_> {
    fn left(&self) -> usize {
        self.bytes.len() * 8 - self.at
    }

    fn take(&mut self, count: usize) -> Option<usize> {
        let mut value = 0;
        for _ in 0..count {
            let byte = self.bytes.get(self.at / 8)?;
            value = value << 1 | usize::from(byte >> (7 - self.at % 8) & 1);
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
            8 => {
                let count = stream.take(8 + 2 * range)?;
                characters += count;
                // 13 bits each (7.4.6), all of whose values are taken.
                stream.at += 13 * count;
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

fn below(stream: &mut Stream<'_>, bits: usize, limit: usize) -> Option<()> {
    (stream.take(bits)? < limit).then_some(())
}

//! DEFLATE in a zlib wrapper (RFC 1951, RFC 1950).

use super::super::work;

/// How far back a match may reach (RFC 1951, 2).
const WINDOW: usize = 32 * 1024;
/// Output is handed on in pieces of about this size, so that memory does not grow with the picture.
const PIECE: usize = 64 * 1024;

/// Inflates `input`, which must be one zlib stream of exactly `expected` bytes with nothing after it. The output goes
/// to `sink` piece by piece; `None` from it ends the work.
pub(super) fn zlib(
    input: &[u8],
    expected: usize,
    sink: &mut dyn FnMut(&[u8]) -> Option<()>,
) -> Option<()> {
    let &[method, flags, ref rest @ ..] = input else {
        return None;
    };
    // RFC 1950, 2.2: deflate, a window of at most 32 KiB, no preset dictionary, header divisible by 31.
    if method & 15 != 8
        || method >> 4 > 7
        || flags & 0x20 != 0
        || (u32::from(method) << 8 | u32::from(flags)) % 31 != 0
    {
        return None;
    }
    let mut inflater = Inflater {
        bits: Bits {
            input: rest,
            hold: 0,
            count: 0,
        },
        out: Vec::with_capacity(expected.min(WINDOW + PIECE) + 258),
        handed_on: 0,
        left: expected,
        adler: (1, 0),
        sink,
    };
    while !inflater.block()? {}
    inflater.hand_on()?;
    let (a, b) = inflater.adler;
    (inflater.left == 0 && *inflater.bits.input == (b << 16 | a).to_be_bytes()).then_some(())
}

struct Inflater<'a> {
    bits: Bits<'a>,
    /// The window, then what has not been handed on.
    out: Vec<u8>,
    handed_on: usize,
    /// How many bytes may still come: the stream's promise is kept from the picture's header, not its own.
    left: usize,
    adler: (u32, u32),
    sink: &'a mut dyn FnMut(&[u8]) -> Option<()>,
}

impl Inflater<'_> {
    /// One block (3.2.3); true after the last.
    fn block(&mut self) -> Option<bool> {
        let last = self.bits.take(1)? == 1;
        match self.bits.take(2)? {
            0 => self.stored()?,
            1 => {
                let mut lengths = [8; 288 + 30];
                lengths[144..256].fill(9);
                lengths[256..280].fill(7);
                lengths[288..].fill(5);
                // The fixed code has two distance codes more than may be used (3.2.6), and so is not complete here.
                self.compressed(
                    &Huffman::new(&lengths[..288])?,
                    &Huffman::new_unchecked(&lengths[288..])?,
                )?;
            }
            2 => self.dynamic()?,
            _ => return None,
        }
        Some(last)
    }

    fn stored(&mut self) -> Option<()> {
        self.bits.align();
        let (header, rest) = self.bits.input.split_first_chunk::<4>()?;
        let &[l0, l1, n0, n1] = header;
        let length = u16::from_le_bytes([l0, l1]);
        if length != !u16::from_le_bytes([n0, n1]) {
            return None;
        }
        let (data, rest) = rest.split_at_checked(usize::from(length))?;
        self.bits.input = rest;
        self.reserve(data.len())?;
        self.out.extend_from_slice(data);
        Some(())
    }

    /// The codes of a block with dynamic Huffman codes (3.2.7).
    fn dynamic(&mut self) -> Option<()> {
        const ORDER: [u8; 19] = [
            16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
        ];
        let literals = self.bits.take(5)? as usize + 257;
        let distances = self.bits.take(5)? as usize + 1;
        let codes = self.bits.take(4)? as usize + 4;
        if literals > 286 || distances > 30 {
            return None;
        }
        let mut lengths = [0u8; 286 + 30];
        for &index in ORDER.iter().take(codes) {
            lengths[usize::from(index)] = self.bits.take(3)? as u8;
        }
        let code = Huffman::new(&lengths[..19])?;
        lengths[..19].fill(0);
        let mut index = 0;
        while index < literals + distances {
            let (value, times) = match self.bits.symbol(&code)? {
                16 => (*lengths.get(index.checked_sub(1)?)?, 3 + self.bits.take(2)?),
                17 => (0, 3 + self.bits.take(3)?),
                18 => (0, 11 + self.bits.take(7)?),
                length => (length as u8, 1),
            };
            let end = index + times as usize;
            if end > literals + distances {
                return None;
            }
            lengths.get_mut(index..end)?.fill(value);
            index = end;
        }
        // Without an end-of-block code the block could not end.
        if lengths[256] == 0 {
            return None;
        }
        let (literals, rest) = lengths.split_at_checked(literals)?;
        self.compressed(
            &Huffman::new(literals)?,
            &Huffman::new(rest.get(..distances)?)?,
        )
    }

    /// Literals and matches (3.2.5) up to the end of the block.
    fn compressed(&mut self, literals: &Huffman, distances: &Huffman) -> Option<()> {
        loop {
            let symbol = self.bits.symbol(literals)?;
            if symbol < 256 {
                self.reserve(1)?;
                self.out.push(symbol as u8);
                continue;
            }
            if symbol == 256 {
                return Some(());
            }
            let length = match u32::from(symbol) - 257 {
                code @ 0..8 => code + 3,
                28 => 258,
                code @ 8..28 => self.scaled(code, 2)? + 3,
                _ => return None,
            } as usize;
            let distance = match u32::from(self.bits.symbol(distances)?) {
                code @ 0..4 => code + 1,
                code @ 4..30 => self.scaled(code, 1)? + 1,
                _ => return None,
            } as usize;
            self.reserve(length)?;
            let start = self.out.len().checked_sub(distance)?;
            // A match may overlap what it yields: what is there by then is a whole number of periods, and copied at once.
            let end = self.out.len() + length;
            while self.out.len() < end {
                let piece = self.out.len().min(start + end - self.out.len());
                self.out.extend_from_within(start..piece);
            }
        }
    }

    /// The tables of 3.2.5 as the rule behind them: each 2^`log` codes the step doubles.
    fn scaled(&mut self, code: u32, log: u32) -> Option<u32> {
        let extra = (code >> log) - 1;
        Some(((1 << log | code & ((1 << log) - 1)) << extra) + self.bits.take(extra)?)
    }

    /// Counts bytes about to come and keeps the memory bounded.
    fn reserve(&mut self, bytes: usize) -> Option<()> {
        self.left = self.left.checked_sub(bytes)?;
        work::count(bytes);
        if self.out.len() > WINDOW + PIECE {
            self.hand_on()?;
            self.out.drain(..self.out.len() - WINDOW);
            self.handed_on = WINDOW;
        }
        Some(())
    }

    fn hand_on(&mut self) -> Option<()> {
        let fresh = self.out.get(self.handed_on..)?;
        work::count(fresh.len());
        let (mut a, mut b) = self.adler;
        // 5552 bytes are the most whose sums stay within 32 bits (RFC 1950, 9).
        for part in fresh.chunks(5552) {
            for &byte in part {
                a += u32::from(byte);
                b += a;
            }
            a %= 65521;
            b %= 65521;
        }
        self.adler = (a, b);
        (self.sink)(fresh)?;
        self.handed_on = self.out.len();
        Some(())
    }
}

struct Bits<'a> {
    input: &'a [u8],
    hold: u32,
    count: u32,
}

impl Bits<'_> {
    /// The next `count` ≤ 16 bits, the first lowest.
    fn take(&mut self, count: u32) -> Option<u32> {
        work::count(1);
        while self.count < count {
            let (&byte, rest) = self.input.split_first()?;
            self.input = rest;
            self.hold |= u32::from(byte) << self.count;
            self.count += 8;
        }
        let value = self.hold & ((1 << count) - 1);
        self.hold >>= count;
        self.count -= count;
        Some(value)
    }

    /// Drops the rest of a byte. Never more than one is held between calls.
    fn align(&mut self) {
        self.hold = 0;
        self.count = 0;
    }

    /// The next symbol of a canonical code, bit by bit: a picture of a QR symbol has few of them, so that a look-up
    /// table would cost more to build, and to ship, than it saves.
    fn symbol(&mut self, code: &Huffman) -> Option<u16> {
        let (mut value, mut first, mut index) = (0, 0, 0);
        for &count in &code.counts[1..] {
            value |= self.take(1)?;
            let count = u32::from(count);
            if value < first + count {
                return code.symbols.get((index + value - first) as usize).copied();
            }
            index += count;
            first = (first + count) << 1;
            value <<= 1;
        }
        None
    }
}

/// A canonical Huffman code (3.2.2): how many symbols have each length, and the symbols in the order of their codes.
struct Huffman {
    counts: [u16; 16],
    symbols: [u16; 288],
}

impl Huffman {
    /// `None` where the lengths are no complete code, save for none at all or a single one of length 1.
    fn new(lengths: &[u8]) -> Option<Self> {
        let code = Self::new_unchecked(lengths)?;
        let mut room = 1i32;
        for &count in &code.counts[1..] {
            room = room * 2 - i32::from(count);
            if room < 0 {
                return None;
            }
        }
        let coded = lengths.len() - usize::from(code.counts[0]);
        (room == 0 || coded == 0 || coded == 1 && code.counts[1] == 1).then_some(code)
    }

    fn new_unchecked(lengths: &[u8]) -> Option<Self> {
        work::count(lengths.len());
        let mut code = Self {
            counts: [0; 16],
            symbols: [0; 288],
        };
        for &length in lengths {
            *code.counts.get_mut(usize::from(length))? += 1;
        }
        let mut next = [0u16; 17];
        for length in 1..16 {
            next[length + 1] = next[length] + code.counts[length];
        }
        for (symbol, &length) in lengths.iter().enumerate() {
            if length != 0 {
                let place = next.get_mut(usize::from(length))?;
                *code.symbols.get_mut(usize::from(*place))? = symbol as u16;
                *place += 1;
            }
        }
        Some(code)
    }
}

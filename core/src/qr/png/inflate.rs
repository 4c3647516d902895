//! DEFLATE in a zlib wrapper (RFC 1951, RFC 1950).

use super::super::work;

/// How far back a match may reach (RFC 1951, 2).
const WINDOW: usize = 32 * 1024;
/// Output is handed on in pieces of about this size, so that memory does not grow with the picture. No stored block is longer.
const PIECE: usize = 64 * 1024;

/// Inflates `input`, which must be one zlib stream of exactly `expected` bytes with nothing after it. The output goes
/// to `sink`, which takes what it can use from the beginning and is given the rest again, with more; `None` from it ends the work.
pub(super) fn zlib(
    input: &[u8],
    expected: usize,
    sink: &mut dyn FnMut(&[u8]) -> Option<Taken>,
) -> Option<()> {
    let &[method, flags, ref rest @ ..] = input else {
        return None;
    };
    // RFC 1950, 2.2: deflate, a window of at most 32 KiB, no preset dictionary, header divisible by 31.
    if method & 15 != 8
        || method >> 4 > 7
        || flags & 0x20 != 0
        || (u32::from(method) * 256 + u32::from(flags)) % 31 != 0
    {
        return None;
    }
    let mut inflater = Inflater {
        bits: Bits {
            input: rest,
            at: 0,
            hold: 0,
            count: 0,
        },
        out: vec![0; expected.min(WINDOW + 2 * PIECE)],
        end: 0,
        handed_on: 0,
        left: expected,
        adler: (1, 0),
        sink,
    };
    while !inflater.block()? {}
    inflater.hand_on()?;
    let (a, b) = inflater.adler;
    inflater.bits.align();
    let trailer = rest.get(inflater.bits.at..)?;
    (inflater.left == 0 && *trailer == ((b << 16) + a).to_be_bytes()).then_some(())
}

/// What a sink has taken of its bytes: none where it waits for more, 32 Ki and one at most.
pub(super) struct Taken {
    pub(super) bytes: usize,
    /// How many of them, at their end, are known to be 0.
    pub(super) zeros: usize,
}

struct Inflater<'a> {
    bits: Bits<'a>,
    /// The window, then what has not been handed on, up to `end`.
    out: Vec<u8>,
    end: usize,
    handed_on: usize,
    /// How many bytes may still come: the stream's promise is kept from the picture's header, not its own.
    left: usize,
    adler: (u32, u32),
    sink: &'a mut dyn FnMut(&[u8]) -> Option<Taken>,
}

impl Inflater<'_> {
    /// One block (3.2.3); true after the last.
    fn block(&mut self) -> Option<bool> {
        let last = self.bits.take(1)? == 1;
        match self.bits.take(2)? {
            0 => self.stored()?,
            1 => self.fixed()?,
            2 => self.dynamic()?,
            _ => return None,
        }
        Some(last)
    }

    #[inline(never)]
    fn fixed(&mut self) -> Option<()> {
        let mut lengths = [8; 288 + 30];
        lengths[144..256].fill(9);
        lengths[256..280].fill(7);
        lengths[288..].fill(5);
        // The fixed code has two distance codes more than may be used (3.2.6), and so is not complete here.
        self.compressed(
            &mut Huffman::new(&lengths[..288])?,
            &mut Huffman::new_unchecked(&lengths[288..])?,
        )
    }

    #[inline(never)]
    fn stored(&mut self) -> Option<()> {
        self.bits.align();
        let (header, rest) = self
            .bits
            .input
            .get(self.bits.at..)?
            .split_first_chunk::<4>()?;
        let &[l0, l1, n0, n1] = header;
        let length = u16::from_le_bytes([l0, l1]);
        if length != !u16::from_le_bytes([n0, n1]) {
            return None;
        }
        let data = rest.get(..usize::from(length))?;
        self.bits.at += 4 + data.len();
        self.reserve(data.len())?.copy_from_slice(data);
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
        // One for each of both.
        let mut lengths = [0u8; 316];
        for &index in ORDER.iter().take(codes) {
            lengths[usize::from(index)] = self.bits.take(3)? as u8;
        }
        let mut code = Huffman::new(&lengths[..19])?;
        lengths[..19].fill(0);
        let mut index = 0;
        while index < literals + distances {
            let (value, times) = match self.bits.symbol(&mut code)? {
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
            &mut Huffman::new(literals)?,
            &mut Huffman::new(rest.get(..distances)?)?,
        )
    }

    /// Literals and matches (3.2.5) up to the end of the block.
    fn compressed(&mut self, literals: &mut Huffman, distances: &mut Huffman) -> Option<()> {
        loop {
            let symbol = self.bits.symbol(literals)?;
            if symbol < 256 {
                *self.reserve(1)?.first_mut()? = symbol as u8;
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
            let mut at = self.end - length;
            let start = at.checked_sub(distance)?;
            if distance == 1 {
                // Rows that repeat are runs of one byte.
                let byte = *self.out.get(start)?;
                self.out.get_mut(at..self.end)?.fill(byte);
                continue;
            }
            // A match may overlap what it yields: what is there by then is a whole number of periods, and copied at once.
            while at < self.end {
                let piece = (at - start).min(self.end - at);
                self.out.copy_within(start..start + piece, at);
                at += piece;
            }
        }
    }

    /// The tables of 3.2.5 as the rule behind them: each 2^`log` codes the step doubles.
    fn scaled(&mut self, code: u32, log: u32) -> Option<u32> {
        let extra = (code >> log) - 1;
        Some((((1 << log) + (code & ((1 << log) - 1))) << extra) + self.bits.take(extra)?)
    }

    /// Room for bytes about to come, counted; keeps the memory bounded.
    #[inline(always)]
    fn reserve(&mut self, bytes: usize) -> Option<&mut [u8]> {
        self.left = self.left.checked_sub(bytes)?;
        work::count(bytes);
        if self.end > WINDOW + PIECE {
            self.hand_on()?;
        }
        let start = self.end;
        self.end += bytes;
        self.out.get_mut(start..self.end)
    }

    /// Hands on what has come, and forgets what no match can reach.
    fn hand_on(&mut self) -> Option<()> {
        loop {
            let fresh = self.out.get(self.handed_on..self.end)?;
            let Taken { bytes, zeros } = (self.sink)(fresh)?;
            if bytes == 0 {
                break;
            }
            self.adler = adler(self.adler, fresh.get(..bytes - zeros)?);
            // Zeros add to the second sum alone. 32 Ki of them, the longest row, stay within 32 bits.
            let (a, b) = self.adler;
            self.adler.1 = (b + zeros as u32 * a) % BASE;
            self.handed_on += bytes;
        }
        work::count(self.end - self.handed_on + WINDOW);
        let done = self.handed_on.min(self.end.saturating_sub(WINDOW));
        self.out.copy_within(done..self.end, 0);
        self.end -= done;
        self.handed_on -= done;
        Some(())
    }
}

/// What is the largest prime below 2¹⁶ (RFC 1950, 9).
const BASE: u32 = 65521;

/// Goes on with a checksum of RFC 1950, 9.
fn adler((mut a, mut b): (u32, u32), bytes: &[u8]) -> (u32, u32) {
    const LANES: u64 = 0x00ff_00ff_00ff_00ff;
    work::count(bytes.len());
    // 5552 bytes are the most whose sums stay within 32 bits.
    for part in bytes.chunks(5552) {
        // Eight bytes at a time, as four and four in lanes of 16 bits; a product's highest lane is the sum of all four, each
        // times how often it counts in the second sum.
        let (words, rest) = part.as_chunks::<8>();
        for &word in words {
            let word = u64::from_le_bytes(word);
            let (even, odd) = (word & LANES, word >> 8 & LANES);
            let times = |lanes: u64, factors: u64| (lanes.wrapping_mul(factors) >> 48) as u32;
            b += 8 * a + times(even, 0x0008_0006_0004_0002) + times(odd, 0x0007_0005_0003_0001);
            a += times(even + odd, 0x0001_0001_0001_0001);
        }
        for &byte in rest {
            a += u32::from(byte);
            b += a;
        }
        a %= BASE;
        b %= BASE;
    }
    (a, b)
}

struct Bits<'a> {
    input: &'a [u8],
    /// The first byte that is not held.
    at: usize,
    hold: u64,
    count: u32,
}

impl Bits<'_> {
    /// Holds 16 bits or more; fewer where the input ends.
    #[inline(always)]
    fn hold(&mut self) {
        work::count(1);
        if self.count < 16 {
            self.fill();
        }
    }

    fn fill(&mut self) {
        while self.count <= 56 {
            let Some(&byte) = self.input.get(self.at) else {
                return;
            };
            self.at += 1;
            self.hold += u64::from(byte) << self.count;
            self.count += 8;
        }
    }

    /// Takes `count` bits of those held.
    #[inline(always)]
    fn skip(&mut self, count: u32) -> Option<()> {
        self.count = self.count.checked_sub(count)?;
        self.hold >>= count;
        Some(())
    }

    /// The next `count` ≤ 16 bits, the first lowest.
    fn take(&mut self, count: u32) -> Option<u32> {
        self.hold();
        let value = self.hold as u32 & ((1 << count) - 1);
        self.skip(count)?;
        Some(value)
    }

    /// Drops the rest of a byte; whole ones that are held are given back.
    fn align(&mut self) {
        self.at -= (self.count / 8) as usize;
        self.hold = 0;
        self.count = 0;
    }

    /// The next symbol of a canonical code: bit by bit where it comes for the first time, then as it was found. A table of all that may
    /// come would take longer to build than a picture takes to read.
    fn symbol(&mut self, code: &mut Huffman) -> Option<u16> {
        self.hold();
        let known = code.known.get_mut((self.hold & 255) as usize)?;
        if *known != 0 {
            self.skip(u32::from(*known & 15))?;
            return Some(*known >> 4);
        }
        let (mut value, mut first, mut index) = (0, 0, 0);
        let mut ahead = self.hold as u32;
        for (length, &count) in (1..).zip(&code.counts[1..]) {
            value += ahead & 1;
            ahead >>= 1;
            let count = u32::from(count);
            if value < first + count {
                let symbol = *code.symbols.get((index + value - first) as usize)?;
                if length <= 8 {
                    *known = (symbol << 4) + length;
                }
                self.skip(u32::from(length))?;
                return Some(symbol);
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
    /// By the next eight bits: the symbol that they begin with and its length, as symbol × 16 + length, once it has been met; else 0.
    known: [u16; 256],
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
        // What is known by eight bits is empty at first: 512 bytes, eight at a step.
        work::count(lengths.len() + 64);
        let mut code = Self {
            counts: [0; 16],
            symbols: [0; 288],
            known: [0; 256],
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

#[cfg(test)]
mod tests;

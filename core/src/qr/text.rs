//! Pairing texts into symbols (7.1): one segment in byte mode, so that the text stays as it is.

use super::Matrix;
use super::galois::Field;
use super::reed_solomon;
use super::symbol::{self, Blocks, Layout};

/// Encodes `text` at level M, or L where M has no room, in the smallest version; `None` where it is longer than any symbol holds.
pub(super) fn encode(text: &str) -> Option<Matrix> {
    [1, 0]
        .into_iter()
        .find_map(|level| (1..=40).find_map(|version| symbol(text.as_bytes(), version, level)))
}

fn symbol(text: &[u8], version: usize, level: usize) -> Option<Matrix> {
    let blocks = Blocks::of(version, level)?;
    let codewords = codewords(&data(text, version, blocks)?, blocks);
    let mut layout = Layout::patterns(version)?;
    layout.reserve_information();
    let mut best: Option<(usize, Matrix)> = None;
    for mask in 0..8 {
        let mut symbol = layout.dark.clone();
        symbol::draw_information(&mut symbol, level, mask);
        symbol::draw_codewords(&mut symbol, &layout.reserved, mask, &codewords);
        let penalty = penalty(&symbol);
        if best.as_ref().is_none_or(|&(least, _)| penalty < least) {
            best = Some((penalty, symbol));
        }
    }
    best.map(|(_, symbol)| symbol)
}

/// The data codewords (7.4): mode, character count, characters, terminator and padding; `None` without room for them.
fn data(text: &[u8], version: usize, blocks: Blocks) -> Option<Vec<u8>> {
    let capacity = (0..blocks.count).map(|block| blocks.data(block)).sum();
    // Table 3.
    let count_nibbles = if version < 10 { 2 } else { 4 };
    // Mode and count are an odd number of half codewords, so that the terminator of one more ends on a whole one.
    if count_nibbles / 2 + 1 + text.len() > capacity || text.len() >> (4 * count_nibbles) != 0 {
        return None;
    }
    let mut nibbles = vec![4];
    nibbles.extend(
        (0..count_nibbles)
            .rev()
            .map(|nibble| (text.len() >> (4 * nibble)) as u8 & 15),
    );
    nibbles.extend(text.iter().flat_map(|byte| [byte >> 4, byte & 15]));
    nibbles.push(0);
    let mut data: Vec<u8> = nibbles
        .chunks_exact(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect();
    let mut pad = 0xec;
    while data.len() < capacity {
        data.push(pad);
        pad ^= 0xec ^ 0x11;
    }
    Some(data)
}

/// All codewords, interleaved (7.6).
fn codewords(mut data: &[u8], blocks: Blocks) -> Vec<u8> {
    let field = Field::new();
    let mut codewords = vec![0; data.len() + blocks.count * blocks.parity];
    for number in 0..blocks.count {
        let (block, rest) = data.split_at(blocks.data(number));
        data = rest;
        let parity = reed_solomon::parity(&field, block, blocks.parity);
        for (index, &codeword) in block
            .iter()
            .chain(parity.iter().take(blocks.parity))
            .enumerate()
        {
            codewords[blocks.place(number, index)] = codeword;
        }
    }
    codewords
}

/// How hard a symbol is to read (7.8.3): long runs, blocks, what looks like a finder pattern, and an unequal share of dark modules.
fn penalty(symbol: &Matrix) -> usize {
    let size = symbol.size();
    let mut penalty = 0;
    let mut dark = 0;
    for columns in [false, true] {
        for line in 0..size {
            let (mut run, mut last, mut recent) = (0, false, 0);
            for at in 0..size {
                let module = if columns {
                    symbol.get(line, at)
                } else {
                    symbol.get(at, line)
                };
                run = if module == last { run + 1 } else { 1 };
                last = module;
                penalty += match run {
                    5 => 3,
                    6.. => 1,
                    _ => 0,
                };
                recent = (recent << 1 | usize::from(module)) & 0x7ff;
                if at >= 10 && matches!(recent, 0b101_1101_0000 | 0b000_0101_1101) {
                    penalty += 40;
                }
                if columns {
                    dark += usize::from(module);
                    // A block of 2 × 2: this column and the next, this row and the next.
                    let block = [(line + 1, at), (line, at + 1), (line + 1, at + 1)];
                    if line + 1 < size
                        && at + 1 < size
                        && block.iter().all(|&(x, y)| symbol.get(x, y) == module)
                    {
                        penalty += 3;
                    }
                }
            }
        }
    }
    penalty + (dark * 20).abs_diff(size * size * 10) / (size * size) * 10
}

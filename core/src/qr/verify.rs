//! From sampled modules to a symbol that is right as a whole.

use super::Matrix;
use super::galois::Field;
use super::reed_solomon;
use super::segments;
use super::symbol::{self, Blocks, Layout};

/// Holds sampled modules, upright but mirrored or not, to ISO/IEC 18004, and repairs them.
///
/// Function patterns may be damaged up to a quarter; format information is the nearest within 3 bits of either copy (7.9.1), version
/// information must be within 3 bits in one copy (7.10); each block must be within what error correction bears (7.5.1).
/// Where anything was damaged, the data must also be sound as a whole: segments, terminator and padding (7.4). So a miscorrection
/// is declined. The result is that symbol as an encoder would have drawn it, never mirrored.
///
/// `None` where the modules are not such a symbol.
#[must_use]
pub fn verify(sampled: &Matrix) -> Option<Matrix> {
    upright(sampled).or_else(|| {
        let mut mirrored = sampled.clone();
        for y in 0..sampled.size() {
            for x in 0..sampled.size() {
                mirrored.set(x, y, sampled.get(y, x));
            }
        }
        upright(&mirrored)
    })
}

fn upright(sampled: &Matrix) -> Option<Matrix> {
    let (size, version) = (sampled.size(), sampled.version());
    let mut layout = Layout::patterns(version)?;
    // How many modules of the patterns are not as they should be.
    let damaged = layout
        .dark
        .bits()
        .differences(sampled.bits(), layout.reserved.bits());
    if damaged * 4 > layout.reserved.bits().count() {
        return None;
    }
    layout.reserve_information();
    let Layout {
        reserved,
        dark: mut symbol,
    } = layout;

    let format = read_format(sampled)?;
    let (level, mask) = (format / 8, format % 8);
    for places in symbol::format_places(size) {
        for (bit, (x, y)) in places.into_iter().enumerate() {
            symbol.set(x, y, symbol::format_bits(level, mask) >> bit & 1 == 1);
        }
    }
    let information = symbol::version_bits(version);
    let mut distances = [0, 0];
    for (bit, (a, b)) in symbol::version_places(size).enumerate() {
        let dark = information >> bit & 1 == 1;
        distances[0] += u32::from(sampled.get(a, b) != dark);
        distances[1] += u32::from(sampled.get(b, a) != dark);
        symbol.set(a, b, dark);
        symbol.set(b, a, dark);
    }
    if distances.iter().all(|&distance| distance > 3) {
        return None;
    }

    let blocks = Blocks::of(version, level)?;
    let mut codewords = read_codewords(sampled, &reserved, mask);
    let data = correct(&mut codewords, blocks)?;
    draw_codewords(&mut symbol, &reserved, mask, &codewords);
    segments::sound(&data, version, symbol != *sampled).then_some(symbol)
}

/// Level × 8 + mask of the nearest format information within the 3 bits that its code corrects.
fn read_format(sampled: &Matrix) -> Option<usize> {
    let mut nearest = (4, None);
    for places in symbol::format_places(sampled.size()) {
        let mut read = 0;
        for (bit, (x, y)) in places.into_iter().enumerate() {
            read += u32::from(sampled.get(x, y)) << bit;
        }
        for format in 0..32 {
            let distance = (symbol::format_bits(format / 8, format % 8) ^ read).count_ones();
            if distance < nearest.0 {
                nearest = (distance, Some(format));
            }
        }
    }
    nearest.1
}

/// The codewords, unmasked.
fn read_codewords(sampled: &Matrix, reserved: &Matrix, mask: usize) -> Vec<u8> {
    let mut codewords = Vec::new();
    let (mut byte, mut bits) = (0, 0);
    symbol::data_modules(reserved, &mut |x, y| {
        byte = (byte << 1) + u8::from(sampled.get(x, y) != symbol::masked(mask, x, y));
        bits += 1;
        if bits == 8 {
            codewords.push(byte);
            (byte, bits) = (0, 0);
        }
    });
    codewords
}

/// Draws the codewords into a symbol whose data modules are light; the remainder bits after them (7.7.3), which carry nothing, as 0.
fn draw_codewords(target: &mut Matrix, reserved: &Matrix, mask: usize, codewords: &[u8]) {
    let mut bit = 0;
    symbol::data_modules(reserved, &mut |x, y| {
        let byte = codewords.get(bit / 8).copied().unwrap_or(0);
        if (byte << (bit % 8) & 0x80 != 0) != symbol::masked(mask, x, y) {
            target.set(x, y, true);
        }
        bit += 1;
    });
}

/// Corrects the interleaved codewords (7.6) in place; gives the data codewords in order.
fn correct(codewords: &mut [u8], blocks: Blocks) -> Option<Vec<u8>> {
    let field = Field::new();
    let mut data = Vec::new();
    let mut block = Vec::new();
    let short_data = blocks.short - blocks.parity;
    for number in 0..blocks.count {
        let long = usize::from(number >= blocks.shorts);
        let length = short_data + long;
        // Where this block's codeword lies among all: the long blocks' last data codewords come between data and parity.
        let place = |index: usize| {
            if index < short_data {
                index * blocks.count + number
            } else if index < length {
                short_data * blocks.count + number - blocks.shorts
            } else {
                (index - long) * blocks.count + number + blocks.count - blocks.shorts
            }
        };
        block.clear();
        for index in 0..length + blocks.parity {
            block.push(*codewords.get(place(index))?);
        }
        reed_solomon::correct(&field, &mut block, blocks.parity, blocks.limit)?;
        for (index, &codeword) in block.iter().enumerate() {
            *codewords.get_mut(place(index))? = codeword;
        }
        data.extend_from_slice(block.get(..length)?);
    }
    Some(data)
}

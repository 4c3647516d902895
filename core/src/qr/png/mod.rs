//! PNG (W3C Portable Network Graphics, third edition; ISO/IEC 15948) → brightness.
//!
//! Everything the specification lets a still image be, and nothing else: a fault anywhere is [`Reason::CorruptPng`].
//! All limits hold before memory is taken; chunks that do not matter are checked and stepped over, never inflated.

mod chunks;
mod header;
mod inflate;
mod rows;

use super::{Raster, Reason};
use chunks::Chunks;
use header::Header;
use rows::Rows;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Decodes a whole file. Bytes after the end of the image (IEND) are not looked at.
pub(super) fn decode(file: &[u8]) -> Result<Raster, Reason> {
    let mut chunks = Chunks::new(file.strip_prefix(SIGNATURE).ok_or(Reason::NotPng)?);
    let (kind, data) = chunks.next().ok_or(Reason::CorruptPng)?;
    if kind != *b"IHDR" {
        return Err(Reason::NotPng);
    }
    let header = Header::parse(data)?;
    body(header, chunks).ok_or(Reason::CorruptPng)
}

fn body(header: Header, mut chunks: Chunks<'_>) -> Option<Raster> {
    let mut palette = None;
    let mut transparency = None;
    let mut compressed = Vec::new();
    // IDAT chunks must follow one another (5.6): once they have begun, another chunk ends them.
    let mut ended = false;
    loop {
        let (kind, data) = chunks.next()?;
        match &kind {
            b"IDAT" if !ended => {
                compressed.extend_from_slice(data);
                continue;
            }
            b"IEND" if data.is_empty() => break,
            b"PLTE" if palette.is_none() && compressed.is_empty() => palette = Some(data),
            b"tRNS" if transparency.is_none() && compressed.is_empty() => transparency = Some(data),
            // The first letter's case tells the critical chunks, which may not be stepped over (5.4).
            [first, ..] if !first.is_ascii_lowercase() => return None,
            _ => {}
        }
        ended = !compressed.is_empty();
    }
    let mut rows = Rows::new(header, palette, transparency)?;
    inflate::zlib(&compressed, rows.expected(), &mut |bytes| rows.push(bytes))?;
    Some(rows.finish())
}

//! Memory at its peak, counted by the allocator: under 16 MiB whatever is sent. Alone in its binary, so that nothing else counts.

// What the tests call may unwrap as they do.
#![allow(clippy::unwrap_used)]

mod qr_support;

use peak_alloc::PeakAlloc;
use qr_support::png::{chunk, data_url, file, ihdr, zlib};
use qr_support::random::Random;
use sendapi_pairing_core::qr::{self, MAX_SOURCE_BYTES, QrError, Reason, svg};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const MIB: f64 = 1024.0 * 1024.0;

/// What reading takes at its peak beyond the `qr_code` itself, in bytes; drawing the original included.
fn peak(qr_code: &str) -> (f64, Result<qr::Matrix, QrError>) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let result = qr::read(qr_code);
    if let Err(QrError::Unverified(bitmap)) = &result {
        assert!(svg::bitmap_document(bitmap).len() < 2 << 20);
    }
    (MEMORY.peak_usage() as f64 - before as f64, result)
}

#[test]
fn peak_stays_under_16_mib() {
    let end = chunk(b"IEND", &[]);
    let picture = |header: Vec<u8>, raw: &[u8]| {
        data_url(&file(&[header, chunk(b"IDAT", &zlib(raw, 9)), end.clone()]))
    };
    let invalid = |reason| Some(Err(QrError::Invalid(reason)));

    // Refused before anything is allocated for them.
    let huge = file(&[
        ihdr(60_000, 60_000, 8, 0, 0),
        chunk(b"IDAT", &zlib(&[0; 100], 9)),
        end.clone(),
    ]);
    let long = "A".repeat(MAX_SOURCE_BYTES + 1);
    let text_bomb = {
        let bomb = zlib(&vec![b'a'; 32 << 20], 9);
        let data = [b"Comment\0\0".as_slice(), &bomb].concat();
        assert!(data.len() < 64 << 10);
        let text = [
            chunk(b"zTXt", &data),
            chunk(b"iCCP", &data),
            chunk(b"iTXt", &data),
        ];
        [&[ihdr(60_000, 60_000, 8, 0, 0)][..], &text].concat()
    };
    for (qr_code, reason, most) in [
        (data_url(&huge), Reason::Dimensions, 4096.0),
        (long, Reason::TooLarge, 1.0),
        // The base64 alone is decoded.
        (
            data_url(&file(&text_bomb)),
            Reason::Dimensions,
            192.0 * 1024.0,
        ),
    ] {
        let (bytes, result) = peak(&qr_code);
        assert_eq!(Some(result), invalid(reason));
        assert!(bytes < most, "{bytes} bytes");
    }

    // Text chunks are stepped over, not inflated: a small picture beside them stays small.
    let mut chunks = vec![ihdr(9, 10, 8, 0, 0)];
    chunks.extend(text_bomb.into_iter().skip(1));
    chunks.extend([chunk(b"IDAT", &zlib(&[0; 100], 9)), end.clone()]);
    let (bytes, result) = peak(&data_url(&file(&chunks)));
    assert!(matches!(result, Err(QrError::Unverified(_))));
    assert!(bytes < 0.5 * MIB, "{bytes} bytes");

    // A huge chunk that nobody needs.
    let filler = chunk(b"juNK", &vec![7; 150 << 10]);
    let image = chunk(b"IDAT", &zlib(&[0; 100], 9));
    let (bytes, result) = peak(&data_url(&file(&[
        ihdr(9, 10, 8, 0, 0),
        filler,
        image,
        end.clone(),
    ])));
    assert!(matches!(result, Err(QrError::Unverified(_))));
    assert!(bytes < 0.5 * MIB, "{bytes} bytes");

    // Image data that inflate to more than the header says: given up at once.
    let (bytes, result) = peak(&picture(ihdr(9, 10, 8, 0, 0), &vec![0; 64 << 20]));
    assert_eq!(Some(result), invalid(Reason::CorruptPng));
    assert!(bytes < 0.5 * MIB, "{bytes} bytes");

    // The largest pictures that are decoded, of the widest pixels, interlaced or not, and of noise.
    let (width, height) = (4096, 2048);
    let (bytes, result) = peak(&picture(
        ihdr(width, height, 16, 6, 0),
        &vec![0; (4096 * 8 + 1) * 2048],
    ));
    assert!(matches!(result, Err(QrError::Unverified(_))));
    assert!(bytes < 12.0 * MIB, "{bytes} bytes");
    let passes = [
        (512, 256),
        (512, 256),
        (1024, 256),
        (1024, 512),
        (2048, 512),
        (2048, 1024),
        (4096, 1024),
    ];
    let interlaced: usize = passes
        .iter()
        .map(|(columns, rows)| (columns * 8 + 1) * rows)
        .sum();
    let (bytes, result) = peak(&picture(
        ihdr(width, height, 16, 6, 1),
        &vec![0; interlaced],
    ));
    assert!(matches!(result, Err(QrError::Unverified(_))));
    assert!(bytes < 12.0 * MIB, "{bytes} bytes");
    let noise = Random::new(1).bytes(1000 * (1 + 1200 / 8));
    let rows: Vec<u8> = noise
        .chunks(151)
        .flat_map(|row| [&[0], &row[1..]].concat())
        .collect();
    let (bytes, result) = peak(&picture(ihdr(1200, 1000, 1, 0, 0), &rows));
    assert!(matches!(result, Err(QrError::Unverified(_))));
    assert!(bytes < 8.0 * MIB, "{bytes} bytes");
}

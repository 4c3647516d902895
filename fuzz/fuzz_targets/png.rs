//! PNG files: the bytes as a file, compressed data in a sound one, and sound ones of every kind beside a decoder that is not ours.

#![no_main]

#[path = "../../core/tests/qr_support/mod.rs"]
mod qr_support;

use libfuzzer_sys::fuzz_target;
use qr_support::{fuzz, png::data_url, random::Random};

fuzz_target!(|bytes: &[u8]| {
    fuzz::check(&data_url(bytes));
    fuzz::compressed_data(&mut Random::of(bytes));
    fuzz::png_files(&mut Random::of(bytes));
});

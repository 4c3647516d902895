//! The second reader, on pictures of symbols that were painted over.

#![no_main]

#[path = "../../core/tests/qr_support/mod.rs"]
mod qr_support;

use libfuzzer_sys::fuzz_target;
use qr_support::{fuzz, random::Random};

fuzz_target!(|bytes: &[u8]| {
    let picture = fuzz::painted(&mut Random::of(bytes));
    let url = qr_support::png::data_url(&qr_support::png::grey(&picture));
    if let Ok(matrix) = sendapi_pairing_reader::read(&url) {
        assert_eq!(sendapi_pairing_core::qr::verify(&matrix), Some(matrix));
    }
});

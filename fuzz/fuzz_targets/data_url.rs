//! Texts of any kind, and data URLs that a few bytes were changed in.

#![no_main]

#[path = "../../core/tests/qr_support/mod.rs"]
mod qr_support;

use libfuzzer_sys::fuzz_target;
use qr_support::{fuzz, random::Random};

fuzz_target!(|bytes: &[u8]| {
    fuzz::check(&String::from_utf8_lossy(bytes));
    fuzz::texts(&mut Random::of(bytes));
});

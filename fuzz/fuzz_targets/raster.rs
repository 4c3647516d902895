//! Pictures of symbols, painted over.

#![no_main]

#[path = "../../core/tests/qr_support/mod.rs"]
mod qr_support;

use libfuzzer_sys::fuzz_target;
use qr_support::{fuzz, random::Random};

fuzz_target!(|bytes: &[u8]| fuzz::rasters(&mut Random::of(bytes)));

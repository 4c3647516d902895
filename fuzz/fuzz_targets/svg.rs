//! Modules near those of a symbol, and the drawing of those that verify.

#![no_main]

#[path = "../../core/tests/qr_support/mod.rs"]
mod qr_support;

use libfuzzer_sys::fuzz_target;
use qr_support::{fuzz, random::Random};

fuzz_target!(|bytes: &[u8]| fuzz::matrices(&mut Random::of(bytes)));

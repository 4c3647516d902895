//! Fuzzing from seeds: data URLs, PNG files, rasters and the SVG of what comes of them. `QR_FUZZ_RUNS` sets how many of each are made
//! (300), `QR_FUZZ_SEED` where they begin (1); a failure names its seed.

// What the tests call may unwrap as they do.
#![allow(clippy::unwrap_used)]

mod qr_support;

use std::panic::catch_unwind;

use qr_support::{fuzz as targets, random::Random};

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}

/// Seeds that once failed, whatever the target.
const FOUND: [u64; 1] = [1496];

fn fuzz(target: fn(&mut Random)) {
    let seed = setting("QR_FUZZ_SEED", 1);
    for seed in (seed..seed + setting("QR_FUZZ_RUNS", 300)).chain(FOUND) {
        assert!(
            catch_unwind(|| target(&mut Random::new(seed))).is_ok(),
            "seed {seed}"
        );
    }
}

#[test]
fn texts() {
    fuzz(targets::texts);
}

#[test]
fn png_files() {
    fuzz(targets::png_files);
}

#[test]
fn compressed_data() {
    fuzz(targets::compressed_data);
}

#[test]
fn rasters() {
    fuzz(targets::rasters);
}

#[test]
fn matrices() {
    fuzz(targets::matrices);
}

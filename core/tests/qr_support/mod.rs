//! What the QR tests share: symbols from an encoder that is not ours, pictures of them, PNG files of any kind, and a reader of our
//! paths.

// Each test binary uses its own part; an example does too, where the leave that tests have to unwrap does not reach.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

pub mod fuzz;
pub mod grid;
pub mod picture;
pub mod png;
pub mod random;
pub mod svg;

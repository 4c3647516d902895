//! The pure core of `sendapi-pairing`: what SendAPI's session routes say ([`api`]), how a WhatsApp number is linked through them
//! ([`pairing`]), and how the code they send becomes a drawing ([`qr`]).
//!
//! Nothing here performs I/O or reads a clock. Time comes in as [`time::Instant`], requests go out as values, so a whole pairing
//! (sleep, lost answers, several tabs) runs in a test in microseconds.

pub mod api;
pub mod decimal;
pub mod error;
pub mod model;
pub mod pairing;
pub mod qr;
pub mod text;
pub mod time;

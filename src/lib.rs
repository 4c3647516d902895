//! `<sendapi-pairing>` in Rust: a Leptos component that links a WhatsApp number through SendAPI, the browser driver under it, and
//! (feature `js`) the face that JavaScript sees.
//!
//! The lifecycle itself is pure and lives in [`core`]; this crate carries its outputs out and shows its
//! snapshots. See `ARCHITECTURE.md`.

pub mod driver;
pub mod ui;

#[cfg(feature = "js")]
mod bindings;

pub use sendapi_pairing_core as core;
pub use ui::SendApiPairing;

//! `<sendapi-pairing>` in Rust: a Leptos component that links a WhatsApp number through SendAPI, the browser driver under it, and
//! (feature `js`) the face that JavaScript sees.
//!
//! The lifecycle itself is pure and lives in [`core`]; this crate carries its outputs out and shows its
//! snapshots. See `ARCHITECTURE.md`.

pub mod driver;
mod js;
pub mod ui;

#[cfg(feature = "js")]
mod bindings;

// std's allocator is made for heaps of millions of blocks and costs 2 kB of download; a widget's heap has hundreds.
#[cfg(all(feature = "js", target_family = "wasm"))]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

// The documents' snippets in Rust are compiled with the tests.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../docs/languages.md")]
    struct Languages;
    #[doc = include_str!("../docs/theming.md")]
    struct Theming;
}

pub use sendapi_pairing_core as core;
pub use ui::SendApiPairing;

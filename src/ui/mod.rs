//! The Leptos component: signals mirror the core's snapshot, and nothing else.

mod component;
mod number;
mod screen;
mod slots;
mod state;
#[cfg(not(feature = "js"))]
mod style;
mod text;
mod tree;
mod view;

#[cfg(feature = "js")]
pub(crate) use component::settings_of;
pub use component::{Look, SendApiPairing, SendApiPairingProps};
pub use screen::{Button, Plate, Screen, Settings, Sign, Tone, compose};
pub use slots::Slots;
#[cfg(not(feature = "js"))]
pub use style::stylesheet;
pub use text::{Strings, Text};
#[cfg(feature = "js")]
pub(crate) use {
    state::{State, presses},
    tree::Mounted,
    view::view,
};

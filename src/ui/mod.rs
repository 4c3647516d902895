//! The Leptos component: signals mirror the core's snapshot, and nothing else.

mod component;
mod screen;
#[cfg(not(feature = "js"))]
mod style;
mod text;
mod view;

#[cfg(feature = "js")]
pub(crate) use component::{Face, settings_of};
pub use component::{Look, SendApiPairing, SendApiPairingProps};
pub use screen::{Button, Plate, Screen, Settings, Sign, Tone, compose};
pub use text::{Strings, Text};
#[cfg(feature = "js")]
pub(crate) use view::view;

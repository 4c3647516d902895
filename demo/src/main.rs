//! The demo page: the real element, a phone beside it that reads the picture, and what happens in between.
//!
//! The page itself, the element's tag included, is `index.html`. This program fills its islands (phone, controls, log, badge,
//! preferences) and decides where the element's requests go: to the gateway that serves the page, or, where no gateway answers,
//! to a sandbox that runs inside this program.
//!
//! Built with Leptos' builder, not `view!`: the macro turns static subtrees into `innerHTML`, which Trusted Types forbid.

mod backstage;
mod camera;
mod controls;
mod decoder;
mod devices;
mod in_page;
mod journal;
mod mode;
mod page;
mod phone;
mod service;
mod ui;
mod widget;

fn main() {
    page::run();
}

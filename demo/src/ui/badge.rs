//! What stands behind the page, in a word.

use crate::mode::Mode;
use crate::page::Page;
use leptos::html::span;
use leptos::prelude::*;

pub(super) fn view(page: Page) -> AnyView {
    let words = move || page.mode.get().map_or("Starting…", Mode::badge);
    (
        span().class("badge-dot").attr("aria-hidden", "true"),
        span().child(words),
    )
        .into_any()
}

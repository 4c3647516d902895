//! The log of the element's events.

use crate::journal::Entry;
use crate::page::Page;
use leptos::ev;
use leptos::html::{button, code, div, h2, li, ol, p, span, time};
use leptos::prelude::*;

pub(super) fn view(page: Page) -> AnyView {
    let empty = move || page.journal.with(|journal| journal.is_empty());
    let entries = move || {
        page.journal
            .with(|journal| journal.entries().cloned().collect::<Vec<_>>())
    };
    let rows = For(ForProps::builder()
        .each(entries)
        .key(|entry| entry.number)
        .children(row)
        .build());
    (
        div().class("panel-head").child((
            h2().child("Events"),
            button()
                .id("log-clear")
                .class("quiet")
                .attr("type", "button")
                .disabled(empty)
                .on(ev::click, move |_| page.journal.update(|journal| journal.clear()))
                .child("Clear"),
        )),
        p().class("hint").child(
            "Everything the element tells its page. Never the code; the number, masked here, comes with sendapi-connected.",
        ),
        // Focusable, so that it can be scrolled with the keyboard.
        ol().id("log")
            .attr("tabindex", "0")
            .attr("aria-label", "Events, newest first")
            .child(rows),
        p().class("log-empty")
            .hidden(move || !empty())
            .child("Nothing has happened yet."),
    )
        .into_any()
}

fn row(entry: Entry) -> impl IntoView {
    li().child((
        time().child(entry.time),
        code().class("log-name").child(entry.name),
        span().class("log-detail").child(entry.detail),
    ))
}

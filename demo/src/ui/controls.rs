//! The controls, and in live mode the one that deletes.

use crate::controls::{Control, Delete};
use crate::mode::Mode;
use crate::page::Page;
use leptos::ev;
use leptos::html::{button, div, h2, output, p, span};
use leptos::prelude::*;

pub(super) fn view(page: Page) -> AnyView {
    let live = move || page.mode.get() == Some(Mode::Live);
    (move || if live() { delete(page) } else { all(page) }).into_any()
}

fn all(page: Page) -> AnyView {
    let buttons: Vec<_> = Control::ALL
        .into_iter()
        .map(|control| one(page, control))
        .collect();
    (
        h2().child("What happens next"),
        p().class("hint").child(
            "Play what a phone and a network do to a session. The element finds out by itself.",
        ),
        div().class("control-list").child(buttons),
        output()
            .id("control-notice")
            .class("notice")
            .child(move || page.notice.get()),
    )
        .into_any()
}

const fn face(control: Control) -> (&'static str, &'static str, &'static str) {
    match control {
        Control::Disconnect => (
            "control-disconnect",
            "Phone goes offline",
            "The service starts to reconnect.",
        ),
        Control::Reconnect => (
            "control-reconnect",
            "Back online",
            "The link is restored without a new scan.",
        ),
        Control::Fail => ("control-fail", "Link fails", "The service gives up."),
        Control::Renew => (
            "control-renew",
            "New session",
            "Starts over; an unscanned one is deleted.",
        ),
    }
}

fn one(page: Page, control: Control) -> AnyView {
    let (id, words, effect) = face(control);
    let hint = format!("{id}-hint");
    let barred = move || control.barred(page.service.get(), page.phase.get());
    div()
        .class("control")
        .child((
            button()
                .id(id)
                .attr("type", "button")
                .attr("aria-describedby", hint.clone())
                .disabled(move || page.mode.get().is_none() || barred().is_some())
                .on(ev::click, move |_| page.control(control))
                .child(words),
            span()
                .id(hint)
                .class("hint")
                .child(move || barred().unwrap_or(effect)),
        ))
        .into_any()
}

fn delete(page: Page) -> AnyView {
    let barred = move || Delete::now(page.phase.get()).err();
    let effect = move || match Delete::now(page.phase.get()) {
        Ok(Delete::Unlink) => "Asks first, then unlinks the number and frees the session.",
        Ok(Delete::Discard) => "Deletes the session that waits for a scan.",
        Err(why) => why,
    };
    (
        h2().child("Your session"),
        p().class("hint").child(
            "This page made a real session on your account, and it counts towards your plan until it is deleted.",
        ),
        div().class("control-list").child(
            div().class("control").child((
                button()
                    .id("live-delete")
                    .class("danger")
                    .attr("type", "button")
                    .attr("aria-describedby", "live-delete-hint")
                    .disabled(move || barred().is_some())
                    .on(ev::click, move |_| page.delete())
                    .child("Delete"),
                span().id("live-delete-hint").class("hint").child(effect),
            )),
        ),
    )
        .into_any()
}

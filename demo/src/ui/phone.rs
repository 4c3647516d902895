//! The drawn phone: its list of linked devices and its camera. In live mode, a note instead.

use super::aria;
use crate::devices::Device;
use crate::mode::Mode;
use crate::page::Page;
use leptos::attr::any_attribute::AnyAttribute;
use leptos::ev;
use leptos::html::{button, canvas, div, h2, li, ol, output, p, span, strong, ul};
use leptos::prelude::*;
use leptos::svg::{circle, path, rect, svg};

pub(super) fn view(page: Page) -> AnyView {
    let live = move || page.mode.get() == Some(Mode::Live);
    (move || if live() { note() } else { phone(page) }).into_any()
}

fn note() -> AnyView {
    div()
        .class("own-phone")
        .child((
            drawing("own-phone-icon", "M8 2h8a2 2 0 0 1 2 2v16a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2ZM11 18.5h2"),
            h2().child("Use your own phone"),
            p().child("This page talks to SendAPI itself. Scan the code with WhatsApp on a phone whose number you may link:"),
            ol().child((
                li().child("Open Settings on iPhone, or ⋮ on Android"),
                li().child("Tap Linked devices, then Link a device"),
                li().child("Point the camera at the code"),
            )),
            p().class("hint").child("Delete the session below when you are done."),
        ))
        .into_any()
}

fn phone(page: Page) -> AnyView {
    div()
        .class("phone")
        .attr("data-camera", move || page.lens.get().as_str())
        .child(
            div().class("phone-screen").child((
                status_bar(),
                div().class("phone-head").child((
                    back(page),
                    h2().child(move || {
                        if page.lens.get().is_open() {
                            "Scan the code"
                        } else {
                            "Linked devices"
                        }
                    }),
                )),
                home(page),
                viewfinder(page),
                div().class("phone-foot").child((
                    output()
                        .id("phone-status")
                        .attr("data-outcome", move || page.lens.get().as_str())
                        .child(move || {
                            let linked = page.devices.with(|devices| devices.all().len());
                            page.lens.get().words(linked)
                        }),
                    button()
                        .id("phone-scan")
                        .attr("type", "button")
                        // Not `disabled`, which would drop the focus in the middle of the scan.
                        .attr("aria-disabled", move || {
                            (page.lens.get().is_busy() || page.mode.get().is_none()).to_string()
                        })
                        .on(ev::click, move |_| {
                            if page.mode.get_untracked().is_some() {
                                page.scan();
                            }
                        })
                        .child(move || page.lens.get().button()),
                )),
            )),
        )
        .into_any()
}

fn status_bar() -> AnyView {
    div()
        .class("phone-bar")
        .attr("aria-hidden", "true")
        .child((
            span().child("9:41"),
            svg().attr("viewBox", "0 0 44 12").child((
                path().attr("d", "M0 12V8h3v4zM5 12V5h3v7zM10 12V2h3v10z"),
                rect()
                    .attr("x", "20.5")
                    .attr("y", "1.5")
                    .attr("width", "20")
                    .attr("height", "9")
                    .attr("rx", "2.5")
                    .attr("class", "battery"),
                rect()
                    .attr("x", "22.5")
                    .attr("y", "3.5")
                    .attr("width", "14")
                    .attr("height", "5")
                    .attr("rx", "1"),
            )),
        ))
        .into_any()
}

fn back(page: Page) -> AnyView {
    button()
        .id("phone-back")
        .attr("type", "button")
        .attr("aria-label", "Close the camera")
        .hidden(move || !page.lens.get().is_open())
        .on(ev::click, move |_| page.close_camera())
        .child(drawing("", "M15 5l-7 7 7 7"))
        .into_any()
}

fn home(page: Page) -> AnyView {
    let devices = move || page.devices.with(|devices| devices.all().to_vec());
    let none = move || page.devices.with(|devices| devices.all().is_empty());
    let rows = For(ForProps::builder()
        .each(devices)
        .key(|device| (device.id.clone(), device.online))
        .children(device)
        .build());
    div()
        .class("phone-home")
        .hidden(move || page.lens.get().is_open())
        .child((
            div()
                .class("phone-art")
                .attr("aria-hidden", "true")
                .hidden(move || !none())
                .child(
                    svg().attr("viewBox", "0 0 120 76").child((
                        rect()
                            .attr("x", "8")
                            .attr("y", "6")
                            .attr("width", "74")
                            .attr("height", "50")
                            .attr("rx", "5"),
                        path().attr("d", "M2 66h86"),
                        rect()
                            .attr("x", "84")
                            .attr("y", "22")
                            .attr("width", "28")
                            .attr("height", "50")
                            .attr("rx", "6")
                            .attr("class", "front"),
                        path()
                            .attr("d", "M36 31h26M54 23l8 8-8 8")
                            .attr("class", "accent"),
                        circle().attr("cx", "98").attr("cy", "65").attr("r", "1.6"),
                    )),
                ),
            p().class("phone-text")
                .hidden(move || !none())
                .child("Use this number on other devices, or let a service send with it."),
            ul().id("phone-devices")
                .attr("aria-label", "Linked devices")
                .hidden(none)
                .child(rows),
        ))
        .into_any()
}

fn device(device: Device) -> impl IntoView {
    let (state, words) = if device.online {
        ("online", "Active now")
    } else {
        ("offline", "This phone is offline")
    };
    li().attr("data-state", state).child((
        drawing("device-icon", "M4 5h16v11H4zM2 19h20"),
        span().class("device-text").child((
            strong().attr("dir", "auto").child(device.name),
            span().child(words),
        )),
    ))
}

fn viewfinder(page: Page) -> AnyView {
    div()
        .class("finder")
        .hidden(move || !page.lens.get().is_open())
        .child((
            canvas()
                .node_ref(page.finder)
                .add_any_attr(aria("aria-hidden", "true")),
            div().class("finder-frame").attr("aria-hidden", "true"),
            div()
                .class("finder-check")
                .attr("aria-hidden", "true")
                .child(drawing("", "M5 12.5l4.5 4.5L19 7.5")),
        ))
        .into_any()
}

/// A line drawing on a field of 24 by 24.
fn drawing(class: &'static str, d: &'static str) -> AnyView {
    let d: AnyAttribute = aria("d", d);
    svg()
        .attr("class", class)
        .attr("viewBox", "0 0 24 24")
        .attr("aria-hidden", "true")
        .child(path().add_any_attr(d))
        .into_any()
}

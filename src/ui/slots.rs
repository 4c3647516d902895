//! The page's own content in the component (`docs/theming.md`, "Slots").
//!
//! The element has a shadow tree, where the browser does this; the component stands in the page itself. So each view is mounted once,
//! beside the words that it replaces, and [`css`] shows one or the other by the slot's name, which follows the phase.

use leptos::{
    mount::{UnmountHandle, mount_to},
    prelude::*,
    tachys::view::any_view::AnyViewState,
};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Views that stand in place of ours.
#[derive(Clone, Default)]
pub struct Slots {
    /// In place of the box's heading.
    pub heading: Option<ViewFn>,
    /// In place of the steps.
    pub instructions: Option<ViewFn>,
    /// On the plate while something is waited for.
    pub loading: Option<ViewFn>,
    /// On the plate, in place of the sign, once the code is over.
    pub expired: Option<ViewFn>,
    /// Below the linked number.
    pub connected: Option<ViewFn>,
    /// In place of the words on what failed; title, request and buttons stay.
    pub error: Option<ViewFn>,
    /// In place of how to undo it.
    pub footer: Option<ViewFn>,
}

/// Each slot's name, and where in the box it is.
const PLACES: [(&str, &str); 7] = [
    ("heading", ".header slot"),
    ("instructions", ".guide slot"),
    ("loading", ".plate slot"),
    ("expired", ".plate slot"),
    ("connected", ".about > slot:last-of-type"),
    ("error", ".about > slot:first-of-type"),
    ("footer", ".footer slot"),
];

/// Mounts the views into the box; they go when the handles do.
pub(super) fn fill(place: &Element, slots: Slots) -> Vec<UnmountHandle<AnyViewState>> {
    let views = [
        slots.heading,
        slots.instructions,
        slots.loading,
        slots.expired,
        slots.connected,
        slots.error,
        slots.footer,
    ];
    let views = PLACES.iter().zip(views);
    let mounted = views.filter_map(|((name, selector), view)| {
        let view = view?;
        let slot = place.query_selector(selector).ok().flatten()?;
        let own = document().create_element("div").ok()?;
        own.set_attribute("data-slot", name).ok()?;
        slot.append_child(&own).ok()?;
        Some(mount_to(own.unchecked_into::<HtmlElement>(), move || {
            view.run()
        }))
    });
    mounted.collect()
}

/// The rules that [`fill`] relies on.
#[cfg(not(feature = "js"))]
pub(super) fn css() -> String {
    let mut css = String::from(".base [data-slot]{display:none}");
    for (name, _) in PLACES {
        css.push_str(
            &".base slot[name=N]>[data-slot=N]{display:contents}.base slot[name=N]:has(>[data-slot=N])>:not([data-slot]){display:none}"
                .replace('N', name),
        );
    }
    css
}

//! What the page tells of itself: seen or hidden, on screen or not, online or not.

use std::rc::Rc;

use sendapi_pairing_core::pairing::{Input, Surroundings};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry};

use super::owned::{Callback, Listener};
use crate::js::get;

/// How things stand now; `on_screen` as whoever watches the place knows it.
pub(super) fn surroundings(on_screen: bool) -> Surroundings {
    Surroundings {
        visible: is_visible(),
        on_screen,
        online: is_online(),
        tabs: super::tabs::are_supported(),
    }
}

fn is_online() -> bool {
    web_sys::window().is_none_or(|window| window.navigator().on_line())
}

/// Neither hidden nor prerendering.
fn is_visible() -> bool {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else {
        return false;
    };
    !document.hidden() && !get(&document, "prerendering").is_truthy()
}

/// Reports changes for as long as it lives.
pub(super) fn watch(report: Rc<dyn Fn(Input)>) -> Vec<Listener> {
    let Some(window) = web_sys::window() else {
        return Vec::new();
    };
    let Some(document) = window.document() else {
        return Vec::new();
    };
    let mut listeners = Vec::new();
    // `freeze` and `pagehide` come while the page may still be called visible; both mean that it is about to stand still.
    for (name, on_window, leaving) in [
        ("visibilitychange", false, false),
        ("prerenderingchange", false, false),
        ("freeze", false, true),
        ("resume", false, false),
        ("pagehide", true, true),
        ("pageshow", true, false),
    ] {
        let report = Rc::clone(&report);
        let target = if on_window {
            window.unchecked_ref()
        } else {
            document.unchecked_ref()
        };
        listeners.push(Listener::new(target, name, move |_| {
            let visible = !leaving && is_visible();
            if visible {
                // A page that stood still may not have been told.
                report(Input::Online(is_online()));
            }
            report(Input::Visible(visible));
        }));
    }
    for (name, online) in [("online", true), ("offline", false)] {
        let report = Rc::clone(&report);
        listeners.push(Listener::new(&window, name, move |_| {
            report(Input::Online(online));
        }));
    }
    listeners
}

/// Watches whether an element is on the screen, for as long as it lives.
#[derive(Debug)]
pub(crate) struct OnScreen {
    observer: IntersectionObserver,
    _callback: Callback,
}

impl OnScreen {
    /// `None` where the browser cannot tell; the element then counts as on screen.
    pub(super) fn watch(element: &Element, report: impl Fn(bool) + 'static) -> Option<Self> {
        let callback = Callback::new(move |entries: JsValue| {
            let last = entries
                .unchecked_into::<js_sys::Array>()
                .at(-1)
                .dyn_into::<IntersectionObserverEntry>();
            if let Ok(entry) = last {
                report(entry.is_intersecting());
            }
        });
        let observer = IntersectionObserver::new(callback.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self {
            observer,
            _callback: callback,
        })
    }
}

impl Drop for OnScreen {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

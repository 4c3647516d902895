//! Timers and listeners that end with their owner.

use std::cell::Cell;

use sendapi_pairing_core::time::Millis;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Event, EventTarget};

/// What a browser calls back, with one argument or none. Each type of closure has its own way in on both sides, so there is this one.
pub(super) type Callback = Closure<dyn FnMut(JsValue)>;

/// One `setTimeout` at a time; dropped, it never fires again.
#[derive(Debug)]
pub(crate) struct Timer {
    callback: Callback,
    id: Cell<Option<i32>>,
}

impl Timer {
    pub(crate) fn new(mut callback: impl FnMut() + 'static) -> Self {
        Self {
            callback: Callback::new(move |_| callback()),
            id: Cell::new(None),
        }
    }

    /// Fires once after `span`, in place of what was set before.
    pub(crate) fn set(&self, span: Millis) {
        self.clear();
        let Some(window) = web_sys::window() else {
            return;
        };
        // Browsers take a longer delay for none at all.
        let span = i32::try_from(span.0).unwrap_or(i32::MAX);
        let callback = self.callback.as_ref().unchecked_ref();
        let id = window.set_timeout_with_callback_and_timeout_and_arguments_0(callback, span);
        self.id.set(id.ok());
    }

    pub(crate) fn clear(&self) {
        if let (Some(id), Some(window)) = (self.id.take(), web_sys::window()) {
            window.clear_timeout_with_handle(id);
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.clear();
    }
}

/// One event listener; dropped, it is removed.
#[derive(Debug)]
pub(crate) struct Listener {
    target: EventTarget,
    name: &'static str,
    callback: Callback,
}

impl Listener {
    pub(crate) fn new(
        target: &EventTarget,
        name: &'static str,
        mut callback: impl FnMut(Event) + 'static,
    ) -> Self {
        let callback = Callback::new(move |event: JsValue| callback(event.unchecked_into()));
        let function = callback.as_ref().unchecked_ref();
        // Adding fails for no argument that has these types.
        let _ = target.add_event_listener_with_callback(name, function);
        Self {
            target: target.clone(),
            name,
            callback,
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let function = self.callback.as_ref().unchecked_ref();
        let _ = self
            .target
            .remove_event_listener_with_callback(self.name, function);
    }
}

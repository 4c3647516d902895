//! The element on the page, by its public names only.

use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::document;
use wasm_bindgen::{JsCast, JsValue, prelude::*};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CustomEvent, Element};

/// Every event of the element.
pub(crate) const EVENTS: [&str; 10] = [
    "sendapi-ready",
    "sendapi-phase-change",
    "sendapi-qr",
    "sendapi-expired",
    "sendapi-connected",
    "sendapi-disconnected",
    "sendapi-failed",
    "sendapi-before-unlink",
    "sendapi-unlinked",
    "sendapi-error",
];

const MODULE: &str = "sendapi-pairing/define.js";

#[wasm_bindgen(module = "/src/import.js")]
extern "C" {
    fn load(url: &str) -> Promise;
}

/// The page's `<sendapi-pairing>`.
#[derive(Clone)]
pub(crate) struct Widget(Element);

impl Widget {
    /// The one on the page.
    pub(crate) fn find() -> Option<Self> {
        let found = document().query_selector("sendapi-pairing").ok()?;
        found.map(Self)
    }

    pub(crate) const fn element(&self) -> &Element {
        &self.0
    }

    /// Sets a property; one that is set before the element is defined is kept by it.
    pub(crate) fn set(&self, property: &str, value: &JsValue) {
        // A setter of the element does not throw, and an own property can be set.
        let _ = Reflect::set(&self.0, &property.into(), value);
    }

    pub(crate) fn set_attribute(&self, name: &str, value: &str) {
        // The names here are valid.
        let _ = self.0.set_attribute(name, value);
    }

    /// Loads the module that defines the element, and with it the element begins.
    ///
    /// # Errors
    /// What `import()` rejects with.
    pub(crate) async fn define(&self) -> Result<(), JsValue> {
        let base = document().base_uri()?.unwrap_or_default();
        let url = web_sys::Url::new_with_base(MODULE, &base)?;
        JsFuture::from(load(&url.href())).await.map(|_| ())
    }

    /// Says that the element could not be loaded, where it would have been.
    pub(crate) fn replace_by_words(&self, words: &str) {
        self.0.set_text_content(Some(words));
    }

    /// The id of its session.
    pub(crate) fn session_id(&self) -> Option<String> {
        let session = Reflect::get(&self.0, &"session".into()).ok()?;
        if !session.is_object() {
            return None;
        }
        Reflect::get(&session, &"id".into()).ok()?.as_string()
    }

    /// What its session is called.
    pub(crate) fn session_name(&self) -> String {
        let name = self.0.get_attribute("session-name");
        name.unwrap_or_else(|| "WhatsApp".to_owned())
    }

    /// Calls a method with one flag in its options bag; what it settles to is told by events.
    pub(crate) fn call(&self, method: &str, flag: Option<&str>) {
        let options = Object::new();
        if let Some(flag) = flag {
            // Setting a member of a fresh object does not fail.
            let _ = Reflect::set(&options, &flag.into(), &JsValue::TRUE);
        }
        let method = Reflect::get(&self.0, &method.into()).ok();
        let Some(method) = method.and_then(|method| method.dyn_into::<Function>().ok()) else {
            return;
        };
        if let Ok(promise) = method.call1(&self.0, &options) {
            // It rejects only once the element has been removed, and then there is nobody to tell.
            wasm_bindgen_futures::spawn_local(async move {
                let _ = JsFuture::from(Promise::resolve(&promise)).await;
            });
        }
    }

    /// Hears every event of the element for as long as the page lives.
    pub(crate) fn listen(&self, hear: impl Fn(&str, &JsValue) + 'static) {
        let hear: Closure<dyn Fn(CustomEvent)> =
            Closure::new(move |event: CustomEvent| hear(&event.type_(), &event.detail()));
        let hear: Function = hear.into_js_value().unchecked_into();
        for name in EVENTS {
            // Fails for no name.
            let _ = self.0.add_event_listener_with_callback(name, &hear);
        }
    }
}

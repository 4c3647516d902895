//! What a developer configures, as the driver needs it.

use std::rc::Rc;

use js_sys::Promise;
use sendapi_pairing_core::pairing::Config;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Headers;

use super::{
    http::{Http, Transport},
    reader::Reader,
};

/// Asks the developer's code for something that it may have to fetch first.
#[derive(Clone)]
pub struct Source(Rc<dyn Fn() -> Result<JsValue, JsValue>>);

impl Source {
    /// `ask` returns a value or a promise of it: a string for a token, anything that `new Headers` takes for headers.
    pub fn new(ask: impl Fn() -> Result<JsValue, JsValue> + 'static) -> Self {
        Self(Rc::new(ask))
    }

    /// The same from a future, for Rust front ends.
    pub fn from_future<F>(ask: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Result<JsValue, JsValue>> + 'static,
    {
        Self::new(move || Ok(wasm_bindgen_futures::future_to_promise(ask()).into()))
    }

    /// A mistake that throws comes to what is neither token nor headers; what rejects may have wanted the network.
    pub(super) fn ask(&self) -> Promise {
        let value = (self.0)().unwrap_or(JsValue::FALSE);
        value
            .dyn_into()
            .unwrap_or_else(|value| Promise::resolve(&value))
    }
}

impl core::fmt::Debug for Source {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str("Source")
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Where requests go, and what goes with them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Backend {
    /// Base URL; the routes are `{endpoint}/sessions…`. Relative ones are resolved by the browser against the page.
    pub endpoint: String,
    /// `same-origin` (also for any other text), `include` or `omit`, as for `fetch`.
    pub credentials: String,
    /// Brings a short-lived bearer token.
    pub token: Option<Source>,
    /// Brings further request headers (CSRF and the like).
    pub headers: Option<Source>,
    /// Another way to the service in place of HTTP.
    pub transport: Option<Transport>,
}

impl Backend {
    pub(super) fn into_http(self) -> Http {
        Http::new(self)
    }
}

/// All that a [`Driver`](super::Driver) is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Where requests go.
    pub backend: Backend,
    /// `persist-key`: an opaque id of the signed-in user, so that the next user of a tab starts afresh.
    pub persist_key: String,
    /// Reads codes that the core leaves over; without one, what is linked in does (feature `reader`), if anything.
    pub reader: Option<Reader>,
    /// The lifecycle's own settings.
    pub config: Config,
}

/// Turns what a headers source brought into `Headers`.
pub(super) fn to_headers(value: &JsValue) -> Result<Headers, JsValue> {
    let none = value.is_null();
    let given = if none { &JsValue::UNDEFINED } else { value };
    // By whichever of its signatures, it is one constructor, which looks at the value itself.
    Headers::new_with_record_from_str_to_str(given.unchecked_ref())
}

//! One request over `fetch`: bounded in time and size, abortable, with the developer's token and headers.

use std::{cell::RefCell, rc::Rc};

use gloo_net::http::{Method as HttpMethod, RequestBuilder, Response};
use js_sys::{JSON, Promise};
use sendapi_pairing_core::{
    api::{Answer, Body, Call, Failure, Head, Method, Unreadable},
    error::{Error, ErrorCode},
};
use serde::Deserialize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, ReadableStreamDefaultReader, ReadableStreamReadResult, RequestCache,
    RequestCredentials, RequestRedirect,
};

use super::options::{Backend, to_headers};

/// No answer of the contract comes near this; a longer one is a fault or an attack (invariants, bad inputs).
const BODY_MAX: usize = 512 * 1024;

/// Another way to the service: takes a call, promises what the service would have answered.
#[derive(Clone)]
pub struct Transport(Rc<SendCall>);

type SendCall = dyn Fn(&Call, &AbortSignal) -> Promise;

impl Transport {
    /// `send` promises the answer's JSON as a JavaScript value, or rejects with an object that has a numeric `status`.
    pub fn new(send: impl Fn(&Call, &AbortSignal) -> Promise + 'static) -> Self {
        Self(Rc::new(send))
    }
}

impl core::fmt::Debug for Transport {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str("Transport")
    }
}

impl PartialEq for Transport {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// A way to the service. Holds the token while it is good, in memory alone.
#[derive(Debug)]
pub(crate) struct Http {
    backend: Backend,
    /// The promise of the token, shared by all calls that wait for it (invariant 15).
    token: RefCell<Option<Promise>>,
}

impl Http {
    pub(crate) fn new(mut backend: Backend) -> Self {
        while backend.endpoint.ends_with('/') {
            backend.endpoint.pop();
        }
        Self {
            backend,
            token: RefCell::new(None),
        }
    }

    pub(super) fn backend(&self) -> &Backend {
        &self.backend
    }

    /// Sends `call` and decodes what comes back.
    ///
    /// # Errors
    /// Whatever [`Call::interpret`] makes of the answer; `network_or_cors` without one, also when `signal` aborts.
    pub(crate) async fn send(&self, call: &Call, signal: &AbortSignal) -> Result<Answer, Failure> {
        if let Some(transport) = &self.backend.transport {
            return through(call, (transport.0)(call, signal)).await;
        }
        let request = self.request(call, signal).await?;
        // A token that took long may come after the abort; nothing may go out then.
        if signal.aborted() {
            return Err(Error::new(ErrorCode::NetworkOrCors).into());
        }
        let unreachable = |_| Failure::from(Error::new(ErrorCode::NetworkOrCors));
        let response = request.send().await.map_err(unreachable)?;
        let headers = response.headers();
        let head = Head::read(response.status(), |name| headers.get(name));
        let body = read_body(&response).await.map_err(|cut| match cut {
            Cut::TooLarge => Ok(Unreadable::TooLarge),
            Cut::Broken => Err(Failure::from(Error::new(ErrorCode::NetworkOrCors))),
        });
        let body = match body {
            Ok(text) => parse(&text),
            Err(Ok(unreadable)) => Err(unreadable),
            Err(Err(failure)) => return Err(failure),
        };
        call.interpret(&head, body)
    }

    /// Asks for a new token; all calls from now on carry it.
    ///
    /// # Errors
    /// `unauthorized` where there is no source or it fails, `secret_key_rejected` for a secret key.
    pub(crate) async fn renew_token(&self) -> Result<(), Error> {
        self.token.replace(None);
        match self.token().await? {
            Some(_) => Ok(()),
            None => Err(Error::new(ErrorCode::Unauthorized)),
        }
    }

    async fn token(&self) -> Result<Option<String>, Error> {
        let Some(source) = &self.backend.token else {
            return Ok(None);
        };
        let promise = self
            .token
            .borrow_mut()
            .get_or_insert_with(|| source.ask())
            .clone();
        let token = JsFuture::from(promise).await.ok();
        let Some(token) = token.and_then(|token| token.as_string()) else {
            self.token.replace(None);
            return Err(Error::new(ErrorCode::Unauthorized));
        };
        if is_secret_key(&token) {
            self.token.replace(None);
            return Err(Error::new(ErrorCode::SecretKeyRejected));
        }
        Ok(Some(token))
    }

    async fn request(
        &self,
        call: &Call,
        signal: &AbortSignal,
    ) -> Result<gloo_net::http::Request, Failure> {
        let config = |_| Failure::from(Error::new(ErrorCode::Config));
        let headers = match &self.backend.headers {
            Some(source) => {
                let value = JsFuture::from(source.ask()).await.map_err(config)?;
                to_headers(&value).map_err(config)?
            }
            None => web_sys::Headers::new().map_err(config)?,
        };
        let offered = headers.get("authorization").ok().flatten();
        if offered.is_some_and(|value| value.split_whitespace().any(is_secret_key)) {
            return Err(Error::new(ErrorCode::SecretKeyRejected).into());
        }
        let set = |name: &str, value: &str| headers.set(name, value).map_err(config);
        set("accept", "application/json")?;
        if let Some(token) = self.token().await? {
            set("authorization", &["Bearer ", token.trim()].concat())?;
        }
        if let Some(key) = call.idempotency_key() {
            set("idempotency-key", key.as_str())?;
        }
        if call.bypasses_shared_reads() {
            set("cache-control", "no-cache")?;
        }
        let body = call.body();
        if body.is_some() {
            set("content-type", "application/json")?;
        }
        let method = match call.method() {
            Method::Get => HttpMethod::GET,
            Method::Post => HttpMethod::POST,
            Method::Delete => HttpMethod::DELETE,
        };
        let credentials = match self.backend.credentials.as_str() {
            "include" => RequestCredentials::Include,
            "omit" => RequestCredentials::Omit,
            _ => RequestCredentials::SameOrigin,
        };
        let url = [self.backend.endpoint.as_str(), &call.path()].concat();
        let request = RequestBuilder::new(&url)
            .method(method)
            .headers(headers_of(headers))
            .credentials(credentials)
            // A redirect would carry the token elsewhere, and no route of the contract redirects.
            .redirect(RequestRedirect::Error)
            .cache(RequestCache::NoStore)
            .abort_signal(Some(signal));
        match body {
            Some(body) => request.body(body),
            None => request.build(),
        }
        .map_err(|_| Error::new(ErrorCode::Config).into())
    }
}

fn headers_of(headers: web_sys::Headers) -> gloo_net::http::Headers {
    gloo_net::http::Headers::from_raw(headers)
}

/// SendAPI's secret keys begin so (contract); a browser must never hold one.
#[must_use]
pub fn is_secret_key(text: &str) -> bool {
    text.trim_start().starts_with("sk_")
}

/// Reads an answer's JSON as the browser reads it.
///
/// # Errors
/// [`Unreadable::NotJson`] for anything but an object.
pub fn parse(text: &str) -> Result<Body, Unreadable> {
    let text = text.trim_start_matches('\u{feff}');
    let value = JSON::parse(text).map_err(|_| Unreadable::NotJson)?;
    decode(value)
}

fn decode(value: JsValue) -> Result<Body, Unreadable> {
    let source = serde_wasm_bindgen::Deserializer::from(value);
    Body::deserialize(source).map_err(|_| Unreadable::NotJson)
}

enum Cut {
    TooLarge,
    Broken,
}

async fn read_body(response: &Response) -> Result<String, Cut> {
    let Some(stream) = response.body() else {
        return Ok(String::new());
    };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut bytes = Vec::new();
    loop {
        let step = JsFuture::from(reader.read())
            .await
            .map_err(|_| Cut::Broken)?;
        let step: ReadableStreamReadResult = step.unchecked_into();
        if step.get_done().unwrap_or(true) {
            return Ok(String::from_utf8(bytes).unwrap_or_default());
        }
        let chunk: js_sys::Uint8Array = step.get_value().unchecked_into();
        let start = bytes.len();
        let end = start + chunk.length() as usize;
        if end > BODY_MAX {
            // The outcome is decided; whether the rest could be cancelled changes nothing.
            let _ = reader.cancel();
            return Err(Cut::TooLarge);
        }
        bytes.resize(end, 0);
        chunk.copy_to(&mut bytes[start..]);
    }
}

/// The answer of a developer's own transport.
async fn through(call: &Call, promise: Promise) -> Result<Answer, Failure> {
    let ok = Head {
        status: 200,
        ..Head::default()
    };
    match JsFuture::from(promise).await {
        Ok(value) => call.interpret(&ok, decode(value)),
        Err(thrown) => {
            let status = js_sys::Reflect::get(&thrown, &JsValue::from_str("status"));
            let status = status.ok().and_then(|status| status.as_f64());
            let Some(status) = status.filter(|status| (100.0..600.0).contains(status)) else {
                return Err(Error::new(ErrorCode::NetworkOrCors).into());
            };
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the range was checked"
            )]
            let head = Head {
                status: status as u16,
                ..ok
            };
            call.interpret(&head, decode(thrown))
        }
    }
}

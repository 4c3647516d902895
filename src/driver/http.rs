//! One request over `fetch`: bounded in time and size, abortable, with the developer's token and headers.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use gloo_net::http::Response;
use js_sys::{Array, JSON, Promise};
use sendapi_pairing_core::{
    api::{Answer, Body, Call, Failure, Head, Unreadable},
    error::{Error, ErrorCode},
};
use serde::Deserialize;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Headers, ReadableStreamDefaultReader, ReadableStreamReadResult, Request,
};

use super::options::{Backend, to_headers};
use crate::js::{get, object};

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
    wait: Cell<Wait>,
    /// How often it was given up.
    turn: Cell<u32>,
}

/// How long that promise has been waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    /// It has settled, or there is none.
    Over,
    /// It may settle any moment: perhaps a person signs in.
    On,
    /// A request was given up for it.
    Long,
}

impl Http {
    pub(crate) fn new(mut backend: Backend) -> Self {
        while backend.endpoint.ends_with('/') {
            backend.endpoint.pop();
        }
        Self {
            backend,
            token: RefCell::new(None),
            wait: Cell::new(Wait::Over),
            turn: Cell::new(0),
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
            let settled = JsFuture::from((transport.0)(call, signal)).await;
            return through(call, settled);
        }
        // The JavaScript face refuses it before there is a pairing.
        #[cfg(not(feature = "js"))]
        if names_key(&self.backend.endpoint) {
            return Err(Error::new(ErrorCode::SecretKeyRejected).into());
        }
        let headers = match &self.backend.headers {
            Some(source) => JsFuture::from(source.ask())
                .await
                .map_err(|_| unreachable())?,
            None => JsValue::UNDEFINED,
        };
        let headers = checked(&headers)?;
        // What took long may come after the abort; nothing may be asked for then, neither a token nor an answer.
        if signal.aborted() {
            return Err(unreachable());
        }
        let token = self.token().await?;
        let request = self.request(call, signal, &headers, token)?;
        if signal.aborted() {
            return Err(unreachable());
        }
        let response = fetched(&request).await.ok_or_else(unreachable)?;
        let body = read_body(&response).await?;
        let headers = response.headers();
        let head = Head::read(response.status(), |name| headers.get(name));
        call.interpret(&head, body.and_then(|text| parse(&text)))
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
            .get_or_insert_with(|| {
                self.wait.set(Wait::On);
                source.ask()
            })
            .clone();
        let turn = self.turn.get();
        let token = JsFuture::from(promise).await.ok();
        let latest = turn == self.turn.get();
        if latest {
            self.wait.set(Wait::Over);
        }
        match token.and_then(|token| token.as_string()) {
            Some(token) if holds_secret_key(&token) => {
                Err(self.no_token(latest, ErrorCode::SecretKeyRejected))
            }
            // Not what a backend says in a token's place, such as a page on which to sign in.
            Some(token)
                if token
                    .trim_ascii()
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic()) =>
            {
                Ok(Some(token))
            }
            _ => Err(self.no_token(latest, ErrorCode::Unauthorized)),
        }
    }

    /// A request was given up. Where it waited for the token, the next one waits on, until somebody acts.
    #[inline(never)]
    pub(super) fn overdue(&self) {
        if self.wait.get() == Wait::On {
            self.wait.set(Wait::Long);
        }
    }

    /// Somebody acts: what was waited for in vain is asked for anew, since it may never come.
    #[inline(never)]
    pub(super) fn acted(&self) {
        if self.wait.get() == Wait::Long {
            self.token.replace(None);
            self.turn.set(self.turn.get() + 1);
        }
    }

    /// What came too late changes nothing.
    #[inline(never)]
    fn no_token(&self, latest: bool, code: ErrorCode) -> Error {
        if latest {
            self.token.replace(None);
        }
        Error::new(code)
    }

    /// The request as the browser takes it. gloo's own builder would make two requests and a URL on the way to it, and end an address
    /// that has a query with `&`.
    fn request(
        &self,
        call: &Call,
        signal: &AbortSignal,
        headers: &Headers,
        token: Option<String>,
    ) -> Result<Request, Failure> {
        let bearer = token.map(|token| ["Bearer ", token.trim_ascii()].concat());
        let body = call.body();
        for (name, value) in [
            ("accept", Some("application/json")),
            ("authorization", bearer.as_deref()),
            (
                "idempotency-key",
                call.idempotency_key().map(|key| key.as_str()),
            ),
            (
                "cache-control",
                call.bypasses_shared_reads().then_some("no-cache"),
            ),
            ("content-type", body.as_ref().map(|_| "application/json")),
        ] {
            if let Some(value) = value {
                headers.set(name, value).map_err(config)?;
            }
        }
        let credentials = match self.backend.credentials.as_str() {
            known @ ("include" | "omit") => known,
            _ => "same-origin",
        };
        let init = object(&[
            ("method", call.method().as_str().into()),
            ("headers", headers.into()),
            ("credentials", credentials.into()),
            // A redirect would carry the token elsewhere, and no route of the contract redirects.
            ("redirect", "error".into()),
            ("cache", "no-store".into()),
            ("signal", signal.into()),
            ("body", body.map_or(JsValue::UNDEFINED, JsValue::from)),
        ]);
        let url = [self.backend.endpoint.as_str(), &call.path()].concat();
        Request::new_with_str_and_init(&url, init.unchecked_ref()).map_err(config)
    }
}

#[wasm_bindgen]
extern "C" {
    // As web-sys has it, but for what a page may have put in its place: that may throw, or return no promise.
    #[wasm_bindgen(catch)]
    fn fetch(request: &Request) -> Result<JsValue, JsValue>;
}

/// The answer, if there is one. A page's own `fetch` may also reject with anything; gloo's `send` panics there.
async fn fetched(request: &Request) -> Option<Response> {
    let promise = Promise::resolve(&fetch(request).ok()?);
    let answer = JsFuture::from(promise).await.ok()?;
    let answer: web_sys::Response = answer.dyn_into().ok()?;
    Some(answer.into())
}

/// What the developer's headers came to, unless there is a secret key among them.
fn checked(given: &JsValue) -> Result<Headers, Failure> {
    let headers = to_headers(given).map_err(config)?;
    let text = JSON::stringify(&Array::from(&headers)).map_err(config)?;
    if text
        .as_string()
        .is_some_and(|text| may_hold_secret_key(&text) && is_secret_among(&headers, &text))
    {
        return Err(Error::new(ErrorCode::SecretKeyRejected).into());
    }
    Ok(headers)
}

#[inline(never)]
fn config(_: JsValue) -> Failure {
    Error::new(ErrorCode::Config).into()
}

#[inline(never)]
fn unreachable() -> Failure {
    Error::new(ErrorCode::NetworkOrCors).into()
}

/// SendAPI's secret keys begin so (contract); a browser must never hold one.
#[must_use]
pub fn is_secret_key(text: &str) -> bool {
    may_hold_secret_key(text) && begins_secret(text)
}

/// Whether one of the words in a token is a secret key.
fn holds_secret_key(token: &str) -> bool {
    may_hold_secret_key(token) && a_word_begins_secret(token)
}

/// As good as never, so that what looks closer need not be there for a first code.
#[inline(never)]
fn may_hold_secret_key(text: &str) -> bool {
    text.as_bytes().windows(3).any(|part| part == b"sk_")
}

#[inline(never)]
fn begins_secret(text: &str) -> bool {
    text.trim_start().starts_with("sk_")
}

#[inline(never)]
fn a_word_begins_secret(token: &str) -> bool {
    // A token that came as JSON has its quotation marks still.
    let mut words = token
        .as_bytes()
        .split(|byte| !byte.is_ascii_graphic() || b"\"'".contains(byte));
    words.any(|word| word.starts_with(b"sk_")) || names_key(token)
}

/// Whether these headers, of which `json` is a list, hold a secret key. What only begins as one does may be anything, such as the
/// name of a tenant or a locale, save where credentials stand.
#[inline(never)]
fn is_secret_among(headers: &Headers, json: &str) -> bool {
    let credentials = headers.get("authorization").ok().flatten();
    credentials.is_some_and(|token| a_word_begins_secret(&token)) || names_key(json)
}

/// Whether a whole beginning of a secret key stands in `text`, behind anything but a letter, as JSON writes it or as it is.
#[inline(never)]
fn names_key(text: &str) -> bool {
    text.match_indices("sk_").any(|(at, begin)| {
        let kind = &text[at + begin.len()..];
        let mut before = text[..at].bytes().rev();
        (kind.starts_with("live_") || kind.starts_with("test_"))
            && match before.next() {
                Some(b'b' | b'f' | b't') => before.next() == Some(b'\\'),
                last => !last.is_some_and(|byte| byte.is_ascii_alphabetic()),
            }
    })
}

/// Reads an answer's JSON as the browser reads it.
///
/// # Errors
/// [`Unreadable::NotJson`] for anything but an object.
pub fn parse(text: &str) -> Result<Body, Unreadable> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let value = JSON::parse(text).map_err(|_| Unreadable::NotJson)?;
    Body::deserialize(serde_wasm_bindgen::Deserializer::from(value))
        .map_err(|_| Unreadable::NotJson)
}

/// The answer's text, as far as it may be read.
async fn read_body(response: &Response) -> Result<Result<String, Unreadable>, Failure> {
    let mut bytes = Vec::new();
    let Some(stream) = response.body() else {
        return Ok(Ok(String::new()));
    };
    // By a `fetch` of the page's own, which reads it itself: there is no second reader.
    if get(&stream, "locked").is_truthy() {
        return Err(unreachable());
    }
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    loop {
        let step = JsFuture::from(reader.read()).await;
        let step: ReadableStreamReadResult = step.map_err(|_| unreachable())?.unchecked_into();
        if step.get_done().unwrap_or(true) {
            return Ok(Ok(String::from_utf8(bytes).unwrap_or_default()));
        }
        let chunk = step.get_value();
        // Not by its class: one of another window's is as good.
        if !chunk.is_object() {
            return Err(unreachable());
        }
        let chunk: js_sys::Uint8Array = chunk.unchecked_into();
        let start = bytes.len();
        let end = start + chunk.length() as usize;
        if end > BODY_MAX {
            // The outcome is decided; whether the rest could be cancelled changes nothing.
            let _ = reader.cancel();
            return Ok(Err(Unreadable::TooLarge));
        }
        bytes.resize(end, 0);
        chunk.copy_to(&mut bytes[start..]);
    }
}

/// Takes what a developer's own transport settled with for the service's answer.
#[inline(never)]
fn through(call: &Call, settled: Result<JsValue, JsValue>) -> Result<Answer, Failure> {
    let (Ok(value) | Err(value)) = &settled;
    // As text, as a service would have sent it: reading it in place would run getters of the page's own, which may throw.
    let text = JSON::stringify(value)
        .ok()
        .and_then(|text| text.as_string());
    let body = text.map_or(Err(Unreadable::NotJson), |text| parse(&text));
    let status = match &settled {
        // `remove` may resolve with anything; what is no object says as much as an answer without a body.
        Ok(_) if body.is_err() && matches!(call, Call::Delete { .. }) => 204.0,
        Ok(value) => {
            if value.is_object() {
                200.0
            } else {
                204.0
            }
        }
        Err(thrown) => get(thrown, "status").as_f64().unwrap_or_default(),
    };
    if !(100.0..600.0).contains(&status) {
        return Err(unreachable());
    }
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was checked"
    )]
    let head = Head {
        status: status as u16,
        ..Head::default()
    };
    call.interpret(&head, body)
}

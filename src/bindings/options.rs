//! Options as JavaScript gives them: one plain object, each member checked, a wrong one named.

use js_sys::{Function, JSON, Promise};
use sendapi_pairing_core::{
    api::Call,
    error::ErrorCode,
    model::{PhoneNumber, SessionId},
    pairing::{Config, Trigger},
    time::Millis,
};
use wasm_bindgen::{JsCast, JsValue};

use super::errors::{bad_argument, later, of_code};
use crate::{
    driver::{Backend, Options, Source, Transport, is_secret_key},
    js::{get, object},
    ui::{Look, Strings, Text},
};

/// Reads members of one object.
pub(super) struct Bag<'a>(&'a JsValue);

impl<'a> Bag<'a> {
    pub(super) fn new(value: &'a JsValue) -> Result<Self, JsValue> {
        if value.is_object() {
            Ok(Self(value))
        } else {
            Err(bad_argument("options", later!("an object")))
        }
    }

    /// The member, unless it is missing, `undefined` or `null`.
    fn get(&self, name: &str) -> Option<JsValue> {
        let value = get(self.0, name);
        (!value.is_undefined() && !value.is_null()).then_some(value)
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>, JsValue> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => match value.as_string() {
                Some(text) => Ok(Some(text)),
                None => Err(bad_argument(name, later!("a string"))),
            },
        }
    }

    fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.is_truthy())
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<f64>, JsValue> {
        let expected = || bad_argument(name, later!("a number that is not negative"));
        match self.get(name) {
            None => Ok(None),
            Some(value) => match value.as_f64() {
                Some(number) if number >= 0.0 && number.is_finite() => Ok(Some(number)),
                _ => Err(expected()),
            },
        }
    }

    fn function(&self, name: &str) -> Result<Option<Function>, JsValue> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => match value.dyn_into() {
                Ok(function) => Ok(Some(function)),
                Err(_) => Err(bad_argument(name, later!("a function"))),
            },
        }
    }

    /// One of `allowed`, or the first of them where there is none.
    fn choice<T: Copy>(&self, name: &str, allowed: &[(&str, T)]) -> Result<T, JsValue> {
        let text = self.text(name)?;
        let found = match &text {
            None => allowed.first(),
            Some(text) => allowed.iter().find(|(known, _)| known == text),
        };
        found
            .map(|(_, value)| *value)
            .ok_or_else(|| not_among(name, allowed))
    }

    /// The text, empty where there is none.
    pub(super) fn word(&self, name: &str) -> Result<String, JsValue> {
        Ok(self.text(name)?.unwrap_or_default())
    }

    /// The text as something else; an empty one is as good as none.
    fn parsed<T>(
        &self,
        name: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, JsValue> {
        let text = self.word(name)?;
        match parse(&text) {
            None if !text.is_empty() => Err(bad_argument(name, expected)),
            parsed => Ok(parsed),
        }
    }

    /// Replaces `span` by a number of seconds, where there is one.
    fn span(&self, name: &str, span: &mut Millis) -> Result<(), JsValue> {
        if let Some(seconds) = self.number(name)? {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a float to integer cast saturates, and negative ones were refused"
            )]
            let millis = (seconds * 1000.0) as u64;
            *span = Millis(millis);
        }
        Ok(())
    }
}

#[inline(never)]
fn not_among<T>(name: &str, allowed: &[(&str, T)]) -> JsValue {
    let mut expected = String::from("one of");
    for (known, _) in allowed {
        expected.push(' ');
        expected.push_str(known);
    }
    bad_argument(name, &expected)
}

/// Where requests go.
pub(super) fn backend(bag: &Bag<'_>) -> Result<Backend, JsValue> {
    for name in ["token", "apiKey", "api_key", "key"] {
        let text = bag.text(name).ok().flatten();
        if text.is_some_and(|text| is_secret_key(&text)) {
            return Err(of_code(ErrorCode::SecretKeyRejected));
        }
    }
    let backend = Backend {
        endpoint: bag.word("endpoint")?,
        credentials: bag.word("credentials")?,
        token: bag.function("getToken")?.map(source),
        headers: bag.function("headers")?.map(source),
        transport: bag.get("transport").map(transport_of).transpose()?,
    };
    if backend.endpoint.trim_ascii().is_empty() && backend.transport.is_none() {
        return Err(bad_argument(
            "endpoint",
            later!("the base URL of your backend"),
        ));
    }
    Ok(backend)
}

/// Whether [`backend`] makes the same of both.
pub(super) fn same_backend(one: &JsValue, other: &JsValue) -> bool {
    let names = [
        "endpoint",
        "credentials",
        "getToken",
        "headers",
        "transport",
    ];
    names.iter().all(|name| get(one, name) == get(other, name))
}

/// All options of a pairing.
pub(super) fn pairing(bag: &Bag<'_>) -> Result<Options, JsValue> {
    let mut options = Options {
        backend: backend(bag)?,
        persist_key: bag.word("persistKey")?,
        reader: super::reader::registered(),
        config: Config::default(),
    };
    let config = &mut options.config;
    let name = bag.word("sessionName")?;
    if !name.is_empty() {
        config.session_name = name;
    }
    config.webhook_url = Some(bag.word("webhookUrl")?).filter(|url| !url.is_empty());
    config.session_id = bag.parsed("sessionId", "a session's id", SessionId::parse)?;
    config.expected_phone = bag.parsed("expectedPhone", "a phone number", PhoneNumber::parse)?;
    config.trigger = bag.choice(
        "trigger",
        &[
            ("visible", Trigger::Visible),
            ("load", Trigger::Load),
            ("manual", Trigger::Manual),
        ],
    )?;
    config.allow_unlink = bag.flag("allowUnlink");
    config.persist = bag.choice("persist", &[("session", true), ("none", false)])?;
    let policy = &mut config.policy;
    bag.span("pollInterval", &mut policy.poll_interval)?;
    bag.span("watchInterval", &mut policy.watch_interval)?;
    bag.span("refreshLead", &mut policy.refresh_lead)?;
    if let Some(count) = bag.number("maxRefreshes")? {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a float to integer cast saturates, and negative ones were refused"
        )]
        let count = count as u32;
        policy.max_refreshes = count;
    }
    Ok(options)
}

/// The words of `strings`; keys that are not ours are passed over, so that one object can serve several versions.
pub(super) fn strings(bag: &Bag<'_>) -> Strings {
    let mut strings = Strings::default();
    if let Some(given) = bag.get("strings").filter(JsValue::is_object) {
        let given = Bag(&given);
        for text in Text::ALL {
            if let Ok(Some(words)) = given.text(text.key()) {
                strings.set(*text, words);
            }
        }
    }
    strings
}

/// Theme, layout, and who asks.
pub(super) fn look(bag: &Bag<'_>) -> Result<Look, JsValue> {
    let site = || {
        let window = web_sys::window()?;
        window.location().hostname().ok()
    };
    Ok(Look {
        theme: bag.word("theme")?,
        layout: bag.word("layout")?,
        lang: bag.word("lang")?,
        site: match bag.text("site")? {
            Some(site) => site,
            None => site().unwrap_or_default(),
        },
    })
}

fn source(function: Function) -> Source {
    Source::new(move || function.call0(&JsValue::UNDEFINED))
}

#[inline(never)]
fn transport_of(value: JsValue) -> Result<Transport, JsValue> {
    for name in ["create", "get", "qr", "remove"] {
        if Bag(&value).function(name)?.is_none() {
            return Err(bad_argument(
                "transport",
                later!("an object with create, get, qr and remove"),
            ));
        }
    }
    Ok(Transport::new(move |call, signal| {
        let name = match call {
            Call::Create { .. } => "create",
            Call::Get { .. } => "get",
            Call::Qr { .. } => "qr",
            Call::Delete { .. } => "remove",
            Call::List { .. } => "list",
        };
        let subject = match (call.session_id(), call.body()) {
            (Some(id), _) => JsValue::from(id.as_str()),
            (None, Some(body)) => JSON::parse(&body).unwrap_or(JsValue::UNDEFINED),
            (None, None) => JsValue::UNDEFINED,
        };
        let key = call.idempotency_key().map(|key| key.as_str());
        let context = object(&[
            ("signal", signal.clone().into()),
            (
                "idempotencyKey",
                key.map_or(JsValue::UNDEFINED, JsValue::from),
            ),
            ("fresh", call.bypasses_shared_reads().into()),
        ]);
        let answer = Bag(&value)
            .function(name)
            .and_then(|function| function.ok_or_else(|| bad_argument("transport", name)))
            .and_then(|function| function.call2(&value, &subject, &context));
        match answer {
            Ok(answer) => Promise::resolve(&answer),
            Err(thrown) => Promise::reject(&thrown),
        }
    }))
}

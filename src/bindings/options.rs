//! Options as JavaScript gives them: one plain object, each member checked, a wrong one named.

use js_sys::{Function, JSON, Object, Promise, Reflect};
use sendapi_pairing_core::{
    api::Call,
    error::ErrorCode,
    model::{PhoneNumber, SessionId},
    pairing::{Config, Policy, Trigger},
    time::Millis,
};
use wasm_bindgen::{JsCast, JsValue};

use super::errors::{bad_argument, of_code};
use crate::{
    driver::{Backend, Options, Source, Transport, is_secret_key},
    ui::{Look, Strings, Text},
};

/// Reads members of one object.
pub(super) struct Bag<'a>(&'a JsValue);

impl<'a> Bag<'a> {
    pub(super) fn new(value: &'a JsValue) -> Result<Self, JsValue> {
        if value.is_object() {
            Ok(Self(value))
        } else {
            Err(bad_argument("options", "an object"))
        }
    }

    /// The member, unless it is missing, `undefined` or `null`.
    fn get(&self, name: &str) -> Option<JsValue> {
        let value = Reflect::get(self.0, &name.into()).ok()?;
        (!value.is_undefined() && !value.is_null()).then_some(value)
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>, JsValue> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => match value.as_string() {
                Some(text) => Ok(Some(text)),
                None => Err(bad_argument(name, "a string")),
            },
        }
    }

    fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.is_truthy())
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<f64>, JsValue> {
        let expected = || bad_argument(name, "a number that is not negative");
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
                Err(_) => Err(bad_argument(name, "a function")),
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
        found.map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<_> = allowed.iter().map(|(known, _)| *known).collect();
            bad_argument(name, &["one of ", &names.join(", ")].concat())
        })
    }

    fn span(&self, name: &str, default: Millis) -> Result<Millis, JsValue> {
        let seconds = self.number(name)?;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a float to integer cast saturates, and negative ones were refused"
        )]
        Ok(seconds.map_or(default, |seconds| Millis((seconds * 1000.0) as u64)))
    }
}

/// Where requests go.
pub(super) fn backend(bag: &Bag<'_>) -> Result<Backend, JsValue> {
    let transport = bag.get("transport");
    let endpoint = bag.text("endpoint")?.unwrap_or_default();
    if endpoint.trim().is_empty() && transport.is_none() {
        return Err(bad_argument("endpoint", "the base URL of your backend"));
    }
    if ["token", "apiKey", "api_key", "key"]
        .into_iter()
        .filter_map(|name| bag.text(name).ok().flatten())
        .any(|text| is_secret_key(&text))
    {
        return Err(of_code(ErrorCode::SecretKeyRejected));
    }
    Ok(Backend {
        endpoint,
        credentials: bag.text("credentials")?.unwrap_or_default(),
        token: bag.function("getToken")?.map(source),
        headers: bag.function("headers")?.map(source),
        transport: transport.map(transport_of).transpose()?,
    })
}

/// All options of a pairing.
pub(super) fn pairing(bag: &Bag<'_>) -> Result<Options, JsValue> {
    let policy = Policy::default();
    let session_id = bag.text("sessionId")?.filter(|id| !id.is_empty());
    let session_id = session_id
        .map(|id| SessionId::parse(&id).ok_or_else(|| bad_argument("sessionId", "a session's id")))
        .transpose()?;
    let expected_phone = bag.text("expectedPhone")?.filter(|text| !text.is_empty());
    let expected_phone = expected_phone
        .map(|text| {
            PhoneNumber::parse(&text).ok_or_else(|| bad_argument("expectedPhone", "a phone number"))
        })
        .transpose()?;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float to integer cast saturates, and negative ones were refused"
    )]
    let max_refreshes = bag
        .number("maxRefreshes")?
        .map_or(policy.max_refreshes, |count| count as u32);
    let poll_interval = bag.span("pollInterval", policy.poll_interval)?;
    Ok(Options {
        backend: backend(bag)?,
        persist_key: bag.text("persistKey")?.unwrap_or_default(),
        config: Config {
            session_name: bag
                .text("sessionName")?
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| Config::default().session_name),
            webhook_url: bag.text("webhookUrl")?.filter(|url| !url.is_empty()),
            session_id,
            trigger: bag.choice(
                "trigger",
                &[
                    ("visible", Trigger::Visible),
                    ("load", Trigger::Load),
                    ("manual", Trigger::Manual),
                ],
            )?,
            expected_phone,
            allow_unlink: bag.flag("allowUnlink"),
            persist: bag.choice("persist", &[("session", true), ("none", false)])?,
            policy: Policy {
                poll_interval,
                poll_slower: policy.poll_slower.max(poll_interval),
                poll_slowest: policy.poll_slowest.max(poll_interval),
                watch_interval: bag.span("watchInterval", policy.watch_interval)?,
                refresh_lead: bag.span("refreshLead", policy.refresh_lead)?,
                max_refreshes,
            },
        },
    })
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
        theme: bag.text("theme")?.unwrap_or_default(),
        layout: bag.text("layout")?.unwrap_or_default(),
        lang: bag.text("lang")?.unwrap_or_default(),
        site: match bag.text("site")? {
            Some(site) => site,
            None => site().unwrap_or_default(),
        },
    })
}

fn source(function: Function) -> Source {
    Source::new(move || function.call0(&JsValue::UNDEFINED))
}

fn transport_of(value: JsValue) -> Result<Transport, JsValue> {
    for name in ["create", "get", "qr", "remove"] {
        if Bag(&value).function(name)?.is_none() {
            return Err(bad_argument(
                "transport",
                "an object with create, get, qr and remove",
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
        let context = Object::new();
        let key = call.idempotency_key().map(|key| key.as_str());
        for (name, member) in [
            ("signal", JsValue::from(signal.clone())),
            (
                "idempotencyKey",
                key.map_or(JsValue::UNDEFINED, JsValue::from),
            ),
            ("fresh", JsValue::from(call.bypasses_shared_reads())),
        ] {
            // Setting a member of a fresh object does not fail.
            let _ = Reflect::set(&context, &name.into(), &member);
        }
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

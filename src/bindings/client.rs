//! The five routes for JavaScript, without a lifecycle.

use std::rc::Rc;

use js_sys::Promise;
use sendapi_pairing_core::{
    api::{Answer, Call},
    error::ErrorCode,
    model::SessionId,
    pairing::IdempotencyKey,
};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::future_to_promise;
use web_sys::AbortSignal;

use super::{
    errors::{bad_argument, later, to_js},
    options::{self, Bag},
    values,
};
use crate::{
    driver::{Http, seed},
    js::object,
};

/// Speaks the session routes of one backend.
#[wasm_bindgen(js_name = Client)]
#[derive(Debug)]
pub struct JsClient {
    http: Rc<Http>,
}

#[wasm_bindgen(js_class = Client)]
impl JsClient {
    /// A client of the backend that the options name.
    ///
    /// # Errors
    /// A `TypeError` that names a bad option.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> Result<JsClient, JsValue> {
        let backend = options::backend(&Bag::new(options)?)?;
        Ok(Self {
            http: Rc::new(Http::new(backend)),
        })
    }

    /// Asks one of the routes; `input` is what it is about:
    ///
    /// | `route` | `input` | promises |
    /// | --- | --- | --- |
    /// | `create` | `{name, webhookUrl?, idempotencyKey?}` | the session with `qrCode` and `expiresIn` |
    /// | `get` | an id | the session |
    /// | `qr` | an id | `{qrCode, expiresIn}`; the code shown before is dead from then on |
    /// | `delete` | an id | `{deleted, id}`; an id that is gone counts as deleted |
    /// | `list` | `{page, perPage}` | one page of sessions |
    ///
    /// Nothing but `signal` ends a request; its reason is what the promise rejects with then.
    ///
    /// # Errors
    /// A `TypeError` that names a bad argument.
    pub fn ask(
        &self,
        route: &str,
        input: &JsValue,
        signal: AbortSignal,
    ) -> Result<Promise, JsValue> {
        let call = match route {
            "create" => create(&Bag::new(input)?)?,
            "list" => list(&Bag::new(input)?)?,
            route => {
                let id = input.as_string().and_then(|text| SessionId::parse(&text));
                let id = id.ok_or_else(|| bad_argument("id", later!("a session's id")))?;
                match route {
                    "get" => Call::Get { id, fresh: true },
                    "qr" => Call::Qr { id },
                    "delete" => Call::Delete { id },
                    _ => return Err(bad_argument("route", later!("a route"))),
                }
            }
        };
        Ok(self.send(call, signal))
    }
}

fn create(bag: &Bag<'_>) -> Result<Call, JsValue> {
    let name = bag.word("name")?;
    if name.is_empty() {
        return Err(bad_argument("name", later!("a string that is not empty")));
    }
    let key = bag.text("idempotencyKey")?.unwrap_or_else(random_key);
    let key = IdempotencyKey::parse(&key).ok_or_else(|| {
        bad_argument("idempotencyKey", later!("1 to 64 visible ASCII characters"))
    })?;
    Ok(Call::Create {
        name,
        webhook_url: bag.text("webhookUrl")?,
        key,
    })
}

fn list(bag: &Bag<'_>) -> Result<Call, JsValue> {
    let whole = |name, most| {
        let value = bag.number(name)?.unwrap_or(1.0);
        if value.fract() != 0.0 || !(1.0..=f64::from(most)).contains(&value) {
            return Err(bad_argument(
                name,
                later!("a whole number from 1; perPage at most 100"),
            ));
        }
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range was checked"
        )]
        Ok(value as u32)
    };
    Ok(Call::List {
        page: whole("page", u32::MAX)?,
        per_page: whole("perPage", 100)?,
    })
}

impl JsClient {
    fn send(&self, call: Call, signal: AbortSignal) -> Promise {
        let http = Rc::clone(&self.http);
        future_to_promise(async move {
            let mut outcome = http.send(&call, &signal).await;
            let refused = |failure: &sendapi_pairing_core::api::Failure| {
                failure.error.code == ErrorCode::Unauthorized && failure.error.http_status.is_some()
            };
            if outcome.as_ref().is_err_and(refused) && http.renew_token().await.is_ok() {
                outcome = http.send(&call, &signal).await;
            }
            match outcome {
                Ok(answer) => Ok(value_of(&call, &answer)),
                Err(_) if signal.aborted() => Err(signal.reason()),
                Err(failure) => Err(to_js(&failure.error)),
            }
        })
    }
}

fn value_of(call: &Call, answer: &Answer) -> JsValue {
    match answer {
        Answer::Created { session, code } => values::created(session, code),
        Answer::Session(session) => values::session(session),
        Answer::Code(code) => values::code(code),
        Answer::List(list) => values::list(list),
        Answer::Deleted => {
            let id = call.session_id().map_or("", SessionId::as_str);
            object(&[("deleted", JsValue::TRUE), ("id", id.into())])
        }
    }
}

/// 128 random bits in hexadecimal.
fn random_key() -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let digits = seed().into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from(HEX[usize::from(digit)]))
        .collect()
}

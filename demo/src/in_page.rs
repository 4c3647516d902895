//! The sandbox inside this program, and the element's `transport` that leads to it.

use crate::backstage::{Outcome, Refusal};
use crate::controls::Control;
use js_sys::{Function, JSON, Object, Promise, Reflect};
use sendapi_sandbox::{ControlError, Method, Request, Sandbox, SandboxConfig, SessionView};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};

/// The key of the sandbox's only account; any `sk_test_` key opens it. It never leaves this program.
const KEY: &str = "Bearer sk_test_demo";
const SESSIONS: &str = "/v1/whatsapp/sessions";

/// A sandbox without a network.
#[derive(Clone)]
pub(crate) struct InPage(Rc<RefCell<Sandbox>>);

impl InPage {
    pub(crate) fn new() -> Self {
        Self(Rc::new(RefCell::new(Sandbox::new(SandboxConfig {
            seed: now_ms() ^ (js_sys::Math::random() * f64::from(u32::MAX)).to_bits(),
            ..SandboxConfig::default()
        }))))
    }

    pub(crate) fn scan(&self, text: &str) -> Result<Outcome, Refusal> {
        outcome(self.0.borrow_mut().scan(text, None, now_ms()))
    }

    /// # Errors
    /// As the sandbox's; [`Control::Renew`] is none of the service's business and refused.
    pub(crate) fn control(&self, id: &str, control: Control) -> Result<Outcome, Refusal> {
        let mut sandbox = self.0.borrow_mut();
        let act = match control {
            Control::Disconnect => Sandbox::disconnect,
            Control::Reconnect => Sandbox::reconnect,
            Control::Fail => Sandbox::fail,
            Control::Renew => return Err(Refusal::Unreachable),
        };
        outcome(act(&mut sandbox, id, now_ms()))
    }

    /// The object for the element's property `transport`: `create({name}, context)`, `get(id)`, `qr(id)`, `remove(id)`, each a
    /// promise of the service's JSON that rejects with an object with a numeric `status`.
    pub(crate) fn transport(&self) -> JsValue {
        let transport = Object::new();
        self.offer(&transport, "create", |sandbox, body, context| {
            let body = JSON::stringify(body).map_or_else(|_| String::new(), String::from);
            let key = Reflect::get(context, &"idempotencyKey".into()).ok();
            let key = key.and_then(|key| key.as_string());
            let mut request = Request::create(KEY, body.as_bytes());
            if let Some(key) = &key {
                request = request.with_idempotency_key(key);
            }
            answer(sandbox, &request)
        });
        self.offer(&transport, "get", |sandbox, id, _| {
            answer(sandbox, &Request::get(KEY, &path(id, "")))
        });
        self.offer(&transport, "qr", |sandbox, id, _| {
            answer(sandbox, &Request::get(KEY, &path(id, "/qr")))
        });
        self.offer(&transport, "remove", |sandbox, id, _| {
            let path = path(id, "");
            answer(
                sandbox,
                &Request {
                    authorization: Some(KEY),
                    ..Request::new(Method::Delete, &path)
                },
            )
        });
        transport.into()
    }

    fn offer(
        &self,
        transport: &Object,
        name: &str,
        act: impl Fn(&mut Sandbox, &JsValue, &JsValue) -> Promise + 'static,
    ) {
        let sandbox = Rc::clone(&self.0);
        let call: Closure<dyn Fn(JsValue, JsValue) -> Promise> =
            Closure::new(move |subject: JsValue, context: JsValue| {
                act(&mut sandbox.borrow_mut(), &subject, &context)
            });
        // The function lives as long as JavaScript holds it.
        let call: Function = call.into_js_value().unchecked_into();
        // Setting a member of a fresh object does not fail.
        let _ = Reflect::set(transport, &name.into(), &call);
    }
}

fn path(id: &JsValue, end: &str) -> String {
    let id = js_sys::encode_uri_component(&id.as_string().unwrap_or_default());
    format!("{SESSIONS}/{id}{end}")
}

fn answer(sandbox: &mut Sandbox, request: &Request<'_>) -> Promise {
    let response = sandbox.handle(request, now_ms());
    let text = String::from_utf8_lossy(&response.body);
    let value = JSON::parse(&text).unwrap_or_else(|_| Object::new().into());
    if (200..300).contains(&response.status) {
        return Promise::resolve(&value);
    }
    // An error's body is always an object.
    let _ = Reflect::set(&value, &"status".into(), &response.status.into());
    Promise::reject(&value)
}

fn outcome(result: Result<SessionView, ControlError>) -> Result<Outcome, Refusal> {
    match result {
        Ok(view) => Ok(Outcome {
            id: view.id,
            service: view.status.into(),
        }),
        Err(ControlError::NotFound | ControlError::DeadCode) => Err(Refusal::Unknown),
        Err(ControlError::Conflict(_)) => Err(Refusal::NotNow),
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float to integer cast saturates, and the year is after 1970"
)]
fn now_ms() -> u64 {
    js_sys::Date::now() as u64
}

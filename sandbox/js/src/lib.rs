//! The sandbox for JavaScript: requests in, answers out, both as plain values. Time is the caller's.
//!
//! It exists for users' tests and stories (`pkg/sandbox.js`); nothing of it is in what a page downloads to link a number.

use sendapi_sandbox::{Effect, Method, Request, SandboxConfig};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsError, prelude::wasm_bindgen};

/// The key of the sandbox's only account; any `sk_test_` key opens it.
const KEY: &str = "Bearer sk_test_sandbox";

/// The settings that JavaScript may choose.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    seed: f64,
    quota: Option<u32>,
}

/// An answer, as JSON text for JavaScript.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    status: u16,
    /// The body's text, which a fault may have made something else than JSON.
    body: &'a str,
    /// Milliseconds by which the answer comes later.
    delay: u64,
    /// The connection closes before the whole answer is out.
    cut: bool,
}

/// One account of the service.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Sandbox(sendapi_sandbox::Sandbox);

#[wasm_bindgen]
impl Sandbox {
    /// `settings` is JSON: `{seed, quota}`, `quota` a number or null.
    ///
    /// # Errors
    /// Where the settings are not that.
    #[wasm_bindgen(constructor)]
    pub fn new(settings: &str) -> Result<Sandbox, JsError> {
        let settings: Settings = serde_json::from_str(settings)?;
        Ok(Self(sendapi_sandbox::Sandbox::new(SandboxConfig {
            seed: settings.seed.to_bits(),
            quota: settings.quota,
            ..SandboxConfig::default()
        })))
    }

    /// One request at `now` (Unix milliseconds); `path` begins with a slash and is percent-encoded. The answer is JSON:
    /// `{status, body, delay, cut}`.
    ///
    /// # Errors
    /// None: an answer of our own making can be written.
    pub fn handle(
        &mut self,
        method: &str,
        path: &str,
        body: &str,
        idempotency_key: Option<String>,
        now: f64,
    ) -> Result<String, JsError> {
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path, None),
        };
        let request = Request {
            query,
            authorization: Some(KEY),
            idempotency_key: idempotency_key.as_deref(),
            body: body.as_bytes(),
            ..Request::new(Method::parse(method), path)
        };
        let response = self.0.handle(&request, whole(now));
        Ok(serde_json::to_string(&Answer {
            status: response.status,
            body: &String::from_utf8_lossy(&response.body),
            delay: match response.effect {
                Effect::Delay(millis) => millis,
                _ => 0,
            },
            cut: matches!(response.effect, Effect::Drop | Effect::Truncate(_)),
        })?)
    }

    /// The text that a session's living code bears, as a phone would read it.
    #[must_use]
    pub fn text(&self, id: &str, now: f64) -> Option<String> {
        self.0.current_text(id, whole(now)).map(str::to_owned)
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float to integer cast saturates"
)]
fn whole(millis: f64) -> u64 {
    millis as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn json(text: &str) -> Value {
        serde_json::from_str(text).expect("an answer is JSON")
    }

    #[test]
    fn a_session_is_created_scanned_and_read() {
        let mut sandbox = Sandbox::new(r#"{"seed":1,"quota":null}"#).expect("these are settings");
        let path = "/v1/whatsapp/sessions";
        let created = json(
            &sandbox
                .handle("POST", path, r#"{"name":"Bot"}"#, None, 1e12)
                .expect("an answer"),
        );
        assert_eq!(created["status"], 201);
        let body = json(created["body"].as_str().expect("a body"));
        let id = body["id"].as_str().expect("an id");
        let text = sandbox.text(id, 1e12).expect("a living code");
        let scan = serde_json::json!({ "payload": text, "phone_number": "+447700900001" });
        let scanned = json(
            &sandbox
                .handle("POST", "/sandbox/scan", &scan.to_string(), None, 1e12)
                .expect("an answer"),
        );
        assert_eq!(scanned["status"], 200);
        let read = json(
            &sandbox
                .handle("GET", &format!("{path}/{id}"), "", None, 1e12)
                .expect("an answer"),
        );
        assert!(
            read["body"]
                .as_str()
                .is_some_and(|body| body.contains("+447700900001"))
        );
        assert_eq!(sandbox.text(id, 1e12), None);
    }
}

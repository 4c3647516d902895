//! What a browser is told when something fails: always our own JSON, never a body passed through.

use crate::ledger::Unavailable;
use crate::upstream::{Answer, Limits, Unanswered};
use serde_json::{Value, json};

/// One failure on its way out.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The status.
    pub status: u16,
    details: Box<Details>,
}

#[derive(Clone, Debug)]
struct Details {
    kind: String,
    code: Value,
    message: String,
    request_id: Option<String>,
    date: Option<String>,
    limits: Limits,
    allow: Option<&'static str>,
}

impl Failure {
    /// A failure of the gateway's own.
    #[must_use]
    pub fn new(status: u16, kind: &'static str, code: &'static str, message: &str) -> Self {
        let details = Details {
            kind: kind.to_owned(),
            code: Value::from(code),
            message: message.to_owned(),
            request_id: None,
            date: None,
            limits: Limits::default(),
            allow: None,
        };
        Self {
            status,
            details: Box::new(details),
        }
    }

    /// The session is not there, or not this subject's: the two must look alike.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(404, "not_found_error", "not_found", "No such session.")
    }

    /// The route answers `allow` only.
    #[must_use]
    pub fn wrong_method(allow: &'static str) -> Self {
        let mut failure = Self::new(
            405,
            "invalid_request_error",
            "method_not_allowed",
            "This route does not answer that method.",
        );
        failure.details.allow = Some(allow);
        failure
    }

    /// A bug of ours, or a system without randomness.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(500, "server_error", "internal", "The gateway failed.")
    }

    /// The store of session owners cannot be reached: nothing may be decided without it.
    #[must_use]
    pub fn store() -> Self {
        let mut failure = Self::new(
            503,
            "server_error",
            "store_unavailable",
            "The gateway cannot reach its store. Try again.",
        );
        failure.details.limits.retry_after = Some(2);
        failure
    }

    /// A success of the service that cannot be understood.
    #[must_use]
    pub fn unreadable(answer: &Answer) -> Self {
        let mut failure = Self::new(
            502,
            "upstream_error",
            "invalid_response",
            "SendAPI's answer could not be understood.",
        );
        failure.details.date.clone_from(&answer.date);
        failure
    }

    /// No answer of the service.
    #[must_use]
    pub fn unanswered(error: Unanswered) -> Self {
        let (status, code) = match error {
            Unanswered::Timeout => (504, "upstream_timeout"),
            Unanswered::Network => (502, "upstream_unreachable"),
            Unanswered::TooLarge => (502, "invalid_response"),
        };
        Self::new(status, "upstream_error", code, &format!("{error}."))
    }

    /// The key's rate, or this subject's, is used up: try again after `seconds`.
    #[must_use]
    pub fn wait(seconds: u64) -> Self {
        let mut failure = Self::new(
            429,
            "rate_limit_error",
            "rate_limited",
            "Too many requests. Retry after the time given in Retry-After.",
        );
        failure.details.limits.retry_after = Some(seconds);
        failure
    }

    /// An error of the service: its status, type, code, words and request id, written anew.
    #[must_use]
    pub fn of_service(answer: &Answer) -> Self {
        let mut limits = answer.limits;
        if answer.status == 429 {
            limits.retry_after = Some(limits.wait_s());
        }
        let parts = answer.json.as_ref().and_then(|json| {
            let error = json.get("error")?.as_object()?;
            let text = |value: Option<&Value>| value.and_then(Value::as_str).map(clean);
            let request_id = text(error.get("request_id"))
                .or_else(|| text(json.get("meta").and_then(|meta| meta.get("request_id"))));
            let code = match error.get("code") {
                Some(Value::Number(number)) => Value::Number(number.clone()),
                Some(Value::String(word)) => Value::from(clean(word)),
                _ => Value::Null,
            };
            Some((
                text(error.get("type")),
                code,
                text(error.get("message")),
                request_id,
            ))
        });
        let Some((kind, code, message, request_id)) = parts else {
            let mut failure = Self::unreadable(answer);
            if matches!(answer.status, 404 | 410 | 429 | 503) {
                failure.status = answer.status;
            }
            failure.details.limits = limits;
            return failure;
        };
        let details = Details {
            kind: kind.unwrap_or_else(|| "api_error".to_owned()),
            code,
            message: message.unwrap_or_else(|| "SendAPI refused the request.".to_owned()),
            request_id,
            date: answer.date.clone(),
            limits,
            allow: None,
        };
        let mut failure = Self {
            status: answer.status,
            details: Box::new(details),
        };
        match answer.status {
            // The key is the gateway's, so the browser can do nothing about it; a 401 would make it renew its own token.
            401 => {
                failure.status = 502;
                failure.explain("The gateway's SendAPI key was refused.");
            }
            403 => {
                failure.status = 502;
                failure.explain("The gateway's SendAPI key may not do this.");
            }
            400..600 => {}
            _ => failure.status = 502,
        }
        failure
    }

    fn explain(&mut self, prefix: &str) {
        self.details.message = format!("{prefix} {}", self.details.message);
    }

    /// The service's `Date`, where the failure is the service's.
    #[must_use]
    pub fn date(&self) -> Option<&str> {
        self.details.date.as_deref()
    }

    /// The key's rate, where known.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.details.limits
    }

    /// What `Allow` must say (RFC 9110, section 15.5.6).
    #[must_use]
    pub fn allow(&self) -> Option<&'static str> {
        self.details.allow
    }

    /// The code, for logs.
    #[must_use]
    pub fn code(&self) -> &Value {
        &self.details.code
    }

    /// The body, in the third of the contract's error shapes with `meta` beside it.
    #[must_use]
    pub fn body(&self, request_id: &str) -> Vec<u8> {
        let details = &self.details;
        let request_id = details.request_id.as_deref().unwrap_or(request_id);
        let body = json!({
            "error": {"type": details.kind, "code": details.code, "message": details.message},
            "meta": {"request_id": request_id},
        });
        body.to_string().into_bytes()
    }
}

impl From<Unavailable> for Failure {
    fn from(_: Unavailable) -> Self {
        Self::store()
    }
}

/// The service's words as one short line. Words that hold a key or a code are not repeated at all.
fn clean(text: &str) -> String {
    // In this order: what is dropped may have stood within a key.
    let line: String = text.chars().filter(|c| !c.is_control()).collect();
    if line.contains("sk_") || line.contains("2@") {
        return "[removed]".to_owned();
    }
    line.chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str) -> Failure {
        Failure::of_service(&Answer::read(status, |_| None, body.as_bytes()))
    }

    fn written(failure: &Failure) -> Value {
        serde_json::from_slice(&failure.body("gw_1")).unwrap()
    }

    #[test]
    fn all_four_shapes_are_read() {
        let meta = of(
            429,
            r#"{"success":false,"error":{"type":"t","message":"m","code":4029},"meta":{"request_id":"r"}}"#,
        );
        let expected =
            json!({"error":{"type":"t","code":4029,"message":"m"},"meta":{"request_id":"r"}});
        assert_eq!((meta.status, written(&meta)), (429, expected.clone()));
        let inside = of(
            429,
            r#"{"error":{"type":"t","message":"m","code":4029,"request_id":"r"}}"#,
        );
        assert_eq!(written(&inside), expected);
        let param = of(
            400,
            r#"{"error":{"type":"t","code":"missing_parameter","param":"p","message":"m"}}"#,
        );
        assert_eq!(written(&param)["error"]["code"], "missing_parameter");
        let short = of(409, r#"{"error":{"message":"m","code":1}}"#);
        assert_eq!(written(&short)["error"]["type"], "api_error");
        assert_eq!(written(&short)["meta"]["request_id"], "gw_1");
    }

    #[test]
    fn pages_and_secrets_are_not_repeated() {
        let html = of(500, "<html>secret</html>");
        assert_eq!(html.status, 502);
        assert!(!String::from_utf8(html.body("")).unwrap().contains("secret"));
        for echo in [
            r#"{"error":{"message":"bad key sk_live_canary","code":"2@abc"}}"#,
            r#"{"error":{"message":"bad key s\u0001k_live_canary","code":"2\u007f@abc"}}"#,
        ] {
            let text = String::from_utf8(of(400, echo).body("")).unwrap();
            assert!(!text.contains("canary") && !text.contains("@abc"), "{text}");
        }
    }

    #[test]
    fn a_browser_waits_as_long_as_the_gateway() {
        let wait = |retry_after: &'static str| {
            let header = |name: &str| (name == "retry-after").then_some(retry_after);
            let bodies = [r#"{"error":{"message":"m","code":4029}}"#, "<html>"];
            bodies.map(|body| {
                let answer = Answer::read(429, header, body.as_bytes());
                Failure::of_service(&answer).limits().retry_after
            })
        };
        for (text, seconds) in [("7", 7), ("-1", 1), ("1.5", 1), ("0", 1), ("999999", 300)] {
            assert_eq!(wait(text), [Some(seconds); 2], "{text}");
        }
    }

    #[test]
    fn the_gateways_own_refusal_is_not_the_browsers() {
        let refused = of(
            401,
            r#"{"error":{"message":"Invalid API key.","code":4011}}"#,
        );
        assert_eq!(refused.status, 502);
        assert_eq!(of(302, r#"{"error":{"message":"moved"}}"#).status, 502);
    }
}

//! Whether a success of the service is an answer to what was asked.

use super::failure::Failure;
use super::wire::{self, Qr, Session};
use crate::id::SessionId;
use crate::upstream::Answer;
use serde_json::{Map, Value};

/// The object of a success; the failure that the service reports otherwise.
pub(super) fn object(answer: &Answer) -> Result<&Map<String, Value>, Failure> {
    if !answer.is_success() {
        return Err(Failure::of_service(answer));
    }
    answer.object().ok_or_else(|| Failure::unreadable(answer))
}

/// The session that was asked for: an answer for another id is none.
pub(super) fn own_session(answer: &Answer, id: &SessionId) -> Result<Session, Failure> {
    Session::read(object(answer)?)
        .filter(|session| session.id == id.as_str())
        .ok_or_else(|| Failure::unreadable(answer))
}

/// The code that was asked for. A session that waits for no scan has none: the service may say so by a `null`, or by its status.
pub(super) fn own_code(answer: &Answer, id: &SessionId) -> Result<Qr, Failure> {
    let object = object(answer)?;
    let known = match object.get("qr_code") {
        Some(code) => code.is_string() || code.is_null(),
        None => object.get("status").is_some_and(Value::is_string),
    };
    if !known || names_another(object, id) {
        return Err(Failure::unreadable(answer));
    }
    Ok(Qr::read(object))
}

/// Whether a success of a delete is one: what a proxy, or another route, answers has deleted nothing.
pub(super) fn says_deleted(answer: &Answer, id: &SessionId) -> bool {
    answer.status == 204
        || answer.object().is_some_and(|object| {
            object.get("deleted") == Some(&Value::Bool(true)) && !names_another(object, id)
        })
}

/// Whether the service itself says that the session is no more: a page that a proxy shows in its place says nothing of the session, and
/// whose it is must outlast that.
pub(super) fn says_gone(answer: &Answer) -> bool {
    let of_service = |json: &Value| json.get("error").is_some_and(Value::is_object);
    matches!(answer.status, 404 | 410) && answer.json.as_ref().is_some_and(of_service)
}

/// Whether an object is about something else than this session.
fn names_another(object: &Map<String, Value>, id: &SessionId) -> bool {
    let named = object.get("id").is_some_and(|named| !named.is_null());
    named && wire::id(object).as_ref() != Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer::read(status, |_| None, body.as_bytes())
    }

    #[test]
    fn a_code_is_the_sessions_own_or_none() {
        let id = SessionId::parse("7").unwrap();
        let code = |body| own_code(&answer(200, body), &id).map(|qr| qr.qr_code);
        for body in [
            r#"{"qr_code":"2@a","expires_at":"x"}"#,
            r#"{"id":7,"qr_code":"2@a"}"#,
            r#"{"data":{"id":"7","qr_code":"2@a"},"meta":{}}"#,
        ] {
            assert_eq!(code(body).unwrap().as_deref(), Some("2@a"), "{body}");
        }
        for body in [
            r#"{"qr_code":null,"expires_at":null}"#,
            r#"{"id":"7","status":"connected"}"#,
        ] {
            assert_eq!(code(body).unwrap(), None, "{body}");
        }
        for body in [
            r#"{"id":"8","qr_code":"2@a"}"#,
            r#"{"id":{"a":7},"qr_code":"2@a"}"#,
            r#"{"id":"8","status":"connected"}"#,
            r#"{"error":{"message":"m","code":1}}"#,
            r#"{"data":[{"id":"7","qr_code":"2@a"}]}"#,
            r#"{"qr_code":5}"#,
            r#"{"status":17}"#,
            "{}",
            "[1]",
            "<html>",
            "",
        ] {
            assert_eq!(code(body).unwrap_err().status, 502, "{body}");
        }
    }

    #[test]
    fn only_what_says_so_has_deleted() {
        let id = SessionId::parse("7").unwrap();
        let deleted = |status, body| says_deleted(&answer(status, body), &id);
        assert!(deleted(204, ""));
        for body in [
            r#"{"deleted":true,"id":"7"}"#,
            r#"{"data":{"deleted":true,"id":7}}"#,
            r#"{"deleted":true}"#,
        ] {
            assert!(deleted(200, body), "{body}");
        }
        for body in [
            r#"{"deleted":false,"id":"7"}"#,
            r#"{"deleted":true,"id":"8"}"#,
            r#"{"id":"7","status":"pending"}"#,
            r#"{"error":{"message":"m"}}"#,
            r#"{"data":[{"id":"7"}]}"#,
            r#"{"status":17}"#,
            "{}",
            "<html>",
            "",
        ] {
            assert!(!deleted(200, body), "{body}");
        }
    }
}

//! What browsers send, checked.

use super::failure::Failure;
use crate::id::SessionId;
use crate::json;
use serde::Deserialize;
use serde_json::{Value, json};

/// The longest `name`, in characters.
pub const NAME_MAX: usize = 64;
/// Rows on a page of a list, where the page is named and their number is not.
const PER_PAGE: usize = 25;
/// The most rows on a page of a list.
const PER_PAGE_MAX: usize = 100;
/// The longest body.
pub const BODY_MAX: usize = 16 * 1024;

/// What a method and a path under the API's root ask for.
#[derive(Debug, PartialEq, Eq)]
pub enum Route {
    /// `POST /sessions`.
    Create,
    /// `GET /sessions`.
    List,
    /// `GET /sessions/{id}`.
    Read(SessionId),
    /// `GET /sessions/{id}/qr`.
    Qr(SessionId),
    /// `DELETE /sessions/{id}`.
    Delete(SessionId),
}

/// Reads method and path (below the API's root, as they came).
///
/// # Errors
/// 404 for an unknown path, 405 for another method, 400 for what stands where an id belongs and is none.
pub fn route(method: &str, path: &str) -> Result<Route, Failure> {
    let rest = path.strip_prefix("/sessions").ok_or_else(no_route)?;
    if rest.is_empty() {
        return match method {
            "POST" => Ok(Route::Create),
            "GET" => Ok(Route::List),
            _ => Err(Failure::wrong_method("GET, POST, OPTIONS")),
        };
    }
    let rest = rest.strip_prefix('/').ok_or_else(no_route)?;
    let (segment, qr) = match rest.strip_suffix("/qr") {
        Some(segment) => (segment, true),
        None => (rest, false),
    };
    let id = SessionId::parse(segment).ok_or_else(|| {
        Failure::new(
            400,
            "invalid_request_error",
            "invalid_id",
            "That is no session id.",
        )
    })?;
    match (method, qr) {
        ("GET", false) => Ok(Route::Read(id)),
        ("GET", true) => Ok(Route::Qr(id)),
        ("DELETE", false) => Ok(Route::Delete(id)),
        (_, true) => Err(Failure::wrong_method("GET, OPTIONS")),
        (_, false) => Err(Failure::wrong_method("GET, DELETE, OPTIONS")),
    }
}

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    /// From 1.
    pub page: usize,
    /// From 1 to 100.
    pub per_page: usize,
}

/// Reads `page` and `per_page`, 25 unless given and at most 100; `None` where neither is there. Other parameters are ignored.
///
/// # Errors
/// 422 for what is no whole number from 1.
pub fn paging(query: Option<&str>) -> Result<Option<Paging>, Failure> {
    let (mut page, mut per_page) = (None, None);
    let parts = query.unwrap_or_default().split('&');
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        let number = || {
            let whole = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
            // A page past all counting is as empty as the one after the last.
            let number = value.parse().unwrap_or(usize::MAX);
            (whole && number > 0).then_some(number).ok_or_else(|| {
                invalid(
                    "invalid_parameter",
                    "page and per_page must be whole numbers from 1.",
                )
            })
        };
        match name {
            "page" => page = Some(number()?),
            "per_page" => per_page = Some(number()?.min(PER_PAGE_MAX)),
            _ => {}
        }
    }
    Ok((page.is_some() || per_page.is_some()).then(|| Paging {
        page: page.unwrap_or(1),
        per_page: per_page.unwrap_or(PER_PAGE),
    }))
}

fn no_route() -> Failure {
    Failure::new(404, "not_found_error", "unknown_route", "No such route.")
}

fn invalid(code: &'static str, message: &str) -> Failure {
    Failure::new(422, "validation_error", code, message)
}

/// The body that goes to the service for a browser's create.
///
/// # Errors
/// 422 for anything but a JSON object with a `name` of 1 to 64 characters without control characters, and for a
/// `webhook_url` unless `allow_webhook_url`.
pub fn create_body(body: &[u8], allow_webhook_url: bool) -> Result<Vec<u8>, Failure> {
    #[derive(Deserialize)]
    struct Body {
        name: Option<Value>,
        webhook_url: Option<Value>,
    }
    let body: Body = json::object(body)
        .map_err(|_| invalid("invalid_json", "The body must be a JSON object."))?;
    let name = match body.name {
        Some(Value::String(name)) => name,
        None | Some(Value::Null) => return Err(invalid("missing_parameter", "name is required.")),
        Some(_) => return Err(invalid("invalid_parameter", "name must be text.")),
    };
    if name.trim().is_empty()
        || name.chars().count() > NAME_MAX
        || name.chars().any(char::is_control)
    {
        return Err(invalid(
            "invalid_parameter",
            "name must have 1 to 64 characters and no control characters.",
        ));
    }
    let mut out = json!({"name": name});
    match body.webhook_url {
        None | Some(Value::Null) => {}
        Some(_) if !allow_webhook_url => {
            return Err(invalid(
                "webhook_url_refused",
                "webhook_url may not be set from a browser.",
            ));
        }
        Some(Value::String(url)) if url.starts_with("https://") && url.len() <= 2048 => {
            out["webhook_url"] = Value::String(url);
        }
        Some(_) => {
            return Err(invalid(
                "invalid_parameter",
                "webhook_url must be an https URL.",
            ));
        }
    }
    Ok(out.to_string().into_bytes())
}

/// Checks an `Idempotency-Key`: 1 to 255 printable ASCII characters.
///
/// # Errors
/// 400 for any other.
pub fn idempotency_key(text: Option<&[u8]>) -> Result<Option<&str>, Failure> {
    let Some(bytes) = text else { return Ok(None) };
    std::str::from_utf8(bytes)
        .ok()
        .filter(|key| (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()))
        .map(Some)
        .ok_or_else(|| {
            Failure::new(
                400,
                "invalid_request_error",
                "invalid_idempotency_key",
                "Idempotency-Key must have 1 to 255 printable ASCII characters.",
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_cannot_leave_their_segment() {
        assert_eq!(route("POST", "/sessions").unwrap(), Route::Create);
        let id = SessionId::parse("a").unwrap();
        assert_eq!(route("GET", "/sessions/a/qr").unwrap(), Route::Qr(id));
        for (path, status) in [
            ("/sessions/../x", 400),
            ("/sessions/..", 400),
            ("/sessions/%2e%2e", 400),
            ("/sessions/a%2Fqr", 400),
            ("/sessions/a/b", 400),
            ("/sessions/", 400),
            ("/sessions//qr", 400),
            ("/sessionsx", 404),
            ("/", 404),
            ("/messages", 404),
        ] {
            assert_eq!(route("GET", path).unwrap_err().status, status, "{path}");
        }
        assert_eq!(route("PUT", "/sessions").unwrap_err().status, 405);
        assert_eq!(route("DELETE", "/sessions/a/qr").unwrap_err().status, 405);
    }

    #[test]
    fn pages_are_counted_from_one() {
        let paged = |page, per_page| Some(Paging { page, per_page });
        for (query, expected) in [
            (None, None),
            (Some("x=1&page"), None),
            (Some("page=3"), paged(3, 25)),
            (Some("per_page=900"), paged(1, 100)),
            (Some("a=b&page=2&per_page=7"), paged(2, 7)),
            (Some("page=99999999999999999999999"), paged(usize::MAX, 25)),
        ] {
            assert_eq!(paging(query).unwrap(), expected, "{query:?}");
        }
        for bad in ["page=0", "page=-1", "per_page=x", "page=", "page=1e3"] {
            assert_eq!(paging(Some(bad)).unwrap_err().status, 422, "{bad}");
        }
    }

    #[test]
    fn names_are_checked() {
        let long = format!(r#"{{"name":"{}"}}"#, "ü".repeat(64));
        for good in [
            r#"{"name":"Support <b>"}"#,
            &long,
            r#"{"name":"\u202Eabc"}"#,
            r#"{"name":"a","webhook_url":null}"#,
        ] {
            assert!(create_body(good.as_bytes(), false).is_ok(), "{good}");
        }
        let longer = format!(r#"{{"name":"{}"}}"#, "ü".repeat(65));
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"name":1}"#,
            r#"{"name":"  "}"#,
            r#"{"name":"a\u0000"}"#,
            r#"{"name":"a\u0085"}"#,
            &longer,
            r#"{"name":"a","webhook_url":"https://x"}"#,
        ] {
            assert_eq!(
                create_body(bad.as_bytes(), false).unwrap_err().status,
                422,
                "{bad}"
            );
        }
        let hooked =
            create_body(br#"{"name":"a","webhook_url":"https://x","extra":1}"#, true).unwrap();
        assert_eq!(hooked, br#"{"name":"a","webhook_url":"https://x"}"#);
    }
}

//! The seed page's objects, and how an answer departs from them. Reports name fields and types, never values.

use serde_json::{Map, Value};

/// What a field must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Text, or a whole number up to 2^53.
    Id,
    /// RFC 3339.
    Time,
    /// A PNG data URL, the base64 of a PNG, or a pairing text.
    Code,
    /// A whole number.
    Number,
    /// `true`.
    True,
}

/// One field of the page.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it must hold.
    pub kind: Kind,
    /// Whether it may be `null` or absent, as far as the page says.
    pub optional: bool,
}

const fn must(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        optional: false,
    }
}

const fn may(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        optional: true,
    }
}

/// The answer of a create.
pub const CREATED: &[Field] = &[
    must("id", Kind::Id),
    must("name", Kind::Text),
    must("status", Kind::Text),
    must("qr_code", Kind::Code),
    must("qr_expires_at", Kind::Time),
    must("created_at", Kind::Time),
];
/// A session, alone or in a list.
pub const SESSION: &[Field] = &[
    must("id", Kind::Id),
    must("name", Kind::Text),
    must("status", Kind::Text),
    may("phone_number", Kind::Text),
    may("last_seen_at", Kind::Time),
    may("message_count", Kind::Number),
    must("created_at", Kind::Time),
];
/// The answer of `/qr`.
pub const QR: &[Field] = &[must("qr_code", Kind::Code), must("expires_at", Kind::Time)];
/// The answer of a delete.
pub const DELETED: &[Field] = &[must("deleted", Kind::True), must("id", Kind::Id)];
/// `meta` of a list.
pub const PAGE: &[Field] = &[
    must("total", Kind::Number),
    must("page", Kind::Number),
    must("per_page", Kind::Number),
];

/// Missing, mistyped and unknown fields of an object, each as a phrase.
#[must_use]
pub fn deviations(object: &Map<String, Value>, fields: &[Field]) -> Vec<String> {
    let mut found = Vec::new();
    for field in fields {
        match object.get(field.name) {
            None if field.optional => found.push(format!("{} is absent", field.name)),
            None => found.push(format!("{} is missing", field.name)),
            Some(Value::Null) if field.optional => {}
            Some(value) if holds(field.kind, value) => {}
            Some(value) => found.push(format!("{} is {}", field.name, describe(value))),
        }
    }
    for name in object.keys() {
        if fields.iter().all(|field| field.name != name) {
            found.push(format!("{} is new", plain(name)));
        }
    }
    found
}

fn holds(kind: Kind, value: &Value) -> bool {
    match (kind, value) {
        (Kind::Text, Value::String(_)) => true,
        (Kind::Id, Value::String(text)) => !text.is_empty(),
        (Kind::Id, Value::Number(number)) => number.as_u64().is_some_and(|n| n <= 1 << 53),
        (Kind::Time, Value::String(text)) => is_time(text),
        (Kind::Code, Value::String(text)) => is_code(text),
        (Kind::Number, Value::Number(number)) => number.is_u64(),
        (Kind::True, Value::Bool(true)) => true,
        _ => false,
    }
}

/// Whether a text may stand in `qr_code` (contract.md, careful client, rule 4), as far as its first bytes tell.
#[must_use]
pub fn is_code(text: &str) -> bool {
    const PNG: &str = "iVBORw0KGgo";
    const LINK: &str = "https://wa.me/settings/linked_devices#";
    let head = "data:image/png;base64,";
    let url = text
        .get(..head.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(head));
    (url && text[head.len()..].starts_with(PNG))
        || text.starts_with(PNG)
        || text.strip_prefix(LINK).unwrap_or(text).starts_with("2@")
}

/// Whether a text is an RFC 3339 timestamp, as far as its form goes.
#[must_use]
pub fn is_time(text: &str) -> bool {
    let digits = |range: std::ops::Range<usize>| {
        text.get(range)
            .is_some_and(|part| part.bytes().all(|b| b.is_ascii_digit()))
    };
    let at = |index: usize, wanted: &[u8]| {
        text.as_bytes()
            .get(index)
            .is_some_and(|b| wanted.contains(b))
    };
    let date = digits(0..4) && at(4, b"-") && digits(5..7) && at(7, b"-") && digits(8..10);
    let time = at(10, b"Tt ")
        && digits(11..13)
        && at(13, b":")
        && digits(14..16)
        && at(16, b":")
        && digits(17..19);
    let zone = text.get(19..).is_some_and(|rest| {
        let rest = match rest.strip_prefix('.') {
            Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
            None => rest,
        };
        matches!(rest, "Z" | "z")
            || (rest.len() == 6 && rest.starts_with(['+', '-']) && rest.as_bytes()[3] == b':')
    });
    date && time && zone
}

/// The type of a value, in words.
#[must_use]
pub fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(text) if text.is_empty() => "an empty text",
        Value::String(_) => "a text of another form",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A name that an answer chose, shortened to what may be printed.
#[must_use]
pub fn plain(name: &str) -> String {
    let name: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '_' {
                c
            } else {
                '?'
            }
        })
        .take(40)
        .collect();
    if name.contains("sk_") {
        "?".to_owned()
    } else {
        name
    }
}

/// Which of the contract's four error shapes a body has, from 1; `None` when it is another.
#[must_use]
pub fn error_shape(body: &Value) -> Option<u8> {
    let error = body.get("error")?.as_object()?;
    error.get("message")?.as_str()?;
    let meta = body.get("meta").and_then(|meta| meta.get("request_id"));
    match error.get("code")? {
        _ if error.contains_key("request_id") => Some(2),
        _ if meta.is_some() => Some(1),
        Value::String(_) => Some(3),
        Value::Number(_) => Some(4),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_seed_pages_own_answer_is_sound() {
        let created = json!({
            "id": "sess_01H8BKF...Z2T", "name": "Support Bot", "status": "pending",
            "qr_code": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA...",
            "qr_expires_at": "2026-03-09T14:32:00Z", "created_at": "2026-03-09T14:30:00Z",
        });
        assert_eq!(deviations(created.as_object().unwrap(), CREATED), [""; 0]);
    }

    #[test]
    fn each_departure_is_named_and_no_value() {
        let odd = json!({"qr_code": "secret", "expires_at": "soon", "sk_live_x": 1, "né": 2});
        let found = deviations(odd.as_object().unwrap(), QR);
        assert_eq!(
            found,
            [
                "qr_code is a text of another form",
                "expires_at is a text of another form",
                "n? is new",
                "? is new"
            ]
        );
        let session = json!({"id": 1, "name": null, "status": "x", "phone_number": null, "created_at": "2026-03-09T14:30:00.5+01:00"});
        let found = deviations(session.as_object().unwrap(), SESSION);
        assert_eq!(
            found,
            [
                "name is null",
                "last_seen_at is absent",
                "message_count is absent"
            ]
        );
    }

    #[test]
    fn error_shapes_are_told_apart() {
        let shape = |text: &str| error_shape(&serde_json::from_str(text).unwrap());
        assert_eq!(
            shape(r#"{"error":{"type":"t","message":"m","code":1},"meta":{"request_id":"r"}}"#),
            Some(1)
        );
        assert_eq!(
            shape(r#"{"error":{"type":"t","message":"m","code":1,"request_id":"r"}}"#),
            Some(2)
        );
        assert_eq!(
            shape(r#"{"error":{"type":"t","code":"c","param":"p","message":"m"}}"#),
            Some(3)
        );
        assert_eq!(shape(r#"{"error":{"message":"m","code":1}}"#), Some(4));
        assert_eq!(shape(r#"{"error":"m"}"#), None);
    }
}

//! The JSON that goes out, as the seed page writes it; types of the sandbox's own.

use crate::config::{Dialect, Envelope, ErrorShape, Ids};
use crate::error::ApiError;
use crate::session::Status;
use serde::{Serialize, Serializer};

/// A session id as text or as a JSON integer.
pub(crate) struct Id<'a> {
    text: &'a str,
    ids: Ids,
}

impl<'a> Id<'a> {
    pub(crate) fn new(text: &'a str, ids: Ids) -> Self {
        Self { text, ids }
    }
}

impl Serialize for Id<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.ids, self.text.parse::<u64>()) {
            (Ids::Integer, Ok(number)) => serializer.serialize_u64(number),
            _ => serializer.serialize_str(self.text),
        }
    }
}

#[derive(Serialize)]
pub(crate) struct Created<'a> {
    pub(crate) id: Id<'a>,
    pub(crate) name: &'a str,
    pub(crate) status: Status,
    pub(crate) qr_code: &'a str,
    pub(crate) qr_expires_at: String,
    pub(crate) created_at: String,
}

/// A field that may be a value, `null`, or not there at all.
pub(crate) type Field<T> = Option<Option<T>>;

#[derive(Serialize)]
pub(crate) struct Session<'a> {
    pub(crate) id: Id<'a>,
    pub(crate) name: &'a str,
    pub(crate) status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phone_number: Field<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_seen_at: Field<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message_count: Field<u64>,
    pub(crate) created_at: String,
}

#[derive(Serialize)]
pub(crate) struct Qr<'a> {
    pub(crate) qr_code: &'a str,
    pub(crate) expires_at: String,
}

#[derive(Serialize)]
pub(crate) struct Deleted<'a> {
    pub(crate) deleted: bool,
    pub(crate) id: Id<'a>,
}

#[derive(Serialize)]
pub(crate) struct List<'a> {
    pub(crate) data: Vec<Session<'a>>,
    pub(crate) meta: Page,
}

#[derive(Serialize)]
pub(crate) struct Page {
    pub(crate) total: usize,
    pub(crate) page: usize,
    pub(crate) per_page: usize,
}

#[derive(Serialize)]
struct Enveloped<T> {
    data: T,
}

/// Writes a single object, wrapped or bare.
pub(crate) fn object<T: Serialize>(dialect: Dialect, value: T) -> Vec<u8> {
    match dialect.envelope {
        Envelope::Bare => json(&value),
        Envelope::Data => json(&Enveloped { data: value }),
    }
}

/// Writes JSON. Serialising the types of this module cannot fail: no map has a key that is not text.
pub(crate) fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

/// Writes an error in the dialect's shape.
pub(crate) fn error(
    dialect: Dialect,
    error: &ApiError,
    request_id: &str,
    timestamp: &str,
) -> Vec<u8> {
    use serde_json::json as value;
    let ApiError {
        kind,
        code,
        word,
        param,
        message,
        ..
    } = *error;
    json(&match dialect.errors {
        ErrorShape::Meta => value!({
            "success": false,
            "error": {"type": kind, "message": message, "code": code},
            "meta": {"request_id": request_id, "timestamp": timestamp},
        }),
        ErrorShape::Inside => value!({
            "success": false,
            "error": {"type": kind, "message": message, "code": code, "request_id": request_id},
            "meta": {"timestamp": timestamp},
        }),
        ErrorShape::Param => match param {
            Some(param) => {
                value!({"error": {"type": kind, "code": word, "param": param, "message": message}})
            }
            None => value!({"error": {"type": kind, "code": word, "message": message}}),
        },
        ErrorShape::Short => value!({"error": {"message": message, "code": code}}),
    })
}

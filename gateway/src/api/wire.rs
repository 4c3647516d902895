//! What goes out to browsers: the seed page's fields, read one by one and written anew.

use crate::id::SessionId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A session. Fields that the service left out, or sent in another type, are `null`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Session {
    /// The id as text.
    pub id: String,
    /// Its label.
    pub name: Option<String>,
    /// Its status, known or not.
    pub status: Option<String>,
    /// Its number.
    pub phone_number: Option<String>,
    /// RFC 3339.
    pub last_seen_at: Option<String>,
    /// Messages so far.
    pub message_count: Option<u64>,
    /// RFC 3339.
    pub created_at: Option<String>,
}

/// The answer of a create.
#[derive(Serialize)]
pub struct Created {
    /// The id as text.
    pub id: String,
    /// Its label.
    pub name: Option<String>,
    /// Its status, known or not.
    pub status: Option<String>,
    /// The code.
    pub qr_code: Option<String>,
    /// RFC 3339.
    pub qr_expires_at: Option<String>,
    /// RFC 3339.
    pub created_at: Option<String>,
}

/// The answer of `/qr`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Qr {
    /// The code.
    pub qr_code: Option<String>,
    /// RFC 3339.
    pub expires_at: Option<String>,
}

/// The answer of a delete.
#[derive(Serialize)]
pub struct Deleted {
    /// Always true.
    pub deleted: bool,
    /// The id as text.
    pub id: String,
}

/// The answer of a list.
#[derive(Serialize)]
pub struct List {
    /// The subject's own sessions, the newest first.
    pub data: Vec<Session>,
    /// Where it stands.
    pub meta: Page,
}

/// Where a list stands.
#[derive(Serialize)]
pub struct Page {
    /// How many there are.
    pub total: usize,
    /// From 1.
    pub page: usize,
    /// As many as fit on a page.
    pub per_page: usize,
}

type Object = Map<String, Value>;

fn text(object: &Object, name: &str) -> Option<String> {
    object.get(name)?.as_str().map(str::to_owned)
}

/// The largest number that every reader of JSON reads as it was written (RFC 8259, section 6).
const SAFE_INTEGER_MAX: u64 = (1 << 53) - 1;

/// The id of an object: text, or a whole number that is safe.
#[must_use]
pub fn id(object: &Object) -> Option<SessionId> {
    match object.get("id")? {
        Value::String(text) => SessionId::parse(text),
        Value::Number(number) => {
            let number = number.as_u64().filter(|n| *n <= SAFE_INTEGER_MAX)?;
            SessionId::parse(&number.to_string())
        }
        _ => None,
    }
}

impl Session {
    /// Reads one; `None` when it has no id that could be one.
    #[must_use]
    pub fn read(object: &Object) -> Option<Self> {
        Some(Self {
            id: id(object)?.as_str().to_owned(),
            name: text(object, "name"),
            status: text(object, "status"),
            phone_number: text(object, "phone_number"),
            last_seen_at: text(object, "last_seen_at"),
            message_count: object.get("message_count").and_then(Value::as_u64),
            created_at: text(object, "created_at"),
        })
    }

    /// Whether it waits for a scan.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.status.as_deref() == Some("pending")
    }
}

impl Created {
    /// Reads a create's answer.
    #[must_use]
    pub fn read(object: &Object) -> Option<Self> {
        let session = Session::read(object)?;
        let qr = Qr::read(object);
        Some(Self::of(session, qr))
    }

    /// A session with a code for it.
    #[must_use]
    pub fn of(session: Session, qr: Qr) -> Self {
        Self {
            id: session.id,
            name: session.name,
            status: session.status,
            qr_code: qr.qr_code,
            qr_expires_at: qr.expires_at,
            created_at: session.created_at,
        }
    }
}

impl Qr {
    /// Reads a code under either of the two names of its deadline.
    #[must_use]
    pub fn read(object: &Object) -> Self {
        Self {
            qr_code: text(object, "qr_code"),
            expires_at: text(object, "expires_at").or_else(|| text(object, "qr_expires_at")),
        }
    }
}

/// The code is not printed.
impl std::fmt::Debug for Qr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Qr")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Writes JSON. Serialising the types of this module cannot fail: no map has a key that is not text.
#[must_use]
pub fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

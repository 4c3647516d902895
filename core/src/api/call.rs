//! The questions that can be asked, as the parts of an HTTP request.

use crate::{decimal, model::SessionId, pairing::IdempotencyKey};

/// One request to the session routes (seed page). Paths are relative to the endpoint's base URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// `POST /sessions`.
    Create {
        /// `name`.
        name: String,
        /// `webhook_url`.
        webhook_url: Option<String>,
        /// `Idempotency-Key`: one per intent, the same on each retry of it (rule 6).
        key: IdempotencyKey,
    },
    /// `GET /sessions/{id}`.
    Get {
        /// The session.
        id: SessionId,
        /// Bypass shared reads (`Cache-Control: no-cache`): set before each refresh.
        fresh: bool,
    },
    /// `GET /sessions/{id}/qr`: kills the code that was shown before.
    Qr {
        /// The session.
        id: SessionId,
    },
    /// `DELETE /sessions/{id}`.
    Delete {
        /// The session.
        id: SessionId,
    },
    /// `GET /sessions`.
    List {
        /// From 1.
        page: u32,
        /// 1 to 100.
        per_page: u32,
    },
}

/// The methods in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
    /// `DELETE`.
    Delete,
}

impl Method {
    /// As sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

impl Call {
    /// The request's method.
    #[must_use]
    pub const fn method(&self) -> Method {
        match self {
            Self::Create { .. } => Method::Post,
            Self::Get { .. } | Self::Qr { .. } | Self::List { .. } => Method::Get,
            Self::Delete { .. } => Method::Delete,
        }
    }

    /// Path and query below the endpoint, with a leading slash.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = String::from("/sessions");
        match self {
            Self::Create { .. } => {}
            Self::Get { id, .. } | Self::Delete { id } | Self::Qr { id } => {
                path.push('/');
                path.push_str(&id.to_path_segment());
                if matches!(self, Self::Qr { .. }) {
                    path.push_str("/qr");
                }
            }
            Self::List { page, per_page } => {
                push_page(&mut path, *page, *per_page);
            }
        }
        path
    }

    /// The JSON body (`Content-Type: application/json`), where the call has one.
    #[must_use]
    pub fn body(&self) -> Option<String> {
        let Self::Create {
            name, webhook_url, ..
        } = self
        else {
            return None;
        };
        let mut json = String::from("{\"name\":");
        push_json_string(&mut json, name);
        if let Some(url) = webhook_url {
            json.push_str(",\"webhook_url\":");
            push_json_string(&mut json, url);
        }
        json.push('}');
        Some(json)
    }

    /// The value of `Idempotency-Key`, where the call has one.
    #[must_use]
    pub const fn idempotency_key(&self) -> Option<&IdempotencyKey> {
        match self {
            Self::Create { key, .. } => Some(key),
            _ => None,
        }
    }

    /// Whether `Cache-Control: no-cache` goes with it.
    #[must_use]
    pub const fn bypasses_shared_reads(&self) -> bool {
        matches!(self, Self::Get { fresh: true, .. })
    }

    /// The session that is asked about.
    #[must_use]
    pub const fn session_id(&self) -> Option<&SessionId> {
        match self {
            Self::Get { id, .. } | Self::Qr { id } | Self::Delete { id } => Some(id),
            Self::Create { .. } | Self::List { .. } => None,
        }
    }
}

#[inline(never)]
fn push_page(path: &mut String, page: u32, per_page: u32) {
    path.push_str("?page=");
    decimal::push(path, u64::from(page));
    path.push_str("&per_page=");
    decimal::push(path, u64::from(per_page));
}

/// Appends `text` as a JSON string (RFC 8259, section 7). Two strings do not justify a serializer in the browser.
fn push_json_string(json: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    json.push('"');
    for ch in text.chars() {
        match ch {
            '"' | '\\' => {
                json.push('\\');
                json.push(ch);
            }
            '\0'..='\u{1f}' => {
                let code = ch as usize;
                json.push_str("\\u00");
                json.push(char::from(HEX[code >> 4]));
                json.push(char::from(HEX[code & 15]));
            }
            _ => json.push(ch),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> SessionId {
        SessionId::parse("sess_01H8BKF...Z2T").unwrap()
    }

    fn create(name: &str, webhook_url: Option<&str>) -> Call {
        Call::Create {
            name: name.into(),
            webhook_url: webhook_url.map(Into::into),
            key: IdempotencyKey::parse("key-1").unwrap(),
        }
    }

    #[test]
    fn the_five_routes_of_the_seed_page() {
        let calls = [
            (create("Support Bot", None), "POST", "/sessions"),
            (
                Call::List {
                    page: 1,
                    per_page: 25,
                },
                "GET",
                "/sessions?page=1&per_page=25",
            ),
            (
                Call::Get {
                    id: id(),
                    fresh: false,
                },
                "GET",
                "/sessions/sess_01H8BKF...Z2T",
            ),
            (
                Call::Qr { id: id() },
                "GET",
                "/sessions/sess_01H8BKF...Z2T/qr",
            ),
            (
                Call::Delete { id: id() },
                "DELETE",
                "/sessions/sess_01H8BKF...Z2T",
            ),
        ];
        for (call, method, path) in calls {
            assert_eq!(
                (call.method().as_str(), call.path().as_str()),
                (method, path)
            );
            let creates = method == "POST";
            assert_eq!(call.body().is_some(), creates);
            assert_eq!(call.idempotency_key().is_some(), creates);
            assert_eq!(call.session_id().is_some(), path.contains("sess_"));
        }
    }

    #[test]
    fn only_a_fresh_read_bypasses_shared_ones() {
        for fresh in [true, false] {
            assert_eq!(Call::Get { id: id(), fresh }.bypasses_shared_reads(), fresh);
        }
        assert!(!Call::Qr { id: id() }.bypasses_shared_reads());
    }

    #[test]
    fn the_body_of_the_seed_page() {
        let body = create("Support Bot", None).body();
        assert_eq!(body.as_deref(), Some(r#"{"name":"Support Bot"}"#));
    }

    #[test]
    fn control_characters_are_escaped() {
        let body = create("\0\u{1f}\n\"\\", None).body();
        let escaped = "{\"name\":\"\\u0000\\u001f\\u000a\\\"\\\\\"}";
        assert_eq!(body.as_deref(), Some(escaped));
    }

    proptest::proptest! {
        #[test]
        fn any_name_survives_the_body(name in ".*", hook in proptest::option::of(".*")) {
            let body = create(&name, hook.as_deref()).body().unwrap();
            let read: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!(read["name"], name.as_str());
            assert_eq!(read.get("webhook_url").and_then(|url| url.as_str()), hook.as_deref());
        }
    }
}

//! The JSON of any answer, read by one tolerant visitor.
//!
//! Every shape that the service is known to send (contract, "What else is published") is a subset of one tree: an object whose known
//! members are scalars, around it perhaps `data` (an object, or an array of them), beside it `error` and `meta`. One visitor for that
//! tree costs the browser one instantiation, and can bound its depth: what is nested deeper than the contract nests is not followed.

use core::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess,
    Visitor,
};

/// The members whose values matter somewhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Id,
    Name,
    Status,
    QrCode,
    QrExpiresAt,
    ExpiresAt,
    CreatedAt,
    PhoneNumber,
    LastSeenAt,
    MessageCount,
    Message,
    RequestId,
    Type,
    Code,
    Total,
    Page,
    PerPage,
}

const KEYS: [(&str, Key); 17] = [
    ("id", Key::Id),
    ("name", Key::Name),
    ("status", Key::Status),
    ("qr_code", Key::QrCode),
    ("qr_expires_at", Key::QrExpiresAt),
    ("expires_at", Key::ExpiresAt),
    ("created_at", Key::CreatedAt),
    ("phone_number", Key::PhoneNumber),
    ("last_seen_at", Key::LastSeenAt),
    ("message_count", Key::MessageCount),
    ("message", Key::Message),
    ("request_id", Key::RequestId),
    ("type", Key::Type),
    ("code", Key::Code),
    ("total", Key::Total),
    ("page", Key::Page),
    ("per_page", Key::PerPage),
];

/// A member's value. Anything that no rule can use is `Other`.
#[derive(Clone, Default, PartialEq)]
pub(super) enum Scalar {
    #[default]
    Missing,
    Text(String),
    /// An integer that a JSON reader of any language holds exactly (RFC 8259, section 6).
    Integer(i64),
    Other,
}

/// One JSON object: its known scalars.
#[derive(Clone, Default)]
pub(super) struct Fields(Vec<(Key, Scalar)>);

impl Fields {
    pub(super) fn get(&self, key: Key) -> &Scalar {
        let found = self.0.iter().rev().find(|(name, _)| *name == key);
        found.map_or(&Scalar::Missing, |(_, value)| value)
    }

    pub(super) fn text(&self, key: Key) -> Option<&str> {
        match self.get(key) {
            Scalar::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn count(&self, key: Key) -> Option<u64> {
        match self.get(key) {
            Scalar::Integer(value) => u64::try_from(*value).ok(),
            _ => None,
        }
    }
}

/// What stood in `data`.
#[derive(Clone, Default)]
pub(super) enum Data {
    #[default]
    Missing,
    One(Fields),
    Many(Vec<Fields>),
}

/// A whole answer's JSON. Its contents may hold a code's text: there is no `Debug`.
#[derive(Clone, Default)]
pub struct Body {
    pub(super) fields: Fields,
    pub(super) data: Data,
    pub(super) error: Option<Fields>,
    pub(super) meta: Option<Fields>,
}

impl<'de> Deserialize<'de> for Body {
    /// Reads any JSON object; members that are not known are passed over, whatever they hold.
    ///
    /// # Errors
    /// Where the outermost value is no object, or the JSON is none.
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        match (Node { depth: 0 }).deserialize(source)? {
            Value::Object(body) => Ok(*body),
            Value::Array(_) | Value::Scalar(_) => Err(D::Error::custom("no object")),
        }
    }
}

enum Value {
    Scalar(Scalar),
    Object(Box<Body>),
    Array(Vec<Fields>),
}

/// Reads one value. At [`Node::DEEPEST`] objects and arrays are passed over unread.
#[derive(Clone, Copy)]
struct Node {
    depth: u8,
}

impl Node {
    /// The body, an entry of `data`'s array, a member of that entry.
    const DEEPEST: u8 = 3;
}

impl<'de> DeserializeSeed<'de> for Node {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Value, D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Scalar(Scalar::Text(text.into())))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Scalar(Scalar::Text(text)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        const SAFE: i64 = (1 << 53) - 1;
        Ok(Value::Scalar(if (-SAFE..=SAFE).contains(&value) {
            Scalar::Integer(value)
        } else {
            Scalar::Other
        }))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        self.visit_i64(i64::try_from(value).unwrap_or(i64::MAX))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Scalar(Scalar::Other))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Scalar(Scalar::Other))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Scalar(Scalar::Missing))
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Scalar(Scalar::Missing))
    }

    #[inline(never)]
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        if self.depth >= Self::DEEPEST {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Value::Scalar(Scalar::Other));
        }
        let deeper = Self {
            depth: self.depth + 1,
        };
        while let Some(value) = list.next_element_seed(deeper)? {
            if let Value::Object(entry) = value {
                entries.push(entry.fields);
            }
        }
        Ok(Value::Array(entries))
    }

    #[inline(never)]
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        if self.depth >= Self::DEEPEST {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Value::Scalar(Scalar::Other));
        }
        let deeper = Self {
            depth: self.depth + 1,
        };
        let mut body = Box::<Body>::default();
        while let Some(name) = map.next_key::<String>()? {
            let known = KEYS.iter().find(|(key, _)| *key == name);
            if let Some((_, key)) = known {
                let value = match map.next_value_seed(deeper)? {
                    Value::Scalar(value) => value,
                    Value::Object(_) | Value::Array(_) => Scalar::Other,
                };
                body.fields.0.push((*key, value));
                continue;
            }
            match name.as_str() {
                "data" => {
                    body.data = match map.next_value_seed(deeper)? {
                        Value::Object(inner) => Data::One(inner.fields),
                        Value::Array(entries) => Data::Many(entries),
                        Value::Scalar(_) => Data::Missing,
                    }
                }
                "error" | "meta" => {
                    let inner = match map.next_value_seed(deeper)? {
                        Value::Object(inner) => Some(inner.fields),
                        Value::Scalar(_) | Value::Array(_) => None,
                    };
                    if name == "error" {
                        body.error = inner;
                    } else {
                        body.meta = inner;
                    }
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Value::Object(body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::value::{BytesDeserializer, Error};

    #[test]
    fn what_no_json_has_is_refused() {
        let bytes = BytesDeserializer::<Error>::new(b"x");
        let refused = Body::deserialize(bytes)
            .err()
            .map(|error| error.to_string());
        assert_eq!(
            refused.as_deref(),
            Some("invalid type: byte array, expected JSON")
        );
    }
}

//! JSON that the browser has parsed, as serde reads it.
//!
//! serde-wasm-bindgen reads all that JavaScript has (maps, typed arrays, anything that iterates) and words its errors with the standard
//! library's formatting, 3 kB of download for what no answer holds.

use core::fmt;

use js_sys::{Array, Number, Object};
use serde::{
    de::{
        DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor,
        value::StringDeserializer,
    },
    forward_to_deserialize_any,
};
use wasm_bindgen::{JsCast, JsValue};

/// A value of `JSON.parse`, or what a developer's transport gave in its place: whatever JSON does not have counts as `null`.
pub(super) struct Json(pub(super) JsValue);

/// It is not what was expected. What was, nobody asks.
#[derive(Debug)]
pub(super) struct Unexpected;

impl fmt::Display for Unexpected {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("unexpected JSON")
    }
}

impl core::error::Error for Unexpected {}

impl Error for Unexpected {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl<'de> Deserializer<'de> for Json {
    type Error = Unexpected;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unexpected> {
        let Self(value) = self;
        if let Some(text) = value.as_string() {
            return visitor.visit_string(text);
        }
        if let Some(number) = value.as_f64() {
            return if Number::is_safe_integer(&value) {
                #[allow(clippy::cast_possible_truncation, reason = "it is a safe integer")]
                visitor.visit_i64(number as i64)
            } else {
                visitor.visit_f64(number)
            };
        }
        if let Some(truth) = value.as_bool() {
            return visitor.visit_bool(truth);
        }
        let value = match value.dyn_into::<Array>() {
            Ok(items) => return visitor.visit_seq(Items { items, at: 0 }),
            Err(value) => value,
        };
        if !value.is_object() {
            return visitor.visit_unit();
        }
        visitor.visit_map(Members {
            members: Items {
                items: Object::entries(value.unchecked_ref()),
                at: 0,
            },
            value: JsValue::NULL,
        })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unexpected> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq tuple
        tuple_struct map struct enum identifier
    }
}

struct Items {
    items: Array,
    at: u32,
}

impl Iterator for Items {
    type Item = JsValue;

    fn next(&mut self) -> Option<JsValue> {
        let at = self.at;
        self.at += 1;
        (at < self.items.length()).then(|| self.items.get(at))
    }
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Unexpected;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unexpected> {
        self.next()
            .map(|item| seed.deserialize(Json(item)))
            .transpose()
    }
}

struct Members {
    /// Pairs of a name and a value.
    members: Items,
    /// Of the name that was read last.
    value: JsValue,
}

impl<'de> MapAccess<'de> for Members {
    type Error = Unexpected;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unexpected> {
        let Some(member) = self.members.next() else {
            return Ok(None);
        };
        let member: Array = member.unchecked_into();
        self.value = member.get(1);
        let name: StringDeserializer<Unexpected> = member
            .get(0)
            .as_string()
            .unwrap_or_default()
            .into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, Unexpected> {
        seed.deserialize(Json(core::mem::replace(&mut self.value, JsValue::NULL)))
    }
}

//! How deep an answer is followed: no deeper than the contract nests, whatever the reader's own limit is.

#![allow(
    clippy::unwrap_used,
    reason = "clippy takes only what is inside `#[test]` for a test"
)]

use std::cell::Cell;

use sendapi_pairing_core::api::Body;
use serde::{
    Deserialize,
    de::{
        DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
        value::Error,
    },
    forward_to_deserialize_any,
};

/// JSON without end: an object whose `data` holds, directly or in an array, such an object again.
#[derive(Clone, Copy)]
struct Endless<'a> {
    depth: u32,
    deepest: &'a Cell<u32>,
    arrays: bool,
    told: bool,
}

impl<'a> Endless<'a> {
    fn new(deepest: &'a Cell<u32>, arrays: bool) -> Self {
        Self {
            depth: 0,
            deepest,
            arrays,
            told: false,
        }
    }

    fn deeper(self) -> Self {
        Self {
            depth: self.depth + 1,
            told: false,
            ..self
        }
    }
}

impl<'de> Deserializer<'de> for Endless<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        assert!(self.depth < 20, "followed without end");
        self.deepest.set(self.deepest.get().max(self.depth));
        if self.arrays && self.depth % 2 == 1 {
            visitor.visit_seq(self)
        } else {
            visitor.visit_map(self)
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq tuple
        tuple_struct map struct enum identifier
    }
}

impl<'de> MapAccess<'de> for Endless<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        if std::mem::replace(&mut self.told, true) {
            return Ok(None);
        }
        seed.deserialize("data".into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(self.deeper())
    }
}

impl<'de> SeqAccess<'de> for Endless<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        if std::mem::replace(&mut self.told, true) {
            return Ok(None);
        }
        seed.deserialize(self.deeper()).map(Some)
    }
}

#[test]
fn nothing_is_followed_deeper_than_a_member_of_an_entry_of_a_list() {
    for arrays in [false, true] {
        let deepest = Cell::new(0);
        assert!(Body::deserialize(Endless::new(&deepest, arrays)).is_ok());
        assert_eq!(deepest.get(), 3);
    }
}

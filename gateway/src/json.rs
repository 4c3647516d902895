//! Objects of callers.

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _};

/// Reads a JSON object. An array of the same values in order is none, though serde would take it for one.
///
/// # Errors
/// What serde says of anything else.
pub fn object<T: DeserializeOwned>(text: &[u8]) -> serde_json::Result<T> {
    if !text.trim_ascii_start().starts_with(b"{") {
        return Err(serde_json::Error::custom("no object"));
    }
    serde_json::from_slice(text)
}

/// Reads a field that may be left out but, where it is given, is no null: a null would lift a restriction of a token.
///
/// # Errors
/// What serde says of anything else.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    field: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Named {
        name: Option<String>,
    }

    #[test]
    fn only_an_object_is_one() {
        let name = |text: &str| object::<Named>(text.as_bytes()).map(|named| named.name);
        assert_eq!(name(" \n{\"name\":\"a\"}").unwrap().as_deref(), Some("a"));
        for bad in [
            "[\"a\"]", "[null]", "\"a\"", "null", "{", "{} {}", "", "\u{b}{}",
        ] {
            assert!(name(bad).is_err(), "{bad}");
        }
    }
}

//! The id in a path.

use std::fmt;

/// A session id that cannot leave its path segment: 1 to 128 letters, digits, `_`, `-` and `.`, but neither `.` nor `..`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(String);

impl SessionId {
    /// Checks the text; `None` when it is no such id.
    ///
    /// A path segment is passed as it came: none of these characters needs percent-encoding, and a segment that is
    /// encoded all the same is refused rather than decoded, since that is what an attack looks like.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let sound = (1..=128).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
            && text != "."
            && text != "..";
        sound.then(|| Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_segments_are_ids() {
        let long = "a".repeat(128);
        for good in ["sess_01H8BKFZ2T", "1001", "a.b", "-", "...", &long] {
            assert!(SessionId::parse(good).is_some(), "{good}");
        }
        let longer = "a".repeat(129);
        for bad in [
            "", ".", "..", "a/b", "%2e%2e", "a b", "é", "a?b", "a#b", "a\\b", "a\0", &longer,
        ] {
            assert!(SessionId::parse(bad).is_none(), "{bad}");
        }
    }
}

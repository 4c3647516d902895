//! A session's id: opaque text that can never leave its path segment.

/// The id of one session, as the service sent it.
///
/// Opaque (contract, "a careful client", rule 2). The two texts that a URL parser takes for a step up or down cannot be escaped
/// in a path (`%2e%2e` means `..` too), so they are no ids; neither is an empty or an overlong one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(String);

impl SessionId {
    /// The longest id accepted, in bytes.
    pub const MAX_LEN: usize = 256;

    /// Takes `text` as an id, unless it is empty, longer than [`MAX_LEN`](Self::MAX_LEN), `.`, `..`, or holds control characters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let sound = !text.is_empty()
            && text.len() <= Self::MAX_LEN
            && text != "."
            && text != ".."
            && !text.chars().any(char::is_control);
        sound.then(|| Self(text.into()))
    }

    /// The id as the service wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as one path segment: all but RFC 3986's unreserved characters percent-encoded.
    #[must_use]
    pub fn to_path_segment(&self) -> String {
        const HEX: &[u8; 16] = b"0123456789ABCDEF";
        let mut out = String::with_capacity(self.0.len());
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                out.push(char::from(byte));
            } else {
                out.push('%');
                out.push(char::from(HEX[usize::from(byte >> 4)]));
                out.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_ids_stay_in_their_segment() {
        for (text, segment) in [
            ("../x", Some("..%2Fx")),
            ("%2e%2e", Some("%252e%252e")),
            ("a?b#c\\d", Some("a%3Fb%23c%5Cd")),
            ("sess_01H8BKF...Z2T", Some("sess_01H8BKF...Z2T")),
            ("é", Some("%C3%A9")),
            ("..", None),
            (".", None),
            ("", None),
            ("a\nb", None),
        ] {
            let id = SessionId::parse(text);
            assert_eq!(
                id.map(|id| id.to_path_segment()).as_deref(),
                segment,
                "{text:?}"
            );
        }
        assert_eq!(SessionId::parse(&"a".repeat(4096)), None);
        assert!(SessionId::parse(&"a".repeat(SessionId::MAX_LEN)).is_some());
        assert!(SessionId::parse(&"a".repeat(SessionId::MAX_LEN + 1)).is_none());
    }
}

//! Escapes in JSON of half a character.
//!
//! A name that somebody's program cut through an emoji comes as a lone `\ud83d`. JSON allows it (RFC 8259, section 8.2), but it is no
//! text, and serde_json refuses the whole document: one such name would take everybody's list away.

/// The document with U+FFFD for each unpaired surrogate's escape.
#[must_use]
pub(super) fn mend(json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len());
    let mut rest = json;
    while let Some((&first, after)) = rest.split_first() {
        let len = match unit(rest) {
            Some(0xD800..0xDC00) => match rest.get(6..).and_then(unit) {
                Some(0xDC00..0xE000) => 12,
                _ => 0,
            },
            Some(0xDC00..0xE000) => 0,
            // An escaped backslash is passed over with its second half, which begins no escape.
            None if first == b'\\' && !after.is_empty() => 2,
            Some(_) | None => 1,
        };
        if len == 0 {
            out.extend_from_slice(br"\ufffd");
            rest = rest.get(6..).unwrap_or_default();
        } else {
            let (taken, left) = rest.split_at(len);
            out.extend_from_slice(taken);
            rest = left;
        }
    }
    out
}

/// The UTF-16 code unit of a `\uXXXX` that the text begins with.
fn unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(br"\u")?.get(..4)?;
    digits.iter().try_fold(0, |unit, digit| {
        let value = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(value).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_halves_are_replaced() {
        for (text, mended) in [
            (r#""\ud800""#, r#""\ufffd""#),
            (r#""\uD83D""#, r#""\ufffd""#),
            (r#""a\udc00b""#, r#""a\ufffdb""#),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\ude00\ud83d""#, r#""\ufffd\ufffd""#),
            (r#""\ud83d\u0041""#, r#""\ufffd\u0041""#),
            (r#""\ud83d\\ude00""#, r#""\ufffd\\ude00""#),
            (r#""\\ud800""#, r#""\\ud800""#),
            (r#""\\\ud800""#, r#""\\\ufffd""#),
            (r#""\"\ud800""#, r#""\"\ufffd""#),
            (r#"{"é":"\n\u00e9"}"#, r#"{"é":"\n\u00e9"}"#),
            (r#""\ud80"#, r#""\ud80"#),
            (r#""\ud800"#, r#""\ufffd"#),
            ("\\", "\\"),
            ("", ""),
        ] {
            assert_eq!(mend(text.as_bytes()), mended.as_bytes(), "{text}");
        }
    }
}

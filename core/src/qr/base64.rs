//! Base64 as browsers read it in data URLs: WHATWG Infra, "forgiving-base64 decode", over RFC 4648 section 4.

use super::work;

/// Decodes `text`; ASCII white space is skipped and padding may be missing, but not be wrong.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    work::count(text.len());
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let mut group = 0u32;
    let mut characters = 0usize;
    let mut padding = 0usize;
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                padding += 1;
                continue;
            }
            b' ' | b'\t' | b'\n' | b'\x0c' | b'\r' => continue,
            _ => return None,
        };
        if padding != 0 {
            return None;
        }
        group = (group << 6) + u32::from(value);
        characters += 1;
        if characters.is_multiple_of(4) {
            out.extend_from_slice(&[(group >> 16) as u8, (group >> 8) as u8, group as u8]);
        }
    }
    match characters % 4 {
        2 => out.push((group >> 4) as u8),
        3 => out.extend_from_slice(&[(group >> 10) as u8, (group >> 2) as u8]),
        0 => {}
        _ => return None,
    }
    if padding != 0 && (padding > 2 || !(characters + padding).is_multiple_of(4)) {
        return None;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn decodes_the_vectors_of_rfc_4648() {
        for (text, bytes) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg==", "foob"),
            ("Zm9vYmE=", "fooba"),
            ("Zm9vYmFy", "foobar"),
            ("Zm9v\r\nYmFy", "foobar"),
            ("Zm9vYg", "foob"),
        ] {
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
        assert_eq!(decode("+/+/").as_deref(), Some(&[0xfb, 0xff, 0xbf][..]));
    }

    #[test]
    fn refuses_what_browsers_refuse() {
        for text in [
            "Z",
            "Zg=",
            "Zg===",
            "Zm8==",
            "Zm9v=",
            "=",
            "====",
            "Zg==Zg==",
            "Zm9-",
            "Zm9_",
            "Zm9\u{e9}",
            "Zm9v!",
        ] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}

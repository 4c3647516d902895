//! A phone number as the service reports it, kept only where it reads as one.

use core::fmt;

/// A phone number in international form (ITU-T E.164: at most 15 digits), as `+` and digits.
///
/// `Debug` shows the last two digits alone (invariant 17).
#[derive(Clone, PartialEq, Eq)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads `text` as a number: an optional `+`, then 5 to 15 digits, with spaces, dots, hyphens and parentheses between them
    /// passed over. Letters, markup or anything else make it no number.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 40 {
            return None;
        }
        let mut number = String::from("+");
        for (at, ch) in text.trim_ascii().chars().enumerate() {
            match ch {
                '0'..='9' => number.push(ch),
                '+' if at == 0 => {}
                ' ' | '-' | '.' | '(' | ')' | '\u{a0}' if number.len() > 1 || ch == '(' => {}
                _ => return None,
            }
        }
        (6..=16).contains(&number.len()).then_some(Self(number))
    }

    /// `+` and the digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last `count` digits, for places where the whole number may not be.
    #[must_use]
    pub fn tail(&self, count: usize) -> &str {
        let digits = &self.0[1..];
        &digits[digits.len().saturating_sub(count)..]
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("PhoneNumber(…")?;
        out.write_str(self.tail(2))?;
        out.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_are_numbers() {
        for (text, number) in [
            ("+447700900000", Some("+447700900000")),
            ("447700900000", Some("+447700900000")),
            ("+44 7700 900000", Some("+447700900000")),
            ("+1 (415) 555-0100", Some("+14155550100")),
            ("(415) 555 0100", Some("+4155550100")),
            ("", None),
            ("+", None),
            ("1234", None),
            ("+1234567890123456", None),
            // Signs between digits are read, one before them is not a number's; forty bytes are looked at.
            ("+-447700900000", None),
            ("-447700900000", None),
            (
                "4 4 7 7 0 0 9 0 0 0 0 0 - - - - - - - - ",
                Some("+447700900000"),
            ),
            ("4 4 7 7 0 0 9 0 0 0 0 0 - - - - - - - --)", None),
            ("<b>447700900000</b>", None),
            ("44770090000x", None),
            ("44+7700900000", None),
            ("٤٤٧٧٠٠٩٠٠٠٠٠", None),
        ] {
            let parsed = PhoneNumber::parse(text);
            assert_eq!(parsed.as_ref().map(PhoneNumber::as_str), number, "{text:?}");
        }
    }

    #[test]
    fn debug_hides_all_but_the_tail() {
        let number = PhoneNumber::parse("+447700900123").unwrap();
        assert_eq!(format!("{number:?}"), "PhoneNumber(…23)");
        assert_eq!(number.tail(4), "0123");
        assert_eq!(number.tail(99), "447700900123");
    }
}

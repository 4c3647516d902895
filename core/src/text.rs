//! Texts in pieces. The standard library's searchers, which take any pattern, would be a kilobyte of a page's download.

/// What stands before and after the first of these ASCII characters; `None` where there is none, or where `at` is not ASCII.
#[must_use]
pub fn cut(text: &str, at: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|byte| byte == at)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// The piece with this number, counted from 0, of those that these ASCII characters part; empty where there are fewer.
#[must_use]
pub fn piece(mut text: &str, at: u8, number: usize) -> &str {
    for _ in 0..number {
        text = cut(text, at).map_or("", |(_, rest)| rest);
    }
    cut(text, at).map_or(text, |(piece, _)| piece)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_character_is_no_place_to_cut() {
        assert_eq!(cut("é", 0xc3), None);
        assert_eq!(cut("é", 0xa9), None);
    }

    proptest::proptest! {
        #[test]
        fn is_what_the_standard_library_finds(text in "[ab,é\u{1f44d}]{0,12}", number in 0usize..5) {
            assert_eq!(cut(&text, b','), text.split_once(','));
            assert_eq!(piece(&text, b',', number), text.split(',').nth(number).unwrap_or_default());
        }
    }
}

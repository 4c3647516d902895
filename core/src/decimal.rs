//! Whole numbers as decimal digits. The standard library's formatting, for this alone, would be half a kilobyte of a page's download.

/// Appends the digits of `number`.
pub fn push(text: &mut String, number: u64) {
    if number > 9 {
        push(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}

/// Appends the digits of `number`, after its sign where it is below zero.
pub fn push_signed(text: &mut String, number: i64) {
    if number < 0 {
        text.push('-');
    }
    push(text, number.unsigned_abs());
}

/// The digits of `number`.
#[must_use]
pub fn of(number: i64) -> String {
    let mut text = String::new();
    push_signed(&mut text, number);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_the_ranges() {
        for number in [0, 9, 10, i64::MIN, i64::MAX] {
            assert_eq!(of(number), number.to_string());
        }
        let mut text = String::from("<");
        push(&mut text, u64::MAX);
        assert_eq!(text, ["<", &u64::MAX.to_string()].concat());
    }

    proptest::proptest! {
        #[test]
        fn is_what_the_standard_library_writes(number: i64) {
            assert_eq!(of(number), number.to_string());
        }
    }
}

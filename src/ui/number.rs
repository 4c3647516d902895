//! A phone number as its people write it.

use sendapi_pairing_core::model::PhoneNumber;

/// The country code (ITU-T E.164 assigns them so that none begins another), then groups.
#[inline(never)]
pub fn spaced(number: &PhoneNumber) -> String {
    let digits = &number.as_str()[1..];
    let (code, mut rest) = digits.split_at(country_code_len(digits).min(digits.len()));
    let mut out = ["+", code].concat();
    // The United Kingdom writes four and six, everybody else can read threes with a last group of two to four.
    let mut group = if code == "44" { 4 } else { 3 };
    while !rest.is_empty() {
        let whole = rest.len() <= 4 || code == "44" && group == 6;
        let (head, tail) = rest.split_at(if whole { rest.len() } else { group });
        out.push('\u{a0}');
        out.push_str(head);
        rest = tail;
        if code == "44" {
            group = 6;
        }
    }
    out
}

/// How many digits of a number are its country code: one for zones 1 and 7, two for those listed, else three.
fn country_code_len(digits: &str) -> usize {
    const TWO: [u8; 13] = bits(&[
        20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55,
        56, 57, 58, 60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
    ]);
    match *digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [tens @ b'0'..=b'9', units @ b'0'..=b'9', ..] => {
            let code = (tens - b'0') * 10 + (units - b'0');
            let listed = TWO[usize::from(code / 8)] >> (code % 8) & 1 != 0;
            if listed { 2 } else { 3 }
        }
        _ => 3,
    }
}

/// A set of numbers below 104, a bit each.
const fn bits(numbers: &[u8]) -> [u8; 13] {
    let mut out = [0; 13];
    let mut at = 0;
    while at < numbers.len() {
        out[(numbers[at] / 8) as usize] |= 1 << (numbers[at] % 8);
        at += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_they_are_written() {
        for (number, shown) in [
            ("+447700900000", "+44 7700 900000"),
            ("+14155550100", "+1 415 555 0100"),
            ("+4915112345678", "+49 151 123 456 78"),
            ("+35312345678", "+353 123 456 78"),
            ("+97250123456", "+972 501 234 56"),
            ("+12345", "+1 2345"),
        ] {
            let number = PhoneNumber::parse(number).unwrap();
            assert_eq!(spaced(&number).replace('\u{a0}', " "), shown);
        }
    }
}

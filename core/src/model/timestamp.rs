//! Points in the server's time, read from its JSON (RFC 3339) and its `Date` header (RFC 9110).

use crate::text::cut;

/// Milliseconds since 1970-01-01T00:00:00Z on the *server's* clock.
///
/// Only differences between two of them mean anything here: the client's own clock may be days off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the epoch.
    #[must_use]
    pub const fn from_unix_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn unix_millis(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339 (`2026-03-09T14:32:00Z`, fractions and numeric offsets included; a space may stand for the `T`). Leap seconds
    /// count as the second after. `None` for all else.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let mut scan = Scan(text.as_bytes().trim_ascii());
        let year = scan.digits(4)?;
        scan.expect(b"-")?;
        let month = scan.digits(2)?;
        scan.expect(b"-")?;
        let day = scan.digits(2)?;
        scan.expect(b"Tt ")?;
        let clock = scan.clock()?;
        let mut millis = 0;
        if scan.expect(b".").is_some() {
            let mut unit = 100;
            let mut any = false;
            while let Some(digit) = scan.digits(1) {
                millis += digit * unit;
                unit /= 10;
                any = true;
            }
            if !any {
                return None;
            }
        }
        let offset = match scan.next()? {
            b'Z' | b'z' => 0,
            sign @ (b'+' | b'-') => {
                let hours = scan.digits(2)?;
                scan.expect(b":")?;
                let minutes = scan.digits(2)?;
                if hours > 23 || minutes > 59 {
                    return None;
                }
                let minutes = hours * 60 + minutes;
                if sign == b'+' { minutes } else { -minutes }
            }
            _ => return None,
        };
        if !scan.0.is_empty() {
            return None;
        }
        let seconds = days_from_civil(year, month, day)? * 86_400 + clock - offset * 60;
        Some(Self(seconds * 1000 + millis))
    }

    /// Reads an HTTP date in the form that every server must send (RFC 9110, 5.6.7, IMF-fixdate): `Sun, 06 Nov 1994 08:49:37 GMT`.
    #[must_use]
    pub fn parse_http_date(text: &str) -> Option<Self> {
        const MONTHS: &[u8; 36] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
        let (_, rest) = cut(text.trim_ascii(), b',')?;
        let mut scan = Scan(rest.as_bytes());
        scan.expect(b" ")?;
        let day = scan.digits(2)?;
        scan.expect(b" ")?;
        let name = scan.0.get(..3)?;
        let month = MONTHS.chunks(3).position(|month| month == name)? as i64 + 1;
        scan.0 = scan.0.get(3..)?;
        scan.expect(b" ")?;
        let year = scan.digits(4)?;
        scan.expect(b" ")?;
        let clock = scan.clock()?;
        if scan.0 != b" GMT" {
            return None;
        }
        Some(Self(
            (days_from_civil(year, month, day)? * 86_400 + clock) * 1000,
        ))
    }
}

struct Scan<'a>(&'a [u8]);

impl Scan<'_> {
    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn expect(&mut self, any_of: &[u8]) -> Option<()> {
        let (first, rest) = self.0.split_first()?;
        any_of.contains(first).then(|| self.0 = rest)
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let digits = self.0.get(..count)?;
        let mut value = 0;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            value = value * 10 + i64::from(digit - b'0');
        }
        self.0 = self.0.get(count..)?;
        Some(value)
    }

    /// `hh:mm:ss` as seconds of the day.
    fn clock(&mut self) -> Option<i64> {
        let hours = self.digits(2)?;
        self.expect(b":")?;
        let minutes = self.digits(2)?;
        self.expect(b":")?;
        let seconds = self.digits(2)?;
        (hours < 24 && minutes < 60 && seconds <= 60)
            .then_some(hours * 3600 + minutes * 60 + seconds)
    }
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar, or `None` for a date that is none.
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    if day < 1 || day > length {
        return None;
    }
    // Counting years from March puts the leap day at the end of a year, which makes the month lengths one formula.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year
            - 719_468,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_servers_send() {
        for (text, millis) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-03-09T14:32:00Z", Some(1_773_066_720_000)),
            ("2026-03-09T14:32:00.5Z", Some(1_773_066_720_500)),
            ("2026-03-09T14:32:00.123456789Z", Some(1_773_066_720_123)),
            ("2026-03-09T15:32:00+01:00", Some(1_773_066_720_000)),
            ("2026-03-09 09:02:00-05:30", Some(1_773_066_720_000)),
            ("2026-03-09T15:31:00+00:59", Some(1_773_066_720_000)),
            ("2026-03-10T13:32:00+23:00", Some(1_773_066_720_000)),
            ("2026-03-09T14:32:00+00:60", None),
            ("2026-03-09T14:32:00+24:00", None),
            ("2024-02-29T00:00:00Z", Some(1_709_164_800_000)),
            ("2000-02-29T00:00:00Z", Some(951_782_400_000)),
            ("2023-02-29T00:00:00Z", None),
            ("2100-02-29T00:00:00Z", None),
            ("2026-13-01T00:00:00Z", None),
            ("2026-03-09T24:00:00Z", None),
            ("2026-03-09T14:60:00Z", None),
            ("2026-03-09T14:31:60Z", Some(1_773_066_720_000)),
            ("2026-03-09T14:31:61Z", None),
            ("2026-03-09T14:32:00", None),
            ("2026-03-09T14:32:00.Z", None),
            ("2026-03-09T14:32:00Zx", None),
            ("tomorrow", None),
            ("", None),
        ] {
            let parsed = Timestamp::parse_rfc3339(text).map(Timestamp::unix_millis);
            assert_eq!(parsed, millis, "{text:?}");
        }
    }

    #[test]
    fn reads_the_date_header() {
        let date = Timestamp::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(date.map(Timestamp::unix_millis), Some(784_111_777_000));
        for text in [
            "06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nuv 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Nov 1994 08:49",
            "",
        ] {
            assert_eq!(Timestamp::parse_http_date(text), None, "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = Timestamp::parse_rfc3339(&text);
            let _ = Timestamp::parse_http_date(&text);
        }

        #[test]
        fn consecutive_days_are_consecutive(year in 1600i64..2600, month in 1i64..13, day in 1i64..32) {
            if let (Some(today), Some(next)) = (days_from_civil(year, month, day), days_from_civil(year, month, day + 1)) {
                assert_eq!(today + 1, next);
            }
        }
    }
}

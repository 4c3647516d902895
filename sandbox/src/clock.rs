//! Unix milliseconds written as the two textual forms the service uses.

const DAY_S: u64 = 86_400;
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `2026-03-09T14:32:00Z`, or with `.123` when `fractions` is set (RFC 3339, UTC).
///
/// `unix_ms` counts from 1970-01-01T00:00:00Z.
#[must_use]
pub fn rfc3339(unix_ms: u64, fractions: bool) -> String {
    let (year, month, day) = civil(unix_ms / 1000 / DAY_S);
    let (hour, minute, second) = time_of_day(unix_ms / 1000);
    if fractions {
        let millis = unix_ms % 1000;
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    } else {
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// `Mon, 09 Mar 2026 14:32:00 GMT` (IMF-fixdate, RFC 9110 section 5.6.7).
#[must_use]
pub fn http_date(unix_ms: u64) -> String {
    let seconds = unix_ms / 1000;
    let days = seconds / DAY_S;
    let (year, month, day) = civil(days);
    let (hour, minute, second) = time_of_day(seconds);
    let weekday = WEEKDAYS[(days % 7) as usize];
    let month = MONTHS[(month - 1) as usize];
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

fn time_of_day(unix_s: u64) -> (u64, u64, u64) {
    let s = unix_s % DAY_S;
    (s / 3600, s / 60 % 60, s % 60)
}

/// Year, month 1–12 and day 1–31 in the proleptic Gregorian calendar, by 400-year eras that begin on 1 March.
fn civil(days_since_1970: u64) -> (u64, u64, u64) {
    let days = days_since_1970 + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::OffsetDateTime;
    use time::format_description::well_known::Rfc3339;
    use time::macros::format_description;

    proptest! {
        #[test]
        fn agrees_with_the_time_crate(seconds in 0u64..253_402_300_799, millis in 0u64..1000) {
            let at = OffsetDateTime::from_unix_timestamp(seconds as i64).unwrap();
            prop_assert_eq!(rfc3339(seconds * 1000 + millis, false), at.format(&Rfc3339).unwrap());
            let fixdate = format_description!(
                "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
            );
            prop_assert_eq!(http_date(seconds * 1000 + millis), at.format(&fixdate).unwrap());
        }
    }

    #[test]
    fn writes_milliseconds_only_when_asked() {
        assert_eq!(rfc3339(1_773_066_720_007, false), "2026-03-09T14:32:00Z");
        assert_eq!(rfc3339(1_773_066_720_007, true), "2026-03-09T14:32:00.007Z");
    }
}

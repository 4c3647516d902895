//! When a code ends, and the `Date` that its life counts from.

use super::answers::{Verdict, verdict};
use super::http::Exchange;
use crate::shape;
use serde_json::{Map, Value};
use std::time::UNIX_EPOCH;

/// A code's two minutes, and what may be lost where two clocks cut off their seconds.
const LIFE_MAX_MS: i64 = 122_000;

/// The deadline, under the name that the element would read it by.
pub(super) fn deadline(object: &Map<String, Value>) -> Result<&str, String> {
    let text = |name| object.get(name).and_then(Value::as_str);
    match text("qr_expires_at").or_else(|| text("expires_at")) {
        Some(text) if unix_ms(text).is_some() => Ok(text),
        Some(_) => Err("the deadline is no RFC 3339 time".to_owned()),
        None => Err("neither qr_expires_at nor expires_at".to_owned()),
    }
}

/// Whether the life of a fresh code can be told from its answer.
pub(super) fn life(exchange: &Exchange) -> Verdict {
    let dates = exchange.all("date");
    let [date] = dates[..] else {
        return Err(format!("it has {} Date headers", dates.len()));
    };
    let date = httpdate::parse_http_date(date)
        .ok()
        .and_then(|date| date.duration_since(UNIX_EPOCH).ok())
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .ok_or("its Date is none")?;
    let deadline = exchange.object().and_then(|object| deadline(object).ok());
    let Some(ends) = deadline.and_then(unix_ms) else {
        return Ok(());
    };
    let left = ends - date;
    verdict((1..=LIFE_MAX_MS).contains(&left), || {
        format!("by its Date, the code has {} s left", left / 1000)
    })
}

/// Milliseconds since the epoch of an RFC 3339 time, leap seconds aside.
fn unix_ms(text: &str) -> Option<i64> {
    if !shape::is_time(text) {
        return None;
    }
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let sound = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !sound {
        return None;
    }
    let offset = match text.len().checked_sub(6).and_then(|at| text.get(at..)) {
        Some(zone) if zone.starts_with(['+', '-']) => {
            let minutes = zone[1..3].parse::<i64>().ok()? * 60 + zone[4..].parse::<i64>().ok()?;
            if zone.starts_with('-') {
                -minutes
            } else {
                minutes
            }
        }
        _ => 0,
    };
    let minutes = (days(year, month, day) * 24 + hour) * 60 + minute - offset;
    Some((minutes * 60 + second) * 1000)
}

/// Days since the epoch, counted in years that begin in March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year
        - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_are_read_in_any_zone() {
        for (text, ms) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-03-09T14:32:00Z", Some(1_773_066_720_000)),
            ("2026-03-09T14:32:00.987Z", Some(1_773_066_720_000)),
            ("2026-03-09T16:02:00+01:30", Some(1_773_066_720_000)),
            ("2026-03-09 09:32:00.5-05:00", Some(1_773_066_720_000)),
            ("2000-02-29T00:00:00z", Some(951_782_400_000)),
            ("2026-13-09T14:32:00Z", None),
            ("2026-03-09T14:32:00+aa:bb", None),
            ("soon", None),
        ] {
            assert_eq!(unix_ms(text), ms, "{text}");
        }
    }

    #[test]
    fn the_deadline_is_the_first_that_is_text() {
        let at = "2026-03-09T14:32:00Z";
        for (body, found) in [
            (json!({"qr_expires_at": null, "expires_at": at}), true),
            (json!({"qr_expires_at": at}), true),
            (json!({"qr_expires_at": "soon", "expires_at": at}), false),
            (json!({"expires_at": 17}), false),
        ] {
            let object = body.as_object().unwrap();
            assert_eq!(deadline(object).is_ok(), found, "{body}");
        }
    }
}

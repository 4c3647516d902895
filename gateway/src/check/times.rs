//! When a code ends, and the `Date` that its life counts from.

use super::answers::{Verdict, verdict};
use super::http::Exchange;
use sendapi_pairing_core::model::Timestamp;
use serde_json::{Map, Value};

/// A code's two minutes, and what may be lost where two clocks cut off their seconds.
const LIFE_MAX_MS: i64 = 122_000;

/// The deadline, under the name that the element would read it by.
pub(super) fn deadline(object: &Map<String, Value>) -> Result<Timestamp, String> {
    let text = |name| object.get(name).and_then(Value::as_str);
    let text = text("qr_expires_at").or_else(|| text("expires_at"));
    let text = text.ok_or("neither qr_expires_at nor expires_at")?;
    let time = Timestamp::parse_rfc3339(text);
    time.ok_or_else(|| "the deadline is no RFC 3339 time".to_owned())
}

/// Whether the life of a fresh code can be told from its answer.
pub(super) fn life(exchange: &Exchange) -> Verdict {
    let dates = exchange.all("date");
    let [date] = dates[..] else {
        return Err(format!("it has {} Date headers", dates.len()));
    };
    let date = Timestamp::parse_http_date(date).ok_or("its Date is none")?;
    let Some(Ok(ends)) = exchange.object().map(deadline) else {
        return Ok(());
    };
    let left = ends.unix_millis() - date.unix_millis();
    verdict((1..=LIFE_MAX_MS).contains(&left), || {
        format!("by its Date, the code has {} s left", left / 1000)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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

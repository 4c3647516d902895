//! What of an answer is taken over: the status, five numbers, a date and the JSON.

use super::surrogates;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One answer of the service.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// `Date`, when it is one.
    pub date: Option<String>,
    /// `Content-Type` as it came; for reports, never passed on.
    pub content_type: Option<String>,
    /// What is known of the key's rate.
    pub limits: Limits,
    /// The body; `None` when it is no JSON.
    pub json: Option<Value>,
}

/// The key's rate after a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// `X-RateLimit-Limit`: requests per minute.
    pub limit: Option<u64>,
    /// `X-RateLimit-Remaining`.
    pub remaining: Option<u64>,
    /// `X-RateLimit-Reset`: Unix seconds.
    pub reset: Option<u64>,
    /// `Retry-After` in seconds; a date there is turned into seconds from now.
    pub retry_after: Option<u64>,
}

/// The longest wait that is passed on, in seconds.
pub(super) const WAIT_MAX_S: u64 = 300;

impl Limits {
    /// The seconds to wait after a 429, whatever it said: the gateway waits them, and tells no browser otherwise.
    #[must_use]
    pub fn wait_s(&self) -> u64 {
        self.retry_after.unwrap_or(1).clamp(1, WAIT_MAX_S)
    }
}

impl Answer {
    /// Reads an answer. Headers that are not what they should be are dropped.
    pub fn read<'a>(status: u16, header: impl Fn(&str) -> Option<&'a str>, body: &[u8]) -> Self {
        let number = |name: &str| header(name).and_then(|v| v.trim().parse::<u64>().ok());
        let date = header("date").filter(|text| httpdate::parse_http_date(text).is_ok());
        let retry_after = number("retry-after").or_else(|| {
            let at = httpdate::parse_http_date(header("retry-after")?).ok()?;
            let now = date.and_then(|d| httpdate::parse_http_date(d).ok());
            let wait = at.duration_since(now.unwrap_or_else(std::time::SystemTime::now));
            Some(wait.map_or(0, |d| d.as_secs()))
        });
        Self {
            status,
            date: date.map(str::to_owned),
            content_type: header("content-type").map(str::to_owned),
            limits: Limits {
                limit: number("x-ratelimit-limit"),
                remaining: number("x-ratelimit-remaining"),
                reset: number("x-ratelimit-reset"),
                retry_after,
            },
            json: serde_json::from_slice(body)
                .or_else(|_| serde_json::from_slice(&surrogates::mend(body)))
                .ok(),
        }
    }

    /// `Date` in Unix seconds.
    #[must_use]
    pub fn date_s(&self) -> Option<u64> {
        let date = httpdate::parse_http_date(self.date.as_deref()?).ok()?;
        let since = date.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some(since.as_secs())
    }

    /// Whether the status is 2xx.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// The single object of a success, out of its envelope where it has one (contract.md, careful client, rule 1).
    #[must_use]
    pub fn object(&self) -> Option<&serde_json::Map<String, Value>> {
        let body = self.json.as_ref()?.as_object()?;
        match body.get("data") {
            Some(Value::Object(data)) => Some(data),
            _ => Some(body),
        }
    }

    /// The rows of a list.
    #[must_use]
    pub fn rows(&self) -> Option<&Vec<Value>> {
        match self.json.as_ref()? {
            Value::Array(rows) => Some(rows),
            Value::Object(body) => body.get("data")?.as_array(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&'static str, &'static str)], body: &str) -> Answer {
        let find = |name: &str| headers.iter().find(|(n, _)| *n == name).map(|(_, v)| *v);
        Answer::read(200, find, body.as_bytes())
    }

    #[test]
    fn only_sound_headers_are_taken_over() {
        let answer = read(
            &[
                ("date", "yesterday"),
                ("retry-after", "-1"),
                ("x-ratelimit-limit", "60"),
                ("x-ratelimit-reset", "1e9"),
            ],
            "<html>",
        );
        assert_eq!(answer.date, None);
        let limits = Limits {
            limit: Some(60),
            ..Limits::default()
        };
        assert_eq!(answer.limits, limits);
        assert!(answer.json.is_none());
    }

    #[test]
    fn a_retry_date_counts_from_the_answers_own_date() {
        let answer = read(
            &[
                ("date", "Mon, 09 Mar 2026 14:30:00 GMT"),
                ("retry-after", "Mon, 09 Mar 2026 14:30:42 GMT"),
            ],
            "{}",
        );
        assert_eq!(answer.limits.retry_after, Some(42));
    }

    #[test]
    fn half_a_character_does_not_cost_the_document() {
        let answer = read(&[], r#"{"data":[{"id":1,"name":"\ud83d"},{"id":2}]}"#);
        let rows = answer.rows().unwrap();
        assert_eq!(
            (rows.len(), &rows[0]["name"]),
            (2, &Value::from("\u{fffd}"))
        );
    }

    #[test]
    fn envelopes_are_opened() {
        assert_eq!(read(&[], r#"{"id":1}"#).object().unwrap()["id"], 1);
        assert_eq!(read(&[], r#"{"data":{"id":2}}"#).object().unwrap()["id"], 2);
        assert_eq!(read(&[], r#"{"data":[1,2]}"#).rows().unwrap().len(), 2);
        assert!(read(&[], "17").object().is_none());
    }
}

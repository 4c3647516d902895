//! Status and headers of an answer, as far as they matter.

use crate::{model::Timestamp, time::Millis};

/// The head of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The HTTP status.
    pub status: u16,
    /// `Date`, where the host may read it (it is not CORS-safelisted).
    pub date: Option<Timestamp>,
    /// `Retry-After` from now, not yet clamped.
    pub retry_after: Option<Millis>,
    /// `X-Request-Id`.
    pub request_id: Option<String>,
}

impl Head {
    /// Reads a head through `header`, which looks a header up by its lower-case name.
    pub fn read(status: u16, mut header: impl FnMut(&str) -> Option<String>) -> Self {
        let date = header("date").and_then(|text| Timestamp::parse_http_date(&text));
        Self {
            status,
            date,
            retry_after: header("retry-after").and_then(|text| parse_retry_after(&text, date)),
            request_id: header("x-request-id"),
        }
    }
}

/// Seconds or an HTTP date (RFC 9110, 10.2.3). A date counts from the answer's own `Date`: our clock may be days off.
#[inline(never)]
fn parse_retry_after(text: &str, date: Option<Timestamp>) -> Option<Millis> {
    let text = text.trim_ascii();
    if let Ok(seconds) = text.parse::<i64>() {
        return Some(Millis::from_secs(u64::try_from(seconds).unwrap_or(0)));
    }
    let wait = Timestamp::parse_http_date(text)?.unix_millis() - date?.unix_millis();
    Some(Millis(u64::try_from(wait).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_in_all_its_forms() {
        const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
        for (text, date, wait) in [
            ("7", None, Some(7_000)),
            (" 0 ", None, Some(0)),
            ("999999", None, Some(999_999_000)),
            ("-1", None, Some(0)),
            ("4294967296", None, Some(4_294_967_296_000)),
            ("soon", None, None),
            ("99999999999999999999", None, None),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(DATE), Some(10_000)),
            ("Sun, 06 Nov 1994 08:49:27 GMT", Some(DATE), Some(0)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", None, None),
        ] {
            let head = Head::read(429, |name| match name {
                "date" => date.map(String::from),
                "retry-after" => Some(text.into()),
                _ => None,
            });
            assert_eq!(head.retry_after.map(|wait| wait.0), wait, "{text:?}");
        }
    }
}

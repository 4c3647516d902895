//! A code with what its answer said besides, and how it crosses from one process to another.

use super::wire::Qr;
use crate::upstream::{Answer, Limits};
use sendapi_pairing_core::model::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// A code as the service answered it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Code {
    pub(super) qr: Qr,
    /// `Date` of that answer, by which a browser reckons how long the code lives.
    pub(super) date: Option<String>,
    pub(super) limits: Limits,
    /// When the answer came, in Unix milliseconds.
    came_ms: u64,
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(..)")
    }
}

impl Code {
    pub(super) fn of(qr: Qr, answer: &Answer, came_ms: u64) -> Self {
        Self {
            qr,
            date: answer.date.clone(),
            limits: answer.limits,
            came_ms,
        }
    }

    /// `None` where the answer brought no code: that is not worth keeping.
    pub(super) fn to_text(&self) -> Option<String> {
        self.qr.qr_code.as_ref()?;
        serde_json::to_string(self).ok()
    }

    pub(super) fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The same for somebody who asks only at `now_ms` (Unix milliseconds): the service's clock has gone on since, and by a full second
    /// rather than by none, for a code is never to be shown past its end. `None` where that has passed.
    pub(super) fn now(mut self, now_ms: u64) -> Option<Self> {
        let later = now_ms.saturating_sub(self.came_ms).div_ceil(1000);
        let date = self.date.as_deref();
        let date = date.and_then(|text| httpdate::parse_http_date(text).ok());
        self.date = date
            .and_then(|date| date.checked_add(Duration::from_secs(later)))
            .map(httpdate::fmt_http_date);
        let service = self.date.as_deref().and_then(Timestamp::parse_http_date);
        let service_ms = service.map_or(now_ms as i64, Timestamp::unix_millis);
        let ends = self.qr.expires_at.as_deref();
        let ends = ends.and_then(Timestamp::parse_rfc3339);
        ends.is_none_or(|ends| ends.unix_millis() > service_ms)
            .then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(date: Option<&str>) -> Code {
        Code {
            qr: Qr::read(&serde_json::Map::new()),
            date: date.map(str::to_owned),
            limits: Limits::default(),
            came_ms: 1_000_000,
        }
    }

    #[test]
    fn who_asks_later_reckons_from_a_later_date() {
        let date = |now_ms| {
            let code = code(Some("Mon, 09 Mar 2026 14:30:00 GMT"));
            code.now(now_ms).unwrap().date
        };
        assert_eq!(date(1_000_000).unwrap(), "Mon, 09 Mar 2026 14:30:00 GMT");
        assert_eq!(date(1_000_001).unwrap(), "Mon, 09 Mar 2026 14:30:01 GMT");
        assert_eq!(date(1_009_500).unwrap(), "Mon, 09 Mar 2026 14:30:10 GMT");
        // A clock that was set back makes no code younger.
        assert_eq!(date(0).unwrap(), "Mon, 09 Mar 2026 14:30:00 GMT");
        assert_eq!(code(None).now(1_009_500).unwrap().date, None);
    }

    #[test]
    fn a_code_that_is_over_is_given_to_nobody() {
        let ending = |date, ends: &str| {
            let mut code = code(date);
            code.qr.expires_at = Some(ends.to_owned());
            code
        };
        let date = Some("Mon, 09 Mar 2026 14:30:00 GMT");
        let lives = |code: Code, now_ms| code.now(now_ms).is_some();
        assert!(lives(ending(date, "2026-03-09T14:30:04Z"), 1_003_000));
        assert!(!lives(ending(date, "2026-03-09T14:30:04Z"), 1_003_001));
        // Without the service's clock, by ours.
        assert!(lives(ending(None, "1970-01-01T00:16:44Z"), 1_003_999));
        assert!(!lives(ending(None, "1970-01-01T00:16:44Z"), 1_004_000));
        assert!(lives(ending(date, "tomorrow"), 1_009_000));
    }

    #[test]
    fn a_code_is_never_written_out() {
        let mut code = code(None);
        code.qr = Qr::read(
            serde_json::json!({"qr_code": "2@secret"})
                .as_object()
                .unwrap(),
        );
        assert_eq!(format!("{code:?}"), "Code(..)");
        let text = code.to_text().unwrap();
        assert_eq!(Code::from_text(&text).unwrap().to_text().unwrap(), text);
        assert!(Code::from_text("{}").is_none());
    }
}

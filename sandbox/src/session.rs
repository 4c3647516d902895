//! One session's life as the service sees it.

use crate::config::Unscanned;
use serde::Serialize;

/// The four statuses of the seed page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Created, waiting for the scan.
    Pending,
    /// Paired and online.
    Connected,
    /// Lost; the service reconnects by itself.
    Disconnected,
    /// The service gave up.
    Failed,
}

impl Status {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Connected => "connected",
            Self::Disconnected => "disconnected",
            Self::Failed => "failed",
        }
    }
}

/// A code that a phone may scan. There is at most one per session, so an older one cannot be alive.
pub(crate) struct Code {
    pub(crate) text: String,
    /// What `qr_code` says.
    pub(crate) drawn: String,
    pub(crate) born_ms: u64,
    /// What `expires_at` says.
    pub(crate) expires_ms: u64,
}

/// What happened to the session; each state carries what only it has.
pub(crate) enum State {
    Pending {
        code: Code,
    },
    Connected {
        phone: String,
    },
    Disconnected {
        phone: String,
        since_ms: u64,
    },
    Failed {
        phone: Option<String>,
        since_ms: u64,
    },
}

pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) created_ms: u64,
    pub(crate) state: State,
}

impl Session {
    pub(crate) fn status(&self) -> Status {
        match self.state {
            State::Pending { .. } => Status::Pending,
            State::Connected { .. } => Status::Connected,
            State::Disconnected { .. } => Status::Disconnected,
            State::Failed { .. } => Status::Failed,
        }
    }

    pub(crate) fn phone(&self) -> Option<&str> {
        match &self.state {
            State::Pending { .. } => None,
            State::Connected { phone } | State::Disconnected { phone, .. } => Some(phone),
            State::Failed { phone, .. } => phone.as_deref(),
        }
    }

    /// Unix milliseconds at which the phone was last online.
    pub(crate) fn last_seen_ms(&self, now_ms: u64) -> Option<u64> {
        match &self.state {
            State::Pending { .. } | State::Failed { phone: None, .. } => None,
            State::Connected { .. } => Some(now_ms),
            State::Disconnected { since_ms, .. } | State::Failed { since_ms, .. } => {
                Some(*since_ms)
            }
        }
    }

    /// Applies what time alone does: an unscanned session may fail.
    pub(crate) fn settle(&mut self, unscanned: Unscanned, now_ms: u64) {
        if let State::Pending { code } = &self.state
            && let Some(limit) = unscanned.fails_after_ms
            && now_ms >= code.born_ms.saturating_add(limit)
        {
            self.state = State::Failed {
                phone: None,
                since_ms: code.born_ms.saturating_add(limit),
            };
        }
    }

    /// The text that a phone may scan at `now_ms`; `None` when no code is alive.
    pub(crate) fn live_text(&self, unscanned: Unscanned, now_ms: u64) -> Option<&str> {
        let State::Pending { code } = &self.state else {
            return None;
        };
        let early = unscanned
            .code_dies_after_ms
            .map_or(u64::MAX, |ms| code.born_ms.saturating_add(ms));
        (now_ms < code.expires_ms.min(early)).then_some(code.text.as_str())
    }
}

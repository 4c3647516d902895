//! What the session routes answer.

use core::fmt;

use crate::{model::Session, time::Millis};

/// A decoded answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To [`Call::Create`](super::Call::Create).
    Created {
        /// The session.
        session: Session,
        /// Its first code.
        code: CodeOffer,
    },
    /// To [`Call::Get`](super::Call::Get).
    Session(Session),
    /// To [`Call::Qr`](super::Call::Qr).
    Code(CodeOffer),
    /// To [`Call::Delete`](super::Call::Delete), an "already gone" included (rule 8).
    Deleted,
    /// To [`Call::List`](super::Call::List).
    List(List),
}

/// A code as it was sent, not yet looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeOffer {
    /// `qr_code`, where it was a text that is not empty. An answer without one still names a session worth keeping.
    pub payload: Option<QrPayload>,
    /// `qr_expires_at` or `expires_at` less the answer's `Date`, zero where already past; `None` where either cannot be read. Not
    /// yet capped; counts from the start of the request (rule 3).
    pub life: Option<Millis>,
}

/// The text of `qr_code`. Whoever has it can link a phone; so `Debug` shows nothing of it (invariant 17).
#[derive(Clone, PartialEq, Eq)]
pub struct QrPayload(String);

impl QrPayload {
    /// Wraps the text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for [`qr::read`](crate::qr::read) alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for QrPayload {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("QrPayload(…)")
    }
}

/// One page of the list of sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// The sessions on this page; entries without a usable id are left out.
    pub sessions: Vec<Session>,
    /// `meta.total`.
    pub total: Option<u64>,
    /// `meta.page`, from 1.
    pub page: Option<u64>,
    /// `meta.per_page`.
    pub per_page: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_a_code() {
        let payload = QrPayload::new("2@secret".into());
        assert_eq!(format!("{payload:?}"), "QrPayload(…)");
        assert_eq!(payload.expose(), "2@secret");
    }
}

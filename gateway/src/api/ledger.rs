//! Which subject owns which session.

use crate::id::SessionId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::OwnedMutexGuard;

/// An end user as the gateway tells them apart; not printed, since the customer may use mail addresses.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Subject(String);

impl Subject {
    /// The `sub` of a token.
    #[must_use]
    pub fn of_token(sub: &str) -> Self {
        Self(format!("token:{sub}"))
    }

    /// The value of the gateway's cookie.
    #[must_use]
    pub fn of_cookie(value: &str) -> Self {
        Self(format!("cookie:{value}"))
    }

    /// Whoever calls without being a browser, in the modes without tokens: the operator at a terminal.
    #[must_use]
    pub fn local() -> Self {
        Self("local".to_owned())
    }

    /// Unique among all subjects, for deriving keys.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subject(..)")
    }
}

struct Owned {
    subject: Subject,
    /// Whether it was pending when last seen.
    pending: bool,
    /// Order of creation.
    number: u64,
}

#[derive(Default)]
struct Records {
    sessions: HashMap<SessionId, Owned>,
    created: u64,
    creating: HashMap<Subject, Arc<tokio::sync::Mutex<()>>>,
}

/// The record, in memory.
#[derive(Default)]
pub struct Ledger(Mutex<Records>);

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger")
            .field("sessions", &self.records().sessions.len())
            .finish()
    }
}

impl Ledger {
    fn records(&self) -> MutexGuard<'_, Records> {
        // No code under this lock can leave a record half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down who created a session.
    pub fn record(&self, subject: &Subject, id: &SessionId) {
        let mut records = self.records();
        records.created += 1;
        let owned = Owned {
            subject: subject.clone(),
            pending: true,
            number: records.created,
        };
        records.sessions.insert(id.clone(), owned);
    }

    /// Whether the session is the subject's.
    #[must_use]
    pub fn owns(&self, subject: &Subject, id: &SessionId) -> bool {
        self.records()
            .sessions
            .get(id)
            .is_some_and(|owned| owned.subject == *subject)
    }

    /// Whether anybody created the session here.
    #[must_use]
    pub fn knows(&self, id: &SessionId) -> bool {
        self.records().sessions.contains_key(id)
    }

    /// Notes whether a session was pending when last seen.
    pub fn saw(&self, id: &SessionId, pending: bool) {
        if let Some(owned) = self.records().sessions.get_mut(id) {
            owned.pending = pending;
        }
    }

    /// The session is gone.
    pub fn forget(&self, id: &SessionId) {
        self.records().sessions.remove(id);
    }

    /// The subject's sessions, newest first.
    #[must_use]
    pub fn sessions_of(&self, subject: &Subject) -> Vec<SessionId> {
        self.select(subject, |_| true)
    }

    /// The subject's sessions that were pending when last seen, newest first.
    #[must_use]
    pub fn pending_of(&self, subject: &Subject) -> Vec<SessionId> {
        self.select(subject, |owned| owned.pending)
    }

    fn select(&self, subject: &Subject, keep: impl Fn(&Owned) -> bool) -> Vec<SessionId> {
        let records = self.records();
        let mut found: Vec<_> = records
            .sessions
            .iter()
            .filter(|(_, owned)| owned.subject == *subject && keep(owned))
            .map(|(id, owned)| (owned.number, id.clone()))
            .collect();
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.into_iter().map(|(_, id)| id).collect()
    }

    /// Waits until no other create of this subject is under way.
    pub async fn create_turn(&self, subject: &Subject) -> OwnedMutexGuard<()> {
        let turn = {
            let mut records = self.records();
            records
                .creating
                .retain(|_, turn| Arc::strong_count(turn) > 1);
            records.creating.entry(subject.clone()).or_default().clone()
        };
        turn.lock_owned().await
    }
}

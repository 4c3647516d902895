//! Which subject owns which session.

use super::wire::Session;
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

/// Where a session stood when last seen, as far as the record needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Waits for a scan.
    Pending,
    /// Linked, or in a status that we do not know.
    Linked,
    /// The service gave up.
    Failed,
}

struct Owned {
    subject: Subject,
    standing: Standing,
    /// Order of creation.
    number: u64,
    /// Unix milliseconds of its browser's last request.
    asked_ms: u64,
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

    /// How many sessions are on record.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records().sessions.len()
    }

    /// Whether no session is on record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes down who created a session.
    pub fn record(&self, subject: &Subject, id: &SessionId, now_ms: u64) {
        let mut records = self.records();
        records.created += 1;
        let owned = Owned {
            subject: subject.clone(),
            standing: Standing::Pending,
            number: records.created,
            asked_ms: now_ms,
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

    /// Notes where a session stands.
    pub fn saw(&self, id: &SessionId, session: &Session) {
        let standing = match session.status.as_deref() {
            Some("pending") => Standing::Pending,
            Some("failed") => Standing::Failed,
            _ => Standing::Linked,
        };
        if let Some(owned) = self.records().sessions.get_mut(id) {
            owned.standing = standing;
        }
    }

    /// Notes that the session's browser asked for it.
    pub fn touch(&self, id: &SessionId, now_ms: u64) {
        if let Some(owned) = self.records().sessions.get_mut(id) {
            owned.asked_ms = now_ms;
        }
    }

    /// Pending sessions that no browser has asked for since `before_ms`.
    #[must_use]
    pub fn abandoned(&self, before_ms: u64) -> Vec<SessionId> {
        let records = self.records();
        let abandoned =
            |owned: &Owned| owned.standing == Standing::Pending && owned.asked_ms < before_ms;
        let found = records
            .sessions
            .iter()
            .filter(|(_, owned)| abandoned(owned));
        found.map(|(id, _)| id.clone()).collect()
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
        self.select(subject, |owned| owned.standing == Standing::Pending)
    }

    /// The subject's sessions that count against its quota: all but the failed ones.
    #[must_use]
    pub fn held_by(&self, subject: &Subject) -> Vec<SessionId> {
        self.select(subject, |owned| owned.standing != Standing::Failed)
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

//! The record of one process, kept in memory and, where asked for, in a journal.

use super::journal::{Entry, Journal};
use super::{KEPT, Owner, Standing, Subject, Unavailable, Which};
use crate::id::SessionId;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::OwnedMutexGuard;

#[derive(Clone)]
pub(super) struct Owned {
    pub(super) subject: Subject,
    pub(super) standing: Standing,
    /// Order of creation.
    pub(super) number: u64,
    /// Unix milliseconds of its browser's last request.
    asked_ms: u64,
}

impl Owned {
    fn is_abandoned(&self, before_ms: u64) -> bool {
        self.standing == Standing::Pending && self.asked_ms < before_ms
    }
}

#[derive(Default)]
struct Records {
    sessions: HashMap<SessionId, Owned>,
    /// Session ids by subject, so that a request costs the same however many sessions there are.
    by_subject: HashMap<Subject, Vec<SessionId>>,
    created: u64,
    creating: HashMap<Subject, Arc<tokio::sync::Mutex<()>>>,
    /// The latest codes, and until when each is kept (Unix milliseconds).
    codes: HashMap<SessionId, (String, u64)>,
    journal: Option<Box<Journal>>,
}

/// The record of one process.
#[derive(Default)]
pub struct Local(Mutex<Records>);

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local")
            .field("sessions", &self.count())
            .finish()
    }
}

impl Records {
    fn write(&mut self, entry: &Entry<'_>) -> Result<(), Unavailable> {
        match &mut self.journal {
            Some(journal) => journal.append(entry).map_err(|_| Unavailable),
            None => Ok(()),
        }
    }

    /// Rewrites the journal when most of it is of the past. Where that fails the long one stays, whole.
    fn tidy(&mut self) {
        let Some(journal) = &mut self.journal else {
            return;
        };
        if journal.is_long(self.sessions.len()) {
            let entries = self
                .sessions
                .iter()
                .map(|(id, owned)| Entry::put(id, &owned.subject, owned.standing, owned.number));
            let _ = journal.rewrite(entries);
        }
    }

    fn put(&mut self, id: SessionId, owned: Owned) {
        self.created = self.created.max(owned.number);
        self.by_subject
            .entry(owned.subject.clone())
            .or_default()
            .push(id.clone());
        self.sessions.insert(id, owned);
    }

    fn remove(&mut self, id: &SessionId) -> bool {
        let Some(owned) = self.sessions.remove(id) else {
            return false;
        };
        if let Some(ids) = self.by_subject.get_mut(&owned.subject) {
            ids.retain(|one| one != id);
            if ids.is_empty() {
                self.by_subject.remove(&owned.subject);
            }
        }
        true
    }
}

impl Local {
    /// The record that a journal holds; browsers are taken to have asked for each session just now, at `now_ms`.
    #[must_use]
    pub fn restore(mut journal: Journal, now_ms: u64) -> Self {
        let mut records = Records::default();
        for (id, subject, standing, number) in journal.take_restored() {
            let owned = Owned {
                subject,
                standing,
                number,
                asked_ms: now_ms,
            };
            records.put(id, owned);
        }
        records.journal = Some(Box::new(journal));
        Self(Mutex::new(records))
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        // No code under this lock can leave a record half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn record(
        &self,
        subject: &Subject,
        id: &SessionId,
        now_ms: u64,
    ) -> Result<(), Unavailable> {
        let mut records = self.records();
        let number = records.created + 1;
        let standing = Standing::Pending;
        records.write(&Entry::put(id, subject, standing, number))?;
        // The service may answer a repeated create with the same session.
        records.remove(id);
        let owned = Owned {
            subject: subject.clone(),
            standing,
            number,
            asked_ms: now_ms,
        };
        records.put(id.clone(), owned);
        records.tidy();
        Ok(())
    }

    pub(super) fn keep_code(&self, id: &SessionId, text: &str, now_ms: u64) {
        let mut records = self.records();
        records.codes.retain(|_, (_, until_ms)| *until_ms > now_ms);
        let kept = (text.to_owned(), now_ms + KEPT.as_millis() as u64);
        records.codes.insert(id.clone(), kept);
    }

    pub(super) fn kept_code(&self, id: &SessionId, now_ms: u64) -> Option<String> {
        let records = self.records();
        let (text, until_ms) = records.codes.get(id)?;
        (*until_ms > now_ms).then(|| text.clone())
    }

    pub(super) fn drop_code(&self, id: &SessionId) {
        self.records().codes.remove(id);
    }

    pub(super) fn reach(&self, subject: &Subject, id: &SessionId, now_ms: u64) -> Owner {
        match self.records().sessions.get_mut(id) {
            None => Owner::Unknown,
            Some(owned) if owned.subject == *subject => {
                owned.asked_ms = now_ms;
                Owner::Mine
            }
            Some(_) => Owner::Other,
        }
    }

    pub(super) fn saw(&self, id: &SessionId, standing: Standing) -> Result<(), Unavailable> {
        let mut records = self.records();
        let Some(mut owned) = records
            .sessions
            .get(id)
            .filter(|owned| owned.standing != standing)
            .cloned()
        else {
            return Ok(());
        };
        owned.standing = standing;
        records.write(&Entry::put(id, &owned.subject, standing, owned.number))?;
        records.sessions.insert(id.clone(), owned);
        records.tidy();
        Ok(())
    }

    pub(super) fn forget(&self, id: &SessionId) -> Result<(), Unavailable> {
        let mut records = self.records();
        if records.sessions.contains_key(id) {
            records.write(&Entry::del(id))?;
            records.remove(id);
            records.tidy();
        }
        Ok(())
    }

    pub(super) fn of(&self, subject: &Subject, which: Which) -> Vec<SessionId> {
        let records = self.records();
        let ids = records
            .by_subject
            .get(subject)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let taken = |id: &&SessionId| {
            records
                .sessions
                .get(id)
                .is_some_and(|owned| which.takes(owned.standing))
        };
        ids.iter().rev().filter(taken).cloned().collect()
    }

    pub(super) fn abandoned(&self, before_ms: u64) -> Vec<SessionId> {
        let records = self.records();
        let found = records
            .sessions
            .iter()
            .filter(|(_, owned)| owned.is_abandoned(before_ms));
        found.map(|(id, _)| id.clone()).collect()
    }

    pub(super) fn is_abandoned(&self, id: &SessionId, before_ms: u64) -> bool {
        let records = self.records();
        let owned = records.sessions.get(id);
        owned.is_some_and(|owned| owned.is_abandoned(before_ms))
    }

    pub(super) fn count(&self) -> usize {
        self.records().sessions.len()
    }

    pub(super) async fn turn(&self, subject: &Subject) -> OwnedMutexGuard<()> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_kept_for_ten_seconds_or_until_another_is_asked_for() {
        let local = Local::default();
        let id = |text| SessionId::parse(text).unwrap();
        let (one, two) = (id("s1"), id("s2"));
        local.keep_code(&one, "first", 1000);
        assert_eq!(local.kept_code(&one, 10_999).as_deref(), Some("first"));
        assert_eq!(local.kept_code(&one, 11_000), None);
        assert_eq!(local.kept_code(&two, 1000), None);
        local.keep_code(&two, "second", 11_000);
        assert_eq!(local.records().codes.len(), 1, "what is over is not held");
        local.drop_code(&two);
        assert_eq!(local.kept_code(&two, 11_000), None);
    }
}

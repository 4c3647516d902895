//! A browser's list: its own sessions out of all those on the key.

use super::Api;
use super::failure::Failure;
use super::identity::Grant;
use super::input::Paging;
use super::sessions::Reply;
use super::wire::{self, List, Page, Session};
use crate::id::SessionId;
use crate::ledger::{Subject, Which};
use crate::upstream::{Answer, Ask, Limits, Urgency};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Pages of the service's list that are read at most: 1,000 sessions.
const PAGES_MAX: u32 = 10;
/// So many sessions are read one by one rather than by another page.
const SINGLE_MAX: usize = 3;
/// The most sessions that are read one by one where the pages lacked them.
const REST_MAX: usize = 100;

impl Api {
    /// The subject's sessions, the newest first: the page asked for, or all.
    pub(super) async fn list(
        self: &Arc<Self>,
        grant: &Grant,
        paging: Option<Paging>,
    ) -> Result<Reply, Failure> {
        let mut own = match &grant.subject {
            Some(subject) => self.ledger.of(subject, Which::All).await?,
            None => Vec::new(),
        };
        if let Some(only) = &grant.session {
            own.retain(|id| id == only);
        }
        let shown: Vec<SessionId> = match paging {
            Some(Paging { page, per_page }) => {
                let before = (page - 1).saturating_mul(per_page);
                own.iter().skip(before).take(per_page).cloned().collect()
            }
            None => own.clone(),
        };
        let mut found = Found::of(&shown);
        if let Some(subject) = &grant.subject {
            self.look_through_pages(subject, &mut found).await?;
            self.look_one_by_one(subject, &mut found).await?;
        }
        let data: Vec<Session> = shown
            .iter()
            .filter_map(|id| found.sessions.remove(id))
            .collect();
        // What turned out to be gone, or was not found, is not there for its browser either.
        let total = own.len() - (shown.len() - data.len());
        let (page, per_page) = match paging {
            Some(Paging { page, per_page }) => (page, per_page),
            None => (1, total.max(25)),
        };
        let meta = Page {
            total,
            page,
            per_page,
        };
        let body = wire::json(&List { data, meta });
        Ok(match &found.last {
            Some(answer) => Reply::ok(body, answer),
            None => Reply::stored(body, Limits::default()),
        })
    }

    async fn look_through_pages(
        &self,
        subject: &Subject,
        found: &mut Found,
    ) -> Result<(), Failure> {
        for page in 1..=PAGES_MAX {
            let few = page > 1 && found.missing.len() <= SINGLE_MAX;
            if few || found.missing.is_empty() {
                break;
            }
            self.admit_call(subject)?;
            let answer = self.ask(&Ask::List { page }, Urgency::Act).await?;
            if !answer.is_success() {
                return Err(Failure::of_service(&answer));
            }
            let rows = answer.rows().ok_or_else(|| Failure::unreadable(&answer))?;
            let full = rows.len() >= 100;
            let sessions = rows
                .iter()
                .filter_map(Value::as_object)
                .filter_map(Session::read);
            for session in sessions {
                found.take(session);
            }
            found.last = Some(answer);
            if !full {
                break;
            }
        }
        Ok(())
    }

    async fn look_one_by_one(&self, subject: &Subject, found: &mut Found) -> Result<(), Failure> {
        for id in found
            .missing
            .iter()
            .take(REST_MAX)
            .cloned()
            .collect::<Vec<_>>()
        {
            self.admit_call(subject)?;
            match self.read_one(&id, Urgency::Act).await {
                Ok((session, answer)) => {
                    found.take(session);
                    found.last = Some(answer);
                }
                Err(failure) if matches!(failure.status, 404 | 410) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }
}

/// What was found so far of what is to be shown.
struct Found {
    missing: HashSet<SessionId>,
    sessions: HashMap<SessionId, Session>,
    last: Option<Answer>,
}

impl Found {
    fn of(shown: &[SessionId]) -> Self {
        Self {
            missing: shown.iter().cloned().collect(),
            sessions: HashMap::new(),
            last: None,
        }
    }

    fn take(&mut self, session: Session) {
        if let Some(id) = SessionId::parse(&session.id)
            && self.missing.remove(&id)
        {
            self.sessions.insert(id, session);
        }
    }
}

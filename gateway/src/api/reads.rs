//! Reads of sessions: from one list for all where that is cheaper, and within the key's rate.

use super::Api;
use super::answered::{own_session, says_gone};
use super::failure::Failure;
use super::sessions::Reply;
use super::shelf::{Plan, Shelf, Stored};
use super::wire::{self, Session};
use crate::id::SessionId;
use crate::ledger::{Standing, Subject};
use crate::upstream::{Answer, Ask, Governor, Urgency, unix_ms};
use serde_json::Value;
use std::collections::HashSet;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

/// Pages of the service's list that one read goes through at most: 1,000 sessions.
const PAGES_MAX: u32 = 10;
/// How long a poll waits for the list before an older reading will do.
const PATIENCE: Duration = Duration::from_secs(2);

impl Api {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        // A panic in between leaves readings that are too old at worst.
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Sends one call, if the key's rate allows it.
    pub(super) async fn ask(&self, ask: &Ask, urgency: Urgency) -> Result<Answer, Failure> {
        if let Some(governor) = &self.governor {
            governor.admit(urgency, unix_ms()).map_err(|seconds| {
                self.metrics.held_back();
                Failure::wait(seconds)
            })?;
        }
        let answer = self.upstream.ask(ask).await;
        self.metrics
            .call(ask.name(), answer.as_ref().ok().map(|answer| answer.status));
        let answer = answer.map_err(Failure::unanswered)?;
        if let Some(governor) = &self.governor {
            governor.observe(answer.status, answer.limits, answer.date_s(), unix_ms());
        }
        Ok(answer)
    }

    /// A session for its browser. `fresh` bypasses what was read before.
    pub(super) async fn read(
        self: &Arc<Self>,
        subject: &Subject,
        id: &SessionId,
        fresh: bool,
    ) -> Result<Reply, Failure> {
        if self.governor.is_none() || fresh {
            let (session, answer) = self.read_one(id, Urgency::Act).await?;
            return Ok(Reply::ok(wire::json(&session), &answer));
        }
        let plan = self.shelf().plan(id, self.now_ms());
        let plan = match plan {
            Plan::List => {
                let listing = || {
                    let api = Arc::clone(self);
                    async move { api.read_list().await }
                };
                let listed = self.listing.join(&(), listing);
                if tokio::time::timeout(PATIENCE, listed).await.is_err() {
                    // A slow service would otherwise hold every widget for as long as all its pages take.
                    let stale = self.shelf().stale(id, self.now_ms());
                    if let Some(stored) = stale {
                        return self.stored(id, &stored).await;
                    }
                    self.listing.join(&(), listing).await;
                }
                self.shelf().plan(id, self.now_ms())
            }
            plan => plan,
        };
        match plan {
            Plan::Stored(stored) => self.stored(id, &stored).await,
            Plan::Single | Plan::List => match self.poll(subject, id).await {
                Ok((session, answer)) => Ok(Reply::ok(wire::json(&session), &answer)),
                Err(failure) if failure.status == 429 => {
                    let stale = self.shelf().stale(id, self.now_ms());
                    match stale {
                        Some(stored) => self.stored(id, &stored).await,
                        None => Err(failure),
                    }
                }
                Err(failure) => Err(failure),
            },
        }
    }

    /// A reading that polls wait for, one for all who come meanwhile. Who starts it answers for what it costs.
    async fn poll(
        self: &Arc<Self>,
        subject: &Subject,
        id: &SessionId,
    ) -> Result<(Session, Answer), Failure> {
        let (api, who, one) = (Arc::clone(self), subject.clone(), id.clone());
        let call = move || async move {
            api.admit_poll(&who)?;
            api.read_one(&one, Urgency::Poll).await
        };
        let read = self.reading.join(id, call).await;
        let (session, answer) = read.unwrap_or_else(|| Err(Failure::internal()))?;
        // A fresh reading may have come meanwhile, and what a browser was told is not taken back.
        let latest = self.shelf().stale(id, self.now_ms());
        Ok((latest.map_or(session, |stored| stored.session), answer))
    }

    /// Counts a poll that costs a call: first among those that every widget needs, then among its subject's other calls.
    fn admit_poll(&self, subject: &Subject) -> Result<(), Failure> {
        let Some(polls) = &self.polls else {
            return Ok(());
        };
        polls
            .admit(subject, self.now_ms())
            .or_else(|one| self.count_call(subject).map_err(|other| one.min(other)))
            .map_err(Failure::wait)
    }

    /// Counts a call to the service, the first of a request or a further one.
    pub(super) fn admit_call(&self, subject: &Subject) -> Result<(), Failure> {
        self.count_call(subject).map_err(Failure::wait)
    }

    fn count_call(&self, subject: &Subject) -> Result<(), u64> {
        let Some(calls) = &self.calls else {
            return Ok(());
        };
        let rate = self.governor.as_ref().and_then(Governor::limit);
        calls.admit(subject, rate, self.now_ms())
    }

    async fn stored(&self, id: &SessionId, stored: &Stored) -> Result<Reply, Failure> {
        self.metrics.shared();
        self.ledger.saw(id, Standing::of(&stored.session)).await?;
        Ok(Reply::stored(wire::json(&stored.session), stored.limits))
    }

    /// Reads one session from the service.
    pub(super) async fn read_one(
        &self,
        id: &SessionId,
        urgency: Urgency,
    ) -> Result<(Session, Answer), Failure> {
        let asked_ms = self.now_ms();
        let answer = self.ask(&Ask::Read(id.clone()), urgency).await?;
        if says_gone(&answer) {
            self.gone(id).await?;
        }
        let session = own_session(&answer, id)?;
        self.ledger.saw(id, Standing::of(&session)).await?;
        self.shelf()
            .put(id, session.clone(), answer.limits, asked_ms);
        Ok((session, answer))
    }

    /// Keeps what a create, asked for at `asked_ms`, answered: a first poll may come while the key's rate is used up.
    pub(super) fn created(&self, id: &SessionId, session: Session, answer: &Answer, asked_ms: u64) {
        self.shelf()
            .put_created(id, session, answer.limits, asked_ms);
    }

    /// The session is no more.
    pub(super) async fn gone(&self, id: &SessionId) -> Result<(), Failure> {
        self.shelf().remove(id);
        Ok(self.ledger.forget(id).await?)
    }

    /// Reads as many pages of the list as hold the sessions that are being polled.
    async fn read_list(&self) {
        let mut wanted: HashSet<_> = self.shelf().wanted(self.now_ms()).into_iter().collect();
        let asked_ms = self.now_ms();
        let mut total = 0;
        for page in 1..=PAGES_MAX {
            let Ok(answer) = self.ask(&Ask::List { page }, Urgency::Poll).await else {
                return;
            };
            let rows = answer.is_success().then(|| answer.rows()).flatten();
            let Some(rows) = rows else {
                if answer.status != 429 {
                    self.shelf().list_failed(self.now_ms());
                }
                return;
            };
            total += rows.len();
            let sessions = rows
                .iter()
                .filter_map(Value::as_object)
                .filter_map(Session::read);
            let mut shelf = self.shelf();
            for session in sessions {
                if let Some(id) = SessionId::parse(&session.id)
                    && wanted.remove(&id)
                {
                    shelf.put(&id, session, answer.limits, asked_ms);
                }
            }
            let known = answer
                .json
                .as_ref()
                .and_then(|json| json.get("meta")?.get("total")?.as_u64());
            if let Some(known) = known.and_then(|n| usize::try_from(n).ok()) {
                total = total.max(known);
            }
            if rows.len() < 100 || wanted.is_empty() {
                break;
            }
        }
        self.shelf().listed(total, asked_ms);
    }
}

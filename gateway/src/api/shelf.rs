//! What was last read of each session, and whether that will do for a poll.
//!
//! N widgets that poll every 3 s must not cost N calls. As soon as more sessions are polled than the list has pages, one read of
//! the list answers them all; below that single reads are cheaper. Pure: the caller passes a monotonic time in milliseconds.

use super::wire::Session;
use crate::id::SessionId;
use crate::upstream::Limits;
use std::collections::HashMap;

/// How long one list read answers polls: the element's shortest poll interval.
const LIST_MS: u64 = 3000;
/// How long a session's own reading answers its polls: less than that interval, so that no widget is told anything later by it.
const OWN_MS: u64 = 2000;
/// How long after its last poll a session counts as polled: the element's longest interval and a bit.
const POLLED_MS: u64 = 12_000;
/// How old an answer may be that is given because the key's rate is used up.
const STALE_MS: u64 = 120_000;
/// How long single reads are used after a list read failed.
const LIST_PAUSE_MS: u64 = 60_000;
/// Sessions to a page of the list.
const PER_PAGE: usize = 100;

/// A session as last read.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The session.
    pub session: Session,
    /// The key's rate after that read.
    pub limits: Limits,
    asked_ms: u64,
    /// From the answer to the create: only for when the service may not be asked.
    reserve: bool,
}

/// How a poll is to be answered.
#[derive(Debug)]
pub enum Plan {
    /// From what was read.
    Stored(Box<Stored>),
    /// By reading this session.
    Single,
    /// By reading the list first.
    List,
}

/// The last readings.
#[derive(Debug, Default)]
pub struct Shelf {
    stored: HashMap<SessionId, Stored>,
    polled: HashMap<SessionId, u64>,
    total: usize,
    listed_ms: Option<u64>,
    no_list_until_ms: u64,
    swept_ms: u64,
}

impl Shelf {
    /// Notes a poll of `id` and says how to answer it.
    pub fn plan(&mut self, id: &SessionId, now_ms: u64) -> Plan {
        self.polled.insert(id.clone(), now_ms);
        if now_ms.saturating_sub(self.swept_ms) >= POLLED_MS {
            self.swept_ms = now_ms;
            self.forget_old(now_ms);
        }
        let shared = self.is_shared(now_ms);
        let answers_ms = if shared { LIST_MS } else { OWN_MS };
        let young = |at: u64| now_ms.saturating_sub(at) < answers_ms;
        let read = |stored: &&Stored| !stored.reserve && young(stored.asked_ms);
        if let Some(stored) = self.stored.get(id).filter(read) {
            return Plan::Stored(Box::new(stored.clone()));
        }
        if !shared || self.listed_ms.is_some_and(young) {
            Plan::Single
        } else {
            Plan::List
        }
    }

    /// Whether more sessions are polled than the list has pages.
    fn is_shared(&self, now_ms: u64) -> bool {
        let pages = self.total.div_ceil(PER_PAGE).max(1);
        let polled = self
            .polled
            .values()
            .filter(|at| now_ms.saturating_sub(**at) < POLLED_MS);
        now_ms >= self.no_list_until_ms && polled.take(pages + 1).count() > pages
    }

    /// The sessions that a list read should find.
    #[must_use]
    pub fn wanted(&self, now_ms: u64) -> Vec<SessionId> {
        let polled = self.polled.iter();
        polled
            .filter(|(_, at)| now_ms.saturating_sub(**at) < POLLED_MS)
            .map(|(id, _)| id.clone())
            .collect()
    }

    /// Takes in a reading whose question went out at `asked_ms`. Readings overtake each other: the later question wins.
    pub fn put(&mut self, id: &SessionId, session: Session, limits: Limits, asked_ms: u64) {
        if self
            .stored
            .get(id)
            .is_none_or(|old| old.asked_ms <= asked_ms)
        {
            let stored = Stored {
                session,
                limits,
                asked_ms,
                reserve: false,
            };
            self.stored.insert(id.clone(), stored);
        }
    }

    /// Keeps what a create answered, until there is a reading.
    pub fn put_created(&mut self, id: &SessionId, session: Session, limits: Limits, asked_ms: u64) {
        let stored = Stored {
            session,
            limits,
            asked_ms,
            reserve: true,
        };
        self.stored.entry(id.clone()).or_insert(stored);
    }

    /// A list read is complete; `total` sessions are on the key.
    pub fn listed(&mut self, total: usize, asked_ms: u64) {
        self.total = total;
        self.listed_ms = Some(asked_ms);
    }

    /// A list read failed: single reads for a while.
    pub fn list_failed(&mut self, now_ms: u64) {
        self.no_list_until_ms = now_ms + LIST_PAUSE_MS;
    }

    /// The session is gone.
    pub fn remove(&mut self, id: &SessionId) {
        self.stored.remove(id);
        self.polled.remove(id);
    }

    /// An older reading, for when the service may not be asked.
    #[must_use]
    pub fn stale(&self, id: &SessionId, now_ms: u64) -> Option<Stored> {
        let stored = self.stored.get(id)?;
        (now_ms.saturating_sub(stored.asked_ms) < STALE_MS).then(|| stored.clone())
    }

    fn forget_old(&mut self, now_ms: u64) {
        self.polled
            .retain(|_, at| now_ms.saturating_sub(*at) < POLLED_MS);
        self.stored
            .retain(|_, stored| now_ms.saturating_sub(stored.asked_ms) < STALE_MS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: usize) -> SessionId {
        SessionId::parse(&format!("s{n}")).unwrap()
    }

    fn session(n: usize) -> Session {
        let object = serde_json::json!({"id": format!("s{n}"), "status": "pending"});
        Session::read(object.as_object().unwrap()).unwrap()
    }

    /// Plays `widgets` that poll every 3 s for a minute, with `sessions` on the key; gives calls per 3 s after the first 6 s.
    fn calls(widgets: usize, sessions: usize) -> f64 {
        let mut shelf = Shelf::default();
        let mut calls = 0;
        for now in (0..60_000u64).step_by(3) {
            let widget = (now % 3000) as usize / 3;
            if widget >= widgets {
                continue;
            }
            match shelf.plan(&id(widget), now) {
                Plan::Stored(_) => {}
                Plan::Single => {
                    calls += usize::from(now >= 6000);
                    shelf.put(&id(widget), session(widget), Limits::default(), now);
                }
                Plan::List => {
                    calls += if now >= 6000 {
                        sessions.div_ceil(PER_PAGE)
                    } else {
                        0
                    };
                    for n in 0..widgets {
                        shelf.put(&id(n), session(n), Limits::default(), now);
                    }
                    shelf.listed(sessions, now);
                }
            }
        }
        calls as f64 / 18.0
    }

    #[test]
    fn calls_per_interval_stay_within_the_pages_of_the_list() {
        assert!(calls(1, 1) <= 1.0);
        assert!(calls(2, 2) <= 1.0);
        assert!(calls(100, 100) <= 1.0);
        assert!(calls(1000, 1000) <= 10.0);
        assert!(calls(1, 1000) <= 1.0, "one widget does not cost ten pages");
        assert!(calls(5, 1000) <= 5.0);
    }

    #[test]
    fn a_session_that_is_polled_without_pause_is_read_every_two_seconds() {
        let mut shelf = Shelf::default();
        let mut reads = Vec::new();
        for now in (0..60_000u64).step_by(50) {
            if matches!(shelf.plan(&id(1), now), Plan::Single) {
                reads.push(now);
                shelf.put(&id(1), session(1), Limits::default(), now);
            }
        }
        let every_two_seconds: Vec<_> = (0..60_000).step_by(2000).collect();
        assert_eq!(reads, every_two_seconds);
    }

    #[test]
    fn what_a_create_answered_is_no_reading() {
        let mut shelf = Shelf::default();
        shelf.put_created(&id(1), session(1), Limits::default(), 0);
        assert!(matches!(shelf.plan(&id(1), 1), Plan::Single));
    }

    #[test]
    fn a_late_answer_to_an_early_question_is_not_taken() {
        let mut shelf = Shelf::default();
        let mut connected = session(1);
        connected.status = Some("connected".to_owned());
        shelf.put(&id(1), connected.clone(), Limits::default(), 20);
        shelf.put(&id(1), session(1), Limits::default(), 10);
        assert_eq!(shelf.stale(&id(1), 30).unwrap().session, connected);
        assert!(shelf.stale(&id(1), 20 + STALE_MS).is_none());
    }

    #[test]
    fn a_failing_list_is_left_alone_for_a_while() {
        let mut shelf = Shelf::default();
        shelf.plan(&id(1), 0);
        assert!(matches!(shelf.plan(&id(2), 0), Plan::List));
        shelf.list_failed(0);
        assert!(matches!(shelf.plan(&id(2), 1), Plan::Single));
        shelf.plan(&id(1), LIST_PAUSE_MS);
        assert!(matches!(shelf.plan(&id(2), LIST_PAUSE_MS), Plan::List));
    }

    #[test]
    fn a_session_that_the_list_lacks_is_read_by_itself() {
        let mut shelf = Shelf::default();
        shelf.plan(&id(1), 0);
        assert!(matches!(shelf.plan(&id(2), 0), Plan::List));
        shelf.listed(0, 0);
        assert!(matches!(shelf.plan(&id(2), 1), Plan::Single));
    }

    #[test]
    fn memory_follows_what_is_polled() {
        let mut shelf = Shelf::default();
        for n in 0..10_000 {
            let now = n as u64 * 1000;
            shelf.plan(&id(n), now);
            shelf.put(&id(n), session(n), Limits::default(), now);
        }
        assert!(shelf.polled.len() < 400 && shelf.stored.len() < 400);
    }
}

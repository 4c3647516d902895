//! What an answer, or its absence, changes.

use super::{
    Ask, Event, Phase,
    machine::{Known, Machine},
    requests::{Errand, Flight, Token},
    timers::Timer,
};
use crate::{
    api::{Answer, CodeOffer, Failure},
    error::{Error, ErrorCode},
    model::{Session, SessionId, Status},
    time::Instant,
};

impl Machine {
    pub(super) fn answered(&mut self, ask: Ask, outcome: Result<Answer, Failure>, now: Instant) {
        // An answer to any other question is older than what is known (invariant 5).
        let Some(flight) = self.flight.take_if(|flight| flight.ask == ask) else {
            return;
        };
        self.timers.clear(Timer::Request);
        self.pace.read_at = now;
        match (flight.errand, outcome) {
            (Errand::Create, Ok(Answer::Created { session, code })) => {
                self.succeeded();
                self.created(session, &code, flight.since, now);
            }
            (_, outcome) => self.answered_further(flight, outcome, now),
        }
    }

    /// Whatever is not the code that a create was to bring.
    #[inline(never)]
    fn answered_further(&mut self, flight: Flight, outcome: Result<Answer, Failure>, now: Instant) {
        let failure = match (flight.errand, outcome) {
            (Errand::Read { fresh }, Ok(Answer::Session(session))) if self.is_ours(&session) => {
                // A read that succeeds before a `/qr` resets no back-off of a `/qr` that fails.
                let before_code = session.status == Status::Pending
                    && self.snapshot.phase == Phase::Refreshing
                    && self.leads();
                if !before_code {
                    self.succeeded();
                } else if self.token == Token::Renewed {
                    self.token_is_good();
                }
                self.snapshot.session = Some(session);
                return self.follow_status(fresh, now);
            }
            (Errand::Qr, Ok(Answer::Code(code))) => {
                self.succeeded();
                return self.take_code(&code, flight.since, now);
            }
            (Errand::Delete, Ok(Answer::Deleted)) => {
                self.succeeded();
                return self.deleted();
            }
            (_, Ok(_)) => Failure::from(Error::new(ErrorCode::InvalidResponse)),
            (_, Err(failure)) => failure,
        };
        self.refused_or_lost(flight.errand, failure, now);
    }

    fn is_ours(&self, session: &Session) -> bool {
        self.known
            .as_ref()
            .is_some_and(|known| known.id == session.id)
    }

    fn succeeded(&mut self) {
        self.pace.failures = 0;
        self.token_is_good();
        // A code that could not be drawn stays worth telling until one could.
        if self.codes.bad == 0 {
            self.snapshot.error = None;
        }
    }

    fn created(&mut self, session: Session, code: &CodeOffer, since: Instant, now: Instant) {
        let repeated = self.intent.take().is_some_and(|intent| intent.repeated);
        let status = session.status;
        self.known = Some(Known {
            id: session.id.clone(),
            owned: true,
        });
        self.snapshot.session = Some(session);
        self.linked_before = Some(status != Status::Pending);
        self.accepted = None;
        self.store();
        self.settle_lead();
        if status != Status::Pending {
            return self.follow_status(false, now);
        }
        // The answer to a repeated create may be the first attempt's: its code is older than this request, and a tab that was duplicated
        // in between may have replaced it. Where that cannot be told, it is not shown.
        if repeated && (code.life.is_none() || self.around.tabs) {
            return self.fetch_code(false, now);
        }
        self.take_code(code, since, now);
    }

    /// Goes where the session's status says; `fresh` where it was read past all shared reads.
    pub(super) fn follow_status(&mut self, fresh: bool, now: Instant) {
        let Some(session) = &self.snapshot.session else {
            return;
        };
        let (id, status) = (session.id.clone(), session.status);
        let linked_before = *self.linked_before.get_or_insert(status != Status::Pending);
        self.pace.reads = self.pace.reads.saturating_add(1);
        if status != Status::Pending {
            self.refused = None;
            self.forget_codes();
            self.codes.bad = 0;
        }
        match status {
            Status::Pending => return self.pending(fresh, now),
            Status::Connected => self.linked(id, linked_before, now),
            Status::Disconnected => {
                if self.snapshot.phase != Phase::Reconnecting {
                    self.set_phase(Phase::Reconnecting);
                    self.emit(Event::Disconnected { session_id: id });
                }
                self.plan_poll(now);
            }
            Status::Failed => {
                self.rest(Phase::Failed);
                self.emit(Event::Failed { session_id: id });
            }
            Status::Unknown => {
                self.set_phase(Phase::ActionRequired);
                self.plan_poll(now);
            }
        }
        self.tell_state();
    }

    fn pending(&mut self, fresh: bool, now: Instant) {
        if let Some(error) = self.refused.take() {
            return self.fail(error);
        }
        match self.snapshot.phase {
            Phase::AwaitingScan if !self.codes.by_timer => {
                self.plan_poll(now);
                self.tell_status();
            }
            Phase::Expired => {
                self.plan_poll(now);
                self.tell_status();
            }
            // Another `/qr` would kill the code that is being read.
            Phase::Refreshing if self.codes.reading.is_some() => self.plan_poll(now),
            // A linked session that is waiting for a scan again must not drive `/qr` for ever: it counts like a timer.
            Phase::Connected | Phase::WrongNumber | Phase::Reconnecting | Phase::ActionRequired => {
                self.codes.by_timer = true;
                self.pace.wait_since = now;
                self.fetch_code(fresh, now);
            }
            _ => self.fetch_code(fresh, now),
        }
    }

    #[inline(never)]
    fn linked(&mut self, session_id: SessionId, resumed: bool, now: Instant) {
        let session = self.snapshot.session.as_ref();
        let number = session.and_then(|session| session.phone_number.clone());
        let expected = self.config.expected_phone.as_ref();
        let mismatch = number.is_some()
            && expected.is_some()
            && number.as_ref() != expected
            && number != self.accepted;
        let previous = self.snapshot.phase;
        if mismatch {
            self.set_phase(Phase::WrongNumber);
            let error = Error::new(ErrorCode::WrongNumber);
            self.snapshot.error = Some(error.clone());
            if previous != Phase::WrongNumber {
                self.emit(Event::Error(error));
            }
        } else {
            self.set_phase(Phase::Connected);
            self.snapshot.error = None;
            if previous != Phase::Connected {
                self.emit(Event::Connected {
                    session_id,
                    phone_number: number,
                    resumed,
                });
            }
        }
        self.plan_poll(now);
    }

    #[inline(never)]
    fn deleted(&mut self) {
        let id = self.known.take().map(|known| known.id);
        self.snapshot.session = None;
        self.snapshot.error = None;
        self.store();
        if self.unlink.discard {
            return self.rest(Phase::Idle);
        }
        self.rest(Phase::Unlinked);
        if let Some(session_id) = id {
            self.emit(Event::Unlinked { session_id });
        }
    }

    #[inline(never)]
    fn refused_or_lost(&mut self, errand: Errand, failure: Failure, now: Instant) {
        let code = failure.error.code;
        if code == ErrorCode::Unauthorized {
            return self.unauthorized(errand, failure.error, now);
        }
        // What the service fails with otherwise got past the check of the token.
        if errand == Errand::Qr && failure.error.http_status.is_some() {
            self.token_is_good();
        }
        if !code.is_transient() {
            return self.refused(errand, failure.error, now);
        }
        self.failed(&failure, now);
        match errand {
            Errand::Create => {
                if code != ErrorCode::RateLimited {
                    self.outcome_unknown();
                }
                if code == ErrorCode::InvalidResponse {
                    return self.give_up(errand, failure.error);
                }
                self.trouble(failure.error);
                let at = self.spread(self.pace.failures, now);
                self.plan(errand, at);
            }
            Errand::Read { .. } => {
                self.trouble(failure.error);
                let awaited = match self.snapshot.phase {
                    Phase::Checking => true,
                    Phase::Refreshing => self.leads(),
                    _ => self.codes.by_timer,
                };
                if awaited {
                    let at = self.spread(self.pace.failures, now);
                    self.plan(Errand::Read { fresh: true }, at);
                } else {
                    self.plan_poll(now);
                }
            }
            Errand::Qr if code == ErrorCode::InvalidResponse => {
                self.pace.failures = 0;
                self.take_code(
                    &CodeOffer {
                        payload: None,
                        life: None,
                    },
                    now,
                    now,
                );
            }
            Errand::Qr => {
                self.trouble(failure.error);
                let at = self.spread(self.pace.failures, now);
                self.plan(Errand::Read { fresh: true }, at);
            }
            Errand::Delete => self.give_up(errand, failure.error),
        }
    }

    /// The service said no, and would again.
    fn refused(&mut self, errand: Errand, error: Error, now: Instant) {
        self.pace.failures = 0;
        match (errand, error.code) {
            (Errand::Qr, ErrorCode::NotFound | ErrorCode::Conflict | ErrorCode::InvalidRequest) => {
                self.refused = Some(error);
                self.plan(Errand::Read { fresh: true }, now);
            }
            (Errand::Read { .. }, ErrorCode::NotFound) => self.gone(error, now),
            (Errand::Read { .. }, ErrorCode::Forbidden)
                if self.snapshot.phase == Phase::Checking && self.owns() =>
            {
                self.gone(error, now);
            }
            // The remembered id may be none that the service takes. It stays in the tab's storage until there is another: the service
            // may think better of it.
            (Errand::Read { .. }, ErrorCode::InvalidRequest)
                if self.snapshot.phase == Phase::Checking
                    && self.owns()
                    && matches!(error.http_status, Some(400 | 422)) =>
            {
                self.known = None;
                self.fail(error);
            }
            _ => self.give_up(errand, error),
        }
    }

    fn owns(&self) -> bool {
        self.known.as_ref().is_some_and(|known| known.owned)
    }

    /// The session is gone. A stored one that turns out to be is replaced, once; all else is for a person to decide.
    fn gone(&mut self, error: Error, now: Instant) {
        let replace = self.snapshot.phase == Phase::Checking && self.owns() && !self.replaced;
        self.known = None;
        self.snapshot.session = None;
        self.store();
        self.settle_lead();
        if replace {
            self.replaced = true;
            self.snapshot.error = None;
            self.create(now);
        } else {
            self.fail(error);
        }
    }

    /// Ends in `error`. What a create is known not to have done is forgotten with its key (invariant 1).
    #[inline(never)]
    pub(super) fn give_up(&mut self, errand: Errand, error: Error) {
        match errand {
            Errand::Create => {
                let decided = matches!(
                    error.code,
                    ErrorCode::QuotaExceeded
                        | ErrorCode::Conflict
                        | ErrorCode::InvalidRequest
                        | ErrorCode::NotFound
                );
                self.intent.take_if(|intent| decided || !intent.unknown);
                self.store();
            }
            Errand::Delete => self.unlink.failed = true,
            Errand::Read { .. } | Errand::Qr => {}
        }
        self.fail(error);
    }
}

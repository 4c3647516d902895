//! What is asked of the service, one request at a time.

use super::{
    Ask, Event, Output, Phase, Policy,
    machine::{Intent, Machine},
    timers::Timer,
};
use crate::{
    api::{Call, Failure},
    error::{Error, ErrorCode},
    time::Instant,
};

/// What to ask next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Errand {
    Create,
    /// The status; past shared reads where `fresh`, which a `/qr` needs (invariant 6).
    Read {
        fresh: bool,
    },
    Qr,
    Delete,
}

/// The request under way. There is never a second one, so that two answers cannot contradict each other.
#[derive(Clone, Copy)]
pub(super) struct Flight {
    pub(super) ask: Ask,
    pub(super) errand: Errand,
    pub(super) since: Instant,
}

/// Where the bearer token stands (invariant 15).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// The next 401 asks for another one.
    Untried,
    /// Another one was asked for; nothing goes out before it is there.
    Renewing,
    /// This one is the second; the next 401 is final.
    Renewed,
    /// As [`Token::Renewing`], for a 401 to a `/qr`.
    RenewingForCode,
    /// As [`Token::Renewed`]; that a status can be read with it says nothing of the `/qr`.
    RenewedForCode,
}

impl Token {
    fn is_awaited(self) -> bool {
        matches!(self, Self::Renewing | Self::RenewingForCode)
    }

    /// Whether the next 401 is final.
    fn is_second(self) -> bool {
        matches!(self, Self::Renewed | Self::RenewedForCode)
    }
}

impl Machine {
    pub(super) fn may_send(&self) -> bool {
        self.around.online && self.flight.is_none() && !self.token.is_awaited()
    }

    /// Makes `errand` the next one, at `at` or when the service's `Retry-After` allows.
    pub(super) fn plan(&mut self, errand: Errand, at: Instant) {
        self.errand = Some(errand);
        self.timers.set(Timer::Send, at.max(self.pace.fence));
        if self.token.is_awaited() && self.timers.get(Timer::Token).is_none() {
            self.timers
                .set(Timer::Token, self.clock + Policy::TOKEN_DEADLINE);
        }
    }

    pub(super) fn plan_nothing(&mut self) {
        self.errand = None;
        self.timers.clear(Timer::Send);
    }

    pub(super) fn send(&mut self, now: Instant) {
        let Some(errand) = self.errand.take() else {
            return;
        };
        let known = self.known.as_ref().map(|known| known.id.clone());
        let call = match (errand, known) {
            (Errand::Create, _) => match self.create_call() {
                Some(call) => call,
                None => return,
            },
            (Errand::Read { fresh }, Some(id)) => {
                self.pace.read_at = now;
                Call::Get { id, fresh }
            }
            (Errand::Qr, Some(id)) => {
                self.give_up_code(now);
                Call::Qr { id }
            }
            (Errand::Delete, Some(id)) => Call::Delete { id },
            (_, None) => return,
        };
        let ask = self.next_ask();
        self.timers
            .set(Timer::Request, now + Policy::REQUEST_DEADLINE);
        self.flight = Some(Flight {
            ask,
            errand,
            since: now,
        });
        self.outputs.push_back(Output::Send { ask, call });
    }

    /// The service kills the code on show with the request for another, whatever comes of it (invariant 3).
    #[inline(never)]
    fn give_up_code(&mut self, now: Instant) {
        self.forget_codes();
        self.codes.asked = now;
        self.set_phase(Phase::Refreshing);
        self.tell_state();
    }

    pub(super) fn next_ask(&mut self) -> Ask {
        self.last_ask += 1;
        Ask(self.last_ask)
    }

    /// The same key and body as long as the intent is unanswered; stored before it goes out (invariant 1).
    fn create_call(&mut self) -> Option<Call> {
        if let Some(intent) = &mut self.intent {
            intent.repeated = true;
        } else {
            self.intent = Some(Intent {
                key: self.random.key()?,
                name: self.config.session_name.clone(),
                webhook_url: self.config.webhook_url.clone(),
                unknown: false,
                repeated: false,
            });
        }
        self.store();
        let intent = self.intent.as_ref()?;
        Some(Call::Create {
            name: intent.name.clone(),
            webhook_url: intent.webhook_url.clone(),
            key: intent.key.clone(),
        })
    }

    pub(super) fn abort(&mut self) {
        self.timers.clear(Timer::Request);
        if let Some(flight) = self.flight.take() {
            self.outputs.push_back(Output::Abort {
                ask: flight.ask,
                overdue: false,
            });
            if flight.errand == Errand::Create {
                self.outcome_unknown();
            }
        }
    }

    pub(super) fn outcome_unknown(&mut self) {
        if let Some(intent) = &mut self.intent {
            intent.unknown = true;
        }
    }

    #[inline(never)]
    pub(super) fn request_overdue(&mut self, now: Instant) {
        let Some(flight) = self.flight else { return };
        self.outputs.push_back(Output::Abort {
            ask: flight.ask,
            overdue: true,
        });
        let failure = Failure::from(Error::new(ErrorCode::Timeout));
        self.answered(flight.ask, Err(failure), now);
    }

    /// The first 401 has the token renewed and the question asked again; a `/qr` begins anew at its status read.
    pub(super) fn unauthorized(&mut self, errand: Errand, error: Error, now: Instant) {
        if self.token.is_second() {
            self.token = Token::Untried;
            return self.give_up(errand, error);
        }
        let (token, errand) = match errand {
            Errand::Qr => (Token::RenewingForCode, Errand::Read { fresh: true }),
            other => (Token::Renewing, other),
        };
        self.token = token;
        self.denied = Some(error);
        self.plan(errand, now);
        self.outputs.push_back(Output::RenewToken);
    }

    /// The next 401 may be the first of another token.
    pub(super) fn token_is_good(&mut self) {
        if self.token.is_second() {
            self.token = Token::Untried;
        }
    }

    #[inline(never)]
    pub(super) fn token_renewed(&mut self, outcome: Result<(), Error>) {
        let renewed = match self.token {
            Token::Renewing => Token::Renewed,
            Token::RenewingForCode => Token::RenewedForCode,
            Token::Untried | Token::Renewed | Token::RenewedForCode => return,
        };
        self.timers.clear(Timer::Token);
        match outcome {
            Ok(()) => self.token = renewed,
            Err(error) => self.token_lost(error),
        }
    }

    #[inline(never)]
    pub(super) fn token_overdue(&mut self) {
        self.token_lost(Error::new(ErrorCode::Timeout));
    }

    /// Where there is no other token, what the service said with its 401 tells more than that.
    fn token_lost(&mut self, error: Error) {
        self.token = Token::Untried;
        let lost = error.code == ErrorCode::Unauthorized;
        let error = self.denied.take().filter(|_| lost).unwrap_or(error);
        if let Some(errand) = self.errand {
            self.give_up(errand, error);
        }
    }

    /// Says once per streak of failures what is going wrong.
    pub(super) fn trouble(&mut self, error: Error) {
        self.snapshot.error = Some(error.clone());
        if self.pace.failures == 1 {
            self.emit(Event::Error(error));
        }
    }
}

//! Codes: which may be shown, until when, and what follows.

use std::rc::Rc;

use super::{
    Drawing, Event, Phase, Policy, ShownQr, machine::Machine, requests::Errand, timeline::Verdict,
    timers::Timer,
};
use crate::{
    api::{CodeOffer, QrPayload},
    error::{Error, ErrorCode},
    qr::{self, Bitmap, Code, Matrix, QrError, Reason},
    time::{Instant, Millis},
};

/// What stands for a code that could be drawn, in a replay.
pub(super) const CODE: &str = "2@replayed";

/// A code without modules: a replay draws nothing.
pub(super) fn blank() -> Option<Matrix> {
    Matrix::from_bytes(21, &[0; (21usize * 21).div_ceil(8)])
}

/// A sound image that could not be verified, as long as it may be shown.
#[derive(Clone)]
pub(super) struct Original {
    pub(super) bitmap: Rc<Bitmap>,
    pub(super) since: Instant,
    pub(super) deadline: Instant,
}

/// What is counted and kept about codes.
#[derive(Clone, Default)]
pub(super) struct Codes {
    /// Codes shown so far.
    pub(super) generation: u32,
    /// Codes shown since the last gesture.
    pub(super) attempt: u32,
    /// Timer-driven refreshes since the last gesture (invariant 14).
    pub(super) refreshes: u32,
    /// The next `/qr` is a timer's doing, not yet counted.
    pub(super) by_timer: bool,
    /// Codes in a row that could not be shown (bad inputs, **R**).
    pub(super) bad: u32,
    pub(super) original: Option<Original>,
    /// What became of the latest code, for the diagnostics.
    pub(super) verdict: Verdict,
}

impl Codes {
    /// Lets go of what the service will have killed, or of what nobody can see.
    pub(super) fn forget(&mut self) {
        self.original = None;
        self.by_timer = false;
    }
}

impl Machine {
    /// Takes in a code that came with a request sent at `since` (rules 3 and 4).
    pub(super) fn take_code(&mut self, offer: &CodeOffer, since: Instant, now: Instant) {
        let life = offer.life.unwrap_or(Policy::CODE_LIFE_MAX);
        let deadline = since + life.min(Policy::CODE_LIFE_MAX);
        let payload = offer.payload.as_ref();
        let code = payload.map(|payload| self.read_code(payload));
        self.codes.verdict = match &code {
            Some(Ok(_)) => Verdict::Good,
            Some(Err(QrError::Unverified(_))) => Verdict::Unverified,
            Some(Err(QrError::Invalid(_))) | None => Verdict::Bad,
        };
        match code {
            Some(Ok(code)) if now < deadline => {
                self.codes.bad = 0;
                let matrix = Rc::new(code);
                self.show(Drawing::Verified(matrix), since, deadline, now);
            }
            Some(Ok(_)) => self.bad_code(None, now),
            Some(Err(QrError::Unverified(bitmap))) => {
                self.set_phase(Phase::Refreshing);
                if now < deadline {
                    self.codes.original = Some(Original {
                        bitmap: Rc::from(bitmap),
                        since,
                        deadline,
                    });
                    self.timers.set(Timer::Code, deadline);
                }
                self.bad_code(Some(ErrorCode::QrUnverified), now);
            }
            Some(Err(QrError::Invalid(_))) | None => {
                self.bad_code(Some(ErrorCode::InvalidResponse), now);
            }
        }
    }

    fn read_code(&self, payload: &QrPayload) -> Result<Matrix, QrError> {
        if self.replayed && payload.expose() == CODE {
            return blank().ok_or(QrError::Invalid(Reason::Text));
        }
        qr::read(payload.expose()).map(Code::into_matrix)
    }

    pub(super) fn show(
        &mut self,
        drawing: Drawing,
        since: Instant,
        deadline: Instant,
        now: Instant,
    ) {
        self.codes.forget();
        self.codes.generation = self.codes.generation.wrapping_add(1);
        self.codes.attempt += 1;
        self.snapshot.qr = Some(ShownQr {
            drawing,
            generation: self.codes.generation,
            since,
            deadline,
        });
        self.timers.set(Timer::Code, deadline);
        self.set_phase(Phase::AwaitingScan);
        self.emit(Event::Qr {
            remaining: deadline.since(now),
            attempt: self.codes.attempt,
        });
        self.arm_refresh();
        self.plan_poll(now);
        self.tell_state();
    }

    /// Only the tab that leads refreshes, and only as long as somebody may be there (invariant 14).
    pub(super) fn arm_refresh(&mut self) {
        self.timers.clear(Timer::Refresh);
        if let Some(shown) = &self.snapshot.qr
            && self.leads()
            && self.codes.refreshes < self.config.policy.max_refreshes
        {
            let lead = self.config.policy.refresh_lead;
            let lead = lead.min(Millis(shown.life().0 / 4));
            self.timers.set(Timer::Refresh, shown.deadline - lead);
        }
    }

    /// The timer runs only in the tab that leads, and only while its code is on show.
    pub(super) fn refresh_due(&mut self, now: Instant) {
        self.codes.by_timer = true;
        if self.flight.is_none() {
            self.plan(Errand::Read { fresh: true }, now);
        }
    }

    pub(super) fn code_died(&mut self, now: Instant) {
        self.codes.original = None;
        if self.snapshot.phase != Phase::AwaitingScan {
            return;
        }
        let spent = self.codes.refreshes >= self.config.policy.max_refreshes;
        if self.leads() && spent && !self.codes.by_timer {
            return self.expire(now);
        }
        // A read that waits for its back-off goes on waiting.
        let waiting = self.codes.by_timer;
        self.set_phase(Phase::Refreshing);
        self.codes.by_timer = true;
        self.tell_state();
        if !self.leads() {
            self.plan_poll(now);
        } else if self.flight.is_none() && !waiting {
            self.plan(Errand::Read { fresh: true }, now);
        }
    }

    /// Gets a code for a session that was just read as pending; `fresh` where that read allows to (invariant 6).
    pub(super) fn fetch_code(&mut self, fresh: bool, now: Instant) {
        if !self.leads() {
            if self.snapshot.phase != Phase::AwaitingScan {
                self.set_phase(Phase::Refreshing);
                self.tell_hello();
            }
            return self.plan_poll(now);
        }
        let by_timer = self.codes.by_timer;
        if by_timer && self.codes.refreshes >= self.config.policy.max_refreshes {
            return self.expire(now);
        }
        if self.snapshot.phase != Phase::AwaitingScan {
            self.set_phase(Phase::Refreshing);
        }
        if fresh && self.may_send() {
            self.codes.refreshes += u32::from(by_timer);
            self.errand = Some(Errand::Qr);
            self.timers.clear(Timer::Send);
            self.send(now);
        } else {
            self.plan(Errand::Read { fresh: true }, now);
        }
    }

    /// Throws away what cannot be drawn and asks again, a few times (bad inputs, **R**). `None`: a code that was dead on arrival,
    /// which is nobody's mistake and so worth one more try at once.
    fn bad_code(&mut self, problem: Option<ErrorCode>, now: Instant) {
        let first = self.codes.bad == 0;
        self.codes.bad += 1;
        self.set_phase(Phase::Refreshing);
        if let Some(problem) = problem {
            let error = Error::new(problem);
            let told = self.snapshot.error.replace(error.clone());
            if first || told.is_none() {
                self.emit(Event::Error(error));
            }
        }
        if self.codes.bad > Policy::BAD_CODE_RETRIES {
            return self.expire(now);
        }
        let at = if first && problem.is_none() {
            now
        } else {
            self.spread(self.codes.bad, now)
        };
        self.plan(Errand::Read { fresh: true }, at);
    }

    pub(super) fn expire(&mut self, now: Instant) {
        self.codes.by_timer = false;
        self.set_phase(Phase::Expired);
        self.emit(Event::Expired);
        self.plan_poll(now);
        self.tell_state();
    }

    pub(super) fn show_original(&mut self, now: Instant) {
        // It is forgotten with its deadline, and with whatever ends the wait for a code.
        let Some(kept) = self.codes.original.take() else {
            return;
        };
        self.gesture(now);
        self.abort();
        let drawing = Drawing::Original(kept.bitmap);
        self.show(drawing, kept.since, kept.deadline, now);
    }

    pub(super) fn drop_code(&mut self) {
        if self.snapshot.qr.take().is_some() {
            self.lead.followed = None;
            self.timers.clear(Timer::Code);
            self.timers.clear(Timer::Refresh);
        }
    }
}

//! Codes: which may be shown, until when, and what follows.

use std::rc::Rc;

use super::{
    Ask, Drawing, Event, Output, Phase, Policy, ShownQr, Unread, machine::Machine,
    requests::Errand, timeline::Verdict, timers::Timer,
};
use crate::{
    api::{CodeOffer, QrPayload},
    error::{Error, ErrorCode},
    qr::{self, Bitmap, Matrix, QrError, Reason},
    time::{Instant, Millis},
};

/// What stands for a code that could be drawn, in a replay.
pub(super) const CODE: &str = "2@replayed";

/// A code without modules: a replay draws nothing.
pub(super) fn blank() -> Option<Matrix> {
    Matrix::from_bytes(21, &[0; (21usize * 21).div_ceil(8)])
}

#[inline(never)]
fn read_replayed(payload: &QrPayload) -> Result<Matrix, QrError> {
    if payload.expose() == CODE {
        return blank().ok_or(QrError::Invalid(Reason::Text));
    }
    qr::read(payload.expose())
}

/// A sound image that could not be verified, as long as it may be shown.
#[derive(Clone)]
pub(super) struct Original {
    pub(super) bitmap: Rc<Bitmap>,
    pub(super) since: Instant,
    pub(super) deadline: Instant,
}

/// A code that the strict sampler left over, while something else reads it.
#[derive(Clone)]
pub(super) struct Reading {
    pub(super) ask: Ask,
    /// What the original looks like; `None` for a text.
    pub(super) bitmap: Option<Rc<Bitmap>>,
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
    /// When this tab last sent `/qr`.
    pub(super) asked: Instant,
    /// Codes in a row that could not be shown (bad inputs, **R**).
    pub(super) bad: u32,
    pub(super) original: Option<Original>,
    pub(super) reading: Option<Reading>,
    /// What became of the latest code, for the diagnostics.
    pub(super) verdict: Verdict,
}

impl Machine {
    /// Takes in a code that came with a request sent at `since` (rules 3 and 4).
    pub(super) fn take_code(&mut self, offer: &CodeOffer, since: Instant, now: Instant) {
        let life = offer.life.unwrap_or(Policy::CODE_LIFE_MAX);
        let deadline = since + life.min(Policy::CODE_LIFE_MAX);
        let read = match &offer.payload {
            Some(payload) => self.read_code(payload),
            None => Err(QrError::Invalid(Reason::Empty)),
        };
        self.codes.verdict = match &read {
            Ok(_) => Verdict::Good,
            Err(QrError::Text) => Verdict::Text,
            Err(QrError::Unverified(_)) => Verdict::Unverified,
            Err(QrError::Invalid(_)) => Verdict::Bad,
        };
        match read {
            Ok(matrix) => self.take_matrix(matrix, since, deadline, now),
            Err(error) => self.leave_over(error, offer, since, deadline, now),
        }
    }

    /// What the strict sampler did not draw is read once more by something else, where there is anything to read.
    #[inline(never)]
    fn leave_over(
        &mut self,
        error: QrError,
        offer: &CodeOffer,
        since: Instant,
        deadline: Instant,
        now: Instant,
    ) {
        let bitmap = match error {
            QrError::Invalid(_) => return self.bad_code(Some(ErrorCode::InvalidResponse), now),
            QrError::Text => None,
            QrError::Unverified(bitmap) => Some(Rc::from(bitmap)),
        };
        if now < deadline
            && let Some(code) = offer.payload.clone()
        {
            let ask = self.next_ask();
            self.set_phase(Phase::Refreshing);
            self.codes.reading = Some(Reading {
                ask,
                bitmap,
                since,
                deadline,
            });
            let until = deadline.min(now + Policy::READING_DEADLINE);
            self.timers.set(Timer::Reading, until);
            self.outputs.push_back(Output::Read { ask, code });
            self.plan_poll(now);
        } else if bitmap.is_some() {
            self.bad_code(Some(ErrorCode::QrUnverified), now);
        } else {
            self.bad_code(None, now);
        }
    }

    fn read_code(&self, payload: &QrPayload) -> Result<Matrix, QrError> {
        if self.replayed {
            return read_replayed(payload);
        }
        qr::read(payload.expose())
    }

    fn take_matrix(&mut self, matrix: Matrix, since: Instant, deadline: Instant, now: Instant) {
        if now < deadline {
            self.codes.bad = 0;
            self.show(Drawing::Verified(Rc::new(matrix)), since, deadline, now);
        } else {
            self.bad_code(None, now);
        }
    }

    /// The second reading ended. Its modules come from outside, and so are held to the standard here.
    #[inline(never)]
    pub(super) fn code_read(&mut self, ask: Ask, outcome: Result<Matrix, Unread>, now: Instant) {
        let Some(reading) = self.codes.reading.take_if(|reading| reading.ask == ask) else {
            return;
        };
        self.timers.clear(Timer::Reading);
        let verified = outcome.and_then(|matrix| {
            if self.replayed {
                return Ok(matrix);
            }
            qr::verify(&matrix).ok_or(Unread::Declined)
        });
        self.codes.verdict = match verified {
            Ok(_) => Verdict::Good,
            Err(_) => Verdict::Bad,
        };
        let Reading {
            bitmap,
            since,
            deadline,
            ..
        } = reading;
        match (verified, bitmap) {
            (Ok(matrix), _) => self.take_matrix(matrix, since, deadline, now),
            (Err(_), Some(bitmap)) => {
                if now < deadline {
                    self.codes.original = Some(Original {
                        bitmap,
                        since,
                        deadline,
                    });
                    self.timers.set(Timer::Code, deadline);
                }
                self.bad_code(Some(ErrorCode::QrUnverified), now);
            }
            (Err(Unread::Declined), None) => self.bad_code(Some(ErrorCode::InvalidResponse), now),
            (Err(Unread::Unavailable), None) => self.bad_code(Some(ErrorCode::WasmBlocked), now),
        }
    }

    #[inline(never)]
    pub(super) fn reading_overdue(&mut self, now: Instant) {
        if let Some(reading) = &self.codes.reading {
            self.code_read(reading.ask, Err(Unread::Unavailable), now);
        }
    }

    /// Lets go of what the service will have killed, or of what nobody can see.
    pub(super) fn forget_codes(&mut self) {
        self.codes.original = None;
        self.codes.by_timer = false;
        self.drop_reading();
    }

    pub(super) fn drop_reading(&mut self) {
        self.codes.reading = None;
        self.timers.clear(Timer::Reading);
    }

    pub(super) fn show(
        &mut self,
        drawing: Drawing,
        since: Instant,
        deadline: Instant,
        now: Instant,
    ) {
        self.forget_codes();
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
    #[inline(never)]
    pub(super) fn refresh_due(&mut self, now: Instant) {
        self.codes.by_timer = true;
        if self.flight.is_none() {
            self.plan(Errand::Read { fresh: true }, now);
        }
    }

    #[inline(never)]
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
    #[inline(never)]
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

    #[inline(never)]
    pub(super) fn expire(&mut self, now: Instant) {
        self.codes.by_timer = false;
        self.drop_reading();
        self.set_phase(Phase::Expired);
        self.emit(Event::Expired);
        self.plan_poll(now);
        self.tell_state();
    }

    #[inline(never)]
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

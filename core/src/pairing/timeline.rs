//! What happened, for a bug report: bounded, redacted, and enough to go through it again (`docs/diagnostics.md`).
//!
//! Everything is kept as numbers, so that nothing private can be in it. The list begins with the state before it; when it is full, its
//! older half goes, and it begins with the state in its middle. `replay.rs` reads it.

use std::{borrow::Cow, rc::Rc};

use super::{
    Act, Config, Input, Surroundings, TabMessage, Unread,
    archive::{class_of, code_number, some},
    machine::Machine,
    policy::Policy,
};
use crate::{
    api::{Answer, Failure},
    decimal,
    model::{Session, Status},
    time::{Instant, Millis},
};

/// Inputs are listed up to this many; then the older half goes.
const LENGTH: usize = 128;

/// One input: when, its kind, three details, and the phase after it.
pub(super) type Note = [u64; 6];

/// What a machine made of the latest code.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Verdict {
    /// There was none, or nothing that could be one.
    #[default]
    Bad,
    Good,
    Unverified,
    Text,
}

/// The state before the first note.
#[derive(Clone)]
enum Start {
    /// That of a new machine with these settings: which numbers those are is worked out when somebody asks.
    New {
        config: Rc<Config>,
        around: Surroundings,
        jitter: u64,
    },
    Numbers(Vec<u64>),
}

impl Start {
    fn numbers(&self) -> Cow<'_, [u64]> {
        match self {
            Self::New {
                config,
                around,
                jitter,
            } => {
                let mut machine = Machine::new(Rc::clone(config), *around, [0; 16]);
                machine.random.jitter = *jitter;
                machine.archive().into()
            }
            Self::Numbers(numbers) => numbers.into(),
        }
    }
}

/// The inputs so far.
#[derive(Clone)]
pub(super) struct Timeline {
    start: Start,
    notes: Vec<Note>,
    /// After so many notes as are half of a full list.
    middle: Vec<u64>,
}

impl Timeline {
    /// Begins with a machine that has handled nothing yet.
    pub(super) fn of_new(machine: &Machine) -> Self {
        Self {
            start: Start::New {
                config: Rc::clone(&machine.config),
                around: machine.around,
                jitter: machine.random.jitter,
            },
            notes: Vec::new(),
            middle: Vec::new(),
        }
    }

    /// Begins with the state as it is.
    #[inline(never)]
    pub(super) fn new(machine: &Machine) -> Self {
        Self {
            start: Start::Numbers(machine.archive()),
            notes: Vec::new(),
            middle: Vec::new(),
        }
    }

    /// Takes note of an input that `machine` is about to handle. `None` where it is beyond numbers, and
    /// another timeline must begin after it.
    pub(super) fn digest(input: &Input, machine: &Machine, now: Instant) -> Option<Note> {
        let mut note = [now.0, 0, 0, 0, 0, 0];
        let [_, kind, a, b, c, _] = &mut note;
        match input {
            Input::Act(act) => {
                *kind = 1;
                let (act, detail) = digest_act(act);
                (*a, *b) = (act, detail);
            }
            Input::Answered { ask, outcome } => {
                (*kind, *a) = (2, ask.0);
                (*b, *c) = digest_outcome(outcome, machine);
            }
            Input::TokenRenewed(outcome) => {
                *kind = 3;
                *a = outcome.as_ref().map_or_else(code_number, |()| 0);
            }
            Input::Timeout => *kind = 4,
            Input::Visible(on) => (*kind, *a) = (5, u64::from(*on)),
            Input::OnScreen(on) => (*kind, *a) = (6, u64::from(*on)),
            Input::Online(on) => (*kind, *a) = (7, u64::from(*on)),
            Input::Leading(on) => (*kind, *a) = (8, u64::from(*on)),
            Input::UnlinkDecided(on) => (*kind, *a) = (9, u64::from(*on)),
            Input::Heard(message) => {
                (*kind, *a, *b, *c) = digest_message(message, machine);
            }
            Input::Read { ask, outcome } => {
                (*kind, *a) = (11, ask.0);
                *b = match outcome {
                    Ok(_) | Err(Unread::Declined) => 0,
                    Err(Unread::Unavailable) => 2,
                };
            }
            Input::Configure(_) => return None,
        }
        Some(note)
    }

    pub(super) fn add(&mut self, mut note: Note, machine: &Machine) {
        // Where the answer brought no code, nobody reads it.
        if note[1] == 2 {
            note[3] += (machine.codes.verdict as u64) << 8;
        }
        if note[1] == 11 && note[3] == 0 && machine.codes.verdict == Verdict::Good {
            note[3] = 1;
        }
        if note[1] == 10 && machine.lead.sound {
            note[2] += 1 << 42;
        }
        note[5] = machine.snapshot.phase as u64;
        self.notes.push(note);
        if self.notes.len() == LENGTH {
            self.halve();
        }
        if self.notes.len() == LENGTH / 2 {
            self.keep_middle(machine);
        }
    }

    #[inline(never)]
    fn keep_middle(&mut self, machine: &Machine) {
        self.middle = machine.archive();
    }

    #[inline(never)]
    fn halve(&mut self) {
        self.notes.drain(..LENGTH / 2);
        self.start = Start::Numbers(core::mem::take(&mut self.middle));
    }

    #[cfg(test)]
    pub(super) fn inputs(&self) -> &[Note] {
        &self.notes
    }

    pub(super) fn describe(&self, machine: &Machine) -> String {
        let mut json = String::from("{\"version\":1,\"phase\":\"");
        json.push_str(machine.snapshot.phase.as_str());
        json.push_str("\",\"state\":[");
        push_numbers(&mut json, &self.start.numbers());
        json.push_str("],\"inputs\":[");
        for (at, note) in self.notes.iter().enumerate() {
            json.push_str(if at == 0 { "[" } else { ",[" });
            push_numbers(&mut json, note);
            json.push(']');
        }
        json.push_str("]}");
        json
    }
}

fn push_numbers(json: &mut String, numbers: &[u64]) {
    for (at, number) in numbers.iter().enumerate() {
        if at > 0 {
            json.push(',');
        }
        decimal::push(json, *number);
    }
}

fn digest_act(act: &Act) -> (u64, u64) {
    match act {
        Act::Mount { stored } => (
            1,
            u64::from(stored.session_id.is_some())
                + (u64::from(stored.idempotency_key.is_some()) << 1),
        ),
        Act::Start { fresh } => (2, u64::from(*fresh)),
        Act::Refresh => (3, 0),
        Act::Retry => (4, 0),
        Act::Stop { discard } => (5, u64::from(*discard)),
        Act::Unlink { confirmed } => (6, u64::from(*confirmed)),
        Act::ConfirmUnlink => (7, 0),
        Act::CancelUnlink => (8, 0),
        Act::AcceptNumber => (9, 0),
        Act::ShowOriginal => (10, 0),
    }
}

/// Lives and waits with one added, as 0 says that there is none. They are capped where the lifecycle caps them.
fn some_millis(value: Option<Millis>) -> u64 {
    some(value.map(|value| value.min(Policy::RETRY_AFTER_MAX).0))
}

/// The low three bits tell the kind of answer, the next five the status; eight to eleven are for the code's [`Verdict`], above are
/// the class of the phone number, the error's code, and whether the answer is about another session.
fn digest_outcome(outcome: &Result<Answer, Failure>, machine: &Machine) -> (u64, u64) {
    let session = |session: &Session, kind: u64| {
        let class = class_of(
            session.phone_number.as_ref(),
            machine.config.expected_phone.as_ref(),
            machine.accepted.as_ref(),
        );
        let known = machine.known.as_ref();
        let foreign = known.is_none_or(|known| known.id != session.id);
        kind + ((session.status as u64) << 3) + (class << 12) + (u64::from(foreign) << 16)
    };
    match outcome {
        Ok(Answer::Created { session: new, code }) => (session(new, 1), some_millis(code.life)),
        Ok(Answer::Code(code)) => (2, some_millis(code.life)),
        Ok(Answer::Session(read)) => (session(read, 3), 0),
        Ok(Answer::Deleted) => (4, 0),
        Ok(Answer::List(_)) => (5, 0),
        Err(failure) => (
            6 + (code_number(&failure.error) << 20),
            some_millis(failure.retry_after),
        ),
    }
}

/// Beside the numbers the kind of input: a message about another session is none.
#[inline(never)]
fn digest_message(message: &TabMessage, machine: &Machine) -> (u64, u64, u64, u64) {
    let ours = machine.lead.asked.as_ref();
    if ours.is_none_or(|id| id.as_str() != message.session) {
        return (4, 0, 0, 0);
    }
    let status = Status::parse(&message.status);
    let told = message.status == status.as_str();
    (
        10,
        u64::from(message.version == TabMessage::VERSION)
            + (u64::from(message.kind) << 1)
            + (u64::from(message.expired) << 40)
            + (u64::from(told) << 41)
            + (u64::from(message.size == 0) << 43)
            + ((status as u64) << 44),
        (u64::from(message.term) << 32) + u64::from(message.code),
        (u64::from(message.life_ms) << 32) + u64::from(message.remaining_ms),
    )
}

//! What happened, for a bug report: bounded, redacted, and enough to go through it again (`docs/diagnostics.md`).
//!
//! Everything is kept as numbers, so that nothing private can be in it. The timeline begins with a state, which is a machine that lags
//! behind: what no longer fits into the list of inputs, it takes in.

use core::fmt::Write as _;
use std::collections::VecDeque;

use super::{
    Act, Ask, Config, Input, Phase, Slot, Surroundings, TabMessage,
    archive::{CODE, PICTURE, SESSION, STATUSES, blank, class_of, phone_of},
    machine::Machine,
    policy::Policy,
};
use crate::{
    api::{Answer, CodeOffer, Failure, QrPayload},
    error::{Error, ErrorCode},
    model::{Session, SessionId, Status},
    pairing::IdempotencyKey,
    time::{Instant, Millis},
};

/// How many inputs are listed.
const LENGTH: usize = 128;

/// One input: when, its kind, three details, and the phase after it.
type Note = [u64; 6];

/// What a machine made of the latest code.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Verdict {
    /// There was none, or nothing that could be one.
    #[default]
    Bad,
    Good,
    Unverified,
}

/// The inputs so far.
#[derive(Clone)]
pub(super) struct Timeline {
    base: Machine,
    notes: VecDeque<Note>,
}

impl Timeline {
    pub(super) fn new(machine: &Machine) -> Self {
        let mut base = machine.clone();
        base.replayed = true;
        Self {
            base,
            notes: VecDeque::new(),
        }
    }

    /// Takes note of an input that `machine` is about to handle. `None` where it is beyond numbers: see [`Timeline::restart`].
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
                let ours = machine.lead.asked.as_ref();
                if ours.is_some_and(|id| id.as_str() == message.session) {
                    *kind = 10;
                    (*a, *b, *c) = digest_message(message);
                } else {
                    *kind = 4;
                }
            }
            Input::Configure(_) => return None,
        }
        Some(note)
    }

    pub(super) fn add(&mut self, mut note: Note, machine: &Machine) {
        if note[1] == 2 && note[3] & 7 >= 1 && note[3] & 7 <= 2 {
            note[3] |= (machine.codes.verdict as u64) << 8;
        }
        if note[1] == 10 && machine.lead.sound {
            note[2] |= 1 << 42;
        }
        note[5] = machine.snapshot.phase as u64;
        self.notes.push_back(note);
        if self.notes.len() > LENGTH
            && let Some(oldest) = self.notes.pop_front()
        {
            replay_note(&mut self.base, &oldest);
            self.base.outputs.clear();
        }
    }

    /// Begins anew with the state as it is.
    pub(super) fn restart(&mut self, machine: &Machine) {
        self.notes.clear();
        self.base = machine.clone();
        self.base.replayed = true;
        self.base.outputs.clear();
    }

    pub(super) fn describe(&self) -> String {
        let mut json = String::from("{\"version\":1,\"phase\":\"");
        let last = self.notes.back().map(|note| note[5] as usize);
        let phase = last.and_then(|phase| Phase::ALL.get(phase));
        json.push_str(phase.unwrap_or(&self.base.snapshot.phase).as_str());
        json.push_str("\",\"state\":[");
        let mut state = self.base.clone();
        let mut first = true;
        state.archive(&mut |value| {
            push_number(&mut json, *value, core::mem::take(&mut first));
        });
        json.push_str("],\"inputs\":[");
        for (at, note) in self.notes.iter().enumerate() {
            json.push_str(if at == 0 { "[" } else { ",[" });
            for (at, value) in note.iter().enumerate() {
                push_number(&mut json, *value, at == 0);
            }
            json.push(']');
        }
        json.push_str("]}");
        json
    }
}

fn push_number(json: &mut String, value: u64, first: bool) {
    if !first {
        json.push(',');
    }
    // Writing to a string cannot fail.
    let _ = write!(json, "{value}");
}

/// Goes through a recording again: the numbers of `state` and `inputs` in a [`diagnostics`](super::Pairing::diagnostics).
/// `visit` gets each input's time, the phase that was recorded after it, and the phase that followed this time.
///
/// The numbers may come from anywhere: a recording that is none gives phases that mean nothing.
pub fn replay(
    state: &[u64],
    inputs: &[[u64; 6]],
    mut visit: impl FnMut(Instant, Option<Phase>, Phase),
) {
    let here = Surroundings {
        visible: true,
        on_screen: true,
        online: true,
        tabs: false,
    };
    let mut machine = Machine::new(Config::default(), here, [0; 16]);
    machine.replayed = true;
    let mut numbers = state.iter();
    machine.archive(&mut |value| {
        if let Some(recorded) = numbers.next() {
            *value = *recorded;
        }
    });
    machine.describe();
    for note in inputs {
        replay_note(&mut machine, note);
        machine.outputs.clear();
        let recorded = Phase::ALL.get(note[5] as usize).copied();
        visit(Instant(note[0]), recorded, machine.snapshot.phase);
    }
}

fn replay_note(machine: &mut Machine, note: &Note) {
    if let Some(input) = recall(note, machine) {
        machine.handle(input, Instant(note[0]));
    }
}

/// The input that a note stands for, with placeholders for all that is private.
fn recall(note: &Note, machine: &Machine) -> Option<Input> {
    let [_, kind, a, b, c, _] = *note;
    Some(match kind {
        1 => Input::Act(recall_act(a, b)),
        2 => Input::Answered {
            ask: Ask(a),
            outcome: recall_outcome(b, c, machine),
        },
        3 => Input::TokenRenewed(match a {
            0 => Ok(()),
            code => Err(recall_error(code)),
        }),
        4 => Input::Timeout,
        5 => Input::Visible(a != 0),
        6 => Input::OnScreen(a != 0),
        7 => Input::Online(a != 0),
        8 => Input::Leading(a != 0),
        9 => Input::UnlinkDecided(a != 0),
        10 => Input::Heard(recall_message(a, b, c, machine)),
        _ => return None,
    })
}

fn digest_act(act: &Act) -> (u64, u64) {
    match act {
        Act::Mount { stored } => (
            1,
            u64::from(stored.session_id.is_some())
                | u64::from(stored.idempotency_key.is_some()) << 1,
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

fn recall_act(act: u64, detail: u64) -> Act {
    let flag = detail != 0;
    match act {
        1 => Act::Mount {
            stored: Slot {
                session_id: SessionId::parse(SESSION).filter(|_| detail & 1 != 0),
                idempotency_key: IdempotencyKey::parse("key").filter(|_| detail & 2 != 0),
            },
        },
        2 => Act::Start { fresh: flag },
        3 => Act::Refresh,
        4 => Act::Retry,
        5 => Act::Stop { discard: flag },
        6 => Act::Unlink { confirmed: flag },
        7 => Act::ConfirmUnlink,
        8 => Act::CancelUnlink,
        9 => Act::AcceptNumber,
        _ => Act::ShowOriginal,
    }
}

fn status_number(status: Status) -> u64 {
    let at = STATUSES.iter().position(|other| *other == status);
    at.unwrap_or_default() as u64
}

fn code_number(error: &Error) -> u64 {
    let at = ErrorCode::ALL.iter().position(|code| *code == error.code);
    at.unwrap_or_default() as u64 + 1
}

fn recall_error(number: u64) -> Error {
    let code = ErrorCode::ALL.get((number as usize).saturating_sub(1));
    Error::new(code.copied().unwrap_or(ErrorCode::Internal))
}

/// Lives and waits with one added, as 0 says that there is none. They are capped where the lifecycle caps them.
fn some_millis(value: Option<Millis>) -> u64 {
    value.map_or(0, |value| value.min(Policy::RETRY_AFTER_MAX).0 + 1)
}

fn recall_millis(value: u64) -> Option<Millis> {
    value.checked_sub(1).map(Millis)
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
        kind | status_number(session.status) << 3 | class << 12 | u64::from(foreign) << 16
    };
    match outcome {
        Ok(Answer::Created { session: new, code }) => (session(new, 1), some_millis(code.life)),
        Ok(Answer::Code(code)) => (2, some_millis(code.life)),
        Ok(Answer::Session(read)) => (session(read, 3), 0),
        Ok(Answer::Deleted) => (4, 0),
        Ok(Answer::List(_)) => (5, 0),
        Err(failure) => (
            6 | code_number(&failure.error) << 20,
            some_millis(failure.retry_after),
        ),
    }
}

fn recall_outcome(bits: u64, millis: u64, machine: &Machine) -> Result<Answer, Failure> {
    let life = recall_millis(millis);
    let status = STATUSES.get((bits >> 3 & 31) as usize);
    let class = bits >> 12 & 15;
    let expected = machine.config.expected_phone.clone();
    let phone_number = match class {
        1 if expected.is_some() => expected,
        2 if machine.accepted.is_some() => machine.accepted.clone(),
        class => phone_of(class),
    };
    let known = machine.known.as_ref().map(|known| known.id.clone());
    let foreign = bits & 7 == 3 && bits >> 16 & 1 != 0;
    let id = match (bits & 7, known) {
        (3, Some(id)) if !foreign => Some(id),
        (1, _) => SessionId::parse(SESSION),
        _ => SessionId::parse("another"),
    };
    let session = id.map(|id| Session {
        id,
        name: None,
        status: status.copied().unwrap_or(Status::Unknown),
        phone_number,
        last_seen_at: None,
        message_count: None,
        created_at: None,
    });
    let payload = match bits >> 8 & 15 {
        verdict if verdict == Verdict::Good as u64 => Some(CODE),
        verdict if verdict == Verdict::Unverified as u64 => Some(PICTURE),
        _ => None,
    };
    let code = CodeOffer {
        payload: payload.map(|text| QrPayload::new(text.into())),
        life,
    };
    match (bits & 7, session) {
        (1, Some(session)) => Ok(Answer::Created { session, code }),
        (2, _) => Ok(Answer::Code(code)),
        (3, Some(session)) => Ok(Answer::Session(session)),
        (4, _) => Ok(Answer::Deleted),
        (6, _) => Err(Failure {
            error: recall_error(bits >> 20 & 63),
            retry_after: life,
        }),
        _ => Err(Error::new(ErrorCode::InvalidResponse).into()),
    }
}

fn digest_message(message: &TabMessage) -> (u64, u64, u64) {
    let status = Status::parse(&message.status);
    let told = message.status == status.as_str();
    (
        u64::from(message.version == TabMessage::VERSION)
            | u64::from(message.kind) << 1
            | u64::from(message.expired) << 40
            | u64::from(told) << 41
            | u64::from(message.size == 0) << 43
            | status_number(status) << 44,
        u64::from(message.term) << 32 | u64::from(message.code),
        u64::from(message.life_ms) << 32 | u64::from(message.remaining_ms),
    )
}

fn recall_message(a: u64, b: u64, c: u64, machine: &Machine) -> TabMessage {
    let bit = |at: u64| a >> at & 1 != 0;
    let asked = machine.lead.asked.as_ref();
    let status = STATUSES.get((a >> 44 & 7) as usize).filter(|_| bit(41));
    let matrix = blank().filter(|_| bit(42));
    TabMessage {
        version: if bit(0) { TabMessage::VERSION } else { 0 },
        kind: (a >> 1) as u32,
        session: asked.map_or_else(String::new, |id| id.as_str().into()),
        term: (b >> 32) as u32,
        status: status.map_or("", |status| status.as_str()).into(),
        expired: bit(40),
        code: b as u32,
        size: match &matrix {
            Some(matrix) => matrix.size() as u32,
            None => u32::from(!bit(43)),
        },
        modules: matrix.map_or_else(Vec::new, |matrix| matrix.to_bytes()),
        life_ms: (c >> 32) as u32,
        remaining_ms: c as u32,
    }
}

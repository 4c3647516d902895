//! Goes through a recording again: the numbers of `archive.rs` become a state, those of `timeline.rs` inputs, with placeholders for all
//! that is private. Browsers only record, so nothing of this ships.

use std::{rc::Rc, slice::Iter};

use super::{
    Act, Ask, Drawing, IdempotencyKey, Input, Phase, ShownQr, Slot, Surroundings, TabMessage,
    Trigger, Unread,
    archive::{ERRANDS, STAGES, STATUSES, TOKENS, TRIGGERS},
    code::{CODE, Original, Reading, blank},
    machine::{Intent, Known, Machine},
    requests::{Flight, Token},
    timeline::{Note, Verdict},
    timers::Timer,
};
use crate::{
    api::{Answer, CodeOffer, Failure, QrPayload},
    error::{Error, ErrorCode},
    model::{PhoneNumber, Session, SessionId, Status},
    qr::{self, Bitmap, QrError},
    time::{Instant, Millis},
};

/// What stands for a session's id.
const SESSION: &str = "session";
/// What stands for a pairing text.
const TEXT: &str = "2@text";
/// What stands for a sound image that could not be verified: one grey pixel.
const PICTURE: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg==";
/// What stands for phone numbers: the expected one, and two that are not.
const PHONES: [&str; 3] = ["+10000001", "+10000002", "+10000003"];

/// Goes through a recording again: the numbers of `state` and `inputs` in a [`diagnostics`](super::Pairing::diagnostics).
/// `visit` gets each input's time, the phase that was recorded after it, and the phase that followed this time.
///
/// The numbers may come from anywhere: a recording that is none gives phases that mean nothing.
pub fn replay(
    state: &[u64],
    inputs: &[[u64; 6]],
    mut visit: impl FnMut(Instant, Option<Phase>, Phase),
) {
    let mut machine = Numbers(state.iter()).machine();
    for note in inputs {
        if let Some(input) = recall(note, &machine) {
            machine.handle(input, Instant(note[0]));
        }
        machine.outputs.clear();
        let recorded = Phase::ALL.get(note[5] as usize).copied();
        visit(Instant(note[0]), recorded, machine.snapshot.phase);
    }
}

/// The numbers of a state, one after the other; 0 where there are too few.
struct Numbers<'a>(Iter<'a, u64>);

impl Numbers<'_> {
    fn number(&mut self) -> u64 {
        self.0.next().copied().unwrap_or_default()
    }

    fn word(&mut self) -> u32 {
        self.number() as u32
    }

    fn bit(&mut self) -> bool {
        self.number() != 0
    }

    fn millis(&mut self) -> Millis {
        Millis(self.number())
    }

    fn instant(&mut self) -> Instant {
        Instant(self.number())
    }

    fn moment(&mut self) -> Option<Instant> {
        self.number().checked_sub(1).map(Instant)
    }

    fn choice<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let at = self.number().checked_sub(1)?;
        all.get(at as usize).copied()
    }

    fn error(&mut self) -> Option<Error> {
        self.choice(&ErrorCode::ALL).map(Error::new)
    }

    fn machine(&mut self) -> Machine {
        let here = Surroundings {
            visible: true,
            on_screen: true,
            online: true,
            tabs: false,
        };
        let mut machine = Machine::new(Rc::default(), here, [0; 16]);
        machine.replayed = true;
        self.setting(&mut machine);
        for timer in Timer::ALL {
            match self.moment() {
                Some(at) => machine.timers.set(timer, at),
                None => machine.timers.clear(timer),
            }
        }
        self.session(&mut machine);
        self.requests(&mut machine);
        self.codes(&mut machine);
        machine.snapshot.unlink = self.choice(&STAGES);
        machine.unlink.back = self.choice(&Phase::ALL).unwrap_or(Phase::Idle);
        machine.unlink.deciding = self.bit();
        machine.unlink.discard = self.bit();
        machine.unlink.failed = self.bit();
        machine.lead.held = self.bit();
        machine.lead.term = self.word();
        let (term, code) = (self.word(), self.word());
        machine.lead.followed = (code != 0).then_some((term, code));
        machine.lead.hinted = self.instant();
        machine.lead.puzzled = self.instant();
        machine.codes.asked = self.instant();
        machine.slept = (self.instant(), self.millis());
        machine.describe();
        machine
    }

    fn setting(&mut self, machine: &mut Machine) {
        let config = Rc::make_mut(&mut machine.config);
        config.trigger = self.choice(&TRIGGERS).unwrap_or(Trigger::Manual);
        config.allow_unlink = self.bit();
        config.persist = self.bit();
        config.expected_phone = if self.bit() { phone_of(1) } else { None };
        let policy = &mut config.policy;
        policy.poll_interval = self.millis();
        policy.poll_slower = self.millis();
        policy.poll_slowest = self.millis();
        policy.watch_interval = self.millis();
        policy.refresh_lead = self.millis();
        policy.max_refreshes = self.word();
        machine.around = Surroundings {
            visible: self.bit(),
            on_screen: self.bit(),
            online: self.bit(),
            tabs: self.bit(),
        };
        machine.random.jitter = self.number();
    }

    fn session(&mut self, machine: &mut Machine) {
        machine.clock = self.instant();
        machine.mounted = self.bit();
        machine.armed = self.bit();
        machine.replaced = self.bit();
        let owned = self.choice(&[false, true]);
        let known = owned.zip(SessionId::parse(SESSION));
        machine.known = known.map(|(owned, id)| Known { id, owned });
        let status = self.choice(&STATUSES);
        machine.accepted = phone_of(self.number());
        let phone_number = phone_of(self.number());
        let session = status.zip(SessionId::parse(SESSION));
        machine.snapshot.session = session.map(|(status, id)| Session {
            phone_number,
            ..bare(id, status)
        });
        machine.linked_before = self.choice(&[false, true]);
        let unknown = self.choice(&[false, true]);
        let repeated = self.bit();
        let intent = unknown.zip(IdempotencyKey::parse("key"));
        machine.intent = intent.map(|(unknown, key)| Intent {
            key,
            name: String::new(),
            webhook_url: None,
            unknown,
            repeated,
        });
        let asked = self.bit();
        machine.lead.asked = SessionId::parse(SESSION).filter(|_| asked);
    }

    fn requests(&mut self, machine: &mut Machine) {
        machine.errand = self.choice(&ERRANDS);
        let errand = self.choice(&ERRANDS);
        let (ask, since) = (Ask(self.number()), self.instant());
        machine.flight = errand.map(|errand| Flight { ask, errand, since });
        machine.last_ask = self.number();
        machine.token = self.choice(&TOKENS).unwrap_or(Token::Untried);
        let pace = &mut machine.pace;
        pace.wait_since = self.instant();
        pace.failures = self.word();
        pace.slow_down = self.millis();
        pace.fence = self.instant();
        pace.reads = self.word();
        pace.read_at = self.instant();
        machine.refused = self.error();
        machine.snapshot.error = self.error();
    }

    fn codes(&mut self, machine: &mut Machine) {
        machine.snapshot.phase = self.choice(&Phase::ALL).unwrap_or(Phase::Idle);
        let codes = &mut machine.codes;
        codes.generation = self.word();
        codes.attempt = self.word();
        codes.refreshes = self.word();
        codes.by_timer = self.bit();
        codes.bad = self.word();
        let times = self.moment().zip(self.moment());
        codes.original = times
            .zip(picture())
            .map(|((since, deadline), bitmap)| Original {
                bitmap,
                since,
                deadline,
            });
        let (ask, pictured) = (Ask(self.number()), self.bit());
        let times = self.moment().zip(self.moment());
        codes.reading = times.map(|(since, deadline)| Reading {
            ask,
            bitmap: picture().filter(|_| pictured),
            since,
            deadline,
        });
        let times = self.moment().zip(self.moment());
        let generation = codes.generation;
        let shown = times.zip(blank());
        machine.snapshot.qr = shown.map(|((since, deadline), matrix)| ShownQr {
            drawing: Drawing::Verified(Rc::new(matrix)),
            generation,
            since,
            deadline,
        });
    }
}

fn bare(id: SessionId, status: Status) -> Session {
    Session {
        id,
        name: None,
        status,
        phone_number: None,
        last_seen_at: None,
        message_count: None,
        created_at: None,
    }
}

/// What stands for a number of that class.
fn phone_of(class: u64) -> Option<PhoneNumber> {
    PhoneNumber::parse(PHONES.get((class as usize).checked_sub(1)?)?)
}

fn picture() -> Option<Rc<Bitmap>> {
    match qr::read(PICTURE) {
        Err(QrError::Unverified(bitmap)) => Some(Rc::from(bitmap)),
        _ => None,
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
        11 => Input::Read {
            ask: Ask(a),
            outcome: match b {
                2 => Err(Unread::Unavailable),
                b => blank().filter(|_| b == 1).ok_or(Unread::Declined),
            },
        },
        _ => return None,
    })
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

fn recall_error(number: u64) -> Error {
    let code = ErrorCode::ALL.get((number as usize).saturating_sub(1));
    Error::new(code.copied().unwrap_or(ErrorCode::Internal))
}

fn recall_millis(value: u64) -> Option<Millis> {
    value.checked_sub(1).map(Millis)
}

fn recall_outcome(bits: u64, millis: u64, machine: &Machine) -> Result<Answer, Failure> {
    let life = recall_millis(millis);
    let status = STATUSES.get((bits >> 3 & 31) as usize);
    let class = bits >> 12 & 15;
    let expected = machine.config.expected_phone.as_ref();
    let accepted = machine.accepted.as_ref();
    let phone_number = match class {
        1 => expected.cloned(),
        2 => accepted.cloned(),
        // Any other: none of those that stand for these two by now.
        3 => (1..=3)
            .rev()
            .filter_map(phone_of)
            .find(|other| Some(other) != expected && Some(other) != accepted),
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
        phone_number,
        ..bare(id, status.copied().unwrap_or(Status::Unknown))
    });
    let payload = match bits >> 8 & 15 {
        verdict if verdict == Verdict::Good as u64 => Some(CODE),
        verdict if verdict == Verdict::Unverified as u64 => Some(PICTURE),
        verdict if verdict == Verdict::Text as u64 => Some(TEXT),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pairing::timeline::Timeline;

    fn back_and_forth(number: u64) -> Vec<u64> {
        Numbers([number; 200].iter()).machine().archive()
    }

    /// Each number is read into the place it was written from.
    #[test]
    fn a_state_is_written_as_it_was_read() {
        let ones = back_and_forth(1);
        assert_eq!(ones, vec![1; ones.len()]);
        // What has no more than two or three values says less of a larger number.
        let (twos, many) = (back_and_forth(2), back_and_forth(99));
        for (at, (two, more)) in twos.iter().zip(&many).enumerate() {
            assert!(*two == 2 || *more < 2, "{at}: {two}, {more}");
        }
        let plain = many.iter().filter(|number| **number == 99).count();
        assert!(plain >= 30, "{plain}");
    }

    #[test]
    fn a_message_says_the_same_again() {
        let mut machine = Numbers([].iter()).machine();
        machine.lead.asked = SessionId::parse(SESSION);
        for number in 0..1024u32 {
            let bit = |at: u32| number >> at & 1 != 0;
            let matrix = blank().filter(|_| bit(2));
            let message = TabMessage {
                version: if bit(0) { TabMessage::VERSION } else { 0 },
                kind: 1 + number % 3,
                session: SESSION.into(),
                term: number * 7,
                status: ["pending", "connected", "failed", ""][(number >> 3) as usize % 4].into(),
                expired: bit(1),
                code: number % 5,
                size: match &matrix {
                    Some(matrix) => matrix.size() as u32,
                    None => u32::from(bit(5)),
                },
                modules: matrix.map_or_else(Vec::new, |matrix| matrix.to_bytes()),
                life_ms: number * 11,
                remaining_ms: number * 5,
            };
            // Whether there is a code in it shows only once the machine has looked.
            machine.lead.sound = bit(2);
            let note = Timeline::digest(&Input::Heard(message.clone()), &machine, Instant(0));
            let mut timeline = Timeline::new(&machine);
            timeline.add(note.unwrap_or_default(), &machine);
            let again = timeline
                .inputs()
                .first()
                .and_then(|note| recall(note, &machine));
            assert!(
                matches!(again, Some(Input::Heard(again)) if again == message),
                "{number}"
            );
        }
    }

    #[test]
    fn numbers_that_are_missing_are_nothing() {
        let machine = Numbers([].iter()).machine();
        assert_eq!(machine.snapshot.phase, Phase::Idle);
        assert!(machine.lead.followed.is_none() && machine.known.is_none());
        assert!(machine.snapshot.session.is_none() && machine.snapshot.qr.is_none());
    }
}

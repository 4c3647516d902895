//! The whole state as numbers, for the diagnostics: what is private has no number.

use std::rc::Rc;

use super::{
    Ask, Drawing, IdempotencyKey, Phase, ShownQr, Trigger, UnlinkStage,
    code::Original,
    machine::{Intent, Known, Machine},
    requests::{Errand, Flight, Token},
    timers::Timer,
};
use crate::{
    error::{Error, ErrorCode},
    model::{PhoneNumber, Session, SessionId, Status},
    qr::{self, Bitmap, Matrix, QrError},
    time::{Instant, Millis},
};

/// What stands for a session's id in a replay.
pub(super) const SESSION: &str = "session";
/// What stands for a code that could be drawn.
pub(super) const CODE: &str = "2@replayed";
/// What stands for a sound image that could not be verified: one grey pixel.
pub(super) const PICTURE: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg==";
/// What stands for phone numbers: the expected one, and two that are not.
const PHONES: [&str; 3] = ["+10000001", "+10000002", "+10000003"];

pub(super) const STATUSES: [Status; 5] = [
    Status::Pending,
    Status::Connected,
    Status::Disconnected,
    Status::Failed,
    Status::Unknown,
];

/// Called for each number of a state in turn. It may leave it (writing) or replace it (restoring).
type Visit<'a> = &'a mut dyn FnMut(&mut u64);

fn number(visit: Visit<'_>, value: u64) -> u64 {
    let mut value = value;
    visit(&mut value);
    value
}

fn bit(visit: Visit<'_>, value: &mut bool) {
    *value = number(visit, u64::from(*value)) != 0;
}

fn word(visit: Visit<'_>, value: &mut u32) {
    *value = number(visit, u64::from(*value)) as u32;
}

/// A choice among `all`, or none.
fn choice<T: Copy + PartialEq>(visit: Visit<'_>, all: &[T], value: Option<T>) -> Option<T> {
    let at = value.and_then(|value| all.iter().position(|other| *other == value));
    let at = number(visit, at.map_or(0, |at| at as u64 + 1));
    all.get((at as usize).checked_sub(1)?).copied()
}

/// A time, or none.
fn moment(visit: Visit<'_>, value: Option<Instant>) -> Option<Instant> {
    let at = number(visit, value.map_or(0, |at| at.0.saturating_add(1)));
    at.checked_sub(1).map(Instant)
}

fn error(visit: Visit<'_>, value: &mut Option<Error>) {
    let code = choice(
        visit,
        &ErrorCode::ALL,
        value.as_ref().map(|error| error.code),
    );
    if value.as_ref().map(|error| error.code) != code {
        *value = code.map(Error::new);
    }
}

const ERRANDS: [Errand; 5] = [
    Errand::Create,
    Errand::Read { fresh: false },
    Errand::Read { fresh: true },
    Errand::Qr,
    Errand::Delete,
];

/// Which of [`PHONES`] stands for a number.
fn phone(
    visit: Visit<'_>,
    value: &mut Option<PhoneNumber>,
    expected: Option<&PhoneNumber>,
    accepted: Option<&PhoneNumber>,
) {
    let class = class_of(value.as_ref(), expected, accepted);
    let class = number(visit, class);
    if class != class_of(value.as_ref(), expected, accepted) {
        *value = phone_of(class);
    }
}

/// 0: no number; 1: the expected one; 2: the one that was accepted; 3: any other.
pub(super) fn class_of(
    value: Option<&PhoneNumber>,
    expected: Option<&PhoneNumber>,
    accepted: Option<&PhoneNumber>,
) -> u64 {
    match value {
        None => 0,
        value if value == expected => 1,
        value if value == accepted => 2,
        Some(_) => 3,
    }
}

/// What stands for a number of that class.
pub(super) fn phone_of(class: u64) -> Option<PhoneNumber> {
    PhoneNumber::parse(PHONES.get((class as usize).checked_sub(1)?)?)
}

/// A code without modules: a replay draws nothing.
pub(super) fn blank() -> Option<Matrix> {
    Matrix::from_bytes(21, &[0; (21usize * 21).div_ceil(8)])
}

fn picture() -> Option<Rc<Bitmap>> {
    match qr::read(PICTURE) {
        Err(QrError::Unverified(bitmap)) => Some(Rc::from(bitmap)),
        _ => None,
    }
}

impl Machine {
    /// Visits every number of the state, always the same ones in the same order.
    pub(super) fn archive(&mut self, visit: Visit<'_>) {
        self.archive_config(visit);
        bit(visit, &mut self.around.visible);
        bit(visit, &mut self.around.on_screen);
        bit(visit, &mut self.around.online);
        bit(visit, &mut self.around.tabs);
        self.random.jitter = number(visit, self.random.jitter);
        for timer in Timer::ALL {
            match moment(visit, self.timers.get(timer)) {
                Some(at) => self.timers.set(timer, at),
                None => self.timers.clear(timer),
            }
        }
        self.clock = Instant(number(visit, self.clock.0));
        bit(visit, &mut self.mounted);
        bit(visit, &mut self.armed);
        bit(visit, &mut self.replaced);
        self.archive_session(visit);
        self.archive_requests(visit);
        self.archive_codes(visit);
        let stages = [UnlinkStage::Confirming, UnlinkStage::Deleting];
        self.snapshot.unlink = choice(visit, &stages, self.snapshot.unlink);
        let back = choice(visit, &Phase::ALL, Some(self.unlink.back));
        self.unlink.back = back.unwrap_or(Phase::Idle);
        bit(visit, &mut self.unlink.deciding);
        bit(visit, &mut self.unlink.discard);
        bit(visit, &mut self.unlink.failed);
        bit(visit, &mut self.lead.held);
        word(visit, &mut self.lead.term);
        let (mut term, mut code) = self.lead.followed.unwrap_or_default();
        word(visit, &mut term);
        word(visit, &mut code);
        self.lead.followed = (code != 0).then_some((term, code));
        self.lead.hinted = Instant(number(visit, self.lead.hinted.0));
        self.lead.puzzled = Instant(number(visit, self.lead.puzzled.0));
    }

    fn archive_config(&mut self, visit: Visit<'_>) {
        let config = &mut self.config;
        let triggers = [Trigger::Visible, Trigger::Load, Trigger::Manual];
        let trigger = choice(visit, &triggers, Some(config.trigger));
        config.trigger = trigger.unwrap_or(Trigger::Manual);
        bit(visit, &mut config.allow_unlink);
        bit(visit, &mut config.persist);
        let mut expects = config.expected_phone.is_some();
        bit(visit, &mut expects);
        if expects != config.expected_phone.is_some() {
            config.expected_phone = phone_of(1);
        }
        let policy = &mut config.policy;
        for wait in [
            &mut policy.poll_interval,
            &mut policy.poll_slower,
            &mut policy.poll_slowest,
            &mut policy.watch_interval,
            &mut policy.refresh_lead,
        ] {
            *wait = Millis(number(visit, wait.0));
        }
        word(visit, &mut policy.max_refreshes);
    }

    fn archive_session(&mut self, visit: Visit<'_>) {
        let owned = self.known.as_ref().map(|known| known.owned);
        let owned_now = choice(visit, &[false, true], owned);
        if owned_now != owned {
            let id = SessionId::parse(SESSION);
            self.known = owned_now.zip(id).map(|(owned, id)| Known { id, owned });
        }
        let status = self.status();
        let status_now = choice(visit, &STATUSES, status);
        if status_now != status {
            let session = SessionId::parse(SESSION).zip(status_now);
            self.snapshot.session = session.map(|(id, status)| Session {
                id,
                name: None,
                status,
                phone_number: None,
                last_seen_at: None,
                message_count: None,
                created_at: None,
            });
        }
        let expected = self.config.expected_phone.clone();
        let accepted = self.accepted.clone();
        phone(
            visit,
            &mut self.accepted,
            expected.as_ref(),
            accepted.as_ref(),
        );
        let mut linked = self
            .snapshot
            .session
            .as_ref()
            .and_then(|session| session.phone_number.clone());
        phone(
            visit,
            &mut linked,
            expected.as_ref(),
            self.accepted.as_ref(),
        );
        if let Some(session) = &mut self.snapshot.session {
            session.phone_number = linked;
        }
        self.linked_before = choice(visit, &[false, true], self.linked_before);
        let unknown = self.intent.as_ref().map(|intent| intent.unknown);
        let unknown_now = choice(visit, &[false, true], unknown);
        if unknown_now != unknown {
            let key = IdempotencyKey::parse("key");
            self.intent = unknown_now.zip(key).map(|(unknown, key)| Intent {
                key,
                name: String::new(),
                webhook_url: None,
                unknown,
                repeated: false,
            });
        }
        if let Some(intent) = &mut self.intent {
            bit(visit, &mut intent.repeated);
        } else {
            number(visit, 0);
        }
        let mut asked = self.lead.asked.is_some();
        bit(visit, &mut asked);
        if asked != self.lead.asked.is_some() {
            self.lead.asked = SessionId::parse(SESSION).filter(|_| asked);
        }
    }

    fn archive_requests(&mut self, visit: Visit<'_>) {
        self.errand = choice(visit, &ERRANDS, self.errand);
        let errand = choice(visit, &ERRANDS, self.flight.map(|flight| flight.errand));
        let flight = self.flight.map(|flight| (flight.ask.0, flight.since.0));
        let (ask, since) = flight.unwrap_or_default();
        let (ask, since) = (number(visit, ask), number(visit, since));
        self.flight = errand.map(|errand| Flight {
            ask: Ask(ask),
            errand,
            since: Instant(since),
        });
        self.last_ask = number(visit, self.last_ask);
        let tokens = [Token::Untried, Token::Renewing, Token::Renewed];
        self.token = choice(visit, &tokens, Some(self.token)).unwrap_or(Token::Untried);
        let pace = &mut self.pace;
        pace.wait_since = Instant(number(visit, pace.wait_since.0));
        word(visit, &mut pace.failures);
        pace.slow_down = Millis(number(visit, pace.slow_down.0));
        pace.fence = Instant(number(visit, pace.fence.0));
        word(visit, &mut pace.reads);
        pace.read_at = Instant(number(visit, pace.read_at.0));
        error(visit, &mut self.refused);
        error(visit, &mut self.snapshot.error);
    }

    fn archive_codes(&mut self, visit: Visit<'_>) {
        let phase = choice(visit, &Phase::ALL, Some(self.snapshot.phase));
        self.snapshot.phase = phase.unwrap_or(Phase::Idle);
        let codes = &mut self.codes;
        word(visit, &mut codes.generation);
        word(visit, &mut codes.attempt);
        word(visit, &mut codes.refreshes);
        bit(visit, &mut codes.by_timer);
        word(visit, &mut codes.bad);
        let kept = codes.original.as_ref();
        let since = moment(visit, kept.map(|kept| kept.since));
        let deadline = moment(visit, kept.map(|kept| kept.deadline));
        if since.is_some() != codes.original.is_some() {
            let times = since.zip(deadline);
            let restored = times.zip(picture());
            codes.original = restored.map(|((since, deadline), bitmap)| Original {
                bitmap,
                since,
                deadline,
            });
        }
        let shown = self.snapshot.qr.as_ref();
        let since = moment(visit, shown.map(|shown| shown.since));
        let deadline = moment(visit, shown.map(|shown| shown.deadline));
        if since.is_some() != self.snapshot.qr.is_some() {
            let matrix = blank();
            let generation = self.codes.generation;
            let restored = since.zip(deadline).zip(matrix);
            self.snapshot.qr = restored.map(|((since, deadline), matrix)| ShownQr {
                drawing: Drawing::Verified(Rc::new(matrix)),
                generation,
                since,
                deadline,
            });
        }
    }
}

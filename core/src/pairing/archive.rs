//! The whole state as numbers, for the diagnostics: what is private has no number.
//!
//! `replay.rs` reads them back, in the same order; it is apart from this since what ships to browsers only writes.

use super::{
    Trigger, UnlinkStage,
    machine::Machine,
    requests::{Errand, Token},
    timers::Timer,
};
use crate::{
    error::Error,
    model::{PhoneNumber, Status},
    time::Instant,
};

// A choice is written as its place in one of these lists (and in `Phase::ALL`, `ErrorCode::ALL`), one added, 0 for none.
pub(super) const TRIGGERS: [Trigger; 3] = [Trigger::Visible, Trigger::Load, Trigger::Manual];
pub(super) const TOKENS: [Token; 5] = [
    Token::Untried,
    Token::Renewing,
    Token::Renewed,
    Token::RenewingForCode,
    Token::RenewedForCode,
];
pub(super) const STAGES: [UnlinkStage; 2] = [UnlinkStage::Confirming, UnlinkStage::Deleting];
pub(super) const STATUSES: [Status; 5] = [
    Status::Pending,
    Status::Connected,
    Status::Disconnected,
    Status::Failed,
    Status::Unknown,
];
pub(super) const ERRANDS: [Errand; 5] = [
    Errand::Create,
    Errand::Read { fresh: false },
    Errand::Read { fresh: true },
    Errand::Qr,
    Errand::Delete,
];

/// A number that may be missing: one added, 0 for none.
pub(super) fn some(value: Option<u64>) -> u64 {
    value.map_or(0, |value| value.saturating_add(1))
}

fn moment(value: Option<Instant>) -> u64 {
    some(value.map(|at| at.0))
}

fn flag(value: Option<bool>) -> u64 {
    some(value.map(u64::from))
}

pub(super) fn code_number(error: &Error) -> u64 {
    error.code as u64 + 1
}

fn errand_number(errand: Errand) -> u64 {
    match errand {
        Errand::Create => 1,
        Errand::Read { fresh } => 2 + u64::from(fresh),
        Errand::Qr => 4,
        Errand::Delete => 5,
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

impl Machine {
    /// Every number of the state, always the same ones in the same order.
    pub(super) fn archive(&self) -> Vec<u64> {
        let mut out = Vec::with_capacity(80);
        self.archive_setting(&mut out);
        out.extend(Timer::ALL.map(|timer| moment(self.timers.get(timer))));
        self.archive_session(&mut out);
        self.archive_requests(&mut out);
        self.archive_codes(&mut out);
        let (followed_term, followed_code) = self.lead.followed.unwrap_or_default();
        out.extend_from_slice(&[
            some(self.snapshot.unlink.map(|stage| stage as u64)),
            some(Some(self.unlink.back as u64)),
            self.unlink.deciding.into(),
            self.unlink.discard.into(),
            self.unlink.failed.into(),
            self.lead.held.into(),
            self.lead.term.into(),
            followed_term.into(),
            followed_code.into(),
            self.lead.hinted.0,
            self.lead.puzzled.0,
            self.codes.asked.0,
            self.slept.0.0,
            self.slept.1.0,
        ]);
        out
    }

    fn archive_setting(&self, out: &mut Vec<u64>) {
        let config = &self.config;
        let policy = &config.policy;
        out.extend_from_slice(&[
            some(Some(config.trigger as u64)),
            config.allow_unlink.into(),
            config.persist.into(),
            config.expected_phone.is_some().into(),
            policy.poll_interval.0,
            policy.poll_slower.0,
            policy.poll_slowest.0,
            policy.watch_interval.0,
            policy.refresh_lead.0,
            policy.max_refreshes.into(),
            self.around.visible.into(),
            self.around.on_screen.into(),
            self.around.online.into(),
            self.around.tabs.into(),
            self.random.jitter,
        ]);
    }

    fn archive_session(&self, out: &mut Vec<u64>) {
        let session = self.snapshot.session.as_ref();
        let linked = session.and_then(|session| session.phone_number.as_ref());
        let expected = self.config.expected_phone.as_ref();
        let accepted = self.accepted.as_ref();
        let intent = self.intent.as_ref();
        out.extend_from_slice(&[
            self.clock.0,
            self.mounted.into(),
            self.armed.into(),
            self.replaced.into(),
            flag(self.known.as_ref().map(|known| known.owned)),
            some(self.status().map(|status| status as u64)),
            class_of(accepted, expected, accepted),
            class_of(linked, expected, accepted),
            flag(self.linked_before),
            flag(intent.map(|intent| intent.unknown)),
            intent.is_some_and(|intent| intent.repeated).into(),
            self.lead.asked.is_some().into(),
        ]);
    }

    fn archive_requests(&self, out: &mut Vec<u64>) {
        let flight = self.flight;
        let pace = &self.pace;
        out.extend_from_slice(&[
            self.errand.map_or(0, errand_number),
            flight.map_or(0, |flight| errand_number(flight.errand)),
            flight.map_or(0, |flight| flight.ask.0),
            flight.map_or(0, |flight| flight.since.0),
            self.last_ask,
            some(Some(self.token as u64)),
            pace.wait_since.0,
            pace.failures.into(),
            pace.slow_down.0,
            pace.fence.0,
            pace.reads.into(),
            pace.read_at.0,
            self.refused.as_ref().map_or(0, code_number),
            self.snapshot.error.as_ref().map_or(0, code_number),
        ]);
    }

    fn archive_codes(&self, out: &mut Vec<u64>) {
        let codes = &self.codes;
        let kept = codes.original.as_ref();
        let read = codes.reading.as_ref();
        let shown = self.snapshot.qr.as_ref();
        out.extend_from_slice(&[
            some(Some(self.snapshot.phase as u64)),
            codes.generation.into(),
            codes.attempt.into(),
            codes.refreshes.into(),
            codes.by_timer.into(),
            codes.bad.into(),
            moment(kept.map(|kept| kept.since)),
            moment(kept.map(|kept| kept.deadline)),
            read.map_or(0, |reading| reading.ask.0),
            read.is_some_and(|reading| reading.bitmap.is_some()).into(),
            moment(read.map(|reading| reading.since)),
            moment(read.map(|reading| reading.deadline)),
            moment(shown.map(|shown| shown.since)),
            moment(shown.map(|shown| shown.deadline)),
        ]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::ErrorCode, pairing::Phase};

    #[test]
    fn a_choice_is_numbered_by_its_place_in_its_list() {
        let places = |numbers: &[u64]| {
            for (at, number) in numbers.iter().enumerate() {
                assert_eq!(at as u64, *number);
            }
        };
        places(&TRIGGERS.map(|one| one as u64));
        places(&TOKENS.map(|one| one as u64));
        places(&STAGES.map(|one| one as u64));
        places(&STATUSES.map(|one| one as u64));
        places(&ERRANDS.map(|one| errand_number(one) - 1));
        places(&Phase::ALL.map(|one| one as u64));
        places(&ErrorCode::ALL.map(|one| one as u64));
    }
}

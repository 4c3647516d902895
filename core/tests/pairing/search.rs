//! Every way of at most eight inputs through the lifecycle, with states that look alike taken for one.

use std::collections::HashSet;

use super::support::*;
use sendapi_pairing_core::{
    api::{Answer, Call, Failure},
    error::{Error, ErrorCode},
    model::Status,
    pairing::{
        Act, Ask, Config, Event, Input, Output, Pairing, Phase, Policy, Slot, Surroundings, Unread,
    },
    qr,
    time::{Instant, Millis},
};

const DEPTH: usize = 8;

#[derive(Clone)]
struct State {
    pairing: Pairing,
    now: u64,
    open: Option<(Ask, Call)>,
    /// The latest second reading that was asked for.
    reading: Option<Ask>,
    renewing: bool,
    deciding: bool,
    around: Surroundings,
}

impl State {
    fn feed(&self, input: Input) -> Self {
        let mut next = self.clone();
        match &input {
            Input::Visible(on) => next.around.visible = *on,
            Input::Online(on) => next.around.online = *on,
            Input::TokenRenewed(_) => next.renewing = false,
            Input::UnlinkDecided(_) => next.deciding = false,
            Input::Answered { .. } => next.open = None,
            Input::Read { .. } => next.reading = None,
            Input::Timeout => {
                let due = next.pairing.next_timeout().unwrap_or_default();
                next.now = next.now.max(due.0);
            }
            _ => {}
        }
        next.pairing.handle(input, Instant(next.now));
        while let Some(output) = next.pairing.poll_output() {
            match output {
                Output::Send { ask, call } => {
                    assert_eq!(next.open, None, "two requests at once");
                    next.open = Some((ask, call));
                }
                Output::Abort { ask, .. } => {
                    next.open = next.open.take().filter(|(open, _)| *open != ask)
                }
                Output::Read { ask, .. } => next.reading = Some(ask),
                Output::RenewToken => next.renewing = true,
                Output::Event(Event::BeforeUnlink { .. }) => next.deciding = true,
                _ => {}
            }
        }
        next
    }

    /// What is told apart.
    fn key(&self) -> impl Eq + std::hash::Hash + use<> {
        let snapshot = self.pairing.snapshot();
        let offers = snapshot.offers;
        let call = self.open.as_ref().map(|(_, call)| match call {
            Call::Create { .. } => 0,
            Call::Get { fresh, .. } => 1 + u8::from(*fresh),
            Call::Qr { .. } => 3,
            Call::Delete { .. } => 4,
            Call::List { .. } => 5,
        });
        let due = self.pairing.next_timeout();
        (
            (
                snapshot.phase,
                call,
                self.renewing,
                due.map(|at| at.0 > self.now),
            ),
            (
                snapshot.error.as_ref().map(|error| error.code),
                snapshot.qr.is_some(),
            ),
            (
                snapshot.unlink.map(|stage| stage as u8),
                self.deciding,
                snapshot.retry_at.is_some(),
                snapshot.original_available,
                self.reading.is_some(),
            ),
            (
                offers.start,
                offers.refresh,
                offers.retry,
                offers.unlink,
                offers.accept,
            ),
            (self.around.visible, self.around.online),
            snapshot.session.as_ref().map(|session| session.status),
        )
    }

    fn inputs(&self) -> Vec<Input> {
        let mut inputs = vec![
            Input::Timeout,
            Input::Visible(!self.around.visible),
            Input::Online(!self.around.online),
            Input::Leading(true),
            Input::Leading(false),
            Input::UnlinkDecided(true),
            Input::UnlinkDecided(false),
            Input::TokenRenewed(Ok(())),
            Input::TokenRenewed(Err(Error::new(ErrorCode::Unauthorized))),
        ];
        let acts = [
            Act::Mount {
                stored: Slot::default(),
            },
            Act::Start { fresh: false },
            Act::Start { fresh: true },
            Act::Refresh,
            Act::Retry,
            Act::Stop { discard: false },
            Act::Stop { discard: true },
            Act::Unlink { confirmed: false },
            Act::Unlink { confirmed: true },
            Act::ConfirmUnlink,
            Act::CancelUnlink,
            Act::AcceptNumber,
            Act::ShowOriginal,
        ];
        inputs.extend(acts.map(Input::Act));
        if let Some(ask) = self.reading {
            let code = qr::read(&picture_of("2@x")).map_err(|_| Unread::Declined);
            let outcomes = [code, Err(Unread::Declined), Err(Unread::Unavailable)];
            inputs.extend(outcomes.map(|outcome| Input::Read { ask, outcome }));
        }
        let Some((ask, call)) = &self.open else {
            return inputs;
        };
        let mut answers = match call {
            Call::Create { .. } => vec![
                created("s1", "2@x"),
                created("s1", "no code"),
                created("s1", TEXT),
            ],
            Call::Get { .. } => [
                Status::Pending,
                Status::Connected,
                Status::Disconnected,
                Status::Failed,
                Status::Unknown,
            ]
            .map(|status| read("s1", status))
            .to_vec(),
            Call::Qr { .. } => vec![
                code("2@x"),
                code(PICTURE),
                code(TEXT),
                Answer::Code(offer("2@x", 0)),
            ],
            Call::Delete { .. } | Call::List { .. } => vec![],
        };
        answers.push(Answer::Deleted);
        let refusals = [
            ErrorCode::Unauthorized,
            ErrorCode::Forbidden,
            ErrorCode::QuotaExceeded,
            ErrorCode::NotFound,
            ErrorCode::Conflict,
            ErrorCode::RateLimited,
            ErrorCode::ServerError,
            ErrorCode::InvalidResponse,
        ];
        let refusals = refusals.map(|code| Err(Failure::from(Error::new(code))));
        let outcomes = answers.into_iter().map(Ok).chain(refusals);
        inputs.extend(outcomes.map(|outcome| Input::Answered { ask: *ask, outcome }));
        inputs
    }

    /// Nobody is ever left without a clock that runs, a request under way, or something to press.
    fn check(&self) {
        let snapshot = self.pairing.snapshot();
        let offers = snapshot.offers;
        let offered =
            offers.start || offers.refresh || offers.retry || offers.unlink || offers.accept;
        let asking = snapshot.phase == Phase::Unlinking;
        let moves = self.open.is_some() || self.pairing.next_timeout().is_some();
        let away = !self.around.visible || !self.around.online;
        let resting = matches!(snapshot.phase, Phase::Connected);
        assert!(
            offered || asking || moves || away || self.renewing || resting,
            "stuck in {:?}",
            snapshot.phase
        );
        if !self.around.visible {
            assert!(self.open.is_none() && self.pairing.next_timeout().is_none());
            assert!(snapshot.qr.is_none());
        }
        if matches!(
            snapshot.phase,
            Phase::Idle | Phase::Failed | Phase::Unlinked | Phase::Error
        ) {
            assert!(!moves, "work in {:?}", snapshot.phase);
            assert!(offered, "nothing to press in {:?}", snapshot.phase);
        }
        assert_eq!(snapshot.qr.is_some(), snapshot.phase == Phase::AwaitingScan);
        assert_eq!(
            snapshot.unlink.is_some(),
            snapshot.phase == Phase::Unlinking
        );
    }
}

#[test]
fn no_way_of_eight_inputs_ends_where_nothing_goes_on() {
    let mut phases = HashSet::new();
    let patient = Policy {
        poll_interval: Millis::from_secs(200),
        max_refreshes: 0,
        ..Policy::default()
    };
    for (tabs, policy) in [
        (false, Policy::default()),
        (true, Policy::default()),
        (false, patient),
    ] {
        let config = Config {
            policy,
            allow_unlink: true,
            expected_phone: Some(phone("+447700900009")),
            ..Config::default()
        };
        let around = Surroundings { tabs, ..HERE };
        let first = State {
            pairing: Pairing::new(config, around, [1; 16]),
            now: 1000,
            open: None,
            reading: None,
            renewing: false,
            deciding: false,
            around,
        };
        let mut seen = HashSet::new();
        let mut edge = vec![first];
        for _ in 0..DEPTH {
            let mut next = Vec::new();
            for state in &edge {
                for input in state.inputs() {
                    let reached = state.feed(input);
                    reached.check();
                    phases.insert(reached.pairing.snapshot().phase);
                    if seen.insert(reached.key()) {
                        next.push(reached);
                    }
                }
            }
            edge = next;
        }
        assert!(seen.len() > 300, "{}", seen.len());
    }
    assert_eq!(phases.len(), Phase::ALL.len(), "{phases:?}");
}

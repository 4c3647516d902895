//! What each phase offers, and that whatever it does not offer changes nothing.

use super::support::*;
use sendapi_pairing_core::{
    api::Answer,
    error::ErrorCode,
    model::Status,
    pairing::{Act, Config, Input, Offers, Phase, Slot, Trigger},
};

const NONE: Offers = Offers {
    start: false,
    refresh: false,
    retry: false,
    unlink: false,
    accept: false,
};

fn linked(status: Status, allow_unlink: bool) -> Bench {
    let mut bench = Bench::awaiting_with(Config {
        allow_unlink,
        ..Config::default()
    });
    bench.run_timeout();
    bench.answer(Ok(read("s1", status)));
    bench
}

fn mismatched() -> Bench {
    Bench::connected_with(Config {
        expected_phone: Some(phone("+447700900009")),
        ..Config::default()
    })
}

fn refused(code: ErrorCode) -> Bench {
    let mut bench = Bench::creating();
    bench.refuse(code);
    bench
}

fn idle() -> Bench {
    let mut bench = Bench::new(manual(), HERE);
    bench.mount(Slot::default());
    bench
}

fn checking() -> Bench {
    let mut bench = Bench::new(Config::default(), HERE);
    bench.mount(stored("s1"));
    bench
}

fn refreshing() -> Bench {
    let mut bench = Bench::awaiting();
    bench.act(Act::Refresh);
    bench.answer(Ok(read("s1", Status::Pending)));
    bench
}

fn expired() -> Bench {
    let mut bench = refreshing();
    for _ in 0..4 {
        bench.answer(Ok(code("no code")));
        if bench.phase() == Phase::Refreshing {
            bench.run_timeout();
            bench.answer(Ok(read("s1", Status::Pending)));
        }
    }
    bench
}

fn unlinking() -> Bench {
    let mut bench = linked(Status::Connected, true);
    bench.act(Act::Unlink { confirmed: false });
    bench
}

fn deleting() -> Bench {
    let mut bench = unlinking();
    bench.act(Act::ConfirmUnlink);
    bench.feed(Input::UnlinkDecided(true));
    bench
}

fn unlinked() -> Bench {
    let mut bench = deleting();
    bench.answer(Ok(Answer::Deleted));
    bench
}

/// A pairing in each phase, and in each state of it that offers something else.
fn all() -> Vec<(&'static str, Bench, Phase, Offers)> {
    let start = Offers {
        start: true,
        ..NONE
    };
    let refresh = Offers {
        refresh: true,
        ..NONE
    };
    let retry = Offers {
        retry: true,
        ..NONE
    };
    let unlink = Offers {
        unlink: true,
        ..NONE
    };
    let mut retried = refreshing();
    retried.refuse(ErrorCode::ServerError);
    let mut lost = checking();
    lost.refuse(ErrorCode::ServerError);
    vec![
        ("idle", idle(), Phase::Idle, start),
        ("checking", checking(), Phase::Checking, NONE),
        ("checking again", lost, Phase::Checking, retry),
        ("creating", Bench::creating(), Phase::Creating, NONE),
        (
            "creating again",
            refused(ErrorCode::ServerError),
            Phase::Creating,
            retry,
        ),
        ("a code", Bench::awaiting(), Phase::AwaitingScan, refresh),
        ("refreshing", refreshing(), Phase::Refreshing, NONE),
        (
            "refreshing again",
            retried,
            Phase::Refreshing,
            Offers {
                refresh: true,
                ..retry
            },
        ),
        ("expired", expired(), Phase::Expired, refresh),
        (
            "connected",
            linked(Status::Connected, false),
            Phase::Connected,
            NONE,
        ),
        (
            "connected, to unlink",
            linked(Status::Connected, true),
            Phase::Connected,
            unlink,
        ),
        (
            "wrong number",
            mismatched(),
            Phase::WrongNumber,
            Offers {
                accept: true,
                ..unlink
            },
        ),
        (
            "reconnecting",
            linked(Status::Disconnected, true),
            Phase::Reconnecting,
            NONE,
        ),
        (
            "failed",
            linked(Status::Failed, false),
            Phase::Failed,
            start,
        ),
        (
            "failed, to unlink",
            linked(Status::Failed, true),
            Phase::Failed,
            Offers {
                unlink: true,
                ..start
            },
        ),
        (
            "action required",
            linked(Status::Unknown, true),
            Phase::ActionRequired,
            NONE,
        ),
        ("unlinking", unlinking(), Phase::Unlinking, NONE),
        ("deleting", deleting(), Phase::Unlinking, NONE),
        ("unlinked", unlinked(), Phase::Unlinked, start),
        (
            "a final error",
            refused(ErrorCode::Forbidden),
            Phase::Error,
            start,
        ),
        (
            "an error to retry",
            refused(ErrorCode::InvalidResponse),
            Phase::Error,
            retry,
        ),
    ]
}

#[test]
fn each_phase_offers_what_makes_sense_in_it() {
    for (name, bench, phase, offers) in all() {
        assert_eq!(bench.phase(), phase, "{name}");
        assert_eq!(bench.pairing.snapshot().offers, offers, "{name}");
    }
}

/// Feeds `input`, which must bring no request, no event, no message, and no other deadline.
fn changes_nothing(name: &str, bench: &mut Bench, input: Input) {
    let what = format!("{name}: {input:?}");
    let seen = |bench: &Bench| {
        (
            bench.pairing.snapshot().clone(),
            bench.pairing.next_timeout(),
            (bench.events.len(), bench.sent.len(), bench.aborted.len()),
            (bench.slots.len(), bench.leads.len(), bench.told.len()),
        )
    };
    let before = seen(bench);
    bench.feed(input);
    assert!(seen(bench) == before, "{what}");
}

#[test]
fn an_act_that_is_not_offered_changes_nothing() {
    for (name, mut bench, phase, offers) in all() {
        let rests = matches!(
            phase,
            Phase::Idle | Phase::Failed | Phase::Unlinked | Phase::Error
        );
        let asks = name == "unlinking";
        let may_unlink =
            offers.unlink || matches!(phase, Phase::Connected | Phase::WrongNumber | Phase::Failed);
        for (offered, act) in [
            (rests, Act::Start { fresh: false }),
            (rests, Act::Start { fresh: true }),
            (offers.refresh, Act::Refresh),
            (offers.retry, Act::Retry),
            (offers.unlink, Act::Unlink { confirmed: false }),
            (may_unlink, Act::Unlink { confirmed: true }),
            (asks, Act::ConfirmUnlink),
            (asks, Act::CancelUnlink),
            (offers.accept, Act::AcceptNumber),
            (false, Act::ShowOriginal),
            (
                false,
                Act::Mount {
                    stored: stored("other"),
                },
            ),
        ] {
            if !offered {
                changes_nothing(name, &mut bench, Input::Act(act));
            }
        }
        for go_on in [true, false] {
            if name != "deleting" {
                changes_nothing(name, &mut bench, Input::UnlinkDecided(go_on));
            }
        }
        changes_nothing(name, &mut bench, Input::TokenRenewed(Ok(())));
        changes_nothing(name, &mut bench, Input::Timeout);
        changes_nothing(name, &mut bench, Input::OnScreen(false));
        changes_nothing(name, &mut bench, Input::OnScreen(true));
        changes_nothing(name, &mut bench, Input::Leading(true));
        changes_nothing(name, &mut bench, Input::Visible(true));
        changes_nothing(name, &mut bench, Input::Online(true));
    }
}

#[test]
fn an_attribute_that_decides_nothing_now_changes_nothing() {
    for (name, mut bench, phase, _) in all() {
        let mut config = Config {
            session_name: "Another".into(),
            ..Config::default()
        };
        match phase {
            Phase::Idle => config.trigger = Trigger::Manual,
            Phase::WrongNumber => config.expected_phone = Some(phone("+447700900009")),
            _ => {}
        }
        config.allow_unlink = bench.pairing.snapshot().offers.unlink && phase != Phase::WrongNumber;
        changes_nothing(name, &mut bench, Input::Configure(Box::new(config.clone())));
        // Which number is expected is a question for those that have one.
        if !matches!(phase, Phase::Connected | Phase::WrongNumber) {
            config.expected_phone = Some(phone("+447700900002"));
            changes_nothing(name, &mut bench, Input::Configure(Box::new(config)));
        }
    }
}

#[test]
fn what_is_waited_for_after_a_failure_is_told_only_while_it_can_happen() {
    let mut bench = refused(ErrorCode::ServerError);
    let retry_at = |bench: &Bench| bench.pairing.snapshot().retry_at;
    let due = bench.pairing.next_timeout();
    assert_eq!(retry_at(&bench), due);
    bench.feed(Input::Online(false));
    assert_eq!(retry_at(&bench), None);
    bench.feed(Input::Online(true));
    assert!(retry_at(&bench).is_none_or(|at| Some(at) >= due));
    let mut bench = refused(ErrorCode::ServerError);
    bench.feed(Input::Visible(false));
    assert_eq!(retry_at(&bench), None);
    // A wait that no failure brought is none to speak of.
    assert_eq!(retry_at(&Bench::awaiting()), None);
    assert!(Bench::awaiting().pairing.next_timeout().is_some());
}

#[test]
fn phases_have_their_public_names_and_settle_where_nothing_is_under_way() {
    let names = Phase::ALL.map(Phase::as_str).join(" ");
    assert_eq!(
        names,
        "idle checking creating awaiting-scan refreshing expired connected wrong-number reconnecting failed action-required unlinking \
         unlinked error"
    );
    let unsettled = Phase::ALL.into_iter().filter(|phase| !phase.is_settled());
    let unsettled: Vec<_> = unsettled.collect();
    assert_eq!(
        unsettled,
        [Phase::Checking, Phase::Creating, Phase::Refreshing]
    );
    let shown = Bench::awaiting().pairing.snapshot().qr.clone();
    let debug = format!("{:?}", shown.expect("a code"));
    assert!(debug.contains("generation: 1") && !debug.contains("drawing"));
}

#[test]
fn offline_a_code_that_can_be_scanned_is_not_given_up_for_none() {
    let mut bench = Bench::awaiting();
    bench.feed(Input::Online(false));
    assert_eq!(bench.pairing.snapshot().offers, NONE);
    bench.act(Act::Refresh);
    assert!(bench.shows_code());
    bench.feed(Input::Online(true));
    assert!(bench.pairing.snapshot().offers.refresh);
}

//! Unlinking: never without the person, never the wrong session, never alive again (invariant 10).

use super::support::*;
use sendapi_pairing_core::{
    api::{Answer, Call},
    error::ErrorCode,
    model::Status,
    pairing::{Act, Config, Event, Input, Phase, Slot, UnlinkStage},
};

fn unlinkable() -> Config {
    Config {
        allow_unlink: true,
        ..Config::default()
    }
}

#[test]
fn unlinking_takes_two_steps_and_a_listener_may_say_no() {
    let mut bench = Bench::connected_with(Config::default());
    bench.act(Act::Unlink { confirmed: false });
    assert_eq!(bench.phase(), Phase::Connected);

    let mut bench = Bench::connected_with(unlinkable());
    bench.take_events();
    bench.act(Act::ConfirmUnlink);
    assert_eq!(bench.phase(), Phase::Connected);
    bench.act(Act::Unlink { confirmed: false });
    let stage = |bench: &Bench| bench.pairing.snapshot().unlink;
    assert_eq!(stage(&bench), Some(UnlinkStage::Confirming));
    assert_eq!(bench.pairing.next_timeout(), None);
    bench.feed(Input::UnlinkDecided(true));
    assert_eq!(bench.open.len(), 0);
    bench.act(Act::CancelUnlink);
    assert_eq!((bench.phase(), stage(&bench)), (Phase::Connected, None));
    bench.act(Act::Unlink { confirmed: false });
    bench.act(Act::ConfirmUnlink);
    bench.act(Act::ConfirmUnlink);
    bench.act(Act::CancelUnlink);
    assert_eq!(
        bench
            .events
            .iter()
            .filter(|e| matches!(e, Event::BeforeUnlink { .. }))
            .count(),
        1
    );
    bench.feed(Input::UnlinkDecided(false));
    assert_eq!(bench.phase(), Phase::Connected);
    assert!(
        !bench
            .events
            .iter()
            .any(|e| matches!(e, Event::Connected { .. }))
    );
    bench.act(Act::Unlink { confirmed: true });
    bench.feed(Input::UnlinkDecided(true));
    assert_eq!(stage(&bench), Some(UnlinkStage::Deleting));
    assert_eq!(bench.asked(), &Call::Delete { id: id("s1") });
    bench.answer(Ok(sendapi_pairing_core::api::Answer::Deleted));
    assert_eq!(bench.phase(), Phase::Unlinked);
    assert_eq!(
        bench.events.last(),
        Some(&Event::Unlinked {
            session_id: id("s1")
        })
    );
    assert_eq!(bench.pairing.snapshot().session, None);
    assert_eq!(bench.slots.last(), Some(&Slot::default()));
    assert_eq!(bench.pairing.next_timeout(), None);
    bench.act(Act::Start { fresh: false });
    assert_eq!(bench.phase(), Phase::Creating);
}

#[test]
fn an_unlink_that_fails_is_repeated_by_a_click() {
    let mut bench = Bench::connected_with(unlinkable());
    bench.act(Act::Unlink { confirmed: true });
    bench.feed(Input::UnlinkDecided(true));
    bench.refuse(ErrorCode::ServerError);
    assert_eq!(bench.phase(), Phase::Error);
    assert!(bench.pairing.snapshot().offers.retry);
    bench.act(Act::Retry);
    assert_eq!(bench.asked(), &Call::Delete { id: id("s1") });
    bench.refuse(ErrorCode::Forbidden);
    assert!(!bench.pairing.snapshot().offers.retry);
    bench.act(Act::Retry);
    assert_eq!(bench.phase(), Phase::Error);
    bench.act(Act::Start { fresh: false });
    bench.answer(Ok(read("s1", Status::Connected)));
    assert_eq!(bench.phase(), Phase::Connected);
    bench.run_timeout();
    bench.refuse(ErrorCode::NotFound);
    bench.act(Act::Retry);
    assert_eq!(bench.open.len(), 0);
}

#[test]
fn a_failed_session_can_be_unlinked_and_rests_again_where_that_is_cancelled() {
    let failed = |config| {
        let mut bench = Bench::awaiting_with(config);
        bench.run_timeout();
        bench.answer(Ok(read("s1", Status::Failed)));
        assert_eq!(bench.phase(), Phase::Failed);
        bench
    };
    let mut bench = failed(unlinkable());
    assert!(bench.pairing.snapshot().offers.unlink);
    bench.act(Act::Unlink { confirmed: false });
    assert_eq!(bench.phase(), Phase::Unlinking);
    bench.act(Act::CancelUnlink);
    assert_eq!(bench.phase(), Phase::Failed);
    assert_eq!(bench.pairing.next_timeout(), None);
    assert!(bench.open.is_empty());
    bench.act(Act::Unlink { confirmed: false });
    bench.act(Act::ConfirmUnlink);
    bench.feed(Input::UnlinkDecided(true));
    assert_eq!(bench.asked(), &Call::Delete { id: id("s1") });
    bench.answer(Ok(Answer::Deleted));
    assert_eq!(bench.phase(), Phase::Unlinked);

    let mut bench = failed(Config::default());
    assert!(!bench.pairing.snapshot().offers.unlink);
    bench.act(Act::Unlink { confirmed: false });
    assert_eq!(bench.phase(), Phase::Failed);
    bench.act(Act::Unlink { confirmed: true });
    assert_eq!(bench.phase(), Phase::Unlinking);
}

#[test]
fn a_reconnecting_session_is_not_unlinked() {
    let mut bench = Bench::connected_with(unlinkable());
    bench.run_timeout();
    bench.answer(Ok(read("s1", Status::Disconnected)));
    let due = bench.pairing.next_timeout();
    for confirmed in [false, true] {
        bench.act(Act::Unlink { confirmed });
        assert_eq!(bench.phase(), Phase::Reconnecting);
        assert_eq!(bench.pairing.next_timeout(), due);
    }
    assert!(!bench.pairing.snapshot().offers.unlink);
}

#[test]
fn one_confirmation_asks_the_page_once_and_only_its_answer_counts() {
    let mut bench = Bench::connected_with(unlinkable());
    bench.act(Act::Unlink { confirmed: false });
    let asked = |bench: &Bench| {
        let told = bench.events.iter();
        told.filter(|event| matches!(event, Event::BeforeUnlink { .. }))
            .count()
    };
    // Nobody was asked yet.
    bench.feed(Input::UnlinkDecided(true));
    assert_eq!((bench.open.len(), asked(&bench)), (0, 0));
    bench.act(Act::ConfirmUnlink);
    bench.act(Act::ConfirmUnlink);
    assert_eq!(asked(&bench), 1);
    // While the page decides, it is too late to cancel.
    bench.act(Act::CancelUnlink);
    assert_eq!(bench.phase(), Phase::Unlinking);
    bench.feed(Input::UnlinkDecided(false));
    assert_eq!(bench.phase(), Phase::Connected);
}

#[test]
fn a_page_or_network_that_comes_back_deletes_nothing_that_was_not_confirmed() {
    let mut bench = Bench::connected_with(unlinkable());
    bench.act(Act::Unlink { confirmed: false });
    for decide in [false, true] {
        if decide {
            bench.act(Act::ConfirmUnlink);
        }
        for (away, back) in [
            (Input::Visible(false), Input::Visible(true)),
            (Input::Online(false), Input::Online(true)),
        ] {
            bench.feed(away);
            bench.feed(back);
            assert_eq!((bench.phase(), bench.open.len()), (Phase::Unlinking, 0));
            assert_eq!(bench.pairing.next_timeout(), None);
        }
    }
    bench.feed(Input::UnlinkDecided(true));
    assert_eq!(bench.asked(), &Call::Delete { id: id("s1") });
    // What was confirmed goes on.
    bench.feed(Input::Visible(false));
    bench.feed(Input::Visible(true));
    assert_eq!(bench.asked(), &Call::Delete { id: id("s1") });
}

//! What the phases of `product.md` promise beside their way.

use super::support::*;
use sendapi_pairing_core::{
    api::{Answer, Call},
    error::{Error, ErrorCode},
    model::Status,
    pairing::{Act, Config, Event, Input, Phase, Slot, Surroundings, Trigger},
};

#[test]
fn another_number_than_the_expected_one_is_a_mismatch() {
    let config = Config {
        expected_phone: Some(phone("+447700900009")),
        ..Config::default()
    };
    let mut bench = Bench::connected_with(config.clone());
    assert_eq!(bench.phase(), Phase::WrongNumber);
    assert_eq!(bench.errors(), [ErrorCode::WrongNumber]);
    let connected = |bench: &Bench| {
        let told = bench.events.iter();
        told.filter(|event| matches!(event, Event::Connected { .. }))
            .count()
    };
    assert_eq!(connected(&bench), 0);
    bench.run(70_000, Status::Connected);
    assert_eq!(bench.errors().len(), 1);
    assert_eq!(bench.error(), Some(ErrorCode::WrongNumber));
    let offers = bench.pairing.snapshot().offers;
    assert!(offers.unlink && offers.accept);
    bench.act(Act::AcceptNumber);
    assert_eq!((bench.phase(), bench.error()), (Phase::Connected, None));
    bench.run(70_000, Status::Connected);
    assert_eq!((bench.phase(), connected(&bench)), (Phase::Connected, 1));

    let mut bench = Bench::connected_with(config);
    bench.feed(Input::Configure(Box::default()));
    assert_eq!((bench.phase(), connected(&bench)), (Phase::Connected, 1));
}

#[test]
fn a_full_account_offers_to_resume_the_session_that_is_known() {
    let mut bench = Bench::awaiting();
    bench.act(Act::Stop { discard: false });
    bench.act(Act::Start { fresh: true });
    bench.refuse(ErrorCode::QuotaExceeded);
    assert_eq!(bench.error(), Some(ErrorCode::QuotaExceeded));
    assert!(bench.pairing.snapshot().offers.start);
    assert_eq!(bench.slots.last(), Some(&stored("s1")));
    bench.act(Act::Start { fresh: false });
    assert_eq!(
        bench.asked(),
        &Call::Get {
            id: id("s1"),
            fresh: true
        }
    );
}

#[test]
fn a_linked_session_that_waits_for_a_scan_again_gets_a_code() {
    let mut bench = Bench::connected_with(Config::default());
    bench.run_timeout();
    bench.answer(Ok(read("s1", Status::Pending)));
    assert_eq!(bench.phase(), Phase::Refreshing);
    assert!(matches!(bench.asked(), Call::Get { fresh: true, .. }));
    bench.answer(Ok(read("s1", Status::Pending)));
    bench.answer(Ok(code("2@x")));
    assert!(bench.shows_code());
}

#[test]
fn another_session_id_starts_anew() {
    let mut bench = Bench::awaiting();
    bench.feed(Input::Configure(Box::new(with_session("s7"))));
    assert_eq!(bench.phase(), Phase::Checking);
    assert_eq!(bench.asked().session_id(), Some(&id("s7")));
    assert!(!bench.shows_code());
    let manual = Config {
        trigger: Trigger::Manual,
        ..Config::default()
    };
    bench.feed(Input::Configure(Box::new(manual)));
    assert_eq!((bench.phase(), bench.open.len()), (Phase::Idle, 0));
}

#[test]
fn hiding_in_the_middle_of_anything_aborts_it_and_coming_back_goes_on() {
    let mut bench = Bench::creating();
    let call = bench.asked().clone();
    bench.feed(Input::Visible(false));
    bench.feed(Input::Visible(false));
    assert_eq!(
        (bench.aborted.len(), bench.pairing.next_timeout()),
        (1, None)
    );
    bench.feed(Input::Visible(true));
    assert_eq!(bench.asked(), &call);

    let config = Config {
        allow_unlink: true,
        ..Config::default()
    };
    let mut bench = Bench::connected_with(config);
    bench.act(Act::Unlink { confirmed: true });
    bench.feed(Input::UnlinkDecided(true));
    bench.feed(Input::Visible(false));
    bench.feed(Input::Visible(true));
    assert_eq!(bench.asked(), &Call::Delete { id: id("s1") });

    for phase in [Phase::Failed, Phase::Error] {
        let mut bench = Bench::awaiting();
        bench.run_timeout();
        match phase {
            Phase::Failed => bench.answer(Ok(read("s1", Status::Failed))),
            _ => bench.refuse(ErrorCode::NotFound),
        }
        bench.feed(Input::Visible(false));
        bench.feed(Input::Visible(true));
        bench.feed(Input::Online(false));
        bench.feed(Input::Online(true));
        assert_eq!((bench.phase(), bench.open.len()), (phase, 0));
    }
}

#[test]
fn a_recording_is_bounded_redacted_and_replays() {
    let mut bench = Bench::awaiting();
    bench.run(1_000_000, Status::Pending);
    bench.act(Act::Refresh);
    bench.answer(Ok(read("s1", Status::Pending)));
    bench.answer(Ok(code(PICTURE)));
    bench.act(Act::ShowOriginal);
    bench.run(20_000, Status::Connected);
    let text = bench.pairing.diagnostics();
    assert!(text.len() < 16_000, "{}", text.len());
    for secret in ["2@", "s1", "4477", "png"] {
        assert!(!text.contains(secret), "{text}");
    }
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&json["version"], &json["phase"]),
        (&1.into(), &"connected".into())
    );
    let list = |value: &serde_json::Value| -> Vec<u64> {
        value
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n.as_u64().unwrap())
            .collect()
    };
    let inputs = json["inputs"].as_array().unwrap();
    let inputs: Vec<[u64; 6]> = inputs.iter().map(|n| list(n).try_into().unwrap()).collect();
    assert!((64..128).contains(&inputs.len()), "{}", inputs.len());
    let mut seen = Vec::new();
    sendapi_pairing_core::pairing::replay(&list(&json["state"]), &inputs, |_, was, is| {
        assert_eq!(was, Some(is));
        seen.push(is);
    });
    assert_eq!(seen.len(), inputs.len());
    assert_eq!(seen.last(), Some(&Phase::Connected));
    assert!(seen.contains(&Phase::AwaitingScan) && seen.contains(&Phase::Refreshing));
}

#[test]
fn a_number_that_is_not_known_is_no_mismatch() {
    let config = Config {
        expected_phone: Some(phone("+447700900009")),
        ..Config::default()
    };
    let mut bench = Bench::awaiting_with(config);
    bench.run_timeout();
    let mut unknown = session("s1", Status::Connected);
    unknown.phone_number = None;
    bench.answer(Ok(Answer::Session(unknown)));
    assert_eq!(bench.phase(), Phase::Connected);
    bench.run_timeout();
    bench.answer(Ok(read("s1", Status::Connected)));
    assert_eq!(bench.phase(), Phase::WrongNumber);
}

#[test]
fn a_new_expectation_is_looked_at_at_once() {
    let mut bench = Bench::connected_with(Config::default());
    bench.feed(Input::Configure(Box::new(Config {
        expected_phone: Some(phone("+447700900009")),
        ..Config::default()
    })));
    assert_eq!(bench.phase(), Phase::WrongNumber);
}

#[test]
fn a_session_that_may_not_be_read_is_kept_unless_it_was_only_remembered() {
    // Named by the developer, at the first look.
    let mut bench = Bench::new(with_session("s9"), HERE);
    bench.mount(Slot::default());
    bench.refuse(ErrorCode::Forbidden);
    assert_eq!(bench.phase(), Phase::Error);
    bench.act(Act::Start { fresh: false });
    assert_eq!(bench.asked().session_id(), Some(&id("s9")));
    // Ours, later on.
    let mut bench = Bench::awaiting();
    bench.run_timeout();
    bench.refuse(ErrorCode::Forbidden);
    assert_eq!(bench.phase(), Phase::Error);
    bench.act(Act::Start { fresh: false });
    assert_eq!(bench.asked().session_id(), Some(&id("s1")));
    // Remembered over a reload.
    let mut bench = Bench::new(Config::default(), HERE);
    bench.mount(stored("s1"));
    bench.refuse(ErrorCode::Forbidden);
    assert_eq!(bench.phase(), Phase::Creating);
}

#[test]
fn another_session_id_starts_by_itself_only_where_something_had_begun() {
    let change = |bench: &mut Bench, trigger| {
        bench.feed(Input::Configure(Box::new(Config {
            trigger,
            ..with_session("s2")
        })));
    };
    // Waiting to be seen, it goes on waiting.
    let away = Surroundings {
        on_screen: false,
        ..HERE
    };
    let mut bench = Bench::new(with_session("s1"), away);
    bench.mount(Slot::default());
    change(&mut bench, Trigger::Visible);
    assert!(bench.open.is_empty());
    bench.feed(Input::OnScreen(true));
    assert_eq!(bench.asked().session_id(), Some(&id("s2")));
    // Stopped, it rests.
    let mut bench = Bench::awaiting();
    bench.act(Act::Stop { discard: false });
    change(&mut bench, Trigger::Visible);
    assert_eq!((bench.phase(), bench.open.len()), (Phase::Idle, 0));
    // To be started by hand, it waits for a hand.
    let mut bench = Bench::awaiting();
    change(&mut bench, Trigger::Manual);
    assert_eq!((bench.phase(), bench.open.len()), (Phase::Idle, 0));
    // Before it is mounted, nothing begins.
    let mut bench = Bench::new(with_session("s1"), HERE);
    change(&mut bench, Trigger::Visible);
    assert_eq!((bench.phase(), bench.open.len()), (Phase::Idle, 0));
    bench.mount(Slot::default());
    assert_eq!(bench.asked().session_id(), Some(&id("s2")));
}

#[test]
fn what_waited_for_a_hand_begins_where_the_trigger_no_longer_asks_for_one() {
    let change = |bench: &mut Bench, trigger| {
        bench.feed(Input::Configure(Box::new(Config {
            trigger,
            ..Config::default()
        })));
    };
    let manual = || Config {
        trigger: Trigger::Manual,
        ..Config::default()
    };
    let mut bench = Bench::new(manual(), HERE);
    bench.mount(Slot::default());
    change(&mut bench, Trigger::Visible);
    assert!(matches!(bench.asked(), Call::Create { .. }));
    // Nothing is changed by what is said again: a pairing that was stopped rests.
    bench.act(Act::Stop { discard: false });
    change(&mut bench, Trigger::Visible);
    assert_eq!((bench.phase(), bench.open.len()), (Phase::Idle, 0));
    // Off the screen it waits to be seen.
    let away = Surroundings {
        on_screen: false,
        ..HERE
    };
    let mut bench = Bench::new(manual(), away);
    bench.mount(Slot::default());
    change(&mut bench, Trigger::Visible);
    assert!(bench.open.is_empty());
    bench.feed(Input::OnScreen(true));
    assert!(matches!(bench.asked(), Call::Create { .. }));
    // Before it is mounted, nothing begins.
    let mut bench = Bench::new(manual(), HERE);
    change(&mut bench, Trigger::Load);
    assert!(bench.open.is_empty());
}

/// What a tab remembers may be no id that the service takes: the way to another session stays open, and none is created unasked.
#[test]
fn a_remembered_id_that_the_service_refuses_as_none_locks_nobody_out() {
    let mut bench = Bench::new(Config::default(), HERE);
    bench.mount(stored("s1"));
    let refused = |status| {
        Err(Error::new(ErrorCode::InvalidRequest)
            .with_status(status)
            .into())
    };
    bench.answer(refused(422));
    assert_eq!((bench.phase(), bench.open.len()), (Phase::Error, 0));
    // A reload asks for it once more.
    assert_eq!(bench.slots, []);
    bench.act(Act::Start { fresh: false });
    assert!(matches!(bench.asked(), Call::Create { .. }));
    // What says nothing of the id takes nothing away.
    let mut bench = Bench::new(Config::default(), HERE);
    bench.mount(stored("s1"));
    bench.answer(refused(421));
    bench.act(Act::Start { fresh: false });
    assert_eq!(bench.asked().session_id(), Some(&id("s1")));
    // One that the developer named is the developer's to change.
    let mut bench = Bench::new(with_session("s9"), HERE);
    bench.mount(Slot::default());
    bench.answer(refused(400));
    bench.act(Act::Start { fresh: false });
    assert_eq!(bench.asked().session_id(), Some(&id("s9")));
}

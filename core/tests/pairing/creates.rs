//! Created at most once (invariant 1).

use super::support::*;
use sendapi_pairing_core::{
    api::{Answer, Call, CodeOffer},
    error::ErrorCode,
    model::Status,
    pairing::{Act, Config, IdempotencyKey, Input, Phase, Slot},
};

fn key_of(call: &Call) -> IdempotencyKey {
    match call {
        Call::Create { key, .. } => key.clone(),
        other => panic!("no create: {other:?}"),
    }
}

#[test]
fn an_unknown_outcome_is_retried_with_the_same_key_and_body() {
    let mut bench = Bench::creating();
    let first = bench.asked().clone();
    for code in [
        ErrorCode::NetworkOrCors,
        ErrorCode::Timeout,
        ErrorCode::ServerError,
        ErrorCode::RateLimited,
    ] {
        bench.refuse(code);
        assert_eq!(bench.phase(), Phase::Creating);
        assert!(bench.pairing.snapshot().retry_at.is_some());
        assert!(bench.pairing.snapshot().offers.retry);
        let changed = Config {
            session_name: "Other".into(),
            ..Config::default()
        };
        bench.feed(Input::Configure(Box::new(changed)));
        bench.run_timeout();
        assert_eq!(bench.asked(), &first);
    }
    assert_eq!(bench.errors(), [ErrorCode::NetworkOrCors]);
    assert_eq!(bench.slots.len(), 1);
}

#[test]
fn a_reload_in_the_middle_of_a_create_repeats_it() {
    let bench = Bench::creating();
    let key = key_of(bench.asked());
    let mut reloaded = Bench::new(Config::default(), HERE);
    reloaded.mount(bench.slots[0].clone());
    assert_eq!(key_of(reloaded.asked()), key);
    // The first answer may have come with a code that is older than this request.
    let life = None;
    let Answer::Created { session, code } = created("s1", "2@first") else {
        unreachable!()
    };
    let code = CodeOffer { life, ..code };
    reloaded.answer(Ok(Answer::Created { session, code }));
    assert!(!reloaded.shows_code());
    assert_eq!(
        reloaded.asked(),
        &Call::Get {
            id: id("s1"),
            fresh: true
        }
    );
    reloaded.answer(Ok(read("s1", Status::Pending)));
    assert_eq!(reloaded.asked(), &Call::Qr { id: id("s1") });
}

#[test]
fn a_repeated_create_whose_code_is_told_to_live_is_shown() {
    let mut bench = Bench::creating();
    bench.refuse(ErrorCode::Timeout);
    bench.run_timeout();
    bench.answer(Ok(created("s1", "2@first")));
    assert_eq!(bench.phase(), Phase::AwaitingScan);
}

#[test]
fn a_refused_create_ends_the_intent_unless_it_may_have_been_carried_out() {
    for (code, kept_when_unknown) in [
        (ErrorCode::InvalidRequest, false),
        (ErrorCode::Conflict, false),
        (ErrorCode::QuotaExceeded, false),
        (ErrorCode::NotFound, false),
        (ErrorCode::Forbidden, true),
    ] {
        let mut bench = Bench::creating();
        let key = key_of(bench.asked());
        bench.refuse(code);
        assert_eq!((bench.phase(), bench.error()), (Phase::Error, Some(code)));
        assert_eq!(bench.slots.last(), Some(&Slot::default()));
        bench.act(Act::Start { fresh: false });
        assert_ne!(key_of(bench.asked()), key, "{code:?}");

        let mut bench = Bench::creating();
        let key = key_of(bench.asked());
        bench.refuse(ErrorCode::Timeout);
        bench.run_timeout();
        bench.refuse(code);
        bench.act(Act::Start { fresh: true });
        assert_eq!(key_of(bench.asked()) == key, kept_when_unknown, "{code:?}");
    }
}

/// A create that the page's hiding broke off may have been carried out: no later refusal ends its intent.
#[test]
fn a_create_that_was_broken_off_keeps_its_intent() {
    let mut bench = Bench::creating();
    let key = key_of(bench.asked());
    bench.feed(Input::Visible(false));
    assert_eq!(bench.aborted.len(), 1);
    bench.feed(Input::Visible(true));
    assert_eq!(key_of(bench.asked()), key);
    bench.refuse(ErrorCode::Forbidden);
    assert_eq!(bench.phase(), Phase::Error);
    let kept = bench
        .slots
        .last()
        .and_then(|slot| slot.idempotency_key.clone());
    assert_eq!(kept, Some(key));
}

#[test]
fn an_unreadable_answer_to_a_create_ends_in_error_and_keeps_the_intent() {
    let mut bench = Bench::creating();
    let key = key_of(bench.asked());
    bench.refuse(ErrorCode::InvalidResponse);
    assert_eq!(bench.phase(), Phase::Error);
    assert!(bench.pairing.snapshot().offers.retry);
    bench.act(Act::Retry);
    assert_eq!(key_of(bench.asked()), key);
}

#[test]
fn stopping_a_create_does_not_make_it_two() {
    let mut bench = Bench::creating();
    let key = key_of(bench.asked());
    bench.act(Act::Stop { discard: true });
    assert_eq!((bench.phase(), bench.open.len()), (Phase::Idle, 0));
    bench.act(Act::Start { fresh: true });
    assert_eq!(key_of(bench.asked()), key);
}

#[test]
fn nothing_is_stored_where_nothing_is_to_persist() {
    let config = Config {
        persist: false,
        ..Config::default()
    };
    let mut bench = Bench::awaiting_with(config);
    assert_eq!(bench.slots, []);
    bench.feed(Input::Configure(Box::default()));
    assert_eq!(bench.slots, [stored("s1")]);
    bench.feed(Input::Configure(Box::new(Config {
        persist: false,
        ..Config::default()
    })));
    assert_eq!(bench.slots.last(), Some(&Slot::default()));
}

#[test]
fn what_another_has_stored_is_left_alone_where_nothing_is_to_persist() {
    for left in [
        stored("s1"),
        Slot {
            session_id: None,
            idempotency_key: IdempotencyKey::parse("left"),
        },
    ] {
        let config = Config {
            persist: false,
            ..Config::default()
        };
        let mut bench = Bench::new(config, HERE);
        bench.mount(left);
        assert_ne!(key_of(bench.asked()).as_str(), "left");
        assert_eq!(bench.slots, []);
    }
}

#[test]
fn a_session_that_the_developer_named_comes_before_a_create_that_was_left() {
    let left = Slot {
        session_id: None,
        idempotency_key: IdempotencyKey::parse("left"),
    };
    let mut bench = Bench::new(with_session("s9"), HERE);
    bench.mount(left.clone());
    assert_eq!(bench.asked().session_id(), Some(&id("s9")));
    // One of our own was to be replaced by that create.
    let mut bench = Bench::new(Config::default(), HERE);
    bench.mount(Slot {
        session_id: Some(id("s1")),
        ..left
    });
    assert_eq!(key_of(bench.asked()).as_str(), "left");
}

#[test]
fn a_key_is_what_fits_a_header() {
    let longest = "k".repeat(64);
    for (text, fits) in [
        ("k", true),
        (longest.as_str(), true),
        (longest.replace('k', "kk").as_str(), false),
        ("", false),
        ("a b", false),
        ("\u{e4}", false),
        ("a\nb", false),
    ] {
        let key = IdempotencyKey::parse(text);
        let expected = fits.then_some(text);
        assert_eq!(
            key.as_ref().map(IdempotencyKey::as_str),
            expected,
            "{text:?}"
        );
    }
}

//! The invariants and the table of bad inputs, one test beside each rule.

mod pairing_support;

use pairing_support::*;
use sendapi_pairing_core::{
    api::{Answer, Call, CodeOffer},
    error::{Error, ErrorCode},
    model::Status,
    pairing::{
        Act, Ask, Config, Drawing, Event, IdempotencyKey, Input, Phase, Policy, Slot, Trigger,
    },
    time::{Instant, Millis},
};

fn key_of(call: &Call) -> IdempotencyKey {
    match call {
        Call::Create { key, .. } => key.clone(),
        other => panic!("no create: {other:?}"),
    }
}

// Invariant 1

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

// Invariants 3 and 4

#[test]
fn a_code_dies_at_its_deadline_also_offline() {
    let mut bench = Bench::awaiting();
    bench.feed(Input::Online(false));
    assert!(bench.shows_code() && bench.pairing.snapshot().offline);
    while bench.shows_code() {
        bench.run_timeout();
    }
    assert_eq!(bench.now, 1_000_000 + 120_000);
    assert_eq!(bench.phase(), Phase::Refreshing);
    assert_eq!(bench.pairing.next_timeout(), None);
    assert!(bench.open.is_empty());
    bench.feed(Input::Online(true));
    assert!(matches!(bench.asked(), Call::Get { fresh: true, .. }));
    bench.answer(Ok(read("s1", Status::Pending)));
    assert!(matches!(bench.asked(), Call::Qr { .. }));
}

#[test]
fn back_online_a_live_code_stays_after_the_read() {
    let mut bench = Bench::awaiting();
    bench.feed(Input::Online(false));
    bench.now += 60_000;
    bench.feed(Input::Timeout);
    bench.feed(Input::Online(true));
    assert!(bench.shows_code());
    bench.answer(Ok(read("s1", Status::Pending)));
    assert!(bench.shows_code() && bench.open.is_empty());
}

#[test]
fn the_life_of_a_code_is_capped_and_counted_from_its_request() {
    for (life, expected) in [
        (None, 120_000),
        (Some(20_000), 20_000),
        (Some(u64::MAX), 120_000),
    ] {
        let mut bench = Bench::creating();
        bench.now += 4000;
        let Answer::Created { session, code } = created("s1", "2@first") else {
            unreachable!()
        };
        let life = life.map(Millis);
        let code = CodeOffer { life, ..code };
        bench.answer(Ok(Answer::Created { session, code }));
        let shown = bench.pairing.snapshot().qr.clone().unwrap();
        assert_eq!(shown.deadline, Instant(1_000_000 + expected));
        assert_eq!(shown.since, Instant(1_000_000));
        assert_eq!(shown.life(), Millis(expected));
    }
}

#[test]
fn a_sleep_is_found_out_by_whatever_comes_first() {
    let mut bench = Bench::awaiting();
    bench.now += 600_000;
    bench.feed(Input::OnScreen(true));
    assert!(!bench.shows_code());
    assert!(matches!(bench.asked(), Call::Get { fresh: true, .. }));
}

#[test]
fn a_clock_that_steps_back_revives_nothing() {
    let mut bench = Bench::awaiting();
    bench.now += 125_000;
    bench.feed(Input::Timeout);
    assert!(!bench.shows_code());
    bench.now -= 100_000;
    bench.answer(Ok(read("s1", Status::Pending)));
    bench.answer(Ok(code("2@x")));
    let shown = bench.pairing.snapshot().qr.clone().unwrap();
    assert_eq!(shown.since, Instant(1_125_000));
}

#[test]
fn a_code_that_is_dead_on_arrival_is_replaced_at_once_and_then_slowly() {
    let mut bench = Bench::creating();
    let mut waits = Vec::new();
    let Answer::Created { session, code } = created("s1", "2@first") else {
        unreachable!()
    };
    let dead = CodeOffer {
        life: Some(Millis::ZERO),
        ..code
    };
    let code = dead.clone();
    bench.answer(Ok(Answer::Created { session, code }));
    while bench.phase() == Phase::Refreshing {
        if bench.open.is_empty() {
            waits.push(bench.run_timeout());
        } else {
            waits.push(0);
        }
        bench.answer(Ok(read("s1", Status::Pending)));
        bench.answer(Ok(Answer::Code(dead.clone())));
    }
    assert_eq!(bench.phase(), Phase::Expired);
    assert_eq!((waits.len(), waits[0]), (3, 0));
    assert!((1000..=2000).contains(&waits[1]), "{waits:?}");
    assert!((2000..=4000).contains(&waits[2]), "{waits:?}");
    assert_eq!(bench.errors(), []);
}

// Invariant 5

#[test]
fn an_answer_to_an_older_question_changes_nothing() {
    let mut bench = Bench::awaiting();
    bench.run_timeout();
    let (ask, _) = bench.open[0];
    bench.act(Act::Refresh);
    assert_eq!(bench.aborted, [ask]);
    let before = bench.pairing.snapshot().clone();
    for (ask, outcome) in [
        (ask, Ok(read("s1", Status::Failed))),
        (Ask(99), Ok(Answer::Deleted)),
    ] {
        bench.feed(Input::Answered { ask, outcome });
        assert_eq!(bench.pairing.snapshot(), &before);
    }
}

#[test]
fn an_answer_of_another_kind_or_session_is_no_answer() {
    for answer in [
        Answer::Deleted,
        code("2@x"),
        created("s1", "2@x"),
        read("s2", Status::Connected),
    ] {
        let mut bench = Bench::awaiting();
        bench.run_timeout();
        bench.answer(Ok(answer));
        assert_eq!(bench.phase(), Phase::AwaitingScan);
        assert_eq!(bench.error(), Some(ErrorCode::InvalidResponse));
    }
}

// Contract, rule 5

#[test]
fn after_a_refused_qr_the_session_decides() {
    for refusal in [
        ErrorCode::InvalidRequest,
        ErrorCode::NotFound,
        ErrorCode::Conflict,
    ] {
        for (status, phase) in [
            (Status::Connected, Phase::Connected),
            (Status::Pending, Phase::Error),
            (Status::Failed, Phase::Failed),
            (Status::Disconnected, Phase::Reconnecting),
            (Status::Unknown, Phase::ActionRequired),
        ] {
            let mut bench = Bench::awaiting();
            bench.act(Act::Refresh);
            bench.answer(Ok(read("s1", Status::Pending)));
            bench.refuse(refusal);
            assert!(matches!(bench.asked(), Call::Get { .. }));
            bench.answer(Ok(read("s1", status)));
            assert_eq!(bench.phase(), phase);
            let error = (phase == Phase::Error).then_some(refusal);
            assert_eq!(bench.error(), error);
        }
        let mut bench = Bench::awaiting();
        bench.act(Act::Refresh);
        bench.answer(Ok(read("s1", Status::Pending)));
        bench.refuse(refusal);
        bench.refuse(ErrorCode::NotFound);
        assert_eq!(bench.error(), Some(ErrorCode::NotFound));
    }
    for refusal in [ErrorCode::Forbidden, ErrorCode::QuotaExceeded] {
        let mut bench = Bench::awaiting();
        bench.act(Act::Refresh);
        bench.answer(Ok(read("s1", Status::Pending)));
        bench.refuse(refusal);
        assert_eq!(
            (bench.phase(), bench.error()),
            (Phase::Error, Some(refusal))
        );
    }
}

#[test]
fn a_lost_qr_is_asked_again_only_after_another_read() {
    let mut bench = Bench::awaiting();
    bench.act(Act::Refresh);
    bench.answer(Ok(read("s1", Status::Pending)));
    for _ in 0..5 {
        bench.refuse(ErrorCode::Timeout);
        bench.run_timeout();
        assert!(matches!(bench.asked(), Call::Get { fresh: true, .. }));
        bench.answer(Ok(read("s1", Status::Pending)));
        assert!(matches!(bench.asked(), Call::Qr { .. }));
    }
    bench.answer(Ok(code("2@x")));
    assert!(bench.shows_code());
}

// Invariant 13

#[test]
fn polls_grow_slower_with_the_wait() {
    let mut bench = Bench::awaiting();
    let mut gaps = std::collections::BTreeMap::<u64, u64>::new();
    let begun = bench.now;
    while bench.now < begun + 300_000 {
        let gap = bench.run_timeout();
        if let Some((_, Call::Get { fresh: false, .. })) = bench.open.last() {
            gaps.entry(gap).or_insert(bench.now - gap - begun);
        }
        if bench.open.is_empty() {
            continue;
        }
        bench.answer(Ok(read("s1", Status::Pending)));
        if !bench.open.is_empty() {
            bench.answer(Ok(code("2@x")));
        }
    }
    assert_eq!(gaps.get(&3000), Some(&0));
    assert_eq!(gaps.get(&5000), Some(&30_000));
    assert!(
        gaps[&10_000] >= 120_000 && gaps[&10_000] < 135_000,
        "{gaps:?}"
    );
}

#[test]
fn failures_back_off_doubling_to_a_minute_and_a_success_resets() {
    let mut bench = Bench::new(Config::default(), HERE);
    bench.mount(stored("s1"));
    for most in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
        bench.refuse(ErrorCode::ServerError);
        let waited = bench.run_timeout();
        assert!((most * 500..=most * 1000).contains(&waited), "{waited}");
    }
    assert_eq!(bench.errors(), [ErrorCode::ServerError]);
    bench.answer(Ok(read("s1", Status::Connected)));
    assert_eq!(bench.error(), None);
    bench.run_timeout();
    bench.refuse(ErrorCode::ServerError);
    assert_eq!(bench.run_timeout(), 30_000);
    assert_eq!(bench.errors().len(), 2);
}

#[test]
fn a_poll_that_fails_waits_its_interval_at_least_and_its_back_off_at_most() {
    let mut bench = Bench::awaiting();
    let mut longest = 0;
    for failures in 0..12 {
        let waited = bench.run_timeout();
        if matches!(bench.asked(), Call::Get { fresh: true, .. }) {
            break;
        }
        assert!((3000..=60_000).contains(&waited), "{failures}: {waited}");
        longest = longest.max(waited);
        bench.refuse(ErrorCode::NetworkOrCors);
    }
    assert!(longest > 5000, "{longest}");
}

#[test]
fn retry_after_is_clamped_and_holds_for_everything() {
    for (told, waits) in [
        (0, 3000),
        (2000, 3000),
        (40_000, 40_000),
        (999_999_000, 300_000),
    ] {
        let mut bench = Bench::awaiting();
        bench.run_timeout();
        let at = bench.now;
        bench.answer(Err(failure(ErrorCode::ServerError, told)));
        bench.act(Act::Refresh);
        assert!(bench.open.is_empty());
        assert_eq!(bench.pairing.snapshot().retry_at, Some(Instant(at + waits)));
        bench.feed(Input::Visible(false));
        bench.feed(Input::Visible(true));
        assert!(bench.open.is_empty());
        bench.act(Act::Stop { discard: false });
        bench.act(Act::Start { fresh: true });
        assert!(bench.open.is_empty());
        bench.run_timeout();
        assert_eq!((bench.now, bench.open.len()), (at + waits, 1));
    }
}

#[test]
fn each_429_slows_the_polls_until_the_phase_changes() {
    let config = Config {
        policy: Policy {
            watch_interval: Millis(100_000),
            ..Policy::default()
        },
        ..Config::default()
    };
    let mut bench = Bench::connected_with(config);
    let mut waits = Vec::new();
    for _ in 0..8 {
        waits.push(bench.run_timeout());
        bench.refuse(ErrorCode::RateLimited);
    }
    let expected = [100, 105, 110, 115, 120, 125, 130, 130];
    assert_eq!(waits, expected.map(|seconds| seconds * 1000));
    bench.run_timeout();
    bench.answer(Ok(read("s1", Status::Disconnected)));
    assert_eq!(bench.run_timeout(), 5000);
    bench.answer(Ok(read("s1", Status::Connected)));
    assert_eq!(bench.run_timeout(), 100_000);
}

#[test]
fn a_watch_interval_of_nothing_stops_at_connected() {
    let config = Config {
        policy: Policy {
            watch_interval: Millis::ZERO,
            ..Policy::default()
        },
        ..Config::default()
    };
    let mut bench = Bench::connected_with(config);
    assert_eq!(bench.pairing.next_timeout(), None);
    bench.feed(Input::Visible(false));
    bench.feed(Input::Visible(true));
    assert!(bench.open.is_empty());
}

#[test]
fn no_interval_is_too_short() {
    let config = Config {
        policy: Policy {
            poll_interval: Millis(1),
            ..Policy::default()
        },
        ..Config::default()
    };
    let mut bench = Bench::awaiting_with(config);
    assert_eq!(bench.run_timeout(), 250);
}

#[test]
fn a_request_without_an_end_is_given_up() {
    let mut bench = Bench::creating();
    assert_eq!(bench.run_timeout(), 10_000);
    assert_eq!(bench.aborted.len(), 1);
    assert_eq!(bench.error(), Some(ErrorCode::Timeout));
    assert_eq!(bench.phase(), Phase::Creating);
    bench.act(Act::Retry);
    assert_eq!(bench.open.len(), 1);
}

// Invariant 14

#[test]
fn without_timer_driven_refreshes_a_code_just_ends() {
    let config = Config {
        policy: Policy {
            max_refreshes: 0,
            ..Policy::default()
        },
        ..Config::default()
    };
    let mut bench = Bench::awaiting_with(config);
    bench.run(119_000, Status::Pending);
    assert!(bench.shows_code());
    bench.run(2000, Status::Pending);
    assert_eq!(bench.phase(), Phase::Expired);
}

#[test]
fn the_lead_is_at_most_a_quarter_of_the_life() {
    let mut bench = Bench::creating();
    let Answer::Created { session, code } = created("s1", "2@first") else {
        unreachable!()
    };
    let code = CodeOffer {
        life: Some(Millis(20_000)),
        ..code
    };
    bench.answer(Ok(Answer::Created { session, code }));
    while !matches!(bench.open.last(), Some((_, Call::Get { fresh: true, .. }))) {
        if !bench.open.is_empty() {
            bench.answer(Ok(read("s1", Status::Pending)));
        }
        bench.run_timeout();
    }
    assert_eq!(bench.now, 1_015_000);
}

// Invariant 15

#[test]
fn a_401_renews_the_token_once() {
    let mut bench = Bench::creating();
    let call = bench.asked().clone();
    bench.refuse(ErrorCode::Unauthorized);
    assert_eq!((bench.renewals, bench.open.len()), (1, 0));
    assert_eq!(bench.errors(), []);
    bench.feed(Input::TokenRenewed(Ok(())));
    assert_eq!(bench.asked(), &call);
    bench.refuse(ErrorCode::Unauthorized);
    assert_eq!(bench.renewals, 1);
    assert_eq!(bench.error(), Some(ErrorCode::Unauthorized));
    bench.act(Act::Start { fresh: false });
    bench.refuse(ErrorCode::Unauthorized);
    assert_eq!(bench.renewals, 2);
    bench.feed(Input::TokenRenewed(Ok(())));
    bench.answer(Ok(created("s1", "2@first")));
    bench.run_timeout();
    bench.refuse(ErrorCode::Unauthorized);
    assert_eq!(bench.renewals, 3);
    assert!(bench.shows_code());
}

#[test]
fn a_token_that_cannot_be_had_ends_in_error() {
    let mut bench = Bench::creating();
    bench.refuse(ErrorCode::Unauthorized);
    let error = Error::new(ErrorCode::NetworkOrCors);
    bench.feed(Input::TokenRenewed(Err(error)));
    assert_eq!(bench.error(), Some(ErrorCode::NetworkOrCors));
    bench.feed(Input::TokenRenewed(Ok(())));
    assert_eq!(bench.phase(), Phase::Error);

    let mut bench = Bench::awaiting();
    bench.act(Act::Refresh);
    bench.answer(Ok(read("s1", Status::Pending)));
    bench.refuse(ErrorCode::Unauthorized);
    assert_eq!(bench.run_timeout(), 30_000);
    assert_eq!(bench.error(), Some(ErrorCode::Timeout));
}

#[test]
fn a_qr_after_a_renewal_begins_with_its_read() {
    let mut bench = Bench::awaiting();
    bench.act(Act::Refresh);
    bench.answer(Ok(read("s1", Status::Pending)));
    bench.refuse(ErrorCode::Unauthorized);
    bench.feed(Input::TokenRenewed(Ok(())));
    assert!(matches!(bench.asked(), Call::Get { fresh: true, .. }));
}

// Bad inputs

#[test]
fn a_code_that_cannot_be_drawn_is_asked_for_three_times_more() {
    let missing = Answer::Code(CodeOffer {
        payload: None,
        life: None,
    });
    for (bad, problem) in [
        (code("javascript:alert(1)"), ErrorCode::InvalidResponse),
        (code(PICTURE), ErrorCode::QrUnverified),
        (missing, ErrorCode::InvalidResponse),
    ] {
        let mut bench = Bench::awaiting();
        bench.take_events();
        bench.act(Act::Refresh);
        for attempt in 0..4u64 {
            bench.answer(Ok(read("s1", Status::Pending)));
            assert_eq!(bench.asked(), &Call::Qr { id: id("s1") });
            bench.answer(Ok(bad.clone()));
            assert!(!bench.shows_code());
            assert_eq!(bench.error(), Some(problem));
            if attempt < 3 {
                assert_eq!(bench.phase(), Phase::Refreshing);
                let waited = bench.run_timeout();
                let most = 1000 << attempt;
                assert!((most / 2..=most).contains(&waited), "{attempt}: {waited}");
            }
        }
        assert_eq!(bench.phase(), Phase::Expired);
        assert_eq!(bench.errors(), [problem]);
        bench.run(60_000, Status::Pending);
        assert_eq!(bench.error(), Some(problem));
        bench.act(Act::Refresh);
        bench.answer(Ok(read("s1", Status::Pending)));
        bench.answer(Ok(code("2@x")));
        assert_eq!((bench.phase(), bench.error()), (Phase::AwaitingScan, None));
    }
}

#[test]
fn a_create_with_a_bad_code_keeps_its_session() {
    let mut bench = Bench::creating();
    bench.answer(Ok(created("s1", "<html>")));
    assert_eq!(bench.phase(), Phase::Refreshing);
    assert_eq!(bench.slots.last(), Some(&stored("s1")));
    bench.run(2000, Status::Pending);
    assert_eq!(bench.phase(), Phase::AwaitingScan);
}

#[test]
fn the_original_is_offered_until_its_code_is_dead() {
    let mut bench = Bench::creating();
    bench.answer(Ok(created("s1", PICTURE)));
    assert!(bench.pairing.snapshot().original_available);
    bench.act(Act::ShowOriginal);
    assert_eq!(bench.phase(), Phase::AwaitingScan);
    let shown = bench.pairing.snapshot().qr.clone().unwrap();
    assert!(matches!(shown.drawing, Drawing::Original(_)));
    assert_eq!(shown.deadline, Instant(1_120_000));
    assert!(!bench.pairing.snapshot().original_available);

    // The next `/qr` kills it.
    let mut bench = Bench::creating();
    bench.answer(Ok(created("s1", PICTURE)));
    bench.run_timeout();
    assert!(bench.pairing.snapshot().original_available);
    bench.answer(Ok(read("s1", Status::Pending)));
    assert!(matches!(bench.asked(), Call::Qr { .. }));
    assert!(!bench.pairing.snapshot().original_available);
    bench.act(Act::ShowOriginal);
    assert!(!bench.shows_code());

    // So does time.
    let mut bench = Bench::creating();
    bench.answer(Ok(created("s1", PICTURE)));
    bench.feed(Input::Online(false));
    bench.now += 120_000;
    bench.feed(Input::Timeout);
    assert!(!bench.pairing.snapshot().original_available);
}

// Phases

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

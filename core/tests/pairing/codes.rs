//! Codes: until when one is shown, how often another one is asked for, and what becomes of bad ones (invariants 3, 4 and 14).

use super::support::*;
use sendapi_pairing_core::{
    api::{Answer, Call, CodeOffer},
    error::ErrorCode,
    model::Status,
    pairing::{Act, Config, Drawing, Event, Input, Phase, Policy},
    time::{Instant, Millis},
};

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
    assert!(bench.errors().is_empty());
}

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
fn a_code_that_was_the_last_ends_without_another_question() {
    let mut config = Config::default();
    config.policy.max_refreshes = 0;
    let mut bench = Bench::awaiting_with(config);
    bench.feed(Input::Online(false));
    let sent = bench.sent.len();
    bench.now = 1_120_000;
    bench.feed(Input::Timeout);
    assert_eq!((bench.phase(), bench.sent.len()), (Phase::Expired, sent));
}

/// What is due by then would be sent only to be aborted.
#[test]
fn a_page_that_hides_sends_nothing_more() {
    let mut bench = Bench::awaiting();
    let sent = bench.sent.len();
    bench.now += 30_000;
    bench.feed(Input::Visible(false));
    assert_eq!((bench.sent.len(), bench.aborted.len()), (sent, 0));
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

/// An answer that cannot be understood is a code that cannot be drawn.
#[test]
fn an_answer_to_qr_that_is_none_is_asked_for_three_times_more() {
    let mut bench = Bench::awaiting();
    bench.act(Act::Refresh);
    for attempt in 0..4 {
        bench.answer(Ok(read("s1", Status::Pending)));
        bench.refuse(ErrorCode::InvalidResponse);
        assert_eq!(bench.error(), Some(ErrorCode::InvalidResponse));
        if attempt < 3 {
            bench.run_timeout();
        }
    }
    assert_eq!(bench.phase(), Phase::Expired);
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

#[test]
fn an_invalid_code_after_a_dead_one_is_still_told() {
    let mut bench = Bench::awaiting();
    bench.act(Act::Refresh);
    bench.answer(Ok(read("s1", Status::Pending)));
    bench.answer(Ok(Answer::Code(offer("2@dead", 0))));
    assert!(bench.errors().is_empty());
    bench.answer(Ok(read("s1", Status::Pending)));
    bench.answer(Ok(code("no code")));
    assert_eq!(bench.errors(), [ErrorCode::InvalidResponse]);
}

#[test]
fn a_code_that_dies_as_it_arrives_is_not_told() {
    let mut bench = Bench::creating();
    let Answer::Created { session, .. } = created("s1", "2@first") else {
        unreachable!()
    };
    bench.now += 4000;
    let code = offer("2@first", 4000);
    bench.answer(Ok(Answer::Created { session, code }));
    assert!(!bench.shows_code());
    assert!(
        !bench
            .events
            .iter()
            .any(|event| matches!(event, Event::Qr { .. }))
    );
}

#[test]
fn what_stands_for_a_code_in_a_recording_is_no_code_in_a_pairing() {
    let mut replayed = Bench::creating();
    replayed.answer(Ok(created("s1", "2@replayed")));
    let mut bench = Bench::creating();
    bench.answer(Ok(created("s1", "2@another")));
    let drawn = |bench: &Bench| {
        let shown = bench.pairing.snapshot().qr.as_ref().expect("a code");
        match &shown.drawing {
            Drawing::Verified(matrix) => matrix.to_bytes(),
            Drawing::Original(_) => unreachable!(),
        }
    };
    let dark = |bytes: &[u8]| bytes.iter().map(|byte| byte.count_ones()).sum::<u32>();
    assert_ne!(drawn(&replayed), drawn(&bench));
    assert!(
        dark(&drawn(&replayed)) > 100,
        "it was encoded like any other"
    );
}

#[test]
fn codes_are_counted_from_one_and_anew_with_a_gesture() {
    let attempts = |bench: &mut Bench| -> Vec<u32> {
        let told = bench.take_events().into_iter();
        told.filter_map(|event| match event {
            Event::Qr { attempt, .. } => Some(attempt),
            _ => None,
        })
        .collect()
    };
    let mut bench = Bench::awaiting();
    bench.run(250_000, Status::Pending);
    assert_eq!(attempts(&mut bench), [1, 2, 3]);
    bench.act(Act::Refresh);
    bench.run(1000, Status::Pending);
    assert_eq!(attempts(&mut bench), [1]);
}

#[test]
fn a_read_that_waits_for_its_back_off_outwaits_the_codes_death() {
    let mut bench = Bench::awaiting();
    // The read before the refresh fails and fails again, until a back-off outlasts the code.
    loop {
        if bench.open.is_empty() {
            bench.run_timeout();
        } else if matches!(bench.asked(), Call::Get { fresh: true, .. }) {
            bench.refuse(ErrorCode::NetworkOrCors);
        } else {
            bench.answer(Ok(read("s1", Status::Pending)));
        }
        if bench.phase() == Phase::Refreshing {
            break;
        }
    }
    let failures = bench.sent.iter().rev();
    let failures = failures.take_while(|call| matches!(call, Call::Get { fresh: true, .. }));
    assert!(failures.count() >= 3);
    assert!(bench.open.is_empty(), "its death asks nothing at once");
    assert!(bench.pairing.next_timeout().expect("the back-off").0 > bench.now);
}

#[test]
fn a_refresh_that_is_under_way_when_the_code_dies_is_the_only_one() {
    let mut bench = Bench::awaiting();
    loop {
        if bench.open.is_empty() {
            bench.run_timeout();
        } else if matches!(bench.asked(), Call::Get { fresh: true, .. }) {
            break;
        } else {
            bench.answer(Ok(read("s1", Status::Pending)));
        }
    }
    let asked = bench.sent.len();
    // The read takes its ten seconds; the code dies meanwhile, and is gone before the answer.
    while bench.phase() == Phase::AwaitingScan {
        bench.run_timeout();
    }
    assert!(bench.sent.len() <= asked + 1);
    assert!(!bench.shows_code());
}

#[test]
fn no_new_code_is_asked_for_where_nothing_can_be_sent() {
    let mut bench = Bench::awaiting();
    bench.act(Act::Refresh);
    assert!(matches!(bench.asked(), Call::Get { fresh: true, .. }));
    bench.feed(Input::Online(false));
    bench.answer(Ok(read("s1", Status::Pending)));
    assert!(bench.open.is_empty());
    bench.feed(Input::Online(true));
    assert!(matches!(bench.asked(), Call::Get { fresh: true, .. }));
}

fn codes_asked(bench: &Bench) -> usize {
    let sent = bench.sent.iter();
    sent.filter(|call| matches!(call, Call::Qr { .. })).count()
}

/// At most one timer-driven refresh, and its read under way.
fn one_refresh_due() -> Bench {
    let config = Config {
        policy: Policy {
            max_refreshes: 1,
            ..Policy::default()
        },
        ..Config::default()
    };
    let mut bench = Bench::awaiting_with(config);
    loop {
        if bench.open.is_empty() {
            bench.run_timeout();
        } else if matches!(bench.asked(), Call::Get { fresh: true, .. }) {
            return bench;
        } else {
            bench.answer(Ok(read("s1", Status::Pending)));
        }
    }
}

#[test]
fn a_refresh_that_fails_is_counted_once() {
    let mut bench = one_refresh_due();
    bench.answer(Ok(read("s1", Status::Pending)));
    for asked in 1..=3 {
        assert_eq!(codes_asked(&bench), asked);
        bench.refuse(ErrorCode::ServerError);
        bench.run_timeout();
        bench.answer(Ok(read("s1", Status::Pending)));
    }
    bench.answer(Ok(code("2@second")));
    assert_eq!(bench.phase(), Phase::AwaitingScan);
    bench.run(121_000, Status::Pending);
    assert_eq!((bench.phase(), codes_asked(&bench)), (Phase::Expired, 4));
}

#[test]
fn hiding_forgets_that_a_refresh_was_due() {
    let mut bench = one_refresh_due();
    bench.feed(Input::Visible(false));
    bench.feed(Input::Visible(true));
    // What the return brings is no timer's doing, and leaves the timer its own.
    bench.run(1000, Status::Pending);
    assert_eq!(
        (bench.phase(), codes_asked(&bench)),
        (Phase::AwaitingScan, 1)
    );
    bench.run(115_000, Status::Pending);
    assert_eq!(
        (bench.phase(), codes_asked(&bench)),
        (Phase::AwaitingScan, 2)
    );
    bench.run(121_000, Status::Pending);
    assert_eq!((bench.phase(), codes_asked(&bench)), (Phase::Expired, 2));
}

#[test]
fn an_original_goes_with_whatever_ends_the_wait_for_its_code() {
    let unverified = || {
        let mut bench = Bench::creating();
        bench.answer(Ok(created("s1", PICTURE)));
        assert!(bench.pairing.snapshot().original_available);
        bench.run_timeout();
        bench
    };
    let gone = |bench: &mut Bench| {
        assert!(!bench.pairing.snapshot().original_available);
        let phase = bench.phase();
        bench.act(Act::ShowOriginal);
        assert_eq!(
            (bench.phase(), bench.shows_code()),
            (phase, phase == Phase::AwaitingScan)
        );
    };
    // The service kills it with the next question for a code.
    let mut bench = unverified();
    bench.answer(Ok(read("s1", Status::Pending)));
    gone(&mut bench);
    bench.answer(Ok(code("2@second")));
    gone(&mut bench);
    let mut bench = unverified();
    bench.answer(Ok(read("s1", Status::Connected)));
    gone(&mut bench);
    let mut bench = unverified();
    bench.act(Act::Stop { discard: false });
    gone(&mut bench);
    let mut bench = unverified();
    bench.feed(Input::Visible(false));
    gone(&mut bench);
}

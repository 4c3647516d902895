//! When the next request goes out (invariant 13).

use super::support::*;
use sendapi_pairing_core::{
    api::Call,
    error::ErrorCode,
    model::Status,
    pairing::{Act, Config, Event, Input, Phase, Policy, Slot},
    time::{Instant, Millis},
};

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
        // What would change nothing is not offered.
        assert!(!bench.pairing.snapshot().offers.retry);
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

#[test]
fn what_somebody_waits_for_is_repeated_sooner_than_a_poll() {
    let mut checking = Bench::new(Config::default(), HERE);
    checking.mount(stored("s1"));
    let mut refreshing = Bench::awaiting();
    refreshing.act(Act::Refresh);
    for mut bench in [checking, refreshing] {
        bench.refuse(ErrorCode::NetworkOrCors);
        let wait = bench.pairing.next_timeout().expect("a retry").0 - bench.now;
        assert!((500..=1000).contains(&wait), "{wait}");
    }
}

#[test]
fn a_request_names_itself_once() {
    let mut bench = Bench::awaiting();
    let mut asks = std::collections::BTreeSet::new();
    for _ in 0..5 {
        bench.run_timeout();
        let (ask, _) = bench.open.last().expect("a poll").clone();
        assert!(asks.insert(ask));
        bench.answer(Ok(read("s1", Status::Pending)));
    }
}

#[test]
fn an_early_end_is_polled_as_slowly_as_a_late_one() {
    let mut bench = Bench::awaiting();
    bench.act(Act::Refresh);
    while bench.phase() != Phase::Expired {
        if bench.open.is_empty() {
            bench.run_timeout();
        }
        match bench.asked() {
            Call::Qr { .. } => bench.answer(Ok(code("no code"))),
            _ => bench.answer(Ok(read("s1", Status::Pending))),
        }
    }
    assert_eq!(bench.run_timeout(), 10_000);
}

#[test]
fn what_waits_is_told_for_each_of_its_reasons() {
    let retry_at = |bench: &Bench| bench.pairing.snapshot().retry_at;
    // A code that could not be shown.
    let mut bench = Bench::creating();
    bench.answer(Ok(created("s1", "no code")));
    assert!(retry_at(&bench).is_some());
    assert!(bench.pairing.snapshot().offers.refresh);
    // The service's own wish, also after a click that forgives the failures.
    let mut bench = Bench::creating();
    bench.answer(Err(failure(ErrorCode::RateLimited, 60_000)));
    bench.act(Act::Retry);
    assert!(bench.open.is_empty());
    assert_eq!(retry_at(&bench), bench.pairing.next_timeout());
    assert!(retry_at(&bench).is_some());
}

#[test]
fn a_watch_is_switched_off_and_on_at_once() {
    let mut bench = Bench::connected_with(Config::default());
    assert!(bench.pairing.next_timeout().is_some());
    let mut config = Config::default();
    config.policy.watch_interval = Millis::ZERO;
    bench.feed(Input::Configure(Box::new(config.clone())));
    assert_eq!(bench.pairing.next_timeout(), None);
    config.policy.watch_interval = Millis::from_secs(7);
    bench.feed(Input::Configure(Box::new(config)));
    assert_eq!(bench.run_timeout(), 7000);
    assert_eq!(bench.open.len(), 1);
}

/// Served at the very moment that `Retry-After` named, nothing is being retried any more.
#[test]
fn a_wait_that_is_over_is_not_told_of() {
    let mut bench = Bench::awaiting();
    bench.run_timeout();
    bench.answer(Err(failure(ErrorCode::RateLimited, 20_000)));
    assert!(bench.pairing.snapshot().retry_at.is_some());
    assert_eq!(bench.run_timeout(), 20_000);
    bench.answer(Ok(read("s1", Status::Pending)));
    assert_eq!(bench.pairing.snapshot().retry_at, None);
}

/// Reads that succeed make good no `/qr` that fails: it is asked for ever more rarely, and told of once.
#[test]
fn a_code_that_is_not_to_be_had_is_asked_for_ever_more_rarely() {
    for code in [ErrorCode::ServerError, ErrorCode::RateLimited] {
        let mut bench = Bench::new(Config::default(), HERE);
        bench.mount(stored("s1"));
        let mut waits = Vec::new();
        for _ in 0..10 {
            bench.answer(Ok(read("s1", Status::Pending)));
            assert!(matches!(bench.asked(), Call::Qr { .. }));
            bench.refuse(code);
            waits.push(bench.run_timeout());
        }
        for (failures, wait) in waits.iter().enumerate() {
            let back_off = (1000 << failures).min(60_000);
            assert!((back_off / 2..=back_off).contains(wait), "{waits:?}");
        }
        let told = bench
            .events
            .iter()
            .filter(|event| matches!(event, Event::Error(_)));
        assert_eq!(told.count(), 1);
        // Once there is one, the next failure is the first again.
        bench.answer(Ok(read("s1", Status::Pending)));
        bench.answer(Ok(self::code("2@new")));
        assert!(bench.shows_code());
        bench.run_timeout();
        bench.refuse(code);
        let told = bench
            .events
            .iter()
            .filter(|event| matches!(event, Event::Error(_)));
        assert_eq!(told.count(), 2);
    }
}

#[test]
fn a_longer_interval_than_ours_stays_what_it_is() {
    let policy = Policy {
        poll_interval: Millis::from_secs(20),
        ..Policy::default()
    };
    let mut bench = Bench::awaiting_with(Config {
        policy,
        ..Config::default()
    });
    let begun = bench.now;
    while bench.now < begun + 180_000 {
        let waited = bench.run_timeout();
        if let Some((_, Call::Get { fresh: false, .. })) = bench.open.last() {
            assert!(
                waited >= 20_000 || bench.phase() != Phase::AwaitingScan,
                "{waited}"
            );
        }
        while let Some((_, call)) = bench.open.last() {
            let answer = match call {
                Call::Qr { .. } => code("2@x"),
                _ => read("s1", Status::Pending),
            };
            bench.answer(Ok(answer));
        }
    }
}

#[test]
fn a_tab_that_follows_reads_no_more_often_than_the_interval() {
    let policy = Policy {
        watch_interval: Millis::from_secs(300),
        ..Policy::default()
    };
    let config = Config {
        policy,
        ..with_session("s1")
    };
    let mut bench = Bench::new(config, super::tabs::SHARED);
    bench.mount(Slot::default());
    bench.answer(Ok(read("s1", Status::Connected)));
    let waited = bench.run_timeout();
    assert!((300_000..=600_000).contains(&waited), "{waited}");
}

//! The way of a pairing through its phases (`product.md`, "Phases").

use super::support::*;
use sendapi_pairing_core::{
    api::Call,
    error::ErrorCode,
    model::Status,
    pairing::{Act, Config, Event, Input, Phase, Slot, Surroundings},
    time::Millis,
};

#[test]
fn from_nothing_to_connected() {
    let mut bench = Bench::new(Config::default(), HERE);
    assert_eq!(bench.phase(), Phase::Idle);
    bench.mount(Slot::default());
    assert_eq!(bench.phase(), Phase::Creating);
    assert!(matches!(bench.asked(), Call::Create { name, .. } if name == "WhatsApp"));
    bench.now += 300;
    bench.answer(Ok(created("s1", "2@first")));
    assert_eq!(bench.phase(), Phase::AwaitingScan);
    let shown = bench.pairing.snapshot().qr.clone().unwrap();
    // From the start of the request, not from the answer.
    assert_eq!(shown.deadline.0, bench.now - 300 + 120_000);
    assert_eq!(bench.run_timeout(), 3000);
    assert_eq!(
        bench.asked(),
        &Call::Get {
            id: id("s1"),
            fresh: false
        }
    );
    bench.answer(Ok(read("s1", Status::Pending)));
    assert_eq!(bench.run_timeout(), 3000);
    bench.answer(Ok(read("s1", Status::Connected)));
    assert_eq!(bench.phase(), Phase::Connected);
    assert!(!bench.shows_code());
    assert_eq!(
        bench.take_events(),
        [
            Event::Ready,
            Event::PhaseChange {
                phase: Phase::Creating,
                previous: Phase::Idle
            },
            Event::PhaseChange {
                phase: Phase::AwaitingScan,
                previous: Phase::Creating
            },
            Event::Qr {
                remaining: Millis(119_700),
                attempt: 1
            },
            Event::PhaseChange {
                phase: Phase::Connected,
                previous: Phase::AwaitingScan
            },
            Event::Connected {
                session_id: id("s1"),
                phone_number: Some(phone("+447700900001")),
                resumed: false
            },
        ]
    );
    assert_eq!(bench.run_timeout(), 30_000);
    bench.answer(Ok(read("s1", Status::Connected)));
    assert_eq!(bench.take_events(), []);
}

#[test]
fn the_key_is_stored_before_the_create_and_gone_with_its_answer() {
    let mut bench = Bench::creating();
    let Call::Create { key, .. } = bench.asked().clone() else {
        panic!("{:?}", bench.asked())
    };
    assert_eq!(bench.slots.len(), 1);
    assert_eq!(bench.slots[0].idempotency_key, Some(key));
    assert_eq!(bench.slots[0].session_id, None);
    bench.answer(Ok(created("s1", "2@first")));
    assert_eq!(bench.slots.len(), 2);
    assert_eq!(bench.slots[1], stored("s1"));
}

#[test]
fn a_refresh_reads_the_status_first_and_takes_the_old_code_away_when_it_asks() {
    let mut bench = Bench::awaiting();
    bench.now += 120_000 - 10_000 - 1;
    bench.feed(Input::Timeout);
    bench.answer(Ok(read("s1", Status::Pending)));
    assert_eq!(bench.run_timeout(), 1);
    assert_eq!(
        bench.asked(),
        &Call::Get {
            id: id("s1"),
            fresh: true
        }
    );
    assert!(bench.shows_code());
    bench.answer(Ok(read("s1", Status::Pending)));
    assert_eq!(bench.asked(), &Call::Qr { id: id("s1") });
    assert_eq!(bench.phase(), Phase::Refreshing);
    assert!(!bench.shows_code());
    bench.answer(Ok(code("2@second")));
    assert_eq!(bench.phase(), Phase::AwaitingScan);
    assert_eq!(bench.pairing.snapshot().qr.as_ref().unwrap().generation, 2);
}

#[test]
fn a_scan_seen_by_the_read_before_a_refresh_is_a_success() {
    let mut bench = Bench::awaiting();
    bench.act(Act::Refresh);
    assert_eq!(bench.phase(), Phase::Refreshing);
    bench.answer(Ok(read("s1", Status::Connected)));
    assert_eq!(bench.phase(), Phase::Connected);
    assert!(
        !bench
            .sent
            .iter()
            .any(|call| matches!(call, Call::Qr { .. }))
    );
}

#[test]
fn an_abandoned_page_stops_after_five_refreshes_and_a_click_goes_on() {
    let mut bench = Bench::awaiting();
    bench.run(3_600_000, Status::Pending);
    assert_eq!(bench.phase(), Phase::Expired);
    let codes = |bench: &Bench| {
        let asked = bench.sent.iter();
        asked.filter(|call| matches!(call, Call::Qr { .. })).count()
    };
    assert_eq!(codes(&bench), 5);
    assert_eq!(
        bench
            .events
            .iter()
            .filter(|e| **e == Event::Expired)
            .count(),
        1
    );
    assert!(bench.pairing.snapshot().offers.refresh);
    let before = bench.sent.len();
    bench.run(100_000, Status::Pending);
    assert!((9..=10).contains(&(bench.sent.len() - before)));
    bench.act(Act::Refresh);
    bench.run(1000, Status::Pending);
    assert_eq!(bench.phase(), Phase::AwaitingScan);
    assert_eq!(codes(&bench), 6);
    bench.run(3_600_000, Status::Pending);
    assert_eq!((bench.phase(), codes(&bench)), (Phase::Expired, 11));
    bench.run(20_000, Status::Connected);
    assert_eq!(bench.phase(), Phase::Connected);
}

#[test]
fn lost_and_found_again() {
    let mut bench = Bench::connected_with(Config::default());
    bench.take_events();
    bench.run_timeout();
    bench.answer(Ok(read("s1", Status::Disconnected)));
    assert_eq!(bench.phase(), Phase::Reconnecting);
    let mut waits = Vec::new();
    for _ in 0..6 {
        waits.push(bench.run_timeout());
        bench.answer(Ok(read("s1", Status::Disconnected)));
    }
    assert_eq!(waits, [5000, 10_000, 20_000, 40_000, 60_000, 60_000]);
    bench.run_timeout();
    bench.answer(Ok(read("s1", Status::Connected)));
    let events = bench.take_events();
    assert_eq!(events.len(), 4, "{events:?}");
    assert_eq!(
        events[1],
        Event::Disconnected {
            session_id: id("s1")
        }
    );
    assert!(matches!(events[3], Event::Connected { resumed: false, .. }));
}

#[test]
fn a_failed_session_waits_for_a_person_who_starts_a_new_one() {
    let mut bench = Bench::awaiting();
    bench.run_timeout();
    bench.answer(Ok(read("s1", Status::Failed)));
    assert_eq!(bench.phase(), Phase::Failed);
    assert_eq!(bench.pairing.next_timeout(), None);
    assert_eq!(
        bench.events.last(),
        Some(&Event::Failed {
            session_id: id("s1")
        })
    );
    assert!(bench.pairing.snapshot().offers.start);
    bench.act(Act::Start { fresh: false });
    assert!(matches!(bench.asked(), Call::Create { .. }));
    bench.answer(Ok(created("s2", "2@first")));
    assert_eq!(bench.slots.last(), Some(&stored("s2")));
}

#[test]
fn an_unknown_status_is_shown_neutrally_and_the_next_known_one_decides() {
    let mut bench = Bench::awaiting();
    bench.run_timeout();
    bench.answer(Ok(read("s1", Status::Unknown)));
    assert_eq!(bench.phase(), Phase::ActionRequired);
    assert!(!bench.shows_code());
    bench.run(60_000, Status::Unknown);
    assert!(
        bench.sent[1..]
            .iter()
            .all(|call| matches!(call, Call::Get { .. }))
    );
    bench.run(10_000, Status::Pending);
    assert_eq!(bench.phase(), Phase::AwaitingScan);
    bench.run(10_000, Status::Unknown);
    bench.run(10_000, Status::Connected);
    assert_eq!(bench.phase(), Phase::Connected);
}

#[test]
fn a_reload_resumes_what_was_stored() {
    let mut bench = Bench::new(Config::default(), HERE);
    bench.mount(stored("s9"));
    assert_eq!(bench.phase(), Phase::Checking);
    bench.answer(Ok(read("s9", Status::Connected)));
    assert!(matches!(
        bench.events.last(),
        Some(Event::Connected { resumed: true, .. })
    ));

    let mut bench = Bench::new(Config::default(), HERE);
    bench.mount(stored("s9"));
    bench.answer(Ok(read("s9", Status::Pending)));
    assert_eq!(bench.asked(), &Call::Qr { id: id("s9") });
    bench.answer(Ok(code("2@x")));
    bench.run_timeout();
    bench.answer(Ok(read("s9", Status::Connected)));
    assert!(matches!(
        bench.events.last(),
        Some(Event::Connected { resumed: false, .. })
    ));
}

#[test]
fn a_stored_session_that_is_gone_is_replaced_once() {
    for reason in [ErrorCode::NotFound, ErrorCode::Forbidden] {
        let mut bench = Bench::new(Config::default(), HERE);
        bench.mount(stored("s9"));
        bench.refuse(reason);
        assert_eq!(bench.phase(), Phase::Creating);
        assert!(matches!(bench.asked(), Call::Create { .. }));
        assert_eq!(bench.errors(), []);
        assert_eq!(bench.slots.len(), 2);
        assert_eq!(bench.slots[0], Slot::default());
        bench.answer(Ok(created("s1", "2@first")));
        bench.act(Act::Stop { discard: false });
        bench.now += 1;
        bench.act(Act::Start { fresh: false });
        bench.answer(Ok(read("s1", Status::Pending)));
        bench.answer(Ok(code("2@again")));
        bench.run_timeout();
        bench.refuse(reason);
        assert_eq!(bench.phase(), Phase::Error);
    }
}

#[test]
fn a_configured_session_that_is_gone_ends_in_error() {
    for code in [ErrorCode::NotFound, ErrorCode::Forbidden] {
        let mut bench = Bench::new(with_session("s9"), HERE);
        bench.mount(stored("other"));
        assert_eq!(
            bench.asked(),
            &Call::Get {
                id: id("s9"),
                fresh: true
            }
        );
        bench.refuse(code);
        assert_eq!((bench.phase(), bench.error()), (Phase::Error, Some(code)));
        assert_eq!(bench.pairing.next_timeout(), None);
        assert!(bench.pairing.snapshot().offers.start);
    }
}

#[test]
fn a_session_that_vanishes_while_it_is_watched_ends_in_error() {
    let mut bench = Bench::connected_with(Config::default());
    bench.run_timeout();
    bench.refuse(ErrorCode::NotFound);
    assert_eq!(bench.phase(), Phase::Error);
    assert_eq!(bench.slots.last(), Some(&Slot::default()));
    bench.act(Act::Start { fresh: false });
    assert!(matches!(bench.asked(), Call::Create { .. }));
}

#[test]
fn stop_and_start_again() {
    let mut bench = Bench::awaiting();
    bench.run_timeout();
    bench.act(Act::Stop { discard: false });
    assert_eq!(bench.phase(), Phase::Idle);
    assert_eq!(bench.aborted.len(), 1);
    assert!(!bench.shows_code());
    assert_eq!(bench.pairing.next_timeout(), None);
    bench.act(Act::Start { fresh: false });
    assert_eq!(bench.phase(), Phase::Checking);
    bench.act(Act::Stop { discard: false });
    bench.act(Act::Start { fresh: true });
    assert_eq!(bench.phase(), Phase::Creating);
}

#[test]
fn stop_discards_a_pending_session_of_ours_only() {
    let mut bench = Bench::awaiting();
    bench.act(Act::Stop { discard: true });
    assert_eq!(bench.phase(), Phase::Unlinking);
    assert_eq!(bench.asked(), &Call::Delete { id: id("s1") });
    bench.answer(Ok(sendapi_pairing_core::api::Answer::Deleted));
    assert_eq!(bench.phase(), Phase::Idle);
    assert_eq!(bench.slots.last(), Some(&Slot::default()));
    assert!(
        !bench
            .events
            .iter()
            .any(|e| matches!(e, Event::Unlinked { .. }))
    );
    bench.act(Act::Start { fresh: false });
    assert_eq!(bench.phase(), Phase::Creating);

    let mut bench = Bench::connected_with(Config::default());
    bench.act(Act::Stop { discard: true });
    assert_eq!((bench.phase(), bench.open.len()), (Phase::Idle, 0));

    let mut bench = Bench::new(with_session("s9"), HERE);
    bench.mount(Slot::default());
    bench.answer(Ok(read("s9", Status::Pending)));
    bench.act(Act::Stop { discard: true });
    assert_eq!((bench.phase(), bench.open.len()), (Phase::Idle, 0));
}

#[test]
fn hiding_takes_the_code_away_and_coming_back_reads_first() {
    let mut bench = Bench::awaiting();
    bench.run_timeout();
    bench.feed(Input::Visible(false));
    assert_eq!(bench.aborted.len(), 1);
    assert!(!bench.shows_code());
    assert_eq!(bench.pairing.next_timeout(), None);
    bench.now += 50_000;
    bench.feed(Input::Timeout);
    assert!(bench.open.is_empty());
    bench.feed(Input::Visible(true));
    assert_eq!(
        bench.asked(),
        &Call::Get {
            id: id("s1"),
            fresh: true
        }
    );
    bench.answer(Ok(read("s1", Status::Pending)));
    assert_eq!(bench.asked(), &Call::Qr { id: id("s1") });
    bench.answer(Ok(code("2@second")));
    assert!(bench.shows_code());
}

#[test]
fn nothing_goes_out_before_the_widget_can_be_seen() {
    let mut bench = Bench::new(
        Config::default(),
        Surroundings {
            visible: false,
            on_screen: false,
            ..HERE
        },
    );
    bench.mount(Slot::default());
    bench.feed(Input::Visible(true));
    assert!(bench.open.is_empty());
    bench.feed(Input::OnScreen(true));
    assert_eq!(bench.open.len(), 1);

    let mut bench = Bench::new(manual(), HERE);
    bench.mount(stored("s1"));
    assert!(bench.open.is_empty());
    assert!(bench.pairing.snapshot().offers.start);
    bench.act(Act::Start { fresh: false });
    assert_eq!(bench.phase(), Phase::Checking);
}

#[test]
fn a_second_mount_changes_nothing() {
    let mut bench = Bench::awaiting();
    let events = bench.events.len();
    bench.mount(stored("other"));
    assert_eq!(bench.events.len(), events);
    assert_eq!(bench.phase(), Phase::AwaitingScan);
}

/// Each code of a linked session that waits for a scan again counts: nobody asked for it.
#[test]
fn a_linked_session_that_is_pending_again_drives_no_endless_codes() {
    for before in [Status::Connected, Status::Disconnected, Status::Unknown] {
        let mut config = Config::default();
        config.policy.max_refreshes = 0;
        let mut bench = Bench::awaiting_with(config);
        bench.run_timeout();
        bench.answer(Ok(read("s1", before)));
        let sent = bench.sent.len();
        bench.run_timeout();
        bench.answer(Ok(read("s1", Status::Pending)));
        assert_eq!(bench.phase(), Phase::Expired, "{before:?}");
        assert!(
            bench.sent[sent..]
                .iter()
                .all(|call| matches!(call, Call::Get { .. }))
        );
    }
}

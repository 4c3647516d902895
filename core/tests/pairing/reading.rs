//! Codes that the strict sampler leaves over: pairing texts, and pictures that another reader may read.

use super::support::*;
use sendapi_pairing_core::{
    api::Answer,
    error::ErrorCode,
    model::Status,
    pairing::{
        Act, Ask, Config, Drawing, Input, Phase, Policy, Slot, Surroundings, TabMessage, Unread,
    },
    qr::{self, Matrix},
};

/// A session was created with this code, and a second reading asked for.
fn reading(payload: &str, life: u64) -> Bench {
    let mut bench = Bench::new(Config::default(), HERE);
    bench.declines = false;
    bench.mount(Slot::default());
    bench.answer(Ok(Answer::Created {
        session: session("s1", Status::Pending),
        code: bare_offer(payload, life),
    }));
    assert_eq!(
        (bench.phase(), bench.readings.len()),
        (Phase::Refreshing, 1)
    );
    assert!(bench.open.is_empty() && !bench.shows_code());
    bench
}

fn modules() -> Matrix {
    qr::read(&picture_of(TEXT)).unwrap()
}

fn asked(bench: &mut Bench) -> Ask {
    bench.readings.remove(0).0
}

#[test]
fn a_text_is_drawn_once_it_is_read_and_its_life_counts_from_its_request() {
    let mut bench = reading(TEXT, 60_000);
    assert_eq!(bench.readings[0].1.expose(), TEXT);
    let sent = bench.now;
    bench.now += 4000;
    let ask = asked(&mut bench);
    bench.read(ask, Ok(modules()));
    assert_eq!(bench.phase(), Phase::AwaitingScan);
    let shown = bench.pairing.snapshot().qr.clone().unwrap();
    assert!(matches!(shown.drawing, Drawing::Verified(matrix) if *matrix == modules()));
    assert_eq!((shown.since.0, shown.deadline.0), (sent, sent + 60_000));
    assert!(bench.errors().is_empty());
}

#[test]
fn what_a_reader_brings_is_verified_again() {
    for payload in [TEXT, PICTURE] {
        let mut bench = reading(payload, 60_000);
        let ask = asked(&mut bench);
        bench.read(ask, Ok(Matrix::from_bytes(21, &[0; 56]).unwrap()));
        assert!(!bench.shows_code());
        let expected = if payload == TEXT {
            ErrorCode::InvalidResponse
        } else {
            ErrorCode::QrUnverified
        };
        assert_eq!(bench.errors(), [expected]);
    }
}

#[test]
fn what_cannot_be_read_is_thrown_away_and_asked_for_again() {
    for (payload, unread, error) in [
        (TEXT, Unread::Declined, ErrorCode::InvalidResponse),
        (TEXT, Unread::Unavailable, ErrorCode::WasmBlocked),
        (PICTURE, Unread::Declined, ErrorCode::QrUnverified),
        (PICTURE, Unread::Unavailable, ErrorCode::QrUnverified),
    ] {
        let mut bench = reading(payload, 60_000);
        for time in 0..=Policy::BAD_CODE_RETRIES {
            let ask = asked(&mut bench);
            bench.read(ask, Err(unread));
            let original = bench.pairing.snapshot().original_available;
            assert_eq!(original, payload == PICTURE, "{payload}");
            assert_eq!(bench.errors(), [error]);
            if time == Policy::BAD_CODE_RETRIES {
                assert_eq!(bench.phase(), Phase::Expired);
                break;
            }
            bench.run_timeout();
            bench.answer(Ok(read("s1", Status::Pending)));
            bench.answer(Ok(Answer::Code(bare_offer(payload, 60_000))));
        }
        if payload == PICTURE {
            bench.act(Act::ShowOriginal);
            assert_eq!(bench.phase(), Phase::AwaitingScan);
        }
    }
}

#[test]
fn a_reader_that_never_answers_is_given_up_on() {
    let mut bench = reading(TEXT, 60_000);
    let begun = bench.now;
    let ask = asked(&mut bench);
    while bench.errors().is_empty() {
        bench.run_timeout();
        if !bench.open.is_empty() {
            bench.answer(Ok(read("s1", Status::Pending)));
        }
    }
    assert_eq!(bench.now - begun, Policy::READING_DEADLINE.0);
    assert_eq!(bench.errors(), [ErrorCode::WasmBlocked]);
    bench.read(ask, Ok(modules()));
    assert!(!bench.shows_code());
}

#[test]
fn a_code_that_dies_while_it_is_read_is_never_shown() {
    let mut bench = reading(TEXT, 3000);
    let ask = asked(&mut bench);
    bench.now += 3000;
    bench.read(ask, Ok(modules()));
    assert!(!bench.shows_code());
    // Nobody's mistake.
    let mut dead = Bench::new(Config::default(), HERE);
    dead.declines = false;
    dead.mount(Slot::default());
    dead.answer(Ok(Answer::Created {
        session: session("s1", Status::Pending),
        code: bare_offer(TEXT, 0),
    }));
    assert!(dead.readings.is_empty() && dead.errors().is_empty());
}

#[test]
fn a_poll_while_reading_brings_no_new_code_and_a_connection_ends_the_reading() {
    let mut bench = reading(TEXT, 60_000);
    bench.run_timeout();
    bench.answer(Ok(read("s1", Status::Pending)));
    assert!(bench.open.is_empty());
    bench.run_timeout();
    bench.answer(Ok(read("s1", Status::Connected)));
    assert_eq!(bench.phase(), Phase::Connected);
    let ask = asked(&mut bench);
    let before = bench.pairing.snapshot().clone();
    bench.read(ask, Ok(modules()));
    assert_eq!(*bench.pairing.snapshot(), before);
}

#[test]
fn what_removes_a_shown_code_drops_one_that_is_being_read() {
    type Removal = fn(&mut Bench);
    let removals: [Removal; 3] = [
        |bench| {
            bench.feed(Input::Visible(false));
            assert_eq!(bench.pairing.next_timeout(), None);
            bench.feed(Input::Visible(true));
            bench.answer(Ok(read("s1", Status::Pending)));
        },
        |bench| bench.act(Act::Stop { discard: false }),
        |bench| {
            bench.run_timeout();
            bench.answer(Ok(read("s1", Status::Unknown)));
        },
    ];
    for removal in removals {
        let mut bench = reading(TEXT, 60_000);
        removal(&mut bench);
        let ask = asked(&mut bench);
        let before = bench.pairing.snapshot().clone();
        bench.read(ask, Ok(modules()));
        assert_eq!(*bench.pairing.snapshot(), before);
    }
}

#[test]
fn only_the_latest_reading_counts() {
    let mut bench = reading(TEXT, 60_000);
    bench.feed(Input::Visible(false));
    bench.feed(Input::Visible(true));
    bench.answer(Ok(read("s1", Status::Pending)));
    bench.answer(Ok(Answer::Code(bare_offer(TEXT, 60_000))));
    let (old, new) = (asked(&mut bench), asked(&mut bench));
    assert_ne!(old, new);
    bench.read(old, Ok(modules()));
    assert!(!bench.shows_code());
    bench.read(new, Ok(modules()));
    assert!(bench.shows_code());
}

#[test]
fn a_tab_that_comes_to_lead_while_it_reads_goes_on_reading() {
    let around = Surroundings { tabs: true, ..HERE };
    let mut bench = Bench::new(Config::default(), around);
    bench.declines = false;
    bench.mount(Slot::default());
    bench.answer(Ok(Answer::Created {
        session: session("s1", Status::Pending),
        code: bare_offer(TEXT, 60_000),
    }));
    bench.feed(Input::Leading(true));
    assert!(bench.open.is_empty(), "no new code is asked for");
    bench.told.clear();
    let ask = asked(&mut bench);
    bench.read(ask, Ok(modules()));
    let told: Vec<_> = bench.told.iter().filter(|told| told.size != 0).collect();
    assert_eq!(told.len(), 1, "the others are told once");
    assert_eq!(told[0].modules, modules().to_bytes());
}

#[test]
fn a_leader_without_a_code_takes_away_one_that_is_being_read() {
    let around = Surroundings { tabs: true, ..HERE };
    let mut bench = Bench::new(Config::default(), around);
    bench.declines = false;
    bench.mount(Slot::default());
    bench.answer(Ok(Answer::Created {
        session: session("s1", Status::Pending),
        code: bare_offer(TEXT, 60_000),
    }));
    bench.feed(Input::Heard(TabMessage {
        version: TabMessage::VERSION,
        kind: TabMessage::STATE,
        session: "s1".into(),
        term: 1,
        status: "pending".into(),
        ..TabMessage::default()
    }));
    let ask = asked(&mut bench);
    bench.read(ask, Ok(modules()));
    assert!(!bench.shows_code());
}

#[test]
fn readings_are_redacted_and_replay() {
    let mut bench = reading(TEXT, 60_000);
    let ask = asked(&mut bench);
    bench.read(ask, Err(Unread::Unavailable));
    bench.run_timeout();
    bench.answer(Ok(read("s1", Status::Pending)));
    bench.answer(Ok(Answer::Code(bare_offer(PICTURE, 60_000))));
    let ask = asked(&mut bench);
    bench.read(ask, Err(Unread::Declined));
    bench.run_timeout();
    bench.answer(Ok(read("s1", Status::Pending)));
    bench.answer(Ok(Answer::Code(bare_offer(TEXT, 60_000))));
    // Longer than the list of inputs, so that a state in the midst of a reading is archived.
    for inputs in [1, 130] {
        for _ in 0..inputs {
            bench.feed(Input::Timeout);
        }
        replays(&bench);
    }
    let ask = asked(&mut bench);
    bench.read(ask, Ok(modules()));
    assert_eq!(bench.phase(), Phase::AwaitingScan);
    replays(&bench);
}

fn replays(bench: &Bench) {
    let text = bench.pairing.diagnostics();
    assert!(!text.contains("2@") && !text.contains("abc"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let list = |value: &serde_json::Value| -> Vec<u64> {
        let numbers = value.as_array().unwrap().iter();
        numbers.map(|n| n.as_u64().unwrap()).collect()
    };
    let inputs = json["inputs"].as_array().unwrap();
    let inputs: Vec<[u64; 6]> = inputs.iter().map(|n| list(n).try_into().unwrap()).collect();
    let mut last = None;
    sendapi_pairing_core::pairing::replay(&list(&json["state"]), &inputs, |_, was, is| {
        assert_eq!(was, Some(is));
        last = Some(is);
    });
    assert_eq!(last, Some(bench.phase()));
}

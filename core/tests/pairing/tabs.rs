//! Tabs that agree (invariant 2).

use super::support::*;
use sendapi_pairing_core::{
    api::Call,
    error::ErrorCode,
    model::Status,
    pairing::{Act, Config, Input, Phase, Slot, Surroundings, TabMessage},
    time::Instant,
};

pub const SHARED: Surroundings = Surroundings { tabs: true, ..HERE };

/// A tab that created `s1`, leads and shows its first code.
pub fn leader() -> Bench {
    leader_with("2@first")
}

pub fn leader_with(text: &str) -> Bench {
    let mut bench = Bench::new(Config::default(), SHARED);
    bench.mount(Slot::default());
    bench.answer(Ok(created("s1", text)));
    assert_eq!(bench.leads, [(id("s1"), true)]);
    bench.feed(Input::Leading(true));
    bench
}

/// A tab that resumes `s1` beside it and has read that it is pending.
pub fn follower() -> Bench {
    let mut bench = Bench::new(Config::default(), SHARED);
    bench.mount(stored("s1"));
    bench.answer(Ok(read("s1", Status::Pending)));
    bench
}

/// Passes on what `from` told since the last time.
pub fn pass(from: &mut Bench, to: &mut Bench) {
    for message in std::mem::take(&mut from.told) {
        to.feed(Input::Heard(message));
    }
}

#[test]
fn a_second_tab_shows_the_leaders_code_and_asks_none() {
    let (mut first, mut second) = (leader(), follower());
    assert_eq!(second.phase(), Phase::Refreshing);
    first.told.clear();
    pass(&mut second, &mut first);
    pass(&mut first, &mut second);
    assert_eq!(second.phase(), Phase::AwaitingScan);
    let shown = |bench: &Bench| bench.pairing.snapshot().qr.clone().unwrap();
    assert!(shown(&first).drawing == shown(&second).drawing);
    assert_eq!(
        shown(&second).deadline,
        Instant(shown(&first).deadline.0 - 500)
    );
    assert!(
        second
            .sent
            .iter()
            .all(|call| matches!(call, Call::Get { .. }))
    );

    first.act(Act::Refresh);
    pass(&mut first, &mut second);
    assert_eq!(second.phase(), Phase::Refreshing);
    assert!(!second.shows_code());
    first.answer(Ok(read("s1", Status::Pending)));
    first.answer(Ok(code("2@second")));
    pass(&mut first, &mut second);
    assert!(shown(&first).drawing == shown(&second).drawing);
}

#[test]
fn a_tab_that_hears_the_leader_reads_nothing_itself() {
    let (mut first, mut second) = (leader(), follower());
    pass(&mut first, &mut second);
    let sent = second.sent.len();
    for _ in 0..9 {
        first.run_timeout();
        second.now = first.now;
        first.answer(Ok(read("s1", Status::Pending)));
        pass(&mut first, &mut second);
        assert_eq!(second.sent.len(), sent);
    }
    // Into silence it reads by itself, at half the pace.
    assert_eq!(second.run_timeout(), 6000);
    assert_eq!(second.sent.len(), sent + 1);
}

#[test]
fn what_the_leader_read_is_read_again_before_it_is_believed() {
    let (mut first, mut second) = (leader(), follower());
    pass(&mut first, &mut second);
    first.run_timeout();
    second.now = first.now;
    first.answer(Ok(read("s1", Status::Connected)));
    pass(&mut first, &mut second);
    assert_eq!(second.phase(), Phase::Refreshing);
    assert!(matches!(second.asked(), Call::Get { .. }));
    second.answer(Ok(read("s1", Status::Connected)));
    assert_eq!(second.phase(), Phase::Connected);
}

#[test]
fn a_leader_that_hides_hands_over_with_its_living_code() {
    let (mut first, mut second) = (leader(), follower());
    pass(&mut first, &mut second);
    first.feed(Input::Visible(false));
    assert_eq!(first.leads.last(), Some(&(id("s1"), false)));
    let sent = second.sent.len();
    second.feed(Input::Leading(true));
    assert!(second.shows_code());
    assert_eq!(second.run_timeout(), 3000);
    second.answer(Ok(read("s1", Status::Pending)));
    second.run(110_000, Status::Pending);
    assert!(
        second.sent[sent..]
            .iter()
            .any(|call| matches!(call, Call::Qr { .. }))
    );
    first.feed(Input::Visible(true));
    assert_eq!(first.leads.last(), Some(&(id("s1"), true)));
    first.answer(Ok(read("s1", Status::Pending)));
    assert_eq!((first.phase(), first.open.len()), (Phase::Refreshing, 0));
    second.told.clear();
    pass(&mut first, &mut second);
    pass(&mut second, &mut first);
    assert!(first.shows_code());
}

#[test]
fn a_leader_that_hides_in_the_middle_of_a_qr_leaves_the_next_one_to_ask() {
    let (mut first, mut second) = (leader(), follower());
    pass(&mut first, &mut second);
    first.act(Act::Refresh);
    first.answer(Ok(read("s1", Status::Pending)));
    pass(&mut first, &mut second);
    first.feed(Input::Visible(false));
    second.feed(Input::Leading(true));
    assert!(matches!(second.asked(), Call::Get { fresh: true, .. }));
    second.answer(Ok(read("s1", Status::Pending)));
    assert!(matches!(second.asked(), Call::Qr { .. }));
}

#[test]
fn a_lock_that_is_lost_is_asked_for_again() {
    let mut first = leader();
    first.act(Act::Refresh);
    first.answer(Ok(read("s1", Status::Pending)));
    first.feed(Input::Leading(false));
    assert_eq!(first.aborted.len(), 1);
    assert_eq!(first.leads.last(), Some(&(id("s1"), true)));
    first.feed(Input::Leading(true));
    assert!(matches!(first.asked(), Call::Get { fresh: true, .. }));
}

#[test]
fn a_click_in_any_tab_gets_a_new_code_from_the_leader() {
    let (mut first, mut second) = (leader(), follower());
    pass(&mut first, &mut second);
    second.told.clear();
    second.act(Act::Refresh);
    assert!(second.open.is_empty());
    // A code of this very moment is as new as any.
    pass(&mut second, &mut first);
    assert!(first.open.is_empty());
    pass(&mut first, &mut second);
    assert!(second.shows_code());

    first.now += 4000;
    second.now += 4000;
    second.act(Act::Refresh);
    first.feed(Input::Timeout);
    first.answer(Ok(read("s1", Status::Pending)));
    pass(&mut second, &mut first);
    assert_eq!(first.phase(), Phase::Refreshing);
    first.answer(Ok(read("s1", Status::Pending)));
    first.answer(Ok(code("2@second")));
    pass(&mut first, &mut second);
    assert!(second.shows_code());
}

#[test]
fn when_the_leaders_codes_are_spent_all_tabs_wait_for_a_click() {
    let (mut first, mut second) = (leader(), follower());
    first.run(3_600_000, Status::Pending);
    assert_eq!(first.phase(), Phase::Expired);
    second.now = first.now;
    pass(&mut first, &mut second);
    assert_eq!(second.phase(), Phase::Expired);
    first.told.clear();
    second.told.clear();
    second.act(Act::Refresh);
    pass(&mut second, &mut first);
    assert_eq!(first.phase(), Phase::Refreshing);
}

#[test]
fn false_messages_are_harmless() {
    let (mut first, mut second) = (leader(), follower());
    pass(&mut first, &mut second);
    let shown = second.pairing.snapshot().qr.clone();
    let sound = TabMessage {
        version: TabMessage::VERSION,
        kind: TabMessage::STATE,
        session: "s1".into(),
        term: 1,
        status: "pending".into(),
        code: 7,
        size: 21,
        modules: vec![0xff; 56],
        life_ms: u32::MAX,
        remaining_ms: u32::MAX,
        ..TabMessage::default()
    };
    let other = |change: fn(&mut TabMessage)| {
        let mut message = sound.clone();
        change(&mut message);
        message
    };
    for message in [
        sound.clone(),
        other(|message| message.version = 2),
        other(|message| message.session = "s2".into()),
        other(|message| message.kind = 99),
        other(|message| message.size = u32::MAX),
        other(|message| message.modules.clear()),
        other(|message| message.term = 0),
    ] {
        second.feed(Input::Heard(message.clone()));
        first.feed(Input::Heard(message));
        assert_eq!(second.pairing.snapshot().qr, shown);
        assert!(first.shows_code());
    }
    // A lie about the status costs one read a second.
    second.now += 10_000;
    second.feed(Input::Timeout);
    second.answer(Ok(read("s1", Status::Pending)));
    let sent = second.sent.len();
    for _ in 0..50 {
        second.now += 100;
        second.feed(Input::Heard(other(|message| {
            message.status = "failed".into()
        })));
        if !second.open.is_empty() {
            second.answer(Ok(read("s1", Status::Pending)));
        }
    }
    assert_eq!(second.phase(), Phase::AwaitingScan);
    assert!(
        second.sent.len() - sent <= 6,
        "{}",
        second.sent.len() - sent
    );

    // A term of no leader's only lasts until the leader hears of it.
    first.told.clear();
    second.told.clear();
    second.feed(Input::Heard(other(|message| {
        message.term = u32::MAX;
        message.code = 0;
    })));
    assert!(!second.shows_code());
    first.now = second.now;
    first.act(Act::Refresh);
    pass(&mut first, &mut second);
    pass(&mut second, &mut first);
    first.answer(Ok(read("s1", Status::Pending)));
    first.answer(Ok(code("2@second")));
    pass(&mut first, &mut second);
    assert!(second.shows_code());
}

#[test]
fn an_unverified_image_stays_in_its_tab_and_starts_no_chatter() {
    let (mut first, mut second) = (leader(), follower());
    pass(&mut first, &mut second);
    first.act(Act::Refresh);
    first.answer(Ok(read("s1", Status::Pending)));
    first.answer(Ok(code(PICTURE)));
    first.act(Act::ShowOriginal);
    assert_eq!(first.phase(), Phase::AwaitingScan);
    for _ in 0..10 {
        pass(&mut first, &mut second);
        pass(&mut second, &mut first);
    }
    assert!(first.told.is_empty() && second.told.is_empty());
    assert!(!second.shows_code());
    // Nor does a leader that says too little.
    for _ in 0..10 {
        second.feed(Input::Heard(TabMessage {
            version: TabMessage::VERSION,
            kind: TabMessage::STATE,
            session: "s1".into(),
            status: "pending".into(),
            term: 1,
            code: 9,
            ..TabMessage::default()
        }));
    }
    assert_eq!(second.told.len(), 1);
}

#[test]
fn however_much_is_said_the_service_is_asked_once_a_minute() {
    let mut second = follower();
    let sent = second.sent.len();
    for _ in 0..130 {
        second.now += 1000;
        second.feed(Input::Heard(TabMessage {
            version: TabMessage::VERSION,
            kind: TabMessage::STATE,
            session: "s1".into(),
            status: "pending".into(),
            ..TabMessage::default()
        }));
        if !second.open.is_empty() {
            second.refuse(ErrorCode::ServerError);
        }
    }
    assert!(second.sent.len() > sent + 1);
}

#[test]
fn a_tab_alone_neither_asks_for_a_lock_nor_speaks() {
    let mut bench = Bench::awaiting();
    bench.run(300_000, Status::Pending);
    bench.feed(Input::Leading(true));
    bench.feed(Input::Leading(false));
    assert!(bench.leads.is_empty() && bench.told.is_empty());
}

#[test]
fn the_lock_is_held_as_long_as_the_pairing_goes_on() {
    let mut bench = leader();
    bench.act(Act::Stop { discard: false });
    assert_eq!(bench.leads.last(), Some(&(id("s1"), false)));
    bench.feed(Input::Leading(true));
    bench.act(Act::Start { fresh: false });
    assert_eq!(bench.leads.last(), Some(&(id("s1"), true)));
    bench.answer(Ok(read("s1", Status::Pending)));
    assert!(bench.open.is_empty(), "it does not lead yet");
    bench.feed(Input::Leading(true));
    assert!(matches!(bench.asked(), Call::Get { fresh: true, .. }));
}

#[test]
fn debug_shows_no_code() {
    let first = leader();
    let text = format!("{:?}", first.told);
    assert!(!text.contains("modules") && !text.contains("s1"), "{text}");
    assert!(
        text.contains("TabMessage") && text.contains("term: 1"),
        "{text}"
    );
}

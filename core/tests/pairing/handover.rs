//! Words that overtake each other or arrive late: around a change of the lead, and around a sleep.

use super::leads::{state, told};
use super::support::*;
use super::tabs::{SHARED, follower, leader, pass};
use sendapi_pairing_core::{
    api::Call,
    model::Status,
    pairing::{Act, Config, Input, Phase, Slot, TabMessage},
    qr,
};

/// A leader takes the lock over before it hears that the one before it has sent `/qr`: what that one told, and the two tabs.
fn overtaken() -> (Vec<TabMessage>, Bench, Bench) {
    let (mut first, mut second) = (leader(), follower());
    pass(&mut first, &mut second);
    (first.now, second.now) = (1_002_000, 1_002_000);
    first.act(Act::Refresh);
    first.answer(Ok(read("s1", Status::Pending)));
    assert!(matches!(first.asked(), Call::Qr { .. }));
    let late = told(&mut first, TabMessage::STATE);
    second.told.clear();
    second.feed(Input::Leading(true));
    assert!(second.shows_code());
    (late, first, second)
}

#[test]
fn a_leader_believes_the_one_before_it_that_its_code_is_dead() {
    let (late, _, mut second) = overtaken();
    for message in late {
        second.feed(Input::Heard(message));
    }
    assert_eq!(second.phase(), Phase::Refreshing);
    if second.open.is_empty() {
        second.run_timeout();
    }
    assert!(matches!(second.asked(), Call::Get { fresh: true, .. }));
    second.answer(Ok(read("s1", Status::Pending)));
    assert!(matches!(second.asked(), Call::Qr { .. }));
    second.answer(Ok(code("2@second")));
    assert!(second.shows_code());
}

#[test]
fn a_leader_believes_no_later_word_and_nobody_elses() {
    let (late, _, mut second) = overtaken();
    let mut own_term = late.last().cloned().unwrap_or_default();
    own_term.term += 1;
    second.feed(Input::Heard(own_term));
    assert!(second.shows_code());
    // A code of its own is none of the earlier leader's.
    second.act(Act::Refresh);
    if matches!(second.asked(), Call::Get { fresh: false, .. }) {
        second.answer(Ok(read("s1", Status::Pending)));
        second.run_timeout();
    }
    second.answer(Ok(read("s1", Status::Pending)));
    second.answer(Ok(code("2@second")));
    for message in late {
        second.feed(Input::Heard(message));
    }
    assert!(second.shows_code());
}

#[test]
fn a_reading_ends_with_the_word_that_its_code_is_dead() {
    let mut first = leader();
    let mut second = Bench::new(Config::default(), SHARED);
    second.declines = false;
    second.mount(Slot::default());
    second.answer(Ok(created("s1", TEXT)));
    assert_eq!(second.readings.len(), 1);
    second.feed(Input::Leading(true));
    first.act(Act::Refresh);
    first.answer(Ok(read("s1", Status::Pending)));
    let mut late = told(&mut first, TabMessage::STATE);
    let Some(mut last) = late.pop() else {
        panic!("the leader says that it asks")
    };
    last.term = 0;
    second.feed(Input::Heard(last));
    assert!(matches!(second.asked(), Call::Get { fresh: true, .. }));
    let (ask, _) = second.readings.remove(0);
    second.read(ask, Ok(qr::read(&picture_of(TEXT)).unwrap()));
    assert!(!second.shows_code());
}

#[test]
fn what_an_own_qr_killed_is_not_shown_again() {
    let (late, mut first, mut second) = overtaken();
    drop(late);
    first.feed(Input::Leading(false));
    assert!(first.open.is_empty());
    pass(&mut second, &mut first);
    assert!(!first.shows_code());
    // One that the new leader asked for later is.
    second.now += 1000;
    first.now = second.now;
    second.act(Act::Refresh);
    if second.open.is_empty() {
        second.run_timeout();
    }
    second.answer(Ok(read("s1", Status::Pending)));
    second.answer(Ok(code("2@second")));
    pass(&mut second, &mut first);
    assert!(first.shows_code());
}

/// What was said before a sleep arrives after it: the code is then as old as the sleep at least.
#[test]
fn a_word_from_before_a_sleep_promises_no_more_than_is_left() {
    let (mut first, mut second) = (leader(), follower());
    let word = state(&mut first);
    let ends = first
        .pairing
        .snapshot()
        .qr
        .as_ref()
        .map(|shown| shown.deadline);
    let slept = second.pairing.next_timeout().map_or(0, |due| due.0) + 4000;
    second.now = slept;
    second.feed(Input::Timeout);
    second.now += 100;
    second.feed(Input::Heard(word.clone()));
    let shown = second
        .pairing
        .snapshot()
        .qr
        .as_ref()
        .map(|shown| shown.deadline);
    assert!(shown.is_some() && shown <= ends, "{shown:?}, {ends:?}");

    // Awake, a word is as young as it seems.
    let mut second = follower();
    second.now += 100;
    second.feed(Input::Heard(word));
    let shown = second
        .pairing
        .snapshot()
        .qr
        .as_ref()
        .map(|shown| shown.deadline.0);
    assert_eq!(shown, ends.map(|ends| ends.0 + 100 - 500));
}

#[test]
fn half_a_second_late_is_no_sleep_and_half_a_second_later_is_awake() {
    let word = state(&mut leader());
    let left = u64::from(word.remaining_ms) - 500;
    for (late, later) in [(500, 0), (4000, 500)] {
        let mut second = follower();
        second.now = second.pairing.next_timeout().map_or(0, |due| due.0) + late;
        second.feed(Input::Timeout);
        second.now += later;
        second.feed(Input::Heard(word.clone()));
        let shown = second
            .pairing
            .snapshot()
            .qr
            .as_ref()
            .map(|shown| shown.deadline.0);
        assert_eq!(shown, Some(second.now + left), "{late}, {later}");
    }
}

//! Leading and following at their edges: what is asked of the lock, what is said to whom, and what a message can bring about.

use super::support::*;
use super::tabs::{SHARED, follower, leader, leader_with, pass};
use sendapi_pairing_core::{
    api::{Answer, Call},
    error::ErrorCode,
    model::Status,
    pairing::{Act, Config, Event, Input, Phase, Slot, TabMessage},
    time::Millis,
};

pub fn told(bench: &mut Bench, kind: u32) -> Vec<TabMessage> {
    let told = std::mem::take(&mut bench.told).into_iter();
    told.filter(|message| message.kind == kind).collect()
}

/// The leader's last word, with its code.
pub fn state(first: &mut Bench) -> TabMessage {
    first.told.clear();
    first.feed(Input::Heard(TabMessage {
        version: TabMessage::VERSION,
        kind: TabMessage::HELLO,
        session: "s1".into(),
        ..TabMessage::default()
    }));
    told(first, TabMessage::STATE).pop().unwrap_or_default()
}

#[test]
fn a_lock_that_is_reported_twice_changes_nothing() {
    let mut first = leader();
    let term = state(&mut first).term;
    for leading in [true, true] {
        first.feed(Input::Leading(leading));
    }
    assert_eq!(first.told.len(), 0);
    assert_eq!(state(&mut first).term, term);
}

#[test]
fn a_lock_that_is_lost_before_it_was_known_to_be_held_is_asked_for_again() {
    let mut second = follower();
    let (leads, sent) = (second.leads.len(), second.sent.len());
    second.told.clear();
    second.feed(Input::Leading(false));
    assert_eq!(second.leads[leads..], [(id("s1"), true)]);
    assert_eq!((second.told.len(), second.sent.len()), (0, sent));
    second.feed(Input::Leading(true));
    assert_eq!(second.leads.len(), leads + 1);
    assert_eq!(state(&mut second).term, 1);
}

#[test]
fn what_is_to_be_read_on_return_is_not_put_off_by_the_lock() {
    for reports in [vec![true], vec![false], vec![true, false, true]] {
        let mut tab = Bench::new(Config::default(), SHARED);
        tab.mount(stored("s1"));
        tab.answer(Err(failure(ErrorCode::ServerError, 40_000)));
        let served = tab.now + 40_000;
        tab.feed(Input::Visible(false));
        tab.feed(Input::Visible(true));
        tab.now = served - 300;
        for &leading in &reports {
            tab.feed(Input::Leading(leading));
        }
        tab.run_timeout();
        assert_eq!(tab.now, served, "{reports:?}");
        assert!(matches!(tab.asked(), Call::Get { fresh: true, .. }));
    }
}

#[test]
fn nor_by_what_the_leader_says() {
    let (mut first, mut second) = (leader(), follower());
    pass(&mut first, &mut second);
    second.run_timeout();
    second.answer(Err(failure(ErrorCode::RateLimited, 40_000)));
    let served = second.now + 40_000;
    // A click forgets the failure, not what the service asked for.
    second.feed(Input::Act(Act::Refresh));
    second.feed(Input::Visible(false));
    second.feed(Input::Visible(true));
    second.now = served - 300;
    second.feed(Input::Heard(state(&mut first)));
    second.run_timeout();
    assert_eq!(second.now, served);
    assert!(matches!(second.asked(), Call::Get { fresh: true, .. }));
}

#[test]
fn each_leader_counts_one_further() {
    let (mut first, mut second) = (leader(), follower());
    assert_eq!(state(&mut first).term, 1);
    first.told.clear();
    first.feed(Input::Act(Act::Refresh));
    pass(&mut first, &mut second);
    first.feed(Input::Visible(false));
    second.feed(Input::Leading(true));
    second.answer(Ok(read("s1", Status::Pending)));
    second.answer(Ok(code("2@second")));
    assert_eq!(state(&mut second).term, 2);
}

#[test]
fn a_state_says_all_that_there_is() {
    let mut first = leader();
    let message = state(&mut first);
    assert_eq!(
        (
            message.version,
            message.session.as_str(),
            message.status.as_str()
        ),
        (TabMessage::VERSION, "s1", "pending")
    );
    assert_eq!((message.expired, message.code), (false, 1));
    assert_eq!(message.life_ms, 120_000);
    assert!(message.remaining_ms <= 120_000 && message.size >= 21);
    first.run(3_600_000, Status::Pending);
    let message = state(&mut first);
    assert_eq!((message.expired, message.code, message.size), (true, 0, 0));
    // A poll tells no modules: everybody has them.
    let mut first = leader();
    first.told.clear();
    first.run_timeout();
    first.answer(Ok(read("s1", Status::Pending)));
    let message = told(&mut first, TabMessage::STATE)
        .pop()
        .expect("its state");
    assert_eq!((message.code, message.size), (1, 0));
}

#[test]
fn a_followed_code_has_its_leaders_life() {
    let (mut first, mut second) = (leader(), follower());
    second.feed(Input::Heard(state(&mut first)));
    let shown = second.pairing.snapshot().qr.clone().expect("the code");
    assert_eq!(shown.life(), Millis(120_000));
    // Nobody but the leader refreshes it.
    let due = second.pairing.next_timeout().expect("a poll");
    assert!(due < shown.deadline);
}

#[test]
fn a_code_that_dies_on_its_way_between_tabs_is_not_shown() {
    for (remaining, shows) in [(499, false), (500, false), (501, true)] {
        let (mut first, mut second) = (leader(), follower());
        second.take_events();
        second.feed(Input::Heard(TabMessage {
            remaining_ms: remaining,
            ..state(&mut first)
        }));
        let told = second.take_events();
        let told = told.iter().any(|event| matches!(event, Event::Qr { .. }));
        assert_eq!((second.shows_code(), told), (shows, shows), "{remaining}");
    }
}

#[test]
fn another_session_takes_another_lock() {
    let mut first = leader();
    first.leads.clear();
    first.told.clear();
    first.feed(Input::Configure(Box::new(with_session("s2"))));
    assert_eq!(first.leads, [(id("s1"), false), (id("s2"), true)]);
    assert_eq!(told(&mut first, TabMessage::HELLO)[0].session, "s2");
    // It is asked for once, and what is granted is led.
    first.feed(Input::Leading(true));
    first.answer(Ok(read("s2", Status::Pending)));
    assert!(matches!(first.asked(), Call::Qr { .. }));
    assert_eq!(first.leads.len(), 2);
}

#[test]
fn no_lock_is_asked_for_a_session_that_is_to_be_replaced() {
    let mut first = leader();
    first.act(Act::Stop { discard: false });
    first.leads.clear();
    first.feed(Input::Online(false));
    first.act(Act::Start { fresh: true });
    first.feed(Input::Timeout);
    assert_eq!((first.phase(), first.leads.len()), (Phase::Creating, 0));
    first.feed(Input::Online(true));
    assert!(matches!(first.asked(), Call::Create { .. }));
    first.feed(Input::Timeout);
    assert_eq!(first.leads.len(), 0);
    first.answer(Ok(created("s2", "2@x")));
    assert_eq!(first.leads, [(id("s2"), true)]);
}

#[test]
fn a_lock_that_is_lost_ends_a_question_for_a_code_and_no_other() {
    let mut first = leader();
    first.run_timeout();
    first.feed(Input::Leading(false));
    assert_eq!((first.aborted.len(), first.open.len()), (0, 1));
    first.answer(Ok(read("s1", Status::Pending)));
    assert_eq!(first.phase(), Phase::AwaitingScan);
    // It polls on, at half the pace, and no longer refreshes.
    assert_eq!(first.run_timeout(), 6000);
}

#[test]
fn a_deletion_that_waits_outlives_the_locks_coming_and_going() {
    let config = Config {
        allow_unlink: true,
        ..Config::default()
    };
    let mut first = Bench::new(config, SHARED);
    first.mount(Slot::default());
    first.answer(Ok(created("s1", "2@first")));
    first.feed(Input::Leading(true));
    first.run_timeout();
    first.answer(Ok(read("s1", Status::Connected)));
    first.run_timeout();
    first.answer(Err(failure(ErrorCode::RateLimited, 60_000)));
    first.act(Act::Unlink { confirmed: true });
    first.feed(Input::UnlinkDecided(true));
    let due = first.pairing.next_timeout();
    assert!(due.is_some() && first.open.is_empty());
    for leading in [false, true, false] {
        first.feed(Input::Leading(leading));
        assert_eq!(first.pairing.next_timeout(), due);
    }
    first.run_timeout();
    assert_eq!(first.asked(), &Call::Delete { id: id("s1") });
    first.answer(Ok(Answer::Deleted));
    assert_eq!(first.leads.last(), Some(&(id("s1"), false)));
}

#[test]
fn the_first_code_that_is_followed_asks_for_none() {
    let (mut first, mut second) = (leader(), follower());
    second.told.clear();
    second.feed(Input::Heard(state(&mut first)));
    assert!(second.shows_code());
    assert!(told(&mut second, TabMessage::WISH).is_empty());
    // Said again, it is no other code.
    second.take_events();
    second.feed(Input::Heard(state(&mut first)));
    assert!(second.take_events().is_empty());
    // A second one replaces it, and no wish is needed for that either.
    first.now += 5000;
    second.now = first.now;
    first.act(Act::Refresh);
    first.answer(Ok(read("s1", Status::Pending)));
    first.answer(Ok(code("2@second")));
    second.told.clear();
    second.feed(Input::Heard(state(&mut first)));
    assert!(told(&mut second, TabMessage::WISH).is_empty());
    assert_eq!(second.take_events().len(), 1);
}

#[test]
fn a_tab_with_a_code_of_its_own_wishes_for_one_that_both_can_trust() {
    let mut first = leader();
    let mut second = leader_with("2@second");
    second.feed(Input::Leading(false));
    second.told.clear();
    second.feed(Input::Heard(TabMessage {
        term: 5,
        ..state(&mut first)
    }));
    let wishes = told(&mut second, TabMessage::WISH);
    assert_eq!(wishes.len(), 1);
    // However new the leader's is: the service killed it if it gave the other one later.
    let other = wishes[0].clone();
    first.feed(Input::Heard(other));
    assert_eq!(first.phase(), Phase::Refreshing);
    assert!(first.pairing.snapshot().qr.is_none());
    second.feed(Input::Heard(TabMessage {
        term: 5,
        ..state(&mut first)
    }));
    assert!(!second.shows_code());
}

#[test]
fn tabs_that_were_given_the_same_code_keep_it() {
    let (mut first, mut second) = (leader(), leader());
    second.feed(Input::Leading(false));
    second.told.clear();
    second.feed(Input::Heard(TabMessage {
        term: 5,
        ..state(&mut first)
    }));
    assert!(told(&mut second, TabMessage::WISH).is_empty());
    assert!(first.shows_code() && second.shows_code());
}

#[test]
fn a_wish_for_a_code_older_than_a_poll_is_granted() {
    for (age, granted) in [(2999, false), (3000, true)] {
        let mut first = leader();
        let since = first.pairing.snapshot().qr.clone().expect("a code").since;
        // The poll that is due by then is under way, so that only the wish can ask anew.
        first.now = since.0 + age;
        let refreshing = |bench: &Bench| bench.phase() == Phase::Refreshing;
        first.feed(Input::Heard(TabMessage {
            version: TabMessage::VERSION,
            kind: TabMessage::WISH,
            session: "s1".into(),
            ..TabMessage::default()
        }));
        assert_eq!(refreshing(&first), granted, "{age}");
    }
}

#[test]
fn spent_codes_are_told_once() {
    let (mut first, mut second) = (leader(), follower());
    first.run(3_600_000, Status::Pending);
    second.now = first.now;
    second.take_events();
    for _ in 0..3 {
        second.feed(Input::Heard(state(&mut first)));
    }
    let expired = second.take_events().into_iter();
    let expired = expired.filter(|event| *event == Event::Expired).count();
    assert_eq!(expired, 1);
}

#[test]
fn what_a_message_leaves_open_is_asked_once_a_second() {
    let (mut first, mut second) = (leader(), follower());
    let puzzling = TabMessage {
        code: 7,
        size: 0,
        modules: Vec::new(),
        ..state(&mut first)
    };
    second.now += 5000;
    second.feed(Input::Timeout);
    if !second.open.is_empty() {
        second.answer(Ok(read("s1", Status::Pending)));
    }
    second.told.clear();
    for (after, hellos) in [(0, 1), (0, 0), (999, 0), (1, 1)] {
        second.now += after;
        second.feed(Input::Heard(puzzling.clone()));
        assert_eq!(
            told(&mut second, TabMessage::HELLO).len(),
            hellos,
            "{after}"
        );
    }
    // A square that is no code leaves nothing open.
    second.now += 5000;
    second.told.clear();
    second.feed(Input::Heard(TabMessage {
        size: 21,
        modules: vec![0; 56],
        ..puzzling
    }));
    assert!(told(&mut second, TabMessage::HELLO).is_empty());
}

#[test]
fn what_waits_for_its_back_off_is_not_hurried_by_a_message() {
    let (mut first, mut second) = (leader(), follower());
    second.feed(Input::Heard(state(&mut first)));
    second.run_timeout();
    second.refuse(ErrorCode::NetworkOrCors);
    let due = second.pairing.next_timeout();
    second.feed(Input::Heard(TabMessage {
        status: "connected".into(),
        ..state(&mut first)
    }));
    assert_eq!(second.pairing.next_timeout(), due);
    // Nor is what is being asked asked twice.
    second.run_timeout();
    let sent = second.sent.len();
    second.feed(Input::Heard(TabMessage {
        status: "connected".into(),
        ..state(&mut first)
    }));
    assert_eq!((second.sent.len(), second.open.len()), (sent, 1));
}

#[test]
fn another_status_is_looked_at_at_once_and_then_once_a_second() {
    let (mut first, mut second) = (leader(), follower());
    second.feed(Input::Heard(state(&mut first)));
    second.now += 2000;
    let other = TabMessage {
        status: "connected".into(),
        ..state(&mut first)
    };
    second.feed(Input::Heard(other.clone()));
    assert!(matches!(second.asked(), Call::Get { fresh: true, .. }));
    second.answer(Ok(read("s1", Status::Pending)));
    let asked = second.now;
    second.now += 10;
    second.feed(Input::Heard(other));
    assert!(second.open.is_empty());
    let due = second.pairing.next_timeout().expect("a look").0;
    assert_eq!(due, asked + 1000);
}

#[test]
fn a_wish_is_for_the_leader_alone() {
    let (mut first, mut second) = (leader(), follower());
    pass(&mut first, &mut second);
    assert!(second.shows_code());
    let sent = second.sent.len();
    second.now += 5000;
    second.told.clear();
    second.feed(Input::Heard(TabMessage {
        version: TabMessage::VERSION,
        kind: TabMessage::WISH,
        session: "s1".into(),
        ..TabMessage::default()
    }));
    assert!(second.shows_code());
    assert_eq!((second.sent.len(), second.told.len()), (sent, 0));
}

/// A word of an earlier leader may take a code away, never bring one.
#[test]
fn what_an_earlier_leader_says_takes_away_and_brings_nothing() {
    let (mut first, mut second) = (leader(), follower());
    pass(&mut first, &mut second);
    let early = state(&mut first);
    let mut late = early.clone();
    late.term += 1;
    second.feed(Input::Heard(late));
    assert!(second.shows_code());
    let gone = TabMessage {
        code: 0,
        size: 0,
        modules: Vec::new(),
        ..early.clone()
    };
    second.feed(Input::Heard(gone));
    assert_eq!(second.phase(), Phase::Refreshing);
    second.feed(Input::Heard(early));
    assert!(!second.shows_code());
}

#[test]
fn an_original_goes_with_the_code_that_it_is_of() {
    let mut first = leader();
    let mut bench = Bench::new(with_session("s1"), SHARED);
    bench.mount(Slot::default());
    bench.feed(Input::Leading(true));
    bench.answer(Ok(read("s1", Status::Pending)));
    bench.answer(Ok(code(PICTURE)));
    assert!(bench.pairing.snapshot().original_available);
    bench.feed(Input::Leading(false));
    let asked_anew = TabMessage {
        term: 9,
        code: 0,
        ..state(&mut first)
    };
    bench.feed(Input::Heard(asked_anew));
    bench.act(Act::ShowOriginal);
    assert!(!bench.shows_code());
}

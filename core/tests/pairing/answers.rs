//! What an answer changes, and what it must not (invariants 5 and 15; contract, rule 5).

use super::support::*;
use sendapi_pairing_core::{
    api::{Answer, Call},
    error::{Error, ErrorCode},
    model::Status,
    pairing::{Act, Ask, Config, Input, Phase},
};

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

#[test]
fn where_there_is_no_other_token_the_services_own_words_are_told() {
    let mut bench = Bench::creating();
    let mut said = Error::new(ErrorCode::Unauthorized).with_status(401);
    said.message = "Sign in first.".into();
    said.request_id = Some("req_1".into());
    bench.answer(Err(said.clone().into()));
    bench.feed(Input::TokenRenewed(Err(Error::new(
        ErrorCode::Unauthorized,
    ))));
    assert_eq!(bench.pairing.snapshot().error.as_ref(), Some(&said));
    // A key in its place is another matter.
    bench.act(Act::Start { fresh: false });
    bench.answer(Err(said.into()));
    bench.feed(Input::TokenRenewed(Err(Error::new(
        ErrorCode::SecretKeyRejected,
    ))));
    assert_eq!(bench.error(), Some(ErrorCode::SecretKeyRejected));
}

#[test]
fn a_gesture_has_the_token_renewed_once_more() {
    let mut bench = Bench::creating();
    bench.refuse(ErrorCode::Unauthorized);
    bench.feed(Input::TokenRenewed(Ok(())));
    bench.refuse(ErrorCode::NetworkOrCors);
    bench.act(Act::Retry);
    bench.refuse(ErrorCode::Unauthorized);
    assert_eq!((bench.renewals, bench.phase()), (2, Phase::Creating));
    bench.feed(Input::TokenRenewed(Ok(())));
    bench.refuse(ErrorCode::Unauthorized);
    assert_eq!((bench.renewals, bench.phase()), (2, Phase::Error));
}

#[test]
fn a_code_that_is_refused_with_401_has_the_token_renewed_once() {
    let mut bench = Bench::new(Config::default(), HERE);
    bench.mount(stored("s1"));
    for renewals in 1..=2 {
        bench.answer(Ok(read("s1", Status::Pending)));
        assert!(matches!(bench.asked(), Call::Qr { .. }));
        bench.refuse(ErrorCode::Unauthorized);
        if renewals == 1 {
            bench.feed(Input::TokenRenewed(Ok(())));
        }
    }
    assert_eq!((bench.renewals, bench.phase()), (1, Phase::Error));
    assert_eq!(bench.error(), Some(ErrorCode::Unauthorized));
}

#[test]
fn a_token_that_came_while_the_page_was_hidden_may_have_died_by_its_return() {
    let mut bench = Bench::new(Config::default(), HERE);
    bench.mount(stored("s1"));
    bench.refuse(ErrorCode::Unauthorized);
    bench.feed(Input::Visible(false));
    bench.feed(Input::TokenRenewed(Ok(())));
    bench.now += 3_600_000;
    bench.feed(Input::Visible(true));
    bench.refuse(ErrorCode::Unauthorized);
    assert_eq!((bench.renewals, bench.phase()), (2, Phase::Checking));
    bench.feed(Input::TokenRenewed(Ok(())));
    bench.refuse(ErrorCode::Unauthorized);
    assert_eq!((bench.renewals, bench.phase()), (2, Phase::Error));
}

/// An outage of `/qr` may outlast tokens, which are renewed as ever: for a read, and for a `/qr` that was once more than refused.
#[test]
fn a_token_that_dies_while_no_code_is_to_be_had_is_renewed_again() {
    let mut bench = Bench::new(Config::default(), HERE);
    bench.mount(stored("s1"));
    let outage = || Err(Error::new(ErrorCode::ServerError).with_status(503).into());
    for (renewals, dies_at_qr) in [(1, false), (2, true), (3, true), (4, false)] {
        if dies_at_qr {
            bench.answer(Ok(read("s1", Status::Pending)));
        }
        bench.refuse(ErrorCode::Unauthorized);
        assert_eq!(bench.renewals, renewals);
        bench.feed(Input::TokenRenewed(Ok(())));
        bench.answer(Ok(read("s1", Status::Pending)));
        assert!(matches!(bench.asked(), Call::Qr { .. }));
        bench.answer(outage());
        bench.run_timeout();
    }
    assert_eq!(bench.phase(), Phase::Refreshing);
}

/// A tab whose `/qr` was refused, and that reads the status to see why.
fn refused() -> Bench {
    let mut bench = Bench::awaiting();
    bench.act(Act::Refresh);
    bench.answer(Ok(read("s1", Status::Pending)));
    bench.refuse(ErrorCode::Conflict);
    bench
}

#[test]
fn what_a_code_was_refused_with_before_a_sleep_is_not_what_a_new_one_is_refused_with() {
    let mut bench = refused();
    bench.feed(Input::Visible(false));
    bench.now += 3_600_000;
    bench.feed(Input::Visible(true));
    bench.answer(Ok(read("s1", Status::Pending)));
    assert_eq!(bench.phase(), Phase::Refreshing, "{:?}", bench.error());
}

#[test]
fn who_asks_for_a_new_code_is_not_told_why_the_one_before_was_refused() {
    let mut bench = refused();
    bench.refuse(ErrorCode::ServerError);
    assert!(bench.pairing.snapshot().offers.refresh);
    bench.act(Act::Refresh);
    bench.answer(Ok(read("s1", Status::Pending)));
    assert_eq!(bench.phase(), Phase::Refreshing, "{:?}", bench.error());
}

//! The wire contract, decoded natively; `tests/web` runs the same fixtures in a browser.

#![allow(
    clippy::unwrap_used,
    reason = "clippy takes only what is inside `#[test]` for a test"
)]

#[path = "../fixtures/suite.rs"]
mod suite;

use sendapi_pairing_core::api::{Body, Unreadable};

fn parse(text: &str) -> Result<Body, Unreadable> {
    serde_json::from_str(text).map_err(|_| Unreadable::NotJson)
}

#[test]
fn every_answer_of_the_fixtures_is_understood() {
    suite::run(parse);
}

#[test]
fn depth_costs_no_stack() {
    for (open, close) in [("[", "]"), ("{\"data\":", "}"), ("{\"x\":", "}")] {
        let deep = 10_000;
        let inner = open.repeat(deep) + "1" + &close.repeat(deep);
        let text = format!("{{\"id\":\"sess_1\",\"unknown\":{inner}}}");
        assert!(parse(&text).is_ok());
        // Where a known member nests, serde_json's own limit may refuse; what matters is that nothing crashes.
        let _ = parse(&format!("{{\"data\":{inner}}}"));
    }
}

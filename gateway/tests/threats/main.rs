//! The threats of `docs/threats.md`, a file for each family.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cross_site;
mod exhaustion;
mod hang_ups;
mod key;
mod ownership;
mod smuggling;
mod tokens;

#[path = "../support/mod.rs"]
mod support;

use sendapi_gateway::token::{Claims, Keyring, Operation};
use support::{Gateway, Reply, TOKEN_KEY};

const AUDIENCE: &str = "sendapi-gateway";
const APP: &str = "https://app.example.org";
const ALL: [Operation; 5] = [
    Operation::Create,
    Operation::Read,
    Operation::Qr,
    Operation::Delete,
    Operation::List,
];

fn now_s() -> u64 {
    sendapi_gateway::upstream::unix_ms() / 1000
}

fn claims(sub: &str) -> Claims {
    Claims {
        aud: AUDIENCE.to_owned(),
        sub: sub.to_owned(),
        exp: now_s() + 300,
        ops: ALL.to_vec(),
        session: None,
        origin: None,
    }
}

fn keys() -> String {
    format!("new:{TOKEN_KEY}")
}

fn ring() -> Keyring {
    Keyring::parse(&keys(), AUDIENCE).unwrap()
}

fn bearer(claims: &Claims) -> String {
    format!("Bearer {}", ring().sign(claims).expose())
}

/// A gateway that wants tokens, with one foreign origin.
fn with_tokens() -> Gateway {
    Gateway::start(
        &["--sandbox", "--origin", APP],
        &[("SENDAPI_TOKEN_KEYS", &keys())],
    )
}

fn create_as(gateway: &Gateway, authorization: &str) -> Reply {
    gateway.create(&[("authorization", authorization)])
}

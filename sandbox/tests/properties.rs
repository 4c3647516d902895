//! What holds under any order of calls.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;
use sendapi_sandbox::{Codes, Request, Sandbox, SandboxConfig, Status};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

const KEY: &str = "Bearer sk_test_1";
const TTL: u64 = 1000;

#[derive(Clone, Debug)]
enum Step {
    Create {
        idempotency_key: Option<u8>,
        name: u8,
    },
    Qr(usize),
    Read(usize),
    Delete(usize),
    ScanLive(usize),
    ScanAny(usize),
    Disconnect(usize),
    Reconnect(usize),
    Fail(usize),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let index = 0..4usize;
    prop_oneof![
        (proptest::option::of(0..3u8), 0..2u8).prop_map(|(idempotency_key, name)| Step::Create {
            idempotency_key,
            name
        }),
        index.clone().prop_map(Step::Qr),
        index.clone().prop_map(Step::Qr),
        index.clone().prop_map(Step::Read),
        index.clone().prop_map(Step::Delete),
        index.clone().prop_map(Step::ScanLive),
        (0..40usize).prop_map(Step::ScanAny),
        index.clone().prop_map(Step::Disconnect),
        index.clone().prop_map(Step::Reconnect),
        index.prop_map(Step::Fail),
        (0..700u64).prop_map(Step::Wait),
    ]
}

/// What the test knows from the answers alone.
#[derive(Default)]
struct Model {
    ids: Vec<String>,
    deleted: HashSet<String>,
    /// The session's newest code and when it was given.
    newest: HashMap<String, (String, u64)>,
    seen: Vec<String>,
    status: HashMap<String, Status>,
    replays: HashMap<u8, (u8, Vec<u8>)>,
}

impl Model {
    fn id(&self, index: usize) -> Option<&String> {
        self.ids.get(index)
    }

    fn alive(&self, text: &str, now: u64) -> Option<&String> {
        self.newest
            .iter()
            .find(|(id, (newest, at))| {
                newest == text && now < at + TTL && self.status[*id] == Status::Pending
            })
            .map(|(id, _)| id)
    }
}

fn run(seed: u64, steps: &[Step]) -> Result<Vec<u8>, TestCaseError> {
    let mut sandbox = Sandbox::new(SandboxConfig {
        seed,
        qr_ttl_ms: TTL,
        codes: Codes::Text,
        rate_per_minute: u32::MAX,
        ..SandboxConfig::default()
    });
    let mut model = Model::default();
    let mut now = 1_773_066_600_000;
    let mut transcript = Vec::new();
    for step in steps {
        now += 1;
        match step {
            Step::Wait(ms) => now += ms,
            Step::Create {
                idempotency_key,
                name,
            } => {
                let body = format!(r#"{{"name":"{name}"}}"#);
                let key = idempotency_key.map(|k| k.to_string());
                let mut request = Request::create(KEY, body.as_bytes());
                request.idempotency_key = key.as_deref();
                let response = sandbox.handle(&request, now);
                transcript.extend(&response.body);
                if let Some(key) = idempotency_key
                    && let Some((first, answer)) = model.replays.get(key)
                {
                    if first == name {
                        prop_assert_eq!(response.status, 201);
                        prop_assert_eq!(&response.body, answer);
                    } else {
                        prop_assert_eq!(response.status, 409);
                    }
                    continue;
                }
                prop_assert_eq!(response.status, 201);
                let value: Value = serde_json::from_slice(&response.body).unwrap();
                let id = value["id"].as_str().unwrap().to_owned();
                let code = value["qr_code"].as_str().unwrap().to_owned();
                prop_assert!(!model.ids.contains(&id), "ids are unique");
                prop_assert!(!model.seen.contains(&code), "every code is new");
                if let Some(key) = idempotency_key {
                    model.replays.insert(*key, (*name, response.body));
                }
                model.ids.push(id.clone());
                model.seen.push(code.clone());
                model.newest.insert(id.clone(), (code, now));
                model.status.insert(id, Status::Pending);
            }
            Step::Qr(index) => {
                let Some(id) = model.id(*index).cloned() else {
                    continue;
                };
                let path = format!("/v1/whatsapp/sessions/{id}/qr");
                let response = sandbox.handle(&Request::get(KEY, &path), now);
                transcript.extend(&response.body);
                if model.deleted.contains(&id) {
                    prop_assert_eq!(response.status, 404);
                } else if model.status[&id] == Status::Pending {
                    prop_assert_eq!(response.status, 200);
                    let value: Value = serde_json::from_slice(&response.body).unwrap();
                    let code = value["qr_code"].as_str().unwrap().to_owned();
                    prop_assert!(!model.seen.contains(&code), "every code is new");
                    model.seen.push(code.clone());
                    model.newest.insert(id, (code, now));
                } else {
                    prop_assert_eq!(response.status, 409);
                }
            }
            Step::Read(index) => {
                let Some(id) = model.id(*index) else { continue };
                let path = format!("/v1/whatsapp/sessions/{id}");
                let response = sandbox.handle(&Request::get(KEY, &path), now);
                transcript.extend(&response.body);
                let gone = model.deleted.contains(id);
                prop_assert_eq!(response.status, if gone { 404 } else { 200 });
                if !gone {
                    let value: Value = serde_json::from_slice(&response.body).unwrap();
                    prop_assert_eq!(value["status"].as_str(), Some(model.status[id].as_str()));
                    let numbered = value["phone_number"].is_string();
                    prop_assert!(numbered || model.status[id] != Status::Connected);
                }
            }
            Step::Delete(index) => {
                let Some(id) = model.id(*index).cloned() else {
                    continue;
                };
                let path = format!("/v1/whatsapp/sessions/{id}");
                let response = sandbox.handle(&Request::delete(KEY, &path), now);
                let first = model.deleted.insert(id.clone());
                prop_assert_eq!(response.status, if first { 200 } else { 404 });
                model.newest.remove(&id);
            }
            Step::ScanLive(index) => {
                let Some((text, _)) = model.id(*index).and_then(|id| model.newest.get(id)) else {
                    continue;
                };
                let text = text.clone();
                scan(&mut sandbox, &mut model, &text, now)?;
            }
            Step::ScanAny(index) => {
                let Some(text) = model.seen.get(*index).cloned() else {
                    continue;
                };
                scan(&mut sandbox, &mut model, &text, now)?;
            }
            Step::Disconnect(index) => {
                let Some(id) = model.id(*index).cloned() else {
                    continue;
                };
                let done = sandbox.disconnect(&id, now).is_ok();
                let may = !model.deleted.contains(&id) && model.status[&id] == Status::Connected;
                prop_assert_eq!(done, may);
                if may {
                    model.status.insert(id, Status::Disconnected);
                }
            }
            Step::Reconnect(index) => {
                let Some(id) = model.id(*index).cloned() else {
                    continue;
                };
                let done = sandbox.reconnect(&id, now).is_ok();
                let may = !model.deleted.contains(&id) && model.status[&id] == Status::Disconnected;
                prop_assert_eq!(done, may);
                if may {
                    model.status.insert(id, Status::Connected);
                }
            }
            Step::Fail(index) => {
                let Some(id) = model.id(*index).cloned() else {
                    continue;
                };
                let done = sandbox.fail(&id, now).is_ok();
                let may = !model.deleted.contains(&id)
                    && matches!(model.status[&id], Status::Pending | Status::Disconnected);
                prop_assert_eq!(done, may);
                if may {
                    model.status.insert(id, Status::Failed);
                }
            }
        }
    }
    Ok(transcript)
}

/// At most one living code per session, and any other text is refused.
fn scan(
    sandbox: &mut Sandbox,
    model: &mut Model,
    text: &str,
    now: u64,
) -> Result<(), TestCaseError> {
    let expected = model.alive(text, now).cloned();
    let scanned = sandbox.scan(text, None, now).ok().map(|view| view.id);
    prop_assert_eq!(&scanned, &expected);
    if let Some(id) = scanned {
        model.status.insert(id, Status::Connected);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn the_rules_hold_and_a_seed_replays(seed: u64, steps in proptest::collection::vec(step(), 1..60)) {
        prop_assert_eq!(run(seed, &steps)?, run(seed, &steps)?);
    }

    #[test]
    fn no_request_panics(
        method in 0..5usize,
        path in "(/v1/whatsapp/sessions|/sandbox/|/)[a-z0-9%./]{0,20}(/qr|/fail)?",
        query in proptest::option::of("[a-z_=&0-9]{0,30}"),
        authorization in proptest::option::of("(Bearer |bearer|)?(sk_test_|sk_live_)?[ -~]{0,20}"),
        body in proptest::collection::vec(any::<u8>(), 0..200),
        now: u64,
    ) {
        use sendapi_sandbox::Method::{Delete, Get, Other, Post, Put};
        let mut sandbox = Sandbox::new(SandboxConfig { codes: Codes::Text, ..SandboxConfig::default() });
        let mut request = Request::new([Get, Post, Put, Delete, Other][method], &path);
        request.query = query.as_deref();
        request.authorization = authorization.as_deref();
        request.body = &body;
        let response = sandbox.handle(&request, now % 253_402_300_799_000);
        prop_assert!((200..500).contains(&response.status));
        prop_assert!(response.header("date").is_some());
    }
}

//! A hundred creates of one subject at once come to one session, whatever keeps the record.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use serde_json::json;
use std::collections::HashSet;
use std::sync::Barrier;
use support::redis::{Folder, Redis};
use support::{Gateway, Reply, call};

const AT_ONCE: usize = 100;

/// Sends one create from each of [`AT_ONCE`] threads at once, in turn to each gateway, under the idempotency key that `key` gives.
fn storm(gateways: &[&Gateway], key: impl Fn(usize) -> String + Sync) -> Vec<Reply> {
    let together = Barrier::new(AT_ONCE);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE)
            .map(|n| {
                let (together, key) = (&together, &key);
                let addr = gateways[n % gateways.len()].addr;
                scope.spawn(move || {
                    let key = key(n);
                    let me = [
                        ("cookie", "sendapi_browser=AAAAAAAAAAAAAAAAAAAAAA"),
                        ("idempotency-key", key.as_str()),
                    ];
                    together.wait();
                    let path = "/api/whatsapp/sessions";
                    call(addr, "POST", path, &me, r#"{"name":"a"}"#)
                })
            })
            .collect();
        threads.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

fn ids(replies: &[Reply]) -> HashSet<String> {
    let created = replies.iter().map(|reply| {
        assert!(matches!(reply.status, 200 | 201), "{}", reply.text());
        reply.field("id")
    });
    created.collect()
}

/// The storms, with the same key and with a key each; then with a quota that is used up.
fn withstands(service: &Gateway, gateways: &[&Gateway]) {
    let creates = || {
        service
            .log()
            .iter()
            .filter(|row| row.0 == "POST" && row.1.starts_with("/v1"))
            .count()
    };
    let same = storm(gateways, |_| "one-key-for-all-of-them".to_owned());
    let first = ids(&same);
    assert_eq!((first.len(), creates()), (1, 1), "the same key");
    let different = storm(gateways, |n| format!("a-key-of-its-own-{n}"));
    assert_eq!((ids(&different), creates()), (first, 1), "a key each");
    let shown = different.iter().map(|reply| reply.field("qr_code"));
    let living = shown
        .collect::<HashSet<_>>()
        .into_iter()
        .filter(|code| service.scan(code).status == 200);
    assert_eq!(living.count(), 1, "one of the codes is alive");
    for reply in storm(gateways, |n| format!("another-key-of-its-own-{n}")) {
        assert_eq!(
            (reply.status, reply.code()),
            (402, json!("subject_quota_exceeded"))
        );
    }
    assert_eq!(creates(), 1);
}

#[test]
fn in_memory() {
    let service = Gateway::sandbox(&[]);
    let gateway = Gateway::live(&service, &["--max-sessions", "1"], &[]);
    withstands(&service, &[&gateway]);
}

#[test]
fn on_disk() {
    let folder = Folder::new("quotas-on-disk");
    let state = folder.file("sessions.jsonl");
    let service = Gateway::sandbox(&[]);
    let gateway = Gateway::live(&service, &["--max-sessions", "1", "--state", &state], &[]);
    withstands(&service, &[&gateway]);
    let text = std::fs::read_to_string(&state).unwrap();
    assert!(text.lines().count() <= 3, "{text}");
}

#[test]
fn in_redis_between_two_gateways() {
    let Some(redis) = Redis::start("quotas") else {
        return;
    };
    let url = redis.url();
    let service = Gateway::sandbox(&[]);
    let start = || Gateway::live(&service, &["--max-sessions", "1"], &[("REDIS_URL", &url)]);
    withstands(&service, &[&start(), &start()]);
}

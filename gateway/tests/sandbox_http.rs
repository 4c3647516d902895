//! The sandbox over real HTTP: what is the host's, not the state machine's (which its own crate tests).

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use serde_json::json;
use std::time::{Duration, Instant};
use support::{Gateway, raw};

const KEY: (&str, &str) = ("authorization", "Bearer sk_test_e2e");

#[test]
fn a_phone_pairs_through_the_services_own_routes() {
    let gateway = Gateway::sandbox(&["--qr-ttl", "30"]);
    let created = gateway.call(
        "POST",
        "/v1/whatsapp/sessions",
        &[KEY],
        r#"{"name":"Support Bot"}"#,
    );
    assert_eq!(created.status, 201);
    assert_eq!(created.header("content-type"), Some("application/json"));
    assert_eq!(created.header("x-ratelimit-limit"), Some("2000"));
    assert!(created.header("date").is_some());
    assert!(created.header("access-control-allow-origin").is_none());
    let path = format!("/v1/whatsapp/sessions/{}", created.field("id"));

    let fresh = gateway.call("GET", &format!("{path}/qr"), &[KEY], "");
    assert_eq!(
        gateway.scan(&created.field("qr_code")).status,
        404,
        "the old code is dead"
    );
    assert_eq!(gateway.scan(&fresh.field("qr_code")).status, 200);
    let session = gateway.call("GET", &path, &[KEY], "");
    assert_eq!(session.field("status"), "connected");

    let control = |action: &str| {
        let id = created.field("id");
        gateway
            .call("POST", &format!("/sandbox/sessions/{id}/{action}"), &[], "")
            .status
    };
    assert_eq!(
        [control("disconnect"), control("reconnect"), control("fail")],
        [200, 200, 409]
    );
    let list = gateway.call("GET", "/v1/whatsapp/sessions?per_page=1", &[KEY], "");
    assert_eq!(
        list.json()["meta"],
        json!({"total": 1, "page": 1, "per_page": 1})
    );
    let delete = |status| {
        assert_eq!(gateway.call("DELETE", &path, &[KEY], "").status, status);
    };
    delete(200);
    delete(404);
    let statuses: Vec<_> = gateway.log().into_iter().map(|row| row.2).collect();
    assert_eq!(statuses, [201, 200, 200, 200, 200, 404]);
}

#[test]
fn the_services_rules_reach_the_socket() {
    let gateway = Gateway::sandbox(&["--quota", "1", "--rate", "4"]);
    let create = |headers: &[(&str, &str)], body: &str| {
        gateway.call("POST", "/v1/whatsapp/sessions", headers, body)
    };
    assert_eq!(create(&[], "{}").status, 401);
    assert_eq!(create(&[KEY], "{}").status, 422);
    let idempotent = [KEY, ("idempotency-key", "k")];
    let first = create(&idempotent, r#"{"name":"a"}"#);
    assert_eq!(create(&idempotent, r#"{"name":"a"}"#).body, first.body);
    assert_eq!(create(&[KEY], r#"{"name":"a"}"#).status, 402);
    let limited = create(&[KEY], r#"{"name":"a"}"#);
    assert_eq!(limited.status, 429);
    let wait: u64 = limited.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    let huge = format!(r#"{{"name":"{}"}}"#, "x".repeat(70_000));
    let refused = create(&[("authorization", "Bearer sk_test_2")], &huge);
    assert_eq!(refused.status, 413);
    assert_eq!(refused.header("cache-control"), Some("no-store"));
    assert_eq!(refused.code(), json!("bad_request"));
}

#[test]
fn transport_faults_hurt_the_transport() {
    let gateway = Gateway::sandbox(&[]);
    let created = gateway.call("POST", "/v1/whatsapp/sessions", &[KEY], r#"{"name":"a"}"#);
    let path = format!("/v1/whatsapp/sessions/{}", created.field("id"));
    gateway.faults(
        r#"[{"match":"GET session","kind":"drop"},
            {"match":"GET session","kind":"truncate"},
            {"match":"GET session","kind":"delay","ms":600},
            {"match":"GET session","kind":"html"},
            {"match":"GET session","kind":"500"},
            {"match":"GET session","kind":"429","ms":7000}]"#,
    );
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk_test_1\r\n\r\n");
    assert_eq!(raw(gateway.addr, request.as_bytes()), b"", "not a byte");

    let cut = gateway.call("GET", &path, &[KEY], "");
    let announced: usize = cut.header("content-length").unwrap().parse().unwrap();
    assert_eq!(cut.body.len(), announced / 2);
    assert!(!cut.body.is_empty());

    let start = Instant::now();
    assert_eq!(gateway.call("GET", &path, &[KEY], "").status, 200);
    assert!(start.elapsed() >= Duration::from_millis(600));

    let html = gateway.call("GET", &path, &[KEY], "");
    assert_eq!(
        (html.status, html.header("content-type")),
        (502, Some("text/html; charset=utf-8"))
    );
    assert_eq!(gateway.call("GET", &path, &[KEY], "").status, 500);
    let limited = gateway.call("GET", &path, &[KEY], "");
    assert_eq!(
        (limited.status, limited.header("retry-after")),
        (429, Some("7"))
    );
    assert_eq!(gateway.call("GET", &path, &[KEY], "").status, 200);
}

#[test]
fn the_sandbox_is_not_there_in_live_mode() {
    let sandbox = Gateway::sandbox(&[]);
    let live = Gateway::live(&sandbox, &[], &[]);
    for path in ["/v1/whatsapp/sessions", "/sandbox/log", "/sandbox/scan"] {
        assert_eq!(live.get(path).status, 404, "{path}");
    }
    assert_eq!(live.get("/demo/mode").json(), json!({"mode": "live"}));
    assert_eq!(sandbox.get("/demo/mode").json(), json!({"mode": "sandbox"}));
    assert_eq!(live.get("/healthz").status, 200);
}

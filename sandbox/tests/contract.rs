//! The rules of contract.md, one test each.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use sendapi_sandbox::{
    Absent, Codes, ControlError, Dialect, Effect, Envelope, ErrorShape, FaultKind, FaultRule, Ids,
    Loss, Method, Request, Response, Sandbox, SandboxConfig, Status, Unscanned,
};
use serde_json::{Value, json};

const KEY: &str = "Bearer sk_test_1";
const NOW: u64 = 1_773_066_600_000; // 2026-03-09T14:30:00Z
const NAME: &[u8] = br#"{"name":"Support Bot"}"#;

fn sandbox(change: impl FnOnce(&mut SandboxConfig)) -> Sandbox {
    let mut config = SandboxConfig {
        codes: Codes::Text,
        ..SandboxConfig::default()
    };
    change(&mut config);
    Sandbox::new(config)
}

fn body(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap()
}

fn create(sandbox: &mut Sandbox, now: u64) -> (String, String) {
    let response = sandbox.handle(&Request::create(KEY, NAME), now);
    assert_eq!(response.status, 201);
    let body = body(&response);
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    (text("id"), text("qr_code"))
}

fn get(sandbox: &mut Sandbox, path: &str, now: u64) -> Response {
    sandbox.handle(&Request::get(KEY, path), now)
}

fn path(id: &str) -> String {
    format!("/v1/whatsapp/sessions/{id}")
}

fn control(sandbox: &mut Sandbox, method: Method, path: &str, body: &str, now: u64) -> Response {
    let mut request = Request::new(method, path);
    request.body = body.as_bytes();
    sandbox.handle(&request, now)
}

#[test]
fn answers_have_exactly_the_fields_of_the_seed_page() {
    let mut sandbox = Sandbox::new(SandboxConfig::default());
    let created = sandbox.handle(&Request::create(KEY, NAME), NOW);
    let keys = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    let value = body(&created);
    let mut expected = [
        "id",
        "name",
        "status",
        "qr_code",
        "qr_expires_at",
        "created_at",
    ];
    expected.sort_unstable();
    assert_eq!(keys(&value), expected);
    assert_eq!(value["name"], "Support Bot");
    assert_eq!(value["status"], "pending");
    assert_eq!(value["qr_expires_at"], "2026-03-09T14:32:00Z");
    assert_eq!(value["created_at"], "2026-03-09T14:30:00Z");
    let code = value["qr_code"].as_str().unwrap();
    assert!(code.starts_with("data:image/png;base64,iVBORw0KGgo"));
    assert_eq!(
        created.header("date"),
        Some("Mon, 09 Mar 2026 14:30:00 GMT")
    );

    let id = value["id"].as_str().unwrap();
    assert_eq!(id.len(), "sess_".len() + 26);
    let qr = body(&get(&mut sandbox, &format!("{}/qr", path(id)), NOW + 1000));
    assert_eq!(keys(&qr), ["expires_at", "qr_code"]);
    assert_eq!(qr["expires_at"], "2026-03-09T14:32:01Z");

    let list = body(&get(&mut sandbox, "/v1/whatsapp/sessions", NOW));
    assert_eq!(list["meta"], json!({"total": 1, "page": 1, "per_page": 25}));
    let mut expected = [
        "id",
        "name",
        "status",
        "phone_number",
        "last_seen_at",
        "message_count",
        "created_at",
    ];
    expected.sort_unstable();
    assert_eq!(keys(&list["data"][0]), expected);
    assert_eq!(list["data"][0], body(&get(&mut sandbox, &path(id), NOW)));

    let deleted = sandbox.handle(&Request::delete(KEY, &path(id)), NOW);
    assert_eq!(body(&deleted), json!({"deleted": true, "id": id}));
}

#[test]
fn a_scan_connects_and_gives_a_number() {
    let mut sandbox = sandbox(|_| {});
    let (id, code) = create(&mut sandbox, NOW);
    let scan = json!({"payload": code}).to_string();
    let scanned = control(
        &mut sandbox,
        Method::Post,
        "/sandbox/scan",
        &scan,
        NOW + 5000,
    );
    assert_eq!(scanned.status, 200);
    let session = body(&get(&mut sandbox, &path(&id), NOW + 6000));
    assert_eq!(session["status"], "connected");
    let phone = session["phone_number"].as_str().unwrap();
    assert!(
        phone.starts_with("+447700900") && phone.len() == 13,
        "{phone}"
    );
    assert_eq!(session["last_seen_at"], "2026-03-09T14:30:06Z");
    assert_eq!(session["message_count"], 0);
    assert_eq!(
        get(&mut sandbox, &format!("{}/qr", path(&id)), NOW).status,
        409
    );
    assert_eq!(
        sandbox.scan(&code, None, NOW + 7000),
        Err(ControlError::DeadCode),
        "a used code is dead"
    );
}

#[test]
fn a_scan_may_name_its_phone() {
    let mut sandbox = sandbox(|_| {});
    let (_, code) = create(&mut sandbox, NOW);
    let scan = json!({"payload": code, "phone_number": "+12025550123"}).to_string();
    let scanned = control(&mut sandbox, Method::Post, "/sandbox/scan", &scan, NOW);
    assert_eq!(body(&scanned)["phone_number"], "+12025550123");
}

#[test]
fn a_new_code_kills_the_old_one() {
    let mut sandbox = sandbox(|_| {});
    let (id, old) = create(&mut sandbox, NOW);
    let qr = body(&get(&mut sandbox, &format!("{}/qr", path(&id)), NOW + 1));
    let new = qr["qr_code"].as_str().unwrap();
    assert_ne!(old, new);
    let scan = json!({"payload": old}).to_string();
    let refused = control(&mut sandbox, Method::Post, "/sandbox/scan", &scan, NOW + 2);
    assert_eq!(refused.status, 404);
    assert!(sandbox.scan(new, None, NOW + 3).is_ok());
}

#[test]
fn a_code_dies_at_its_deadline_and_the_session_stays_pending() {
    let mut sandbox = sandbox(|c| c.qr_ttl_ms = 5000);
    let (id, code) = create(&mut sandbox, NOW);
    assert_eq!(sandbox.current_text(&id, NOW + 4999), Some(code.as_str()));
    assert_eq!(
        sandbox.scan(&code, None, NOW + 5000),
        Err(ControlError::DeadCode)
    );
    assert_eq!(
        body(&get(&mut sandbox, &path(&id), NOW + 5000))["status"],
        "pending"
    );
    assert_eq!(
        get(&mut sandbox, &format!("{}/qr", path(&id)), NOW + 5000).status,
        200
    );
}

#[test]
fn unscanned_sessions_may_rotate_and_fail() {
    let mut sandbox = sandbox(|c| {
        c.unscanned = Unscanned {
            code_dies_after_ms: Some(60_000),
            fails_after_ms: Some(100_000),
        };
    });
    let (id, code) = create(&mut sandbox, NOW);
    assert_eq!(
        sandbox.scan(&code, None, NOW + 60_000),
        Err(ControlError::DeadCode)
    );
    assert_eq!(
        sandbox.session(&id, NOW + 99_999).unwrap().status,
        Status::Pending
    );
    assert_eq!(
        body(&get(&mut sandbox, &path(&id), NOW + 100_000))["status"],
        "failed"
    );
    assert_eq!(
        get(&mut sandbox, &format!("{}/qr", path(&id)), NOW + 100_000).status,
        409
    );
}

#[test]
fn the_networks_controls_follow_the_status() {
    let mut sandbox = sandbox(|_| {});
    let (id, code) = create(&mut sandbox, NOW);
    let act = |sandbox: &mut Sandbox, action: &str| {
        let path = format!("/sandbox/sessions/{id}/{action}");
        control(sandbox, Method::Post, &path, "", NOW + 1).status
    };
    assert_eq!(act(&mut sandbox, "disconnect"), 409);
    assert_eq!(act(&mut sandbox, "reconnect"), 409);
    sandbox.scan(&code, None, NOW).unwrap();
    assert_eq!(act(&mut sandbox, "reconnect"), 409);
    assert_eq!(act(&mut sandbox, "fail"), 409);
    assert_eq!(act(&mut sandbox, "disconnect"), 200);
    assert_eq!(act(&mut sandbox, "reconnect"), 200);
    assert_eq!(act(&mut sandbox, "disconnect"), 200);
    assert_eq!(act(&mut sandbox, "fail"), 200);
    assert_eq!(act(&mut sandbox, "fail"), 409);
    assert_eq!(act(&mut sandbox, "explode"), 404);
    let session = body(&get(&mut sandbox, &path(&id), NOW + 9000));
    assert_eq!(session["status"], "failed");
    assert!(session["phone_number"].is_string());
    let missing = control(
        &mut sandbox,
        Method::Post,
        "/sandbox/sessions/x/fail",
        "",
        NOW,
    );
    assert_eq!(missing.status, 404);
}

#[test]
fn keys_are_checked_first() {
    let mut sandbox = sandbox(|_| {});
    let mut code = |authorization: Option<&str>, method: Method| {
        let mut request = Request::new(method, "/v1/whatsapp/sessions");
        request.authorization = authorization;
        request.body = NAME;
        let response = sandbox.handle(&request, NOW);
        (response.status, body(&response)["error"]["code"].as_u64())
    };
    assert_eq!(code(None, Method::Get), (401, Some(4010)));
    assert_eq!(
        code(Some("Basic sk_test_1"), Method::Get),
        (401, Some(4010))
    );
    assert_eq!(
        code(Some("Bearer pk_test_1"), Method::Get),
        (401, Some(4011))
    );
    assert_eq!(
        code(Some("Bearer sk_test_"), Method::Get),
        (401, Some(4011))
    );
    assert_eq!(
        code(Some("Bearer sk_test_revoked"), Method::Get),
        (401, Some(4012))
    );
    assert_eq!(
        code(Some("Bearer sk_test_expired_1"), Method::Get),
        (401, Some(4013))
    );
    assert_eq!(
        code(Some("Bearer sk_test_readonly"), Method::Post),
        (403, Some(4030))
    );
    assert_eq!(
        code(Some("Bearer sk_test_readonly"), Method::Get),
        (200, None)
    );
    assert_eq!(
        code(Some("bearer sk_live_123456789"), Method::Get),
        (200, None)
    );
}

#[test]
fn unknown_sessions_routes_and_methods_are_told_apart() {
    let mut sandbox = sandbox(|_| {});
    let (id, _) = create(&mut sandbox, NOW);
    assert_eq!(
        get(&mut sandbox, "/v1/whatsapp/sessions/sess_x", NOW).status,
        404
    );
    assert_eq!(
        get(&mut sandbox, "/v1/whatsapp/sessions/sess_x/qr", NOW).status,
        404
    );
    assert_eq!(get(&mut sandbox, "/v1/messages", NOW).status, 404);
    assert_eq!(
        sandbox
            .handle(&Request::delete(KEY, "/v1/whatsapp/sessions"), NOW)
            .status,
        405
    );
    assert_eq!(
        sandbox
            .handle(&Request::delete(KEY, &path(&id)), NOW)
            .status,
        200
    );
    assert_eq!(
        sandbox
            .handle(&Request::delete(KEY, &path(&id)), NOW)
            .status,
        404
    );
    assert_eq!(get(&mut sandbox, &path(&id), NOW).status, 404);
}

#[test]
fn bad_bodies_are_422() {
    let mut sandbox = sandbox(|_| {});
    let long = format!(r#"{{"name":"{}"}}"#, "x".repeat(256));
    for bad in [
        "",
        "{",
        "[]",
        "null",
        "{}",
        r#"{"name":null}"#,
        r#"{"name":17}"#,
        r#"{"name":" "}"#,
        r#"{"name":"a","webhook_url":7}"#,
        r#"{"name":"a","webhook_url":"ftp://x"}"#,
        &long,
    ] {
        let response = sandbox.handle(&Request::create(KEY, bad.as_bytes()), NOW);
        assert_eq!(response.status, 422, "{bad}");
        assert_eq!(body(&response)["error"]["code"], 4000, "{bad}");
    }
    for bad in ["", "{}", r#"{"payload":1}"#] {
        let response = control(&mut sandbox, Method::Post, "/sandbox/scan", bad, NOW);
        assert_eq!(response.status, 422, "{bad}");
    }
    let fine = br#"{"name":"a","webhook_url":"https://example.org/hook","later":true}"#;
    assert_eq!(sandbox.handle(&Request::create(KEY, fine), NOW).status, 201);
    assert_eq!(
        get(&mut sandbox, "/v1/whatsapp/sessions?", NOW).status,
        404,
        "the query is apart"
    );
}

#[test]
fn the_rate_is_counted_per_key_and_minute() {
    let mut sandbox = sandbox(|c| c.rate_per_minute = 2);
    let minute = NOW - NOW % 60_000;
    let list = "/v1/whatsapp/sessions";
    let first = get(&mut sandbox, list, minute + 10_000);
    assert_eq!(first.header("x-ratelimit-limit"), Some("2"));
    assert_eq!(first.header("x-ratelimit-remaining"), Some("1"));
    let reset = (minute / 1000 + 60).to_string();
    assert_eq!(first.header("x-ratelimit-reset"), Some(reset.as_str()));
    assert_eq!(get(&mut sandbox, list, minute + 10_000).status, 200);
    let refused = get(&mut sandbox, list, minute + 10_500);
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("retry-after"), Some("50"));
    assert_eq!(refused.header("x-ratelimit-remaining"), Some("0"));
    assert_eq!(body(&refused)["error"]["code"], 4029);
    let other = sandbox.handle(&Request::get("Bearer sk_test_2", list), minute + 10_500);
    assert_eq!(other.status, 200);
    assert_eq!(get(&mut sandbox, list, minute + 60_000).status, 200);
}

#[test]
fn the_quota_is_402_until_a_session_goes() {
    let mut sandbox = sandbox(|c| c.quota = Some(1));
    let (id, _) = create(&mut sandbox, NOW);
    let refused = sandbox.handle(&Request::create(KEY, NAME), NOW);
    assert_eq!(refused.status, 402);
    assert_eq!(
        sandbox
            .handle(&Request::delete(KEY, &path(&id)), NOW)
            .status,
        200
    );
    create(&mut sandbox, NOW);
}

#[test]
fn a_create_is_replayed_for_24_hours() {
    let mut sandbox = sandbox(|c| c.quota = Some(1));
    let request = Request::create(KEY, NAME).with_idempotency_key("k");
    let first = sandbox.handle(&request, NOW);
    let again = sandbox.handle(&request, NOW + 86_399_999);
    assert_eq!((again.status, &again.body), (201, &first.body));
    let other = Request::create(KEY, br#"{"name":"Other"}"#).with_idempotency_key("k");
    assert_eq!(sandbox.handle(&other, NOW).status, 409);
    let stranger = Request::create("Bearer sk_test_2", NAME).with_idempotency_key("k");
    assert_eq!(
        sandbox.handle(&stranger, NOW).status,
        402,
        "keys do not share replays"
    );
    assert_eq!(
        sandbox.handle(&request, NOW + 86_400_000).status,
        402,
        "forgotten"
    );
}

#[test]
fn a_refused_create_is_not_kept() {
    let mut sandbox = sandbox(|c| c.quota = Some(1));
    let (id, _) = create(&mut sandbox, NOW);
    let request = Request::create(KEY, NAME).with_idempotency_key("k");
    assert_eq!(sandbox.handle(&request, NOW).status, 402);
    sandbox.handle(&Request::delete(KEY, &path(&id)), NOW);
    assert_eq!(sandbox.handle(&request, NOW).status, 201);
}

#[test]
fn lists_page_from_the_newest() {
    let mut sandbox = sandbox(|_| {});
    let ids: Vec<_> = (0..5).map(|i| create(&mut sandbox, NOW + i).0).collect();
    let mut request = Request::get(KEY, "/v1/whatsapp/sessions");
    request.query = Some("page=2&per_page=2");
    let page = body(&sandbox.handle(&request, NOW));
    assert_eq!(page["meta"], json!({"total": 5, "page": 2, "per_page": 2}));
    assert_eq!(page["data"][0]["id"], ids[2].as_str());
    assert_eq!(page["data"][1]["id"], ids[1].as_str());
    request.query = Some("page=0");
    assert_eq!(sandbox.handle(&request, NOW).status, 422);
    request.query = Some("page=18446744073709551615");
    assert_eq!(body(&sandbox.handle(&request, NOW))["data"], json!([]));
}

#[test]
fn the_log_has_every_call_in_order() {
    let mut sandbox = sandbox(|c| c.log_capacity = 3);
    let (id, code) = create(&mut sandbox, NOW);
    get(&mut sandbox, &format!("{}/qr", path(&id)), NOW + 1);
    sandbox.scan(&code, None, NOW + 2).unwrap_err();
    sandbox
        .set_faults(vec![FaultRule::once("GET session", FaultKind::Drop)])
        .unwrap();
    get(&mut sandbox, &path(&id), NOW + 3);
    get(&mut sandbox, "/v1/whatsapp/sessions/none", NOW + 4);
    let log = control(&mut sandbox, Method::Get, "/sandbox/log", "", NOW + 5);
    let at = |ms: u64| format!("2026-03-09T14:30:00.00{ms}Z");
    assert_eq!(
        body(&log)["data"],
        json!([
            {"method": "GET", "path": format!("{}/qr", path(&id)), "status": 200, "time": at(1)},
            {"method": "GET", "path": path(&id), "status": 200, "time": at(3), "fault": "drop"},
            {"method": "GET", "path": path("none"), "status": 404, "time": at(4)},
        ])
    );
}

#[test]
fn each_fault_plays_as_often_as_asked() {
    let mut sandbox = sandbox(|_| {});
    let (id, _) = create(&mut sandbox, NOW);
    let rules = json!({"rules": [
        {"match": "GET session", "kind": "delay", "ms": 700, "times": 2},
        {"match": "GET list", "kind": "500"},
        {"match": "GET qr", "kind": "html", "status": 200},
        {"match": "DELETE session", "kind": "truncate"},
        {"match": "POST sessions", "kind": "429", "ms": 2500, "times": 1},
    ]});
    let set = control(
        &mut sandbox,
        Method::Put,
        "/sandbox/faults",
        &rules.to_string(),
        NOW,
    );
    assert_eq!(set.status, 200);

    assert_eq!(
        get(&mut sandbox, &path(&id), NOW).effect,
        Effect::Delay(700)
    );
    assert_eq!(
        get(&mut sandbox, &path(&id), NOW).effect,
        Effect::Delay(700)
    );
    assert_eq!(get(&mut sandbox, &path(&id), NOW).effect, Effect::None);
    assert_eq!(get(&mut sandbox, "/v1/whatsapp/sessions", NOW).status, 500);
    assert_eq!(get(&mut sandbox, "/v1/whatsapp/sessions", NOW).status, 200);
    let live = sandbox.current_text(&id, NOW).unwrap().to_owned();
    let html = get(&mut sandbox, &format!("{}/qr", path(&id)), NOW);
    assert_eq!(html.status, 200);
    assert_eq!(
        html.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(
        sandbox.current_text(&id, NOW),
        Some(live.as_str()),
        "the service did not act"
    );
    let limited = sandbox.handle(&Request::create(KEY, NAME), NOW);
    assert_eq!(
        (limited.status, limited.header("retry-after")),
        (429, Some("3"))
    );
    let cut = sandbox.handle(&Request::delete(KEY, &path(&id)), NOW);
    assert_eq!(cut.effect, Effect::Truncate(cut.body.len() / 2));
    assert_eq!(
        get(&mut sandbox, &path(&id), NOW).status,
        404,
        "the service acted"
    );
}

#[test]
fn a_drop_loses_the_answer_or_the_request() {
    let mut sandbox = sandbox(|_| {});
    let (id, old) = create(&mut sandbox, NOW);
    let qr = format!("{}/qr", path(&id));
    let mut rule = FaultRule::once("GET qr", FaultKind::Drop);
    rule.lost = Loss::Request;
    sandbox
        .set_faults(vec![rule, FaultRule::once("GET qr", FaultKind::Drop)])
        .unwrap();
    assert_eq!(get(&mut sandbox, &qr, NOW).effect, Effect::Drop);
    assert_eq!(sandbox.current_text(&id, NOW), Some(old.as_str()));
    assert_eq!(get(&mut sandbox, &qr, NOW).effect, Effect::Drop);
    assert_ne!(sandbox.current_text(&id, NOW), Some(old.as_str()));
    assert_eq!(get(&mut sandbox, &qr, NOW).effect, Effect::None);
}

#[test]
fn faults_can_aim_at_one_session_and_be_cleared() {
    let mut sandbox = sandbox(|_| {});
    let (one, _) = create(&mut sandbox, NOW);
    let (two, _) = create(&mut sandbox, NOW);
    let rule = FaultRule::once(&format!("GET session {two}"), FaultKind::Error);
    sandbox.set_faults(vec![rule.clone()]).unwrap();
    assert_eq!(get(&mut sandbox, &path(&one), NOW).status, 200);
    assert_eq!(get(&mut sandbox, &path(&two), NOW).status, 500);
    sandbox.set_faults(vec![rule]).unwrap();
    assert_eq!(
        control(&mut sandbox, Method::Delete, "/sandbox/faults", "", NOW).status,
        200
    );
    assert_eq!(get(&mut sandbox, &path(&two), NOW).status, 200);
}

#[test]
fn bad_rules_are_refused_whole() {
    let mut sandbox = sandbox(|_| {});
    for bad in [
        r#"{"match":"PATCH qr","kind":"500"}"#,
        r#"{"match":"GET create","kind":"500"}"#,
        r#"{"match":"","kind":"500"}"#,
        r#"{"match":"GET qr a b","kind":"500"}"#,
        r#"{"match":"GET qr","kind":"fire"}"#,
        r#"{"match":"GET qr","kind":"500","status":200}"#,
        r#"{"match":"GET qr","kind":"500","typo":1}"#,
        r#"{"kind":"500"}"#,
    ] {
        let rules = format!(r#"{{"rules":[{{"match":"*","kind":"500"}},{bad}]}}"#);
        let response = control(&mut sandbox, Method::Put, "/sandbox/faults", &rules, NOW);
        assert_eq!(response.status, 422, "{bad}");
    }
    assert_eq!(get(&mut sandbox, "/v1/whatsapp/sessions", NOW).status, 200);
}

#[test]
fn controls_tell_unknown_paths_from_methods() {
    let mut sandbox = sandbox(|_| {});
    assert_eq!(
        control(&mut sandbox, Method::Get, "/sandbox/scan", "", NOW).status,
        405
    );
    assert_eq!(
        control(&mut sandbox, Method::Get, "/sandbox/nothing", "", NOW).status,
        404
    );
    assert_eq!(
        control(
            &mut sandbox,
            Method::Get,
            "/sandbox/sessions/a/fail",
            "",
            NOW
        )
        .status,
        405
    );
    assert_eq!(sandbox.log().len(), 0, "controls are no API calls");
}

#[test]
fn every_dialect_is_spoken() {
    let dialect = |errors, envelope, ids, absent| Dialect {
        errors,
        envelope,
        ids,
        absent,
        fractions: true,
    };
    let mut sandbox = sandbox(|c| {
        c.dialect = dialect(
            ErrorShape::Param,
            Envelope::Data,
            Ids::Integer,
            Absent::Omit,
        );
    });
    let created = body(&sandbox.handle(&Request::create(KEY, NAME), NOW + 7));
    assert_eq!(created["data"]["id"], 1001);
    assert_eq!(created["data"]["created_at"], "2026-03-09T14:30:00.007Z");
    let read = body(&get(&mut sandbox, &path("1001"), NOW));
    assert_eq!(
        read["data"],
        json!({"id": 1001, "name": "Support Bot", "status": "pending",
               "created_at": "2026-03-09T14:30:00.007Z"})
    );
    let refused = body(&sandbox.handle(&Request::create(KEY, b"{}"), NOW));
    assert_eq!(
        refused,
        json!({"error": {"type": "validation_error", "code": "missing_parameter",
                         "param": "name", "message": "name is required."}})
    );
    let shape = |errors: ErrorShape| {
        let config = SandboxConfig {
            dialect: Dialect {
                errors,
                ..Dialect::default()
            },
            ..SandboxConfig::default()
        };
        body(&get(&mut Sandbox::new(config), &path("x"), NOW))
    };
    let meta = shape(ErrorShape::Meta);
    assert_eq!(meta["success"], false);
    assert!(
        meta["meta"]["request_id"]
            .as_str()
            .unwrap()
            .starts_with("req_")
    );
    assert_eq!(meta["meta"]["timestamp"], "2026-03-09T14:30:00Z");
    assert!(shape(ErrorShape::Inside)["error"]["request_id"].is_string());
    assert_eq!(
        shape(ErrorShape::Short),
        json!({"error": {"message": "No such session.", "code": 4040}})
    );
}

#[test]
fn secrets_are_not_printed() {
    let mut sandbox = sandbox(|_| {});
    let request = Request::create("Bearer sk_live_canary", NAME);
    let response = sandbox.handle(&request, NOW);
    let id = body(&response)["id"].as_str().unwrap().to_owned();
    let code = sandbox.current_text(&id, NOW).unwrap().to_owned();
    let printed = format!(
        "{request:?} {response:?} {sandbox:?} {:?}",
        sandbox.log().collect::<Vec<_>>()
    );
    assert!(!printed.contains("canary"));
    assert!(!printed.contains(&code[code.len() - 40..]));
    assert!(printed.contains("/v1/whatsapp/sessions"));
}

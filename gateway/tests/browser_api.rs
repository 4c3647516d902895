//! `/api/whatsapp`, as a browser meets it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use serde_json::{Value, json};
use support::{Gateway, call, canned, http};

const PAGE: (&str, &str) = ("sec-fetch-site", "same-origin");

fn session(id: &str) -> String {
    format!("/api/whatsapp/sessions/{id}")
}

fn keys(value: &Value) -> Vec<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

/// Both ways to the service must look alike from a browser.
fn both(test: impl Fn(&Gateway, &Gateway)) {
    let embedded = Gateway::sandbox(&[]);
    test(&embedded, &embedded);
    let live = Gateway::live(&embedded, &[], &[]);
    test(&live, &embedded);
}

#[test]
fn a_browser_pairs() {
    both(|gateway, sandbox| {
        let created = gateway.create(&[PAGE]);
        assert_eq!(created.status, 201, "{}", created.text());
        assert_eq!(
            keys(&created.json()),
            [
                "created_at",
                "id",
                "name",
                "qr_code",
                "qr_expires_at",
                "status"
            ]
        );
        let cookie = created.cookie().unwrap().to_owned();
        let attributes = created.header("set-cookie").unwrap();
        assert!(attributes.contains("HttpOnly") && attributes.contains("SameSite=Strict"));
        let me = [PAGE, ("cookie", cookie.as_str())];
        let id = created.field("id");
        let read = gateway.call("GET", &session(&id), &me, "");
        assert_eq!(read.field("status"), "pending");
        assert_eq!(read.json()["phone_number"], Value::Null);

        let qr = gateway.call("GET", &format!("{}/qr", session(&id)), &me, "");
        assert_eq!(keys(&qr.json()), ["expires_at", "qr_code"]);
        assert_eq!(sandbox.scan(&created.field("qr_code")).status, 404);
        assert_eq!(sandbox.scan(&qr.field("qr_code")).status, 200);
        let fresh = [me[0], me[1], ("cache-control", "no-cache")];
        let read = gateway.call("GET", &session(&id), &fresh, "");
        assert_eq!(read.field("status"), "connected");
        assert!(read.field("phone_number").starts_with("+44"));
        assert_eq!(
            gateway
                .call("GET", &format!("{}/qr", session(&id)), &me, "")
                .status,
            409
        );

        let list = gateway.call("GET", "/api/whatsapp/sessions", &me, "");
        assert_eq!(
            list.json()["meta"],
            json!({"total": 1, "page": 1, "per_page": 25})
        );
        assert_eq!(list.json()["data"][0]["id"], id.as_str());
        let gone = gateway.call("DELETE", &session(&id), &me, "");
        assert_eq!(gone.json(), json!({"deleted": true, "id": id}));
        assert_eq!(gateway.call("DELETE", &session(&id), &me, "").status, 404);
        assert_eq!(gateway.call("GET", &session(&id), &me, "").status, 404);
    });
}

#[test]
fn every_answer_has_the_headers() {
    both(|gateway, _| {
        let created = gateway.create(&[]);
        let replies = [
            gateway.get(&session(&created.field("id"))),
            created,
            gateway.get(&session("none")),
            gateway.get("/api/whatsapp/nothing"),
            gateway.get("/api/whatsapp/"),
            gateway.get("/api/whatsapp"),
            gateway.create(&[("origin", "null")]),
        ];
        for reply in &replies {
            assert_eq!(reply.header("cache-control"), Some("no-store"));
            assert_eq!(reply.header("vary"), Some("Origin"));
            assert_eq!(reply.header("content-type"), Some("application/json"));
            assert!(reply.header("date").is_some());
        }
        for reply in &replies[..2] {
            for name in [
                "x-ratelimit-limit",
                "x-ratelimit-remaining",
                "x-ratelimit-reset",
            ] {
                assert!(reply.header(name).unwrap().parse::<u64>().is_ok(), "{name}");
            }
        }
    });
}

#[test]
fn the_services_date_is_forwarded() {
    let body = r#"{"id":"a","status":"pending","qr_code":"x","created_at":"x"}"#;
    let date = "date: Mon, 09 Mar 2026 14:30:00 GMT\r\n";
    let (service, _) = canned(http("201 Created", date, body));
    let gateway = Gateway::live_at(service, &[], &[]);
    assert_eq!(
        gateway.create(&[]).header("date"),
        Some("Mon, 09 Mar 2026 14:30:00 GMT")
    );
}

#[test]
fn a_second_create_returns_the_pending_session_and_leaves_nobody_with_a_dead_code() {
    both(|gateway, sandbox| {
        let first = gateway.create(&[PAGE]);
        let me = [PAGE, ("cookie", first.cookie().unwrap())];
        let again = gateway.create(&me);
        assert_eq!((again.status, again.field("id")), (200, first.field("id")));
        assert_eq!(keys(&again.json()), keys(&first.json()));
        let code = |reply: &support::Reply| (reply.field("qr_code"), reply.field("qr_expires_at"));
        assert_eq!(code(&again), code(&first), "had just now, and shown");
        let asked = gateway.call(
            "GET",
            &format!("/api/whatsapp/sessions/{}/qr", first.field("id")),
            &me,
            "",
        );
        assert_ne!(asked.field("qr_code"), first.field("qr_code"));
        let last = gateway.create(&me);
        assert_eq!(last.field("qr_code"), asked.field("qr_code"));
        assert_eq!(sandbox.scan(&first.field("qr_code")).status, 404);
        assert_eq!(sandbox.scan(&last.field("qr_code")).status, 200);
        let next = gateway.create(&me);
        assert_eq!(next.status, 201, "a connected session is not reused");
        assert_ne!(next.field("id"), first.field("id"));
        let stranger = gateway.create(&[PAGE]);
        assert_ne!(stranger.field("id"), next.field("id"));
        sandbox.call(
            "POST",
            &format!("/sandbox/sessions/{}/fail", next.field("id")),
            &[],
            "",
        );
        let after = gateway.create(&me);
        assert_eq!(after.status, 201, "a failed session is not reused");
    });
}

#[test]
fn creates_of_one_browser_do_not_race() {
    let gateway = Gateway::sandbox(&[]);
    let cookie = "sendapi_browser=AAAAAAAAAAAAAAAAAAAAAA";
    let addr = gateway.addr;
    let ids: std::collections::HashSet<_> = (0..8)
        .map(|_| {
            std::thread::spawn(move || {
                let headers = [PAGE, ("cookie", cookie)];
                call(
                    addr,
                    "POST",
                    "/api/whatsapp/sessions",
                    &headers,
                    r#"{"name":"a"}"#,
                )
                .field("id")
            })
        })
        .collect::<Vec<_>>()
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect();
    assert_eq!(ids.len(), 1);
}

#[test]
fn a_session_is_its_creators_alone() {
    both(|gateway, _| {
        let mine = gateway.create(&[PAGE]);
        let other = gateway.create(&[PAGE]);
        let strangers = [
            vec![PAGE],
            vec![PAGE, ("cookie", other.cookie().unwrap())],
            vec![PAGE, ("cookie", "sendapi_browser=forged")],
            vec![],
        ];
        let path = session(&mine.field("id"));
        for headers in &strangers {
            for (method, path) in [
                ("GET", path.clone()),
                ("GET", format!("{path}/qr")),
                ("DELETE", path.clone()),
            ] {
                let refused = gateway.call(method, &path, headers, "");
                assert_eq!((refused.status, refused.code()), (404, json!("not_found")));
            }
            let list = gateway
                .call("GET", "/api/whatsapp/sessions", headers, "")
                .json();
            let rows = list["data"].as_array().unwrap();
            assert!(
                rows.iter()
                    .all(|row| row["id"] != mine.field("id").as_str())
            );
        }
        let me = [PAGE, ("cookie", mine.cookie().unwrap())];
        assert_eq!(
            gateway.call("GET", &path, &me, "").field("status"),
            "pending"
        );
    });
}

#[test]
fn bad_input_is_refused_before_the_service_hears_of_it() {
    let gateway = Gateway::sandbox(&[]);
    let post = |body: &str, headers: &[(&str, &str)]| {
        gateway.call("POST", "/api/whatsapp/sessions", headers, body)
    };
    let long = format!(r#"{{"name":"{}"}}"#, "x".repeat(65));
    for bad in [
        "{",
        "[]",
        r#"["a"]"#,
        r#"["a",null]"#,
        "{}",
        r#"{"name":17}"#,
        r#"{"name":""}"#,
        r#"{"name":"a\u0007"}"#,
        &long,
        r#"{"name":"a","webhook_url":"https://evil.example"}"#,
    ] {
        assert_eq!(post(bad, &[]).status, 422, "{bad}");
    }
    let huge = format!(r#"{{"name":"a","x":"{}"}}"#, "x".repeat(17_000));
    assert_eq!(post(&huge, &[]).status, 413);
    assert_eq!(
        post(r#"{"name":"a"}"#, &[("idempotency-key", "")]).status,
        400
    );
    let key = "k".repeat(256);
    assert_eq!(
        post(r#"{"name":"a"}"#, &[("idempotency-key", &key)]).status,
        400
    );
    for (method, path, status) in [
        ("PUT", "/api/whatsapp/sessions", 405),
        ("PATCH", "/api/whatsapp/sessions/a", 405),
        ("POST", "/api/whatsapp/sessions/a/qr", 405),
        ("GET", "/api/whatsapp/messages", 404),
        ("GET", "/api/whatsappx", 404),
    ] {
        assert_eq!(
            gateway.call(method, path, &[], "").status,
            status,
            "{method} {path}"
        );
    }
    for (path, allow) in [
        ("/api/whatsapp/sessions", "GET, POST, OPTIONS"),
        ("/api/whatsapp/sessions/a", "GET, DELETE, OPTIONS"),
        ("/api/whatsapp/sessions/a/qr", "GET, OPTIONS"),
    ] {
        assert_eq!(
            gateway.call("TRACE", path, &[], "").header("allow"),
            Some(allow)
        );
    }
    assert_eq!(gateway.log(), []);
}

#[test]
fn a_webhook_url_passes_where_it_is_allowed() {
    let gateway = Gateway::sandbox(&["--allow-webhook-url"]);
    let post = |url: &str| {
        let body = json!({"name": "a", "webhook_url": url}).to_string();
        gateway
            .call("POST", "/api/whatsapp/sessions", &[], &body)
            .status
    };
    assert_eq!(post("http://x"), 422);
    assert_eq!(post("https://hooks.example.org/a"), 201);
}

#[test]
fn an_idempotency_key_is_the_subjects_own() {
    let body = r#"{"id":"a","status":"pending","qr_code":"x","created_at":"x"}"#;
    let (service, received) = canned(http("201 Created", "", body));
    let gateway = Gateway::live_at(service, &[], &[]);
    let seen = |headers: &[(&str, &str)]| {
        gateway.create(headers);
        let request = received.recv().unwrap().to_ascii_lowercase();
        let line = request
            .lines()
            .find(|l| l.starts_with("idempotency-key: "))
            .map(str::to_owned);
        line.map(|line| line["idempotency-key: ".len()..].to_owned())
    };
    let one = seen(&[
        ("cookie", "sendapi_browser=AAAAAAAAAAAAAAAAAAAAAA"),
        ("idempotency-key", "k"),
    ])
    .unwrap();
    let two = seen(&[
        ("cookie", "sendapi_browser=BBBBBBBBBBBBBBBBBBBBBB"),
        ("idempotency-key", "k"),
    ])
    .unwrap();
    assert_eq!((one.len(), two.len()), (64, 64));
    assert_ne!(one, two);
    assert_eq!(
        seen(&[("cookie", "sendapi_browser=CCCCCCCCCCCCCCCCCCCCCC")]),
        None
    );
}

#[test]
fn the_services_errors_are_written_anew() {
    both(|gateway, sandbox| {
        let id = gateway.create(&[]).field("id");
        let after = |rule: &str| {
            sandbox.faults(&format!("[{rule}]"));
            gateway.get(&session(&id))
        };
        assert_eq!(after(r#"{"match":"GET session","kind":"500"}"#).status, 500);
        for kind in [
            r#""html""#,
            r#""html","status":200"#,
            r#""drop""#,
            r#""truncate""#,
        ] {
            let failed = after(&format!(r#"{{"match":"GET session","kind":{kind}}}"#));
            assert_eq!(failed.status, 502, "{kind}");
            assert!(!failed.text().contains('<'), "{}", failed.text());
        }
        assert_eq!(gateway.get(&session(&id)).status, 200);
        // Asked freshly, since an older reading would do for a poll.
        sandbox.faults(r#"[{"match":"GET session","kind":"429","ms":3000}]"#);
        let limited = gateway.call("GET", &session(&id), &[("cache-control", "no-cache")], "");
        assert_eq!(
            (limited.status, limited.header("retry-after")),
            (429, Some("3"))
        );
        assert_eq!(limited.code(), 4029);
        assert!(
            limited.json()["meta"]["request_id"]
                .as_str()
                .unwrap()
                .starts_with("req_")
        );
        sandbox.faults("[]");
    });
}

#[test]
fn odd_answers_of_the_service_are_502() {
    let big = format!(r#"{{"id":"a","name":"{}"}}"#, "x".repeat(600 * 1024));
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    for (body, what) in [
        ("", "empty"),
        ("null", "null"),
        (
            r#"{"id":"../x","status":"pending"}"#,
            "an id that is a path",
        ),
        (r#"{"id":18446744073709551616}"#, "a huge id"),
        (r#"{"status":"pending"}"#, "no id"),
        (&big, "too large"),
        (&deep, "deep"),
    ] {
        let (service, _) = canned(http("200 OK", "", body));
        let gateway = Gateway::live_at(service, &[], &[]);
        assert_eq!(gateway.create(&[]).status, 502, "{what}");
    }
}

#[test]
fn other_forms_of_the_answers_are_understood() {
    let body = r#"{"data":{"id":1001,"status":17,"qr_code":"2@a","expires_at":"x","later":true}}"#;
    let (service, _) = canned(http("200 OK", "", body));
    let gateway = Gateway::live_at(service, &[], &[]);
    let created = gateway.create(&[]);
    assert_eq!(
        created.json(),
        json!({"id": "1001", "name": null, "status": null, "qr_code": "2@a", "qr_expires_at": "x", "created_at": null})
    );
    let read = gateway.get(&session("1001"));
    assert_eq!(
        (read.status, read.json()["status"].clone()),
        (200, Value::Null)
    );
}

#[test]
fn an_answer_for_another_session_is_dropped() {
    let (service, _) = canned(http(
        "200 OK",
        "",
        r#"{"id":"a","status":"pending","qr_code":"x"}"#,
    ));
    let gateway = Gateway::live_at(service, &[], &[]);
    assert_eq!(gateway.create(&[]).status, 201);
    assert_eq!(gateway.get(&session("a")).status, 200);
    assert_eq!(gateway.get(&session("b")).status, 404, "not created here");
}

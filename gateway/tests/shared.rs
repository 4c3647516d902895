//! One upstream, many customers: shared reads, shared codes, the key's rate, quotas, the reaper.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use serde_json::json;
use std::time::{Duration, Instant};
use support::{Gateway, Reply, call};

struct Widget {
    path: String,
    cookie: String,
    qr_code: String,
}

impl Widget {
    fn new(gateway: &Gateway) -> Self {
        let created = gateway.create(&[("sec-fetch-site", "same-origin")]);
        assert_eq!(created.status, 201, "{}", created.text());
        Self {
            path: format!("/api/whatsapp/sessions/{}", created.field("id")),
            cookie: created.cookie().unwrap().to_owned(),
            qr_code: created.field("qr_code"),
        }
    }

    fn poll(&self, gateway: &Gateway) -> Reply {
        gateway.call("GET", &self.path, &[("cookie", &self.cookie)], "")
    }

    fn poll_fresh(&self, gateway: &Gateway) -> Reply {
        let headers = [
            ("cookie", self.cookie.as_str()),
            ("cache-control", "no-cache"),
        ];
        gateway.call("GET", &self.path, &headers, "")
    }

    fn qr(&self, gateway: &Gateway) -> Reply {
        gateway.call(
            "GET",
            &format!("{}/qr", self.path),
            &[("cookie", &self.cookie)],
            "",
        )
    }
}

fn calls(sandbox: &Gateway) -> usize {
    sandbox.log().len()
}

#[test]
fn many_widgets_cost_one_list_read() {
    let sandbox = Gateway::sandbox(&["--rate", "100000"]);
    let gateway = Gateway::live(&sandbox, &[], &[]);
    let widgets: Vec<_> = (0..60).map(|_| Widget::new(&gateway)).collect();
    for widget in &widgets {
        widget.poll(&gateway);
    }
    let start = Instant::now();
    let before = calls(&sandbox);
    for _ in 0..20 {
        for widget in &widgets {
            assert_eq!(widget.poll(&gateway).field("status"), "pending");
        }
    }
    let spent = calls(&sandbox) - before;
    let intervals = start.elapsed().as_millis() / 3000 + 1;
    assert!(
        spent as u128 <= intervals,
        "{spent} calls for 20 rounds of 60 polls in {intervals} intervals of 3 s"
    );
}

#[test]
fn a_scan_is_seen_within_one_interval_and_at_once_when_asked_freshly() {
    let sandbox = Gateway::sandbox(&["--rate", "100000"]);
    let gateway = Gateway::live(&sandbox, &[], &[]);
    let widgets: Vec<_> = (0..4).map(|_| Widget::new(&gateway)).collect();
    for widget in &widgets {
        widget.poll(&gateway);
    }
    assert_eq!(sandbox.scan(&widgets[0].qr_code).status, 200);
    assert_eq!(sandbox.scan(&widgets[1].qr_code).status, 200);
    assert_eq!(widgets[0].poll_fresh(&gateway).field("status"), "connected");
    assert_eq!(
        widgets[0].poll(&gateway).field("status"),
        "connected",
        "and never back"
    );
    let start = Instant::now();
    while widgets[1].poll(&gateway).field("status") != "connected" {
        assert!(start.elapsed() < Duration::from_secs(4));
    }
    let gone = gateway.call(
        "DELETE",
        &widgets[1].path,
        &[("cookie", &widgets[1].cookie)],
        "",
    );
    assert_eq!(gone.status, 200);
    assert_eq!(widgets[1].poll(&gateway).status, 404);
}

#[test]
fn a_list_that_fails_is_replaced_by_single_reads() {
    let sandbox = Gateway::sandbox(&["--rate", "100000"]);
    let gateway = Gateway::live(&sandbox, &[], &[]);
    let widgets: Vec<_> = (0..4).map(|_| Widget::new(&gateway)).collect();
    sandbox.faults(r#"[{"match":"GET list","kind":"html","times":1000}]"#);
    for _ in 0..2 {
        for widget in &widgets {
            assert_eq!(widget.poll(&gateway).status, 200);
        }
    }
    let lists = sandbox
        .log()
        .iter()
        .filter(|row| row.1 == "/v1/whatsapp/sessions" && row.0 == "GET")
        .count();
    assert_eq!(lists, 1);
}

#[test]
fn codes_asked_for_at_once_are_one_code() {
    for gateway in [true, false].map(|live| {
        let sandbox = Gateway::sandbox(&[]);
        (live.then(|| Gateway::live(&sandbox, &[], &[])), sandbox)
    }) {
        let (live, sandbox) = gateway;
        let front = live.as_ref().unwrap_or(&sandbox);
        let widget = Widget::new(front);
        sandbox.faults(r#"[{"match":"GET qr","kind":"delay","ms":400}]"#);
        let addr = front.addr;
        let threads: Vec<_> = (0..5)
            .map(|_| {
                let (path, cookie) = (format!("{}/qr", widget.path), widget.cookie.clone());
                std::thread::spawn(move || {
                    call(addr, "GET", &path, &[("cookie", &cookie)], "").field("qr_code")
                })
            })
            .collect();
        let codes: Vec<_> = threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect();
        assert!(codes.iter().all(|code| *code == codes[0]));
        assert_eq!(sandbox.scan(&codes[0]).status, 200, "and it is alive");
    }
}

#[test]
fn a_429_holds_back_the_whole_key() {
    let sandbox = Gateway::sandbox(&[]);
    let gateway = Gateway::live(&sandbox, &[], &[]);
    let one = Widget::new(&gateway);
    let two = Widget::new(&gateway);
    sandbox.faults(r#"[{"match":"GET qr","kind":"429","ms":2000}]"#);
    let limited = one.qr(&gateway);
    assert_eq!(
        (limited.status, limited.header("retry-after")),
        (429, Some("2"))
    );
    let before = calls(&sandbox);
    let held = two.qr(&gateway);
    assert_eq!((held.status, held.code()), (429, json!("rate_limited")));
    let wait: u64 = held.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=2).contains(&wait));
    assert_eq!(gateway.create(&[]).status, 429);
    assert_eq!(calls(&sandbox), before, "nothing went out");
    let start = Instant::now();
    while two.qr(&gateway).status != 200 {
        assert!(start.elapsed() < Duration::from_secs(wait + 5));
    }
    assert_eq!(
        calls(&sandbox),
        before + 1,
        "nothing went out before its time"
    );
}

#[test]
fn polls_leave_a_share_of_the_rate() {
    let sandbox = Gateway::sandbox(&["--rate", "40"]);
    let gateway = Gateway::live(&sandbox, &["--reserve", "50"], &[]);
    sandbox.faults(r#"[{"match":"GET list","kind":"html","times":1000}]"#);
    // A window may end in between: then the count starts anew, and the next try is within one window.
    for _ in 0..3 {
        let widgets: Vec<_> = (0..12).map(|_| Widget::new(&gateway)).collect();
        let before = calls(&sandbox);
        for widget in &widgets {
            assert_eq!(
                widget.poll(&gateway).status,
                200,
                "stale rather than refused"
            );
        }
        let spent = calls(&sandbox) - before;
        if spent <= 8 {
            assert_eq!(
                widgets[0].qr(&gateway).status,
                200,
                "what the user does still goes out"
            );
            return;
        }
    }
    panic!("polls ate into the reserve");
}

#[test]
fn a_subject_that_asks_too_often_waits_and_nobody_else_does() {
    let sandbox = Gateway::sandbox(&[]);
    let gateway = Gateway::live(&sandbox, &["--max-requests", "20"], &[]);
    let hasty = Widget::new(&gateway);
    let calm = Widget::new(&gateway);
    for _ in 0..20 {
        assert_eq!(hasty.poll(&gateway).status, 200);
    }
    let refused = hasty.poll(&gateway);
    assert_eq!(
        (refused.status, refused.code()),
        (429, json!("rate_limited"))
    );
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=3).contains(&wait), "{wait}");
    assert_eq!(calm.poll(&gateway).status, 200);
}

#[test]
fn a_subject_holds_no_more_than_its_quota() {
    let sandbox = Gateway::sandbox(&[]);
    let gateway = Gateway::live(&sandbox, &["--max-sessions", "1"], &[]);
    let created = gateway.create(&[]);
    sandbox.scan(&created.field("qr_code"));
    let refused = gateway.create(&[]);
    assert_eq!(
        (refused.status, refused.code()),
        (402, json!("subject_quota_exceeded"))
    );
    assert_eq!(
        gateway.create(&[("sec-fetch-site", "same-origin")]).status,
        201,
        "others are not affected"
    );
    let key = ("authorization", "Bearer sk_test_dashboard");
    let path = format!("/v1/whatsapp/sessions/{}", created.field("id"));
    assert_eq!(sandbox.call("DELETE", &path, &[key], "").status, 200);
    assert_eq!(gateway.create(&[]).status, 201, "deleted elsewhere");
}

#[test]
fn a_page_of_html_deletes_nothing() {
    let sandbox = Gateway::sandbox(&[]);
    let gateway = Gateway::live(&sandbox, &[], &[]);
    let widget = Widget::new(&gateway);
    let me = [("cookie", widget.cookie.as_str())];
    for (method, status, answered) in [
        ("DELETE", 200, 502),
        ("DELETE", 404, 404),
        ("GET", 404, 404),
        ("GET", 410, 410),
    ] {
        let what = format!("{method} {status}");
        sandbox.faults(&format!(
            r#"[{{"match":"{method} session","kind":"html","status":{status},"times":1}}]"#
        ));
        let fresh = [me[0], ("cache-control", "no-cache")];
        let reply = gateway.call(method, &widget.path, &fresh, "");
        assert_eq!(reply.status, answered, "{what}");
        assert_eq!(
            widget.poll_fresh(&gateway).status,
            200,
            "its owner still reaches it after {what}"
        );
    }
    assert_eq!(gateway.call("DELETE", &widget.path, &me, "").status, 200);
    assert_eq!(widget.poll_fresh(&gateway).status, 404);
}

#[test]
fn whoever_comes_back_while_the_reaper_works_keeps_the_session() {
    let sandbox = Gateway::sandbox(&["--rate", "1000000"]);
    let gateway = Gateway::live(&sandbox, &["--reap-after", "4"], &[]);
    let widgets: Vec<_> = (0..6).map(|_| Widget::new(&gateway)).collect();
    sandbox.faults(r#"[{"match":"GET session","kind":"delay","ms":1500,"times":1000}]"#);
    let deleted = || sandbox.log().iter().filter(|row| row.0 == "DELETE").count();
    let start = Instant::now();
    while deleted() == 0 {
        assert!(start.elapsed() < Duration::from_secs(16));
        std::thread::sleep(Duration::from_millis(20));
    }
    let back = Instant::now();
    // Longer than the reaper would take for all of them; what must not follow has no signal to wait for.
    while back.elapsed() < Duration::from_secs(9) {
        for widget in &widgets {
            let me = [("cookie", widget.cookie.as_str())];
            gateway.call("GET", &format!("{}/qr", widget.path), &me, "");
        }
        std::thread::sleep(Duration::from_millis(250));
    }
    // The one that was being looked at when they came may be gone as well.
    assert!(deleted() <= 2, "{}", deleted());
}

#[test]
fn whoever_comes_back_by_a_create_keeps_the_session() {
    let sandbox = Gateway::sandbox(&["--rate", "1000000"]);
    let gateway = Gateway::live(&sandbox, &["--reap-after", "4"], &[]);
    let (back, away) = (Widget::new(&gateway), Widget::new(&gateway));
    let me = [("cookie", back.cookie.as_str())];
    let key = [("authorization", "Bearer sk_test_1")];
    let there = |widget: &Widget| {
        let path = widget.path.replace("/api/", "/v1/");
        sandbox.call("GET", &path, &key, "").status
    };
    let start = Instant::now();
    while there(&away) != 404 {
        let again = gateway.create(&me);
        assert!(back.path.ends_with(&again.field("id")), "{}", again.text());
        assert!(start.elapsed() < Duration::from_secs(16));
        std::thread::sleep(Duration::from_millis(250));
    }
    assert_eq!(there(&back), 200);
}

#[test]
fn abandoned_pending_sessions_are_deleted_and_no_others() {
    let sandbox = Gateway::sandbox(&["--rate", "1000000"]);
    let gateway = Gateway::live(&sandbox, &["--reap-after", "2"], &[]);
    let abandoned = Widget::new(&gateway);
    let scanned = Widget::new(&gateway);
    let watched = Widget::new(&gateway);
    assert_eq!(sandbox.scan(&scanned.qr_code).status, 200);
    let key = [("authorization", "Bearer sk_test_1")];
    let there = |widget: &Widget| {
        sandbox
            .call("GET", &widget.path.replace("/api/", "/v1/"), &key, "")
            .status
    };
    let start = Instant::now();
    while there(&abandoned) != 404 {
        assert_eq!(watched.poll(&gateway).status, 200);
        assert!(start.elapsed() < Duration::from_secs(8));
    }
    assert_eq!((there(&scanned), there(&watched)), (200, 200));
    assert_eq!(abandoned.poll(&gateway).status, 404);
}

//! What the service does wrong, and what a browser is told of it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};
use support::{Gateway, call, canned, http};

fn widget(gateway: &Gateway) -> (String, String) {
    let created = gateway.create(&[("sec-fetch-site", "same-origin")]);
    assert_eq!(created.status, 201, "{}", created.text());
    let path = format!("/api/whatsapp/sessions/{}", created.field("id"));
    (path, created.cookie().unwrap().to_owned())
}

#[test]
fn each_fault_has_its_code_on_each_route() {
    let service = Gateway::sandbox(&["--rate", "100000"]);
    let gateway = Gateway::live(&service, &[], &[]);
    let (path, cookie) = widget(&gateway);
    let me = [("cookie", cookie.as_str()), ("cache-control", "no-cache")];
    for (fault, status, code) in [
        (r#""kind":"500""#, 500, None),
        (r#""kind":"html""#, 502, Some("invalid_response")),
        (
            r#""kind":"html","status":200"#,
            502,
            Some("invalid_response"),
        ),
        (
            r#""kind":"html","status":503"#,
            503,
            Some("invalid_response"),
        ),
        (r#""kind":"drop""#, 502, Some("upstream_unreachable")),
        (
            r#""kind":"drop","lost":"request""#,
            502,
            Some("upstream_unreachable"),
        ),
        (r#""kind":"truncate""#, 502, Some("upstream_unreachable")),
    ] {
        for (route, method, target) in [
            ("GET session", "GET", path.clone()),
            ("GET qr", "GET", format!("{path}/qr")),
            ("GET list", "GET", "/api/whatsapp/sessions".to_owned()),
        ] {
            service.faults(&format!(r#"[{{"match":"{route}",{fault}}}]"#));
            let reply = gateway.call(method, &target, &me, "");
            assert_eq!(reply.status, status, "{route} {fault}: {}", reply.text());
            if let Some(code) = code {
                assert_eq!(reply.code(), json!(code), "{route} {fault}");
            }
            assert_eq!(reply.header("cache-control"), Some("no-store"));
            assert!(!reply.text().contains("html"), "{}", reply.text());
        }
    }
    assert_eq!(
        gateway.call("GET", &path, &me, "").field("status"),
        "pending"
    );
}

#[test]
fn a_storm_of_429_costs_one_call_for_each_wait() {
    let service = Gateway::sandbox(&["--rate", "100000"]);
    let gateway = Gateway::live(&service, &[], &[]);
    let widgets: Vec<_> = (0..20).map(|_| widget(&gateway)).collect();
    service.faults(r#"[{"match":"*","kind":"429","times":1000,"ms":3000}]"#);
    let before = service.log().len();
    let start = Instant::now();
    for round in 0..5 {
        for (path, cookie) in &widgets {
            let me = [("cookie", cookie.as_str())];
            let poll = gateway.call("GET", path, &me, "");
            assert_eq!(poll.status, 200, "polls are answered from what was read");
            let code = gateway.call("GET", &format!("{path}/qr"), &me, "");
            assert_eq!(code.status, 429, "round {round}");
            let wait: u64 = code.header("retry-after").unwrap().parse().unwrap();
            assert!((1..=3).contains(&wait), "{wait}");
        }
    }
    let spent = service.log().len() - before;
    let waits = start.elapsed().as_secs() / 3 + 1;
    assert!(spent as u64 <= waits, "{spent} calls in {waits} waits");
}

#[test]
fn widgets_are_answered_while_the_list_takes_five_seconds() {
    let service = Gateway::sandbox(&["--rate", "100000"]);
    let gateway = Gateway::live(&service, &[], &[]);
    let widgets: Vec<_> = (0..40).map(|_| widget(&gateway)).collect();
    for (path, cookie) in &widgets {
        gateway.call("GET", path, &[("cookie", cookie.as_str())], "");
    }
    service.faults(r#"[{"match":"GET list","kind":"delay","times":1000,"ms":5000}]"#);
    let lists = || {
        service
            .log()
            .iter()
            .filter(|row| row.0 == "GET" && row.1 == "/v1/whatsapp/sessions")
            .count()
    };
    let before = lists();
    let until = Instant::now() + Duration::from_secs(7);
    let addr = gateway.addr;
    std::thread::scope(|scope| {
        for (path, cookie) in &widgets {
            scope.spawn(move || {
                while Instant::now() < until {
                    let asked = Instant::now();
                    let reply = call(addr, "GET", path, &[("cookie", cookie)], "");
                    assert_eq!(reply.field("status"), "pending");
                    assert!(
                        asked.elapsed() < Duration::from_secs(4),
                        "{:?}",
                        asked.elapsed()
                    );
                }
            });
        }
    });
    let spent = lists() - before;
    assert!((1..=2).contains(&spent), "{spent} lists for 40 widgets");
}

/// A service that takes every connection, says `begin`, and nothing more.
fn stuck(begin: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(begin);
            held.push(stream);
        }
    });
    addr
}

#[test]
fn a_service_that_gets_stuck_is_given_up_after_ten_seconds() {
    let begins: [&[u8]; 4] = [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\":",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n",
    ];
    std::thread::scope(|scope| {
        for begin in begins {
            scope.spawn(move || {
                let gateway = Gateway::live_at(stuck(begin), &[], &[]);
                let start = Instant::now();
                let reply = gateway.create(&[]);
                assert_eq!(reply.status, 504, "{}", reply.text());
                let took = start.elapsed();
                assert!(
                    took > Duration::from_secs(9) && took < Duration::from_secs(13),
                    "{took:?}"
                );
            });
        }
    });
}

#[test]
fn bodies_of_no_known_form_are_502() {
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let large = format!(r#"{{"id":"a","x":"{}"}}"#, "y".repeat(600 * 1024));
    let id = |id: &str| format!(r#"{{"id":{id},"status":"pending","qr_code":"2@x"}}"#);
    for (headers, body) in [
        ("", deep.clone()),
        ("", format!(r#"{{"id":"a","x":{deep}}}"#)),
        ("", large),
        ("", "null".to_owned()),
        ("", "[]".to_owned()),
        ("", r#"{"data":null}"#.to_owned()),
        ("", r#"{"data":[]}"#.to_owned()),
        ("", "\u{feff}{\"id\":\"a\"}".to_owned()),
        ("", "{\"id\":\"a\"}garbage".to_owned()),
        ("content-encoding: gzip\r\n", "\u{1f}\u{8b}\u{8}".to_owned()),
        ("", id("null")),
        ("", id("true")),
        ("", id("-1")),
        ("", id("1.5")),
        ("", id("9007199254740993")),
        ("", id("99999999999999999999")),
        ("", id(r#""""#)),
        ("", id(r#""..""#)),
        ("", id(r#""a/b""#)),
        ("", id(r#""a\u0000""#)),
        ("", id(r#""a%2fb""#)),
        ("", id(&format!(r#""{}""#, "a".repeat(4096)))),
    ] {
        let (service, _) = canned(http("200 OK", headers, &body));
        let gateway = Gateway::live_at(service, &[], &[]);
        let reply = gateway.create(&[]);
        assert_eq!(
            (reply.status, reply.code()),
            (502, json!("invalid_response")),
            "{body:.60}"
        );
        assert_eq!(gateway.get("/metrics").status, 200);
    }
    let halved = r#"{"id":"a","name":"\ud83d","status":"pending","qr_code":"2@x"}"#;
    let (service, _) = canned(http("200 OK", "", halved));
    let gateway = Gateway::live_at(service, &[], &[]);
    assert_eq!(gateway.create(&[]).field("name"), "\u{fffd}");
    let (service, _) = canned(http("200 OK", "", &id("9007199254740991")));
    let gateway = Gateway::live_at(service, &[], &[]);
    assert_eq!(gateway.create(&[]).field("id"), "9007199254740991");
}

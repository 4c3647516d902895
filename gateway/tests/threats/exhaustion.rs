//! Exhaustion.

use super::support::{Gateway, call, parse, raw};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How long a connection lives on which `next` is written every half second.
fn life(addr: SocketAddr, first: &[u8], next: &[u8]) -> Duration {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_millis(500)))
        .unwrap();
    stream.write_all(first).unwrap();
    let start = Instant::now();
    let mut buffer = [0; 4096];
    while start.elapsed() < Duration::from_secs(12) {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                if stream.write_all(next).is_err() {
                    break;
                }
            }
            Err(_) => break,
        }
    }
    start.elapsed()
}

#[test]
fn slow_heads_are_cut_off() {
    let gateway = Gateway::sandbox(&[]);
    let addr = gateway.addr;
    let whole = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    let second: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\n";
    std::thread::scope(|scope| {
        for (first, next) in [
            (&b""[..], &b""[..]),
            (b"GET /healthz HTTP/1.1\r\nx: ", b""),
            (b"GET /healthz HTTP/1.1\r\nx: ", b"a"),
            (second, b"a: b\r\n"),
        ] {
            scope.spawn(move || {
                let life = life(addr, first, next);
                assert!(
                    life > Duration::from_secs(4) && life < Duration::from_secs(8),
                    "{life:?}"
                );
            });
        }
        scope.spawn(move || {
            let life = life(addr, whole, b"");
            assert!(
                life > Duration::from_secs(11),
                "an idle connection is kept: {life:?}"
            );
        });
    });
}

#[test]
fn slow_bodies_are_cut_off() {
    let gateway = Gateway::sandbox(&[]);
    let head = "POST /api/whatsapp/sessions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 100\r\n\r\n{";
    let start = Instant::now();
    let reply = parse(raw(gateway.addr, head.as_bytes())).unwrap();
    assert!(matches!(reply.status, 408 | 504), "{}", reply.status);
    assert!(start.elapsed() < Duration::from_secs(13));
}

#[test]
fn connections_past_the_cap_wait_their_turn() {
    let gateway = Gateway::sandbox(&["--max-connections", "2"]);
    let hold: Vec<_> = (0..2)
        .map(|_| TcpStream::connect(gateway.addr).unwrap())
        .collect();
    let addr = gateway.addr;
    let waiting = std::thread::spawn(move || call(addr, "GET", "/healthz", &[], "").status);
    drop(hold);
    assert_eq!(waiting.join().unwrap(), 200);
}

#[test]
fn a_slow_service_is_given_up() {
    let gateway = Gateway::sandbox(&[]);
    let created = gateway.create(&[]);
    gateway.faults(r#"[{"match":"GET session","kind":"delay","ms":60000}]"#);
    let start = Instant::now();
    let reply = gateway.get(&format!("/api/whatsapp/sessions/{}", created.field("id")));
    assert_eq!(reply.status, 504);
    assert!(start.elapsed() < Duration::from_secs(12));
}

#[test]
fn answers_that_nobody_takes_do_not_hold_a_connection() {
    let gateway = Gateway::sandbox(&[]);
    let mut stream = TcpStream::connect(gateway.addr).unwrap();
    stream
        .set_write_timeout(Some(Duration::from_millis(500)))
        .unwrap();
    let request = b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(100);
    let mut stuck: Option<Instant> = None;
    loop {
        match stream.write(&request) {
            Ok(_) => stuck = None,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                let since = *stuck.get_or_insert_with(Instant::now);
                assert!(since.elapsed() < Duration::from_secs(15), "it is held");
            }
            Err(_) => break,
        }
    }
    let stuck = stuck.expect("the connection filled up first").elapsed();
    assert!(stuck > Duration::from_secs(8), "{stuck:?}");
    assert_eq!(gateway.get("/healthz").status, 200);
}

#[test]
fn one_subject_cannot_use_up_the_keys_rate() {
    let sandbox = Gateway::sandbox(&[]);
    let gateway = Gateway::live(&sandbox, &["--max-requests", "50", "--max-calls", "5"], &[]);
    let greedy = gateway.create(&[("sec-fetch-site", "same-origin")]);
    let me = [("cookie", greedy.cookie().unwrap())];
    let path = format!("/api/whatsapp/sessions/{}", greedy.field("id"));
    let before = sandbox.log().len();
    let mut refused = 0;
    for n in 0..20 {
        let qr = format!("{path}/qr");
        let fresh = [me[0], ("cache-control", "no-cache")];
        let reply = match n % 4 {
            0 => gateway.call("GET", &qr, &me, ""),
            1 => gateway.call("GET", &path, &fresh, ""),
            2 => gateway.call("GET", "/api/whatsapp/sessions", &me, ""),
            _ => gateway.create(&me),
        };
        refused += usize::from(reply.status == 429);
    }
    assert!(refused >= 14, "{refused}");
    assert!(sandbox.log().len() - before <= 10);
    assert_eq!(
        gateway.call("GET", &path, &me, "").status,
        200,
        "polls go on"
    );
    assert_eq!(gateway.create(&[]).status, 201, "others go on");
}

#[test]
fn on_a_small_plan_one_subject_leaves_the_others_their_part() {
    let sandbox = Gateway::sandbox(&["--rate", "60"]);
    let gateway = Gateway::live(&sandbox, &["--max-requests", "600"], &[]);
    let page = [("sec-fetch-site", "same-origin")];
    let greedy = gateway.create(&page);
    let fresh = [
        ("cookie", greedy.cookie().unwrap()),
        ("cache-control", "no-cache"),
    ];
    let path = format!("/api/whatsapp/sessions/{}", greedy.field("id"));
    let answered = (0..60)
        .filter(|_| gateway.call("GET", &path, &fresh, "").status == 200)
        .count();
    assert!((10..=20).contains(&answered), "{answered}");
    assert_eq!(gateway.create(&page).status, 201, "others pair");
}

#[test]
fn a_request_that_costs_many_calls_is_counted_by_them() {
    let sandbox = Gateway::sandbox(&["--rate", "1000000"]);
    let key = [("authorization", "Bearer sk_test_1")];
    let page = [("sec-fetch-site", "same-origin")];
    let caps = [
        "--max-requests",
        "1000",
        "--max-calls",
        "40",
        "--max-sessions",
        "5",
    ];
    for (method, body) in [("POST", r#"{"name":"a"}"#), ("GET", "")] {
        let gateway = Gateway::live(&sandbox, &caps, &[]);
        let first = gateway.create(&page);
        let me = [("cookie", first.cookie().unwrap())];
        sandbox.scan(&first.field("qr_code"));
        for _ in 1..5 {
            let created = gateway.create(&me);
            assert_eq!(created.status, 201, "{}", created.text());
            sandbox.scan(&created.field("qr_code"));
        }
        // Newer ones fill the first page of the service's list.
        for _ in 0..100 {
            let path = "/v1/whatsapp/sessions";
            sandbox.call("POST", path, &key, r#"{"name":"of others"}"#);
        }
        let before = sandbox.log().len();
        let path = "/api/whatsapp/sessions";
        let refused = (0..40).filter(|_| gateway.call(method, path, &me, body).status == 429);
        assert!(refused.count() >= 20, "{method}");
        let spent = sandbox.log().len() - before;
        assert!(spent <= 45, "{method}: {spent} calls");
    }
}

#[test]
fn one_subjects_polls_cannot_use_up_the_keys_rate() {
    let sandbox = Gateway::sandbox(&["--rate", "100000"]);
    let gateway = Gateway::live(
        &sandbox,
        &["--max-requests", "1000", "--max-calls", "5"],
        &[],
    );
    let page = [("sec-fetch-site", "same-origin")];
    let greedy = gateway.create(&page);
    let me = [("cookie", greedy.cookie().unwrap())];
    let path = format!("/api/whatsapp/sessions/{}", greedy.field("id"));
    let start = Instant::now();
    let before = sandbox.log().len();
    for _ in 0..200 {
        assert_eq!(gateway.call("GET", &path, &me, "").status, 200);
    }
    let spent = sandbox.log().len() - before;
    let intervals = start.elapsed().as_secs() / 2 + 1;
    assert!(
        spent as u64 <= intervals,
        "{spent} calls in {intervals} intervals of 2 s"
    );

    // What fails leaves nothing that could answer the next poll.
    sandbox.faults(r#"[{"match":"GET *","kind":"500","times":1000}]"#);
    let other = gateway.create(&page);
    let them = [("cookie", other.cookie().unwrap())];
    let path = format!("/api/whatsapp/sessions/{}", other.field("id"));
    let start = Instant::now();
    let before = sandbox.log().len();
    let mut last = 0;
    for _ in 0..200 {
        last = gateway.call("GET", &path, &them, "").status;
    }
    let spent = (sandbox.log().len() - before) as u64;
    let most = 30 + 5 + start.elapsed().as_secs() + 1;
    assert!(
        (30..=most).contains(&spent),
        "{spent} calls of at most {most}"
    );
    assert_eq!(last, 200, "what was known is better than nothing");

    sandbox.faults("[]");
    let victim = gateway.create(&page);
    assert_eq!(sandbox.scan(&victim.field("qr_code")).status, 200);
    let path = format!("/api/whatsapp/sessions/{}", victim.field("id"));
    let cookie = [("cookie", victim.cookie().unwrap())];
    assert_eq!(
        gateway.call("GET", &path, &cookie, "").field("status"),
        "connected",
        "others see what is"
    );
}

#[test]
fn polls_at_once_cost_one_call() {
    let sandbox = Gateway::sandbox(&[]);
    let gateway = Gateway::live(&sandbox, &[], &[]);
    let created = gateway.create(&[]);
    let path = format!("/api/whatsapp/sessions/{}", created.field("id"));
    sandbox.faults(r#"[{"match":"GET session","kind":"delay","ms":1000,"times":50}]"#);
    let before = sandbox.log().len();
    let addr = gateway.addr;
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| assert_eq!(call(addr, "GET", &path, &[], "").status, 200));
        }
    });
    assert_eq!(sandbox.log().len() - before, 1);
}

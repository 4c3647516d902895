//! One test for each threat of the gateway's table.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use ring::hmac;
use sendapi_gateway::token::{Claims, Keyring, Operation};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};
use support::{CANARY, Gateway, Reply, TOKEN_KEY, call, canned, http, parse, raw};

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

// The key leaks.

#[test]
fn the_key_is_in_nothing_that_leaves() {
    let sandbox = Gateway::sandbox(&[]);
    let gateway = Gateway::live(&sandbox, &[], &[]);
    let mut bytes = Vec::new();
    let created = gateway.create(&[]);
    let path = format!("/api/whatsapp/sessions/{}", created.field("id"));
    bytes.extend(created.raw);
    sandbox
        .faults(r#"[{"match":"GET session","kind":"html"},{"match":"GET session","kind":"500"}]"#);
    for path in [
        &path,
        &path,
        &path,
        &format!("{path}/qr"),
        "/api/whatsapp/sessions",
        "/healthz",
        "/demo/mode",
        "/",
        "/x",
    ] {
        bytes.extend(gateway.get(path).raw);
    }
    bytes.extend(raw(gateway.addr, b"nonsense\r\n\r\n"));
    let echo = json!({"error": {"message": format!("bad {CANARY}"), "type": CANARY, "code": CANARY,
                                "request_id": CANARY}, "key": CANARY});
    let headers = format!("x-key: {CANARY}\r\nlocation: https://evil.example/{CANARY}\r\n");
    for status in [
        "400 Bad Request",
        "401 Unauthorized",
        "302 Found",
        "500 Oops",
    ] {
        let (service, _) = canned(http(status, &headers, &echo.to_string()));
        let gateway = Gateway::live_at(service, &[], &[]);
        bytes.extend(gateway.create(&[]).raw);
        bytes.extend(gateway.stop().into_bytes());
    }
    bytes.extend(gateway.stop().into_bytes());
    let text = String::from_utf8_lossy(&bytes);
    assert!(
        text.contains("502") && text.contains("pending"),
        "the walk happened"
    );
    assert!(!text.contains("canary"), "{text}");
}

#[test]
fn the_key_goes_to_the_service_alone() {
    let (elsewhere, visits) = canned(http("200 OK", "", "{}"));
    let redirect = format!("location: http://{elsewhere}/v1/whatsapp/sessions\r\n");
    let (service, received) = canned(http("307 Temporary Redirect", &redirect, ""));
    let gateway = Gateway::live_at(service, &[], &[]);
    assert_eq!(gateway.create(&[]).status, 502);
    assert!(
        received
            .recv()
            .unwrap()
            .contains(&format!("Bearer {CANARY}"))
    );
    assert!(visits.try_recv().is_err(), "no redirect is followed");
}

#[test]
fn a_browsers_headers_are_not_passed_on() {
    let (service, received) = canned(http("200 OK", "", "{}"));
    let gateway = Gateway::live_at(service, &[], &[]);
    gateway.create(&[
        ("cookie", "own=canary1"),
        ("x-forwarded-for", "canary2"),
        ("x-evil", "canary3"),
    ]);
    let request = received.recv().unwrap();
    assert!(request.starts_with("POST /v1/whatsapp/sessions HTTP/1.1"));
    assert!(
        !request.contains("canary1")
            && !request.contains("canary2")
            && !request.contains("canary3")
    );
}

// A token is forged, stolen, reused.

#[test]
fn a_token_opens_exactly_what_it_says() {
    let gateway = with_tokens();
    let created = create_as(&gateway, &bearer(&claims("user-1")));
    assert_eq!(created.status, 201, "{}", created.text());
    assert!(created.cookie().is_none(), "no cookies beside tokens");
    let path = format!("/api/whatsapp/sessions/{}", created.field("id"));
    let calls = [
        ("GET", path.clone(), Operation::Read),
        ("GET", format!("{path}/qr"), Operation::Qr),
        ("GET", "/api/whatsapp/sessions".to_owned(), Operation::List),
        ("DELETE", path.clone(), Operation::Delete),
    ];
    for (method, path, operation) in &calls {
        let mut less = claims("user-1");
        less.ops.retain(|op| op != operation);
        let refused = gateway.call(method, path, &[("authorization", &bearer(&less))], "");
        assert_eq!(
            (refused.status, refused.code()),
            (403, json!("forbidden")),
            "{method} {path}"
        );
    }
    for (method, path, operation) in &calls {
        let mut only = claims("user-1");
        only.ops = vec![*operation];
        let done = gateway.call(method, path, &[("authorization", &bearer(&only))], "");
        assert_eq!(done.status, 200, "{method} {path}");
    }
}

#[test]
fn forged_tokens_are_refused() {
    let gateway = with_tokens();
    let good = ring().sign(&claims("user-1")).expose().to_owned();
    let parts: Vec<&str> = good.split('.').collect();
    let encode = |value: &Value| {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string())
    };
    let sign = |header: &Value, claims: &Value, key: &[u8]| {
        use base64::Engine as _;
        let signed = format!("{}.{}", encode(header), encode(claims));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), signed.as_bytes());
        let tag = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(tag);
        format!("{signed}.{tag}")
    };
    let key: Vec<u8> = (0..32).collect();
    let header = json!({"alg": "HS256", "kid": "new"});
    let body = serde_json::to_value(claims("user-1")).unwrap();
    assert_eq!(
        create_as(&gateway, &format!("Bearer {}", sign(&header, &body, &key))).status,
        201
    );
    let with = |name: &str, value: Value| {
        let mut body = body.clone();
        body[name] = value;
        sign(&header, &body, &key)
    };
    let none = json!({"alg": "none", "kid": "new"});
    for (forged, what) in [
        (format!("{}.{}.", parts[0], parts[1]), "no signature"),
        (format!("{}.{}", parts[0], parts[1]), "two parts"),
        (
            format!("{}.{}.{}", encode(&none), parts[1], parts[2]),
            "alg none",
        ),
        (
            format!("{}.{}.", encode(&none), parts[1]),
            "alg none, no signature",
        ),
        (
            sign(&json!({"alg": "HS512", "kid": "new"}), &body, &key),
            "another algorithm",
        ),
        (
            sign(&json!({"alg": "HS256", "kid": "old"}), &body, &key),
            "an unknown key id",
        ),
        (sign(&json!({"alg": "HS256"}), &body, &key), "no key id"),
        (
            sign(
                &json!({"alg": "HS256", "kid": "new", "crit": ["b64"]}),
                &body,
                &key,
            ),
            "critical extension",
        ),
        (
            sign(&header, &body, b"another key of thirty-two bytes!"),
            "another key",
        ),
        (format!("{good}A"), "a longer signature"),
        (with("aud", json!("else")), "another audience"),
        (with("exp", json!(now_s())), "expired"),
        (with("exp", json!(now_s() + 700)), "too long a life"),
        (with("exp", json!("soon")), "no time"),
        (with("sub", json!("")), "nobody"),
        (with("sub", json!("a\u{0}b")), "control characters"),
        (
            with("ops", json!(["create", "everything"])),
            "an unknown operation",
        ),
        (with("session", json!("../x")), "a session that is a path"),
        ("x".repeat(5000), "too long"),
        (String::new(), "nothing"),
    ] {
        let refused = create_as(&gateway, &format!("Bearer {forged}"));
        assert_eq!(refused.status, 401, "{what}");
        assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
        assert!(
            forged.is_empty() || !refused.text().contains(&forged),
            "{what}"
        );
    }
    let in_url = gateway.call(
        "POST",
        &format!("/api/whatsapp/sessions?access_token={good}"),
        &[],
        r#"{"name":"a"}"#,
    );
    assert_eq!(in_url.status, 401, "never in a URL");
    assert_eq!(create_as(&gateway, &format!("Basic {good}")).status, 401);
}

#[test]
fn a_secret_key_as_a_token_is_refused_in_every_mode() {
    for gateway in [with_tokens(), Gateway::sandbox(&[])] {
        let refused = create_as(&gateway, "Bearer sk_live_0123canary");
        assert_eq!(
            (refused.status, refused.code()),
            (401, json!("secret_key_rejected"))
        );
        assert!(!refused.text().contains("canary"));
    }
}

#[test]
fn keys_rotate_by_kid() {
    let other = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
    let both = format!("next:{other},new:{TOKEN_KEY}");
    let gateway = Gateway::start(&["--sandbox"], &[("SENDAPI_TOKEN_KEYS", &both)]);
    assert_eq!(create_as(&gateway, &bearer(&claims("a"))).status, 201);
    let next = Keyring::parse(&both, AUDIENCE).unwrap();
    let token = format!("Bearer {}", next.sign(&claims("b")).expose());
    assert_eq!(create_as(&gateway, &token).status, 201);
    let retired = Gateway::start(
        &["--sandbox"],
        &[("SENDAPI_TOKEN_KEYS", &format!("next:{other}"))],
    );
    assert_eq!(create_as(&retired, &bearer(&claims("a"))).status, 401);
}

#[test]
fn a_token_of_one_origin_is_useless_from_another() {
    let gateway = with_tokens();
    let mut bound = claims("user-1");
    bound.origin = Some(APP.to_owned());
    let token = bearer(&bound);
    let from = |origin: Option<&str>| {
        let mut headers = vec![("authorization", token.as_str())];
        headers.extend(origin.map(|o| ("origin", o)));
        gateway.create(&headers).status
    };
    assert_eq!(from(Some(APP)), 201);
    assert_eq!(from(None), 403);
    assert_eq!(from(Some(&format!("http://{}", gateway.addr))), 403);
    assert_eq!(from(Some("https://evil.example")), 403);
    bound.origin = Some(format!("http://{}", gateway.addr));
    let own = bearer(&bound);
    assert_eq!(
        gateway.create(&[("authorization", &own)]).status,
        200,
        "this server's own page"
    );
}

// One user reads another's session.

#[test]
fn a_token_reaches_its_subjects_sessions_only() {
    let gateway = with_tokens();
    let mine = create_as(&gateway, &bearer(&claims("user-1")));
    let path = format!("/api/whatsapp/sessions/{}", mine.field("id"));
    let other = bearer(&claims("user-2"));
    let other = [("authorization", other.as_str())];
    for (method, path) in [
        ("GET", path.clone()),
        ("GET", format!("{path}/qr")),
        ("DELETE", path.clone()),
    ] {
        assert_eq!(gateway.call(method, &path, &other, "").status, 404);
    }
    let list = gateway.call("GET", "/api/whatsapp/sessions", &other, "");
    assert_eq!(list.json()["data"], json!([]));
    let mut narrow = claims("user-1");
    narrow.session = Some("sess_else".to_owned());
    let narrow = bearer(&narrow);
    let narrow = [("authorization", narrow.as_str())];
    assert_eq!(
        gateway.call("GET", &path, &narrow, "").status,
        404,
        "the token's session must equal the path's"
    );
    assert_eq!(gateway.create(&narrow).status, 403);
    let mut exact = claims("user-1");
    exact.session = Some(mine.field("id"));
    assert_eq!(
        gateway
            .call("GET", &path, &[("authorization", &bearer(&exact))], "")
            .status,
        200
    );
    exact.sub = "user-2".to_owned();
    assert_eq!(
        gateway
            .call("GET", &path, &[("authorization", &bearer(&exact))], "")
            .status,
        404
    );
    let unknown = gateway.call("GET", "/api/whatsapp/sessions/none", &narrow, "");
    assert_eq!(unknown.status, 404);
}

// Smuggled routes, SSRF.

#[test]
fn ids_and_paths_do_not_smuggle() {
    let gateway = Gateway::sandbox(&[]);
    let long = "a".repeat(4096);
    for (target, statuses) in [
        ("/api/whatsapp/sessions/../x", [400, 400]),
        ("/api/whatsapp/sessions/..", [400, 400]),
        ("/api/whatsapp/sessions/%2e%2e", [400, 400]),
        ("/api/whatsapp/sessions/%2e%2e%2fmessages", [400, 400]),
        ("/api/whatsapp/sessions/a%2fqr", [400, 400]),
        ("/api/whatsapp/sessions/a%00", [400, 400]),
        ("/api/whatsapp/sessions/a/b/qr", [400, 400]),
        ("/api/whatsapp/sessions//qr", [400, 400]),
        ("/api/whatsapp/sessions/a;b", [400, 400]),
        ("/api/whatsapp/../../v1/whatsapp/sessions", [404, 404]),
        ("/api/whatsapp/sessions/a\\..\\b", [400, 400]),
        ("http://evil.example/api/whatsapp/sessions/a", [404, 404]),
        ("//evil.example/api/whatsapp/sessions", [404, 404]),
        (&format!("/api/whatsapp/sessions/{long}"), [400, 400]),
        ("/api/whatsapp/sessions/\u{e9}", [400, 400]),
    ] {
        let request = format!("GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let reply = parse(raw(gateway.addr, request.as_bytes())).unwrap();
        assert!(
            statuses.contains(&reply.status),
            "{target}: {}",
            reply.status
        );
    }
    assert_eq!(gateway.log(), [], "the service heard of none");
}

#[test]
fn requests_that_two_servers_read_differently_are_refused() {
    let gateway = Gateway::sandbox(&[]);
    let body = r#"{"name":"a"}"#;
    for head in [
        "content-length: 12\r\ncontent-length: 13\r\n".to_owned(),
        "content-length: 12\r\ntransfer-encoding: xchunked\r\n".to_owned(),
        "content-length: +12\r\n".to_owned(),
        "bad header\r\n".to_owned(),
        format!("x: {}\r\n", "y".repeat(64 * 1024)),
    ] {
        let request = format!(
            "POST /api/whatsapp/sessions HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{head}\r\n{body}"
        );
        if let Some(reply) = parse(raw(gateway.addr, request.as_bytes())) {
            assert!(
                matches!(reply.status, 400 | 431),
                "{head:.60}: {}",
                reply.status
            );
        }
    }
    assert_eq!(gateway.log(), []);
}

// Cross-site use.

#[test]
fn only_listed_origins_may_call() {
    let gateway = with_tokens();
    let token = bearer(&claims("user-1"));
    for foreign in [
        "null",
        "https://evil.example",
        "https://app.example.org.evil.example",
        "http://app.example.org",
    ] {
        let refused = gateway.create(&[("authorization", &token), ("origin", foreign)]);
        assert_eq!(
            (refused.status, refused.code()),
            (403, json!("origin_not_allowed")),
            "{foreign}"
        );
        assert!(refused.header("access-control-allow-origin").is_none());
        let preflight = gateway.call(
            "OPTIONS",
            "/api/whatsapp/sessions",
            &[("origin", foreign)],
            "",
        );
        assert_eq!(preflight.status, 403);
        assert!(preflight.header("access-control-allow-origin").is_none());
    }
    let listed = gateway.create(&[("authorization", &token), ("origin", APP)]);
    assert_eq!(listed.header("access-control-allow-origin"), Some(APP));
    assert!(listed.header("access-control-allow-credentials").is_none());
    let exposed = listed.header("access-control-expose-headers").unwrap();
    for name in [
        "Date",
        "Retry-After",
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Reset",
    ] {
        assert!(exposed.contains(name), "{name}");
    }
    let asked = ("access-control-request-method", "POST");
    let preflight = gateway.call(
        "OPTIONS",
        "/api/whatsapp/sessions",
        &[("origin", APP), asked],
        "",
    );
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-origin"), Some(APP));
    let allowed = preflight
        .header("access-control-allow-headers")
        .unwrap()
        .to_lowercase();
    for name in [
        "authorization",
        "content-type",
        "idempotency-key",
        "cache-control",
    ] {
        assert!(allowed.contains(name), "{name}");
    }
    let refused = gateway.call("GET", "/api/whatsapp/sessions/x", &[("origin", APP)], "");
    assert_eq!(
        refused.header("access-control-allow-origin"),
        Some(APP),
        "errors are readable too"
    );
}

#[test]
fn a_foreign_page_cannot_spend_a_session_on_loopback() {
    let sandbox = Gateway::sandbox(&[]);
    let gateway = Gateway::live(&sandbox, &[], &[]);
    for headers in [
        [
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
        ],
        [("origin", "null"), ("sec-fetch-site", "cross-site")],
        [("x", "y"), ("sec-fetch-site", "cross-site")],
    ] {
        assert_eq!(gateway.create(&headers).status, 403);
    }
    let rebound = [("host", "evil.example"), ("origin", "http://evil.example")];
    assert_eq!(gateway.create(&rebound).status, 421, "DNS rebinding");
    assert_eq!(sandbox.log(), []);
}

// Exhaustion.

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

// A browser that hangs up.

#[test]
fn a_create_is_recorded_though_the_browser_hung_up() {
    let gateway = Gateway::sandbox(&[]);
    gateway.faults(r#"[{"match":"POST create","kind":"delay","ms":400}]"#);
    let mut stream = TcpStream::connect(gateway.addr).unwrap();
    let body = r#"{"name":"a"}"#;
    let request = format!(
        "POST /api/whatsapp/sessions HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    while gateway.log().is_empty() {
        std::thread::yield_now();
    }
    drop(stream);
    let again = gateway.create(&[]);
    assert_eq!(again.status, 200, "the same session");
    let creates = gateway.log().iter().filter(|row| row.0 == "POST").count();
    assert_eq!(creates, 1);
}

#[test]
fn a_first_create_whose_answer_was_lost_is_not_doubled() {
    let gateway = Gateway::sandbox(&[]);
    let key = ("idempotency-key", "6f1c2b9e-6a3d-4c58-9d0e-6a9f4f1c2b9e");
    let page = [("sec-fetch-site", "same-origin"), key];
    gateway.faults(r#"[{"match":"POST create","kind":"drop"}]"#);
    assert_eq!(
        gateway.create(&page).status,
        502,
        "the service acted, its answer was lost"
    );
    let lost = gateway.create(&page);
    assert_eq!(lost.status, 201, "the service repeats its answer");
    let again = gateway.create(&page);
    assert_eq!(
        (again.status, again.field("id")),
        (200, lost.field("id")),
        "no cookie had arrived"
    );
    let me = [("cookie", again.cookie().unwrap())];
    let path = format!("/api/whatsapp/sessions/{}", again.field("id"));
    assert_eq!(
        gateway.call("GET", &path, &me, "").field("status"),
        "pending"
    );
    let list = gateway.call(
        "GET",
        "/v1/whatsapp/sessions",
        &[("authorization", "Bearer sk_test_1")],
        "",
    );
    assert_eq!(list.json()["meta"]["total"], 1);
    let other = [
        ("sec-fetch-site", "same-origin"),
        ("idempotency-key", "short"),
    ];
    assert_ne!(
        gateway.create(&other).cookie(),
        gateway.create(&other).cookie()
    );
}

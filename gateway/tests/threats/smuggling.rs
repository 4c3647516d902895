//! Smuggled routes and requests, SSRF.

use super::support::{Gateway, parse, raw};
use super::with_tokens;
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

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

fn answers(bytes: &[u8]) -> usize {
    let text = String::from_utf8_lossy(bytes);
    text.matches("HTTP/1.1 ").count()
}

#[test]
fn a_refusal_before_any_route_is_an_error_like_others() {
    let gateway = Gateway::sandbox(&[]);
    let request = "GET /api/whatsapp/sessions/a HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n";
    let reply = parse(raw(gateway.addr, request.as_bytes())).unwrap();
    assert_eq!((reply.status, reply.code()), (400, json!("bad_request")));
    for (name, value) in [("cache-control", "no-store"), ("vary", "Origin")] {
        assert_eq!(reply.header(name), Some(value));
    }
}

#[test]
fn nothing_behind_a_request_of_two_lengths_is_taken_for_a_request() {
    let gateway = Gateway::sandbox(&[]);
    let smuggled = "GET /sandbox/log HTTP/1.1\r\nhost: x\r\n\r\n";
    let chunks = "c\r\n{\"name\":\"a\"}\r\n0\r\n\r\n";
    let length = format!("content-length: {}\r\n", chunks.len() + smuggled.len());
    let chunked = "transfer-encoding: chunked\r\n";
    for (what, framing, status) in [
        ("length first", format!("{length}{chunked}"), 201),
        ("chunked first", format!("{chunked}{length}"), 200),
        ("chunked alone", chunked.to_owned(), 200),
        (
            "chunked in a list",
            "transfer-encoding: gzip, chunked\r\n".to_owned(),
            400,
        ),
        (
            "not chunked in the end",
            "transfer-encoding: chunked, identity\r\n".to_owned(),
            400,
        ),
        (
            "another line takes it back",
            format!("{chunked}transfer-encoding: identity\r\n"),
            400,
        ),
        (
            "a blank before the colon",
            "transfer-encoding : chunked\r\n".to_owned(),
            400,
        ),
        (
            "a folded line",
            "transfer-encoding:\r\n chunked\r\n".to_owned(),
            400,
        ),
        (
            "a tab",
            "transfer-encoding: \x0bchunked\r\n".to_owned(),
            400,
        ),
        (
            "length as a list",
            "content-length: 5, 5\r\n".to_owned(),
            400,
        ),
        (
            "a negative length",
            "content-length: -1\r\n".to_owned(),
            400,
        ),
        (
            "a length past 64 bits",
            "content-length: 18446744073709551617\r\n".to_owned(),
            400,
        ),
    ] {
        let request = format!(
            "POST /api/whatsapp/sessions HTTP/1.1\r\nhost: x\r\n{framing}\r\n{chunks}{smuggled}"
        );
        let bytes = raw(gateway.addr, request.as_bytes());
        assert_eq!(
            answers(&bytes),
            1,
            "{what}: {}",
            String::from_utf8_lossy(&bytes)
        );
        let reply = parse(bytes).unwrap();
        assert_eq!(reply.status, status, "{what}: {}", reply.text());
    }
    let creates = gateway.log();
    assert!(
        creates.iter().all(|row| !row.1.contains("log")),
        "{creates:?}"
    );
}

#[test]
fn a_request_names_exactly_one_host() {
    let sandbox = Gateway::sandbox(&[]);
    let gateway = Gateway::live(&sandbox, &[], &[]);
    for (head, status) in [
        ("GET /healthz HTTP/1.1\r\n", 400),
        (
            "GET /healthz HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\n",
            400,
        ),
        ("GET /healthz HTTP/1.0\r\n", 200),
        (
            "GET http://localhost/api/whatsapp/sessions HTTP/1.1\r\nhost: evil.example\r\n",
            200,
        ),
        (
            "GET http://evil.example/api/whatsapp/sessions HTTP/1.1\r\nhost: localhost\r\n",
            421,
        ),
        (
            "GET http://localhost@evil.example/api/whatsapp/sessions HTTP/1.1\r\nhost: localhost\r\n",
            421,
        ),
        (
            "GET /api/whatsapp/sessions HTTP/1.1\r\nhost: localhost@evil.example\r\n",
            421,
        ),
        (
            "GET /api/whatsapp/sessions HTTP/1.1\r\nhost: localhost.\r\n",
            421,
        ),
        ("GET /api/whatsapp/sessions HTTP/1.1\r\nhost:\r\n", 421),
    ] {
        let request = format!("{head}connection: close\r\n\r\n");
        let reply = parse(raw(gateway.addr, request.as_bytes())).unwrap();
        assert_eq!(reply.status, status, "{head}");
    }
}

#[test]
fn what_is_no_request_is_refused_and_the_connection_ends() {
    let gateway = Gateway::sandbox(&[]);
    let long = "a".repeat(64 * 1024);
    let many = "x: y\r\n".repeat(200);
    for (what, request) in [
        (
            "HTTP/2 with prior knowledge",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
        ),
        (
            "TLS",
            "\x16\x03\x01\x02\x00\x01\x00\x01\u{fc}\x03\x03".to_owned()
                + &"x".repeat(600)
                + "\r\n\r\n",
        ),
        (
            "a NUL in a header",
            "GET /healthz HTTP/1.1\r\nhost: x\r\na: b\0c\r\n\r\n".to_owned(),
        ),
        (
            "a NUL in the target",
            "GET /healthz\0 HTTP/1.1\r\nhost: x\r\n\r\n".to_owned(),
        ),
        (
            "a bare CR",
            "GET /healthz HTTP/1.1\r\nhost: x\r\na: b\rc: d\r\n\r\n".to_owned(),
        ),
        (
            "a blank in the target",
            "GET /health z HTTP/1.1\r\nhost: x\r\n\r\n".to_owned(),
        ),
        (
            "another version",
            "GET /healthz HTTP/3.0\r\nhost: x\r\n\r\n".to_owned(),
        ),
        (
            "a header of 64 KiB",
            format!("GET /healthz HTTP/1.1\r\nhost: x\r\na: {long}\r\n\r\n"),
        ),
        (
            "a target of 64 KiB",
            format!("GET /{long} HTTP/1.1\r\nhost: x\r\n\r\n"),
        ),
        (
            "200 headers",
            format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{many}\r\n"),
        ),
    ] {
        let next = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
        let bytes = raw(gateway.addr, format!("{request}{next}").as_bytes());
        assert!(answers(&bytes) <= 1, "{what}");
        if let Some(reply) = parse(bytes) {
            assert!(
                matches!(reply.status, 400 | 414 | 431),
                "{what}: {}",
                reply.status
            );
        }
    }
    for method in ["CONNECT", "TRACE", "HEAD", "PATCH", "get", "OPTIONS"] {
        let target = if method == "CONNECT" {
            "evil.example:443"
        } else {
            "/v1/x"
        };
        let request = format!("{method} {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let reply = parse(raw(gateway.addr, request.as_bytes())).unwrap();
        assert!(reply.status >= 400, "{method}: {}", reply.status);
    }
}

#[test]
fn requests_in_a_row_are_answered_in_that_row() {
    let gateway = Gateway::sandbox(&[]);
    let get = |path: &str, more: &str| format!("GET {path} HTTP/1.1\r\nhost: x\r\n{more}\r\n");
    let row = [
        get("/healthz", ""),
        get("/api/whatsapp/sessions/..", ""),
        get("/demo/mode", "connection: close\r\n"),
        get("/healthz", ""),
    ];
    let bytes = raw(gateway.addr, row.concat().as_bytes());
    let text = String::from_utf8_lossy(&bytes);
    let statuses: Vec<_> = text
        .split("HTTP/1.1 ")
        .skip(1)
        .map(|part| &part[..3])
        .collect();
    assert_eq!(statuses, ["200", "400", "200"], "{text}");
    assert!(text.ends_with(r#"{"mode":"sandbox"}"#), "{text}");
}

#[test]
fn a_body_is_asked_for_only_where_it_will_be_read() {
    let gateway = with_tokens();
    let head = |auth: &str| {
        format!(
            "POST /api/whatsapp/sessions HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{auth}expect: 100-continue\r\ncontent-length: 12\r\n\r\n"
        )
    };
    let refused = raw(gateway.addr, head("").as_bytes());
    let refused = String::from_utf8_lossy(&refused);
    assert!(refused.starts_with("HTTP/1.1 401 "), "{refused}");
    let token = format!("authorization: {}\r\n", super::bearer(&super::claims("a")));
    let mut stream = TcpStream::connect(gateway.addr).unwrap();
    stream.write_all(head(&token).as_bytes()).unwrap();
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(br#"{"name":"a"}"#).unwrap();
    let mut taken = String::new();
    stream.read_to_string(&mut taken).unwrap();
    assert!(taken.starts_with("HTTP/1.1 201 "), "{taken}");
}

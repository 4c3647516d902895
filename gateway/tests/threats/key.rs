//! The key leaks.

use super::support::{CANARY, Gateway, canned, http, raw};
use serde_json::json;

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
    let whole = json!({"error": {"message": format!("bad {CANARY}"), "type": CANARY, "code": CANARY,
                                 "request_id": CANARY}, "key": CANARY});
    let split = json!({"error": {"message": CANARY.replacen("sk_", "s\u{1}k_", 1), "code": 1}});
    let headers = format!("x-key: {CANARY}\r\nlocation: https://evil.example/{CANARY}\r\n");
    for status in [
        "400 Bad Request",
        "401 Unauthorized",
        "302 Found",
        "500 Oops",
    ] {
        for echo in [&whole, &split] {
            let (service, _) = canned(http(status, &headers, &echo.to_string()));
            let gateway = Gateway::live_at(service, &[], &[]);
            bytes.extend(gateway.create(&[]).raw);
            bytes.extend(gateway.stop().into_bytes());
        }
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

//! A browser that hangs up.

use super::support::Gateway;
use std::io::Write as _;
use std::net::TcpStream;

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

#[test]
fn connections_that_break_off_give_their_places_back() {
    let gateway = Gateway::sandbox(&["--max-connections", "4"]);
    let created = gateway.create(&[]);
    let path = format!("/api/whatsapp/sessions/{}", created.field("id"));
    let body = r#"{"name":"a"}"#;
    for n in 0..100 {
        let mut stream = TcpStream::connect(gateway.addr).unwrap();
        let request = match n % 5 {
            0 => String::new(),
            1 => "GET /api/wha".to_owned(),
            2 => format!("GET {path}/qr HTTP/1.1\r\nhost: x\r\n\r\n"),
            3 => format!(
                "POST /api/whatsapp/sessions HTTP/1.1\r\nhost: x\r\ncontent-length: 12\r\n\r\n{body}"
            ),
            _ => "POST /api/whatsapp/sessions HTTP/1.1\r\nhost: x\r\ncontent-length: 12\r\n\r\n{"
                .to_owned(),
        };
        stream.write_all(request.as_bytes()).unwrap();
    }
    assert_eq!(gateway.get(&path).field("status"), "pending");
    let creates = gateway.log().iter().filter(|row| row.0 == "POST").count();
    assert_eq!(creates, 1);
}

//! A key that the service echoes in every way it can must never reach a browser or a log.
//!
//! `CANARY_EXCHANGES` sets how many exchanges are tried, 2,000 unless given.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::io::{BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use support::{CANARY, Gateway};

/// SplitMix64.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[(self.next() % choices.len() as u64) as usize]
    }
}

/// Reads one message's head and body; the head in lower case, and the body.
fn message(reader: &mut impl std::io::BufRead) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        head.push_str(&line);
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((head, body))
}

/// A service that answers with the key it was sent: as words, codes, ids, field names, headers, HTML.
fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for (n, stream) in listener.incoming().enumerate() {
            std::thread::spawn(move || serve(stream.unwrap(), Rng(n as u64)));
        }
    });
    addr
}

fn serve(stream: TcpStream, mut rng: Rng) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some((head, _)) = message(&mut reader) {
        let key = head
            .lines()
            .find_map(|l| l.strip_prefix("authorization: Bearer "))
            .unwrap_or("none");
        let id = head
            .split([' ', '/', '?'])
            .nth(5)
            .filter(|id| id.starts_with("sess"))
            .unwrap_or("sess_1");
        let status = rng.pick(&[
            "200 OK",
            "200 OK",
            "201 Created",
            "302 Found",
            "400 Bad Request",
            "401 Unauthorized",
            "404 Not Found",
            "409 Conflict",
            "410 Gone",
            "418 Teapot",
            "422 Unprocessable",
            "500 Oops",
            "502 Bad Gateway",
        ]);
        let body = rng.pick(&[
            r#"{"error":{"type":"KEY","message":"bad KEY","code":"KEY","request_id":"KEY"},"meta":{"request_id":"KEY"}}"#,
            r#"{"error":{"message":"Authorization: Bearer KEY","code":4011}}"#,
            r#"{"id":"ID","name":"x","status":"pending","qr_code":"2@x","KEY":"KEY","created_at":"2026-03-09T14:30:00Z"}"#,
            r#"{"data":{"id":"ID","status":"pending","qr_code":"2@x","meta":{"key":"KEY"}},"KEY":1}"#,
            r#"{"data":[{"id":"ID","status":"connected","key":"KEY"}],"meta":{"total":1,"KEY":2}}"#,
            r#"{"id":"KEY","status":"pending","qr_code":"2@x"}"#,
            r#"{"id":"ID","status":"KEY","name":"\u0073k_live_canary0123456789","qr_code":"2@x"}"#,
            r#"{"id":"ID","name":"x","status":"pending","qr_code":"2@x","expires_at":"2026-03-09T14:30:00Z"}"#,
            r#"{"id":"ID","name":"x","status":"pending","qr_code":"2@x","expires_at":"2026-03-09T14:30:00Z"}"#,
            r#"{"data":[{"id":"ID","status":"connected"}],"meta":{"total":1}}"#,
            "<html>KEY</html>",
            "KEY",
            "",
        ]);
        let body = body.replace("KEY", key).replace("ID", id);
        let headers = rng.pick(&[
            "",
            "x-key: KEY\r\n",
            "retry-after: KEY\r\n",
            "date: KEY\r\n",
            "x-ratelimit-limit: KEY\r\n",
            "set-cookie: a=KEY\r\n",
            "location: https://x/KEY\r\n",
            "content-type: KEY\r\n",
        ]);
        let headers = headers.replace("KEY", key);
        let answer = format!(
            "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}",
            body.len()
        );
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

#[test]
fn the_key_is_never_seen_whatever_the_service_echoes() {
    let exchanges: u64 = std::env::var("CANARY_EXCHANGES").map_or(2000, |n| n.parse().unwrap());
    let gateway = Gateway::live_at(echo(), &["--log", "requests"], &[]);
    let mut rng = Rng(1);
    let mut seen = 0;
    let mut statuses = std::collections::BTreeSet::new();
    let mut ids = vec!["sess_1".to_owned()];
    while seen < exchanges {
        let mut stream = TcpStream::connect(gateway.addr).unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        for _ in 0..50 {
            let id = ids[(rng.next() % ids.len() as u64) as usize].clone();
            let target = rng.pick(&[
                "/sessions",
                "/sessions/ID",
                "/sessions/ID/qr",
                "/sessions/../x",
                "/x",
                "/sessions/ID?KEY",
            ]);
            let method = rng.pick(&["GET", "GET", "POST", "POST", "DELETE", "PUT"]);
            let fresh = rng.pick(&["", "cache-control: no-cache\r\n"]);
            let body = rng.pick(&[r#"{"name":"a"}"#, r#"{"name":"a"}"#, "{", ""]);
            let target = target.replace("ID", &id);
            let request = format!(
                "{method} /api/whatsapp{target} HTTP/1.1\r\nhost: 127.0.0.1\r\n{fresh}content-length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(request.as_bytes()).unwrap();
            let Some((head, body)) = message(&mut reader) else {
                break;
            };
            let text = String::from_utf8_lossy(&body);
            assert!(
                !head.contains("canary") && !text.contains("canary"),
                "{request}\n{head}\n{text}"
            );
            statuses.insert(head.split(' ').nth(1).unwrap().to_owned());
            if let Ok(json) = serde_json::from_slice::<serde_json::Value>(&body)
                && let Some(id) = json["id"].as_str()
                && !ids.contains(&id.to_owned())
            {
                ids.push(id.to_owned());
            }
            seen += 1;
        }
    }
    for status in ["200", "201", "400", "404", "405", "422", "502"] {
        assert!(statuses.contains(status), "{status} in {statuses:?}");
    }
    let log = gateway.stop();
    assert!(log.lines().count() as u64 >= exchanges / 2);
    assert!(!log.contains("canary") && CANARY.contains("canary"));
}

//! `smoke` and `check` as they are run.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use sendapi_gateway::token::{Claims, Keyring, Operation};
use support::{CANARY, Gateway, TOKEN_KEY, canned, http, run};

fn tool(args: &[&str], env: &[(&str, &str)]) -> (i32, String) {
    let output = run(args, env);
    let text =
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), text)
}

#[test]
fn smoke_finds_nothing_wrong_with_the_sandbox() {
    let (status, report) = tool(&["smoke"], &[]);
    assert_eq!(status, 0, "{report}");
    assert!(report.contains("service: the sandbox"), "{report}");
    assert!(report.ends_with("deviations: 0\n"), "{report}");
    for step in [
        "create: 201",
        "get: 200",
        "qr: 200",
        "list: 200",
        "delete: 200",
        "delete again: 404",
    ] {
        assert!(report.contains(step), "{step} in {report}");
    }
    assert!(
        !report.contains("sess_") && !report.contains("base64"),
        "{report}"
    );
}

#[test]
fn smoke_walks_a_service_over_http_and_cleans_up() {
    let sandbox = Gateway::sandbox(&["--quota", "1"]);
    let url = format!("http://{}/v1", sandbox.addr);
    for _ in 0..2 {
        let (status, report) = tool(&["smoke", "--upstream", &url], &[("SENDAPI_KEY", CANARY)]);
        assert_eq!(status, 0, "{report}");
        assert!(!report.contains("canary"), "{report}");
    }
    sandbox.faults(r#"[{"match":"GET qr","kind":"500"}]"#);
    let (status, report) = tool(&["smoke", "--upstream", &url], &[("SENDAPI_KEY", CANARY)]);
    assert_eq!(status, 1, "{report}");
    assert!(
        report.contains("could not walk: qr answered 500"),
        "{report}"
    );
    assert!(report.contains("delete: 200"), "{report}");
}

#[test]
fn smoke_names_deviations_without_values() {
    let body = r#"{"data":{"id":7,"name":"x","status":"paired","extra":"canary-value","created_at":"now"}}"#;
    let (service, _) = canned(http("200 OK", "", body));
    let url = format!("http://{service}/v1");
    let (status, report) = tool(&["smoke", "--upstream", &url], &[("SENDAPI_KEY", CANARY)]);
    assert_eq!(status, 1, "{report}");
    for words in [
        "wrapped in data",
        "qr_code is missing",
        "qr_expires_at is missing",
        "created_at is a text of another form",
        "extra is new",
        "status paired is not on the page",
        "no Date header",
        "no X-RateLimit-Limit header",
    ] {
        assert!(report.contains(words), "{words} in {report}");
    }
    assert!(!report.contains("canary"), "{report}");
}

#[test]
fn smoke_says_why_it_could_not_walk() {
    let refused = r#"{"error":{"type":"authentication_error","message":"no","code":4011}}"#;
    let (service, _) = canned(http("401 Unauthorized", "", refused));
    let url = format!("http://{service}/v1");
    let (status, report) = tool(&["smoke", "--upstream", &url], &[("SENDAPI_KEY", CANARY)]);
    assert_eq!(status, 1);
    assert!(
        report.contains("could not walk: create answered 401, code 4011"),
        "{report}"
    );
    assert_eq!(tool(&["smoke"], &[("SENDAPI_KEY", "nonsense")]).0, 2);
    assert_eq!(
        tool(
            &["smoke", "--upstream", "http://sendapi.co/v1"],
            &[("SENDAPI_KEY", CANARY)]
        )
        .0,
        2
    );
}

#[test]
fn the_gateway_passes_its_own_check() {
    let gateway = Gateway::sandbox(&[]);
    let url = format!("http://{}/api/whatsapp", gateway.addr);
    let (status, report) = tool(&["check", &url], &[]);
    assert_eq!(status, 0, "{report}");
    let skipped = report.lines().filter(|line| !line.starts_with("PASS "));
    let skipped: Vec<_> = skipped.collect();
    assert_eq!(
        skipped,
        [
            "SKIP another user is answered 404 for the session (pass --other-header with a second user's sign-in)",
            "SKIP whoever is not signed in is answered 401 (no --header signs anybody in)",
        ]
    );
    assert!(report.lines().count() >= 30, "{report}");
}

/// The header that signs this user in.
fn bearer(keyring: &Keyring, user: &str, ops: &[Operation]) -> String {
    let token = keyring.sign(&Claims {
        aud: "sendapi-gateway".to_owned(),
        sub: user.to_owned(),
        exp: sendapi_gateway::upstream::unix_ms() / 1000 + 300,
        ops: ops.to_vec(),
        session: None,
        origin: None,
    });
    format!("Authorization: Bearer {}", token.expose())
}

#[test]
fn a_gateway_on_the_smallest_plan_passes_it_with_one_users_share() {
    let keys = format!("k:{TOKEN_KEY}");
    let keyring = Keyring::parse(&keys, "sendapi-gateway").unwrap();
    let sandbox = Gateway::sandbox(&["--rate", "60"]);
    let gateway = Gateway::live(
        &sandbox,
        &["--max-requests", "600"],
        &[("SENDAPI_TOKEN_KEYS", &keys)],
    );
    let url = format!("http://{}/api/whatsapp", gateway.addr);
    let ops = [
        Operation::Create,
        Operation::Read,
        Operation::Qr,
        Operation::Delete,
        Operation::List,
    ];
    let header = bearer(&keyring, "user-1", &ops);
    let (status, report) = tool(&["check", &url, "--header", &header], &[]);
    assert_eq!(status, 0, "{report}");
    assert!(report.lines().count() >= 30, "{report}");
}

#[test]
fn check_carries_a_token() {
    let keys = format!("k:{TOKEN_KEY}");
    let gateway = Gateway::start(&["--sandbox"], &[("SENDAPI_TOKEN_KEYS", &keys)]);
    let url = format!("http://{}/api/whatsapp", gateway.addr);
    let (status, report) = tool(&["check", &url], &[]);
    assert_eq!(status, 1, "{report}");
    assert!(
        report.contains("FAIL create answers a session with an id and a code: answered 401"),
        "{report}"
    );
    let keyring = Keyring::parse(&keys, "sendapi-gateway").unwrap();
    let ops = [Operation::Create, Operation::Read, Operation::Qr];
    let [header, other] = ["user-1", "user-2"].map(|user| bearer(&keyring, user, &ops));
    let flags = ["check", &url, "--header", &header, "--other-header", &other];
    let (status, report) = tool(&flags, &[]);
    assert_eq!(status, 0, "{report}");
    for line in [
        "SKIP list answers this user's sessions (answered 403: not offered)",
        "SKIP delete removes the session (answered 403: a fault, unless delete is not offered)",
        "SKIP no session is left behind (delete by hand: sess_",
        "PASS whoever is not signed in is answered 401",
        "PASS another user is answered 404 for the session",
    ] {
        assert!(report.contains(line), "{line} in {report}");
    }
}

#[test]
fn check_fails_a_careless_backend_rule_by_rule() {
    let body = r#"{"id":"a","status":"connected","qr_code":"2@x","leak":"sk_live_123"}"#;
    let headers = "access-control-allow-origin: *\r\n";
    let (service, _) = canned(http("200 OK", headers, body));
    let (status, report) = tool(&["check", &format!("http://{service}/x")], &[]);
    assert_eq!(status, 1);
    for rule in [
        "a created session is pending",
        "create gives the code's deadline",
        "create sends the Date that the code's life counts from: it has 0 Date headers",
        "qr answers a new code with its deadline: the code is one shown before",
        "an unknown session is 404",
        "every answer is no-store: POST /sessions answered 200 and its Cache-Control lacks no-store",
        "another browser cannot read the session",
        "another browser cannot take a code",
        "another browser cannot delete the session",
        "list answers this user's sessions",
        "an id that is a path never leaves it",
        "a body that is no JSON is refused",
        "a name of 65 characters is refused",
        "a name with a control character is refused",
        "a body of more than 16 KiB is refused",
        "a page of another site cannot read answers: Access-Control-Allow-Origin: * was sent",
        "a request of another site is refused",
        "a deleted session is gone",
        "no answer contains a secret key",
    ] {
        assert!(
            report.contains(&format!("FAIL {rule}")),
            "{rule} in {report}"
        );
    }
    assert!(!report.contains("sk_live_123"), "{report}");
}

#[test]
fn check_refuses_what_it_cannot_use() {
    for url in [
        "nonsense",
        "http://127.0.0.1:1/x?y",
        "http://127.0.0.1:1/x#y",
    ] {
        let (status, report) = tool(&["check", url], &[]);
        assert_eq!(status, 2, "{url}");
        assert!(report.contains("URL must be absolute"), "{report}");
    }
    assert_eq!(
        tool(&["check", "http://127.0.0.1:1", "--header", "x"], &[]).0,
        2
    );
    for flag in ["--other-header", "--every-header"] {
        assert_eq!(tool(&["check", "http://127.0.0.1:1", flag, "x"], &[]).0, 2);
    }
    const RULE: &str = "create answers a session with an id and a code";
    let (status, report) = tool(&["check", "http://127.0.0.1:1/x"], &[]);
    assert_eq!((status, report), (1, format!("FAIL {RULE}: no answer\n")));
    // A service that speaks no TLS, in the place of one whose certificate nobody knows.
    let gateway = Gateway::sandbox(&[]);
    let (status, report) = tool(&["check", &format!("https://{}/x", gateway.addr)], &[]);
    assert_eq!(status, 1);
    assert!(
        report.starts_with(&format!("FAIL {RULE}: TLS failed (")),
        "{report}"
    );
}

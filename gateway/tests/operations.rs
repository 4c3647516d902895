//! What operators and backends use: metrics, logs, readiness, the description, minting.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use serde_json::{Value, json};
use support::{Gateway, TOKEN_KEY, run};

const SECRET: &str = "canary-mint-secret-of-more-than-32-chars";

#[test]
fn metrics_count_what_happened() {
    let sandbox = Gateway::sandbox(&[]);
    let gateway = Gateway::live(&sandbox, &[], &[]);
    let created = gateway.create(&[]);
    gateway.get(&format!("/api/whatsapp/sessions/{}", created.field("id")));
    gateway.get("/api/whatsapp/sessions/none");
    let metrics = gateway.get("/metrics");
    assert!(
        metrics
            .header("content-type")
            .unwrap()
            .starts_with("text/plain")
    );
    let text = metrics.text();
    for line in [
        "sendapi_gateway_requests_total{route=\"create\",status=\"2xx\"} 1",
        "sendapi_gateway_requests_total{route=\"read\",status=\"2xx\"} 1",
        "sendapi_gateway_requests_total{route=\"read\",status=\"4xx\"} 1",
        "sendapi_gateway_upstream_calls_total{call=\"read\",status=\"2xx\"} 1",
        "sendapi_gateway_sessions 1",
    ] {
        assert!(text.lines().any(|l| l == line), "{line} in {text}");
    }
    assert!(
        !text.contains("canary") && !text.contains(&created.field("id")),
        "{text}"
    );
}

#[test]
fn logs_are_json_lines_without_secrets() {
    let gateway = Gateway::sandbox(&["--log", "requests"]);
    let created = gateway.create(&[
        ("authorization", "Bearer canary-token"),
        ("cookie", "a=canary-cookie"),
    ]);
    gateway.call(
        "POST",
        "/api/whatsapp/sessions?canary-query",
        &[],
        r#"{"name":"canary-name"}"#,
    );
    gateway.get("/api/whatsapp/sessions/canary-id");
    gateway.scan(&created.field("qr_code"));
    let log = gateway.stop();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3, "{log}");
    assert_eq!(
        (&lines[0]["route"], &lines[0]["status"]),
        (&json!("create"), &json!(201))
    );
    assert_eq!(
        (&lines[2]["route"], &lines[2]["code"]),
        (&json!("read"), &json!("not_found"))
    );
    assert!(lines[0]["request_id"].as_str().unwrap().starts_with("gw_"));
    assert!(
        !log.contains("canary") && !log.contains("2@") && !log.contains("+44"),
        "{log}"
    );
    let quiet = Gateway::sandbox(&[]);
    quiet.create(&[]);
    assert_eq!(quiet.stop(), "");
}

#[test]
fn the_description_matches_the_routes() {
    let gateway = Gateway::sandbox(&[]);
    let document = gateway.get("/openapi.json").json();
    assert_eq!(document["openapi"], "3.1.0");
    let created = gateway.create(&[]);
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods
            .as_object()
            .unwrap()
            .keys()
            .filter(|m| *m != "parameters")
        {
            let target = path.replace("{id}", &created.field("id"));
            let reply = gateway.call(&method.to_uppercase(), &target, &[], "");
            let documented =
                &document["paths"][path][method]["responses"][reply.status.to_string()];
            assert!(
                documented.is_object(),
                "{method} {path} answered {}",
                reply.status
            );
        }
    }
    let fields = |name: &str| {
        let properties = document["components"]["schemas"][name]["properties"]
            .as_object()
            .unwrap();
        properties.keys().cloned().collect::<Vec<_>>()
    };
    let keys: Vec<_> = created
        .json()
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(fields("Created"), keys);
}

fn with_mint() -> Gateway {
    let keys = format!("k:{TOKEN_KEY}");
    Gateway::start(
        &["--sandbox"],
        &[
            ("SENDAPI_TOKEN_KEYS", &keys),
            ("SENDAPI_MINT_SECRET", SECRET),
        ],
    )
}

#[test]
fn a_backend_is_given_tokens_and_a_browser_is_not() {
    let gateway = with_mint();
    let auth = format!("Bearer {SECRET}");
    let backend = ("authorization", auth.as_str());
    let mint =
        |headers: &[(&str, &str)], body: &str| gateway.call("POST", "/tokens", headers, body);
    let minted = mint(
        &[backend],
        r#"{"sub":"user-1","ops":["create","read"],"ttl":60}"#,
    );
    assert_eq!(minted.status, 201, "{}", minted.text());
    assert_eq!(minted.header("cache-control"), Some("no-store"));
    let token = format!("Bearer {}", minted.field("token"));
    let created = gateway.create(&[("authorization", &token)]);
    assert_eq!(created.status, 201, "{}", created.text());
    let path = format!("/api/whatsapp/sessions/{}", created.field("id"));
    assert_eq!(
        gateway
            .call("DELETE", &path, &[("authorization", &token)], "")
            .status,
        403
    );

    for (headers, status) in [
        (vec![], 401),
        (vec![("authorization", "Bearer wrong")], 401),
        (vec![("authorization", token.as_str())], 401),
        (vec![backend, ("origin", "https://app.example.org")], 403),
        (vec![backend, ("sec-fetch-site", "same-origin")], 403),
    ] {
        let refused = mint(&headers, r#"{"sub":"user-1"}"#);
        assert_eq!(refused.status, status);
        assert!(refused.header("access-control-allow-origin").is_none());
        assert!(!refused.text().contains("canary"));
    }
    for bad in [
        "",
        "{}",
        r#"{"sub":""}"#,
        r#"{"sub":"a","ttl":601}"#,
        r#"{"sub":"a","ttl":0}"#,
        r#"{"sub":"a","ops":["all"]}"#,
        r#"{"sub":"a","session":"../x"}"#,
        r#"{"sub":"a","admin":true}"#,
        r#"["a",null,null,null,null]"#,
    ] {
        assert_eq!(mint(&[backend], bad).status, 422, "{bad}");
    }
    let order = r#"{"sub":"a"}"#;
    let lower = format!("bearer {SECRET}");
    assert_eq!(mint(&[("authorization", &lower)], order).status, 201);
    assert_eq!(mint(&[backend, backend], order).status, 401);
    let large = format!(r#"{{"sub":"{}"}}"#, "a".repeat(17_000));
    assert_eq!(mint(&[backend], &large).status, 413);
    for (origin, status) in [
        ("https://app.example.org", 201),
        ("http://[::1]:8080", 201),
        ("https://App.example.org", 422),
        ("https://app.example.org/", 422),
        ("https://app.example.org:443", 422),
        ("null", 422),
        ("", 422),
    ] {
        let order = serde_json::json!({"sub": "a", "origin": origin}).to_string();
        assert_eq!(mint(&[backend], &order).status, status, "{origin}");
    }
    assert_eq!(
        gateway
            .call("OPTIONS", "/tokens", &[("origin", "https://a.example")], "")
            .status,
        405
    );
}

#[test]
fn nothing_of_the_operators_is_kept() {
    let gateway = with_mint();
    for (method, path, status) in [
        ("GET", "/metrics", 200),
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/demo/mode", 200),
        ("POST", "/tokens", 401),
        ("GET", "/tokens", 405),
        ("POST", "/healthz", 405),
        ("DELETE", "/metrics", 405),
    ] {
        let reply = gateway.call(method, path, &[], "");
        assert_eq!(reply.status, status, "{method} {path}");
        let kept = reply
            .headers
            .iter()
            .filter(|(name, _)| name == "cache-control");
        let kept: Vec<_> = kept.map(|(_, value)| value.as_str()).collect();
        assert_eq!(kept, ["no-store"], "{method} {path}");
    }
}

#[test]
fn minting_is_off_unless_configured() {
    let keys = format!("k:{TOKEN_KEY}");
    let gateway = Gateway::start(&["--sandbox"], &[("SENDAPI_TOKEN_KEYS", &keys)]);
    assert!(matches!(
        gateway
            .call("POST", "/tokens", &[], r#"{"sub":"a"}"#)
            .status,
        404 | 405
    ));
    for env in [
        vec![("SENDAPI_MINT_SECRET", SECRET)],
        vec![
            ("SENDAPI_MINT_SECRET", "short"),
            ("SENDAPI_TOKEN_KEYS", keys.as_str()),
        ],
    ] {
        let output = run(&["--sandbox"], &env);
        assert_eq!(output.status.code(), Some(2));
        assert!(
            String::from_utf8(output.stderr)
                .unwrap()
                .contains("SENDAPI_MINT_SECRET")
        );
    }
}

#[test]
fn a_configuration_can_be_checked_without_serving() {
    let sound = run(&["--sandbox", "--check-config"], &[]);
    assert_eq!(sound.status.code(), Some(0));
    let text = String::from_utf8(sound.stdout).unwrap();
    assert!(text.contains("the sandbox on 127.0.0.1:8080"), "{text}");
    assert_eq!(run(&["--check-config"], &[]).status.code(), Some(2));
}

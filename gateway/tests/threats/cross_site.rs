//! Cross-site use.

use super::support::{Gateway, Reply};
use super::{APP, bearer, claims, with_tokens};
use serde_json::json;

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

#[test]
fn without_tokens_a_page_of_another_origin_is_told_so_and_creates_nothing() {
    let sandbox = Gateway::sandbox(&[]);
    let gateway = Gateway::live(&sandbox, &["--origin", APP], &[]);
    let path = "/api/whatsapp/sessions/x";
    let told = |reply: &Reply| {
        assert_eq!(
            (reply.status, reply.code()),
            (403, json!("tokens_required"))
        );
        assert!(reply.text().contains("SENDAPI_TOKEN_KEYS"));
        assert_eq!(reply.header("access-control-allow-origin"), Some(APP));
        assert!(reply.header("set-cookie").is_none());
    };
    for site in ["cross-site", "same-site"] {
        let page = [("origin", APP), ("sec-fetch-site", site)];
        told(&gateway.create(&page));
        told(&gateway.call("DELETE", path, &page, ""));
        told(&gateway.call("GET", path, &page, ""));
    }
    told(&gateway.call("GET", path, &[("origin", APP)], ""));
    assert_eq!(sandbox.log(), []);

    // What a proxy passes on of a page of its own origin, with `Sec-Fetch-Site` or, over plain HTTP, without.
    let own = ("sec-fetch-site", "same-origin");
    for create in [&[("origin", APP), own][..], &[("origin", APP)]] {
        let created = gateway.create(create);
        assert_eq!(created.status, 201);
        let cookie = created.header("set-cookie").unwrap();
        let cookie = cookie.split(';').next().unwrap();
        let id = created.json()["id"].as_str().unwrap().to_owned();
        let read = gateway.call(
            "GET",
            &format!("/api/whatsapp/sessions/{id}"),
            &[("cookie", cookie), own],
            "",
        );
        assert_eq!(read.status, 200);
    }
}

#[test]
fn a_preflight_of_almost_the_listed_origin_is_refused() {
    let gateway = Gateway::start(
        &["--sandbox", "--origin", "https://App.example.org:443"],
        &[],
    );
    let preflight = |origin: &str| {
        let asked = [
            ("origin", origin),
            ("access-control-request-method", "DELETE"),
            ("access-control-request-headers", "authorization"),
        ];
        let path = "/api/whatsapp/sessions/x";
        let reply = gateway.call("OPTIONS", path, &asked, "");
        assert_eq!(reply.header("vary"), Some("Origin"));
        (
            reply.status,
            reply
                .header("access-control-allow-origin")
                .map(str::to_owned),
        )
    };
    assert_eq!(preflight(APP), (204, Some(APP.to_owned())));
    for almost in [
        "null",
        "NULL",
        "",
        "*",
        "https://app.example.org.",
        "https://app.example.org:443",
        "https://app.example.org:8443",
        "https://APP.EXAMPLE.ORG",
        "http://app.example.org",
        "https://app.example.org/",
        "https://xapp.example.org",
        "https://app.example.org.evil.example",
        "https://user@app.example.org",
        "file://",
        "https://app.example.org https://evil.example",
    ] {
        assert_eq!(preflight(almost), (403, None), "{almost}");
    }
}

#[test]
fn a_page_of_this_host_under_another_scheme_is_another_site() {
    let gateway = Gateway::sandbox(&[]);
    let own = format!("http://{}", gateway.addr);
    let from = |origin: &str, site: &str| {
        gateway
            .create(&[("origin", origin), ("sec-fetch-site", site)])
            .status
    };
    assert_eq!(from(&own, "same-origin"), 201);
    assert_eq!(from(&own.replace("http:", "https:"), "cross-site"), 403);
}

//! A token is forged, stolen, reused.

use super::support::{Gateway, TOKEN_KEY};
use super::{APP, AUDIENCE, bearer, claims, create_as, now_s, ring, with_tokens};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use sendapi_gateway::token::{Keyring, Operation};
use serde_json::{Value, json};

fn encode(json: &str) -> String {
    URL_SAFE_NO_PAD.encode(json)
}

/// Signs a header and claims as they are written.
fn sign_text(header: &str, claims: &str, key: &[u8]) -> String {
    let signed = format!("{}.{}", encode(header), encode(claims));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
}

fn sign(header: &Value, claims: &Value, key: &[u8]) -> String {
    sign_text(&header.to_string(), &claims.to_string(), key)
}

/// What [`TOKEN_KEY`] is in base64.
fn key() -> Vec<u8> {
    (0..32).collect()
}

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
    let key = key();
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
            format!("{}.{}.{}", encode(&none.to_string()), parts[1], parts[2]),
            "alg none",
        ),
        (
            format!("{}.{}.", encode(&none.to_string()), parts[1]),
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

#[test]
fn odd_claims_are_refused_and_never_read_in_the_callers_favour() {
    let gateway = with_tokens();
    let header = r#"{"alg":"HS256","kid":"new"}"#;
    let status = |header: &str, claims: &str| {
        let token = sign_text(header, claims, &key());
        create_as(&gateway, &format!("Bearer {token}")).status
    };
    let exp = now_s() + 300;
    let rest = r#""sub":"user-1","ops":["create"]"#;
    let aud = r#""aud":"sendapi-gateway""#;
    let sound = format!(r#"{{{aud},"exp":{exp},{rest}}}"#);
    assert_eq!(status(header, &sound), 201);
    for odd in [
        r#"{"alg":"hs256","kid":"new"}"#,
        r#"{"alg":"HS256 ","kid":"new"}"#,
        r#"{"alg":["HS256"],"kid":"new"}"#,
        r#"{"alg":"none","alg":"HS256","kid":"new"}"#,
        r#"{"alg":"HS256","kid":"new","kid":"new"}"#,
        r#"{"alg":"HS256","kid":"../new"}"#,
        r#"{"alg":"HS256","kid":"/dev/null"}"#,
        r#"{"alg":"HS256","kid":"new\u0000"}"#,
        r#"{"alg":"HS256","kid":""}"#,
        r#"{"alg":"HS256","kid":0}"#,
        r#"{"alg":"HS256","kid":null,"jwk":{"kty":"oct","k":"AAAA"}}"#,
        r#"{"alg":"HS256","kid":"new","crit":[]}"#,
        r#"{"alg":"HS256","kid":"new","crit":null}"#,
        "[]",
        "",
    ] {
        assert_eq!(status(odd, &sound), 401, "{odd}");
    }
    for odd in [
        format!(r#"{{{aud},"exp":"{exp}",{rest}}}"#),
        format!(r#"{{{aud},"exp":{exp}.5,{rest}}}"#),
        format!(r#"{{{aud},"exp":-{exp},{rest}}}"#),
        format!(r#"{{{aud},"exp":18446744073709551615,{rest}}}"#),
        format!(r#"{{{aud},"exp":1e99,{rest}}}"#),
        format!(r#"{{{aud},"exp":1e999,{rest}}}"#),
        format!(r#"{{{aud},"exp":null,{rest}}}"#),
        format!(r#"{{{aud},{rest}}}"#),
        format!(r#"{{{aud},"exp":1,"exp":{exp},{rest}}}"#),
        format!(r#"{{{aud},"exp":{exp},"sub":"user-2",{rest}}}"#),
        format!(r#"{{{aud},{aud},"exp":{exp},{rest}}}"#),
        format!(r#"{{"aud":["sendapi-gateway"],"exp":{exp},{rest}}}"#),
        format!(r#"{{"aud":"sendapi-gateway ","exp":{exp},{rest}}}"#),
        format!(r#"{{"aud":"Sendapi-Gateway","exp":{exp},{rest}}}"#),
        format!(r#"{{{aud},"exp":{exp},"sub":1,"ops":["create"]}}"#),
        format!(r#"{{{aud},"exp":{exp},"sub":"user-1","ops":"create"}}"#),
        format!(r#"{{{aud},"exp":{exp},"sub":"user-1","ops":{{"create":true}}}}"#),
        format!(r#"{{{aud},"exp":{exp},"nbf":{},{rest}}}"#, now_s() + 120),
        format!(r#"{{{aud},"exp":{exp},"nbf":1e300,{rest}}}"#),
        format!(r#"{{{aud},"exp":{exp},"nbf":"0",{rest}}}"#),
        format!(r#"{{{aud},"exp":{exp},"nbf":0,"nbf":0,{rest}}}"#),
        format!(r#"{{{aud},"exp":{exp},"iat":{},{rest}}}"#, now_s() + 120),
        format!(r#"{{{aud},"exp":{exp},"session":null,{rest}}}"#),
        format!(r#"{{{aud},"exp":{exp},"origin":null,{rest}}}"#),
        format!("{sound} {sound}"),
    ] {
        assert_eq!(status(header, &odd), 401, "{odd}");
    }
    let less = format!(r#"{{{aud},"exp":{exp},"sub":"user-1","ops":[]}}"#);
    assert_eq!(status(header, &less), 403);
}

#[test]
fn clocks_may_differ_a_little_but_what_has_expired_has_expired() {
    let ring = ring();
    let now = now_s();
    let signed = |change: &dyn Fn(&mut Value)| {
        let mut body = serde_json::to_value(claims("user-1")).unwrap();
        change(&mut body);
        sign(&json!({"alg": "HS256", "kid": "new"}), &body, &key())
    };
    for (exp, taken) in [
        (now, false),
        (now - 1, false),
        (now + 1, true),
        (now + 630, true),
        (now + 631, false),
    ] {
        let token = signed(&|body| body["exp"] = json!(exp));
        assert_eq!(
            ring.verify(&token, now).is_ok(),
            taken,
            "exp {}",
            exp.abs_diff(now)
        );
    }
    for name in ["nbf", "iat"] {
        for (at, taken) in [(now - 100, true), (now + 30, true), (now + 31, false)] {
            let token = signed(&|body| body[name] = json!(at));
            assert_eq!(ring.verify(&token, now).is_ok(), taken, "{name}");
        }
        let fraction = signed(&|body| body[name] = json!(now as f64 - 0.5));
        assert!(ring.verify(&fraction, now).is_ok(), "{name}");
    }
}

#[test]
fn of_two_authorizations_neither_counts() {
    let gateway = with_tokens();
    let good = bearer(&claims("user-1"));
    let twice = gateway.create(&[("authorization", &good), ("authorization", "Bearer x")]);
    assert_eq!(twice.status, 401);
    let twice = gateway.create(&[("authorization", "Bearer x"), ("authorization", &good)]);
    assert_eq!(twice.status, 401);
}

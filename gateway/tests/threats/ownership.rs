//! One user reads another's session.

use super::support::{Gateway, canned, http};
use super::{bearer, claims, create_as, keys, with_tokens};
use serde_json::json;

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

#[test]
fn a_session_that_the_service_gives_out_twice_stays_its_first_owners() {
    let body = r#"{"id":"sess_1","status":"pending","qr_code":"2@x"}"#;
    let (service, _) = canned(http("201 Created", "", body));
    let gateway = Gateway::live_at(service, &[], &[]);
    let page = [("sec-fetch-site", "same-origin")];
    let first = gateway.create(&page);
    assert_eq!(first.status, 201, "{}", first.text());
    let second = gateway.create(&page);
    assert_eq!(
        (second.status, second.code()),
        (502, json!("invalid_response"))
    );
    let path = "/api/whatsapp/sessions/sess_1";
    let me = [("cookie", first.cookie().unwrap())];
    assert_eq!(gateway.call("GET", path, &me, "").status, 200);
}

#[test]
fn what_the_service_says_of_another_session_is_given_to_nobody() {
    let body = r#"{"id":"a","status":"pending","qr_code":"2@x","deleted":true}"#;
    let (service, _) = canned(http("200 OK", "", body));
    let gateway = Gateway::live_at(service, &[], &[("SENDAPI_TOKEN_KEYS", &keys())]);
    for (session, status) in [("a", 200), ("b", 502)] {
        let mut claims = claims("user-1");
        claims.session = Some(session.to_owned());
        let token = bearer(&claims);
        let path = format!("/api/whatsapp/sessions/{session}");
        for (method, path) in [
            ("GET", path.clone()),
            ("GET", format!("{path}/qr")),
            ("DELETE", path),
        ] {
            let reply = gateway.call(method, &path, &[("authorization", &token)], "");
            assert_eq!(reply.status, status, "{method} {path}: {}", reply.text());
        }
    }
}

#[test]
fn a_list_shows_all_of_ones_own_sessions_wherever_the_service_lists_them() {
    let service = Gateway::sandbox(&["--rate", "100000"]);
    let gateway = Gateway::live(&service, &["--max-sessions", "0"], &[]);
    let key = ("authorization", "Bearer sk_test_dashboard");
    let fill = |count: usize| {
        for _ in 0..count {
            let made = service.call("POST", "/v1/whatsapp/sessions", &[key], r#"{"name":"x"}"#);
            assert_eq!(made.status, 201, "{}", made.text());
        }
    };
    let mut mine = Vec::new();
    for _ in 0..5 {
        let created = gateway.create(&[]);
        assert_eq!(service.scan(&created.field("qr_code")).status, 200);
        mine.push(created.field("id"));
        fill(26);
    }
    mine.reverse();
    let list = |query: &str| {
        let listed = gateway.get(&format!("/api/whatsapp/sessions{query}"));
        assert_eq!(listed.status, 200, "{}", listed.text());
        let json = listed.json();
        let rows = json["data"].as_array().unwrap().iter();
        let ids: Vec<_> = rows
            .map(|row| row["id"].as_str().unwrap().to_owned())
            .collect();
        (ids, json["meta"].clone())
    };
    let meta = |total: u64, page: u64, per_page: u64| json!({"total": total, "page": page, "per_page": per_page});
    assert_eq!(list(""), (mine.clone(), meta(5, 1, 25)));
    assert_eq!(
        list("?page=1&per_page=2"),
        (mine[..2].to_vec(), meta(5, 1, 2))
    );
    assert_eq!(
        list("?page=3&per_page=2"),
        (mine[4..].to_vec(), meta(5, 3, 2))
    );
    assert_eq!(list("?page=4&per_page=2"), (vec![], meta(5, 4, 2)));
    assert_eq!(list("?page=18446744073709551615").0, Vec::<String>::new());
    assert_eq!(gateway.get("/api/whatsapp/sessions?page=0").status, 422);
    let path = format!("/v1/whatsapp/sessions/{}", mine[1]);
    assert_eq!(service.call("DELETE", &path, &[key], "").status, 200);
    let (left, counted) = list("");
    assert_eq!((left.len(), counted), (4, meta(4, 1, 25)));
    let stranger = [("sec-fetch-site", "same-origin")];
    let before = service.log().len();
    let nothing = gateway.call("GET", "/api/whatsapp/sessions", &stranger, "");
    assert_eq!(nothing.json()["data"], json!([]));
    assert_eq!(service.log().len(), before, "and it costs nothing");
}

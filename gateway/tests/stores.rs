//! What outlives a process: the journal of one gateway, and Redis between several.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::time::{Duration, Instant};
use support::redis::{Folder, Redis};
use support::{Gateway, run};

#[test]
fn a_restart_in_mid_pairing_loses_nothing() {
    let folder = Folder::new("restart");
    let state = folder.file("sessions.jsonl");
    let sandbox = Gateway::sandbox(&[]);
    let first = Gateway::live(&sandbox, &["--state", &state], &[]);
    let created = first.create(&[("sec-fetch-site", "same-origin")]);
    let cookie = created.cookie().unwrap().to_owned();
    let me = [("cookie", cookie.as_str())];
    first.stop();
    let second = Gateway::live(&sandbox, &["--state", &state], &[]);
    let path = format!("/api/whatsapp/sessions/{}", created.field("id"));
    assert_eq!(
        second.call("GET", &path, &me, "").field("status"),
        "pending"
    );
    let again = second.create(&me);
    assert_eq!(
        (again.status, again.field("id")),
        (200, created.field("id"))
    );
    assert_eq!(
        second
            .call("GET", &path, &[("sec-fetch-site", "same-origin")], "")
            .status,
        404
    );
    let text = std::fs::read_to_string(&state).unwrap();
    let value = cookie.split_once('=').unwrap().1;
    assert!(
        text.contains(&created.field("id")) && !text.contains(value) && !text.contains("2@"),
        "{text}"
    );
    let taken = run(
        &["--sandbox", "--listen", "127.0.0.1:0", "--state", &state],
        &[],
    );
    assert_eq!(taken.status.code(), Some(1));
    assert!(
        String::from_utf8(taken.stderr)
            .unwrap()
            .contains("in use by another gateway")
    );
}

#[test]
fn two_gateways_share_a_record_through_crashes() {
    let Some(mut redis) = Redis::start("pair") else {
        return;
    };
    let url = redis.url();
    let env = [("REDIS_URL", url.as_str())];
    let sandbox = Gateway::sandbox(&[]);
    let one = Gateway::live(&sandbox, &[], &env);
    let two = Gateway::live(&sandbox, &[], &env);
    let created = one.create(&[("sec-fetch-site", "same-origin")]);
    assert_eq!(created.status, 201, "{}", created.text());
    let cookie = created.cookie().unwrap().to_owned();
    let me = [("cookie", cookie.as_str())];
    let path = format!("/api/whatsapp/sessions/{}", created.field("id"));
    assert_eq!(
        two.call("GET", &path, &me, "").field("status"),
        "pending",
        "create on one, poll on the other"
    );
    assert_eq!(
        two.call("GET", &path, &[("sec-fetch-site", "same-origin")], "")
            .status,
        404
    );
    let again = two.create(&me);
    assert_eq!(
        (again.status, again.field("id")),
        (200, created.field("id")),
        "none doubled"
    );

    one.stop();
    assert_eq!(
        two.call("GET", &path, &me, "").status,
        200,
        "one was killed"
    );

    redis.stop();
    let down = two.call("GET", &path, &me, "");
    assert_eq!((down.status, down.header("retry-after")), (503, Some("2")));
    assert_eq!(two.create(&me).status, 503, "nothing is created on a guess");
    assert_eq!(two.get("/readyz").status, 503);
    assert_eq!(two.get("/healthz").status, 200);
    redis.restart();
    let start = Instant::now();
    while two.get("/readyz").status != 200 {
        assert!(
            start.elapsed() < Duration::from_secs(15),
            "it does not come back"
        );
    }
    assert_eq!(
        two.call("GET", &path, &me, "").field("status"),
        "pending",
        "no session lost"
    );
    assert_eq!(sandbox.scan(&again.field("qr_code")).status, 200);
    let fresh = [me[0], ("cache-control", "no-cache")];
    assert_eq!(
        two.call("GET", &path, &fresh, "").field("status"),
        "connected"
    );
    let list = two.call("GET", "/api/whatsapp/sessions", &me, "");
    assert_eq!(list.json()["meta"]["total"], 1);
    let creates = sandbox.log().iter().filter(|row| row.0 == "POST").count();
    assert_eq!(creates, 1);
    assert_eq!(two.call("DELETE", &path, &me, "").status, 200);
    assert_eq!(two.call("GET", &path, &me, "").status, 404);
}

#[test]
fn creates_on_two_gateways_do_not_race() {
    let Some(redis) = Redis::start("race") else {
        return;
    };
    let url = redis.url();
    let env = [("REDIS_URL", url.as_str())];
    let sandbox = Gateway::sandbox(&[]);
    let gateways = [
        Gateway::live(&sandbox, &[], &env),
        Gateway::live(&sandbox, &[], &env),
    ];
    let threads: Vec<_> = (0..8)
        .map(|n| {
            let addr = gateways[n % 2].addr;
            std::thread::spawn(move || {
                let me = [("cookie", "sendapi_browser=AAAAAAAAAAAAAAAAAAAAAA")];
                let reply = support::call(
                    addr,
                    "POST",
                    "/api/whatsapp/sessions",
                    &me,
                    r#"{"name":"a"}"#,
                );
                (reply.field("id"), reply.field("qr_code"))
            })
        })
        .collect();
    let sessions: std::collections::HashSet<_> =
        threads.into_iter().map(|t| t.join().unwrap()).collect();
    assert_eq!(sessions.len(), 1, "one session, and one code for all");
    let (_, code) = sessions.into_iter().next().unwrap();
    assert_eq!(sandbox.scan(&code).status, 200, "which is alive");
}

#[test]
fn two_gateways_that_are_asked_for_a_code_at_once_ask_the_service_once() {
    let Some(redis) = Redis::start("codes") else {
        return;
    };
    let url = redis.url();
    let env = [("REDIS_URL", url.as_str())];
    let sandbox = Gateway::sandbox(&[]);
    let gateways = [
        Gateway::live(&sandbox, &[], &env),
        Gateway::live(&sandbox, &[], &env),
    ];
    let me = [("cookie", "sendapi_browser=AAAAAAAAAAAAAAAAAAAAAA")];
    let created = gateways[0].create(&me);
    assert_eq!(created.status, 201, "{}", created.text());
    let path = format!("/api/whatsapp/sessions/{}/qr", created.field("id"));
    // Slow enough for all to have asked before the first is answered.
    sandbox.faults(r#"[{"match":"GET qr","kind":"delay","times":8,"ms":1500}]"#);
    let threads: Vec<_> = (0..8)
        .map(|n| {
            let (addr, path) = (gateways[n % 2].addr, path.clone());
            std::thread::spawn(move || {
                let reply = support::call(addr, "GET", &path, &me, "");
                assert_eq!(reply.status, 200, "{}", reply.text());
                reply.field("qr_code")
            })
        })
        .collect();
    let codes: std::collections::HashSet<_> =
        threads.into_iter().map(|t| t.join().unwrap()).collect();
    assert_eq!(codes.len(), 1, "all were given the same code");
    let asked = sandbox
        .log()
        .iter()
        .filter(|row| row.1.ends_with("/qr"))
        .count();
    assert_eq!(asked, 1);
    let code = codes.into_iter().next().unwrap();
    assert_eq!(sandbox.scan(&code).status, 200, "and it is alive");
    let written = redis.written();
    assert!(written.contains("sendapi:code:"));
    assert!(!written.contains(&code), "no code is readable in the store");
}

#[test]
fn the_reaper_works_on_a_shared_record() {
    let Some(redis) = Redis::start("reap") else {
        return;
    };
    let url = redis.url();
    let sandbox = Gateway::sandbox(&[]);
    let gateway = Gateway::live(&sandbox, &["--reap-after", "2"], &[("REDIS_URL", &url)]);
    let path = format!("/v1/whatsapp/sessions/{}", gateway.create(&[]).field("id"));
    let start = Instant::now();
    let deleted = ("DELETE".to_owned(), path, 200);
    // Its log, which costs nothing of the key's rate.
    while !sandbox.log().contains(&deleted) {
        assert!(start.elapsed() < Duration::from_secs(10));
    }
}

#[test]
fn an_unreachable_redis_is_named_without_its_password() {
    let url = "redis://:canary@127.0.0.1:1";
    let output = run(
        &["--sandbox", "--listen", "127.0.0.1:0"],
        &[("REDIS_URL", url)],
    );
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(
        error.contains("REDIS_URL") && !error.contains("canary"),
        "{error}"
    );
}

#[test]
fn redis_is_reached_over_tls_where_its_certificate_is_trusted() {
    let Some(redis) = Redis::start_tls("tls") else {
        return;
    };
    let (url, ca) = (redis.url(), redis.ca());
    let service = Gateway::sandbox(&[]);
    let trusting = [("REDIS_URL", url.as_str()), ("SSL_CERT_FILE", ca.as_str())];
    let one = Gateway::live(&service, &[], &trusting);
    let created = one.create(&[]);
    assert_eq!(created.status, 201, "{}", created.text());
    let two = Gateway::live(&service, &[], &trusting);
    let path = format!("/api/whatsapp/sessions/{}", created.field("id"));
    assert_eq!(two.get(&path).field("status"), "pending");
    let args = ["--sandbox", "--listen", "127.0.0.1:0"];
    let doubtful = run(&args, &[("REDIS_URL", &url)]);
    assert_eq!(doubtful.status.code(), Some(1), "nobody vouches for it");
    let insecure = run(&args, &[("REDIS_URL", &format!("{url}/#insecure"))]);
    assert_eq!(insecure.status.code(), Some(2));
}

#[test]
fn a_url_of_no_redis_is_refused_before_anything_is_served() {
    for url in ["canary", "http://canary", "redis://", "rediss://h:canary/"] {
        let output = run(&["--sandbox", "--check-config"], &[("REDIS_URL", url)]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{url}: {error}");
        assert!(error.contains("REDIS_URL: must be redis://") && !error.contains("canary"));
    }
}

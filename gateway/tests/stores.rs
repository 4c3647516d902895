//! What outlives a process: the journal of one gateway, and Redis between several.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::{Gateway, run};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("sendapi-stores-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

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

/// A Redis of one test's own.
struct Redis {
    child: Child,
    port: u16,
    folder: Folder,
}

impl Redis {
    /// `None` where no redis-server is installed: then these tests have nothing to run on.
    fn start(name: &str) -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let folder = Folder::new(name);
        let child = Self::spawn(port, &folder)?;
        let redis = Self {
            child,
            port,
            folder,
        };
        redis.wait();
        Some(redis)
    }

    fn spawn(port: u16, folder: &Folder) -> Option<Child> {
        let dir = folder.0.display().to_string();
        let port = port.to_string();
        let args = [
            "--port",
            &port,
            "--bind",
            "127.0.0.1",
            "--dir",
            &dir,
            "--appendonly",
            "yes",
            "--save",
            "",
        ];
        let spawned = Command::new("redis-server")
            .args(args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        spawned.ok()
    }

    fn wait(&self) {
        let start = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "redis-server does not listen"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn restart(&mut self) {
        self.child = Self::spawn(self.port, &self.folder).unwrap();
        self.wait();
    }

    /// All that it wrote to disk, which is every command that changed something.
    fn written(&self) -> String {
        fn all(folder: &std::path::Path, text: &mut String) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    all(&path, text);
                } else {
                    text.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap()));
                }
            }
        }
        let mut text = String::new();
        all(&self.folder.0, &mut text);
        text
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
    }
}

#[test]
fn two_gateways_share_a_record_through_crashes() {
    let Some(mut redis) = Redis::start("pair") else {
        assert!(
            std::env::var_os("CI").is_none(),
            "CI must have redis-server"
        );
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
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(
        two.call("GET", &path, &me, "").field("status"),
        "pending",
        "no session lost"
    );
    assert_eq!(sandbox.scan(&again.field("qr_code")).status, 200);
    assert_eq!(two.call("GET", &path, &me, "").field("status"), "connected");
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
                support::call(
                    addr,
                    "POST",
                    "/api/whatsapp/sessions",
                    &me,
                    r#"{"name":"a"}"#,
                )
                .field("id")
            })
        })
        .collect();
    let ids: std::collections::HashSet<_> =
        threads.into_iter().map(|t| t.join().unwrap()).collect();
    assert_eq!(ids.len(), 1);
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
    while sandbox
        .call("GET", &path, &[("authorization", "Bearer sk_test_1")], "")
        .status
        != 404
    {
        assert!(start.elapsed() < Duration::from_secs(10));
        std::thread::sleep(Duration::from_millis(200));
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

//! Starting, refusing to start, stopping; and files.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;
use support::{CANARY, Gateway, TOKEN_KEY, call, command, parse, raw, run};

fn refused(args: &[&str], env: &[(&str, &str)], status: i32, words: &[&str]) {
    let output = run(args, env);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(status), "{args:?}: {error}");
    assert_eq!(error.lines().count(), 1, "one line: {error}");
    for word in words {
        assert!(error.contains(word), "{word} in {error}");
    }
    assert!(!error.contains("canary"), "{error}");
    assert!(output.stdout.is_empty());
}

#[test]
fn configurations_that_cannot_be_served_are_refused_with_one_line() {
    let key = ("SENDAPI_KEY", CANARY);
    refused(&[], &[], 2, &["SENDAPI_KEY", "--sandbox"]);
    refused(&["--sandbox"], &[key], 2, &["--sandbox", "SENDAPI_KEY"]);
    refused(
        &["--sandbox"],
        &[("SENDAPI_KEY", "canary")],
        2,
        &["SENDAPI_KEY"],
    );
    refused(&[], &[("SENDAPI_KEY", "pk_canary")], 2, &["sk_live_"]);
    refused(
        &["--listen", "0.0.0.0:1"],
        &[key],
        2,
        &["0.0.0.0:1", "SENDAPI_TOKEN_KEYS"],
    );
    refused(&["--listen", "[::]:1"], &[key], 2, &["SENDAPI_TOKEN_KEYS"]);
    refused(&[], &[key], 2, &["--state FILE", "--state memory"]);
    refused(
        &["--sandbox", "--listen", "nonsense"],
        &[],
        2,
        &["--listen"],
    );
    refused(&["--sandbox", "--qr-ttl", "0"], &[], 2, &["--qr-ttl"]);
    refused(
        &["--sandbox", "--static", "/no/such/folder"],
        &[],
        2,
        &["--static"],
    );
    // The root has no version that could change.
    refused(
        &["--sandbox", "--immutable", "/tmp"],
        &[],
        2,
        &["--immutable"],
    );
    refused(&["--sandbox", "--origin", "null"], &[], 2, &["--origin"]);
    for origin in ["https://a.example/path", "ftp://a", "https://a:99999"] {
        refused(
            &["--sandbox", "--origin", origin],
            &[],
            2,
            &["--origin", origin, "http(s)://HOST[:PORT]"],
        );
    }
    refused(
        &["--upstream", "http://sendapi.co/v1"],
        &[key],
        2,
        &["--upstream", "https"],
    );
    for keys in [
        "",
        " ",
        "canary",
        "a:c2hvcnRjYW5hcnk=",
        "a:***",
        ":x",
        &format!("a:{TOKEN_KEY},a:{TOKEN_KEY}"),
    ] {
        refused(
            &["--sandbox"],
            &[("SENDAPI_TOKEN_KEYS", keys)],
            2,
            &["SENDAPI_TOKEN_KEYS"],
        );
    }
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_not_taken_for_one_that_is_not_set() {
    use std::os::unix::ffi::OsStrExt as _;
    let garbled = std::ffi::OsStr::from_bytes(b"canary:\xff\xfe");
    for (args, name) in [
        (&["--sandbox", "--check-config"][..], "SENDAPI_TOKEN_KEYS"),
        (&["--sandbox", "--check-config"], "SENDAPI_KEY"),
        (&["--sandbox", "--check-config"], "SENDAPI_MINT_SECRET"),
        (&["--sandbox", "--check-config"], "REDIS_URL"),
        (&["smoke"], "SENDAPI_KEY"),
    ] {
        let output = command(args, &[]).env(name, garbled).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}: {error}");
        assert_eq!(error, format!("sendapi-gateway: {name} is not text\n"));
    }
}

#[test]
fn a_busy_port_is_named_with_the_way_out() {
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = busy.local_addr().unwrap().to_string();
    let port = busy.local_addr().unwrap().port().to_string();
    refused(
        &["--sandbox", "--listen", &addr],
        &[],
        1,
        &[&port, "PORT=", "--listen"],
    );
}

#[test]
fn a_test_key_beside_the_sandbox_is_fine() {
    let gateway = Gateway::start(&["--sandbox"], &[("SENDAPI_KEY", "sk_test_1")]);
    assert_eq!(gateway.get("/healthz").status, 200);
}

#[cfg(unix)]
#[test]
fn a_signal_lets_open_requests_finish() {
    let mut gateway = Gateway::sandbox(&[]);
    let created = gateway.create(&[]);
    gateway.faults(r#"[{"match":"GET session","kind":"delay","ms":1500}]"#);
    let path = format!("/api/whatsapp/sessions/{}", created.field("id"));
    let addr = gateway.addr;
    let reader = std::thread::spawn(move || call(addr, "GET", &path, &[], ""));
    while gateway.log().len() < 2 {
        std::thread::yield_now();
    }
    let pid = gateway.child.id().to_string();
    assert!(
        std::process::Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(reader.join().unwrap().status, 200);
    assert_eq!(gateway.child.wait().unwrap().code(), Some(0));
    assert!(TcpStream::connect(addr).is_err());
}

#[test]
fn help_names_every_flag_and_variable() {
    let help = String::from_utf8(run(&["--help"], &[]).stdout).unwrap();
    for word in [
        "--sandbox",
        "--listen",
        "--static",
        "--immutable",
        "--qr-ttl",
        "--origin",
        "SENDAPI_KEY",
        "SENDAPI_TOKEN_KEYS",
        "smoke",
        "check",
    ] {
        assert!(help.contains(word), "{word}");
    }
}

struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("sendapi-gateway-{}-{name}", std::process::id()));
        fs::create_dir_all(path.join("www/deep")).unwrap();
        fs::create_dir_all(path.join("pkg/wasm")).unwrap();
        fs::write(path.join("www/index.html"), "<!doctype html>root").unwrap();
        fs::write(path.join("www/deep/index.html"), "<!doctype html>deep").unwrap();
        fs::write(path.join("www/style.css"), "a{}").unwrap();
        fs::write(path.join("pkg/define.js"), "export {}").unwrap();
        fs::write(path.join("pkg/wasm/a.wasm"), b"\0asm").unwrap();
        fs::write(path.join("pkg/wasm/a.wasm.br"), b"brotli").unwrap();
        fs::write(path.join("secret.txt"), "canary").unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn with_files(name: &str, test: impl FnOnce(&Gateway)) {
    let folder = Folder::new(name);
    let root = folder.0.join("www").display().to_string();
    let pkg = format!("/sendapi-pairing={}", folder.0.join("pkg").display());
    test(&Gateway::sandbox(&["--static", &root, "--static", &pkg]));
}

#[test]
fn files_come_with_their_type_and_policy() {
    with_files("types", |gateway| {
        for (path, kind, body) in [
            ("/", "text/html", "<!doctype html>root"),
            ("/deep/", "text/html", "<!doctype html>deep"),
            ("/style.css", "text/css", "a{}"),
            ("/sendapi-pairing/define.js", "text/javascript", "export {}"),
            ("/sendapi-pairing/wasm/a.wasm", "application/wasm", "\0asm"),
        ] {
            let file = gateway.get(path);
            assert_eq!((file.status, file.text().as_str()), (200, body), "{path}");
            assert!(
                file.header("content-type").unwrap().starts_with(kind),
                "{path}"
            );
            assert_eq!(file.header("cache-control"), Some("no-cache"));
            assert!(
                file.header("content-security-policy")
                    .unwrap()
                    .starts_with("default-src 'none'")
            );
        }
        let packed = gateway.call(
            "GET",
            "/sendapi-pairing/wasm/a.wasm",
            &[("accept-encoding", "br")],
            "",
        );
        assert_eq!(packed.text(), "brotli");
        assert_eq!(packed.header("content-encoding"), Some("br"));
        assert_eq!(packed.header("content-type"), Some("application/wasm"));
        let file = gateway.get("/style.css");
        let since = ("if-modified-since", file.header("last-modified").unwrap());
        assert_eq!(gateway.call("GET", "/style.css", &[since], "").status, 304);
        let moved = gateway.get("/sendapi-pairing");
        assert_eq!(
            (moved.status, moved.header("location")),
            (307, Some("/sendapi-pairing/"))
        );
        let moved = gateway.get("/sendapi-pairing/wasm");
        assert_eq!(
            (moved.status, moved.header("location")),
            (307, Some("/sendapi-pairing/wasm/"))
        );
        assert_eq!(gateway.get("/nothing").status, 404);
    });
}

#[test]
fn files_below_a_version_are_kept_without_asking_again() {
    let folder = Folder::new("immutable");
    let root = folder.0.join("www").display().to_string();
    let pkg = format!("/pairing/0.1.0={}", folder.0.join("pkg").display());
    let gateway = Gateway::sandbox(&["--static", &root, "--immutable", &pkg]);
    let caching = |path: &str| {
        let answer = gateway.get(path);
        (
            answer.status,
            answer.header("cache-control").unwrap().to_owned(),
        )
    };
    let kept = "public, max-age=31536000, immutable".to_owned();
    assert_eq!(caching("/pairing/0.1.0/define.js"), (200, kept.clone()));
    assert_eq!(caching("/pairing/0.1.0/wasm/a.wasm"), (200, kept));
    for (path, status) in [
        ("/", 200),
        ("/style.css", 200),
        ("/pairing/0.1.0/nothing.js", 404),
        ("/pairing/0.1.0/wasm", 307),
        ("/pairing/0.1.1/define.js", 404),
    ] {
        assert_eq!(caching(path), (status, "no-cache".to_owned()), "{path}");
    }
}

#[test]
fn no_path_leaves_its_folder() {
    with_files("paths", |gateway| {
        for path in [
            "/../secret.txt",
            "/..%2fsecret.txt",
            "/%2e%2e/secret.txt",
            "/deep/../../secret.txt",
            "/sendapi-pairing/../secret.txt",
            "/sendapi-pairing/..%5csecret.txt",
            "//etc/passwd",
            "/%00",
        ] {
            let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
            let reply = parse(raw(gateway.addr, request.as_bytes())).unwrap();
            assert_ne!(reply.status, 200, "{path}");
            assert!(!reply.text().contains("canary"), "{path}");
        }
    });
}

#[test]
fn a_policy_can_be_given() {
    let folder = Folder::new("policy");
    let root = folder.0.join("www").display().to_string();
    let gateway = Gateway::sandbox(&[
        "--static",
        &root,
        "--csp",
        "default-src 'none'; img-src 'none'",
    ]);
    let policy = gateway.get("/");
    assert_eq!(
        policy.header("content-security-policy"),
        Some("default-src 'none'; img-src 'none'")
    );
}

#[test]
fn connections_are_kept_for_the_next_request() {
    let gateway = Gateway::sandbox(&[]);
    let mut stream = TcpStream::connect(gateway.addr).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    for _ in 0..3 {
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
            .unwrap();
        let mut answer = Vec::new();
        let mut buffer = [0; 1024];
        while !answer.ends_with(br#"{"status":"ok"}"#) {
            let n = stream.read(&mut buffer).unwrap();
            assert!(n > 0);
            answer.extend(&buffer[..n]);
        }
    }
}

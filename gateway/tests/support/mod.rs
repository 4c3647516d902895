//! The gateway as a process, and a client that sends exactly the bytes it is told to.

#![allow(clippy::unwrap_used, clippy::expect_used, dead_code, unreachable_pub)]

pub mod redis;

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Tokens in tests are signed with this: 32 bytes in base64.
pub const TOKEN_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A running gateway, stopped when dropped.
pub struct Gateway {
    pub addr: SocketAddr,
    pub child: Child,
    stderr: Receiver<String>,
}

pub fn command(args: &[&str], env: &[(&str, &str)]) -> Command {
    // Read when run: a build that only checks, as clippy's does, has no program to name.
    let program =
        std::env::var_os("CARGO_BIN_EXE_sendapi-gateway").expect("cargo names the program");
    let mut command = Command::new(program);
    command
        .args(args)
        .env_remove("SENDAPI_KEY")
        .env_remove("SENDAPI_TOKEN_KEYS")
        .env_remove("SENDAPI_MINT_SECRET")
        .env_remove("REDIS_URL")
        // Tests run side by side, and each must start from nothing.
        .env_remove("STATE_DIRECTORY")
        .env_remove("XDG_STATE_HOME")
        .env_remove("HOME")
        .envs(env.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs to the end: for refusals.
pub fn run(args: &[&str], env: &[(&str, &str)]) -> Output {
    command(args, env).output().unwrap()
}

impl Gateway {
    /// Starts on a free port and waits for the ready line.
    pub fn start(args: &[&str], env: &[(&str, &str)]) -> Self {
        let mut all = vec!["--listen", "127.0.0.1:0"];
        // One client here stands for many users.
        if !args.contains(&"--max-requests") {
            all.extend(["--max-requests", "0"]);
        }
        all.extend(args);
        let mut child = command(&all, env).spawn().unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let mut err = child.stderr.take().unwrap();
        let (send, stderr) = channel();
        std::thread::spawn(move || {
            let mut text = String::new();
            let _ = err.read_to_string(&mut text);
            let _ = send.send(text);
        });
        let Some(addr) = line
            .strip_prefix("ready: http://")
            .and_then(|l| l.strip_suffix("/\n"))
        else {
            panic!("no ready line but {line:?}: {}", stderr.recv().unwrap());
        };
        Self {
            addr: addr.parse().unwrap(),
            child,
            stderr,
        }
    }

    pub fn sandbox(args: &[&str]) -> Self {
        let mut all = vec!["--sandbox"];
        all.extend(args);
        Self::start(&all, &[])
    }

    /// In front of another gateway's sandbox, as if that were SendAPI.
    pub fn live(upstream: &Gateway, args: &[&str], env: &[(&str, &str)]) -> Self {
        Self::live_at(upstream.addr, args, env)
    }

    pub fn live_at(upstream: SocketAddr, args: &[&str], env: &[(&str, &str)]) -> Self {
        let url = format!("http://{upstream}/v1");
        let mut all = vec!["--upstream", url.as_str()];
        if !args.contains(&"--state") {
            all.extend(["--state", "memory"]);
        }
        all.extend(args);
        let mut vars = vec![("SENDAPI_KEY", CANARY)];
        vars.extend(env);
        Self::start(&all, &vars)
    }

    pub fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        call(self.addr, method, path, headers, body)
    }

    pub fn get(&self, path: &str) -> Reply {
        self.call("GET", path, &[], "")
    }

    pub fn create(&self, headers: &[(&str, &str)]) -> Reply {
        self.call(
            "POST",
            "/api/whatsapp/sessions",
            headers,
            r#"{"name":"Support Bot"}"#,
        )
    }

    pub fn faults(&self, rules: &str) {
        let set = self.call(
            "PUT",
            "/sandbox/faults",
            &[],
            &format!(r#"{{"rules":{rules}}}"#),
        );
        assert_eq!(set.status, 200, "{}", set.text());
    }

    pub fn log(&self) -> Vec<(String, String, u64)> {
        let log = self.get("/sandbox/log").json();
        let rows = log["data"].as_array().unwrap().iter();
        rows.map(|row| {
            let text = |name: &str| row[name].as_str().unwrap().to_owned();
            (
                text("method"),
                text("path"),
                row["status"].as_u64().unwrap(),
            )
        })
        .collect()
    }

    pub fn scan(&self, qr_code: &str) -> Reply {
        let payload = read_qr(qr_code);
        self.call(
            "POST",
            "/sandbox/scan",
            &[],
            &serde_json::json!({"payload": payload}).to_string(),
        )
    }

    /// Stops it and gives what it wrote to standard error.
    pub fn stop(mut self) -> String {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.stderr.recv_timeout(Duration::from_secs(10)).unwrap()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The key of the live gateways in these tests.
pub const CANARY: &str = "sk_live_canary0123456789";

/// Reads a code's picture with a decoder that is not ours.
pub fn read_qr(data_url: &str) -> String {
    use base64::Engine as _;
    let base64 = data_url.strip_prefix("data:image/png;base64,").unwrap();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(base64)
        .unwrap();
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let channels = info.color_type.samples();
    let (width, height) = (info.width as usize, info.height as usize);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        pixels[(y * width + x) * channels]
    });
    image.detect_grids()[0].decode().unwrap().1
}

/// One answer as it came.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub raw: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, v)| v.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub fn field(&self, name: &str) -> String {
        let json = self.json();
        json[name]
            .as_str()
            .unwrap_or_else(|| panic!("no {name} in {json}"))
            .to_owned()
    }

    pub fn code(&self) -> Value {
        self.json()["error"]["code"].clone()
    }

    pub fn cookie(&self) -> Option<&str> {
        self.header("set-cookie").and_then(|c| c.split(';').next())
    }
}

/// Sends bytes, reads to the end.
pub fn raw(addr: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    // The gateway may refuse before it has read everything.
    let _ = stream.write_all(request);
    let mut out = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(n) = stream.read(&mut buffer) {
        if n == 0 {
            break;
        }
        out.extend(&buffer[..n]);
    }
    out
}

pub fn parse(raw: Vec<u8>) -> Option<Reply> {
    let end = raw.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&raw[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(n, v)| (n.to_ascii_lowercase(), v.trim().to_owned()))
        .collect();
    Some(Reply {
        status,
        headers,
        body: raw[end + 4..].to_vec(),
        raw,
    })
}

pub fn call(
    addr: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Reply {
    let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
    if !headers.iter().any(|(n, _)| n.eq_ignore_ascii_case("host")) {
        head += &format!("host: {addr}\r\n");
    }
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    if !body.is_empty() {
        head += &format!(
            "content-type: application/json\r\ncontent-length: {}\r\n",
            body.len()
        );
    }
    let answer = raw(addr, format!("{head}\r\n{body}").as_bytes());
    parse(answer).unwrap_or_else(|| panic!("{method} {path}: no answer"))
}

/// A service that answers every request with the same bytes and keeps what it was sent.
pub fn canned(answer: Vec<u8>) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let (send, received) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut seen = Vec::new();
            let mut buffer = [0; 4096];
            while !seen.windows(4).any(|w| w == b"\r\n\r\n") {
                match stream.read(&mut buffer) {
                    Ok(n) if n > 0 => seen.extend(&buffer[..n]),
                    _ => break,
                }
            }
            let _ = send.send(String::from_utf8_lossy(&seen).into_owned());
            let _ = stream.write_all(&answer);
        }
    });
    (addr, received)
}

pub fn http(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

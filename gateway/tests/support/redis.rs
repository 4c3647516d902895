//! A real redis-server, and a folder of one test's own.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A folder that goes with its test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("sendapi-stores-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn file(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A Redis of one test's own.
pub struct Redis {
    child: Child,
    port: u16,
    tls: bool,
    folder: Folder,
}

impl Redis {
    /// `None` where no redis-server is installed, which CI must not pass over: then these tests have nothing to run on.
    pub fn start(name: &str) -> Option<Self> {
        Self::new(name, false)
    }

    /// The same over TLS alone, under a certificate for 127.0.0.1 that only [`Redis::ca`] vouches for.
    pub fn start_tls(name: &str) -> Option<Self> {
        Self::new(name, true)
    }

    fn new(name: &str, tls: bool) -> Option<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let folder = Folder::new(name);
        if tls {
            certify(&folder.0);
        }
        let child = Self::spawn(port, tls, &folder);
        assert!(
            child.is_some() || std::env::var_os("CI").is_none(),
            "CI must have redis-server"
        );
        Some(Self {
            child: child?,
            port,
            tls,
            folder,
        })
    }

    /// Starts it, and waits until it says that it accepts connections.
    fn spawn(port: u16, tls: bool, folder: &Folder) -> Option<Child> {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--appendonly", "yes", "--save", ""]);
        command.arg("--dir").arg(&folder.0);
        let port = port.to_string();
        if tls {
            command.args([
                "--port",
                "0",
                "--tls-port",
                &port,
                "--tls-auth-clients",
                "no",
            ]);
            command.args(["--tls-cert-file", &folder.file("cert.pem")]);
            command.args(["--tls-key-file", &folder.file("key.pem")]);
            command.args(["--tls-ca-cert-file", &folder.file("cert.pem")]);
        } else {
            command.args(["--port", &port]);
        }
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = said
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line.contains("Ready to accept"));
        assert!(ready, "redis-server ended");
        // A full pipe would stop it.
        std::thread::spawn(move || said.for_each(drop));
        Some(child)
    }

    pub fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub fn restart(&mut self) {
        self.child = Self::spawn(self.port, self.tls, &self.folder).unwrap();
    }

    /// All that it wrote to disk, which is every command that changed something.
    pub fn written(&self) -> String {
        fn all(folder: &Path, text: &mut String) {
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

    pub fn url(&self) -> String {
        let scheme = if self.tls { "rediss" } else { "redis" };
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    /// The certificate, which is its own authority.
    pub fn ca(&self) -> String {
        self.folder.file("cert.pem")
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
    }
}

fn certify(folder: &Path) {
    let made = Command::new("openssl")
        .current_dir(folder)
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
        ])
        .args([
            "-keyout",
            "key.pem",
            "-out",
            "cert.pem",
            "-days",
            "1",
            "-subj",
            "/CN=redis",
        ])
        .args([
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-addext",
            "basicConstraints=CA:FALSE",
        ])
        .stderr(Stdio::null())
        .status();
    assert!(
        made.is_ok_and(|status| status.success()),
        "openssl made no certificate"
    );
}

//! The command line and the environment, checked before anything listens.

use crate::api::origin::{Origin, Origins};
use crate::cli::Serve;
use crate::files::Mount;
use crate::ledger::{Remote, RemoteError};
use crate::secret::Secret;
use crate::telemetry::Log;
use crate::token::{Keyring, KeyringError};
use crate::upstream::{BaseUrl, BaseUrlError, Shared, Upstream, unix_ms};
use sendapi_sandbox::SandboxConfig;
use std::ffi::OsString;
use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A configuration that can be served.
#[derive(Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Whom to ask.
    pub service: Service,
    /// Whose pages may call.
    pub origins: Origins,
    /// How a browser says who it is.
    pub identity: Identity,
    /// Whether `webhook_url` of a create is passed on.
    pub allow_webhook_url: bool,
    /// Files to serve.
    pub mounts: Vec<Mount>,
    /// `Content-Security-Policy` on files.
    pub csp: String,
    /// Connections served at once.
    pub max_connections: usize,
    /// Requests that one subject may make in a minute.
    pub requests_per_subject: Option<u32>,
    /// The calls to the service that they may cost.
    pub calls_per_subject: Option<u32>,
    /// Whether those are also at most a part of the key's rate.
    pub calls_share: bool,
    /// Sessions that one subject may hold.
    pub sessions_per_subject: Option<usize>,
    /// When a pending session that nobody asks for is deleted.
    pub reap_after: Option<Duration>,
    /// How much of the key's rate stays for the customer's own calls, in percent.
    pub reserve_percent: u8,
    /// Where the record of session owners is kept.
    pub store: Store,
    /// What is written to standard error.
    pub log: Log,
    /// What a backend must know to be given tokens; `None` when the gateway mints none.
    pub mint_secret: Option<Secret>,
}

/// Where the record of session owners is kept.
#[derive(Debug)]
pub enum Store {
    /// In memory only.
    Memory,
    /// In a journal.
    File(PathBuf),
    /// In Redis or Valkey, at a URL that may hold a password.
    Redis(Secret),
}

/// Whom to ask.
#[derive(Debug)]
pub enum Service {
    /// The embedded double.
    Sandbox(SandboxConfig),
    /// SendAPI.
    Live {
        /// Where it is.
        base: BaseUrl,
        /// The key.
        key: Secret,
    },
}

/// How a browser says who it is.
#[derive(Debug)]
pub enum Identity {
    /// By a cookie that the gateway sets: for the sandbox, and for loopback.
    Cookie,
    /// By a token that the customer's backend signs.
    Token(Arc<Keyring>),
}

/// Why the configuration cannot be served.
#[derive(Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// Neither a key nor `--sandbox`.
    NoService,
    /// A live key and `--sandbox`.
    BothModes,
    /// `SENDAPI_KEY` is no key.
    Key,
    /// The real service for everyone who can reach the port.
    OpenToAll(SocketAddr),
    /// `--listen`.
    Listen(String),
    /// `--qr-ttl`.
    QrTtl,
    /// `--upstream`.
    Upstream(BaseUrlError),
    /// `--origin`.
    Origin(String),
    /// `--static`.
    Static(String),
    /// `--immutable`.
    Immutable(String),
    /// `--csp`.
    Csp,
    /// `SENDAPI_TOKEN_KEYS`.
    TokenKeys(KeyringError),
    /// `SENDAPI_TOKEN_KEYS` is set and holds nothing.
    NoTokenKeys,
    /// A variable that is no UTF-8.
    NotText(&'static str),
    /// `--max-connections 0`.
    MaxConnections,
    /// `SENDAPI_MINT_SECRET` is too short.
    MintSecret,
    /// `SENDAPI_MINT_SECRET` without `SENDAPI_TOKEN_KEYS`.
    MintWithoutKeys,
    /// `REDIS_URL`.
    Redis(RemoteError),
    /// No `--state`, and no folder of the user's to keep it in.
    NoState,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoService => f.write_str(
                "no service: set SENDAPI_KEY=sk_live_... in the environment, or pass --sandbox to play without one",
            ),
            Self::BothModes => f.write_str(
                "refusing to start: --sandbox and a live SENDAPI_KEY together; unset SENDAPI_KEY or drop --sandbox",
            ),
            Self::Key => f.write_str("SENDAPI_KEY must begin with sk_live_ or sk_test_ and be printable ASCII"),
            Self::OpenToAll(addr) => write!(
                f,
                "refusing to listen on {addr}: without SENDAPI_TOKEN_KEYS anyone who can reach it could use your \
                 sessions; listen on 127.0.0.1, or set SENDAPI_TOKEN_KEYS"
            ),
            Self::Listen(text) => write!(f, "--listen {text}: must be ADDR:PORT, such as 127.0.0.1:8080"),
            Self::QrTtl => f.write_str("--qr-ttl: must be seconds above 0 and at most 86400"),
            Self::Upstream(error) => write!(f, "--upstream: {error}"),
            Self::Origin(text) => write!(f, "--origin {text}: must be http(s)://HOST[:PORT] without a path"),
            Self::Static(text) => write!(f, "--static {text}: must be a folder, or /prefix=FOLDER"),
            Self::Immutable(text) => write!(f, "--immutable {text}: must be /prefix=FOLDER, with a version in the prefix"),
            Self::Csp => f.write_str("--csp: must be printable ASCII on one line"),
            Self::TokenKeys(error) => write!(f, "SENDAPI_TOKEN_KEYS: {error}"),
            Self::NoTokenKeys => f.write_str("SENDAPI_TOKEN_KEYS is set but empty: give it a key, or unset it to serve without tokens"),
            Self::NotText(name) => write!(f, "{name} is not text"),
            Self::MintSecret => f.write_str("SENDAPI_MINT_SECRET: must have at least 32 printable characters"),
            Self::MintWithoutKeys => f.write_str("SENDAPI_MINT_SECRET needs SENDAPI_TOKEN_KEYS to sign with"),
            Self::MaxConnections => f.write_str("--max-connections: must be at least 1"),
            Self::Redis(error) => write!(f, "{error}"),
            Self::NoState => f.write_str(
                "no place to keep who owns which session: pass --state FILE, or --state memory to forget it at each stop",
            ),
        }
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Checks flags and environment (`env` looks a variable up).
    ///
    /// # Errors
    /// The first [`ConfigError`] found.
    pub fn new(serve: &Serve, env: impl Fn(&str) -> Option<OsString>) -> Result<Self, ConfigError> {
        let listen = serve
            .listen
            .to_socket_addrs()
            .ok()
            .and_then(|mut addrs| addrs.next())
            .ok_or_else(|| ConfigError::Listen(serve.listen.clone()))?;
        let key = filled(&env, "SENDAPI_KEY")?;
        let service = service(serve, key)?;
        let identity = match text(&env, "SENDAPI_TOKEN_KEYS")? {
            // Whoever sets it wants tokens, and must not be served without.
            Some(keys) if keys.trim().is_empty() => return Err(ConfigError::NoTokenKeys),
            Some(keys) => {
                let ring =
                    Keyring::parse(&keys, &serve.audience).map_err(ConfigError::TokenKeys)?;
                Identity::Token(Arc::new(ring))
            }
            None => Identity::Cookie,
        };
        if matches!(
            (&service, &identity),
            (Service::Live { .. }, Identity::Cookie)
        ) && !listen.ip().is_loopback()
        {
            return Err(ConfigError::OpenToAll(listen));
        }
        let origins = serve
            .origins
            .iter()
            .map(|text| Origin::configured(text).ok_or_else(|| ConfigError::Origin(text.clone())))
            .collect::<Result<Vec<_>, _>>()?;
        let plain = serve
            .statics
            .iter()
            .map(|text| mount(text, false).ok_or_else(|| ConfigError::Static(text.clone())));
        // At the root it would be the pages themselves that nobody asks for again.
        let kept = serve.immutables.iter().map(|text| {
            mount(text, true)
                .filter(|mount| !mount.prefix.is_empty())
                .ok_or_else(|| ConfigError::Immutable(text.clone()))
        });
        let mounts = plain.chain(kept).collect::<Result<Vec<_>, _>>()?;
        if !serve.csp.bytes().all(|b| (b' '..=b'~').contains(&b)) {
            return Err(ConfigError::Csp);
        }
        if serve.max_connections == 0 {
            return Err(ConfigError::MaxConnections);
        }
        let store = store(serve, &service, &env)?;
        let mint_secret = match filled(&env, "SENDAPI_MINT_SECRET")? {
            Some(_) if matches!(identity, Identity::Cookie) => {
                return Err(ConfigError::MintWithoutKeys);
            }
            Some(secret) if secret.len() < 32 || !secret.bytes().all(|b| b.is_ascii_graphic()) => {
                return Err(ConfigError::MintSecret);
            }
            secret => secret.map(Secret::new),
        };
        let calls_per_subject = match (serve.max_calls, serve.max_requests) {
            (Some(0), _) | (None, 0) => None,
            (Some(n), _) => Some(n),
            (None, n) => Some(n.div_ceil(10)),
        };
        let sessions_per_subject = match (serve.max_sessions, &identity) {
            (None, Identity::Cookie) | (Some(0), _) => None,
            (None, Identity::Token(_)) => Some(3),
            (Some(n), _) => Some(n),
        };
        Ok(Self {
            listen,
            service,
            origins: Origins::new(origins),
            identity,
            allow_webhook_url: serve.allow_webhook_url,
            mounts,
            csp: serve.csp.clone(),
            max_connections: serve.max_connections,
            requests_per_subject: (serve.max_requests > 0).then_some(serve.max_requests),
            calls_per_subject,
            calls_share: serve.max_calls.is_none(),
            sessions_per_subject,
            reap_after: (serve.reap_after > 0).then(|| Duration::from_secs(serve.reap_after)),
            reserve_percent: serve.reserve,
            store,
            log: serve.log,
            mint_secret,
        })
    }
}

impl Config {
    /// What would be served, on one line, without secrets.
    #[must_use]
    pub fn summary(&self) -> String {
        let service = match self.service {
            Service::Sandbox(_) => "the sandbox",
            Service::Live { .. } => "SendAPI",
        };
        let identity = match &self.identity {
            Identity::Cookie => "a cookie".to_owned(),
            Identity::Token(ring) => format!("tokens for audience {}", ring.audience()),
        };
        let store = match &self.store {
            Store::Memory => "memory".to_owned(),
            Store::File(path) => path.display().to_string(),
            Store::Redis(_) => "Redis".to_owned(),
        };
        format!(
            "{service} on {}, browsers known by {identity}, sessions kept in {store}",
            self.listen
        )
    }
}

/// Forgetting who owns which session strands every customer in mid-pairing, so it has to be asked for; the sandbox forgets its
/// sessions at each stop in any case.
fn store(
    serve: &Serve,
    service: &Service,
    env: impl Fn(&str) -> Option<OsString>,
) -> Result<Store, ConfigError> {
    if let Some(url) = filled(&env, "REDIS_URL")? {
        Remote::check(&url).map_err(ConfigError::Redis)?;
        return Ok(Store::Redis(Secret::new(url)));
    }
    match (&serve.state, service) {
        (Some(word), _) if word.as_os_str() == "memory" => Ok(Store::Memory),
        (Some(path), _) => Ok(Store::File(path.clone())),
        (None, Service::Sandbox(_)) => Ok(Store::Memory),
        (None, Service::Live { .. }) => state_folder(env)
            .map(|folder| Store::File(folder.join("sessions.jsonl")))
            .ok_or(ConfigError::NoState),
    }
}

/// A variable's text; `None` where it is not set.
fn text(
    env: impl Fn(&str) -> Option<OsString>,
    name: &'static str,
) -> Result<Option<String>, ConfigError> {
    env(name)
        .map(|value| value.into_string().map_err(|_| ConfigError::NotText(name)))
        .transpose()
}

/// The same for a variable that means nothing where it is empty.
fn filled(
    env: impl Fn(&str) -> Option<OsString>,
    name: &'static str,
) -> Result<Option<String>, ConfigError> {
    Ok(text(env, name)?.filter(|text| !text.is_empty()))
}

/// What systemd made for this service, or else the user's folder for state as the XDG Base Directory Specification has it.
fn state_folder(env: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |path: PathBuf| Some(path).filter(|path| path.is_absolute());
    let of_service = || absolute(std::env::split_paths(&env("STATE_DIRECTORY")?).next()?);
    let of_user = || absolute(env("XDG_STATE_HOME")?.into());
    let of_home = || Some(absolute(env("HOME")?.into())?.join(".local/state"));
    of_service().or_else(|| Some(of_user().or_else(of_home)?.join("sendapi-gateway")))
}

/// Whether a text can be a SendAPI key and a header's value.
#[must_use]
pub fn is_key(text: &str) -> bool {
    (text.starts_with("sk_live_") || text.starts_with("sk_test_"))
        && (9..=256).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_graphic())
}

/// What `smoke` walks, and its name: the service of `SENDAPI_KEY`, or a sandbox of its own.
///
/// # Errors
/// [`ConfigError::Key`], [`ConfigError::NotText`] and [`ConfigError::Upstream`].
pub fn smoke_target(
    base: &str,
    env: impl Fn(&str) -> Option<OsString>,
) -> Result<(Upstream, String), ConfigError> {
    let Some(key) = filled(env, "SENDAPI_KEY")? else {
        let sandbox = Shared::new(SandboxConfig::default());
        return Ok((
            Upstream::Embedded(sandbox),
            "the sandbox (SENDAPI_KEY is not set)".to_owned(),
        ));
    };
    if !is_key(&key) {
        return Err(ConfigError::Key);
    }
    let url = BaseUrl::parse(base).map_err(ConfigError::Upstream)?;
    Ok((Upstream::remote(url, Secret::new(key)), base.to_owned()))
}

fn service(serve: &Serve, key: Option<String>) -> Result<Service, ConfigError> {
    if serve.sandbox {
        if key.is_some_and(|key| !key.starts_with("sk_test_")) {
            return Err(ConfigError::BothModes);
        }
        let mut config = SandboxConfig {
            seed: serve.seed.unwrap_or_else(unix_ms),
            quota: serve.quota,
            ..SandboxConfig::default()
        };
        if let Some(rate) = serve.rate {
            config.rate_per_minute = rate;
        }
        if let Some(seconds) = serve.qr_ttl {
            if !(seconds > 0.0 && seconds <= 86_400.0) {
                return Err(ConfigError::QrTtl);
            }
            config.qr_ttl_ms = (seconds * 1000.0).ceil() as u64;
        }
        return Ok(Service::Sandbox(config));
    }
    let key = key.ok_or(ConfigError::NoService)?;
    if !is_key(&key) {
        return Err(ConfigError::Key);
    }
    let base = BaseUrl::parse(&serve.upstream).map_err(ConfigError::Upstream)?;
    Ok(Service::Live {
        base,
        key: Secret::new(key),
    })
}

fn mount(text: &str, immutable: bool) -> Option<Mount> {
    let (prefix, dir) = match text.split_once('=') {
        Some((prefix, dir)) if prefix.starts_with('/') => (prefix.trim_end_matches('/'), dir),
        _ => ("", text),
    };
    let sound = prefix
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'.'))
        && !prefix.contains("//");
    (sound && Path::new(dir).is_dir()).then(|| Mount {
        prefix: prefix.to_owned(),
        dir: dir.into(),
        immutable,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_goes_where_the_service_or_the_user_keeps_it() {
        let folder = |vars: &[(&str, &str)]| {
            state_folder(|name| {
                let var = vars.iter().find(|(key, _)| *key == name);
                var.map(|(_, value)| OsString::from(*value))
            })
        };
        let home = ("HOME", "/home/ada");
        let xdg = ("XDG_STATE_HOME", "/state");
        let systemd = ("STATE_DIRECTORY", "/var/lib/a:/var/lib/b");
        assert_eq!(
            folder(&[home]),
            Some("/home/ada/.local/state/sendapi-gateway".into())
        );
        assert_eq!(folder(&[home, xdg]), Some("/state/sendapi-gateway".into()));
        assert_eq!(folder(&[home, xdg, systemd]), Some("/var/lib/a".into()));
        assert_eq!(
            folder(&[home, ("XDG_STATE_HOME", "relative")]),
            Some("/home/ada/.local/state/sendapi-gateway".into())
        );
        assert_eq!(folder(&[("HOME", "")]), None);
    }
}

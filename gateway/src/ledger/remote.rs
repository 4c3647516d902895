//! The record in Redis or Valkey, for many processes.
//!
//! | key | holds |
//! | --- | --- |
//! | `sendapi:s:{id}` | hash: `subject`, `standing` |
//! | `sendapi:u:{subject}` | sorted set of the subject's session ids, by order of creation |
//! | `sendapi:pending` | sorted set of pending session ids, by their browser's last request (Unix milliseconds) |
//! | `sendapi:all` | set of session ids |
//! | `sendapi:n` | the last number of creation |
//! | `sendapi:lock:{what}` | a lease, with an expiry |
//! | `sendapi:code:{id}` | the latest code, sealed, for those who wait for it or create again; with an expiry of seconds |
//!
//! Each method is one script, so that no process sees another's half-done change.

use super::seal::Seal;
use super::{CodeTurn, KEPT, Owner, Standing, Subject, Unavailable, Which};
use crate::id::SessionId;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{FromRedisValue, Script, ScriptInvocation};
use ring::rand::{SecureRandom as _, SystemRandom};
use std::fmt;
use std::time::Duration;

/// How long one command may take.
const COMMAND_TIME: Duration = Duration::from_secs(2);
/// How long a lease lives without its holder: longer than a request may take.
const LEASE: Duration = Duration::from_secs(30);
/// Between two tries for a lease that another holds.
const LEASE_PAUSE: Duration = Duration::from_millis(50);
/// Abandoned sessions looked at in one round.
const ABANDONED_MAX: usize = 100;

const RECORD: &str = "
local n = redis.call('INCR', 'sendapi:n')
local old = redis.call('HGET', 'sendapi:s:' .. ARGV[1], 'subject')
if old and old ~= ARGV[2] then redis.call('ZREM', 'sendapi:u:' .. old, ARGV[1]) end
redis.call('HSET', 'sendapi:s:' .. ARGV[1], 'subject', ARGV[2], 'standing', 'pending')
redis.call('ZADD', 'sendapi:u:' .. ARGV[2], n, ARGV[1])
redis.call('ZADD', 'sendapi:pending', ARGV[3], ARGV[1])
redis.call('SADD', 'sendapi:all', ARGV[1])
return 1";

const REACH: &str = "
local subject = redis.call('HGET', 'sendapi:s:' .. ARGV[1], 'subject')
if not subject then return 0 end
if subject ~= ARGV[2] then return 1 end
redis.call('ZADD', 'sendapi:pending', 'XX', ARGV[3], ARGV[1])
return 2";

const SAW: &str = "
local key = 'sendapi:s:' .. ARGV[1]
local old = redis.call('HGET', key, 'standing')
if not old or old == ARGV[2] then return 0 end
redis.call('HSET', key, 'standing', ARGV[2])
if ARGV[2] == 'pending' then redis.call('ZADD', 'sendapi:pending', ARGV[3], ARGV[1])
else redis.call('ZREM', 'sendapi:pending', ARGV[1]) end
return 1";

const FORGET: &str = "
local subject = redis.call('HGET', 'sendapi:s:' .. ARGV[1], 'subject')
if subject then redis.call('ZREM', 'sendapi:u:' .. subject, ARGV[1]) end
redis.call('DEL', 'sendapi:s:' .. ARGV[1])
redis.call('ZREM', 'sendapi:pending', ARGV[1])
redis.call('SREM', 'sendapi:all', ARGV[1])
return 1";

const OF: &str = "
local out = {}
for _, id in ipairs(redis.call('ZREVRANGE', 'sendapi:u:' .. ARGV[1], 0, -1)) do
  local standing = redis.call('HGET', 'sendapi:s:' .. id, 'standing')
  if standing then out[#out + 1] = id; out[#out + 1] = standing end
end
return out";

const RELEASE: &str = "
if redis.call('GET', 'sendapi:lock:' .. ARGV[1]) == ARGV[2] then return redis.call('DEL', 'sendapi:lock:' .. ARGV[1]) end
return 0";

/// Why Redis cannot be used at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoteError {
    /// `REDIS_URL` is none.
    Url,
    /// It turns the check of the server's certificate off.
    Insecure,
    /// It does not answer.
    Unreachable,
}

impl fmt::Display for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Url => "REDIS_URL: must be redis://[USER:PASSWORD@]HOST[:PORT][/DB], or rediss:// for TLS",
            Self::Insecure => {
                "REDIS_URL: #insecure is not taken; name the CA of a private certificate with SSL_CERT_FILE"
            }
            Self::Unreachable => "REDIS_URL: the server does not answer",
        })
    }
}

impl std::error::Error for RemoteError {}

/// A connection that is made again when it breaks.
#[derive(Clone)]
pub struct Remote {
    connection: ConnectionManager,
    seal: Seal,
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Remote(..)")
    }
}

type Answer<T> = Result<T, Unavailable>;

impl Remote {
    /// Whether `url` can be connected to at all. `rediss://` is TLS with the system's roots, or those of `SSL_CERT_FILE`.
    ///
    /// # Errors
    /// [`RemoteError::Url`] and [`RemoteError::Insecure`].
    pub fn check(url: &str) -> Result<(), RemoteError> {
        let client = redis::Client::open(url).map_err(|_| RemoteError::Url)?;
        match client.get_connection_info().addr() {
            redis::ConnectionAddr::TcpTls { insecure: true, .. } => Err(RemoteError::Insecure),
            _ => Ok(()),
        }
    }

    /// Connects to `REDIS_URL`; what others must not read there goes under `seal`.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub async fn connect(url: &str, seal: Seal) -> Result<Self, RemoteError> {
        let client = redis::Client::open(url).map_err(|_| RemoteError::Url)?;
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_max_delay(Duration::from_millis(500))
            .set_response_timeout(Some(COMMAND_TIME))
            .set_connection_timeout(Some(COMMAND_TIME));
        let manager = ConnectionManager::new_with_config(client, config);
        let connection = manager.await.map_err(|_| RemoteError::Unreachable)?;
        Ok(Self { connection, seal })
    }

    /// Runs a script, a second time when the connection turned out to be broken. Each script can be run twice without harm.
    async fn run<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Answer<T> {
        let mut connection = self.connection.clone();
        match script.invoke_async(&mut connection).await {
            Ok(value) => Ok(value),
            Err(error) if error.is_io_error() || error.is_connection_dropped() => script
                .invoke_async(&mut connection)
                .await
                .map_err(|_| Unavailable),
            Err(_) => Err(Unavailable),
        }
    }

    pub(super) async fn record(
        &self,
        subject: &Subject,
        id: &SessionId,
        now_ms: u64,
    ) -> Answer<()> {
        let script = Script::new(RECORD);
        let mut script = script.arg(id.as_str());
        self.run(script.arg(subject.as_str()).arg(now_ms)).await
    }

    pub(super) async fn reach(
        &self,
        subject: &Subject,
        id: &SessionId,
        now_ms: u64,
    ) -> Answer<Owner> {
        let script = Script::new(REACH);
        let mut script = script.arg(id.as_str());
        let found: u8 = self.run(script.arg(subject.as_str()).arg(now_ms)).await?;
        Ok(match found {
            2 => Owner::Mine,
            1 => Owner::Other,
            _ => Owner::Unknown,
        })
    }

    pub(super) async fn saw(&self, id: &SessionId, standing: Standing) -> Answer<()> {
        let script = Script::new(SAW);
        let mut script = script.arg(id.as_str());
        self.run(
            script
                .arg(standing.as_str())
                .arg(crate::upstream::unix_ms()),
        )
        .await
    }

    pub(super) async fn forget(&self, id: &SessionId) -> Answer<()> {
        let script = Script::new(FORGET);
        self.run(&script.arg(id.as_str())).await
    }

    pub(super) async fn of(&self, subject: &Subject, which: Which) -> Answer<Vec<SessionId>> {
        let script = Script::new(OF);
        let flat: Vec<String> = self.run(&script.arg(subject.as_str())).await?;
        let standing = |word: &str| match word {
            "pending" => Standing::Pending,
            "failed" => Standing::Failed,
            _ => Standing::Linked,
        };
        let taken = flat
            .chunks_exact(2)
            .filter(|pair| which.takes(standing(&pair[1])));
        Ok(taken
            .filter_map(|pair| SessionId::parse(&pair[0]))
            .collect())
    }

    pub(super) async fn abandoned(&self, before_ms: u64) -> Answer<Vec<SessionId>> {
        let mut command = redis::cmd("ZRANGEBYSCORE");
        command
            .arg("sendapi:pending")
            .arg("-inf")
            .arg(format!("({before_ms}"));
        command.arg("LIMIT").arg(0).arg(ABANDONED_MAX);
        let ids: Vec<String> = self.query(&command).await?;
        Ok(ids.iter().filter_map(|id| SessionId::parse(id)).collect())
    }

    pub(super) async fn is_abandoned(&self, id: &SessionId, before_ms: u64) -> Answer<bool> {
        let mut command = redis::cmd("ZSCORE");
        command.arg("sendapi:pending").arg(id.as_str());
        let asked_ms: Option<f64> = self.query(&command).await?;
        Ok(asked_ms.is_some_and(|asked_ms| asked_ms < before_ms as f64))
    }

    pub(super) async fn count(&self) -> Answer<usize> {
        self.query(redis::cmd("SCARD").arg("sendapi:all")).await
    }

    async fn query<T: FromRedisValue>(&self, command: &redis::Cmd) -> Answer<T> {
        let mut connection = self.connection.clone();
        command
            .query_async(&mut connection)
            .await
            .map_err(|_| Unavailable)
    }

    /// Waits for the lease on `what`; the caller's own deadline ends the wait.
    pub(super) async fn turn(&self, what: &str) -> Answer<Lease> {
        let claim = Claim::on(what)?;
        loop {
            if let Some(lease) = self.take(&claim).await? {
                return Ok(lease);
            }
            tokio::time::sleep(LEASE_PAUSE).await;
        }
    }

    /// Waits for the lease on a session's codes, or for the code that its holder keeps.
    pub(super) async fn code_turn(&self, id: &SessionId) -> Answer<CodeTurn> {
        let claim = Claim::on(&format!("qr:{}", id.as_str()))?;
        // What is there already answered somebody who asked before this caller did.
        let before = self.sealed_code(id).await?;
        loop {
            let lease = self.take(&claim).await?;
            let now = self.sealed_code(id).await?;
            if let Some(sealed) = now.filter(|sealed| Some(sealed) != before.as_ref())
                && let Some(text) = self.seal.open(id.as_str(), &sealed)
            {
                return Ok(CodeTurn::Told(text));
            }
            if lease.is_some() {
                let () = self.query(redis::cmd("DEL").arg(code_key(id))).await?;
                return Ok(CodeTurn::Ask(lease));
            }
            tokio::time::sleep(LEASE_PAUSE).await;
        }
    }

    pub(super) async fn keep_code(&self, id: &SessionId, text: &str) {
        if let Some(sealed) = self.seal.seal(id.as_str(), text) {
            let mut command = redis::cmd("SET");
            command.arg(code_key(id)).arg(sealed);
            command.arg("PX").arg(KEPT.as_millis() as u64);
            let _: Answer<Option<String>> = self.query(&command).await;
        }
    }

    pub(super) async fn kept_code(&self, id: &SessionId) -> Answer<Option<String>> {
        let sealed = self.sealed_code(id).await?;
        Ok(sealed.and_then(|sealed| self.seal.open(id.as_str(), &sealed)))
    }

    async fn sealed_code(&self, id: &SessionId) -> Answer<Option<String>> {
        self.query(redis::cmd("GET").arg(code_key(id))).await
    }

    /// The lease, unless another holds it.
    async fn take(&self, claim: &Claim) -> Answer<Option<Lease>> {
        let mut command = redis::cmd("SET");
        command.arg(format!("sendapi:lock:{}", claim.what));
        command.arg(&claim.token);
        command.arg("NX").arg("PX").arg(LEASE.as_millis() as u64);
        let got: Option<String> = self.query(&command).await?;
        Ok(got.map(|_| Lease {
            remote: self.clone(),
            what: claim.what.clone(),
            token: claim.token.clone(),
        }))
    }
}

fn code_key(id: &SessionId) -> String {
    format!("sendapi:code:{}", id.as_str())
}

/// A wish for a lease, told apart from everybody else's.
struct Claim {
    what: String,
    token: String,
}

impl Claim {
    fn on(what: &str) -> Answer<Self> {
        let mut bytes = [0u8; 16];
        SystemRandom::new()
            .fill(&mut bytes)
            .map_err(|_| Unavailable)?;
        Ok(Self {
            what: what.to_owned(),
            token: URL_SAFE_NO_PAD.encode(bytes),
        })
    }
}

/// A lease that is given back when dropped, or runs out by itself when its holder died.
#[derive(Debug)]
pub struct Lease {
    remote: Remote,
    what: String,
    token: String,
}

impl Drop for Lease {
    fn drop(&mut self) {
        let (remote, what, token) = (self.remote.clone(), self.what.clone(), self.token.clone());
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            let script = Script::new(RELEASE);
            let mut script = script.arg(what);
            // A lease that cannot be given back runs out.
            let _: Answer<u8> = remote.run(script.arg(token)).await;
        });
    }
}

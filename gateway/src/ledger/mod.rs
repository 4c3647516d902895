//! Which subject owns which session: in this process, with a journal that survives a restart, or in Redis for many processes.

mod journal;
mod local;
mod remote;
mod seal;

pub use journal::{Journal, JournalError};
pub use local::Local;
pub use remote::{Lease, Remote, RemoteError};
pub use seal::Seal;

use crate::api::wire::Session;
use crate::id::SessionId;
use crate::upstream::unix_ms;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// An end user as the gateway tells them apart: a SHA-256 in hexadecimal, since what it is made of (a customer's user id, the value of
/// a cookie) has no business in a store.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Subject(String);

impl Subject {
    /// The `sub` of a token.
    #[must_use]
    pub fn of_token(sub: &str) -> Self {
        Self(sha256(&format!("token:{sub}")))
    }

    /// The value of the gateway's cookie.
    #[must_use]
    pub fn of_cookie(value: &str) -> Self {
        Self(sha256(&format!("cookie:{value}")))
    }

    /// Whoever calls without being a browser, in the modes without tokens: the operator at a terminal.
    #[must_use]
    pub fn local() -> Self {
        Self(sha256("local"))
    }

    /// A browser's idempotency key as this subject's own, so that two subjects cannot replay each other's sessions.
    #[must_use]
    pub fn idempotency_key(&self, key: &str) -> String {
        sha256(&format!("{}\0{key}", self.0))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subject(..)")
    }
}

fn sha256(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Where a session stood when last seen, as far as the record needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Waits for a scan.
    Pending,
    /// Linked, or in a status that we do not know.
    Linked,
    /// The service gave up.
    Failed,
}

impl Standing {
    /// Of a session that the service reported.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        match session.status.as_deref() {
            Some("pending") => Self::Pending,
            Some("failed") => Self::Failed,
            _ => Self::Linked,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Linked => "linked",
            Self::Failed => "failed",
        }
    }
}

/// How long a session's latest code is kept for whoever asks for a session meanwhile: as long as a request may have been on its way.
pub const KEPT: Duration = Duration::from_secs(10);

/// The record cannot be read or written now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unavailable;

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store of session owners cannot be reached")
    }
}

impl std::error::Error for Unavailable {}

/// Whose a session is, seen from one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// This subject's.
    Mine,
    /// Another subject's.
    Other,
    /// Nobody created it through a gateway.
    Unknown,
}

/// Which of a subject's sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// Those that wait for a scan.
    Pending,
    /// Those that count against a quota: all but the failed ones.
    Held,
}

impl Which {
    fn takes(self, standing: Standing) -> bool {
        match self {
            Self::All => true,
            Self::Pending => standing == Standing::Pending,
            Self::Held => standing != Standing::Failed,
        }
    }
}

/// A lock held on a subject's creates. Dropping it lets the next one in.
#[derive(Debug)]
pub enum Turn {
    /// Within this process.
    Local(tokio::sync::OwnedMutexGuard<()>),
    /// Among all processes.
    Remote(Lease),
}

/// Who asks the service for a code.
#[derive(Debug)]
pub enum CodeTurn {
    /// This caller does, and no other process until this is dropped.
    Ask(Option<Lease>),
    /// Another process just has, and shared this text.
    Told(String),
}

/// The record.
#[derive(Debug)]
pub enum Ledger {
    /// In this process.
    Local(Local),
    /// In Redis or Valkey.
    Remote(Remote),
}

type Answer<T> = Result<T, Unavailable>;

impl Ledger {
    /// Writes down who created a session, which is pending.
    ///
    /// # Errors
    /// [`Unavailable`], as for every method.
    pub async fn record(&self, subject: &Subject, id: &SessionId, now_ms: u64) -> Answer<()> {
        match self {
            Self::Local(local) => local.record(subject, id, now_ms),
            Self::Remote(remote) => remote.record(subject, id, now_ms).await,
        }
    }

    /// Whose the session is. When it is this subject's, notes that its browser asked for it at `now_ms` (Unix milliseconds).
    ///
    /// # Errors
    /// [`Unavailable`].
    pub async fn reach(&self, subject: &Subject, id: &SessionId, now_ms: u64) -> Answer<Owner> {
        match self {
            Self::Local(local) => Ok(local.reach(subject, id, now_ms)),
            Self::Remote(remote) => remote.reach(subject, id, now_ms).await,
        }
    }

    /// Notes where a session stands.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub async fn saw(&self, id: &SessionId, standing: Standing) -> Answer<()> {
        match self {
            Self::Local(local) => local.saw(id, standing),
            Self::Remote(remote) => remote.saw(id, standing).await,
        }
    }

    /// The session is gone.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub async fn forget(&self, id: &SessionId) -> Answer<()> {
        match self {
            Self::Local(local) => local.forget(id),
            Self::Remote(remote) => remote.forget(id).await,
        }
    }

    /// The subject's sessions, newest first.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub async fn of(&self, subject: &Subject, which: Which) -> Answer<Vec<SessionId>> {
        match self {
            Self::Local(local) => Ok(local.of(subject, which)),
            Self::Remote(remote) => remote.of(subject, which).await,
        }
    }

    /// Pending sessions that no browser has asked for since `before_ms` (Unix milliseconds).
    ///
    /// # Errors
    /// [`Unavailable`].
    pub async fn abandoned(&self, before_ms: u64) -> Answer<Vec<SessionId>> {
        match self {
            Self::Local(local) => Ok(local.abandoned(before_ms)),
            Self::Remote(remote) => remote.abandoned(before_ms).await,
        }
    }

    /// Whether it still is one of those: its browser may have come back since they were looked for.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub async fn is_abandoned(&self, id: &SessionId, before_ms: u64) -> Answer<bool> {
        match self {
            Self::Local(local) => Ok(local.is_abandoned(id, before_ms)),
            Self::Remote(remote) => remote.is_abandoned(id, before_ms).await,
        }
    }

    /// Waits until nobody else creates for this subject.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub async fn create_turn(&self, subject: &Subject) -> Answer<Turn> {
        match self {
            Self::Local(local) => Ok(Turn::Local(local.turn(subject).await)),
            Self::Remote(remote) => remote
                .turn(&format!("create:{}", subject.as_str()))
                .await
                .map(Turn::Remote),
        }
    }

    /// Waits until no other process asks for a code of this session, and then tells what that process was told; within one process
    /// [`crate::api::flight`] sees to it. The code that was kept is forgotten: asking for another kills it.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub async fn code_turn(&self, id: &SessionId) -> Answer<CodeTurn> {
        match self {
            Self::Local(local) => {
                local.drop_code(id);
                Ok(CodeTurn::Ask(None))
            }
            Self::Remote(remote) => remote.code_turn(id).await,
        }
    }

    /// Keeps a session's latest code for [`KEPT`]. Where that fails, who would have been told asks for a code of its own.
    pub async fn keep_code(&self, id: &SessionId, text: &str) {
        match self {
            Self::Local(local) => local.keep_code(id, text, unix_ms()),
            Self::Remote(remote) => remote.keep_code(id, text).await,
        }
    }

    /// The code that was kept, unless another was asked for since.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub async fn kept_code(&self, id: &SessionId) -> Answer<Option<String>> {
        match self {
            Self::Local(local) => Ok(local.kept_code(id, unix_ms())),
            Self::Remote(remote) => remote.kept_code(id).await,
        }
    }

    /// How many sessions are on record.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub async fn count(&self) -> Answer<usize> {
        match self {
            Self::Local(local) => Ok(local.count()),
            Self::Remote(remote) => remote.count().await,
        }
    }
}

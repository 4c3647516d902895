//! A session as the service describes it.

use super::{PhoneNumber, SessionId, Timestamp};

/// A session's status (seed page, "Session Statuses").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Created, waiting for the scan.
    Pending,
    /// Phone paired and online.
    Connected,
    /// Lost; the service reconnects by itself.
    Disconnected,
    /// The service gave up.
    Failed,
    /// A status that this version does not know, or none at all (contract, "a careful client", rule 7).
    Unknown,
}

impl Status {
    /// The status that the service calls `name`.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        match name {
            "pending" => Self::Pending,
            "connected" => Self::Connected,
            "disconnected" => Self::Disconnected,
            "failed" => Self::Failed,
            _ => Self::Unknown,
        }
    }

    /// The service's name for it; `unknown` for one that we do not know.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Connected => "connected",
            Self::Disconnected => "disconnected",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// One session (seed page, "Get a Session"). Whatever the service may leave out is optional.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The label given at creation; to be shown as literal text.
    pub name: Option<String>,
    /// Its status.
    pub status: Status,
    /// The linked number, once there is one and if it reads as one.
    pub phone_number: Option<PhoneNumber>,
    /// When the phone was last online.
    pub last_seen_at: Option<Timestamp>,
    /// How many messages went through.
    pub message_count: Option<u64>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
}

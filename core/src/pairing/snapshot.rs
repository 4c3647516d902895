//! What a view shows: one value that says it all.

use std::rc::Rc;

use crate::{
    error::Error,
    model::Session,
    qr::{Bitmap, Matrix},
    time::{Instant, Millis},
};

/// The phases (`product.md`, "Phases"). Offline is beside them: [`Snapshot::offline`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Nothing asked yet, or stopped.
    Idle,
    /// Looking for the known session.
    Checking,
    /// Preparing a first code.
    Creating,
    /// A code is on show.
    AwaitingScan,
    /// The old code is gone, a new one is on its way.
    Refreshing,
    /// No code; a new one is one click away.
    Expired,
    /// Linked.
    Connected,
    /// Linked, with another number than the expected one.
    WrongNumber,
    /// The service lost the phone and reconnects by itself.
    Reconnecting,
    /// The service gave up.
    Failed,
    /// The service reports a status that we do not know.
    ActionRequired,
    /// Asking the person, or the service, to unlink.
    Unlinking,
    /// Deleted.
    Unlinked,
    /// Something went wrong that only a person can mend.
    Error,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 14] = [
        Self::Idle,
        Self::Checking,
        Self::Creating,
        Self::AwaitingScan,
        Self::Refreshing,
        Self::Expired,
        Self::Connected,
        Self::WrongNumber,
        Self::Reconnecting,
        Self::Failed,
        Self::ActionRequired,
        Self::Unlinking,
        Self::Unlinked,
        Self::Error,
    ];

    /// The public name, as the `phase` attribute reflects it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Checking => "checking",
            Self::Creating => "creating",
            Self::AwaitingScan => "awaiting-scan",
            Self::Refreshing => "refreshing",
            Self::Expired => "expired",
            Self::Connected => "connected",
            Self::WrongNumber => "wrong-number",
            Self::Reconnecting => "reconnecting",
            Self::Failed => "failed",
            Self::ActionRequired => "action-required",
            Self::Unlinking => "unlinking",
            Self::Unlinked => "unlinked",
            Self::Error => "error",
        }
    }

    /// Whether things rest here until a person, the phone or the service does something: what the element's methods resolve with.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        !matches!(self, Self::Checking | Self::Creating | Self::Refreshing)
    }
}

/// All that a view needs, and all that it may know.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The phase.
    pub phase: Phase,
    /// The session, as last read.
    pub session: Option<Session>,
    /// The code to draw; present only while invariant 3 allows it to be in the DOM.
    pub qr: Option<ShownQr>,
    /// A sound image that could not be verified, kept so that [`Act::ShowOriginal`](super::Act::ShowOriginal) can draw it.
    pub original_available: bool,
    /// What went wrong last and still matters.
    pub error: Option<Error>,
    /// The browser says that there is no network.
    pub offline: bool,
    /// How far an unlink has come; present in phase `unlinking` alone.
    pub unlink: Option<UnlinkStage>,
    /// When the next attempt goes out by itself, where one is being waited for after a failure.
    pub retry_at: Option<Instant>,
    /// What the person may do now.
    pub offers: Offers,
}

/// A code on show.
#[derive(Clone, PartialEq)]
pub struct ShownQr {
    /// What to draw.
    pub drawing: Drawing,
    /// Counts the codes of this pairing: another number is another code.
    pub generation: u32,
    /// When the request that brought it went out.
    pub since: Instant,
    /// When it dies (invariant 4).
    pub deadline: Instant,
}

impl ShownQr {
    /// The whole life it was given.
    #[must_use]
    pub const fn life(&self) -> Millis {
        self.deadline.since(self.since)
    }
}

/// What there is to draw.
#[derive(Clone, PartialEq)]
pub enum Drawing {
    /// A verified code.
    Verified(Rc<Matrix>),
    /// The pixels of an image that could not be verified, at the person's wish.
    Original(Rc<Bitmap>),
}

impl core::fmt::Debug for ShownQr {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.debug_struct("ShownQr")
            .field("generation", &self.generation)
            .field("since", &self.since)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

/// How far an unlink has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnlinkStage {
    /// The person is being asked.
    Confirming,
    /// The service is being asked.
    Deleting,
}

/// The acts that make sense now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offers {
    /// [`Act::Start`](super::Act::Start).
    pub start: bool,
    /// [`Act::Refresh`](super::Act::Refresh).
    pub refresh: bool,
    /// [`Act::Retry`](super::Act::Retry).
    pub retry: bool,
    /// [`Act::Unlink`](super::Act::Unlink).
    pub unlink: bool,
    /// [`Act::AcceptNumber`](super::Act::AcceptNumber).
    pub accept: bool,
}

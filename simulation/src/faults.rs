//! What goes wrong, by kind.

/// One kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A request never reaches the service.
    RequestLost,
    /// An answer never reaches the tab.
    AnswerLost,
    /// The browser reports a broken connection.
    NetworkError,
    /// An answer takes longer than anybody waits.
    Late,
    /// An answer is delivered twice.
    AnswerDoubled,
    /// A request is delivered twice.
    RequestDoubled,
    /// The answer to an aborted request arrives after newer ones.
    Reordered,
    /// An answer is cut short.
    Truncated,
    /// A proxy's page in the place of an answer.
    Html,
    /// A 5xx.
    ServerError,
    /// A 429, with `Retry-After` or an absurd one.
    RateLimited,
    /// A 401 until the token is renewed.
    TokenExpired,
    /// A renewal that fails, or never ends.
    RenewalFailed,
    /// A status that no version knows.
    OddStatus,
    /// An answer about another session.
    WrongId,
    /// A `qr_code` that is none.
    BadCode,
    /// A second reader that fails, is late, or never answers.
    NoReader,
    /// An expiry that is missing, garbled, past or absurd.
    BadExpiry,
    /// A 4xx from a service with a mind of its own.
    Refusal,
    /// Every `/qr` fails, while all else works.
    NoCodes,
    /// The service's clock is hours off.
    Skew,
    /// No `Date` can be read.
    NoDate,
    /// The machine sleeps.
    Sleep,
    /// The browser throttles timers.
    LateTimer,
    /// The network goes and comes.
    Offline,
    /// A tab is hidden.
    Hidden,
    /// A tab is reloaded.
    Reload,
    /// A tab is opened beside others.
    SecondTab,
    /// A tab is closed.
    Closed,
    /// The lock is lost to nobody's wish.
    LockLost,
    /// A message of no tab of ours.
    FalseMessage,
    /// A phone scans a dead code.
    DeadScan,
    /// A phone scans at the last moment or just after.
    LateScan,
    /// The session is deleted elsewhere.
    DeletedElsewhere,
    /// The service loses the phone, or gives up.
    ServiceFailed,
    /// The account has no free session.
    Quota,
    /// The wasm traps between two outputs; a fresh instance starts on the same page.
    Trap,
}

impl Fault {
    /// Every kind.
    pub const ALL: [Self; 37] = [
        Self::RequestLost,
        Self::AnswerLost,
        Self::NetworkError,
        Self::Late,
        Self::AnswerDoubled,
        Self::RequestDoubled,
        Self::Reordered,
        Self::Truncated,
        Self::Html,
        Self::ServerError,
        Self::RateLimited,
        Self::TokenExpired,
        Self::RenewalFailed,
        Self::OddStatus,
        Self::WrongId,
        Self::BadCode,
        Self::NoReader,
        Self::BadExpiry,
        Self::Refusal,
        Self::NoCodes,
        Self::Skew,
        Self::NoDate,
        Self::Sleep,
        Self::LateTimer,
        Self::Offline,
        Self::Hidden,
        Self::Reload,
        Self::SecondTab,
        Self::Closed,
        Self::LockLost,
        Self::FalseMessage,
        Self::DeadScan,
        Self::LateScan,
        Self::DeletedElsewhere,
        Self::ServiceFailed,
        Self::Quota,
        Self::Trap,
    ];
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults(pub u64);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0 |= 1 << fault as u64;
    }

    /// Whether `fault` is among them.
    #[must_use]
    pub fn has(self, fault: Fault) -> bool {
        self.0 >> fault as u64 & 1 == 1
    }
}

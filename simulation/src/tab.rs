//! One tab: the production core, what its host keeps, and what the checker remembers.

use std::collections::VecDeque;

use sendapi_pairing_core::{
    api::Call,
    model::{SessionId, Status},
    pairing::{Ask, Config, Pairing, Phase, Slot, Surroundings},
    time::Instant,
};

/// A request that the host has under way.
pub(crate) struct Open {
    pub(crate) ask: Ask,
    pub(crate) call: Call,
    pub(crate) since: u64,
}

/// A tab, open or closed.
pub(crate) struct Tab {
    pub(crate) number: usize,
    pub(crate) pairing: Pairing,
    pub(crate) config: Config,
    pub(crate) around: Surroundings,
    /// Counts the loads: what was meant for an earlier one is lost.
    pub(crate) load: u32,
    pub(crate) is_open: bool,
    /// What the tab's monotonic clock showed at the world's beginning.
    pub(crate) origin: u64,
    pub(crate) storage: Slot,
    pub(crate) open: Vec<Open>,
    /// Aborted requests whose answers may still arrive.
    pub(crate) aborted: VecDeque<Ask>,
    pub(crate) token_bad: bool,
    /// The wasm is about to trap: after so many outputs of one step.
    pub(crate) trap: Option<u64>,
    pub(crate) watch: Watch,
}

impl Tab {
    pub(crate) fn clock(&self, t: u64) -> Instant {
        Instant(self.origin + t)
    }

    /// When the core wants to be woken, in the world's time.
    pub(crate) fn due(&self) -> Option<u64> {
        if !self.is_open {
            return None;
        }
        let at = self.pairing.next_timeout()?;
        Some(at.0.saturating_sub(self.origin))
    }

    pub(crate) fn phase(&self) -> Phase {
        self.pairing.snapshot().phase
    }
}

/// A create that the checker holds to be undecided.
pub(crate) struct Intent {
    pub(crate) key: String,
    pub(crate) unknown: bool,
}

/// What the checker knows of one tab, from outputs and delivered answers alone.
#[derive(Default)]
pub(crate) struct Watch {
    /// As the events told it.
    pub(crate) phase: Option<Phase>,
    pub(crate) intent: Option<Intent>,
    /// A create goes out that is not the first of its intent: its code may not be believed.
    pub(crate) repeated: bool,
    pub(crate) last_key: Option<String>,
    pub(crate) fence: u64,
    /// The last answer was a fresh read of a pending session, at this time.
    pub(crate) may_refresh: Option<u64>,
    pub(crate) last_end: u64,
    pub(crate) last_read: u64,
    pub(crate) failures: u32,
    /// `/qr`s that failed in a row, with nothing between them that allows one at once; and when the last of them did.
    pub(crate) codes_failed: u32,
    pub(crate) code_failed: u64,
    pub(crate) rate_limits: u64,
    pub(crate) free: bool,
    /// A person asked for a new code since the second reading under way began.
    pub(crate) asked_for: bool,
    /// The code's life is so short that it may end before it is read.
    pub(crate) short: bool,
    /// The code that is being read, as long as it may still be shown, and until when that is waited for.
    pub(crate) reading: Option<(Ask, u64)>,
    pub(crate) timer_refreshes: u32,
    pub(crate) must_read: bool,
    /// The page, the network or the token came back: the next request need not wait.
    pub(crate) resumed: bool,
    pub(crate) delete_allowed: bool,
    pub(crate) dead: Vec<SessionId>,
    pub(crate) renewing: bool,
    pub(crate) renewals: u32,
    pub(crate) unauthorized: u32,
    /// The latest 401 was a `/qr`'s.
    pub(crate) code_denied: bool,
    pub(crate) status: Option<Status>,
    /// The code on show: the core's number of it and the run's.
    pub(crate) shown: Option<(u32, Option<usize>)>,
    pub(crate) first_request: Option<Slot>,
    /// A person asked for another session than the stored one.
    pub(crate) fresh: bool,
    /// The session whose lock the tab asked for, and whether it was told that it holds it.
    pub(crate) lock: Option<SessionId>,
    pub(crate) leads: bool,
    /// When the tab last asked for the lock.
    pub(crate) joined: u64,
    /// The step's input is a person's, or the page's load.
    pub(crate) acted: bool,
    /// The phases whose own event was told since the phase changed: one at most.
    pub(crate) told: Option<Phase>,
    /// The phase changed to one that has an event of its own, which is still to come in this step.
    pub(crate) owes: Option<Phase>,
}

impl Watch {
    /// A person asks for something: what was counted begins anew.
    pub(crate) fn gesture(&mut self) {
        self.asked_for = true;
        self.timer_refreshes = 0;
        self.free = true;
        self.failures = 0;
        self.renewals = 0;
        self.unauthorized = 0;
    }
}

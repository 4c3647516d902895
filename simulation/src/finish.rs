//! The end of a run: faults stop, and every tab has to arrive at what the service says.

use sendapi_pairing_core::pairing::{Input, Phase, Policy, UnlinkStage};
use sendapi_sandbox::Status;

use crate::{
    coverage::Kind,
    recording,
    tab::Tab,
    world::{OTHER_PHONE, PHONE, World},
};

impl World<'_> {
    /// Faults end here.
    pub(crate) fn calm_down(&mut self) {
        self.quiet = true;
        self.odd_until = 0;
        for tab in 0..self.tabs.len() {
            self.tabs[tab].token_bad = false;
            self.tabs[tab].trap = None;
            if self.tabs[tab].is_open && !self.tabs[tab].around.online {
                self.feed(tab, Input::Online(true), Kind::Online);
            }
            if self.tabs[tab].is_open && !self.tabs[tab].around.visible && self.chance.percent(50) {
                self.feed(tab, Input::Visible(true), Kind::Shown);
            }
        }
    }

    /// When every tab must have caught up (invariant 18), as far as is known now, where faults ended at `calm`.
    pub(crate) fn caught_up(&self, calm: u64) -> u64 {
        // An unlinking that waits for the end of a `Retry-After` changes, then, what the others have to arrive at.
        let unlinking = |state: &&Tab| state.is_open && state.phase() == Phase::Unlinking;
        let unlinks = self.tabs.iter().filter(unlinking);
        let unlinks = unlinks.map(|state| state.watch.fence).max().unwrap_or(0);
        let mut end = calm;
        for state in &self.tabs {
            let interval = match state.phase() {
                Phase::Connected | Phase::WrongNumber => state.config.policy.watch_interval.0,
                Phase::Reconnecting => Policy::RECONNECT_MAX.0,
                _ => state.config.policy.poll_slowest.0,
            };
            let interval = interval + state.watch.rate_limits.min(6) * 5000;
            let fence = state.watch.fence.max(unlinks);
            // What is under way may still fail once.
            let waits = fence.saturating_sub(calm).max(Policy::BACKOFF_MAX.0);
            let waits = waits + Policy::TOKEN_DEADLINE.0 + Policy::REQUEST_DEADLINE.0;
            let waits = waits + Policy::READING_DEADLINE.0;
            end = end.max(calm + 2 * interval + waits);
        }
        end
    }

    /// Invariant 18: each tab that polls shows what the service says.
    pub(crate) fn converged(&mut self) {
        let now = self.epoch + self.t;
        for tab in 0..self.tabs.len() {
            let state = &self.tabs[tab];
            if !state.is_open || !state.around.visible {
                continue;
            }
            let phase = state.phase();
            let followed = match phase {
                Phase::Connected | Phase::WrongNumber => state.config.policy.watch_interval.0 > 0,
                Phase::Unlinking => state.pairing.snapshot().unlink == Some(UnlinkStage::Deleting),
                Phase::Idle | Phase::Failed | Phase::Unlinked | Phase::Error => false,
                _ => true,
            };
            if !followed {
                continue;
            }
            let id = state
                .pairing
                .snapshot()
                .session
                .as_ref()
                .map(|s| s.id.as_str().to_owned());
            let view = id.and_then(|id| self.sandbox.session(&id, now));
            let fits = match view.map(|view| view.status) {
                Some(Status::Pending) => matches!(
                    phase,
                    Phase::AwaitingScan | Phase::Refreshing | Phase::Expired
                ),
                Some(Status::Connected) => matches!(phase, Phase::Connected | Phase::WrongNumber),
                Some(Status::Disconnected) => phase == Phase::Reconnecting,
                Some(Status::Failed) | None => false,
            };
            // A session may time out at the service while nobody looks; the next read finds it.
            let settling = self.profile.sandbox.unscanned.fails_after_ms.is_some();
            let late = settling && phase != Phase::Creating && phase != Phase::Checking;
            if !(fits || late) {
                if self.verbose {
                    let line = format!("tab {tab} rests in {}", phase.as_str());
                    self.run.trace.push(line);
                }
                return self.breach(18, "a tab does not show what the service says");
            }
        }
    }

    /// Invariant 17, where text leaves the core.
    pub(crate) fn redacted(&mut self) {
        for tab in 0..self.tabs.len() {
            let text = self.tabs[tab].pairing.diagnostics();
            let digits = &PHONE[1..];
            let leaks = text.contains("2@")
                || text.contains("sess_")
                || text.contains(digits)
                || text.contains(&OTHER_PHONE[1..])
                || self.tabs[tab]
                    .watch
                    .intent
                    .as_ref()
                    .is_some_and(|intent| text.contains(&intent.key));
            if leaks {
                return self.breach(17, "a secret in the diagnostics");
            }
            // Each eighth run also goes through its recordings again.
            if self.run.seed.is_multiple_of(8) && !recording::holds(&text) {
                return self.breach(0, "a recording does not replay to the same phases");
            }
        }
    }
}

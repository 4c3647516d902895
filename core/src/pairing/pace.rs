//! How long to wait (invariant 13).

use super::{Phase, Policy, machine::Machine, requests::Errand};
use crate::{
    api::Failure,
    error::ErrorCode,
    time::{Instant, Millis},
};

/// What decides when the next request goes out.
#[derive(Clone, Debug, Default)]
pub(super) struct Pace {
    /// Since when the same wait lasts.
    pub(super) wait_since: Instant,
    /// Failures without a success between them.
    pub(super) failures: u32,
    /// What 429s added to the interval in this phase.
    pub(super) slow_down: Millis,
    /// No request goes out before this: the service's `Retry-After`.
    pub(super) fence: Instant,
    /// Reads of this phase so far, for the interval that doubles while reconnecting.
    pub(super) reads: u32,
    /// When this tab itself last asked for the status, or had its answer.
    pub(super) read_at: Instant,
}

impl Pace {
    pub(super) fn phase_changed(&mut self) {
        self.slow_down = Millis::ZERO;
        self.reads = 0;
    }
}

/// `first`, doubled `times` times, at most `most`.
fn doubled(first: Millis, times: u32, most: Millis) -> Millis {
    first.times(1 << times.min(16)).min(most)
}

/// The longest wait that so many failures in a row are answered with.
fn back_off(failures: u32) -> Millis {
    match failures {
        0 => Millis::ZERO,
        failures => doubled(Policy::BACKOFF_FIRST, failures - 1, Policy::BACKOFF_MAX),
    }
}

impl Machine {
    /// The phase's own interval; `None` where it reads nothing by itself.
    pub(super) fn interval(&self, now: Instant) -> Option<Millis> {
        let policy = &self.config.policy;
        if !self.is_followed(self.snapshot.phase) {
            return None;
        }
        let waited = now.since(self.pace.wait_since);
        // A long wait makes no poll come sooner.
        let slower = |interval: Millis| interval.max(policy.poll_interval);
        let interval = match self.snapshot.phase {
            Phase::Connected | Phase::WrongNumber => policy.watch_interval,
            Phase::Reconnecting => doubled(
                Policy::RECONNECT_FIRST,
                self.pace.reads,
                Policy::RECONNECT_MAX,
            ),
            Phase::Expired => slower(policy.poll_slowest),
            _ if waited >= Policy::POLL_SLOWEST_AFTER => slower(policy.poll_slowest),
            _ if waited >= Policy::POLL_SLOWER_AFTER => slower(policy.poll_slower),
            _ => policy.poll_interval,
        };
        Some(interval.max(Policy::INTERVAL_MIN) + self.pace.slow_down)
    }

    /// Plans the next periodic read. A tab that another one leads hears the status from there, and reads only into silence.
    pub(super) fn plan_poll(&mut self, now: Instant) {
        let Some(interval) = self.interval(now) else {
            return self.plan_nothing();
        };
        let interval = if self.leads() {
            interval
        } else {
            // However much the others talk, the service itself is asked now and then.
            let latest = self.pace.read_at + Policy::BACKOFF_MAX.max(interval);
            interval.times(2).min(latest.since(now))
        };
        let back_off = back_off(self.pace.failures);
        let wait = interval.max(self.random.up_to(back_off));
        self.plan(Errand::Read { fresh: false }, now + wait);
    }

    /// When to repeat what somebody is waiting for, after so many failures: half of the back-off, and by chance up to all of it.
    pub(super) fn spread(&mut self, failures: u32, now: Instant) -> Instant {
        let half = Millis(back_off(failures).0 / 2);
        now + half + self.random.up_to(half)
    }

    /// Takes note of a failure that may pass by itself.
    pub(super) fn failed(&mut self, failure: &Failure, now: Instant) {
        self.pace.failures = self.pace.failures.saturating_add(1);
        if failure.error.code == ErrorCode::RateLimited {
            let slow_down = self.pace.slow_down + Policy::SLOW_DOWN_STEP;
            self.pace.slow_down = slow_down.min(Policy::SLOW_DOWN_MAX);
        }
        if let Some(wait) = failure.retry_after {
            let least = self.interval(now).unwrap_or(Policy::BACKOFF_FIRST);
            let wait = wait.max(least).min(Policy::RETRY_AFTER_MAX);
            self.pace.fence = self.pace.fence.max(now + wait);
        }
    }

    pub(super) fn is_retrying(&self) -> bool {
        let bad = self.codes.bad > 0 && self.codes.reading.is_none();
        self.pace.failures > 0 || bad || self.pace.fence > self.clock
    }
}

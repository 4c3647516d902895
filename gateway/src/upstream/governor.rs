//! The key's rate, kept for all callers together.
//!
//! Every answer tells how much of the key's rate is left. Polls may use it up to a reserve that stays for the customer's own
//! message sending; what a user did by hand may use it up to the end. After a 429 nothing goes out until its `Retry-After`.

use super::Limits;
use super::answer::WAIT_MAX_S;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How badly an answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// A periodic read, which can be put off.
    Poll,
    /// Something a user waits for.
    Act,
}

#[derive(Debug, Default)]
struct Known {
    limit: u64,
    remaining: u64,
    /// Unix seconds at which `remaining` starts anew; 0 when nothing is known.
    reset_s: u64,
    /// Unix milliseconds before which nothing goes out.
    blocked_until_ms: u64,
}

/// One key's rate.
#[derive(Debug)]
pub struct Governor {
    known: Mutex<Known>,
    reserve_percent: u64,
}

impl Governor {
    /// Keeps `reserve_percent` of the rate (0 to 100) for the customer's own calls.
    #[must_use]
    pub fn new(reserve_percent: u8) -> Self {
        Self {
            known: Mutex::default(),
            reserve_percent: u64::from(reserve_percent.min(100)),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Numbers only: nothing can be left half written.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key's rate in calls a minute, once an answer has told it.
    pub fn limit(&self) -> Option<u64> {
        Some(self.known().limit).filter(|limit| *limit > 0)
    }

    /// Asks to send one call at `now_ms` (Unix milliseconds), and counts it.
    ///
    /// # Errors
    /// The seconds to wait, at least 1.
    pub fn admit(&self, urgency: Urgency, now_ms: u64) -> Result<(), u64> {
        let mut known = self.known();
        if now_ms < known.blocked_until_ms {
            return Err((known.blocked_until_ms - now_ms).div_ceil(1000));
        }
        let now_s = now_ms / 1000;
        if now_s >= known.reset_s {
            // A new window, of which nothing is known before its first answer.
            return Ok(());
        }
        let floor = match urgency {
            Urgency::Poll => known.limit * self.reserve_percent / 100,
            Urgency::Act => 0,
        };
        if known.remaining <= floor {
            return Err((known.reset_s - now_s).clamp(1, WAIT_MAX_S));
        }
        known.remaining -= 1;
        Ok(())
    }

    /// Learns from an answer that came at `now_ms`; `date_s` is the service's own time, which its reset counts in.
    pub fn observe(&self, status: u16, limits: Limits, date_s: Option<u64>, now_ms: u64) {
        let mut known = self.known();
        if status == 429 {
            known.blocked_until_ms = known.blocked_until_ms.max(now_ms + limits.wait_s() * 1000);
            // `Retry-After` says when to come back; what is left then, the next answer tells.
            known.reset_s = 0;
            return;
        }
        let (Some(limit), Some(remaining), Some(reset)) =
            (limits.limit, limits.remaining, limits.reset)
        else {
            return;
        };
        let now_s = now_ms / 1000;
        let reset_s = now_s
            + reset
                .saturating_sub(date_s.unwrap_or(now_s))
                .min(WAIT_MAX_S);
        // Answers overtake each other: within one window the smaller number is the later one.
        let same_window = known.reset_s.abs_diff(reset_s) <= 1 && known.reset_s > now_s;
        known.remaining = if same_window {
            known.remaining.min(remaining)
        } else {
            remaining
        };
        known.limit = limit;
        known.reset_s = reset_s;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_773_066_600_000;

    fn limits(limit: u64, remaining: u64, reset: u64) -> Limits {
        Limits {
            limit: Some(limit),
            remaining: Some(remaining),
            reset: Some(reset),
            retry_after: None,
        }
    }

    #[test]
    fn polls_stop_at_the_reserve_and_acts_at_the_end() {
        let governor = Governor::new(50);
        let reset = NOW / 1000 + 40;
        assert_eq!(governor.limit(), None);
        governor.observe(200, limits(60, 32, reset), None, NOW);
        assert_eq!(governor.limit(), Some(60));
        assert_eq!(governor.admit(Urgency::Poll, NOW), Ok(()));
        assert_eq!(governor.admit(Urgency::Poll, NOW), Ok(()));
        assert_eq!(governor.admit(Urgency::Poll, NOW), Err(40));
        for _ in 0..30 {
            assert_eq!(governor.admit(Urgency::Act, NOW), Ok(()));
        }
        assert_eq!(governor.admit(Urgency::Act, NOW), Err(40));
        assert_eq!(
            governor.admit(Urgency::Poll, NOW + 40_000),
            Ok(()),
            "a new window"
        );
    }

    #[test]
    fn after_429_nothing_goes_out() {
        let governor = Governor::new(0);
        let limits = Limits {
            retry_after: Some(7),
            ..Limits::default()
        };
        governor.observe(429, limits, None, NOW);
        assert_eq!(governor.admit(Urgency::Act, NOW + 1), Err(7));
        assert_eq!(governor.admit(Urgency::Act, NOW + 6001), Err(1));
        assert_eq!(governor.admit(Urgency::Act, NOW + 7000), Ok(()));
        let absurd = Limits {
            retry_after: Some(999_999),
            ..Limits::default()
        };
        governor.observe(429, absurd, None, NOW);
        assert_eq!(governor.admit(Urgency::Act, NOW), Err(300));
    }

    #[test]
    fn the_reset_counts_on_the_services_clock() {
        let governor = Governor::new(0);
        let theirs = NOW / 1000 + 86_400;
        governor.observe(200, limits(60, 0, theirs + 12), Some(theirs), NOW);
        assert_eq!(governor.admit(Urgency::Act, NOW), Err(12));
    }

    #[test]
    fn an_older_answer_does_not_give_back_what_is_used() {
        let governor = Governor::new(0);
        let reset = NOW / 1000 + 40;
        governor.observe(200, limits(60, 1, reset), None, NOW);
        governor.observe(200, limits(60, 30, reset), None, NOW);
        assert_eq!(governor.admit(Urgency::Act, NOW), Ok(()));
        assert_eq!(governor.admit(Urgency::Act, NOW), Err(40));
    }
}

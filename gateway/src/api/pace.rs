//! How many requests one subject may make: a token bucket each, so that one customer's broken page does not cost the others.

use crate::ledger::Subject;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

const MINUTE_MS: u64 = 60_000;

/// A bucket, in thousandths of a request.
#[derive(Debug)]
struct Bucket {
    left: u64,
    at_ms: u64,
}

/// All subjects' buckets. A full one is not kept.
#[derive(Debug, Default)]
struct Buckets {
    by_subject: HashMap<Subject, Bucket>,
    swept_ms: u64,
}

/// A cap on the requests of each subject.
#[derive(Debug)]
pub struct Pace {
    per_minute: u64,
    buckets: Mutex<Buckets>,
}

impl Pace {
    /// Lets each subject make `per_minute` requests a minute, all of them at once if it likes.
    #[must_use]
    pub fn new(per_minute: u32) -> Self {
        Self {
            per_minute: u64::from(per_minute.max(1)),
            buckets: Mutex::default(),
        }
    }

    /// Counts one request of `subject` at `now_ms` (milliseconds on a monotonic clock).
    ///
    /// # Errors
    /// The seconds to wait, at least 1.
    pub fn admit(&self, subject: &Subject, now_ms: u64) -> Result<(), u64> {
        self.admit_at(self.per_minute, subject, now_ms)
    }

    fn admit_at(&self, per_minute: u64, subject: &Subject, now_ms: u64) -> Result<(), u64> {
        let full = per_minute * 1000;
        // Numbers only: nothing can be left half written.
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if now_ms.saturating_sub(buckets.swept_ms) >= MINUTE_MS {
            buckets.swept_ms = now_ms;
            // Whatever was left in it, a minute fills a bucket.
            buckets
                .by_subject
                .retain(|_, bucket| now_ms.saturating_sub(bucket.at_ms) < MINUTE_MS);
        }
        if !buckets.by_subject.contains_key(subject) {
            let bucket = Bucket {
                left: full - 1000,
                at_ms: now_ms,
            };
            buckets.by_subject.insert(subject.clone(), bucket);
            return Ok(());
        }
        let Some(bucket) = buckets.by_subject.get_mut(subject) else {
            return Ok(());
        };
        let refill = now_ms.saturating_sub(bucket.at_ms).min(MINUTE_MS) * full / MINUTE_MS;
        if refill > 0 || bucket.left > full {
            bucket.left = (bucket.left + refill).min(full);
            bucket.at_ms = now_ms;
        }
        if bucket.left < 1000 {
            let missing_ms = (1000 - bucket.left) * MINUTE_MS / full;
            return Err(missing_ms.div_ceil(1000).max(1));
        }
        bucket.left -= 1000;
        Ok(())
    }
}

/// A cap on the calls to the service that each subject's requests cost.
#[derive(Debug)]
pub struct Calls {
    pace: Pace,
    share: bool,
}

/// The part of the key's rate that one subject may use up, unless the operator names a number: three others still pair.
const SHARE: u64 = 4;

impl Calls {
    /// At most `per_minute`; with `share` also at most a quarter of the key's rate.
    #[must_use]
    pub fn new(per_minute: u32, share: bool) -> Self {
        Self {
            pace: Pace::new(per_minute),
            share,
        }
    }

    /// Counts one call of `subject` at `now_ms` (milliseconds on a monotonic clock); `rate` is the key's in calls a minute, if known.
    ///
    /// # Errors
    /// The seconds to wait, at least 1.
    pub fn admit(&self, subject: &Subject, rate: Option<u64>, now_ms: u64) -> Result<(), u64> {
        let share = rate
            .filter(|_| self.share)
            .map(|rate| (rate / SHARE).max(1));
        let per_minute = self.pace.per_minute.min(share.unwrap_or(u64::MAX));
        self.pace.admit_at(per_minute, subject, now_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(n: usize) -> Subject {
        Subject::of_token(&n.to_string())
    }

    #[test]
    fn a_burst_is_served_and_then_the_rate_holds() {
        let pace = Pace::new(60);
        for _ in 0..60 {
            assert_eq!(pace.admit(&subject(1), 5), Ok(()));
        }
        assert_eq!(pace.admit(&subject(1), 5), Err(1));
        assert_eq!(pace.admit(&subject(2), 5), Ok(()), "others are not held up");
        assert_eq!(pace.admit(&subject(1), 1005), Ok(()));
        assert_eq!(pace.admit(&subject(1), 1005), Err(1));
        let served = (0..120_000u64)
            .step_by(7)
            .filter(|ms| pace.admit(&subject(1), 2000 + ms).is_ok())
            .count();
        assert!((119..=122).contains(&served), "{served} in two minutes");
    }

    #[test]
    fn the_wait_that_is_named_is_long_enough() {
        let pace = Pace::new(7);
        let mut now = 0;
        for _ in 0..200 {
            if let Err(seconds) = pace.admit(&subject(1), now) {
                now += seconds * 1000;
                assert_eq!(pace.admit(&subject(1), now), Ok(()));
            }
        }
        assert!(now > 20 * MINUTE_MS);
    }

    #[test]
    fn nobody_has_more_than_a_quarter_of_the_rate_unless_a_number_was_named() {
        let served = |calls: &Calls, rate, now_ms| {
            let admitted = |_: &i32| calls.admit(&subject(1), rate, now_ms).is_ok();
            (0..200).filter(admitted).count()
        };
        let calls = Calls::new(60, true);
        assert_eq!(served(&calls, None, 0), 60, "of a rate that is not known");
        let calls = Calls::new(60, true);
        assert_eq!(calls.admit(&subject(1), None, 0), Ok(()));
        assert_eq!(served(&calls, Some(60), 0), 15, "what is left shrinks");
        assert_eq!(served(&calls, Some(60), MINUTE_MS / 2), 7);
        assert_eq!(served(&calls, Some(600), MINUTE_MS * 2), 60);
        assert_eq!(served(&calls, Some(1), MINUTE_MS * 4), 1);
        assert_eq!(served(&Calls::new(60, false), Some(60), 0), 60);
    }

    #[test]
    fn memory_follows_who_asks() {
        let pace = Pace::new(60);
        for n in 0..10_000 {
            assert_eq!(pace.admit(&subject(n), n as u64 * 1000), Ok(()));
        }
        assert!(pace.buckets.lock().unwrap().by_subject.len() <= 121);
    }
}

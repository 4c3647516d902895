//! A success kept for 24 hours under its `Idempotency-Key`.

use std::collections::{HashMap, VecDeque};

const KEEP_MS: u64 = 24 * 3600 * 1000;

struct Kept {
    request: Vec<u8>,
    answer: Vec<u8>,
    at_ms: u64,
}

/// What is known of a key before a create runs.
pub(crate) enum Known {
    /// Not used, or more than 24 hours ago.
    New,
    /// Used with this very body: the answer's bytes.
    Replay(Vec<u8>),
    /// Used with another body.
    Other,
}

#[derive(Default)]
pub(crate) struct Idempotency {
    kept: HashMap<(u64, String), Kept>,
    by_age: VecDeque<(u64, (u64, String))>,
}

impl Idempotency {
    /// Looks up `key` of the API key with fingerprint `owner`.
    pub(crate) fn look_up(&mut self, owner: u64, key: &str, body: &[u8], now_ms: u64) -> Known {
        self.forget(now_ms);
        match self.kept.get(&(owner, key.to_owned())) {
            None => Known::New,
            Some(kept) if kept.request == body => Known::Replay(kept.answer.clone()),
            Some(_) => Known::Other,
        }
    }

    pub(crate) fn keep(&mut self, owner: u64, key: &str, body: &[u8], answer: &[u8], now_ms: u64) {
        let slot = (owner, key.to_owned());
        self.by_age.push_back((now_ms, slot.clone()));
        let kept = Kept {
            request: body.to_vec(),
            answer: answer.to_vec(),
            at_ms: now_ms,
        };
        self.kept.insert(slot, kept);
    }

    fn forget(&mut self, now_ms: u64) {
        while let Some((at_ms, _)) = self.by_age.front()
            && now_ms.saturating_sub(*at_ms) >= KEEP_MS
        {
            if let Some((at_ms, slot)) = self.by_age.pop_front()
                && self.kept.get(&slot).is_some_and(|k| k.at_ms == at_ms)
            {
                self.kept.remove(&slot);
            }
        }
    }
}

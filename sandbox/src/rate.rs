//! Requests per key in fixed windows of one minute.

use std::collections::HashMap;

const WINDOW_MS: u64 = 60_000;

/// Where a key stands after a request was counted.
#[derive(Clone, Copy)]
pub(crate) struct Standing {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// Unix seconds at which the window ends.
    pub(crate) reset_s: u64,
    /// Whole seconds until then, at least 1; set when the request is past the limit.
    pub(crate) retry_after_s: Option<u64>,
}

#[derive(Default)]
pub(crate) struct Rates {
    window: u64,
    used: HashMap<u64, u32>,
}

impl Rates {
    /// Counts one request of a key, given by its fingerprint. A refused request costs nothing.
    pub(crate) fn count(&mut self, key: u64, limit: u32, now_ms: u64) -> Standing {
        let window = now_ms / WINDOW_MS;
        if window != self.window {
            self.window = window;
            self.used.clear();
        }
        let reset_s = (window + 1) * (WINDOW_MS / 1000);
        let used = self.used.entry(key).or_default();
        let refused = *used >= limit;
        if !refused {
            *used += 1;
        }
        Standing {
            limit,
            remaining: limit - *used,
            reset_s,
            retry_after_s: refused.then(|| reset_s.saturating_sub(now_ms / 1000).max(1)),
        }
    }
}

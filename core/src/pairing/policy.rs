//! Every interval, deadline and limit of the lifecycle, as data in one place.

use crate::time::Millis;

/// When requests go out and how long things are waited for. [`Default`] is what `product.md`'s table of attributes promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Status polls while pending. 3 s: a person who scanned looks up within about that time, and at the smallest plan's 60 requests a
    /// minute three customers can wait at once.
    pub poll_interval: Millis,
    /// The interval once the same wait has lasted [`Policy::POLL_SLOWER_AFTER`].
    pub poll_slower: Millis,
    /// The interval once the same wait has lasted [`Policy::POLL_SLOWEST_AFTER`].
    pub poll_slowest: Millis,
    /// Reads after connecting, while visible; zero for none. 30 s: a lost phone is news, not an emergency.
    pub watch_interval: Millis,
    /// A new code is asked for this long before the old one ends, but at most a quarter of its life before. 10 s: longer than a
    /// status read plus `/qr` on a bad line, so that the plate is not empty at the end.
    pub refresh_lead: Millis,
    /// Timer-driven refreshes per user gesture or page load (invariant 14). 5: twelve minutes of codes, then the page is taken for
    /// forgotten.
    pub max_refreshes: u32,
}

impl Policy {
    /// A code lives at most this long from the start of its request (contract, rule 3).
    pub const CODE_LIFE_MAX: Millis = Millis::from_secs(120);
    /// A request without a whole answer by then is aborted (invariants, bad inputs).
    pub const REQUEST_DEADLINE: Millis = Millis::from_secs(10);
    /// `getToken` is given this long after a 401: a quiet renewal is one request, and a person who has to sign in can press Retry.
    pub const TOKEN_DEADLINE: Millis = Millis::from_secs(30);
    /// A second reading is given this long: the reader may have to be fetched on a bad line, and the code's life runs meanwhile.
    pub const READING_DEADLINE: Millis = Millis::from_secs(10);
    /// No interval is shorter, whatever a developer asks for.
    pub const INTERVAL_MIN: Millis = Millis(250);
    /// After this long pending, [`Policy::poll_slower`] applies.
    pub const POLL_SLOWER_AFTER: Millis = Millis::from_secs(30);
    /// After this long pending, [`Policy::poll_slowest`] applies.
    pub const POLL_SLOWEST_AFTER: Millis = Millis::from_secs(120);
    /// First wait of the exponential back-off (the API's own advice).
    pub const BACKOFF_FIRST: Millis = Millis::from_secs(1);
    /// Longest wait of the exponential back-off (the API's own advice).
    pub const BACKOFF_MAX: Millis = Millis::from_secs(60);
    /// `Retry-After` is believed up to this.
    pub const RETRY_AFTER_MAX: Millis = Millis::from_secs(300);
    /// Added to the interval by each 429 until the phase changes (invariant 13).
    pub const SLOW_DOWN_STEP: Millis = Millis::from_secs(5);
    /// The most that 429s add.
    pub const SLOW_DOWN_MAX: Millis = Millis::from_secs(30);
    /// First poll interval while the service reconnects; doubles.
    pub const RECONNECT_FIRST: Millis = Millis::from_secs(5);
    /// Longest poll interval while the service reconnects.
    pub const RECONNECT_MAX: Millis = Millis::from_secs(60);
    /// Taken off a code's remaining time when it crosses tabs. Their clocks have no common origin, so the message's own way cannot be
    /// measured; this is longer than one takes between tabs that are awake.
    pub const MESSAGE_DELAY: Millis = Millis(500);
    /// Automatic attempts to fetch another code after one that could not be drawn (bad inputs, **R**).
    pub const BAD_CODE_RETRIES: u32 = 3;
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            poll_interval: Millis::from_secs(3),
            poll_slower: Millis::from_secs(5),
            poll_slowest: Millis::from_secs(10),
            watch_interval: Millis::from_secs(30),
            refresh_lead: Millis::from_secs(10),
            max_refreshes: 5,
        }
    }
}

//! The only reader of a clock: monotonic, and counting sleep.

use std::cell::Cell;

use sendapi_pairing_core::time::Instant;

/// A monotonic clock that also moves while the machine sleeps.
///
/// `performance.now()` stands still during sleep in some browsers, and the wall clock can be set. So time advances by the former, and
/// by the latter where it ran ahead by more than [`JUMP`]: that is a sleep, or somebody who set the clock forward, which merely ends a
/// code early. A clock set back changes nothing.
#[derive(Debug)]
pub(super) struct Clock {
    start: f64,
    slept: Cell<f64>,
    /// How far the wall clock is ahead of the monotonic one.
    ahead: Cell<f64>,
}

/// Where it begins, in milliseconds: later than any code, or any other time that the core knows of, may have begun before the page.
const ORIGIN: f64 = 1_000_000.0;

/// The two clocks may drift apart by this much between readings without meaning anything, in milliseconds.
const JUMP: f64 = 1000.0;

impl Clock {
    pub(super) fn new() -> Self {
        let start = monotonic();
        Self {
            start,
            slept: Cell::new(0.0),
            ahead: Cell::new(js_sys::Date::now() - start),
        }
    }

    pub(super) fn now(&self) -> Instant {
        let monotonic = monotonic();
        let ahead = js_sys::Date::now() - monotonic;
        let gained = ahead - self.ahead.replace(ahead);
        if gained > JUMP {
            self.slept.set(self.slept.get() + gained);
        }
        let millis = ORIGIN + monotonic - self.start + self.slept.get();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a float to integer cast saturates, and the value is at least zero"
        )]
        Instant(millis as u64)
    }
}

fn monotonic() -> f64 {
    web_sys::window()
        .and_then(|window| window.performance())
        .map_or(0.0, |performance| performance.now())
}

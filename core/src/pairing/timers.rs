//! Every wait of a pairing, by name, in one table.

use crate::time::Instant;

/// What can be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timer {
    /// The code on show, or the unverified original that is kept, dies.
    Code,
    /// It is time for the next code.
    Refresh,
    /// The request under way has had its time.
    Request,
    /// The developer's `getToken` has had its time.
    Token,
    /// The next request is due.
    Send,
}

impl Timer {
    /// In the order in which timers that are due together fire: a dead code goes first.
    pub(super) const ALL: [Self; 5] = [
        Self::Code,
        Self::Refresh,
        Self::Request,
        Self::Token,
        Self::Send,
    ];
}

/// The deadlines that are set.
#[derive(Clone, Debug, Default)]
pub(super) struct Timers([Option<Instant>; Timer::ALL.len()]);

impl Timers {
    pub(super) fn set(&mut self, timer: Timer, at: Instant) {
        self.0[timer as usize] = Some(at);
    }

    pub(super) fn clear(&mut self, timer: Timer) {
        self.0[timer as usize] = None;
    }

    pub(super) fn clear_all(&mut self) {
        self.0 = Default::default();
    }

    pub(super) fn get(&self, timer: Timer) -> Option<Instant> {
        self.0[timer as usize]
    }

    /// The earliest deadline with its name, [`Timer::Send`] aside where nothing may be sent.
    pub(super) fn next(&self, may_send: bool) -> Option<(Instant, Timer)> {
        let mut first: Option<(Instant, Timer)> = None;
        for timer in Timer::ALL {
            if timer == Timer::Send && !may_send {
                continue;
            }
            if let Some(at) = self.get(timer)
                && first.is_none_or(|(earliest, _)| at < earliest)
            {
                first = Some((at, timer));
            }
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_comes_first_and_a_dead_code_before_all_else_that_is_due_with_it() {
        let mut timers = Timers::default();
        assert_eq!(timers.next(true), None);
        for timer in Timer::ALL.into_iter().rev() {
            timers.set(timer, Instant(5));
            assert_eq!(timers.get(timer), Some(Instant(5)));
        }
        assert_eq!(timers.next(true), Some((Instant(5), Timer::Code)));
        timers.set(Timer::Send, Instant(4));
        assert_eq!(timers.next(true), Some((Instant(4), Timer::Send)));
        assert_eq!(timers.next(false), Some((Instant(5), Timer::Code)));
        timers.clear(Timer::Send);
        timers.clear(Timer::Code);
        assert_eq!(timers.next(true), Some((Instant(5), Timer::Refresh)));
        timers.clear_all();
        assert_eq!(timers.next(true), None);
    }
}

//! Every wait of a pairing, by name, in one table.

use crate::time::Instant;

/// What can be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timer {
    /// The code on show, or the unverified original that is kept, dies.
    Code,
    /// The second reading of a code has had its time.
    Reading,
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
    /// In the order in which they fire where several have passed, as after a sleep: a dead code goes first.
    pub(super) const ALL: [Self; 6] = [
        Self::Code,
        Self::Reading,
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

    /// The earliest deadline, [`Timer::Send`] aside where nothing may be sent.
    pub(super) fn next(&self, may_send: bool) -> Option<Instant> {
        self.counting(may_send).map(|(at, _)| at).min()
    }

    /// The first of those that have passed, by the order of [`Timer::ALL`].
    pub(super) fn due(&self, may_send: bool, now: Instant) -> Option<Timer> {
        let due = self.counting(may_send).find(|(at, _)| *at <= now);
        due.map(|(_, timer)| timer)
    }

    fn counting(&self, may_send: bool) -> impl Iterator<Item = (Instant, Timer)> + '_ {
        Timer::ALL
            .into_iter()
            .filter(move |timer| may_send || *timer != Timer::Send)
            .filter_map(|timer| Some((self.get(timer)?, timer)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_counts_and_a_dead_code_goes_before_all_else_that_is_due() {
        let mut timers = Timers::default();
        assert_eq!(timers.next(true), None);
        assert_eq!(timers.due(true, Instant(9)), None);
        for timer in Timer::ALL.into_iter().rev() {
            timers.set(timer, Instant(5));
            assert_eq!(timers.get(timer), Some(Instant(5)));
        }
        timers.set(Timer::Send, Instant(4));
        assert_eq!(timers.next(true), Some(Instant(4)));
        assert_eq!(timers.next(false), Some(Instant(5)));
        assert_eq!(timers.due(true, Instant(3)), None);
        assert_eq!(timers.due(true, Instant(4)), Some(Timer::Send));
        assert_eq!(timers.due(false, Instant(4)), None);
        assert_eq!(timers.due(true, Instant(5)), Some(Timer::Code));
        timers.clear(Timer::Code);
        assert_eq!(timers.due(true, Instant(5)), Some(Timer::Reading));
        timers.clear_all();
        assert_eq!(timers.next(true), None);
    }
}

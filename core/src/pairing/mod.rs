//! The lifecycle of one pairing, without I/O.
//!
//! [`Pairing::handle`] takes one thing that happened and the time at which it did, and changes the state once. Then the host drains
//! [`Pairing::poll_output`] until there is nothing left, carries each output out in order, draws [`Pairing::snapshot`], and comes back
//! with [`Input::Timeout`] when [`Pairing::next_timeout`] has passed. No order of inputs makes it panic: what does not fit the state, an
//! answer to an older question above all, changes nothing.
//!
//! Rules are cited as "invariant n" (the lifecycle's invariants) and "rule n" (the contract's careful client).

mod acts;
mod answers;
mod archive;
mod code;
mod config;
mod input;
mod machine;
mod output;
mod pace;
mod policy;
mod random;
mod replay;
mod requests;
mod snapshot;
mod tabs;
mod timeline;
mod timers;

use std::rc::Rc;

use crate::time::Instant;
use machine::Machine;
use timeline::Timeline;

pub use config::{Config, IdempotencyKey, Slot, Surroundings, Trigger};
pub use input::{Act, Input, Unread};
pub use output::{Ask, Event, Output};
pub use policy::Policy;
pub use snapshot::{Drawing, Offers, Phase, ShownQr, Snapshot, UnlinkStage};
pub use tabs::TabMessage;

pub use replay::replay;

/// One pairing: a session that is to be linked, from the first request to an unlink.
///
/// A clone draws the same idempotency keys as its original: it is for looking ahead, never for pairing beside it.
#[derive(Clone)]
pub struct Pairing {
    machine: Machine,
    timeline: Timeline,
}

impl Pairing {
    /// A pairing in phase `idle`, which waits for [`Act::Mount`].
    ///
    /// `seed` is what idempotency keys and jitter are drawn from: cryptographic randomness, never used for another pairing.
    #[must_use]
    pub fn new(config: Config, surroundings: Surroundings, seed: [u8; 16]) -> Self {
        let machine = Machine::new(Rc::new(config), surroundings, seed);
        Self {
            timeline: Timeline::of_new(&machine),
            machine,
        }
    }

    /// Takes note of one thing that happened at `now`. Deadlines that have passed by then are honoured first.
    pub fn handle(&mut self, input: Input, now: Instant) {
        let note = Timeline::digest(&input, &self.machine, now);
        self.machine.handle(input, now);
        match note {
            Some(note) => self.timeline.add(note, &self.machine),
            None => self.timeline = Timeline::new(&self.machine),
        }
    }

    /// The next thing to do, until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.machine.outputs.pop_front()
    }

    /// When [`Input::Timeout`] is due: the earliest deadline. `None` where nothing is waited for, and always on a hidden page
    /// (invariant 12).
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        self.machine.next_deadline()
    }

    /// What there is to show.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.machine.snapshot
    }

    /// What happened lately, as numbers in JSON: bounded, redacted, and enough for [`replay`] (`docs/diagnostics.md`).
    #[must_use]
    pub fn diagnostics(&self) -> String {
        self.timeline.describe(&self.machine)
    }
}

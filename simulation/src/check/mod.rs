//! The invariants, asserted from what goes in and comes out of the core; nothing here reads the core's insides.

mod events;
mod inputs;
mod requests;
mod state;

use sendapi_pairing_core::pairing::Phase;

pub(crate) use events::told;
pub(crate) use inputs::before;
pub(crate) use requests::sent;
pub(crate) use state::after;

/// An invariant that did not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Its number in the list of invariants.
    pub invariant: u8,
    /// What was seen.
    pub what: &'static str,
}

pub(crate) type Verdict = Result<(), Breach>;

fn hold(holds: bool, invariant: u8, what: &'static str) -> Verdict {
    if holds {
        Ok(())
    } else {
        Err(Breach { invariant, what })
    }
}

fn is_rest(phase: Phase) -> bool {
    matches!(
        phase,
        Phase::Idle | Phase::Failed | Phase::Unlinked | Phase::Error
    )
}

//! Which events may be told, and when.

use sendapi_pairing_core::{
    error::ErrorCode,
    pairing::{Event, Phase},
};

use super::{Verdict, hold, is_rest};
use crate::tab::{Tab, Watch};

/// Phases that are told by an event of their own beside the change.
fn has_event(phase: Phase) -> bool {
    matches!(
        phase,
        Phase::Connected
            | Phase::WrongNumber
            | Phase::Reconnecting
            | Phase::Failed
            | Phase::Unlinked
            | Phase::Expired
    )
}

/// The event of `phase` is told: in that phase, and once.
fn once(watch: &mut Watch, phase: Phase) -> Verdict {
    let first = watch.told.replace(phase).is_none();
    watch.owes = None;
    hold(
        watch.phase == Some(phase) && first,
        16,
        "a phase's own event is not told once per transition",
    )
}

/// An event that is told.
pub(crate) fn told(tab: &mut Tab, event: &Event) -> Verdict {
    let watch = &mut tab.watch;
    match event {
        Event::PhaseChange { phase, previous } => {
            let before = watch.phase.replace(*phase).unwrap_or(Phase::Idle);
            hold(
                before == *previous && phase != previous,
                16,
                "a phase change that does not follow the last one",
            )?;
            watch.rate_limits = 0;
            watch.told = None;
            // Back from an unlink that was not to be, nothing new has happened.
            let back = *previous == Phase::Unlinking && *phase != Phase::Unlinked;
            watch.owes = Some(*phase).filter(|phase| has_event(*phase) && !back);
            // Nobody waits for the token any more.
            watch.must_read &= !is_rest(*phase);
            if *phase == Phase::Error {
                watch.renewing = false;
                watch.renewals = 0;
            }
        }
        Event::Connected { .. } => once(watch, Phase::Connected)?,
        Event::Disconnected { .. } => once(watch, Phase::Reconnecting)?,
        Event::Failed { .. } => once(watch, Phase::Failed)?,
        Event::Unlinked { .. } => once(watch, Phase::Unlinked)?,
        Event::Expired => once(watch, Phase::Expired)?,
        Event::Qr { .. } => hold(
            watch.phase == Some(Phase::AwaitingScan),
            16,
            "a code is told outside its phase",
        )?,
        Event::Error(error) => {
            let clean = !error.message.contains("sk_") && !error.message.contains("2@");
            hold(clean, 17, "a secret in an error")?;
            if error.code == ErrorCode::WrongNumber {
                once(watch, Phase::WrongNumber)?;
            }
        }
        _ => {}
    }
    Ok(())
}

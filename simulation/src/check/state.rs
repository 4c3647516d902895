//! What must hold whenever the core rests.

use sendapi_pairing_core::{
    model::Status,
    pairing::{Drawing, Phase, Policy},
};

use super::{Verdict, hold, is_rest};
use crate::{
    codes::{Code, Pool},
    tab::Tab,
};

/// How long a message between tabs takes at most, and how far `Date`'s whole seconds can be off.
const BUS: u64 = 40;
const DATE: u64 = 1000;

/// What must hold whenever the core rests.
pub(crate) fn after(tab: &mut Tab, codes: &[Code], pool: &Pool, t: u64, woke: u64) -> Verdict {
    let now = tab.clock(t);
    let snapshot = tab.pairing.snapshot();
    let phase = snapshot.phase;
    hold(
        tab.watch.phase.unwrap_or(Phase::Idle) == phase,
        16,
        "the phase changed without an event",
    )?;
    hold(
        tab.watch.owes.is_none(),
        16,
        "a phase began without its own event",
    )?;
    hold(
        tab.around.visible || tab.pairing.next_timeout().is_none(),
        12,
        "a timer on a hidden page",
    )?;
    hold(
        tab.around.visible || tab.open.is_empty(),
        4,
        "a request outlives the page's hiding",
    )?;
    if is_rest(phase) {
        hold(
            tab.open.is_empty() && tab.pairing.next_timeout().is_none(),
            9,
            "work in a phase that waits for a person",
        )?;
    }
    let idle = tab.open.is_empty() && tab.pairing.next_timeout().is_none();
    let waits_for_nobody = match phase {
        Phase::Checking
        | Phase::Creating
        | Phase::AwaitingScan
        | Phase::Refreshing
        | Phase::Expired
        | Phase::Reconnecting
        | Phase::ActionRequired => true,
        Phase::Connected | Phase::WrongNumber => tab.config.policy.watch_interval.0 > 0,
        _ => false,
    };
    if tab.around.visible && tab.around.online && waits_for_nobody {
        hold(!idle, 18, "nothing is waited for, and nobody is asked")?;
    }
    match (phase, tab.watch.status) {
        (Phase::ActionRequired, status) => {
            hold(
                status == Some(Status::Unknown),
                7,
                "a known status is not followed",
            )?;
        }
        (Phase::AwaitingScan | Phase::Connected | Phase::Reconnecting, Some(Status::Unknown)) => {
            hold(false, 7, "an unknown status is not shown as one")?;
        }
        _ => {}
    }
    if let Some(intent) = &tab.watch.intent {
        let stored = tab.storage.idempotency_key.as_ref();
        hold(
            !tab.config.persist || stored.is_some_and(|key| key.as_str() == intent.key),
            1,
            "the key of an unanswered create is no longer stored",
        )?;
    }
    let Some(shown) = &snapshot.qr else {
        tab.watch.shown = None;
        return hold(
            phase != Phase::AwaitingScan,
            3,
            "a code is promised and none is shown",
        );
    };
    hold(phase == Phase::AwaitingScan, 3, "a code outside its phase")?;
    hold(tab.around.visible, 4, "a code on a hidden page")?;
    hold(
        tab.watch.status == Some(Status::Pending),
        3,
        "a code for a session that is not pending",
    )?;
    hold(now < shown.deadline, 3, "a code past its deadline")?;
    hold(
        shown.deadline.0 <= shown.since.0 + Policy::CODE_LIFE_MAX.0,
        4,
        "a code that outlives the cap",
    )?;
    let number = match tab.watch.shown {
        Some((generation, number)) if generation == shown.generation => number,
        _ => {
            let number = match &shown.drawing {
                Drawing::Verified(matrix) => {
                    let number = pool.find(matrix, codes.len());
                    hold(number.is_some(), 3, "a code that the service never sent")?;
                    number
                }
                Drawing::Original(_) => None,
            };
            tab.watch.shown = Some((shown.generation, number));
            number
        }
    };
    let Some(code) = number.and_then(|number| codes.get(number)) else {
        return Ok(());
    };
    // What another tab said before the machine slept arrives after it; that tab's next word is close behind.
    if tab.around.tabs && t <= woke + 3 * BUS {
        return Ok(());
    }
    let killed = code.killed.is_some_and(|(at, by)| {
        // A tab that has just learnt its session's name has to ask what there is first.
        let told = tab.around.tabs && t > at.max(tab.watch.joined) + 2 * BUS;
        by == tab.number || (told && !code.overtaken)
    });
    hold(!killed, 3, "a code that a /qr has killed")?;
    if let Some(limit) = code.limit {
        hold(
            shown.deadline.0.saturating_sub(tab.origin) <= limit,
            4,
            "a deadline that is not counted from the start of the request",
        )?;
    }
    hold(
        t < code.expires.saturating_add(DATE + BUS),
        3,
        "a code that is dead at the service",
    )
}

//! The invariants, asserted from what goes in and comes out of the core; nothing here reads the core's insides.

use sendapi_pairing_core::{
    api::{Answer, Call, CodeOffer, Failure},
    error::ErrorCode,
    model::Status,
    pairing::{Drawing, Event, Input, Phase, Policy, TabMessage},
};

use crate::{
    codes::{Code, Pool, is_stand_in},
    tab::{Intent, Tab},
};

/// An invariant that did not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Its number in the list of invariants.
    pub invariant: u8,
    /// What was seen.
    pub what: &'static str,
}

pub(crate) type Verdict = Result<(), Breach>;

/// How long a message between tabs takes at most, and how far `Date`'s whole seconds can be off.
const BUS: u64 = 40;
const DATE: u64 = 1000;

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

/// Notes what an input means before the core sees it.
pub(crate) fn before(tab: &mut Tab, input: &Input, t: u64) {
    let phase = tab.phase();
    let policy = &tab.config.policy;
    let watch = &mut tab.watch;
    watch.acted = false;
    match input {
        Input::Act(_) => watch.acted = true,
        Input::Visible(true) => {
            watch.free = true;
            watch.resumed = true;
            watch.acted = phase == Phase::Idle;
            watch.must_read = !tab.around.visible && !is_rest(phase);
        }
        Input::Online(true) => watch.resumed = true,
        Input::Leading(true) => watch.free |= phase == Phase::Refreshing,
        Input::Heard(message) if message.kind == TabMessage::WISH => {
            // A person clicked in another tab.
            watch.timer_refreshes = 0;
            watch.free = true;
        }
        Input::OnScreen(_) => watch.acted = phase == Phase::Idle,
        Input::Configure(_) => watch.acted = true,
        Input::UnlinkDecided(true) => watch.delete_allowed = true,
        Input::TokenRenewed(outcome) => {
            if outcome.is_err() {
                watch.renewals = 0;
                watch.unauthorized = 0;
            }
            watch.renewing = false;
            watch.resumed = true;
        }
        Input::Answered { ask, outcome } => {
            let Some(at) = tab.open.iter().position(|open| open.ask == *ask) else {
                return;
            };
            let open = tab.open.remove(at);
            watch.last_end = t;
            watch.may_refresh = None;
            if matches!(open.call, Call::Get { .. }) {
                watch.last_read = t;
            }
            let Err(failure) = outcome else {
                watch.failures = 0;
                watch.renewals = 0;
                watch.unauthorized = 0;
                if matches!(open.call, Call::Create { .. }) {
                    watch.create = (open.since, t);
                }
                answered(tab, &open.call, outcome, t);
                return;
            };
            let code = failure.error.code;
            if code == ErrorCode::Unauthorized {
                watch.unauthorized += 1;
            } else if code.is_transient() {
                watch.failures += 1;
            } else {
                watch.failures = 0;
            }
            if code == ErrorCode::RateLimited {
                watch.rate_limits += 1;
            }
            if code.is_transient()
                && let Some(wait) = failure.retry_after
            {
                let least = match phase {
                    Phase::Connected | Phase::WrongNumber => policy.watch_interval.0,
                    Phase::Reconnecting => Policy::RECONNECT_FIRST.0,
                    Phase::Creating | Phase::Unlinking => Policy::BACKOFF_FIRST.0,
                    _ => policy.poll_interval.0,
                };
                let wait = wait.0.max(least).min(Policy::RETRY_AFTER_MAX.0);
                watch.fence = watch.fence.max(t + wait);
            }
            if matches!(open.call, Call::Qr { .. }) {
                // A second try at the same refresh is not a second refresh.
                watch.free = true;
            }
            if matches!(open.call, Call::Create { .. }) {
                refused_create(tab, failure);
            }
        }
        _ => {}
    }
    if let Input::Act(act) = input {
        use sendapi_pairing_core::pairing::Act;
        let offers = tab.pairing.snapshot().offers;
        let gesture = match act {
            Act::Start { .. } => is_rest(phase),
            Act::Refresh => offers.refresh,
            Act::Retry => offers.retry,
            Act::ShowOriginal => tab.pairing.snapshot().original_available,
            _ => false,
        };
        if gesture {
            tab.watch.timer_refreshes = 0;
            tab.watch.free = true;
            tab.watch.failures = 0;
            tab.watch.renewals = 0;
            tab.watch.unauthorized = 0;
        }
        if let Act::Start { fresh: true } = act {
            tab.watch.fresh |= is_rest(phase);
        }
        if let Act::Stop { discard: true } = act {
            tab.watch.renewals = 0;
            tab.watch.unauthorized = 0;
            tab.watch.delete_allowed = true;
        }
    }
}

/// Whether a code may be one that the core cannot show: a `/qr` that follows such a one is not a timer's doing.
fn may_be_bad(code: &CodeOffer) -> bool {
    code.life.is_some_and(|life| life.0 <= 15_000)
        || code
            .payload
            .as_ref()
            .is_none_or(|payload| !is_stand_in(payload.expose()))
}

fn answered(tab: &mut Tab, call: &Call, outcome: &Result<Answer, Failure>, t: u64) {
    let phase = tab.phase();
    let watch = &mut tab.watch;
    match (call, outcome) {
        (Call::Create { .. }, Ok(Answer::Created { session, code })) => {
            watch.intent = None;
            watch.status = Some(session.status);
            let doubtful = code.life.is_none() || tab.around.tabs;
            watch.free = may_be_bad(code) || (std::mem::take(&mut watch.repeated) && doubtful);
        }
        (Call::Get { fresh, .. }, Ok(Answer::Session(session))) => {
            watch.status = Some(session.status);
            watch.free |= phase == Phase::Checking;
            if *fresh && session.status == Status::Pending {
                watch.may_refresh = Some(t);
            }
        }
        (Call::Qr { .. }, Ok(Answer::Code(code))) => {
            watch.free = may_be_bad(code);
        }
        (Call::Delete { id }, Ok(Answer::Deleted)) => {
            watch.dead.push(id.clone());
            watch.delete_allowed = false;
            watch.status = None;
        }
        _ => {}
    }
}

fn refused_create(tab: &mut Tab, failure: &Failure) {
    let code = failure.error.code;
    let decided = matches!(
        code,
        ErrorCode::QuotaExceeded
            | ErrorCode::Conflict
            | ErrorCode::InvalidRequest
            | ErrorCode::NotFound
    );
    let undone = decided || matches!(code, ErrorCode::Forbidden | ErrorCode::Unauthorized);
    if let Some(intent) = &mut tab.watch.intent {
        if code.is_transient() && code != ErrorCode::RateLimited {
            intent.unknown = true;
        }
        if decided || (undone && !intent.unknown) {
            tab.watch.intent = None;
        }
    }
}

/// A request that goes out.
pub(crate) fn sent(tab: &mut Tab, call: &Call, phase_before: Phase, t: u64) -> Verdict {
    let snapshot = tab.pairing.snapshot();
    let watch = &mut tab.watch;
    let resumed = std::mem::take(&mut watch.resumed);
    hold(tab.around.visible, 12, "a request on a hidden page")?;
    hold(
        !is_rest(phase_before) || watch.acted,
        9,
        "a request that nobody asked for",
    )?;
    hold(t >= watch.fence, 13, "a request before Retry-After")?;
    hold(
        !watch.renewing,
        15,
        "a request while the token is being renewed",
    )?;
    hold(
        watch.unauthorized < 2 || watch.acted,
        15,
        "a third try after two 401s",
    )?;
    if let Some(id) = call.session_id() {
        hold(
            !watch.dead.contains(id),
            10,
            "a request about a deleted session",
        )?;
    }
    if let Some(slot) = watch.first_request.take() {
        let resumed = match call {
            Call::Create { key, .. } => match (&slot.idempotency_key, &slot.session_id) {
                (Some(stored), _) => stored == key,
                (None, known) => known.is_none() || watch.fresh,
            },
            Call::Get { id, .. } => {
                tab.config.session_id.as_ref() == Some(id) || slot.session_id.as_ref() == Some(id)
            }
            _ => false,
        };
        hold(resumed, 19, "a new load does not resume what was stored")?;
    }
    if std::mem::take(&mut watch.must_read) {
        let reads = match call {
            Call::Get { .. } => true,
            Call::Create { .. } => phase_before == Phase::Creating || is_rest(phase_before),
            Call::Delete { .. } => phase_before == Phase::Unlinking,
            _ => false,
        };
        hold(reads, 4, "the status is not read first on return")?;
    }
    match snapshot.phase {
        Phase::ActionRequired => hold(
            matches!(call, Call::Get { .. }),
            7,
            "more than a read under an unknown status",
        )?,
        Phase::Reconnecting => hold(
            matches!(call, Call::Get { .. }),
            8,
            "more than a read while reconnecting",
        )?,
        _ => {}
    }
    match call {
        Call::Create { key, .. } => {
            let key_before = watch.last_key.replace(key.as_str().to_owned());
            watch.repeated = key_before.is_some_and(|before| before == key.as_str());
            if let Some(intent) = &watch.intent {
                hold(
                    intent.key == key.as_str(),
                    1,
                    "an unknown outcome is repeated as a new create",
                )?;
            } else {
                watch.intent = Some(Intent {
                    key: key.as_str().to_owned(),
                    unknown: false,
                });
            }
            hold(
                !tab.config.persist || tab.storage.idempotency_key.as_ref() == Some(key),
                1,
                "the key is not stored before the create",
            )?;
            retried_in_time(watch.failures, t - watch.last_end, resumed)?;
        }
        Call::Qr { .. } => {
            hold(snapshot.qr.is_none(), 3, "a code stays while /qr is asked")?;
            hold(
                watch.may_refresh == Some(t),
                6,
                "/qr without a fresh read of a pending session",
            )?;
            if std::mem::take(&mut watch.free) {
                // Not a timer's doing.
            } else {
                watch.timer_refreshes += 1;
                hold(
                    watch.timer_refreshes <= tab.config.policy.max_refreshes,
                    14,
                    "too many timer-driven refreshes",
                )?;
            }
        }
        Call::Get { fresh: false, .. } => {
            let policy = &tab.config.policy;
            let base = match phase_before {
                Phase::Connected | Phase::WrongNumber => policy.watch_interval.0,
                Phase::Reconnecting => Policy::RECONNECT_FIRST.0,
                Phase::Expired => policy.poll_slowest.0,
                _ => policy.poll_interval.0,
            };
            let slower = watch.rate_limits.min(6) * 5000;
            hold(
                watch.acted || resumed || t - watch.last_read >= base + slower,
                13,
                "a poll before its interval",
            )?;
        }
        Call::Get { fresh: true, .. } => {
            if phase_before == Phase::Checking {
                retried_in_time(watch.failures, t - watch.last_end, resumed)?;
            }
        }
        Call::Delete { .. } => {
            hold(watch.delete_allowed, 10, "a DELETE that nobody confirmed")?;
        }
        Call::List { .. } => hold(false, 9, "a list that nobody asked for")?,
    }
    Ok(())
}

/// Half of the back-off is waited for at least (the other half is chance).
fn retried_in_time(failures: u32, waited: u64, resumed: bool) -> Verdict {
    let Some(times) = failures.checked_sub(1).filter(|_| !resumed) else {
        return Ok(());
    };
    let back_off = (Policy::BACKOFF_FIRST.0 << times.min(16)).min(Policy::BACKOFF_MAX.0);
    hold(
        waited >= back_off / 2,
        13,
        "a retry before half of its back-off",
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
            watch.connected_events = 0;
            // Nobody waits for the token any more.
            watch.must_read &= !is_rest(*phase);
            if *phase == Phase::Error {
                watch.renewing = false;
                watch.renewals = 0;
            }
        }
        Event::Connected { .. } => {
            watch.connected_events += 1;
            hold(
                watch.phase == Some(Phase::Connected) && watch.connected_events == 1,
                16,
                "connected is not told once per transition",
            )?;
        }
        Event::Qr { .. } => hold(
            watch.phase == Some(Phase::AwaitingScan),
            16,
            "a code is told outside its phase",
        )?,
        Event::Error(error) => {
            let clean = !error.message.contains("sk_") && !error.message.contains("2@");
            hold(clean, 17, "a secret in an error")?;
        }
        _ => {}
    }
    Ok(())
}

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
        // A tab that was duplicated during its create: the copy repeated the create, and replaced the code before it was here.
        let (sent, came) = tab.watch.create;
        let told = told && !(sent..=came).contains(&at);
        by == tab.number || told
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

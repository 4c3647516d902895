//! What an input means for what may follow.

use sendapi_pairing_core::{
    api::{Answer, Call, CodeOffer, Failure},
    error::ErrorCode,
    model::{SessionId, Status},
    pairing::{Act, Config, Input, Phase, Policy, TabMessage, Trigger},
};

use super::is_rest;
use crate::{codes::is_stand_in, tab::Tab};

/// Notes what an input means before the core sees it.
pub(crate) fn before(tab: &mut Tab, input: &Input, t: u64) {
    let phase = tab.phase();
    let mut anew = false;
    if let Input::Configure(config) = input {
        anew = begins_anew(&tab.config, config);
        tab.config = (**config).clone();
    }
    let policy = &tab.config.policy;
    let watch = &mut tab.watch;
    watch.acted = false;
    let hurries = match input {
        Input::Heard(message) => message.kind == TabMessage::WISH,
        Input::Visible(true) | Input::Online(true) | Input::Leading(true) | Input::Act(_) => true,
        _ => anew,
    };
    if hurries {
        watch.codes_failed = 0;
    }
    match input {
        Input::Act(_) => watch.acted = true,
        Input::Visible(false) => watch.reading = None,
        Input::Read { outcome, .. } => {
            watch.reading = None;
            watch.free = outcome.is_err() || watch.short || watch.asked_for;
        }
        Input::Visible(true) => {
            watch.free = true;
            watch.resumed = true;
            watch.acted = phase == Phase::Idle;
            watch.must_read = !tab.around.visible && !is_rest(phase);
            if !tab.around.visible && !watch.renewing {
                watch.renewals = 0;
                watch.unauthorized = 0;
            }
        }
        Input::Online(true) => watch.resumed = true,
        Input::Leading(leads) => {
            watch.leads = *leads;
            watch.free |= *leads && phase == Phase::Refreshing;
        }
        Input::Heard(message) if message.kind == TabMessage::WISH => {
            // A person clicked in another tab.
            watch.asked_for = true;
            watch.timer_refreshes = 0;
            watch.free = true;
        }
        Input::Heard(message)
            if message.kind == TabMessage::STATE
                && message.version == TabMessage::VERSION
                && message.code == 0
                && !watch.leads
                && watch.lock.as_ref().map(SessionId::as_str) == Some(&message.session) =>
        {
            // The tab that leads asks for another code: what is being read is dead.
            watch.reading = None;
        }
        Input::OnScreen(_) => watch.acted = phase == Phase::Idle,
        Input::Configure(_) => {
            watch.acted = true;
            if anew {
                watch.gesture();
            }
        }
        Input::UnlinkDecided(true) => watch.delete_allowed = true,
        Input::TokenRenewed(outcome) => {
            if outcome.is_err() {
                watch.renewals = 0;
                watch.unauthorized = 0;
            }
            watch.renewing = false;
            watch.resumed = true;
            watch.codes_failed = 0;
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
            if matches!(open.call, Call::Qr { .. }) {
                let failed = outcome.as_ref().err().map(|failure| failure.error.code);
                watch.codes_failed = match failed {
                    // An answer that is none is a bad code, which has a back-off of its own.
                    Some(code) if code.is_transient() && code != ErrorCode::InvalidResponse => {
                        watch.codes_failed + 1
                    }
                    _ => 0,
                };
                watch.code_failed = t;
                let said = outcome
                    .as_ref()
                    .err()
                    .and_then(|failure| failure.error.http_status);
                if said.is_some_and(|status| status != 401) {
                    watch.renewals = 0;
                    watch.unauthorized = 0;
                }
            }
            if let Err(failure) = outcome
                && failure.error.code == ErrorCode::Unauthorized
            {
                watch.code_denied = matches!(open.call, Call::Qr { .. });
            }
            let Err(failure) = outcome else {
                let pending = matches!(outcome, Ok(Answer::Session(session)) if session.status == Status::Pending);
                watch.failures = 0;
                if !pending {
                    watch.codes_failed = 0;
                }
                // A read before a `/qr` says nothing of a `/qr` that was refused. A tab that follows another waits for no `/qr`.
                let follows = watch.lock.is_some() && !watch.leads;
                let read = pending && phase == Phase::Refreshing && !follows;
                if !(read && watch.code_denied) {
                    watch.renewals = 0;
                    watch.unauthorized = 0;
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
        let offers = tab.pairing.snapshot().offers;
        let gesture = match act {
            Act::Start { .. } => is_rest(phase),
            Act::Refresh => offers.refresh,
            Act::Retry => offers.retry,
            Act::ShowOriginal => tab.pairing.snapshot().original_available,
            _ => false,
        };
        if gesture {
            tab.watch.gesture();
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

/// Whether these settings begin another session, or a pairing that waited to be started by hand.
fn begins_anew(before: &Config, after: &Config) -> bool {
    before.session_id != after.session_id
        || (before.trigger == Trigger::Manual && after.trigger != Trigger::Manual)
}

/// Whether a code may be one that the core cannot show: a `/qr` that follows such a one is not a timer's doing.
fn may_be_bad(code: &CodeOffer) -> bool {
    code.life.is_some_and(|life| life.0 <= 15_000)
        || code
            .payload
            .as_ref()
            .is_none_or(|payload| !is_stand_in(payload.expose()))
}

/// Whether it may be dead before its request and its second reading have ended.
fn is_short(code: &CodeOffer) -> bool {
    let longest = Policy::REQUEST_DEADLINE + Policy::READING_DEADLINE;
    code.life.is_some_and(|life| life <= longest)
}

fn answered(tab: &mut Tab, call: &Call, outcome: &Result<Answer, Failure>, t: u64) {
    let phase = tab.phase();
    let watch = &mut tab.watch;
    match (call, outcome) {
        (Call::Create { .. }, Ok(Answer::Created { session, code })) => {
            watch.intent = None;
            watch.status = Some(session.status);
            let doubtful = code.life.is_none() || tab.around.tabs;
            watch.short = is_short(code);
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
            watch.short = is_short(code);
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

//! Which requests may go out, and when.

use sendapi_pairing_core::{
    api::Call,
    pairing::{Phase, Policy},
};

use super::{Verdict, hold, is_rest};
use crate::tab::{Intent, Tab};

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
            watch.reading = None;
            retried_in_time(watch.codes_failed, t - watch.code_failed, false)?;
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

//! Plain objects for JavaScript: times as ISO texts, names in camel case, `null` for what is not there.

use js_sys::Date;
use sendapi_pairing_core::{
    api::{CodeOffer, List},
    model::{PhoneNumber, Session, SessionId, Timestamp},
    pairing::{Event, UnlinkStage},
    time::Millis,
};
use wasm_bindgen::JsValue;

use super::errors;
use crate::{
    driver::View,
    js::{fill, object},
};

pub(super) fn text(value: Option<&str>) -> JsValue {
    value.map_or(JsValue::NULL, JsValue::from)
}

/// Counts and times are far below 2^53, where a double is exact: the decoder takes safe integers alone.
#[allow(clippy::cast_precision_loss, reason = "see above")]
fn number(value: Option<u64>) -> JsValue {
    value.map_or(JsValue::NULL, |value| JsValue::from(value as f64))
}

fn iso(millis: f64) -> JsValue {
    Date::new(&millis.into()).to_iso_string().into()
}

fn time(value: Option<Timestamp>) -> JsValue {
    #[allow(
        clippy::cast_precision_loss,
        reason = "four-digit years are far below 2^53 milliseconds"
    )]
    value.map_or(JsValue::NULL, |time| iso(time.unix_millis() as f64))
}

/// When a code dies, on this machine's clock, so that a page can compare it with its own `Date`.
#[allow(clippy::cast_precision_loss, reason = "a code's life is short")]
fn expiry(remaining: Millis) -> JsValue {
    iso(Date::now() + remaining.0 as f64)
}

/// A session.
pub(super) fn session(session: &Session) -> JsValue {
    let phone = session.phone_number.as_ref().map(PhoneNumber::as_str);
    object(&[
        ("id", session.id.as_str().into()),
        ("name", text(session.name.as_deref())),
        ("status", session.status.as_str().into()),
        ("phoneNumber", text(phone)),
        ("lastSeenAt", time(session.last_seen_at)),
        ("messageCount", number(session.message_count)),
        ("createdAt", time(session.created_at)),
    ])
}

/// Adds a code as the service sent it: for callers of `SendApiClient`, who asked for it. `expiresIn` is in milliseconds from the start
/// of the request; `null` where the server's clock could not be read.
fn add_code(target: &JsValue, code: &CodeOffer) {
    let payload = code.payload.as_ref().map(|payload| payload.expose());
    let life = code.life.map(|life| life.0);
    fill(
        target,
        &[("qrCode", text(payload)), ("expiresIn", number(life))],
    );
}

/// A code alone.
pub(super) fn code(code: &CodeOffer) -> JsValue {
    let value = object(&[]);
    add_code(&value, code);
    value
}

/// A created session with its first code.
pub(super) fn created(created: &Session, code: &CodeOffer) -> JsValue {
    let value = session(created);
    add_code(&value, code);
    value
}

/// One page of sessions.
pub(super) fn list(list: &List) -> JsValue {
    let sessions: js_sys::Array = list.sessions.iter().map(session).collect();
    object(&[
        ("sessions", sessions.into()),
        ("total", number(list.total)),
        ("page", number(list.page)),
        ("perPage", number(list.per_page)),
    ])
}

/// A snapshot, for properties and for those who draw their own view.
pub(super) fn snapshot(view: &View<'_>) -> JsValue {
    let snapshot = view.snapshot;
    let remaining = view.remaining();
    let offers = snapshot.offers;
    let unlink = snapshot.unlink.map(|stage| match stage {
        UnlinkStage::Confirming => "confirming",
        UnlinkStage::Deleting => "deleting",
    });
    let can = object(&[
        ("start", offers.start.into()),
        ("refresh", offers.refresh.into()),
        ("retry", offers.retry.into()),
        ("unlink", offers.unlink.into()),
        ("accept", offers.accept.into()),
        ("original", snapshot.original_available.into()),
    ]);
    object(&[
        ("phase", snapshot.phase.as_str().into()),
        ("settled", snapshot.phase.is_settled().into()),
        ("offline", snapshot.offline.into()),
        (
            "session",
            snapshot.session.as_ref().map_or(JsValue::NULL, session),
        ),
        ("expiresAt", remaining.map_or(JsValue::NULL, expiry)),
        ("remaining", number(remaining.map(|left| left.0))),
        // Another number is another code.
        (
            "generation",
            number(snapshot.qr.as_ref().map(|code| code.generation.into())),
        ),
        (
            "error",
            snapshot
                .error
                .as_ref()
                .map_or(JsValue::NULL, errors::detail),
        ),
        ("unlink", text(unlink)),
        ("can", can),
    ])
}

/// An event's public name and detail (`product.md`, table of events).
pub(super) fn event(event: &Event) -> (&'static str, JsValue) {
    match event {
        Event::Ready => ("sendapi-ready", JsValue::NULL),
        Event::PhaseChange { phase, previous } => (
            "sendapi-phase-change",
            object(&[
                ("phase", phase.as_str().into()),
                ("previous", previous.as_str().into()),
            ]),
        ),
        Event::Qr { remaining, attempt } => (
            "sendapi-qr",
            object(&[
                ("expiresAt", expiry(*remaining)),
                ("attempt", (*attempt).into()),
            ]),
        ),
        _ => further_event(event),
    }
}

/// The events that are not on the way to a first code.
#[inline(never)]
fn further_event(event: &Event) -> (&'static str, JsValue) {
    let about = |id: &SessionId| object(&[("sessionId", id.as_str().into())]);
    match event {
        Event::Ready | Event::PhaseChange { .. } | Event::Qr { .. } => self::event(event),
        Event::Expired => ("sendapi-expired", JsValue::NULL),
        Event::Connected {
            session_id,
            phone_number,
            resumed,
        } => {
            let phone = phone_number.as_ref().map(PhoneNumber::as_str);
            let detail = about(session_id);
            fill(
                &detail,
                &[("phoneNumber", text(phone)), ("resumed", (*resumed).into())],
            );
            ("sendapi-connected", detail)
        }
        Event::Disconnected { session_id } => ("sendapi-disconnected", about(session_id)),
        Event::Failed { session_id } => ("sendapi-failed", about(session_id)),
        Event::BeforeUnlink { session_id } => ("sendapi-before-unlink", about(session_id)),
        Event::Unlinked { session_id } => ("sendapi-unlinked", about(session_id)),
        Event::Error(error) => ("sendapi-error", errors::detail(error)),
    }
}

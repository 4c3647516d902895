//! Plain objects for JavaScript, made with serde-wasm-bindgen: times as ISO texts, names in camel case.

use js_sys::Date;
use sendapi_pairing_core::{
    api::{CodeOffer, List},
    error::Error,
    model::{PhoneNumber, Session, SessionId, Timestamp},
    pairing::{Event, UnlinkStage},
};
use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::driver::View;

/// Turns a value into a plain object; `undefined` for one that has no such form, which none of ours is.
pub(super) fn plain(value: &impl Serialize) -> JsValue {
    let how = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true);
    value.serialize(&how).unwrap_or(JsValue::UNDEFINED)
}

fn iso(time: Timestamp) -> String {
    #[allow(
        clippy::cast_precision_loss,
        reason = "four-digit years are far below 2^53 milliseconds"
    )]
    let date = Date::new(&JsValue::from(time.unix_millis() as f64));
    date.to_iso_string().into()
}

/// A session.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionValue<'a> {
    id: &'a str,
    name: Option<&'a str>,
    status: &'static str,
    phone_number: Option<&'a str>,
    last_seen_at: Option<String>,
    message_count: Option<f64>,
    created_at: Option<String>,
}

impl<'a> From<&'a Session> for SessionValue<'a> {
    fn from(session: &'a Session) -> Self {
        Self {
            id: session.id.as_str(),
            name: session.name.as_deref(),
            status: session.status.as_str(),
            phone_number: session.phone_number.as_ref().map(PhoneNumber::as_str),
            last_seen_at: session.last_seen_at.map(iso),
            #[allow(
                clippy::cast_precision_loss,
                reason = "the decoder takes safe integers alone"
            )]
            message_count: session.message_count.map(|count| count as f64),
            created_at: session.created_at.map(iso),
        }
    }
}

/// A code as the service sent it: for callers of `SendApiClient`, who asked for it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CodeValue<'a> {
    qr_code: Option<&'a str>,
    /// Milliseconds from the start of the request; `null` where the server's clock could not be read.
    expires_in: Option<f64>,
}

impl<'a> From<&'a CodeOffer> for CodeValue<'a> {
    fn from(code: &'a CodeOffer) -> Self {
        Self {
            qr_code: code.payload.as_ref().map(|payload| payload.expose()),
            #[allow(clippy::cast_precision_loss, reason = "a code's life is short")]
            expires_in: code.life.map(|life| life.0 as f64),
        }
    }
}

/// A created session with its first code.
#[derive(Serialize)]
pub(super) struct CreatedValue<'a> {
    #[serde(flatten)]
    session: SessionValue<'a>,
    #[serde(flatten)]
    code: CodeValue<'a>,
}

impl<'a> CreatedValue<'a> {
    pub(super) fn new(session: &'a Session, code: &'a CodeOffer) -> Self {
        Self {
            session: session.into(),
            code: code.into(),
        }
    }
}

/// One page of sessions.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListValue<'a> {
    sessions: Vec<SessionValue<'a>>,
    total: Option<f64>,
    page: Option<f64>,
    per_page: Option<f64>,
}

impl<'a> From<&'a List> for ListValue<'a> {
    fn from(list: &'a List) -> Self {
        #[allow(
            clippy::cast_precision_loss,
            reason = "the decoder takes safe integers alone"
        )]
        let count = |count: Option<u64>| count.map(|count| count as f64);
        Self {
            sessions: list.sessions.iter().map(Into::into).collect(),
            total: count(list.total),
            page: count(list.page),
            per_page: count(list.per_page),
        }
    }
}

/// An error as a detail.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ErrorValue<'a> {
    code: &'static str,
    message: &'a str,
    retryable: bool,
    http_status: Option<u16>,
    request_id: Option<&'a str>,
}

impl<'a> From<&'a Error> for ErrorValue<'a> {
    fn from(error: &'a Error) -> Self {
        Self {
            code: error.code.as_str(),
            message: &error.message,
            retryable: error.retryable,
            http_status: error.http_status,
            request_id: error.request_id.as_deref(),
        }
    }
}

/// A snapshot, for properties and for those who draw their own view.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SnapshotValue<'a> {
    phase: &'static str,
    settled: bool,
    offline: bool,
    session: Option<SessionValue<'a>>,
    /// ISO text on this machine's clock, so that a page can compare it with its own `Date`.
    expires_at: Option<String>,
    /// Milliseconds.
    remaining: Option<f64>,
    /// Another number is another code.
    generation: Option<u32>,
    error: Option<ErrorValue<'a>>,
    unlink: Option<&'static str>,
    can: Can,
}

#[derive(Serialize)]
struct Can {
    start: bool,
    refresh: bool,
    retry: bool,
    unlink: bool,
    accept: bool,
    original: bool,
}

impl<'a> SnapshotValue<'a> {
    pub(super) fn new(view: &View<'a>) -> Self {
        let snapshot = view.snapshot;
        #[allow(clippy::cast_precision_loss, reason = "a code's life is short")]
        let remaining = view.remaining().map(|left| left.0 as f64);
        let offers = snapshot.offers;
        Self {
            phase: snapshot.phase.as_str(),
            settled: snapshot.phase.is_settled(),
            offline: snapshot.offline,
            session: snapshot.session.as_ref().map(Into::into),
            expires_at: remaining.map(expiry),
            remaining,
            generation: snapshot.qr.as_ref().map(|code| code.generation),
            error: snapshot.error.as_ref().map(Into::into),
            unlink: snapshot.unlink.map(|stage| match stage {
                UnlinkStage::Confirming => "confirming",
                UnlinkStage::Deleting => "deleting",
            }),
            can: Can {
                start: offers.start,
                refresh: offers.refresh,
                retry: offers.retry,
                unlink: offers.unlink,
                accept: offers.accept,
                original: snapshot.original_available,
            },
        }
    }
}

fn expiry(remaining: f64) -> String {
    Date::new(&JsValue::from(Date::now() + remaining))
        .to_iso_string()
        .into()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhaseDetail {
    phase: &'static str,
    previous: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct QrDetail {
    expires_at: String,
    attempt: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConnectedDetail<'a> {
    session_id: &'a str,
    phone_number: Option<&'a str>,
    resumed: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionDetail<'a> {
    session_id: &'a str,
}

/// An event's public name and detail (`product.md`, table of events).
pub(super) fn event(event: &Event) -> (&'static str, JsValue) {
    let about = |session_id: &SessionId| {
        plain(&SessionDetail {
            session_id: session_id.as_str(),
        })
    };
    match event {
        Event::Ready => ("sendapi-ready", JsValue::NULL),
        Event::PhaseChange { phase, previous } => (
            "sendapi-phase-change",
            plain(&PhaseDetail {
                phase: phase.as_str(),
                previous: previous.as_str(),
            }),
        ),
        #[allow(clippy::cast_precision_loss, reason = "a code's life is short")]
        Event::Qr { remaining, attempt } => (
            "sendapi-qr",
            plain(&QrDetail {
                expires_at: expiry(remaining.0 as f64),
                attempt: *attempt,
            }),
        ),
        Event::Expired => ("sendapi-expired", JsValue::NULL),
        Event::Connected {
            session_id,
            phone_number,
            resumed,
        } => (
            "sendapi-connected",
            plain(&ConnectedDetail {
                session_id: session_id.as_str(),
                phone_number: phone_number.as_ref().map(PhoneNumber::as_str),
                resumed: *resumed,
            }),
        ),
        Event::Disconnected { session_id } => ("sendapi-disconnected", about(session_id)),
        Event::Failed { session_id } => ("sendapi-failed", about(session_id)),
        Event::BeforeUnlink { session_id } => ("sendapi-before-unlink", about(session_id)),
        Event::Unlinked { session_id } => ("sendapi-unlinked", about(session_id)),
        Event::Error(error) => ("sendapi-error", plain(&ErrorValue::from(error))),
    }
}

//! From the parts of an HTTP answer to a result, by the rules of the contract.

use super::{
    Answer, Body, Call, CodeOffer, Head, List, QrPayload,
    body::{Data, Fields, Key, Scalar},
};
use crate::{
    decimal,
    error::{Error, ErrorCode, holds},
    model::{PhoneNumber, Session, SessionId, Status, Timestamp},
    time::Millis,
};

/// Why a request brought no answer that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong.
    pub error: Error,
    /// The server's `Retry-After`, not yet clamped.
    pub retry_after: Option<Millis>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            error,
            retry_after: None,
        }
    }
}

/// Why there is no [`Body`] although there is a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Empty, or not JSON: a proxy's page, a truncated answer.
    NotJson,
    /// Larger than the cap.
    TooLarge,
}

impl Call {
    /// What an answer to this call means.
    ///
    /// # Errors
    /// A [`Failure`] for every status outside 2xx, save that a DELETE's 404 and 410 are [`Answer::Deleted`]; `server_error` for a 2xx without
    /// JSON, save a DELETE's 204; `invalid_response` for JSON that lacks what the call needs, or that speaks of another session.
    pub fn interpret(
        &self,
        head: &Head,
        body: Result<Body, Unreadable>,
    ) -> Result<Answer, Failure> {
        let deleting = matches!(self, Self::Delete { .. });
        if deleting && matches!(head.status, 204 | 404 | 410) {
            return Ok(Answer::Deleted);
        }
        if !(200..=299).contains(&head.status) {
            return Err(refusal(head, body.ok().as_ref()));
        }
        let body = match body {
            Ok(body) => body,
            Err(Unreadable::NotJson) => return Err(failure(head, ErrorCode::ServerError)),
            Err(Unreadable::TooLarge) => return Err(failure(head, ErrorCode::InvalidResponse)),
        };
        self.read(head, &body)
            .ok_or_else(|| described(head, ErrorCode::InvalidResponse, &body))
    }

    fn read(&self, head: &Head, body: &Body) -> Option<Answer> {
        if let Self::List { .. } = self {
            return list(body);
        }
        let fields = match &body.data {
            Data::One(fields) => fields,
            Data::Missing => &body.fields,
            Data::Many(_) => return None,
        };
        match self {
            Self::Create { .. } => Some(Answer::Created {
                session: session(fields)?,
                code: code_offer(head, fields),
            }),
            _ => self.read_known(head, body, fields),
        }
    }

    /// An answer about a session that is known already.
    #[inline(never)]
    fn read_known(&self, head: &Head, body: &Body, fields: &Fields) -> Option<Answer> {
        match self {
            Self::Get { id, .. } => session(fields)
                .filter(|session| session.id == *id)
                .map(Answer::Session),
            Self::Qr { id } => {
                let empty = [Key::QrCode, Key::ExpiresAt, Key::QrExpiresAt]
                    .into_iter()
                    .all(|key| *fields.get(key) == Scalar::Missing);
                (!names_another(fields, id) && !empty)
                    .then(|| Answer::Code(code_offer(head, fields)))
            }
            // What a proxy or an error says with 200 has deleted nothing.
            Self::Delete { id } => {
                (!names_another(fields, id) && body.error.is_none()).then_some(Answer::Deleted)
            }
            Self::Create { .. } | Self::List { .. } => None,
        }
    }
}

#[inline(never)]
fn list(body: &Body) -> Option<Answer> {
    let Data::Many(entries) = &body.data else {
        return None;
    };
    let meta = |key| body.meta.as_ref().and_then(|meta| meta.count(key));
    Some(Answer::List(List {
        sessions: entries.iter().filter_map(session).collect(),
        total: meta(Key::Total),
        page: meta(Key::Page),
        per_page: meta(Key::PerPage),
    }))
}

fn names_another(fields: &Fields, id: &SessionId) -> bool {
    *fields.get(Key::Id) != Scalar::Missing && session_id(fields).as_ref() != Some(id)
}

fn session_id(fields: &Fields) -> Option<SessionId> {
    match fields.get(Key::Id) {
        Scalar::Text(text) => SessionId::parse(text),
        Scalar::Integer(number) => SessionId::parse(&decimal::of(*number)),
        Scalar::Missing | Scalar::Other => None,
    }
}

fn session(fields: &Fields) -> Option<Session> {
    let time = |key| fields.text(key).and_then(Timestamp::parse_rfc3339);
    Some(Session {
        id: session_id(fields)?,
        name: fields.text(Key::Name).map(Into::into),
        status: fields
            .text(Key::Status)
            .map_or(Status::Unknown, Status::parse),
        phone_number: fields.text(Key::PhoneNumber).and_then(PhoneNumber::parse),
        last_seen_at: time(Key::LastSeenAt),
        message_count: fields.count(Key::MessageCount),
        created_at: time(Key::CreatedAt),
    })
}

fn code_offer(head: &Head, fields: &Fields) -> CodeOffer {
    let expiry = fields
        .text(Key::QrExpiresAt)
        .or_else(|| fields.text(Key::ExpiresAt))
        .and_then(Timestamp::parse_rfc3339);
    let life = match (expiry, head.date) {
        (Some(expiry), Some(date)) => {
            let left = expiry.unix_millis().saturating_sub(date.unix_millis());
            Some(Millis(u64::try_from(left).unwrap_or(0)))
        }
        _ => None,
    };
    let payload = fields.text(Key::QrCode).filter(|text| !text.is_empty());
    CodeOffer {
        payload: payload.map(|text| QrPayload::new(text.into())),
        life,
    }
}

#[inline(never)]
fn failure(head: &Head, code: ErrorCode) -> Failure {
    let mut error = Error::new(code).with_status(head.status);
    error.request_id = head.request_id.as_deref().and_then(Error::clean_id);
    Failure {
        error,
        retry_after: head.retry_after,
    }
}

#[inline(never)]
fn refusal(head: &Head, body: Option<&Body>) -> Failure {
    let code = match head.status {
        401 => ErrorCode::Unauthorized,
        402 => ErrorCode::QuotaExceeded,
        403 => ErrorCode::Forbidden,
        404 | 410 => ErrorCode::NotFound,
        408 => ErrorCode::Timeout,
        409 => ErrorCode::Conflict,
        429 => ErrorCode::RateLimited,
        400..=499 => body
            .and_then(|body| body.error.as_ref())
            .and_then(code_by_name)
            .unwrap_or(ErrorCode::InvalidRequest),
        _ => ErrorCode::ServerError,
    };
    match body {
        Some(body) => described(head, code, body),
        None => failure(head, code),
    }
}

#[inline(never)]
fn described(head: &Head, code: ErrorCode, body: &Body) -> Failure {
    let mut failure = failure(head, code);
    describe(&mut failure.error, head, body);
    failure
}

/// The service's own code, where the status alone says little: `4029` or `rate_limited`, `402x` or `quota…`, `401x`, `4030`.
#[inline(never)]
fn code_by_name(error: &Fields) -> Option<ErrorCode> {
    let named = |key| match error.get(key) {
        Scalar::Text(text) => text.clone(),
        Scalar::Integer(number) => decimal::of(*number),
        Scalar::Missing | Scalar::Other => String::new(),
    };
    let (code, kind) = (named(Key::Code), named(Key::Type));
    let says = |word: &str| holds(&code, word) || holds(&kind, word);
    if code == "4029" || says("rate_limit") {
        Some(ErrorCode::RateLimited)
    } else if (code.len() == 4 && code.starts_with("402")) || says("quota") || says("subscription")
    {
        Some(ErrorCode::QuotaExceeded)
    } else if code.len() == 4 && code.starts_with("401") {
        Some(ErrorCode::Unauthorized)
    } else if code == "4030" {
        Some(ErrorCode::Forbidden)
    } else {
        None
    }
}

/// Takes the server's own words and request id, in any of the four shapes.
#[inline(never)]
fn describe(error: &mut Error, head: &Head, body: &Body) {
    let part = |fields: &Option<Fields>, key| {
        fields
            .as_ref()
            .and_then(|fields| fields.text(key).map(String::from))
    };
    let words = part(&body.error, Key::Message)
        .or_else(|| body.fields.text(Key::Message).map(String::from));
    if let Some(words) = words.as_deref().and_then(Error::clean_message) {
        error.message = words;
    }
    error.request_id = part(&body.meta, Key::RequestId)
        .or_else(|| part(&body.error, Key::RequestId))
        .or_else(|| head.request_id.clone())
        .as_deref()
        .and_then(Error::clean_id);
}

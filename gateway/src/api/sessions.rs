//! The five operations: check who owns the session, ask the service, write the answer anew.

use super::answered::{object, own_code, says_deleted, says_gone};
use super::code::Code;
use super::failure::Failure;
use super::identity::{self, Grant};
use super::input::{self, Route};
use super::wire::{self, Created, Deleted, Qr, Session};
use super::{Api, PREFLIGHT_HEADERS, PREFLIGHT_METHODS, decorate};
use crate::id::SessionId;
use crate::ledger::{CodeTurn, Owner, Subject, Which};
use crate::telemetry::Log;
use crate::token::Operation;
use crate::upstream::{Answer, Ask, Limits, Urgency, unix_ms};
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde_json::json;
use std::sync::Arc;

/// A success on its way out.
#[derive(Clone, Debug)]
pub struct Reply {
    status: StatusCode,
    body: Vec<u8>,
    date: Option<String>,
    limits: Limits,
    cookie: Option<HeaderValue>,
}

impl Reply {
    fn new(status: StatusCode, body: Vec<u8>, answer: &Answer) -> Self {
        Self {
            status,
            body,
            date: answer.date.clone(),
            limits: answer.limits,
            cookie: None,
        }
    }

    fn with_code(body: Vec<u8>, code: Code) -> Self {
        Self {
            date: code.date,
            ..Self::stored(body, code.limits)
        }
    }

    pub(super) fn ok(body: Vec<u8>, answer: &Answer) -> Self {
        Self::new(StatusCode::OK, body, answer)
    }

    /// From an earlier reading, with the rate as it was then and the gateway's own `Date`.
    pub(super) fn stored(body: Vec<u8>, limits: Limits) -> Self {
        Self {
            status: StatusCode::OK,
            body,
            date: None,
            limits,
            cookie: None,
        }
    }

    /// The answer of a permitted preflight.
    #[must_use]
    pub fn preflight() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            body: Vec::new(),
            date: None,
            limits: Limits::default(),
            cookie: None,
        }
    }

    /// Writes it.
    #[must_use]
    pub fn into_response(self) -> Response<Body> {
        let preflight = self.status == StatusCode::NO_CONTENT;
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if preflight {
            let fixed = HeaderValue::from_static;
            headers.insert(
                header::ACCESS_CONTROL_ALLOW_METHODS,
                fixed(PREFLIGHT_METHODS),
            );
            headers.insert(
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                fixed(PREFLIGHT_HEADERS),
            );
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, fixed("600"));
            return response;
        }
        decorate(headers, self.date.as_deref(), self.limits);
        if let Some(cookie) = self.cookie {
            headers.insert(header::SET_COOKIE, cookie);
        }
        response
    }
}

impl Route {
    /// The route's name in metrics and logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::List => "list",
            Self::Read(_) => "read",
            Self::Qr(_) => "qr",
            Self::Delete(_) => "delete",
        }
    }

    /// The operation that a token must grant.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        match self {
            Self::Create => Operation::Create,
            Self::List => Operation::List,
            Self::Read(_) => Operation::Read,
            Self::Qr(_) => Operation::Qr,
            Self::Delete(_) => Operation::Delete,
        }
    }
}

impl Api {
    /// What goes on to the service is counted as a call of the subject's, once nothing here speaks against it.
    pub(super) async fn route(
        self: &Arc<Self>,
        route: Route,
        grant: Grant,
        head: &Parts,
        body: &[u8],
    ) -> Result<Reply, Failure> {
        let headers = &head.headers;
        match route {
            Route::Create => self.create(grant, headers, body).await,
            Route::List => {
                let paging = input::paging(head.uri.query())?;
                self.list(&grant, paging).await
            }
            Route::Read(id) => {
                let subject = self.reaches(&grant, &id).await?;
                let fresh = wants_fresh(headers);
                // A poll costs one only where no reading will do, and is counted then.
                if fresh {
                    self.admit_call(subject)?;
                }
                self.read(subject, &id, fresh).await
            }
            Route::Qr(id) => {
                self.admit_call(self.reaches(&grant, &id).await?)?;
                let code = self.qr(&id).await?;
                Ok(Reply::with_code(wire::json(&code.qr), code))
            }
            Route::Delete(id) => {
                self.admit_call(self.reaches(&grant, &id).await?)?;
                self.delete(&id).await
            }
        }
    }

    /// A session of somebody else looks like one that is not there. A token that names a session was signed by the
    /// customer's backend, which may have created it without the gateway.
    async fn reaches<'a>(&self, grant: &'a Grant, id: &SessionId) -> Result<&'a Subject, Failure> {
        let subject = grant.subject.as_ref().ok_or_else(Failure::not_found)?;
        if grant.session.as_ref().is_some_and(|only| only != id) {
            return Err(Failure::not_found());
        }
        match self.ledger.reach(subject, id, unix_ms()).await? {
            Owner::Mine => Ok(subject),
            Owner::Unknown if grant.session.is_some() => Ok(subject),
            Owner::Other | Owner::Unknown => Err(Failure::not_found()),
        }
    }

    async fn create(
        self: &Arc<Self>,
        grant: Grant,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Reply, Failure> {
        if grant.session.is_some() {
            return Err(Failure::new(
                403,
                "permission_error",
                "forbidden",
                "The token is for one session and cannot create another.",
            ));
        }
        let body = input::create_body(body, self.allow_webhook_url)?;
        let key =
            input::idempotency_key(headers.get("idempotency-key").map(HeaderValue::as_bytes))?;
        let (subject, cookie) = match grant.subject {
            Some(subject) => {
                self.admit_call(&subject)?;
                (subject, None)
            }
            None => {
                let (subject, cookie) = identity::mint(key).ok_or_else(Failure::internal)?;
                (subject, Some(cookie))
            }
        };
        let ask = Ask::Create {
            body,
            idempotency_key: key.map(|key| subject.idempotency_key(key)),
        };
        // A flight ends though its browser hangs up, so that the session is recorded. Who asks meanwhile shares it: one create for
        // each would only kill the code of the one before.
        let api = Arc::clone(self);
        let mut first = false;
        let creating = self.creating.join(&subject, || {
            first = true;
            let subject = subject.clone();
            async move { api.create_or_reuse(&subject, &ask).await }
        });
        let created = creating.await.unwrap_or_else(|| Err(Failure::internal()));
        let mut reply = created?;
        if !first {
            reply.status = StatusCode::OK;
        }
        reply.cookie = cookie;
        Ok(reply)
    }

    async fn create_or_reuse(
        self: &Arc<Self>,
        subject: &Subject,
        ask: &Ask,
    ) -> Result<Reply, Failure> {
        let _turn = self.ledger.create_turn(subject).await?;
        for (n, id) in self
            .ledger
            .of(subject, Which::Pending)
            .await?
            .iter()
            .enumerate()
        {
            if n > 0 {
                self.admit_call(subject)?;
            }
            // Its browser is back, as far as the reaper is concerned, before the service has been asked.
            self.ledger.reach(subject, id, unix_ms()).await?;
            if let Some(reply) = self.reuse(id).await? {
                return Ok(reply);
            }
        }
        self.within_quota(subject).await?;
        let asked_ms = self.now_ms();
        let answer = self.ask(ask, Urgency::Act).await?;
        let object = object(&answer)?;
        let created = Created::read(object).ok_or_else(|| Failure::unreadable(&answer))?;
        let id = wire::id(object).ok_or_else(|| Failure::unreadable(&answer))?;
        if self.ledger.reach(subject, &id, unix_ms()).await? == Owner::Other {
            // Whatever the service means by that, somebody's session is not given to somebody else.
            return Err(Failure::unreadable(&answer));
        }
        self.ledger.record(subject, &id, unix_ms()).await?;
        if let Some(session) = Session::read(object) {
            self.created(&id, session, &answer, asked_ms);
        }
        self.keep(&id, Qr::read(object), &answer).await;
        Ok(Reply::new(
            StatusCode::CREATED,
            wire::json(&created),
            &answer,
        ))
    }

    /// A subject's sessions may have been deleted elsewhere, so they are looked at before a create is refused.
    async fn within_quota(&self, subject: &Subject) -> Result<(), Failure> {
        let Some(quota) = self.sessions_per_subject else {
            return Ok(());
        };
        let held = self.ledger.of(subject, Which::Held).await?;
        if held.len() < quota {
            return Ok(());
        }
        for id in held {
            // By the record the quota is used up, whatever a closer look would cost.
            if self.admit_call(subject).is_err() {
                break;
            }
            match self.read_one(&id, Urgency::Act).await {
                Ok(_) => {}
                Err(failure) if matches!(failure.status, 404 | 410) => {}
                Err(failure) => return Err(failure),
            }
            if self.ledger.of(subject, Which::Held).await?.len() < quota {
                return Ok(());
            }
        }
        Err(Failure::new(
            402,
            "quota_error",
            "subject_quota_exceeded",
            "You have as many sessions as you may have. Delete one first.",
        ))
    }

    /// A code that has just come, kept for who creates meanwhile.
    async fn keep(&self, id: &SessionId, qr: Qr, answer: &Answer) -> Code {
        let code = Code::of(qr, answer, unix_ms());
        if let Some(text) = code.to_text() {
            self.ledger.keep_code(id, &text).await;
        }
        code
    }

    /// The pending session with its code, if that was had just now: who shows it, in another tab or box, is not to be left with a dead
    /// one. Else with a new one: an older code cannot be had again, and dies by this.
    async fn reuse(self: &Arc<Self>, id: &SessionId) -> Result<Option<Reply>, Failure> {
        let session = match self.read_one(id, Urgency::Act).await {
            Ok((session, _)) if session.is_pending() => session,
            Ok(_) => return Ok(None),
            Err(failure) if matches!(failure.status, 404 | 410) => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let kept = self.ledger.kept_code(id).await?;
        let kept = kept.and_then(|text| Code::from_text(&text));
        let code = match kept.and_then(|code| code.now(unix_ms())) {
            Some(code) => Ok(code),
            None => self.qr(id).await,
        };
        match code {
            Ok(code) => {
                let created = Created::of(session, code.qr.clone());
                Ok(Some(Reply::with_code(wire::json(&created), code)))
            }
            Err(failure) if matches!(failure.status, 400 | 404 | 409 | 410 | 422) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// A new code. All who ask while one is on its way get that one: each further `/qr` would kill it.
    async fn qr(self: &Arc<Self>, id: &SessionId) -> Result<Code, Failure> {
        let api = Arc::clone(self);
        let one = id.clone();
        let call = move || async move {
            let turn = match api.ledger.code_turn(&one).await? {
                CodeTurn::Ask(turn) => turn,
                CodeTurn::Told(text) => {
                    return Code::from_text(&text).ok_or_else(Failure::internal);
                }
            };
            let answer = api.ask(&Ask::Qr(one.clone()), Urgency::Act).await?;
            let qr = own_code(&answer, &one)?;
            let code = api.keep(&one, qr, &answer).await;
            // Who waits for its end finds the code.
            drop(turn);
            Ok(code)
        };
        self.codes
            .join(id, call)
            .await
            .unwrap_or_else(|| Err(Failure::internal()))
    }

    async fn delete(&self, id: &SessionId) -> Result<Reply, Failure> {
        let answer = self.ask(&Ask::Delete(id.clone()), Urgency::Act).await?;
        if answer.is_success() && !says_deleted(&answer, id) {
            return Err(Failure::unreadable(&answer));
        }
        if answer.is_success() || says_gone(&answer) {
            self.gone(id).await?;
        }
        if !answer.is_success() {
            return Err(Failure::of_service(&answer));
        }
        let deleted = Deleted {
            deleted: true,
            id: id.as_str().to_owned(),
        };
        Ok(Reply::ok(wire::json(&deleted), &answer))
    }

    /// Deletes pending sessions that no browser has asked for since `before_ms` (Unix milliseconds). Each is looked at first: it may
    /// have been scanned meanwhile, and while those before it were deleted its browser may have come back.
    pub async fn reap(&self, before_ms: u64) {
        // Without its store the reaper has nothing to go by; the next round may have.
        for id in self.ledger.abandoned(before_ms).await.unwrap_or_default() {
            if let Ok((session, _)) = self.read_one(&id, Urgency::Poll).await
                && session.is_pending()
                && self.ledger.is_abandoned(&id, before_ms).await == Ok(true)
            {
                // What fails now is tried again at the next round.
                let deleted = self.delete(&id).await.is_ok();
                if deleted {
                    self.metrics.reaped();
                }
                self.log
                    .write(Log::Requests, "reap", json!({"deleted": deleted}));
            }
        }
    }
}

/// Whether the browser asks for a reading of its own, as it does before each refresh.
fn wants_fresh(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|part| part.trim().eq_ignore_ascii_case("no-cache"))
}

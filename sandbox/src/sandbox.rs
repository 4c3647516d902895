//! The service: one account's sessions, and the order in which a call is checked.

use crate::clock::{http_date, rfc3339};
use crate::code;
use crate::config::{Absent, Ids, SandboxConfig};
use crate::error::{self, ApiError};
use crate::faults::{FaultKind, FaultRule, Faults, Loss, RuleError};
use crate::http::{Effect, Request, Response};
use crate::idempotency::{Idempotency, Known};
use crate::log::{Log, LogEntry};
use crate::rate::{Rates, Standing};
use crate::rng::Rng;
use crate::routes::{Call, Route, paging, route};
use crate::session::{Code, Session, State};
use crate::wire;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// The service and its one account. See the crate's documentation for what it answers.
pub struct Sandbox {
    pub(crate) config: SandboxConfig,
    pub(crate) rng: Rng,
    /// By order of creation.
    pub(crate) sessions: BTreeMap<u64, Session>,
    pub(crate) by_id: HashMap<String, u64>,
    created: u64,
    rates: Rates,
    idempotency: Idempotency,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
}

/// Codes and keys are not printed.
impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("config", &self.config)
            .field("sessions", &self.sessions.len())
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct CreateBody {
    name: Option<serde_json::Value>,
    webhook_url: Option<serde_json::Value>,
}

/// The longest name the double takes; the service documents no limit.
const NAME_MAX: usize = 255;

type Answer = Result<(u16, Vec<u8>), ApiError>;

impl Sandbox {
    /// An account without sessions.
    #[must_use]
    pub fn new(config: SandboxConfig) -> Self {
        Self {
            rng: Rng::new(config.seed),
            sessions: BTreeMap::new(),
            by_id: HashMap::new(),
            created: 0,
            rates: Rates::default(),
            idempotency: Idempotency::default(),
            faults: Faults::default(),
            log: Log::new(config.log_capacity),
            config,
        }
    }

    /// Answers one request at the service's time `now_ms` (Unix milliseconds).
    ///
    /// Checks run in this order: route, key, rate, faults, scope, body, idempotency, quota, state.
    pub fn handle(&mut self, request: &Request<'_>, now_ms: u64) -> Response {
        if request.path.starts_with("/sandbox/") {
            return self.handle_control(request, now_ms);
        }
        let key = fingerprint(request.authorization.unwrap_or_default());
        let standing = self.rates.count(key, self.config.rate_per_minute, now_ms);
        let (response, fault) = self.answer(request, key, standing, now_ms);
        if self.log.enabled() {
            self.log.push(LogEntry {
                method: request.method.as_str(),
                path: request.path.to_owned(),
                status: response.status,
                at_ms: now_ms,
                fault: fault.map(FaultKind::as_str),
            });
        }
        response
    }

    fn answer(
        &mut self,
        request: &Request<'_>,
        key: u64,
        standing: Standing,
        now_ms: u64,
    ) -> (Response, Option<FaultKind>) {
        let (call, id) = match route(request.method, request.path) {
            Route::Call(call, id) => (call, id),
            Route::WrongMethod => return (self.refuse(&error::METHOD, standing, now_ms), None),
            Route::Unknown => return (self.refuse(&error::NO_ROUTE, standing, now_ms), None),
        };
        if let Err(refusal) = authorize(request.authorization) {
            return (self.refuse(&refusal, standing, now_ms), None);
        }
        if standing.retry_after_s.is_some() {
            return (self.refuse(&error::RATE_LIMITED, standing, now_ms), None);
        }
        let fault = self.faults.take(request.method, call, id);
        if let Some(rule) = &fault
            && let Some(response) = self.instead(rule, standing, now_ms)
        {
            return (response, Some(rule.kind));
        }
        let answer = self.perform(call, id, request, key, now_ms);
        let mut response = match answer {
            Ok((status, body)) => self.respond(status, body, standing, now_ms),
            Err(refusal) => self.refuse(&refusal, standing, now_ms),
        };
        if let Some(rule) = &fault {
            response.effect = match rule.kind {
                FaultKind::Delay => Effect::Delay(rule.ms),
                FaultKind::Truncate => Effect::Truncate(response.body.len() / 2),
                _ => Effect::Drop,
            };
        }
        (response, fault.map(|rule| rule.kind))
    }

    /// The answer of a fault that keeps the service from acting.
    fn instead(&mut self, rule: &FaultRule, standing: Standing, now_ms: u64) -> Option<Response> {
        match (rule.kind, rule.lost) {
            (FaultKind::Error, _) => Some(self.refuse(&error::SERVER, standing, now_ms)),
            (FaultKind::RateLimited, _) => {
                let standing = Standing {
                    remaining: 0,
                    retry_after_s: Some(rule.ms.div_ceil(1000).max(1)),
                    ..standing
                };
                Some(self.refuse(&error::RATE_LIMITED, standing, now_ms))
            }
            (FaultKind::Html, _) => {
                let page = b"<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>";
                let mut response =
                    self.respond(rule.status.unwrap_or(502), page.to_vec(), standing, now_ms);
                for (name, value) in &mut response.headers {
                    if *name == "content-type" {
                        "text/html; charset=utf-8".clone_into(value);
                    }
                }
                Some(response)
            }
            (FaultKind::Drop, Loss::Request) => {
                let mut response = self.refuse(&error::SERVER, standing, now_ms);
                response.effect = Effect::Drop;
                Some(response)
            }
            _ => None,
        }
    }

    fn perform(
        &mut self,
        call: Call,
        id: Option<&str>,
        request: &Request<'_>,
        key: u64,
        now_ms: u64,
    ) -> Answer {
        let readonly =
            bearer(request.authorization).is_some_and(|k| k.starts_with("sk_test_readonly"));
        if readonly && matches!(call, Call::Create | Call::Delete) {
            return Err(error::SCOPE);
        }
        match call {
            Call::Create => self.create(request, key, now_ms),
            Call::List => self.list(request.query, now_ms),
            Call::Read => self.read(id, now_ms),
            Call::Qr => self.qr(id, now_ms),
            Call::Delete => self.delete(id),
        }
    }

    fn create(&mut self, request: &Request<'_>, key: u64, now_ms: u64) -> Answer {
        let name = create_name(request.body)?;
        if let Some(idempotency_key) = request.idempotency_key {
            match self
                .idempotency
                .look_up(key, idempotency_key, request.body, now_ms)
            {
                Known::New => {}
                Known::Replay(body) => return Ok((201, body)),
                Known::Other => return Err(error::KEY_REUSED),
            }
        }
        self.settle_all(now_ms);
        if let Some(quota) = self.config.quota {
            let held = self
                .sessions
                .values()
                .filter(|s| !matches!(s.state, State::Failed { .. }))
                .count();
            if held >= quota as usize {
                return Err(error::QUOTA);
            }
        }
        self.created += 1;
        let id = match self.config.dialect.ids {
            Ids::Text => format!("sess_{}", self.ulid(now_ms)),
            Ids::Integer => (1000 + self.created).to_string(),
        };
        let code = self.new_code(now_ms);
        let dialect = self.config.dialect;
        let body = wire::object(
            dialect,
            wire::Created {
                id: wire::Id::new(&id, dialect.ids),
                name: &name,
                status: crate::session::Status::Pending,
                qr_code: &code.drawn,
                qr_expires_at: rfc3339(code.expires_ms, dialect.fractions),
                created_at: rfc3339(now_ms, dialect.fractions),
            },
        );
        if let Some(idempotency_key) = request.idempotency_key {
            self.idempotency
                .keep(key, idempotency_key, request.body, &body, now_ms);
        }
        self.by_id.insert(id.clone(), self.created);
        let session = Session {
            id,
            name,
            created_ms: now_ms,
            state: State::Pending { code },
        };
        self.sessions.insert(self.created, session);
        Ok((201, body))
    }

    fn list(&mut self, query: Option<&str>, now_ms: u64) -> Answer {
        let paging = paging(query).map_err(|param| {
            ApiError::invalid(param, "invalid_parameter", "Must be a positive integer.")
        })?;
        self.settle_all(now_ms);
        let data = self
            .sessions
            .values()
            .rev()
            .skip((paging.page - 1).saturating_mul(paging.per_page))
            .take(paging.per_page)
            .map(|session| self.wire_session(session, now_ms))
            .collect();
        let meta = wire::Page {
            total: self.sessions.len(),
            page: paging.page,
            per_page: paging.per_page,
        };
        Ok((200, wire::json(&wire::List { data, meta })))
    }

    fn read(&mut self, id: Option<&str>, now_ms: u64) -> Answer {
        self.settled(id, now_ms)?;
        let session = self.find(id)?;
        let body = wire::object(self.config.dialect, self.wire_session(session, now_ms));
        Ok((200, body))
    }

    fn qr(&mut self, id: Option<&str>, now_ms: u64) -> Answer {
        let session = self.settled(id, now_ms)?;
        if !matches!(session.state, State::Pending { .. }) {
            return Err(error::NOT_PENDING);
        }
        let code = self.new_code(now_ms);
        let dialect = self.config.dialect;
        let body = wire::object(
            dialect,
            wire::Qr {
                qr_code: &code.drawn,
                expires_at: rfc3339(code.expires_ms, dialect.fractions),
            },
        );
        self.settled(id, now_ms)?.state = State::Pending { code };
        Ok((200, body))
    }

    fn delete(&mut self, id: Option<&str>) -> Answer {
        let (id, number) = id
            .and_then(|id| self.by_id.remove_entry(id))
            .ok_or(error::NOT_FOUND)?;
        self.sessions.remove(&number);
        let dialect = self.config.dialect;
        let body = wire::object(
            dialect,
            wire::Deleted {
                deleted: true,
                id: wire::Id::new(&id, dialect.ids),
            },
        );
        Ok((200, body))
    }

    fn new_code(&mut self, now_ms: u64) -> Code {
        let text = code::text(&mut self.rng);
        let drawn = code::draw(self.config.codes, &text, &mut self.rng);
        Code {
            text,
            drawn,
            born_ms: now_ms,
            expires_ms: now_ms.saturating_add(self.config.qr_ttl_ms),
        }
    }

    fn find(&self, id: Option<&str>) -> Result<&Session, ApiError> {
        id.and_then(|id| self.sessions.get(self.by_id.get(id)?))
            .ok_or(error::NOT_FOUND)
    }

    fn settled(&mut self, id: Option<&str>, now_ms: u64) -> Result<&mut Session, ApiError> {
        let unscanned = self.config.unscanned;
        let session = id
            .and_then(|id| self.sessions.get_mut(self.by_id.get(id)?))
            .ok_or(error::NOT_FOUND)?;
        session.settle(unscanned, now_ms);
        Ok(session)
    }

    pub(crate) fn settle_all(&mut self, now_ms: u64) {
        if self.config.unscanned.fails_after_ms.is_some() {
            for session in self.sessions.values_mut() {
                session.settle(self.config.unscanned, now_ms);
            }
        }
    }

    fn wire_session<'a>(&self, session: &'a Session, now_ms: u64) -> wire::Session<'a> {
        let dialect = self.config.dialect;
        let phone = session.phone();
        wire::Session {
            id: wire::Id::new(&session.id, dialect.ids),
            name: &session.name,
            status: session.status(),
            phone_number: field(dialect.absent, phone),
            last_seen_at: field(
                dialect.absent,
                session
                    .last_seen_ms(now_ms)
                    .map(|ms| rfc3339(ms, dialect.fractions)),
            ),
            message_count: field(dialect.absent, phone.map(|_| 0)),
            created_at: rfc3339(session.created_ms, dialect.fractions),
        }
    }

    fn ulid(&mut self, now_ms: u64) -> String {
        const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let random = u128::from(self.rng.next()) << 16 | u128::from(self.rng.next() & 0xFFFF);
        let value = u128::from(now_ms & 0xFFFF_FFFF_FFFF) << 80 | random;
        (0..26)
            .rev()
            .map(|digit| char::from(CROCKFORD[(value >> (5 * digit)) as usize & 31]))
            .collect()
    }

    fn refuse(&mut self, refusal: &ApiError, standing: Standing, now_ms: u64) -> Response {
        let request_id = format!("req_{:016x}", self.rng.next());
        let timestamp = rfc3339(now_ms, self.config.dialect.fractions);
        let body = wire::error(self.config.dialect, refusal, &request_id, &timestamp);
        self.respond(refusal.status, body, standing, now_ms)
    }

    fn respond(&self, status: u16, body: Vec<u8>, standing: Standing, now_ms: u64) -> Response {
        let mut headers = vec![
            ("content-type", "application/json".to_owned()),
            ("date", http_date(now_ms)),
            ("x-ratelimit-limit", standing.limit.to_string()),
            ("x-ratelimit-remaining", standing.remaining.to_string()),
            ("x-ratelimit-reset", standing.reset_s.to_string()),
        ];
        if status == 429 {
            let seconds = standing.retry_after_s.unwrap_or(1);
            headers.push(("retry-after", seconds.to_string()));
        }
        Response {
            status,
            headers,
            body,
            effect: Effect::None,
        }
    }

    /// Replaces the faults, as `PUT /sandbox/faults` does.
    ///
    /// # Errors
    /// [`RuleError`] when one rule is bad; then none is set.
    pub fn set_faults(&mut self, rules: Vec<FaultRule>) -> Result<(), RuleError> {
        self.faults.set(rules)
    }

    /// Every API call answered so far, oldest first, as far as [`SandboxConfig::log_capacity`] reaches.
    pub fn log(&self) -> impl ExactSizeIterator<Item = &LogEntry> {
        self.log.iter()
    }
}

/// A value, or what the dialect writes where there is none.
fn field<T>(absent: Absent, value: Option<T>) -> wire::Field<T> {
    match (absent, value) {
        (Absent::Omit, None) => None,
        (_, value) => Some(value),
    }
}

/// The name of a create's body, or what is wrong with the body.
fn create_name(body: &[u8]) -> Result<String, ApiError> {
    let body: CreateBody = serde_json::from_slice(body).map_err(|_| {
        ApiError::invalid("body", "invalid_json", "The body must be a JSON object.")
    })?;
    match body.webhook_url {
        None | Some(serde_json::Value::Null) => {}
        Some(serde_json::Value::String(url))
            if url.starts_with("https://") || url.starts_with("http://") => {}
        Some(_) => {
            return Err(ApiError::invalid(
                "webhook_url",
                "invalid_parameter",
                "webhook_url must be an HTTP URL.",
            ));
        }
    }
    match body.name {
        Some(serde_json::Value::String(name))
            if !name.trim().is_empty() && name.chars().count() <= NAME_MAX =>
        {
            Ok(name)
        }
        None | Some(serde_json::Value::Null) => Err(ApiError::invalid(
            "name",
            "missing_parameter",
            "name is required.",
        )),
        Some(_) => Err(ApiError::invalid(
            "name",
            "invalid_parameter",
            "name must be text of 1 to 255 characters.",
        )),
    }
}

fn bearer(authorization: Option<&str>) -> Option<&str> {
    let (scheme, key) = authorization?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| key.trim_start())
}

fn authorize(authorization: Option<&str>) -> Result<(), ApiError> {
    let key = bearer(authorization).ok_or(error::MISSING_KEY)?;
    let rest = key
        .strip_prefix("sk_test_")
        .or_else(|| key.strip_prefix("sk_live_"))
        .ok_or(error::INVALID_KEY)?;
    let sound = !rest.is_empty()
        && rest.len() <= 200
        && rest
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    match rest {
        _ if !sound => Err(error::INVALID_KEY),
        _ if key.starts_with("sk_test_revoked") => Err(error::REVOKED_KEY),
        _ if key.starts_with("sk_test_expired") => Err(error::EXPIRED_KEY),
        _ => Ok(()),
    }
}

/// FNV-1a, so that the double holds no key even when somebody sends it a real one.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

//! What browsers may ask: `/api/whatsapp/sessions…`.

mod answered;
pub mod code;
pub mod failure;
pub mod flight;
pub mod identity;
pub mod input;
mod list;
pub mod origin;
pub mod pace;
mod reads;
mod sessions;
pub mod shelf;
pub mod wire;

pub use sessions::Reply;

use crate::config::Identity;
use crate::id::SessionId;
use crate::ledger::{Ledger, Subject};
use crate::telemetry::{Log, Metrics};
use crate::upstream::{Answer, Governor, Limits, Upstream, unix_ms};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use failure::Failure;
use flight::Flights;
use http_body_util::{BodyExt as _, Limited};
use input::Route;
use origin::{Caller, Origins};
use pace::{Calls, Pace};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde_json::json;
use shelf::Shelf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

/// Where the API is mounted.
pub const ROOT: &str = "/api/whatsapp";
/// How long a whole request may take.
const REQUEST_TIME: Duration = Duration::from_secs(10);
const PREFLIGHT_METHODS: &str = "GET, POST, DELETE";
const PREFLIGHT_HEADERS: &str =
    "Authorization, Cache-Control, Content-Type, Idempotency-Key, X-CSRF-Token, X-Requested-With";
const EXPOSED: &str =
    "Date, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id";

/// The API's state.
#[derive(Debug)]
pub struct Api {
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What is written down.
    pub log: Log,
    /// Whom to ask.
    pub upstream: Upstream,
    /// The key's rate; `None` for the embedded sandbox, which is asked directly.
    pub governor: Option<Governor>,
    /// What was last read of each session.
    pub shelf: Mutex<Shelf>,
    /// The list read under way.
    pub listing: Flights<(), ()>,
    /// Creates under way.
    pub creating: Flights<Subject, Result<Reply, failure::Failure>>,
    /// Polls under way that no stored reading answers.
    pub reading: Flights<SessionId, Result<(wire::Session, Answer), failure::Failure>>,
    /// Codes under way.
    pub codes: Flights<SessionId, Result<code::Code, failure::Failure>>,
    /// Where monotonic time starts.
    pub started: Instant,
    /// How many requests a subject may make, if that is capped.
    pub pace: Option<Pace>,
    /// How many calls to the service they may cost, if that is capped.
    pub calls: Option<Calls>,
    /// How many polls may cost a call before they count among those, if that is capped.
    pub polls: Option<Pace>,
    /// How many sessions a subject may hold.
    pub sessions_per_subject: Option<usize>,
    /// Who owns what.
    pub ledger: Ledger,
    /// Whose pages may call.
    pub origins: Origins,
    /// How a browser says who it is.
    pub identity: Identity,
    /// Whether `webhook_url` of a create is passed on.
    pub allow_webhook_url: bool,
    /// Whether `Host` must name the loopback.
    pub loopback_hosts_only: bool,
}

impl Api {
    /// Answers one request, within 10 s.
    pub async fn answer(self: Arc<Self>, request: Request<Body>) -> Response<Body> {
        let caller = self.origins.judge(request.headers());
        let request_id = request_id();
        let begun = Instant::now();
        let mut name = "other";
        // Boxed where it is made: it is large, and would be copied from one wrapper to the next.
        let perform = Box::pin(self.perform(request, &caller, &mut name));
        let result = tokio::time::timeout(REQUEST_TIME, perform).await;
        let result = result.unwrap_or_else(|_| {
            Err(Failure::new(
                504,
                "timeout_error",
                "timeout",
                "The request took too long.",
            ))
        });
        let code = result.as_ref().err().map(|failure| failure.code().clone());
        let mut response = match result {
            Ok(reply) => reply.into_response(),
            Err(failure) => failed(&failure, &request_id),
        };
        let status = response.status().as_u16();
        self.metrics.request(name, status, begun.elapsed());
        let level = if status >= 500 {
            Log::Errors
        } else {
            Log::Requests
        };
        self.log.write(
            level,
            "request",
            json!({
                "route": name,
                "status": status,
                "ms": u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
                "request_id": request_id,
                "code": code,
            }),
        );
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::VARY, HeaderValue::from_static("Origin"));
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        if let Ok(value) = HeaderValue::from_str(&request_id) {
            headers.insert("x-request-id", value);
        }
        if let Caller::Listed(origin) = &caller
            && let Ok(origin) = HeaderValue::from_str(origin.as_str())
        {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(
                header::ACCESS_CONTROL_EXPOSE_HEADERS,
                HeaderValue::from_static(EXPOSED),
            );
        }
        response
    }

    async fn perform(
        self: &Arc<Self>,
        request: Request<Body>,
        caller: &Caller,
        name: &mut &'static str,
    ) -> Result<Reply, Failure> {
        let (head, body) = request.into_parts();
        if self.loopback_hosts_only {
            let host = head.headers.get(header::HOST).and_then(|v| v.to_str().ok());
            if !host.is_some_and(origin::is_loopback_host) {
                return Err(Failure::new(
                    421,
                    "invalid_request_error",
                    "misdirected",
                    "This gateway answers to loopback names only.",
                ));
            }
        }
        if *caller == Caller::Foreign {
            return Err(Failure::new(
                403,
                "permission_error",
                "origin_not_allowed",
                "This origin may not call.",
            ));
        }
        if head.method == axum::http::Method::OPTIONS {
            *name = "preflight";
            return Ok(Reply::preflight());
        }
        let path = head.uri.path().strip_prefix(ROOT).unwrap_or_default();
        let route = input::route(head.method.as_str(), path)?;
        *name = route.name();
        let grant = identity::identify(
            &self.identity,
            &head.headers,
            caller,
            route.operation(),
            unix_ms() / 1000,
        )?;
        if let (Some(pace), Some(subject)) = (&self.pace, &grant.subject) {
            pace.admit(subject, self.now_ms()).map_err(Failure::wait)?;
        }
        let body = match route {
            Route::Create => read_body(body).await?,
            _ => Vec::new(),
        };
        self.route(route, grant, &head, &body).await
    }
}

async fn read_body(body: Body) -> Result<Vec<u8>, Failure> {
    match Limited::new(body, input::BODY_MAX).collect().await {
        Ok(body) => Ok(body.to_bytes().to_vec()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(Failure::new(
            413,
            "invalid_request_error",
            "body_too_large",
            "The body may have 16 KiB.",
        )),
        Err(_) => Err(Failure::new(
            400,
            "invalid_request_error",
            "bad_body",
            "The body broke off.",
        )),
    }
}

fn failed(failure: &Failure, request_id: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(failure.body(request_id)));
    *response.status_mut() =
        StatusCode::from_u16(failure.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let headers = response.headers_mut();
    if failure.status == 401 {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(allow) = failure.allow() {
        headers.insert(header::ALLOW, HeaderValue::from_static(allow));
    }
    decorate(headers, failure.date(), failure.limits());
    response
}

fn decorate(headers: &mut HeaderMap, date: Option<&str>, limits: Limits) {
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    if let Some(date) = date.and_then(|d| HeaderValue::from_str(d).ok()) {
        headers.insert(header::DATE, date);
    }
    let numbers = [
        ("x-ratelimit-limit", limits.limit),
        ("x-ratelimit-remaining", limits.remaining),
        ("x-ratelimit-reset", limits.reset),
        ("retry-after", limits.retry_after),
    ];
    for (name, number) in numbers {
        if let Some(number) = number {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(number));
        }
    }
}

/// A new id for one request: `gw_` and 16 hexadecimal digits. A label, not a secret: it takes one random start for each process and
/// goes through all numbers from there, in an order that looks like none (the finaliser of SplitMix64, which is a bijection).
fn request_id() -> String {
    static START: LazyLock<u64> = LazyLock::new(|| {
        let mut bytes = [0u8; 8];
        // Without randomness two processes count alike.
        let _ = SystemRandom::new().fill(&mut bytes);
        u64::from_be_bytes(bytes)
    });
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut id = START.wrapping_add(COUNT.fetch_add(1, Ordering::Relaxed));
    id = (id ^ (id >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    id = (id ^ (id >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    format!("gw_{:016x}", id ^ (id >> 31))
}

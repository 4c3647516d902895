//! Which path is answered by what.

use crate::api::flight::Flights;
use crate::api::pace::{Calls, Pace};
use crate::api::{Api, ROOT};
use crate::config::{Config, Identity, Service};
use crate::files::Files;
use crate::host;
use crate::ledger::Ledger;
use crate::mint::Mint;
use crate::telemetry::Metrics;
use crate::upstream::{Governor, Shared, Upstream, unix_ms};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use axum::middleware::map_response;
use axum::routing::{any, get, post};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The API described for machines.
const OPENAPI: &str = include_str!("openapi.json");

/// Calls to the service that the polls of one widget come to in a minute at most: a reading answers them for 2 s.
const WIDGET_CALLS: u32 = 30;

/// Puts the parts together, and starts the reaper: to be called within a tokio runtime.
///
/// The API and the sandbox read the path as it came, percent-encoding and all: what looks like an attack is refused, not
/// repaired.
pub fn router(config: Config, ledger: Ledger) -> Router {
    let reap_after = config.reap_after;
    let loopback_hosts_only = matches!(
        (&config.service, &config.identity),
        (Service::Live { .. }, Identity::Cookie)
    );
    let (upstream, sandbox) = match config.service {
        Service::Sandbox(config) => {
            let sandbox = Shared::new(config);
            (Upstream::Embedded(sandbox.clone()), Some(sandbox))
        }
        Service::Live { base, key } => (Upstream::remote(base, key), None),
    };
    let governor = match upstream {
        Upstream::Remote(_) => Some(Governor::new(config.reserve_percent)),
        Upstream::Embedded(_) => None,
    };
    // The embedded sandbox has no rate that one browser could use up for the others.
    let calls_per_subject = config.calls_per_subject.filter(|_| governor.is_some());
    let metrics = Arc::new(Metrics::default());
    let mint = match (&config.identity, config.mint_secret) {
        (Identity::Token(ring), Some(secret)) => {
            Some(Arc::new(Mint::new(Arc::clone(ring), secret)))
        }
        _ => None,
    };
    let api = Arc::new(Api {
        metrics: Arc::clone(&metrics),
        log: config.log,
        upstream,
        governor,
        shelf: Mutex::default(),
        listing: Flights::default(),
        creating: Flights::default(),
        reading: Flights::default(),
        codes: Flights::default(),
        started: Instant::now(),
        pace: config.requests_per_subject.map(Pace::new),
        calls: calls_per_subject.map(|n| Calls::new(n, config.calls_share)),
        polls: calls_per_subject.map(|_| Pace::new(WIDGET_CALLS)),
        sessions_per_subject: config.sessions_per_subject,
        ledger,
        origins: config.origins,
        identity: config.identity,
        allow_webhook_url: config.allow_webhook_url,
        loopback_hosts_only,
    });
    if let Some(after) = reap_after {
        tokio::spawn(reap(Arc::clone(&api), after));
    }
    let files = Arc::new(Files::new(config.mounts, &config.csp));
    let mode = match sandbox {
        Some(_) => r#"{"mode":"sandbox"}"#,
        None => r#"{"mode":"live"}"#,
    };
    let mut router = Router::new()
        .route("/healthz", get(async || json(r#"{"status":"ok"}"#)))
        .route("/demo/mode", get(async move || json(mode)))
        .route("/openapi.json", get(async || json(OPENAPI)));
    let state = Arc::clone(&api);
    router = router.route(
        "/metrics",
        get(async move || {
            let text = metrics.text(state.ledger.count().await.ok());
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text)
        }),
    );
    let state = Arc::clone(&api);
    router = router.route(
        "/readyz",
        get(async move || match state.ledger.count().await {
            Ok(_) => json(r#"{"status":"ready"}"#),
            Err(_) => {
                let mut response = json(r#"{"status":"store unavailable"}"#);
                *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                response
            }
        }),
    );
    if let Some(mint) = mint {
        let answer = async move |request: Request<Body>| mint.answer(request).await;
        router = router.route("/tokens", post(answer));
    }
    // From here on each route says itself what may be kept; above, nothing may, and no refusal of a method either.
    router = router.layer(map_response(no_store));
    for path in below(ROOT) {
        let api = Arc::clone(&api);
        let answer = move |request: Request<Body>| Arc::clone(&api).answer(request);
        router = router.route(&path, any(answer));
    }
    if let Some(sandbox) = sandbox {
        for path in below("/v1").into_iter().chain(below("/sandbox")) {
            let sandbox = sandbox.clone();
            let answer = async move |request: Request<Body>| host::answer(&sandbox, request).await;
            router = router.route(&path, any(answer));
        }
    }
    router.fallback(async move |request: Request<Body>| files.answer(request).await)
}

/// Deletes abandoned sessions for as long as the process lives.
async fn reap(api: Arc<Api>, after: Duration) {
    let pause = (after / 4).clamp(Duration::from_millis(200), Duration::from_secs(30));
    let after_ms = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
    loop {
        tokio::time::sleep(pause).await;
        api.reap(unix_ms().saturating_sub(after_ms)).await;
    }
}

/// The patterns that catch a path and everything below it.
fn below(path: &str) -> [String; 3] {
    [
        path.to_owned(),
        format!("{path}/"),
        format!("{path}/{{*rest}}"),
    ]
}

async fn no_store(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn json(body: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

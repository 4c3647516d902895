//! Which path is answered by what.

use crate::api::{Api, ROOT, ledger::Ledger};
use crate::config::{Config, Identity, Service};
use crate::files::Files;
use crate::host;
use crate::upstream::{Shared, Upstream};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, header};
use axum::routing::{any, get};
use std::sync::Arc;

/// Puts the parts together.
///
/// The API and the sandbox read the path as it came, percent-encoding and all: what looks like an attack is refused, not
/// repaired.
pub fn router(config: Config) -> Router {
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
    let api = Arc::new(Api {
        upstream,
        ledger: Ledger::default(),
        origins: config.origins,
        identity: config.identity,
        allow_webhook_url: config.allow_webhook_url,
        loopback_hosts_only,
    });
    let files = Arc::new(Files::new(config.mounts, &config.csp));
    let mode = match sandbox {
        Some(_) => r#"{"mode":"sandbox"}"#,
        None => r#"{"mode":"live"}"#,
    };
    let mut router = Router::new()
        .route("/healthz", get(async || json(r#"{"status":"ok"}"#)))
        .route("/demo/mode", get(async move || json(mode)));
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

/// The patterns that catch a path and everything below it.
fn below(path: &str) -> [String; 3] {
    [
        path.to_owned(),
        format!("{path}/"),
        format!("{path}/{{*rest}}"),
    ]
}

fn json(body: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

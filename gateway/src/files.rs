//! Static files: the demo page and the npm package.

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use std::path::PathBuf;
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

/// What a page needs that runs the widget from this server, and nothing else.
pub const DEFAULT_CSP: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; \
     style-src 'self'; img-src 'self' data: blob:; font-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'self'";

/// Kept, but asked about each time: a page and its scripts change together.
const REVALIDATED: &str = "no-cache";

/// Kept for a year without a question (RFC 9111, RFC 8246).
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// A folder below a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Empty for the root, otherwise `/prefix` without a slash at the end.
    pub prefix: String,
    /// The folder.
    pub dir: PathBuf,
    /// Whether what a path answers never changes, because the prefix names a version: browsers then keep it without asking again.
    pub immutable: bool,
}

/// All mounts, the longest prefix first; among equals in the order given.
#[derive(Clone, Debug)]
pub struct Files {
    mounts: Vec<Mount>,
    csp: HeaderValue,
}

impl Files {
    /// Serves these folders under this policy.
    #[must_use]
    pub fn new(mut mounts: Vec<Mount>, csp: &str) -> Self {
        mounts.sort_by_key(|mount| std::cmp::Reverse(mount.prefix.len()));
        let csp =
            HeaderValue::from_str(csp).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        Self { mounts, csp }
    }

    /// Answers GET and HEAD; `ServeDir` keeps every path inside its folder.
    pub async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let mut response = Response::new(Body::from("Not found\n"));
        *response.status_mut() = StatusCode::NOT_FOUND;
        let mut caching = REVALIDATED;
        let (head, _) = request.into_parts();
        for mount in &self.mounts {
            let Some(rest) = below(&mount.prefix, head.uri.path()) else {
                continue;
            };
            let found = if rest.is_empty() {
                redirect(&format!("{}/", mount.prefix))
            } else {
                from_dir(mount, rest, &head).await
            };
            if found.status() != StatusCode::NOT_FOUND {
                // A redirect or a refusal is about today's folder.
                if mount.immutable
                    && (found.status().is_success() || found.status() == StatusCode::NOT_MODIFIED)
                {
                    caching = IMMUTABLE;
                }
                response = found;
                break;
            }
        }
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, self.csp.clone());
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        headers.insert(
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        );
        response
    }
}

async fn from_dir(mount: &Mount, rest: &str, head: &Parts) -> Response<Body> {
    let mut inner = Request::new(Body::empty());
    inner.method_mut().clone_from(&head.method);
    inner.headers_mut().clone_from(&head.headers);
    let Ok(path) = PathAndQuery::try_from(rest) else {
        return not_found();
    };
    *inner.uri_mut() = Uri::from(path);
    let dir = ServeDir::new(&mount.dir).precompressed_br();
    let mut response = match dir.oneshot(inner).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    };
    // A folder without its slash is redirected by a path that does not know the prefix.
    if let Some(location) = response
        .headers()
        .get(header::LOCATION)
        .and_then(|v| v.to_str().ok())
    {
        response = redirect(&format!("{}{}", mount.prefix, location));
    }
    response
}

/// What remains of a path below a prefix: empty for the prefix itself, otherwise with its leading slash.
fn below<'a>(prefix: &str, path: &'a str) -> Option<&'a str> {
    let rest = path.strip_prefix(prefix)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

fn not_found() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// To a path of this server: several leading slashes would name another host.
fn redirect(path: &str) -> Response<Body> {
    let path = format!("/{}", path.trim_start_matches('/'));
    let Ok(location) = HeaderValue::from_str(&path) else {
        return not_found();
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    response.headers_mut().insert(header::LOCATION, location);
    response
}

//! Who calls, and what they may do.

use super::failure::Failure;
use super::origin::{Caller, Origin};
use crate::config::Identity;
use crate::id::SessionId;
use crate::ledger::Subject;
use crate::token::{Keyring, Operation, TokenError};
use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};

/// The cookie that names an anonymous subject in the modes without tokens.
const COOKIE: &str = "sendapi_browser";
/// 16 random bytes in base64url.
const COOKIE_LEN: usize = 22;

/// An idempotency key of this length is taken to be random: a UUID has 36 characters.
const OWN_KEY_LEN: usize = 20;

/// A caller who may do what was asked.
pub struct Grant {
    /// Who it is; `None` is a browser that has created nothing yet.
    pub subject: Option<Subject>,
    /// The only session it reaches.
    pub session: Option<SessionId>,
}

/// Decides who calls and whether the operation is theirs.
///
/// # Errors
/// 401 for a token that is missing or refused, 403 for an operation, origin or session that it does not grant, and for a page of
/// another origin where there are no tokens.
pub fn identify(
    identity: &Identity,
    headers: &HeaderMap,
    caller: &Caller,
    operation: Operation,
    now_s: u64,
) -> Result<Grant, Failure> {
    let bearer = bearer(headers);
    match identity {
        Identity::Cookie => {
            if bearer.is_some_and(|token| token.starts_with("sk_")) {
                return Err(unauthorized(TokenError::SecretKey));
            }
            let subject = cookie_subject(headers);
            if subject.is_none() && is_elsewhere(headers, caller, operation) {
                return Err(Failure::new(
                    403,
                    "permission_error",
                    "tokens_required",
                    "A page of another origin needs a token, and this gateway takes none: set SENDAPI_TOKEN_KEYS.",
                ));
            }
            Ok(Grant {
                subject,
                session: None,
            })
        }
        Identity::Token(ring) => by_token(ring, bearer, headers, caller, operation, now_s),
    }
}

fn by_token(
    ring: &Keyring,
    bearer: Option<&str>,
    headers: &HeaderMap,
    caller: &Caller,
    operation: Operation,
    now_s: u64,
) -> Result<Grant, Failure> {
    let token = bearer.ok_or_else(|| {
        Failure::new(
            401,
            "authentication_error",
            "missing_token",
            "A bearer token is required.",
        )
    })?;
    let claims = ring.verify(token, now_s).map_err(unauthorized)?;
    if !claims.ops.contains(&operation) {
        return Err(forbidden("The token does not grant this operation."));
    }
    if claims
        .origin
        .as_deref()
        .is_some_and(|origin| !comes_from(origin, headers, caller))
    {
        return Err(forbidden("The token is for another origin."));
    }
    let session = match claims.session.as_deref() {
        Some(text) => {
            Some(SessionId::parse(text).ok_or_else(|| unauthorized(TokenError::Invalid))?)
        }
        None => None,
    };
    Ok(Grant {
        subject: Some(Subject::of_token(&claims.sub)),
        session,
    })
}

/// Whether a request comes from `origin`. A page of this very server sends no `Origin` on GET: there the authority decides.
fn comes_from(origin: &str, headers: &HeaderMap, caller: &Caller) -> bool {
    match caller {
        Caller::Listed(listed) => listed.as_str() == origin,
        Caller::Foreign => false,
        Caller::Same => {
            let sent = headers.get(header::ORIGIN).and_then(|v| v.to_str().ok());
            let host = headers.get(header::HOST).and_then(|v| v.to_str().ok());
            match sent {
                Some(sent) => sent == origin,
                None => Origin::parse(origin).is_some_and(|o| {
                    host.is_some_and(|host| o.as_str().ends_with(&format!("://{host}")))
                }),
            }
        }
    }
}

fn unauthorized(error: TokenError) -> Failure {
    let code = match error {
        TokenError::SecretKey => "secret_key_rejected",
        TokenError::Expired => "expired_token",
        TokenError::Invalid | TokenError::TooLong | TokenError::Early | TokenError::Audience => {
            "invalid_token"
        }
    };
    Failure::new(401, "authentication_error", code, &error.to_string())
}

fn forbidden(message: &str) -> Failure {
    Failure::new(403, "permission_error", "forbidden", message)
}

/// The token of `Authorization: Bearer …`, the only place where one is looked for. Of two, neither counts: what stands before the
/// gateway may have looked at the other.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(one), None) = (sent.next(), sent.next()) else {
        return None;
    };
    let (scheme, token) = one.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The subject of a caller without a token: a browser by its cookie, anything else is the operator at a terminal.
fn cookie_subject(headers: &HeaderMap) -> Option<Subject> {
    let cookie = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| {
            *name == COOKIE
                && value.len() == COOKIE_LEN
                && value
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        });
    match cookie {
        Some((_, value)) => Some(Subject::of_cookie(value)),
        None if headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site") => {
            None
        }
        None => Some(Subject::local()),
    }
}

/// Whether a page of a listed origin asks from there, where no cookie of ours is kept: what it creates nobody could ever read. A proxy
/// may bring such an origin, too, out of a page that is of the proxy's own; there the cookie is kept.
fn is_elsewhere(headers: &HeaderMap, caller: &Caller, operation: Operation) -> bool {
    let Caller::Listed(_) = caller else {
        return false;
    };
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        Some(site) => !matches!(site, b"same-origin" | b"none"),
        // Not sent over plain HTTP beyond loopback. But where a GET names its origin, the page is of another.
        None => !matches!(operation, Operation::Create | Operation::Delete),
    }
}

/// A new anonymous subject, and the `Set-Cookie` that names it. `None` when the system gives no randomness.
///
/// The first create's answer, and its cookie with it, may be lost. So a browser that repeats it under the same idempotency key
/// must be the same subject again: where the key is long enough to be one browser's own, the subject follows from it.
#[must_use]
pub fn mint(idempotency_key: Option<&str>) -> Option<(Subject, HeaderValue)> {
    let mut bytes = [0u8; 16];
    match idempotency_key.filter(|key| key.len() >= OWN_KEY_LEN) {
        Some(key) => {
            let digest = digest(&SHA256, format!("browser:{key}").as_bytes());
            bytes.copy_from_slice(digest.as_ref().get(..16)?);
        }
        None => SystemRandom::new().fill(&mut bytes).ok()?,
    }
    let value = URL_SAFE_NO_PAD.encode(bytes);
    let cookie = format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict");
    let mut cookie = HeaderValue::from_str(&cookie).ok()?;
    cookie.set_sensitive(true);
    Some((Subject::of_cookie(&value), cookie))
}

//! `POST /tokens`: for backends that would rather ask for a token than sign one. Server to server only.

use crate::api::identity;
use crate::api::origin::Origin;
use crate::json;
use crate::secret::Secret;
use crate::token::{Claims, Keyring, LIFE_MAX_S, Operation};
use crate::upstream::unix_ms;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use ring::hmac;
use ring::rand::SystemRandom;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const BODY_MAX: usize = 16 * 1024;
const BODY_TIME: Duration = Duration::from_secs(10);

/// Signs tokens for whoever knows the secret.
#[derive(Debug)]
pub struct Mint {
    ring: Arc<Keyring>,
    secret: Secret,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    sub: String,
    ops: Option<Vec<Operation>>,
    #[serde(default, deserialize_with = "json::given")]
    session: Option<String>,
    #[serde(default, deserialize_with = "json::given")]
    origin: Option<String>,
    ttl: Option<u64>,
}

impl Mint {
    /// Mints with the ring's first key.
    #[must_use]
    pub const fn new(ring: Arc<Keyring>, secret: Secret) -> Self {
        Self { ring, secret }
    }

    /// Answers `{sub, ops?, session?, origin?, ttl?}` with `{token, expires_at}`; `expires_at` in Unix seconds.
    ///
    /// Without `ops` the token may create, read and ask for codes. A request that a browser could have sent is refused, and no
    /// CORS header is ever sent.
    pub async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let (head, body) = request.into_parts();
        let (status, body) = match self.order(&head.headers, body).await {
            Ok(body) => (StatusCode::CREATED, body),
            Err((status, code)) => (
                status,
                json!({"error": {"type": "token_error", "code": code, "message": code}}),
            ),
        };
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = status;
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        response
    }

    async fn order(
        &self,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Value, (StatusCode, &'static str)> {
        if headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site") {
            return Err((StatusCode::FORBIDDEN, "server_to_server_only"));
        }
        if !self.knows_secret(headers) {
            return Err((StatusCode::UNAUTHORIZED, "unauthorized"));
        }
        let body = tokio::time::timeout(BODY_TIME, Limited::new(body, BODY_MAX).collect()).await;
        let body = match body {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                return Err((StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"));
            }
            Ok(Err(_)) | Err(_) => return Err((StatusCode::BAD_REQUEST, "bad_body")),
        };
        let unprocessable = (StatusCode::UNPROCESSABLE_ENTITY, "invalid_order");
        let order: Order = json::object(&body).map_err(|_| unprocessable)?;
        let ttl = order.ttl.unwrap_or(LIFE_MAX_S);
        if ttl == 0 || ttl > LIFE_MAX_S {
            return Err((StatusCode::UNPROCESSABLE_ENTITY, "ttl_out_of_range"));
        }
        if !order.origin.as_deref().is_none_or(can_match) {
            return Err((StatusCode::UNPROCESSABLE_ENTITY, "invalid_origin"));
        }
        let now_s = unix_ms() / 1000;
        let claims = Claims {
            aud: self.ring.audience().to_owned(),
            sub: order.sub,
            exp: now_s + ttl,
            ops: order
                .ops
                .unwrap_or_else(|| vec![Operation::Create, Operation::Read, Operation::Qr]),
            session: order.session,
            origin: order.origin,
        };
        let token = self.ring.sign(&claims);
        // What the gateway would not accept it does not hand out.
        self.ring
            .verify(token.expose(), now_s)
            .map_err(|_| unprocessable)?;
        Ok(json!({"token": token.expose(), "expires_at": claims.exp}))
    }

    /// Compares MACs under a random key, so that the time taken says nothing about the secret.
    fn knows_secret(&self, headers: &HeaderMap) -> bool {
        let Some(sent) = identity::bearer(headers) else {
            return false;
        };
        let Ok(key) = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()) else {
            return false;
        };
        let expected = hmac::sign(&key, self.secret.expose().as_bytes());
        hmac::verify(&key, sent.as_bytes(), expected.as_ref()).is_ok()
    }
}

/// Whether a browser could ever name this origin: in lower case, without a path and without the scheme's own port.
fn can_match(origin: &str) -> bool {
    Origin::configured(origin).is_some_and(|sent| sent.as_str() == origin)
}

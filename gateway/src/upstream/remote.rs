//! SendAPI over HTTP/1.1.

use super::{Answer, Ask, Unanswered};
use crate::client::Client;
use crate::secret::Secret;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use hyper::{Request, Uri};
use serde_json::Value;
use std::fmt;
use tokio::sync::Semaphore;

/// Calls under way at once: a service that hangs must not collect as many as there are browsers.
const CALLS_MAX: usize = 256;

/// Where SendAPI is: `https://sendapi.co/v1` unless configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

/// Why a base URL was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseUrlError {
    /// It is no absolute HTTP URL, or carries a query, fragment or user.
    Malformed,
    /// The key would travel in the clear: plain HTTP is for loopback only.
    Insecure,
}

impl fmt::Display for BaseUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "must be an absolute http(s) URL without query, fragment or user",
            Self::Insecure => "must be https: the key would travel in the clear",
        })
    }
}

impl std::error::Error for BaseUrlError {}

impl BaseUrl {
    /// Checks a URL such as `https://sendapi.co/v1`.
    ///
    /// # Errors
    /// See [`BaseUrlError`].
    pub fn parse(text: &str) -> Result<Self, BaseUrlError> {
        let text = text.trim_end_matches('/');
        let uri: Uri = text.parse().map_err(|_| BaseUrlError::Malformed)?;
        let host = uri.host().ok_or(BaseUrlError::Malformed)?;
        if uri.query().is_some() || text.contains(['#', '@', '?']) {
            return Err(BaseUrlError::Malformed);
        }
        let loopback = host == "localhost"
            || host
                .trim_matches(['[', ']'])
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback());
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if loopback => {}
            Some("http") => return Err(BaseUrlError::Insecure),
            _ => return Err(BaseUrlError::Malformed),
        }
        Ok(Self(text.to_owned()))
    }
}

impl Default for BaseUrl {
    fn default() -> Self {
        Self("https://sendapi.co/v1".to_owned())
    }
}

/// SendAPI at one base URL under one key. Redirects are not followed: the key goes to one host only.
pub struct Remote {
    client: Client,
    base: BaseUrl,
    key: Secret,
    places: Semaphore,
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

impl Remote {
    pub(super) fn new(base: BaseUrl, key: Secret) -> Self {
        Self {
            client: Client::new(),
            base,
            key,
            places: Semaphore::new(CALLS_MAX),
        }
    }

    pub(super) async fn ask(&self, ask: &Ask) -> Result<Answer, Unanswered> {
        let query = ask.query().map(|q| format!("?{q}")).unwrap_or_default();
        let url = format!("{}{}{query}", self.base.0, ask.path());
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", self.key.expose()))
            .map_err(|_| Unanswered::Network)?;
        authorization.set_sensitive(true);
        let mut request = Request::builder()
            .method(ask.method())
            .uri(url)
            .header(AUTHORIZATION, authorization)
            .header(ACCEPT, "application/json")
            .header(
                USER_AGENT,
                concat!("sendapi-gateway/", env!("CARGO_PKG_VERSION")),
            );
        let mut body = Bytes::new();
        if let Ask::Create {
            body: json,
            idempotency_key,
        } = ask
        {
            body = Bytes::copy_from_slice(json);
            request = request.header(CONTENT_TYPE, "application/json");
            if let Some(key) = idempotency_key {
                request = request.header("idempotency-key", key);
            }
        }
        let request = request
            .body(Full::new(body))
            .map_err(|_| Unanswered::Network)?;
        let place = self.places.acquire().await;
        let (head, body) = self.client.exchange(request).await?;
        drop(place);
        let header = |name: &str| head.headers.get(name).and_then(|v| v.to_str().ok());
        let mut answer = Answer::read(head.status.as_u16(), header, &body);
        if answer
            .json
            .as_ref()
            .is_some_and(|json| holds(json, self.key.expose()))
        {
            // No sound answer repeats the key, and none that does is looked at any further.
            answer.json = None;
        }
        Ok(answer)
    }
}

/// Whether a text stands anywhere in a document, escapes undone and control characters left out: a reader may drop those.
fn holds(json: &Value, text: &str) -> bool {
    let in_plain = |own: &str| {
        own.contains(text)
            || own.contains(char::is_control) && own.replace(char::is_control, "").contains(text)
    };
    match json {
        Value::String(own) => in_plain(own),
        Value::Array(items) => items.iter().any(|item| holds(item, text)),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| in_plain(name) || holds(value, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_found_wherever_it_stands() {
        let key = "sk_live_canary";
        for text in [
            r#""a sk_live_canary b""#,
            r#"{"a":[{"b":"sk\u005flive_canary"}]}"#,
            r#"{"sk_live_canary":1}"#,
            r#"{"name":"s\u0001k_live_\u0085canary"}"#,
            r#"{"s\nk_live_canary":1}"#,
        ] {
            let json = serde_json::from_str(text).unwrap();
            assert!(holds(&json, key), "{text}");
        }
        let json = serde_json::from_str(r#"{"name":"sk_live_\ncanar"}"#).unwrap();
        assert!(!holds(&json, key));
    }

    #[test]
    fn the_key_travels_in_the_clear_on_loopback_only() {
        assert!(BaseUrl::parse("https://sendapi.co/v1/").is_ok());
        assert!(BaseUrl::parse("http://127.0.0.1:9/v1").is_ok());
        assert!(BaseUrl::parse("http://[::1]:9/v1").is_ok());
        assert!(BaseUrl::parse("http://localhost:9").is_ok());
        assert_eq!(
            BaseUrl::parse("http://sendapi.co/v1"),
            Err(BaseUrlError::Insecure)
        );
        for bad in [
            "",
            "sendapi.co",
            "ftp://x/",
            "/v1",
            "https://u:p@x/v1",
            "https://x/?a",
        ] {
            assert_eq!(BaseUrl::parse(bad), Err(BaseUrlError::Malformed), "{bad}");
        }
    }
}

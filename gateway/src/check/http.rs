//! A browser as far as the rules need one: cookies, fixed headers, and an eye on what every answer must be like.

use super::answers::{self, Verdict};
use super::cookies::Jar;
use super::url;
use crate::client::Client;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{COOKIE, HeaderMap, HeaderName, HeaderValue, ORIGIN, USER_AGENT};
use hyper::{Request, Uri};
use sendapi_pairing_core::model::SessionId;
use serde_json::{Map, Value};
use std::fmt;

/// A firewall before a backend may let nobody in who does not say what they are.
const AGENT: &str = concat!("sendapi-gateway/", env!("CARGO_PKG_VERSION"));

/// As many redirects as browsers go along with.
const HOPS: usize = 20;

/// Why nothing can be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetError {
    /// The URL is no absolute HTTP URL that ends with its path.
    Url,
    /// A header is not `Name: value`.
    Header,
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Url => "URL must be absolute and without ? and #, such as http://127.0.0.1:8080/api/whatsapp",
            Self::Header => "a header must be `Name: value`",
        })
    }
}

impl std::error::Error for TargetError {}

/// One answer.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) status: u16,
    headers: HeaderMap,
    pub(super) json: Option<Value>,
}

impl Exchange {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Where a redirect leads.
    fn redirect(&self) -> Option<&str> {
        let redirects = (300..400).contains(&self.status);
        let location = self.headers.get("location")?.to_str().ok()?;
        redirects.then_some(location)
    }

    /// Every line of a header; one that is no text is empty.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        let lines = self.headers.get_all(name).iter();
        lines.map(|line| line.to_str().unwrap_or("")).collect()
    }

    /// The object that the element would read.
    pub(super) fn object(&self) -> Option<&Map<String, Value>> {
        let body = self.json.as_ref()?.as_object()?;
        match body.get("data") {
            Some(Value::Object(data)) => Some(data),
            Some(Value::Array(_)) => None,
            _ => Some(body),
        }
    }
}

/// A browser with its own cookies.
pub(super) struct Browser {
    client: Client,
    base: String,
    origin: String,
    headers: HeaderMap,
    jar: Jar,
    heard: bool,
    secret: bool,
    storable: Verdict,
    wordless: Verdict,
    codes: Vec<String>,
    made: Vec<SessionId>,
}

impl Browser {
    /// A browser that sends these headers (`Name: value`) with each request.
    pub(super) fn new<'a>(
        url: &str,
        lines: impl Iterator<Item = &'a str>,
    ) -> Result<Self, TargetError> {
        let base = url.trim_end_matches('/');
        let uri: Uri = base.parse().map_err(|_| TargetError::Url)?;
        let origin = url::origin(&uri).ok_or(TargetError::Url)?;
        // The reader of URLs drops what follows a `#`; the paths are put after it all.
        if url.contains(['?', '#']) {
            return Err(TargetError::Url);
        }
        let (mut headers, mut jar) = (HeaderMap::new(), Jar::default());
        for line in lines {
            let (name, value) = line.split_once(':').ok_or(TargetError::Header)?;
            let name: HeaderName = name.trim().parse().map_err(|_| TargetError::Header)?;
            let value: HeaderValue = value.trim().parse().map_err(|_| TargetError::Header)?;
            match value.to_str() {
                Ok(cookies) if name == COOKIE => jar.put(cookies),
                _ => drop(headers.append(name, value)),
            }
        }
        Ok(Self {
            client: Client::new(),
            base: base.to_owned(),
            origin,
            headers,
            jar,
            heard: false,
            secret: false,
            storable: Ok(()),
            wordless: Ok(()),
            codes: Vec::new(),
            made: Vec::new(),
        })
    }

    /// Sends one request, as a page of the backend's own origin unless `extra` says otherwise: it takes the place of what is sent
    /// under the same name, and is left out where it is empty.
    pub(super) async fn send(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&str>,
        extra: &[(&'static str, &str)],
    ) -> Result<Exchange, String> {
        let url = format!("{}{path}", self.base);
        let exchange = self.fetch(method, &url, body, extra).await?;
        self.heard = true;
        let named = |why| format!("{method} {path:.60} answered {} and {why}", exchange.status);
        if self.storable.is_ok() {
            self.storable = answers::no_store(&exchange).map_err(named);
        }
        // What answers a HEAD has no body.
        if self.wordless.is_ok() && exchange.status >= 400 && method != "HEAD" {
            self.wordless = answers::error_body(&exchange).map_err(named);
        }
        self.account(method, path, &exchange);
        Ok(exchange)
    }

    /// GET, and wherever redirects lead on the same host. What a framework answers before any handler is asked is not held to the
    /// rules for all answers.
    pub(super) async fn follow(&mut self, path: &str) -> Result<Exchange, String> {
        let mut url = format!("{}{path}", self.base);
        for _ in 0..HOPS {
            let exchange = self.fetch("GET", &url, None, &[]).await?;
            let Some(location) = exchange.redirect() else {
                return Ok(exchange);
            };
            url = url::resolve(&url, location).ok_or("redirected to another place")?;
        }
        Err("redirected without end".to_owned())
    }

    /// What a browser asks before a page of another origin may send a create, or a DELETE.
    pub(super) async fn preflight(
        &mut self,
        method: &str,
        path: &str,
        origin: &str,
    ) -> Result<Exchange, String> {
        let url = format!("{}{path}", self.base);
        let headers = match method {
            "POST" => "content-type,idempotency-key",
            _ => "",
        };
        let asked = [
            ("origin", origin),
            ("sec-fetch-site", "cross-site"),
            ("access-control-request-method", method),
            ("access-control-request-headers", headers),
        ];
        self.fetch("OPTIONS", &url, None, &asked).await
    }

    async fn fetch(
        &mut self,
        method: &str,
        url: &str,
        body: Option<&str>,
        extra: &[(&'static str, &str)],
    ) -> Result<Exchange, String> {
        let mut request = Request::builder()
            .method(method)
            .uri(url)
            .body(Full::new(Bytes::from(body.unwrap_or_default().to_owned())))
            .map_err(|_| "the request cannot be written".to_owned())?;
        *request.headers_mut() = self.head(method, body.is_some(), extra);
        let (head, body) = self.client.send_explained(request).await?;
        self.remember(&head.headers, &body);
        Ok(Exchange {
            status: head.status.as_u16(),
            headers: head.headers,
            json: serde_json::from_slice(&body).ok(),
        })
    }

    fn head(&self, method: &str, has_body: bool, extra: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        headers.insert("accept", HeaderValue::from_static("application/json"));
        headers.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
        if has_body {
            headers.insert("content-type", HeaderValue::from_static("application/json"));
        }
        // On a GET or a HEAD of their own origin, browsers leave it out.
        if !matches!(method, "GET" | "HEAD")
            && let Ok(own) = HeaderValue::from_str(&self.origin)
        {
            headers.insert(ORIGIN, own);
        }
        headers.extend(self.headers.clone());
        let cookies = self.jar.header();
        if let Some(Ok(value)) = cookies.map(|pairs| pairs.parse()) {
            headers.insert(COOKIE, value);
        }
        for (name, value) in extra {
            headers.remove(*name);
            if let Ok(value) = HeaderValue::from_str(value)
                && !value.is_empty()
            {
                headers.insert(*name, value);
            }
        }
        headers
    }

    /// Keeps account of the codes that were shown, and of the sessions that have to be deleted.
    fn account(&mut self, method: &str, path: &str, exchange: &Exchange) {
        let object = exchange.object();
        if let Some(code) = object.and_then(|o| o.get("qr_code")?.as_str()) {
            self.codes.push(code.to_owned());
        }
        if method == "POST"
            && exchange.is_success()
            && let Some(id) = object.and_then(answers::id_of)
            && !self.made.contains(&id)
        {
            self.made.push(id);
        }
        if method == "DELETE" && exchange.is_success() {
            self.made
                .retain(|id| path != format!("/sessions/{}", id.to_path_segment()));
        }
    }

    /// The origin of the backend itself.
    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// The origin that its requests were given, that is, one whose pages may ask.
    pub(super) fn given_origin(&self) -> Option<&str> {
        self.headers.get(ORIGIN)?.to_str().ok()
    }

    /// Whether there was any answer.
    pub(super) fn heard(&self) -> bool {
        self.heard
    }

    /// The codes that were shown so far.
    pub(super) fn codes(&self) -> Vec<String> {
        self.codes.clone()
    }

    /// The sessions that it made and has not deleted.
    pub(super) fn made(&self) -> Vec<SessionId> {
        self.made.clone()
    }

    /// Whether any answer so far contained what looks like a SendAPI key.
    pub(super) fn saw_secret(&self) -> bool {
        self.secret
    }

    /// The first answer that a cache might keep.
    pub(super) fn saw_storable(&self) -> Verdict {
        self.storable.clone()
    }

    /// The first error that was not put into words.
    pub(super) fn saw_wordless(&self) -> Verdict {
        self.wordless.clone()
    }

    fn remember(&mut self, headers: &HeaderMap, body: &[u8]) {
        let set = headers.get_all("set-cookie").iter();
        for cookie in set.filter_map(|cookie| cookie.to_str().ok()) {
            self.jar.set(cookie);
        }
        let in_headers = headers.values().any(|value| holds_secret(value.as_bytes()));
        self.secret |= in_headers || holds_secret(body);
    }
}

fn holds_secret(bytes: &[u8]) -> bool {
    [&b"sk_live_"[..], b"sk_test_"].iter().any(|prefix| {
        bytes.windows(prefix.len() + 1).any(|window| {
            window.starts_with(prefix) && window[prefix.len()].is_ascii_alphanumeric()
        })
    })
}

//! A browser as far as the rules need one: cookies, fixed headers, and an eye on what must not be seen.

use crate::client::Client;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Request, Uri};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;

/// Why nothing can be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetError {
    /// The URL is no absolute HTTP URL.
    Url,
    /// A header is not `Name: value`.
    Header,
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Url => "URL must be absolute, such as http://127.0.0.1:8080/api/whatsapp",
            Self::Header => "--header must be `Name: value`",
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
    pub(super) fn redirect(&self) -> Option<String> {
        let redirects = (300..400).contains(&self.status);
        self.header("location")
            .filter(|_| redirects)
            .map(str::to_owned)
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(super) fn object(&self) -> Option<&Map<String, Value>> {
        let body = self.json.as_ref()?.as_object()?;
        match body.get("data") {
            Some(Value::Object(data)) => Some(data),
            _ => Some(body),
        }
    }

    pub(super) fn rows(&self) -> Option<&Vec<Value>> {
        let body = self.json.as_ref()?;
        body.as_array().or_else(|| body.get("data")?.as_array())
    }
}

/// A browser with its own cookies.
pub(super) struct Browser {
    client: Client,
    base: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    cookies: BTreeMap<String, String>,
    secret: bool,
    code: Option<String>,
}

impl Browser {
    pub(super) fn new(url: &str, headers: &[String]) -> Result<Self, TargetError> {
        let base = url.trim_end_matches('/');
        let uri: Uri = base.parse().map_err(|_| TargetError::Url)?;
        if uri.host().is_none()
            || !matches!(uri.scheme_str(), Some("http" | "https"))
            || uri.query().is_some()
        {
            return Err(TargetError::Url);
        }
        let headers = headers
            .iter()
            .map(|line| {
                let (name, value) = line.split_once(':').ok_or(TargetError::Header)?;
                let name = name.trim().parse().map_err(|_| TargetError::Header)?;
                let value = value.trim().parse().map_err(|_| TargetError::Header)?;
                Ok((name, value))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            client: Client::new(),
            base: base.to_owned(),
            headers,
            cookies: BTreeMap::new(),
            secret: false,
            code: None,
        })
    }

    /// Sends one request, as a page of the backend's own origin unless `extra` says otherwise.
    pub(super) async fn send(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&str>,
        extra: &[(&'static str, &'static str)],
    ) -> Result<Exchange, String> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .body(Full::new(Bytes::from(body.unwrap_or_default().to_owned())))
            .map_err(|_| "the request cannot be written".to_owned())?;
        let headers = request.headers_mut();
        headers.insert("accept", HeaderValue::from_static("application/json"));
        headers.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
        if body.is_some() {
            headers.insert("content-type", HeaderValue::from_static("application/json"));
        }
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self
                .cookies
                .iter()
                .map(|(n, v)| format!("{n}={v}"))
                .collect();
            if let Ok(value) = HeaderValue::from_str(&pairs.join("; ")) {
                headers.append("cookie", value);
            }
        }
        for (name, value) in extra {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        let (head, body) = self.client.send(request).await.map_err(|error| {
            use crate::client::Unanswered;
            match error {
                Unanswered::Network => "no answer".to_owned(),
                Unanswered::Timeout => "no answer within 10 s".to_owned(),
                Unanswered::TooLarge => "the answer was over 512 KiB".to_owned(),
            }
        })?;
        self.remember(&head.headers, &body);
        let exchange = Exchange {
            status: head.status.as_u16(),
            headers: head.headers,
            json: serde_json::from_slice(&body).ok(),
        };
        if let Some(code) = exchange.object().and_then(|o| o.get("qr_code")?.as_str()) {
            self.code = Some(code.to_owned());
        }
        Ok(exchange)
    }

    /// Goes where a redirect leads on the same host.
    pub(super) async fn follow(&mut self, location: &str) -> Result<Exchange, String> {
        let authority = self.base.find("://").map_or(0, |at| at + 3);
        let path = self.base[authority..].find('/');
        let origin = self.base[..path.map_or(self.base.len(), |at| authority + at)].to_owned();
        let path = location
            .strip_prefix(&origin)
            .unwrap_or(location)
            .to_owned();
        if !path.starts_with('/') || path.starts_with("//") {
            return Err("redirected to another place".to_owned());
        }
        let base = std::mem::replace(&mut self.base, origin);
        let answer = self.send("GET", &path, None, &[]).await;
        self.base = base;
        answer
    }

    /// The code seen last.
    pub(super) fn code(&self) -> Option<String> {
        self.code.clone()
    }

    /// Whether any answer so far contained what looks like a SendAPI key.
    pub(super) fn saw_secret(&self) -> bool {
        self.secret
    }

    fn remember(&mut self, headers: &HeaderMap, body: &[u8]) {
        for cookie in headers.get_all("set-cookie") {
            let pair = cookie
                .to_str()
                .ok()
                .and_then(|c| c.split(';').next()?.split_once('='));
            if let Some((name, value)) = pair {
                self.cookies
                    .insert(name.trim().to_owned(), value.trim().to_owned());
            }
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

/// An id as one path segment (RFC 3986, unreserved characters stay).
pub(super) fn encode(id: &str) -> String {
    let mut out = String::new();
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

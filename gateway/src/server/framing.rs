//! Requests that two servers in a row could read differently: what smuggling lives on (RFC 9112, sections 3.2, 6.1 and 11.2).
//!
//! hyper refuses what is malformed. What it repairs instead is refused here, or ends the connection, so that no byte behind such
//! a request is ever taken for a request of its own.

use axum::body::Body;
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Request, Response, StatusCode, Version, header};
use serde_json::json;

/// What is to be made of a request for how it was framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// One length, one host.
    Plain,
    /// Chunked. hyper drops a `Content-Length` beside it, unseen, so that the connection ends with the answer.
    Chunked,
    /// Two lengths, another encoding than chunked, or not exactly one host.
    Ambiguous,
}

impl Framing {
    pub(super) fn of<B>(request: &Request<B>) -> Self {
        let headers = request.headers();
        let mut encodings = headers.get_all(header::TRANSFER_ENCODING).iter();
        let encoding = encodings.next();
        let chunked = encoding.is_some();
        let encoding_is_sound = encodings.next().is_none()
            && encoding.is_none_or(|value| value.as_bytes().eq_ignore_ascii_case(b"chunked"));
        let hosts = headers.get_all(header::HOST).iter().count();
        let host_is_sound = match request.version() {
            Version::HTTP_11 => hosts == 1,
            _ => hosts <= 1,
        };
        if !host_is_sound
            || !encoding_is_sound
            || (chunked && headers.contains_key(header::CONTENT_LENGTH))
        {
            Self::Ambiguous
        } else if chunked {
            Self::Chunked
        } else {
            Self::Plain
        }
    }

    /// What is answered in place of the service, if that must be.
    pub(super) fn refusal(self) -> Option<Response<Body>> {
        (self == Self::Ambiguous).then(|| {
            refusal(
                StatusCode::BAD_REQUEST,
                "The request could be read in two ways.",
            )
        })
    }

    /// Ends the connection with this answer unless the request was plain.
    pub(super) fn finish(self, response: &mut Response<Body>) {
        if self != Self::Plain {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
    }
}

/// An error that no router has seen, with what each answer bears.
pub(crate) fn refusal(status: StatusCode, message: &str) -> Response<Body> {
    let error = json!({"type": "invalid_request_error", "code": "bad_request", "message": message});
    let mut refusal = Response::new(Body::from(json!({ "error": error }).to_string()));
    *refusal.status_mut() = status;
    let headers = refusal.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "Origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    refusal
}

/// The authority of an absolute target is the host, whatever the header says (RFC 9112, section 3.2.2).
pub(super) fn settle_host<B>(request: &mut Request<B>) {
    let target = request.uri().authority().map(Authority::as_str);
    if let Some(host) = target.and_then(|host| HeaderValue::from_str(host).ok()) {
        request.headers_mut().insert(header::HOST, host);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(target: &str, headers: &[(&str, &str)]) -> Request<()> {
        let mut request = Request::builder().uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap()
    }

    #[test]
    fn one_host_and_one_length() {
        let host = ("host", "a");
        let length = ("content-length", "1");
        let chunked = ("transfer-encoding", "chunked");
        for (headers, framing) in [
            (&[host][..], Framing::Plain),
            (&[host, length], Framing::Plain),
            (&[host, chunked], Framing::Chunked),
            (&[host, chunked, length], Framing::Ambiguous),
            (&[host, chunked, chunked], Framing::Ambiguous),
            (
                &[host, ("transfer-encoding", "gzip, chunked")],
                Framing::Ambiguous,
            ),
            (&[host, host], Framing::Ambiguous),
            (&[], Framing::Ambiguous),
        ] {
            assert_eq!(Framing::of(&request("/", headers)), framing, "{headers:?}");
        }
        let mut old = request("/", &[]);
        *old.version_mut() = Version::HTTP_10;
        assert_eq!(Framing::of(&old), Framing::Plain);
    }

    #[test]
    fn the_target_names_the_host() {
        let mut asked = request("http://evil.example/x", &[("host", "127.0.0.1")]);
        settle_host(&mut asked);
        assert_eq!(asked.headers()["host"], "evil.example");
    }
}

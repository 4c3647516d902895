//! HTTP without a socket: what a host passes in and carries out.

use std::fmt;

/// The methods that any route answers; a host maps every other one to [`Method::Other`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// DELETE
    Delete,
    /// Anything else: always answered 404 or 405.
    Other,
}

impl Method {
    /// The method's name in capitals; `OTHER` for [`Method::Other`].
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Other => "OTHER",
        }
    }

    /// Reads a method's name, case-sensitively (RFC 9110 section 9.1).
    #[must_use]
    pub fn parse(name: &str) -> Self {
        match name {
            "GET" => Self::Get,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "DELETE" => Self::Delete,
            _ => Self::Other,
        }
    }
}

/// One request. It borrows everything, so building one costs nothing.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The method.
    pub method: Method,
    /// The path with its leading slash, still percent-encoded, without the query.
    pub path: &'a str,
    /// What follows `?`, without it.
    pub query: Option<&'a str>,
    /// The `Authorization` header, `Bearer ` included.
    pub authorization: Option<&'a str>,
    /// The `Idempotency-Key` header.
    pub idempotency_key: Option<&'a str>,
    /// The body; empty when there is none.
    pub body: &'a [u8],
}

impl<'a> Request<'a> {
    /// A request without headers, query or body.
    #[must_use]
    pub const fn new(method: Method, path: &'a str) -> Self {
        Self {
            method,
            path,
            query: None,
            authorization: None,
            idempotency_key: None,
            body: &[],
        }
    }

    /// `POST /v1/whatsapp/sessions` with a JSON body; `authorization` is the whole header, `Bearer ` included.
    #[must_use]
    pub const fn create(authorization: &'a str, body: &'a [u8]) -> Self {
        let mut request = Self::new(Method::Post, "/v1/whatsapp/sessions");
        request.authorization = Some(authorization);
        request.body = body;
        request
    }

    /// `GET path` under a key: a session, its `/qr`, or the list.
    #[must_use]
    pub const fn get(authorization: &'a str, path: &'a str) -> Self {
        let mut request = Self::new(Method::Get, path);
        request.authorization = Some(authorization);
        request
    }

    /// `DELETE path` under a key.
    #[must_use]
    pub const fn delete(authorization: &'a str, path: &'a str) -> Self {
        let mut request = Self::new(Method::Delete, path);
        request.authorization = Some(authorization);
        request
    }

    /// The same request with an `Idempotency-Key`.
    #[must_use]
    pub const fn with_idempotency_key(mut self, key: &'a str) -> Self {
        self.idempotency_key = Some(key);
        self
    }
}

/// Neither the key nor the body (a scan's code text) is printed.
impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &self.query)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// One answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header names in lower case with their values; `date` and `content-type` included, `content-length` not.
    pub headers: Vec<(&'static str, String)>,
    /// The whole body, also where [`Response::effect`] says that the host must cut it.
    pub body: Vec<u8>,
    /// What the host must do to the transport.
    pub effect: Effect,
}

impl Response {
    /// The value of a header, by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, v)| v.as_str())
    }
}

/// The body is not printed: it may hold a code.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("body_bytes", &self.body.len())
            .field("effect", &self.effect)
            .finish()
    }
}

/// What a fault asks of the transport. The state machine has already acted (or not) by then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effect {
    /// Send the answer.
    #[default]
    None,
    /// Send the answer this many milliseconds later.
    Delay(u64),
    /// Close the connection without a byte of answer.
    Drop,
    /// Announce the whole body, send this many bytes of it, and close the connection.
    Truncate(usize),
}

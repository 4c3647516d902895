//! HTTP/1.1 as a client: pooled connections, no redirects, a cap on the body.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::Request;
use hyper::http::response::Parts;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::fmt;
use std::time::Duration;

/// The longest answer that is read.
pub const BODY_MAX: usize = 512 * 1024;
/// How long one exchange may take.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// Why there is no answer at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// No connection, or it broke off.
    Network,
    /// Nothing within [`TIMEOUT`].
    Timeout,
    /// More than [`BODY_MAX`].
    TooLarge,
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Network => "SendAPI could not be reached",
            Self::Timeout => "SendAPI did not answer in time",
            Self::TooLarge => "SendAPI's answer was too large",
        })
    }
}

impl std::error::Error for Unanswered {}

/// A pooled client, over TLS with the roots that Mozilla trusts or in the clear.
pub struct Client(legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Client {
    /// A client without connections.
    #[must_use]
    pub fn new() -> Self {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(Duration::from_secs(5)));
        let connector = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .build(connector);
        Self(client)
    }

    /// Sends once and reads the whole answer, within [`TIMEOUT`].
    ///
    /// # Errors
    /// [`Unanswered`] when no whole answer came; every status is an answer.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<(Parts, Bytes), Unanswered> {
        tokio::time::timeout(TIMEOUT, self.exchange(request))
            .await
            .unwrap_or(Err(Unanswered::Timeout))
    }

    /// [`Client::send`] for a caller that watches the time.
    pub(crate) async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<(Parts, Bytes), Unanswered> {
        let answer = self
            .0
            .request(request)
            .await
            .map_err(|_| Unanswered::Network)?;
        let (head, body) = answer.into_parts();
        match Limited::new(body, BODY_MAX).collect().await {
            Ok(body) => Ok((head, body.to_bytes())),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => {
                Err(Unanswered::TooLarge)
            }
            Err(_) => Err(Unanswered::Network),
        }
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

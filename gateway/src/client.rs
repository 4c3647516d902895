//! HTTP/1.1 as a client: pooled connections, no redirects, a cap on the body.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::http::response::Parts;
use hyper::{Request, Response};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::error::Error as _;
use std::time::Duration;
use std::{fmt, io};

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
        let answer = self.0.request(request).await;
        whole(answer.map_err(|_| Unanswered::Network)?).await
    }

    /// [`Client::send`] for a person, who is told what is wrong with the other side's TLS.
    ///
    /// # Errors
    /// Why no whole answer came, in words.
    pub async fn send_explained(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<(Parts, Bytes), String> {
        let words = |error| match error {
            Unanswered::Network => "no answer".to_owned(),
            Unanswered::Timeout => format!("no answer within {} s", TIMEOUT.as_secs()),
            Unanswered::TooLarge => format!("the answer was over {} KiB", BODY_MAX / 1024),
        };
        let exchange = async {
            match self.0.request(request).await {
                Ok(answer) => whole(answer).await.map_err(words),
                Err(error) => {
                    Err(tls_failure(&error).unwrap_or_else(|| words(Unanswered::Network)))
                }
            }
        };
        tokio::time::timeout(TIMEOUT, exchange)
            .await
            .unwrap_or_else(|_| Err(words(Unanswered::Timeout)))
    }
}

async fn whole(answer: Response<Incoming>) -> Result<(Parts, Bytes), Unanswered> {
    let (head, body) = answer.into_parts();
    match Limited::new(body, BODY_MAX).collect().await {
        Ok(body) => Ok((head, body.to_bytes())),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(Unanswered::TooLarge),
        Err(_) => Err(Unanswered::Network),
    }
}

/// What rustls says, where it was TLS that failed: it comes as an I/O error of invalid data, within others.
fn tls_failure(error: &legacy::Error) -> Option<String> {
    let mut cause = error.source();
    let mut io = loop {
        let error = cause?;
        match error.downcast_ref::<io::Error>() {
            Some(io) => break io,
            None => cause = error.source(),
        }
    };
    while let Some(inner) = io
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<io::Error>())
    {
        io = inner;
    }
    (io.kind() == io::ErrorKind::InvalidData).then(|| {
        format!("TLS failed ({io}); certificates of a private authority, such as mkcert's, are not taken here")
    })
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

//! SendAPI as the gateway sees it: five questions, over HTTPS or to the embedded sandbox.

mod answer;
mod embedded;
mod governor;
mod remote;
mod surrogates;

pub use answer::{Answer, Limits};
pub use embedded::{Shared, unix_ms};
pub use governor::{Governor, Urgency};
pub use remote::{BaseUrl, BaseUrlError};

pub use crate::client::Unanswered;

use crate::id::SessionId;
use crate::secret::Secret;

/// One of the five routes.
#[derive(Clone, Debug)]
pub enum Ask {
    /// `POST /whatsapp/sessions`.
    Create {
        /// The JSON body.
        body: Vec<u8>,
        /// The `Idempotency-Key`.
        idempotency_key: Option<String>,
    },
    /// `GET /whatsapp/sessions`, 100 to a page.
    List {
        /// From 1.
        page: u32,
    },
    /// `GET /whatsapp/sessions/{id}`.
    Read(SessionId),
    /// `GET /whatsapp/sessions/{id}/qr`: kills the code shown before.
    Qr(SessionId),
    /// `DELETE /whatsapp/sessions/{id}`.
    Delete(SessionId),
}

impl Ask {
    /// The method's name.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        match self {
            Self::Create { .. } => "POST",
            Self::List { .. } | Self::Read(_) | Self::Qr(_) => "GET",
            Self::Delete(_) => "DELETE",
        }
    }

    /// The path under the base URL. Ids need no encoding: see [`SessionId`].
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::Create { .. } | Self::List { .. } => "/whatsapp/sessions".to_owned(),
            Self::Read(id) | Self::Delete(id) => format!("/whatsapp/sessions/{}", id.as_str()),
            Self::Qr(id) => format!("/whatsapp/sessions/{}/qr", id.as_str()),
        }
    }

    /// The query without `?`.
    #[must_use]
    pub fn query(&self) -> Option<String> {
        match self {
            Self::List { page } => Some(format!("page={page}&per_page=100")),
            _ => None,
        }
    }

    /// A word for logs and metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::List { .. } => "list",
            Self::Read(_) => "read",
            Self::Qr(_) => "qr",
            Self::Delete(_) => "delete",
        }
    }
}

/// Whom the gateway asks.
#[derive(Debug)]
pub enum Upstream {
    /// SendAPI over HTTP.
    Remote(Box<remote::Remote>),
    /// The sandbox in this process.
    Embedded(Shared),
}

impl Upstream {
    /// SendAPI at `base` under `key`.
    #[must_use]
    pub fn remote(base: BaseUrl, key: Secret) -> Self {
        Self::Remote(Box::new(remote::Remote::new(base, key)))
    }

    /// Asks once; never retries, never follows a redirect.
    ///
    /// # Errors
    /// [`Unanswered`] when no whole answer came. Every status is an [`Answer`].
    pub async fn ask(&self, ask: &Ask) -> Result<Answer, Unanswered> {
        let answer = Box::pin(async {
            match self {
                Self::Remote(remote) => remote.ask(ask).await,
                Self::Embedded(sandbox) => sandbox.ask(ask).await,
            }
        });
        tokio::time::timeout(crate::client::TIMEOUT, answer)
            .await
            .unwrap_or(Err(Unanswered::Timeout))
    }
}

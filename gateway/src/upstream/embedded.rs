//! The sandbox in this process, shared by the gateway's own questions and by `/v1/…`.

use super::{Answer, Ask, Unanswered};
use sendapi_sandbox::{Effect, Method, Request, Response, Sandbox, SandboxConfig};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The key under which the gateway asks its own sandbox.
const KEY: &str = "Bearer sk_test_gateway";

/// One sandbox, many callers.
#[derive(Clone, Debug)]
pub struct Shared(Arc<Mutex<Sandbox>>);

impl Shared {
    /// A sandbox without sessions.
    #[must_use]
    pub fn new(config: SandboxConfig) -> Self {
        Self(Arc::new(Mutex::new(Sandbox::new(config))))
    }

    /// Answers at the wall clock's time. The effect is left to the caller.
    #[must_use]
    pub fn handle(&self, request: &Request<'_>) -> Response {
        // A panic inside leaves at worst one session changed halfway, in a double that holds nothing real.
        let mut sandbox = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sandbox.handle(request, unix_ms())
    }

    pub(super) async fn ask(&self, ask: &Ask) -> Result<Answer, Unanswered> {
        let path = format!("/v1{}", ask.path());
        let query = ask.query();
        let mut request = Request::new(Method::parse(ask.method()), &path);
        request.query = query.as_deref();
        request.authorization = Some(KEY);
        if let Ask::Create {
            body,
            idempotency_key,
        } = ask
        {
            request.body = body;
            request.idempotency_key = idempotency_key.as_deref();
        }
        let response = self.handle(&request);
        match response.effect {
            Effect::None => {}
            Effect::Delay(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
            Effect::Drop | Effect::Truncate(_) => return Err(Unanswered::Network),
        }
        let header = |name: &str| response.header(name);
        Ok(Answer::read(response.status, header, &response.body))
    }
}

/// The wall clock in Unix milliseconds.
#[must_use]
pub fn unix_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
}

//! SendAPI's WhatsApp sessions as a pure state machine: the double that demos, tests and simulations talk to.
//!
//! [`Sandbox::handle`] takes one HTTP request and the service's time in Unix milliseconds, and answers with one HTTP
//! response. It does no I/O, reads no clock, and draws every random choice from [`SandboxConfig::seed`], so the same
//! calls at the same times give the same bytes. What a host must do to the *transport* (delay, cut, drop) comes back as
//! [`Response::effect`].
//!
//! | path | what answers |
//! | --- | --- |
//! | `/v1/whatsapp/sessions…` | the five routes of the service, under a key that begins `sk_test_` or `sk_live_` |
//! | `/sandbox/scan`, `/sandbox/sessions/{id}/…`, `/sandbox/log`, `/sandbox/faults` | what a person with a phone, or the network, would do |
//!
//! All keys belong to one account: they see the same sessions and share its quota, while each has its own rate.
//! Four families of key play the refusals of the service: `sk_test_revoked…` (401, 4012), `sk_test_expired…` (401, 4013),
//! `sk_test_readonly…` (403 on writes, 4030) and any other text (401, 4011).
//!
//! ```
//! use sendapi_sandbox::{Codes, Request, Sandbox, SandboxConfig};
//!
//! let mut sandbox = Sandbox::new(SandboxConfig { codes: Codes::Text, ..SandboxConfig::default() });
//! let now = 1_773_066_600_000;
//! let created = sandbox.handle(&Request::create("Bearer sk_test_1", br#"{"name":"Support Bot"}"#), now);
//! assert_eq!(created.status, 201);
//! ```

mod clock;
mod code;
mod config;
mod control;
mod error;
mod faults;
mod http;
mod idempotency;
mod log;
mod rate;
mod rng;
mod routes;
mod sandbox;
mod session;
mod wire;

pub use clock::{http_date, rfc3339};
pub use config::{Absent, Codes, Dialect, Envelope, ErrorShape, Ids, SandboxConfig, Unscanned};
pub use control::{ControlError, SessionView};
pub use faults::{FaultKind, FaultRule, Loss, RuleError};
pub use http::{Effect, Method, Request, Response};
pub use log::LogEntry;
pub use sandbox::Sandbox;
pub use session::Status;

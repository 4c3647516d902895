//! What a person with a phone, or the network, does: as methods, and over `/sandbox/…`.

use crate::clock::{http_date, rfc3339};
use crate::config::Ids;
use crate::faults::FaultRule;
use crate::http::{Effect, Method, Request, Response};
use crate::sandbox::Sandbox;
use crate::session::{Session, State, Status};
use crate::wire;
use serde::Deserialize;
use serde_json::json;
use std::fmt;

/// A session as the controls report it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionView {
    /// The session's id, as text also where the wire shows an integer.
    pub id: String,
    /// Where it stands now.
    pub status: Status,
    /// The number that scanned, in E.164.
    pub phone_number: Option<String>,
}

impl SessionView {
    fn of(session: &Session) -> Self {
        Self {
            id: session.id.clone(),
            status: session.status(),
            phone_number: session.phone().map(str::to_owned),
        }
    }
}

/// Why a control did nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlError {
    /// No session has that id.
    NotFound,
    /// No session's current, unexpired code bears that text.
    DeadCode,
    /// The session's status does not allow it.
    Conflict(Status),
}

impl ControlError {
    const fn status(self) -> u16 {
        match self {
            Self::NotFound | Self::DeadCode => 404,
            Self::Conflict(_) => 409,
        }
    }
}

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("no such session"),
            Self::DeadCode => f.write_str("no session is waiting for that code"),
            Self::Conflict(status) => write!(f, "not possible while {}", status.as_str()),
        }
    }
}

impl std::error::Error for ControlError {}

#[derive(Deserialize)]
struct ScanBody {
    payload: String,
    phone_number: Option<String>,
}

#[derive(Deserialize)]
struct FaultsBody {
    rules: Vec<FaultRule>,
}

impl Sandbox {
    /// A phone scans `text`: the session whose current, unexpired code bears exactly that text connects.
    ///
    /// `phone_number` is the phone's own; without it one of the numbers set aside for fiction is taken
    /// (Ofcom, +44 7700 900000–900999).
    ///
    /// # Errors
    /// [`ControlError::DeadCode`] for any other text, a dead or used code included.
    pub fn scan(
        &mut self,
        text: &str,
        phone_number: Option<&str>,
        now_ms: u64,
    ) -> Result<SessionView, ControlError> {
        self.settle_all(now_ms);
        let unscanned = self.config.unscanned;
        let session = self
            .sessions
            .values_mut()
            .find(|session| session.live_text(unscanned, now_ms) == Some(text))
            .ok_or(ControlError::DeadCode)?;
        let phone = match phone_number {
            Some(number) => number.to_owned(),
            None => format!("+447700900{:03}", self.rng.below(1000)),
        };
        session.state = State::Connected { phone };
        Ok(SessionView::of(session))
    }

    /// The phone goes offline; the service starts to reconnect.
    ///
    /// # Errors
    /// [`ControlError::Conflict`] unless connected.
    pub fn disconnect(&mut self, id: &str, now_ms: u64) -> Result<SessionView, ControlError> {
        self.change(id, now_ms, |state| match state {
            State::Connected { phone } => Ok(State::Disconnected {
                phone,
                since_ms: now_ms,
            }),
            other => Err(other),
        })
    }

    /// The phone is back.
    ///
    /// # Errors
    /// [`ControlError::Conflict`] unless disconnected.
    pub fn reconnect(&mut self, id: &str, now_ms: u64) -> Result<SessionView, ControlError> {
        self.change(id, now_ms, |state| match state {
            State::Disconnected { phone, .. } => Ok(State::Connected { phone }),
            other => Err(other),
        })
    }

    /// The service gives up: on a lost session after its last retry, or on a pending one that nobody scanned.
    ///
    /// # Errors
    /// [`ControlError::Conflict`] unless disconnected or pending.
    pub fn fail(&mut self, id: &str, now_ms: u64) -> Result<SessionView, ControlError> {
        self.change(id, now_ms, |state| match state {
            State::Disconnected { phone, since_ms } => Ok(State::Failed {
                phone: Some(phone),
                since_ms,
            }),
            State::Pending { .. } => Ok(State::Failed {
                phone: None,
                since_ms: now_ms,
            }),
            other => Err(other),
        })
    }

    /// Where a session stands, without a call of the API being logged or counted.
    #[must_use]
    pub fn session(&mut self, id: &str, now_ms: u64) -> Option<SessionView> {
        let unscanned = self.config.unscanned;
        let session = self.sessions.get_mut(self.by_id.get(id)?)?;
        session.settle(unscanned, now_ms);
        Some(SessionView::of(session))
    }

    /// The text of a session's living code. For tests: a person has to read the picture.
    #[doc(hidden)]
    #[must_use]
    pub fn current_text(&self, id: &str, now_ms: u64) -> Option<&str> {
        self.sessions
            .get(self.by_id.get(id)?)?
            .live_text(self.config.unscanned, now_ms)
    }

    fn change(
        &mut self,
        id: &str,
        now_ms: u64,
        step: impl FnOnce(State) -> Result<State, State>,
    ) -> Result<SessionView, ControlError> {
        let number = *self.by_id.get(id).ok_or(ControlError::NotFound)?;
        let mut session = self
            .sessions
            .remove(&number)
            .ok_or(ControlError::NotFound)?;
        session.settle(self.config.unscanned, now_ms);
        let status = session.status();
        let (state, done) = match step(session.state) {
            Ok(state) => (state, true),
            Err(state) => (state, false),
        };
        session.state = state;
        let view = SessionView::of(&session);
        self.sessions.insert(number, session);
        if done {
            Ok(view)
        } else {
            Err(ControlError::Conflict(status))
        }
    }

    /// Answers `/sandbox/…`, which needs no key and is not logged.
    pub(crate) fn handle_control(&mut self, request: &Request<'_>, now_ms: u64) -> Response {
        let (status, body) = self.control(request, now_ms);
        Response {
            status,
            headers: vec![
                ("content-type", "application/json".to_owned()),
                ("date", http_date(now_ms)),
            ],
            body: wire::json(&body),
            effect: Effect::None,
        }
    }

    fn control(&mut self, request: &Request<'_>, now_ms: u64) -> (u16, serde_json::Value) {
        let Some(path) = request.path.strip_prefix("/sandbox/") else {
            return refusal(404, "no such control");
        };
        match (request.method, path) {
            (Method::Post, "scan") => match serde_json::from_slice::<ScanBody>(request.body) {
                Ok(body) => {
                    let scanned = self.scan(&body.payload, body.phone_number.as_deref(), now_ms);
                    self.view(scanned)
                }
                Err(_) => refusal(
                    422,
                    "the body must be {\"payload\": \"<text read from the QR>\"}",
                ),
            },
            (Method::Get, "log") => (200, json!({"data": self.log_json()})),
            (Method::Put, "faults") => match serde_json::from_slice::<FaultsBody>(request.body) {
                Ok(body) => match self.set_faults(body.rules) {
                    Ok(()) => (200, json!({"rules": self.faults.remaining()})),
                    Err(error) => refusal(422, &error.to_string()),
                },
                Err(error) => refusal(422, &format!("bad rules: {error}")),
            },
            (Method::Get, "faults") => (200, json!({"rules": self.faults.remaining()})),
            (Method::Delete, "faults") => {
                self.faults.clear();
                (200, json!({"rules": []}))
            }
            (method, path) => self.control_session(method, path, now_ms),
        }
    }

    fn control_session(
        &mut self,
        method: Method,
        path: &str,
        now_ms: u64,
    ) -> (u16, serde_json::Value) {
        let Some((id, action)) = path
            .strip_prefix("sessions/")
            .and_then(|rest| rest.split_once('/'))
        else {
            return if matches!(path, "scan" | "log" | "faults") {
                refusal(405, "this control does not answer that method")
            } else {
                refusal(404, "no such control")
            };
        };
        let act = match action {
            "disconnect" => Self::disconnect,
            "reconnect" => Self::reconnect,
            "fail" => Self::fail,
            _ => return refusal(404, "no such control"),
        };
        if method != Method::Post {
            return refusal(405, "this control does not answer that method");
        }
        let result = act(self, id, now_ms);
        self.view(result)
    }

    fn view(&self, result: Result<SessionView, ControlError>) -> (u16, serde_json::Value) {
        match result {
            Ok(view) => {
                let id = match (self.config.dialect.ids, view.id.parse::<u64>()) {
                    (Ids::Integer, Ok(number)) => json!(number),
                    _ => json!(view.id),
                };
                let body = json!({
                    "id": id,
                    "status": view.status.as_str(),
                    "phone_number": view.phone_number,
                });
                (200, body)
            }
            Err(error) => refusal(error.status(), &error.to_string()),
        }
    }

    fn log_json(&self) -> Vec<serde_json::Value> {
        self.log
            .iter()
            .map(|entry| {
                let mut row = json!({
                    "method": entry.method,
                    "path": entry.path,
                    "status": entry.status,
                    "time": rfc3339(entry.at_ms, true),
                });
                if let Some(fault) = entry.fault {
                    row["fault"] = json!(fault);
                }
                row
            })
            .collect()
    }
}

fn refusal(status: u16, message: &str) -> (u16, serde_json::Value) {
    (
        status,
        json!({"error": {"message": message, "code": status}}),
    )
}

//! What a person with a phone, or the network, does to the service: the sandbox's own controls, wherever it runs.

use crate::controls::Control;
use crate::in_page::InPage;
use crate::service::Service;
use gloo_net::http::Request;
use serde_json::{Value, json};

/// The way to the sandbox.
#[derive(Clone)]
pub(crate) enum Backstage {
    /// `/sandbox/…` of the gateway that served the page.
    Gateway,
    /// In this program.
    InPage(InPage),
}

/// The session that an act changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) id: String,
    pub(crate) service: Service,
}

/// Why nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No such session; for a scan, no session is waiting for that text.
    Unknown,
    /// The session's status does not allow it.
    NotNow,
    /// No answer, or none that makes sense.
    Unreachable,
}

impl Backstage {
    /// The phone scans `text`.
    ///
    /// # Errors
    /// [`Refusal::Unknown`] for a text that is no living code.
    pub(crate) async fn scan(&self, text: &str) -> Result<Outcome, Refusal> {
        match self {
            Self::Gateway => post("sandbox/scan", Some(json!({"payload": text}))).await,
            Self::InPage(sandbox) => sandbox.scan(text),
        }
    }

    /// Does what `control` says to the session `id`.
    ///
    /// # Errors
    /// [`Refusal`].
    pub(crate) async fn control(&self, id: &str, control: Control) -> Result<Outcome, Refusal> {
        match (self, control.route()) {
            (Self::Gateway, Some(route)) => {
                let id = js_sys::encode_uri_component(id);
                post(&format!("sandbox/sessions/{id}/{route}"), None).await
            }
            (Self::InPage(sandbox), _) => sandbox.control(id, control),
            (Self::Gateway, None) => Err(Refusal::NotNow),
        }
    }
}

async fn post(path: &str, body: Option<Value>) -> Result<Outcome, Refusal> {
    let request = Request::post(path);
    let request = match body {
        Some(body) => request
            .header("content-type", "application/json")
            .body(body.to_string()),
        None => request.build(),
    };
    let response = request
        .map_err(|_| Refusal::Unreachable)?
        .send()
        .await
        .map_err(|_| Refusal::Unreachable)?;
    let text = response.text().await.map_err(|_| Refusal::Unreachable)?;
    judge(response.status(), &text)
}

fn judge(status: u16, body: &str) -> Result<Outcome, Refusal> {
    match status {
        200 => {}
        404 => return Err(Refusal::Unknown),
        409 => return Err(Refusal::NotNow),
        _ => return Err(Refusal::Unreachable),
    }
    let value: Value = serde_json::from_str(body).map_err(|_| Refusal::Unreachable)?;
    let id = match &value["id"] {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return Err(Refusal::Unreachable),
    };
    let service = value["status"].as_str().and_then(Service::parse);
    let service = service.ok_or(Refusal::Unreachable)?;
    Ok(Outcome { id, service })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_judged_by_status_first() {
        let body = r#"{"id":"sess_1","status":"connected","phone_number":"+447700900123"}"#;
        let done = Outcome {
            id: "sess_1".to_owned(),
            service: Service::Connected,
        };
        assert_eq!(judge(200, body), Ok(done));
        assert_eq!(judge(404, body), Err(Refusal::Unknown));
        assert_eq!(judge(409, body), Err(Refusal::NotNow));
        assert_eq!(judge(500, body), Err(Refusal::Unreachable));
        let number = judge(200, r#"{"id":1001,"status":"failed"}"#).map(|outcome| outcome.id);
        assert_eq!(number, Ok("1001".to_owned()));
        for bad in [
            "",
            "<html>",
            "[]",
            r#"{"id":null,"status":"failed"}"#,
            r#"{"id":"a","status":"odd"}"#,
        ] {
            assert_eq!(judge(200, bad), Err(Refusal::Unreachable), "{bad}");
        }
    }
}

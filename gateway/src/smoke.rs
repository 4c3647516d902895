//! `smoke`: one walk over the five routes, and a report of where the service departs from the contract.
//!
//! The report holds statuses, field names and types. Ids, codes, numbers and the service's words stay out of it.

use crate::id::SessionId;
use crate::shape::{self, Field};
use crate::upstream::{Answer, Ask, Upstream};
use serde_json::{Map, Value};
use std::fmt;

/// What the walk found.
#[derive(Debug, Default)]
pub struct Report {
    lines: Vec<String>,
    deviations: usize,
    /// Why the walk could not be finished.
    stopped: Option<String>,
}

impl Report {
    /// Whether every route could be called.
    #[must_use]
    pub const fn walked(&self) -> bool {
        self.stopped.is_none()
    }

    /// How many departures from the contract were found.
    #[must_use]
    pub const fn deviations(&self) -> usize {
        self.deviations
    }

    fn step(&mut self, name: &str, answer: &Answer) {
        self.lines.push(format!("{name}: {}", answer.status));
    }

    fn deviation(&mut self, words: impl fmt::Display) {
        self.deviations += 1;
        self.lines.push(format!("  deviation: {words}"));
    }

    fn note(&mut self, words: impl fmt::Display) {
        self.lines.push(format!("  note: {words}"));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        match &self.stopped {
            None => writeln!(f, "walked all five routes; deviations: {}", self.deviations),
            Some(why) => writeln!(
                f,
                "could not walk: {why}; deviations so far: {}",
                self.deviations
            ),
        }
    }
}

/// Walks. What it creates it deletes, also when it stops halfway.
pub async fn walk(upstream: &Upstream) -> Report {
    let mut report = Report::default();
    if let Err(stopped) = steps(upstream, &mut report).await {
        report.stopped = Some(stopped);
    }
    report
}

async fn steps(upstream: &Upstream, report: &mut Report) -> Result<(), String> {
    let body = br#"{"name":"sendapi-gateway smoke"}"#.to_vec();
    let create = Ask::Create {
        body,
        idempotency_key: None,
    };
    let answer = ask(upstream, report, "create", &create).await?;
    if answer.status != 201 {
        report.note(format_args!(
            "create answered {}, 201 is usual",
            answer.status
        ));
    }
    let created = object(report, &answer)?;
    compare(report, created, shape::CREATED);
    if created.get("status").and_then(Value::as_str) != Some("pending") {
        report.deviation("a new session's status is not pending");
    }
    let id = match created.get("id") {
        Some(Value::String(text)) => SessionId::parse(text),
        Some(Value::Number(number)) => SessionId::parse(&number.to_string()),
        _ => None,
    };
    let id = id.ok_or("create gave no id to go on with (delete the session by hand)")?;
    let first = created.get("qr_code").cloned();
    let between = walk_session(upstream, report, &id, first.as_ref()).await;
    let deleted = delete(upstream, report, &id).await;
    between.and(deleted)
}

async fn walk_session(
    upstream: &Upstream,
    report: &mut Report,
    id: &SessionId,
    first_code: Option<&Value>,
) -> Result<(), String> {
    let answer = ask(upstream, report, "get", &Ask::Read(id.clone())).await?;
    let session = object(report, &answer)?;
    compare(report, session, shape::SESSION);
    same_id(report, session, id);

    let answer = ask(upstream, report, "qr", &Ask::Qr(id.clone())).await?;
    let qr = object(report, &answer)?;
    compare(report, qr, shape::QR);
    if qr.get("qr_code") == first_code {
        report.deviation("the new code equals the old one");
    }

    let answer = ask(upstream, report, "list", &Ask::List { page: 1 }).await?;
    let rows = answer.rows().ok_or("the list has no rows")?;
    match answer
        .json
        .as_ref()
        .and_then(|json| json.get("meta")?.as_object())
    {
        Some(meta) => compare(report, meta, shape::PAGE),
        None => report.deviation("the list has no meta"),
    }
    let row = rows
        .iter()
        .filter_map(Value::as_object)
        .find(|row| id_text(row).as_deref() == Some(id.as_str()));
    match row {
        Some(row) => compare(report, row, shape::SESSION),
        None => report.deviation("the list's first page lacks the newest session"),
    }
    Ok(())
}

async fn delete(upstream: &Upstream, report: &mut Report, id: &SessionId) -> Result<(), String> {
    let ask_delete = Ask::Delete(id.clone());
    let answer = ask(upstream, report, "delete", &ask_delete).await?;
    if answer.status == 204 {
        report.deviation("delete has no body");
    } else {
        let deleted = object(report, &answer)?;
        compare(report, deleted, shape::DELETED);
        same_id(report, deleted, id);
    }
    let again = upstream.ask(&ask_delete).await.map_err(|e| e.to_string())?;
    report.step("delete again", &again);
    refusal(report, &again, &[404, 410]);
    let gone = upstream
        .ask(&Ask::Read(id.clone()))
        .await
        .map_err(|e| e.to_string())?;
    report.step("get after delete", &gone);
    refusal(report, &gone, &[404, 410]);
    Ok(())
}

/// Asks for a success, and looks at what every answer must carry.
async fn ask(
    upstream: &Upstream,
    report: &mut Report,
    name: &str,
    ask: &Ask,
) -> Result<Answer, String> {
    let answer = upstream
        .ask(ask)
        .await
        .map_err(|error| format!("{name}: {error}"))?;
    report.step(name, &answer);
    if !answer.is_success() {
        let code = answer
            .json
            .as_ref()
            .and_then(|json| json.get("error")?.get("code"));
        let code = match code {
            Some(Value::Number(number)) => format!(", code {number}"),
            Some(Value::String(word)) => format!(", code {}", shape::plain(word)),
            _ => String::new(),
        };
        return Err(format!("{name} answered {}{code}", answer.status));
    }
    if answer.date.is_none() {
        report.deviation("no Date header");
    }
    let limits = answer.limits;
    for (header, value) in [
        ("X-RateLimit-Limit", limits.limit),
        ("X-RateLimit-Remaining", limits.remaining),
        ("X-RateLimit-Reset", limits.reset),
    ] {
        if value.is_none() {
            report.deviation(format_args!("no {header} header with a whole number"));
        }
    }
    let json = answer
        .content_type
        .as_deref()
        .is_some_and(|kind| kind.starts_with("application/json"));
    if !json && answer.status != 204 {
        report.deviation("Content-Type is not application/json");
    }
    Ok(answer)
}

fn object<'a>(report: &mut Report, answer: &'a Answer) -> Result<&'a Map<String, Value>, String> {
    if answer
        .json
        .as_ref()
        .is_some_and(|json| json.get("data").is_some_and(Value::is_object))
    {
        report.note("wrapped in data");
    }
    answer
        .object()
        .ok_or_else(|| "the answer is no JSON object".to_owned())
}

fn compare(report: &mut Report, object: &Map<String, Value>, fields: &[Field]) {
    for phrase in shape::deviations(object, fields) {
        // The contract leaves open whether these are null or absent, so absence is worth knowing but no departure.
        if phrase.ends_with(" is absent") {
            report.note(phrase);
        } else {
            report.deviation(phrase);
        }
    }
    if let Some(status) = object.get("status").and_then(Value::as_str)
        && !matches!(status, "pending" | "connected" | "disconnected" | "failed")
    {
        report.deviation(format_args!(
            "status {} is not on the page",
            shape::plain(status)
        ));
    }
}

fn id_text(object: &Map<String, Value>) -> Option<String> {
    match object.get("id")? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn same_id(report: &mut Report, object: &Map<String, Value>, id: &SessionId) {
    if id_text(object).as_deref() != Some(id.as_str()) {
        report.deviation("the answer is for another id");
    }
}

fn refusal(report: &mut Report, answer: &Answer, expected: &[u16]) {
    if !expected.contains(&answer.status) {
        report.deviation(format_args!("expected 404, got {}", answer.status));
        return;
    }
    match answer.json.as_ref().and_then(shape::error_shape) {
        Some(shape) => report.note(format_args!("error shape {shape} of 4")),
        None => report.deviation("the error has none of the four shapes"),
    }
}

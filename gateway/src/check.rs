//! `check`: the rules that any backend of the element must keep, tried one by one.

mod http;

use crate::shape;
use http::{Browser, Exchange};
use serde_json::{Map, Value};
use std::fmt;

pub use http::TargetError;

/// How one rule came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Kept.
    Pass,
    /// Optional, and not offered.
    Skip(&'static str),
    /// Broken, and how.
    Fail(String),
}

/// One rule with its outcome.
#[derive(Clone, Debug)]
pub struct Line {
    /// The rule.
    pub rule: &'static str,
    /// How it came out.
    pub outcome: Outcome,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Outcome::Pass => write!(f, "PASS {}", self.rule),
            Outcome::Skip(why) => write!(f, "SKIP {} ({why})", self.rule),
            Outcome::Fail(why) => write!(f, "FAIL {}: {why}", self.rule),
        }
    }
}

/// The rules tried so far.
#[derive(Debug, Default)]
struct Sheet(Vec<Line>);

impl Sheet {
    fn rule(&mut self, rule: &'static str, result: Result<(), String>) {
        let outcome = result.map_or_else(Outcome::Fail, |()| Outcome::Pass);
        self.0.push(Line { rule, outcome });
    }

    fn skip(&mut self, rule: &'static str, why: &'static str) {
        self.0.push(Line {
            rule,
            outcome: Outcome::Skip(why),
        });
    }
}

/// Tries every rule against the backend at `url`, as a browser would that sends `headers` (`Name: value`) with each request.
///
/// # Errors
/// [`TargetError`] when the URL or a header cannot be used at all.
pub async fn check(url: &str, headers: &[String]) -> Result<Vec<Line>, TargetError> {
    let mut sheet = Sheet::default();
    let mut browser = Browser::new(url, headers)?;
    let mut stranger = Browser::new(url, &[])?;
    if let Some(id) = create(&mut sheet, &mut browser).await {
        session(&mut sheet, &mut browser, &mut stranger, &id).await;
        list(&mut sheet, &mut browser, &id).await;
        bad_input(&mut sheet, &mut browser).await;
        cross_site(&mut sheet, &mut browser, &id).await;
        delete(&mut sheet, &mut browser, &id).await;
    }
    let secret = browser.saw_secret() || stranger.saw_secret();
    let verdict = if secret {
        Err("an answer contained a text like sk_live_...".to_owned())
    } else {
        Ok(())
    };
    sheet.rule("no answer contains a secret key", verdict);
    Ok(sheet.0)
}

async fn create(sheet: &mut Sheet, browser: &mut Browser) -> Option<String> {
    let answer = browser
        .send(
            "POST",
            "/sessions",
            Some(r#"{"name":"Conformance check"}"#),
            &[],
        )
        .await;
    let created = success(&answer).and_then(|exchange| {
        let object = exchange.object().ok_or("the answer is no JSON object")?;
        let id = id_of(object).ok_or("id is missing")?;
        if !object
            .get("qr_code")
            .and_then(Value::as_str)
            .is_some_and(shape::is_code)
        {
            return Err("qr_code holds neither a PNG nor a pairing text".to_owned());
        }
        Ok(id)
    });
    let id = created.as_ref().ok().cloned();
    sheet.rule(
        "create answers a session with an id and a code",
        created.map(|_| ()),
    );
    let exchange = answer.ok()?;
    sheet.rule("create answers no-store", no_store(&exchange));
    let object = exchange.object()?;
    let pending = object.get("status").and_then(Value::as_str) == Some("pending");
    sheet.rule(
        "a created session is pending",
        pending
            .then_some(())
            .ok_or_else(|| "status is another".to_owned()),
    );
    sheet.rule("create gives the code's deadline", deadline(object));
    id
}

async fn session(sheet: &mut Sheet, browser: &mut Browser, stranger: &mut Browser, id: &str) {
    let path = format!("/sessions/{}", http::encode(id));
    let answer = browser.send("GET", &path, None, &[]).await;
    let read = success(&answer).and_then(|exchange| {
        let object = exchange.object().ok_or("the answer is no JSON object")?;
        if id_of(object).as_deref() != Some(id) {
            return Err("the answer is for another id".to_owned());
        }
        object
            .get("status")
            .and_then(Value::as_str)
            .map(|_| ())
            .ok_or_else(|| "status is missing".to_owned())
    });
    sheet.rule("get answers the session with its status", read);
    sheet.rule(
        "get answers no-store",
        answer.as_ref().map_err(Clone::clone).and_then(no_store),
    );

    let seen = browser.code();
    let answer = browser.send("GET", &format!("{path}/qr"), None, &[]).await;
    let fresh = success(&answer).and_then(|exchange| {
        let object = exchange.object().ok_or("the answer is no JSON object")?;
        match object.get("qr_code").and_then(Value::as_str) {
            Some(code) if !shape::is_code(code) => {
                Err("qr_code holds neither a PNG nor a pairing text".to_owned())
            }
            Some(code) if seen.as_deref() == Some(code) => {
                Err("the code is the one shown before".to_owned())
            }
            Some(_) => deadline(object),
            None => Err("qr_code is missing".to_owned()),
        }
    });
    sheet.rule("qr answers a new code with its deadline", fresh);
    sheet.rule(
        "qr answers no-store",
        answer.as_ref().map_err(Clone::clone).and_then(no_store),
    );

    let unknown = browser
        .send("GET", "/sessions/conformance-check-unknown", None, &[])
        .await;
    let verdict = unknown.as_ref().map_err(Clone::clone);
    sheet.rule(
        "an unknown session is 404",
        verdict.and_then(|exchange| expect(exchange, &[404])),
    );
    let verdict = unknown.as_ref().map_err(Clone::clone);
    sheet.rule(
        "an error is JSON with error.message",
        verdict.and_then(error_body),
    );

    let peek = stranger.send("GET", &path, None, &[]).await;
    sheet.rule(
        "another browser cannot read the session",
        peek.as_ref()
            .map_err(Clone::clone)
            .and_then(|exchange| expect(exchange, &[401, 403, 404])),
    );
    let steal = stranger.send("GET", &format!("{path}/qr"), None, &[]).await;
    sheet.rule(
        "another browser cannot take a code",
        steal
            .as_ref()
            .map_err(Clone::clone)
            .and_then(|exchange| expect(exchange, &[401, 403, 404])),
    );
}

async fn list(sheet: &mut Sheet, browser: &mut Browser, id: &str) {
    const RULE: &str = "list answers this user's sessions";
    let answer = browser.send("GET", "/sessions", None, &[]).await;
    if let Ok(exchange) = &answer
        && matches!(exchange.status, 403..=405)
    {
        return sheet.skip(RULE, "not offered");
    }
    let listed = success(&answer).and_then(|exchange| {
        let rows = exchange.rows().ok_or("data is no array")?;
        let mine = rows
            .iter()
            .filter_map(Value::as_object)
            .any(|row| id_of(row).as_deref() == Some(id));
        mine.then_some(())
            .ok_or_else(|| "the created session is not in it".to_owned())
    });
    sheet.rule(RULE, listed);
}

async fn bad_input(sheet: &mut Sheet, browser: &mut Browser) {
    let long = format!("/sessions/{}", "a".repeat(4096));
    let mut verdict = Ok(());
    for path in [
        "/sessions/%2e%2e",
        "/sessions/..%2fmessages",
        "/sessions/%2e%2e%2f%2e%2e%2fmessages",
        "/sessions/a%2fb",
        "/sessions/a%00",
        &long,
    ] {
        let mut answer = browser.send("GET", path, None, &[]).await;
        // Some frameworks resolve `..` before any handler sees it. That refuses nothing: what it leads to must.
        let location = answer.as_ref().ok().and_then(Exchange::redirect);
        if let Some(location) = location {
            answer = browser.follow(&location).await;
        }
        if verdict.is_ok() {
            verdict = answer.and_then(|exchange| match exchange.status {
                400..500 => Ok(()),
                status => Err(format!("GET {path:.40} came to {status}")),
            });
        }
    }
    sheet.rule("an id that is a path never leaves it", verdict);
    let answer = browser.send("POST", "/sessions", Some("{"), &[]).await;
    let verdict = answer.and_then(|exchange| {
        (400..500)
            .contains(&exchange.status)
            .then_some(())
            .ok_or_else(|| format!("answered {}", exchange.status))
    });
    sheet.rule("a body that is no JSON is refused", verdict);
}

async fn cross_site(sheet: &mut Sheet, browser: &mut Browser, id: &str) {
    let path = format!("/sessions/{}", http::encode(id));
    let evil = [
        ("origin", "https://conformance-check.invalid"),
        ("sec-fetch-site", "cross-site"),
    ];
    let answer = browser.send("GET", &path, None, &evil).await;
    let verdict =
        answer.and_then(
            |exchange| match exchange.header("access-control-allow-origin") {
                None => Ok(()),
                Some(_) => Err("Access-Control-Allow-Origin was sent".to_owned()),
            },
        );
    sheet.rule("a page of another site cannot read answers", verdict);
}

async fn delete(sheet: &mut Sheet, browser: &mut Browser, id: &str) {
    const RULE: &str = "delete removes the session";
    let path = format!("/sessions/{}", http::encode(id));
    let answer = browser.send("DELETE", &path, None, &[]).await;
    if let Ok(exchange) = &answer
        && matches!(exchange.status, 403..=405 | 501)
    {
        return sheet.skip(RULE, "not offered; delete the session by hand");
    }
    sheet.rule(RULE, success(&answer).map(|_| ()));
    let gone = browser.send("GET", &path, None, &[]).await;
    sheet.rule(
        "a deleted session is gone",
        gone.and_then(|exchange| expect(&exchange, &[404, 410])),
    );
    let again = browser.send("DELETE", &path, None, &[]).await;
    let verdict = again.and_then(|exchange| {
        let fine = matches!(exchange.status, 404 | 410) || exchange.is_success();
        fine.then_some(())
            .ok_or_else(|| format!("answered {}", exchange.status))
    });
    sheet.rule("a second delete does no harm", verdict);
}

fn success(answer: &Result<Exchange, String>) -> Result<&Exchange, String> {
    let exchange = answer.as_ref().map_err(Clone::clone)?;
    if exchange.is_success() {
        Ok(exchange)
    } else {
        Err(format!("answered {}", exchange.status))
    }
}

fn expect(exchange: &Exchange, statuses: &[u16]) -> Result<(), String> {
    statuses
        .contains(&exchange.status)
        .then_some(())
        .ok_or_else(|| format!("answered {}", exchange.status))
}

fn no_store(exchange: &Exchange) -> Result<(), String> {
    let control = exchange.header("cache-control").unwrap_or_default();
    let found = control
        .split(',')
        .any(|part| part.trim().eq_ignore_ascii_case("no-store"));
    found
        .then_some(())
        .ok_or_else(|| "Cache-Control lacks no-store".to_owned())
}

fn error_body(exchange: &Exchange) -> Result<(), String> {
    let json = exchange.json.as_ref().ok_or("the body is no JSON")?;
    shape::error_shape(json)
        .map(|_| ())
        .ok_or_else(|| "the body has none of the four error shapes".to_owned())
}

fn deadline(object: &Map<String, Value>) -> Result<(), String> {
    let value = object
        .get("qr_expires_at")
        .or_else(|| object.get("expires_at"));
    match value.and_then(Value::as_str) {
        Some(text) if shape::is_time(text) => Ok(()),
        Some(_) => Err("the deadline is no RFC 3339 time".to_owned()),
        None => Err("neither qr_expires_at nor expires_at".to_owned()),
    }
}

fn id_of(object: &Map<String, Value>) -> Option<String> {
    match object.get("id")? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => number.as_u64().map(|n| n.to_string()),
        _ => None,
    }
}

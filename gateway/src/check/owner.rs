//! A signed-in user and the session that is theirs.

use super::Sheet;
use super::answers::{self, Verdict, success, verdict};
use super::http::{Browser, Exchange};
use super::times;
use crate::shape;
use sendapi_pairing_core::model::SessionId;
use serde_json::{Map, Value};

/// As many as a page may hold.
const PER_PAGE: u64 = 100;
/// Where a list that never ends is given up.
const PAGES_MAX: u64 = 50;

/// Reads the session and takes a code.
pub(super) async fn session(sheet: &mut Sheet, browser: &mut Browser, id: &SessionId) {
    let path = format!("/sessions/{}", id.to_path_segment());
    let answer = browser.send("GET", &path, None, &[]).await;
    sheet.rule("get answers the session with its status", read(&answer, id));

    // Whatever was shown so far, and nothing of what comes now.
    let seen = browser.codes();
    let answer = browser.send("GET", &format!("{path}/qr"), None, &[]).await;
    let fresh = answers::object(&answer).and_then(|object| {
        let code = code(object)?;
        verdict(!answers::names_another(object, id), || {
            "the answer is for another id".to_owned()
        })?;
        verdict(!seen.iter().any(|seen| seen == code), || {
            "the code is one shown before".to_owned()
        })?;
        times::deadline(object).map(|_| ())
    });
    sheet.rule("qr answers a new code with its deadline", fresh);
    let life = success(&answer).and_then(times::life);
    sheet.rule("qr sends the Date that the code's life counts from", life);
}

/// Asks for the heads alone, as link checkers and previews do. Where that is made a GET, it takes a code.
pub(super) async fn head(sheet: &mut Sheet, browser: &mut Browser, id: &SessionId) {
    let path = format!("/sessions/{}", id.to_path_segment());
    let read = browser.send("HEAD", &path, None, &[]).await;
    let code = browser.send("HEAD", &format!("{path}/qr"), None, &[]).await;
    let told = [
        ("HEAD", &read, &[404, 405][..]),
        ("HEAD of a code", &code, &[404, 405]),
    ];
    sheet.rule("a HEAD is no GET", answers::all(&told));
}

/// Whether this is an answer about this session.
pub(super) fn read(answer: &Result<Exchange, String>, id: &SessionId) -> Verdict {
    let object = answers::object(answer)?;
    verdict(answers::id_of(object).as_ref() == Some(id), || {
        "the answer is for another id".to_owned()
    })?;
    let status = object.get("status").and_then(Value::as_str);
    verdict(status.is_some(), || "status is missing".to_owned())
}

pub(super) fn code(object: &Map<String, Value>) -> Result<&str, String> {
    let code = object.get("qr_code").and_then(Value::as_str);
    code.filter(|code| shape::is_code(code))
        .ok_or_else(|| "qr_code holds neither a PNG nor a pairing text".to_owned())
}

/// What a list came to.
pub(super) enum Listed {
    /// No list at all: the status of the answer.
    Refused(u16),
    /// The session is in it.
    Has,
    /// It is not.
    Lacks,
}

/// Lists this user's sessions, and says whether that is offered.
pub(super) async fn list(sheet: &mut Sheet, browser: &mut Browser, id: &SessionId) -> bool {
    const RULE: &str = "list answers this user's sessions";
    let found = find(browser, id).await;
    let offered = matches!(found, Ok(Listed::Has | Listed::Lacks));
    match found {
        Ok(Listed::Has) => sheet.rule(RULE, Ok(())),
        Ok(Listed::Lacks) => {
            let why = "the created session is not in it".to_owned();
            sheet.rule(RULE, Err(why));
        }
        Ok(Listed::Refused(status @ (403..=405 | 501))) => {
            sheet.skip(RULE, format!("answered {status}: not offered"));
        }
        Ok(Listed::Refused(status)) => sheet.rule(RULE, Err(format!("answered {status}"))),
        Err(why) => sheet.rule(RULE, Err(why)),
    }
    offered
}

/// The path of one page of a list.
pub(super) fn page(number: u64) -> String {
    format!("/sessions?page={number}&per_page={PER_PAGE}")
}

/// Looks for a session in a browser's list, page by page.
pub(super) async fn find(browser: &mut Browser, id: &SessionId) -> Result<Listed, String> {
    let mut seen = 0;
    for page in 1..=PAGES_MAX {
        let exchange = browser.send("GET", &self::page(page), None, &[]).await?;
        if !exchange.is_success() {
            return Ok(Listed::Refused(exchange.status));
        }
        let (rows, total) = rows(&exchange)?;
        let ids = rows.iter().filter_map(Value::as_object);
        if ids.filter_map(answers::id_of).any(|listed| listed == *id) {
            return Ok(Listed::Has);
        }
        seen += rows.len() as u64;
        if rows.is_empty() || seen >= total {
            return Ok(Listed::Lacks);
        }
    }
    Ok(Listed::Lacks)
}

/// The rows of a page, and how many there are in all.
fn rows(exchange: &Exchange) -> Result<(&[Value], u64), String> {
    let body = exchange.json.as_ref().and_then(Value::as_object);
    let body = body.ok_or("the answer is no JSON object")?;
    let rows = body.get("data").and_then(Value::as_array);
    let rows = rows.ok_or("data is no array")?;
    let meta = |name: &str| {
        let number = body.get("meta").and_then(|meta| meta.get(name)?.as_u64());
        number.ok_or_else(|| format!("meta.{name} is no whole number"))
    };
    let total = meta("total")?;
    meta("page").and(meta("per_page"))?;
    verdict(rows.len() as u64 <= PER_PAGE, || {
        format!("a page has {} sessions", rows.len())
    })?;
    Ok((rows, total))
}

/// Whether the session is still there when others have tried to delete it.
pub(super) async fn outlives(sheet: &mut Sheet, browser: &mut Browser, id: &SessionId) {
    let path = format!("/sessions/{}", id.to_path_segment());
    let answer = browser.send("GET", &path, None, &[]).await;
    sheet.rule(
        "the session outlives the requests of others",
        read(&answer, id),
    );
}

/// Deletes a session, and says whether that made it go.
pub(super) async fn remove(browser: &mut Browser, id: &SessionId) -> bool {
    let path = format!("/sessions/{}", id.to_path_segment());
    let answer = browser.send("DELETE", &path, None, &[]).await;
    answers::deleted(&answer, id).is_ok()
}

/// Deletes what a browser made and has not deleted; what it could not, and still reaches.
pub(super) async fn tidy(browser: &mut Browser) -> Vec<SessionId> {
    let mut left = Vec::new();
    for id in browser.made() {
        if !remove(browser, &id).await {
            let path = format!("/sessions/{}", id.to_path_segment());
            let answer = browser.send("GET", &path, None, &[]).await;
            if answers::expect(&answer, &[404, 410]).is_err() {
                left.push(id);
            }
        }
    }
    left
}

/// Deletes the session; whether the backend offers that.
pub(super) async fn delete(sheet: &mut Sheet, browser: &mut Browser, id: &SessionId) -> bool {
    const RULE: &str = "delete removes the session";
    let path = format!("/sessions/{}", id.to_path_segment());
    let answer = browser.send("DELETE", &path, None, &[]).await;
    match answer.as_ref().map_or(0, |exchange| exchange.status) {
        status @ (405 | 501) => {
            sheet.skip(RULE, format!("answered {status}: not offered"));
            return false;
        }
        status @ (403 | 404) => {
            let why = format!("answered {status}: a fault, unless delete is not offered");
            sheet.skip(RULE, why);
            return false;
        }
        _ => sheet.rule(RULE, answers::deleted(&answer, id)),
    }
    let gone = browser.send("GET", &path, None, &[]).await;
    let gone = answers::expect(&gone, &[404, 410]);
    sheet.rule("a deleted session is gone", gone);
    let again = browser.send("DELETE", &path, None, &[]).await;
    let harmless = answers::expect(&again, &[404, 410]).or_else(|_| answers::deleted(&again, id));
    sheet.rule("a second delete does no harm", harmless);
    true
}

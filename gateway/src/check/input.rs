//! What comes in from outside.

use super::Sheet;
use super::answers::{Verdict, refused};
use super::http::Browser;
use serde_json::json;

/// What rule 7 of docs/backend.md bounds.
const NAME_MAX: usize = 64;
const BODY_MAX: usize = 16 * 1024;

const NAME: &str = "Conformance check";

/// Ids that are none.
pub(super) async fn ids(sheet: &mut Sheet, browser: &mut Browser) {
    let long = format!("/sessions/{}", "a".repeat(4096));
    let mut verdict = Ok(());
    for path in [
        "/sessions/conformance-check-unknown",
        "/sessions/%2e%2e",
        "/sessions/..%2fmessages",
        "/sessions/%2e%2e%2f%2e%2e%2fmessages",
        "/sessions/a%2fb",
        "/sessions/a%00",
        "/sessions/%25",
        &long,
    ] {
        // Some frameworks resolve `..` before any handler sees it. That refuses nothing: what it leads to must.
        let answer = browser.follow(path).await;
        if verdict.is_ok() {
            verdict = answer.and_then(|exchange| match exchange.status {
                400..500 => Ok(()),
                status => Err(format!("GET {path:.40} came to {status}")),
            });
        }
    }
    sheet.rule("an id that is a path never leaves it", verdict);
}

/// Bodies that are not to be created from.
pub(super) async fn bodies(sheet: &mut Sheet, browser: &mut Browser) {
    let long = json!({"name": "x".repeat(NAME_MAX + 1)}).to_string();
    let control = json!({"name": "Conformance\u{7}check"}).to_string();
    let large = json!({"name": NAME, "padding": "x".repeat(BODY_MAX)}).to_string();
    for (rule, body) in [
        ("a body that is no JSON is refused", "{"),
        ("a name of 65 characters is refused", &long),
        ("a name with a control character is refused", &control),
        ("a body of more than 16 KiB is refused", &large),
    ] {
        let verdict = post(browser, body).await;
        sheet.rule(rule, verdict);
    }
    webhook(sheet, browser).await;
}

async fn webhook(sheet: &mut Sheet, browser: &mut Browser) {
    const RULE: &str = "a webhook_url is refused";
    // Leaving it out is allowed, and happens where nobody outside can look.
    const SEE: &str = "see that it does not get to the service";
    let body = json!({"name": NAME, "webhook_url": "https://conformance-check.invalid/hook"});
    let answer = browser
        .send("POST", "/sessions", Some(&body.to_string()), &[])
        .await;
    match answer.as_ref().map(|exchange| exchange.status) {
        Ok(200..300) => sheet.skip(RULE, format!("taken: {SEE}")),
        // The create without it, that is, on a plan that has no second session.
        Ok(402) => sheet.skip(RULE, format!("answered 402: {SEE}")),
        _ => sheet.rule(RULE, refused(&answer)),
    }
}

async fn post(browser: &mut Browser, body: &str) -> Verdict {
    let answer = browser.send("POST", "/sessions", Some(body), &[]).await;
    refused(&answer)
}

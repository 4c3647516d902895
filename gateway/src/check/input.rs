//! What comes in from outside.

use super::Sheet;
use super::answers::refused;
use super::create::BODY;
use super::http::Browser;
use serde_json::json;

/// What rule 7 of docs/backend.md bounds.
const NAME_MAX: usize = 64;
const BODY_MAX: usize = 16 * 1024;

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
    let named = |name: &str| json!({ "name": name }).to_string();
    let long = named(&"x".repeat(NAME_MAX + 1));
    let [bell, del, next] =
        ['\u{7}', '\u{7f}', '\u{85}'].map(|control| named(&format!("Conformance{control}check")));
    // Escaped, half of a character is JSON still; the first of a pair, the second, and both the wrong way round.
    let [first, second, turned] = [r"\ud83d", r"\ude42", r"\ude42\ud83d"]
        .map(|half| format!(r#"{{"name":"Conformance{half}check"}}"#));
    // Spaces are JSON's own: nothing but its length speaks against it.
    let spaces = " ".repeat(BODY_MAX / 2);
    let large = format!("{spaces}{BODY}{spaces}");
    for (rule, bodies) in [
        ("a body that is no JSON is refused", &[("", "{")][..]),
        (
            "a body without a name is refused",
            &[
                ("no name ", "{}"),
                ("an empty name ", r#"{"name":""}"#),
                ("a number as a name ", r#"{"name":17}"#),
            ],
        ),
        ("a name of 65 characters is refused", &[("", &long)]),
        (
            "a name with a control character is refused",
            &[("U+0007 ", &bell), ("U+007F ", &del), ("U+0085 ", &next)],
        ),
        (
            "a name with half of a character is refused",
            &[
                (r"\ud83d ", &first),
                (r"\ude42 ", &second),
                (r"\ude42\ud83d ", &turned),
            ],
        ),
        ("a body of more than 16 KiB is refused", &[("", &large)]),
    ] {
        let mut verdict = Ok(());
        for (what, body) in bodies {
            let answer = browser.send("POST", "/sessions", Some(body), &[]).await;
            verdict = verdict.and_then(|()| refused(&answer).map_err(|why| format!("{what}{why}")));
        }
        sheet.rule(rule, verdict);
    }
    webhook(sheet, browser).await;
}

async fn webhook(sheet: &mut Sheet, browser: &mut Browser) {
    const RULE: &str = "a webhook_url is refused";
    // Leaving it out is allowed, and happens where nobody outside can look.
    const SEE: &str = "see that it does not get to the service";
    let body = json!({"name": "Conformance check", "webhook_url": "https://conformance-check.invalid/hook"});
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

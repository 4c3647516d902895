//! The create that all else is tried on.

use super::answers::{self, Answer, success, verdict};
use super::http::Browser;
use super::{Sheet, owner, times};
use ring::rand::{SecureRandom as _, SystemRandom};
use sendapi_pairing_core::model::SessionId;
use serde_json::{Value, json};

/// What a create sends.
pub(super) const BODY: &str = r#"{"name":"Conformance check"}"#;
/// As long as a name may be: 64 characters, for which UTF-16 takes 66 units and UTF-8 takes 70 bytes.
const LONGEST: &str =
    "Conformance check with a name of exactly sixty-four characters\u{1f642}\u{1f642}";

/// One create, however often it is sent.
pub(super) struct Intent {
    /// Its idempotency key.
    key: String,
    body: String,
}

impl Intent {
    fn new(body: String) -> Self {
        let mut bytes = [0u8; 16];
        // Without randomness the keys of two checks are one, and the second answers the session of the first.
        let _ = SystemRandom::new().fill(&mut bytes);
        let key = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { key, body }
    }

    /// Sends it.
    pub(super) async fn send(&self, browser: &mut Browser) -> Answer {
        let key = [("idempotency-key", &*self.key)];
        browser
            .send("POST", "/sessions", Some(&self.body), &key)
            .await
    }
}

/// Creates a session, as the element does; the session's id where there is one, and how it was created.
pub(super) async fn create(
    sheet: &mut Sheet,
    browser: &mut Browser,
) -> Option<(SessionId, Intent)> {
    let (answer, intent) = named(sheet, browser).await;
    let created = answers::object(&answer).and_then(|object| {
        let id = answers::id_of(object);
        id.ok_or("id is missing, or none that the element takes")?;
        owner::code(object).map(|_| ())
    });
    sheet.rule("create answers a session with an id and a code", created);
    let exchange = success(&answer).ok()?;
    let object = exchange.object()?;
    let pending = object.get("status").and_then(Value::as_str) == Some("pending");
    let pending = verdict(pending, || "status is another".to_owned());
    sheet.rule("a created session is pending", pending);
    let deadline = times::deadline(object).map(|_| ());
    sheet.rule("create gives the code's deadline", deadline);
    let life = times::life(exchange);
    sheet.rule(
        "create sends the Date that the code's life counts from",
        life,
    );
    let id = answers::id_of(object)?;
    let again = intent.send(browser).await;
    let same = answers::object(&again).and_then(|object| {
        verdict(answers::id_of(object).as_ref() == Some(&id), || {
            "it answered another one".to_owned()
        })
    });
    sheet.rule(
        "a create sent again under its Idempotency-Key answers the same session",
        same,
    );
    Some((id, intent))
}

/// Creates a session under the longest name; under a plain one where only that is taken.
async fn named(sheet: &mut Sheet, browser: &mut Browser) -> (Answer, Intent) {
    const RULE: &str = "a name of 64 characters is taken";
    let intent = Intent::new(json!({"name": LONGEST}).to_string());
    let answer = intent.send(browser).await;
    let status = answer.as_ref().map_or(0, |exchange| exchange.status);
    if !matches!(status, 400 | 413 | 422 | 500..600) {
        if success(&answer).is_ok() {
            sheet.rule(RULE, Ok(()));
        }
        return (answer, intent);
    }
    let plain = Intent::new(BODY.to_owned());
    let second = plain.send(browser).await;
    if success(&second).is_ok() {
        let why = format!("answered {status}, where UTF-16 has 66 units and UTF-8 has 70 bytes");
        sheet.rule(RULE, Err(why));
    }
    (second, plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_name_is_longer_counted_in_anything_else() {
        assert_eq!(LONGEST.chars().count(), 64);
        assert_eq!(LONGEST.encode_utf16().count(), 66);
        assert_eq!(LONGEST.len(), 70);
    }
}

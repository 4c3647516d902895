//! Whoever the session is not: a browser that nobody is signed in to, and a second user.

use super::Sheet;
use super::answers::{self, Verdict, all, expect, verdict};
use super::http::Browser;
use super::owner::{self, BODY, Listed};
use sendapi_pairing_core::model::SessionId;

/// A browser without the first one's sign-in and cookies. Where there is a sign-in, it is answered 401 throughout.
pub(super) async fn nobody(
    sheet: &mut Sheet,
    browser: &mut Browser,
    id: &SessionId,
    signed_in: bool,
) {
    let path = format!("/sessions/{}", id.to_path_segment());
    let read = browser.send("GET", &path, None, &[]).await;
    let code = browser.send("GET", &format!("{path}/qr"), None, &[]).await;
    let remove = browser.send("DELETE", &path, None, &[]).await;
    let kept_out = |answer| expect(answer, &[401, 403, 404]);
    sheet.rule("another browser cannot read the session", kept_out(&read));
    sheet.rule("another browser cannot take a code", kept_out(&code));
    let removal = expect(&remove, &[401, 403, 404, 405, 501]);
    sheet.rule("another browser cannot delete the session", removal);
    let listed = unlisted(browser, id).await;
    sheet.rule("another browser cannot list the session", listed);

    const RULE: &str = "whoever is not signed in is answered 401";
    if !signed_in {
        return sheet.skip(RULE, "no --header signs anybody in".to_owned());
    }
    let create = browser.send("POST", "/sessions", Some(BODY), &[]).await;
    let told = [
        ("GET", &read, &[401][..]),
        ("GET of a code", &code, &[401]),
        ("POST", &create, &[401]),
        ("DELETE", &remove, &[401, 405, 501]),
    ];
    sheet.rule(RULE, all(&told));
}

/// A second user, who is signed in and reaches nothing of the first one's.
pub(super) async fn user(
    sheet: &mut Sheet,
    browser: Option<&mut Browser>,
    id: &SessionId,
    key: &str,
) {
    const RULE: &str = "another user is answered 404 for the session";
    let Some(browser) = browser else {
        let why = "pass --other-header with a second user's sign-in".to_owned();
        return sheet.skip(RULE, why);
    };
    let path = format!("/sessions/{}", id.to_path_segment());
    let read = browser.send("GET", &path, None, &[]).await;
    let code = browser.send("GET", &format!("{path}/qr"), None, &[]).await;
    let remove = browser.send("DELETE", &path, None, &[]).await;
    let told = [
        ("GET", &read, &[404][..]),
        ("GET of a code", &code, &[404]),
        // Whoever may delete nothing may be told so, whatever session it is.
        ("DELETE", &remove, &[403, 404, 405, 501]),
    ];
    sheet.rule(RULE, all(&told));
    let listed = unlisted(browser, id).await;
    sheet.rule("another user's list lacks the session", listed);

    let intent = [("idempotency-key", key)];
    let create = browser.send("POST", "/sessions", Some(BODY), &intent).await;
    let replayed = create.map(|exchange| exchange.object().and_then(answers::id_of));
    let apart = replayed.and_then(|answered| {
        verdict(answered.as_ref() != Some(id), || {
            "it answered the first user's session".to_owned()
        })
    });
    sheet.rule(
        "another user's create under the same Idempotency-Key is another",
        apart,
    );
}

async fn unlisted(browser: &mut Browser, id: &SessionId) -> Verdict {
    match owner::find(browser, id).await? {
        Listed::Has => Err("the session is in its list".to_owned()),
        Listed::Lacks | Listed::Refused(400..=499 | 501) => Ok(()),
        Listed::Refused(status) => Err(format!("answered {status}")),
    }
}

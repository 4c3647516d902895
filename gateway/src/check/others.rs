//! Whoever the session is not: a browser that nobody is signed in to, and a second user.

use super::Sheet;
use super::answers::{self, Answer, Verdict, all, expect, verdict};
use super::create::{BODY, Intent};
use super::http::Browser;
use super::owner::{self, Listed};
use sendapi_pairing_core::model::SessionId;

/// What whoever is not signed in was answered.
pub(super) struct SignedOut {
    read: Answer,
    code: Answer,
    create: Answer,
    remove: Answer,
    found: Result<Listed, String>,
}

/// A browser without the first one's sign-in and cookies.
pub(super) async fn nobody(
    sheet: &mut Sheet,
    browser: &mut Browser,
    id: &SessionId,
    signed_in: bool,
) -> Option<SignedOut> {
    let path = format!("/sessions/{}", id.to_path_segment());
    let read = browser.send("GET", &path, None, &[]).await;
    let code = browser.send("GET", &format!("{path}/qr"), None, &[]).await;
    let remove = browser.send("DELETE", &path, None, &[]).await;
    let kept_out = |answer| expect(answer, &[401, 403, 404]);
    sheet.rule("another browser cannot read the session", kept_out(&read));
    sheet.rule("another browser cannot take a code", kept_out(&code));
    let removal = expect(&remove, &[401, 403, 404, 405, 501]);
    sheet.rule("another browser cannot delete the session", removal);
    let found = owner::find(browser, id).await;
    sheet.rule("another browser cannot list the session", unlisted(&found));
    if !signed_in {
        return None;
    }
    Some(SignedOut {
        create: browser.send("POST", "/sessions", Some(BODY), &[]).await,
        read,
        code,
        remove,
        found,
    })
}

/// Where there is a sign-in, whoever is without is answered 401 throughout, on each route that is offered to whoever is signed in.
pub(super) fn signed_out(
    sheet: &mut Sheet,
    answers: Option<SignedOut>,
    lists: bool,
    supports_delete: bool,
) {
    const RULE: &str = "whoever is not signed in is answered 401";
    let Some(answers) = answers else {
        return sheet.skip(RULE, "no --header signs anybody in".to_owned());
    };
    let told = [
        ("GET", &answers.read, &[401][..]),
        ("GET of a code", &answers.code, &[401]),
        ("POST", &answers.create, &[401]),
        (
            "DELETE",
            &answers.remove,
            if supports_delete {
                &[401]
            } else {
                &[401, 404, 405, 501]
            },
        ),
    ];
    let listing = match answers.found {
        Ok(Listed::Refused(status)) if lists && status != 401 => {
            Err(format!("list answered {status}"))
        }
        Ok(Listed::Has | Listed::Lacks) if lists => Err("list answered one".to_owned()),
        _ => Ok(()),
    };
    sheet.rule(RULE, all(&told).and(listing));
}

/// A second user, who is signed in and reaches nothing of the first one's.
pub(super) async fn user(
    sheet: &mut Sheet,
    browser: Option<&mut Browser>,
    id: &SessionId,
    intent: &Intent,
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
    let listed = unlisted(&owner::find(browser, id).await);
    sheet.rule("another user's list lacks the session", listed);

    const APART: &str = "another user's create under the same Idempotency-Key is another";
    let create = intent.send(browser).await;
    if let Ok(status @ (402 | 429)) = create.as_ref().map(|exchange| exchange.status) {
        let why = format!("answered {status}: try it where the second user may create");
        return sheet.skip(APART, why);
    }
    let apart = answers::object(&create).and_then(|object| {
        let answered = answers::id_of(object);
        let answered = answered.ok_or("id is missing, or none that the element takes")?;
        verdict(answered != *id, || {
            "it answered the first user's session".to_owned()
        })
    });
    sheet.rule(APART, apart);
}

fn unlisted(found: &Result<Listed, String>) -> Verdict {
    match found {
        Ok(Listed::Has) => Err("the session is in its list".to_owned()),
        Ok(Listed::Lacks | Listed::Refused(400..=499 | 501)) => Ok(()),
        Ok(Listed::Refused(status)) => Err(format!("answered {status}")),
        Err(why) => Err(why.clone()),
    }
}

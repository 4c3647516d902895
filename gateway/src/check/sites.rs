//! Pages of other sites.

use super::Sheet;
use super::answers::{Verdict, expect, refused, verdict};
use super::create::BODY;
use super::http::{Browser, Exchange};
use sendapi_pairing_core::model::SessionId;

/// An origin that nobody has named.
const ORIGIN: &str = "https://conformance-check.invalid";

/// Asks as a page of another site makes a browser ask.
pub(super) async fn foreign(
    sheet: &mut Sheet,
    browser: &mut Browser,
    nobody: &mut Browser,
    id: &SessionId,
) {
    let path = format!("/sessions/{}", id.to_path_segment());
    let page = [("origin", ORIGIN), ("sec-fetch-site", "cross-site")];
    let read = browser.send("GET", &path, None, &page).await;
    // A browser asks this without saying whose it is.
    let asked = nobody.preflight(ORIGIN).await;
    let hidden = read.as_ref().map_err(Clone::clone).and_then(unshared);
    let hidden = hidden.and_then(|()| asked.and_then(|exchange| unshared(&exchange)));
    sheet.rule("a page of another site cannot read answers", hidden);

    // What is no request of a script, such as a picture's, comes without an origin.
    let picture = [("origin", ""), ("sec-fetch-site", "cross-site")];
    let picture = browser.send("GET", &path, None, &picture).await;
    let create = browser.send("POST", "/sessions", Some(BODY), &page).await;
    let mut all = Ok(());
    for (what, answer) in [("a GET", &read), ("a GET", &picture), ("a POST", &create)] {
        // Without its cookies, a browser's request would be nobody's.
        let kept_out = refused(answer).or_else(|_| expect(answer, &[401]));
        all = all.and_then(|()| kept_out.map_err(|why| format!("{what} {why}")));
    }
    sheet.rule("a request of another site is refused", all);
}

/// Whether no other origin may read this. One that is named always is nobody else's gain.
fn unshared(exchange: &Exchange) -> Verdict {
    let lines = exchange.all("access-control-allow-origin");
    let open = lines.iter().flat_map(|line| line.split(','));
    let mut open = open.filter(|origin| ["*", "null", ORIGIN].contains(&origin.trim()));
    match open.next() {
        None => Ok(()),
        Some(origin) => verdict(false, || {
            format!("Access-Control-Allow-Origin: {} was sent", origin.trim())
        }),
    }
}

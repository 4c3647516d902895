//! Pages of other origins.

use super::answers::{Answer, Verdict, expect, refused, verdict};
use super::create::BODY;
use super::http::Browser;
use super::{Sheet, owner, url};
use sendapi_pairing_core::model::SessionId;

/// An origin that nobody has named.
const ORIGIN: &str = "https://conformance-check.invalid";

/// What one request of a page came to.
struct Asked {
    what: String,
    origin: String,
    answer: Answer,
}

/// Asks as pages of other origins make a browser ask.
pub(super) async fn foreign(
    sheet: &mut Sheet,
    browser: &mut Browser,
    nobody: &mut Browser,
    id: &SessionId,
) {
    let path = format!("/sessions/{}", id.to_path_segment());
    let mut cross = page(browser, &path, ORIGIN, "cross-site").await;
    // What a page in a sandbox has, and what only looks like the origin that may ask.
    let given = browser.given_origin().map(url::lookalikes);
    let own = browser.origin().to_owned();
    let others = given.into_iter().flatten().filter(|origin| *origin != own);
    for origin in ["null".to_owned()].into_iter().chain(others) {
        let headers = [("origin", &*origin), ("sec-fetch-site", "cross-site")];
        let answer = browser.send("GET", &path, None, &headers).await;
        let what = format!("a GET of Origin {origin}");
        cross.push(Asked {
            what,
            origin,
            answer,
        });
    }
    let sibling = url::sibling(browser.origin()).unwrap_or_default();
    let same = page(browser, &path, &sibling, "same-site").await;
    let preflights = [
        preflight(nobody, "POST", "/sessions").await,
        preflight(nobody, "DELETE", &path).await,
    ];

    let mut all = cross.iter().chain(&preflights).chain(&same);
    let hidden = all.try_for_each(unshared);
    sheet.rule("a page of another site cannot read answers", hidden);
    let kept_out = cross.iter().try_for_each(refuses);
    sheet.rule("a request of another site is refused", kept_out);
    let kept_out = same.iter().try_for_each(refuses);
    sheet.rule("a request of a sibling origin is refused", kept_out);
}

/// All that a page of `origin` may ask for.
async fn page(browser: &mut Browser, path: &str, origin: &str, site: &str) -> Vec<Asked> {
    let (code, list) = (format!("{path}/qr"), owner::page(1));
    let mut all = Vec::new();
    for (what, method, path, origin) in [
        ("a GET", "GET", path, origin),
        ("a GET of a code", "GET", &code, origin),
        // What is no request of a script, such as a picture's, comes without an origin.
        ("a GET without Origin", "GET", path, ""),
        ("a GET of a code without Origin", "GET", &code, ""),
        ("a list", "GET", &list, origin),
        ("a POST", "POST", "/sessions", origin),
        ("a DELETE", "DELETE", path, origin),
    ] {
        let headers = [("origin", origin), ("sec-fetch-site", site)];
        let body = (method == "POST").then_some(BODY);
        all.push(Asked {
            what: what.to_owned(),
            origin: origin.to_owned(),
            answer: browser.send(method, path, body, &headers).await,
        });
    }
    all
}

/// What a browser asks before it sends the request of a page of another site. It does not say whose it is.
async fn preflight(nobody: &mut Browser, method: &str, path: &str) -> Asked {
    Asked {
        what: format!("a preflight of {method}"),
        origin: ORIGIN.to_owned(),
        answer: nobody.preflight(method, path, ORIGIN).await,
    }
}

/// Whether no other origin may read this. One that is named always is nobody else's gain.
fn unshared(asked: &Asked) -> Verdict {
    let exchange = asked.answer.as_ref().map_err(Clone::clone)?;
    let lines = exchange.all("access-control-allow-origin");
    let mut open = lines.iter().flat_map(|line| line.split(',')).map(str::trim);
    let open = open.find(|origin| ["*", "null", &asked.origin].contains(origin));
    verdict(open.is_none(), || {
        let (origin, what) = (open.unwrap_or_default(), &asked.what);
        format!("Access-Control-Allow-Origin: {origin} was sent in answer to {what}")
    })
}

/// Whether this was refused: for what it is or, since a browser may keep its cookies back, for being nobody's. So is what nobody offers.
fn refuses(asked: &Asked) -> Verdict {
    let Asked { what, answer, .. } = asked;
    let kept = refused(answer).or_else(|_| expect(answer, &[401, 501]));
    kept.map_err(|why| format!("{what} {why}"))
}

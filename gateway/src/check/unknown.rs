//! A session that nobody has.

use super::Sheet;
use super::answers::{all, expect};
use super::http::Browser;
use super::url::twin;
use sendapi_pairing_core::model::SessionId;

/// Asks for a session whose id is like this one's.
pub(super) async fn session(sheet: &mut Sheet, browser: &mut Browser, id: &SessionId) {
    const RULE: &str = "an unknown session is 404";
    let Some(twin) = twin(id) else {
        let why = "the created session's id has no letter or digit to change".to_owned();
        return sheet.skip(RULE, why);
    };
    let path = format!("/sessions/{}", twin.to_path_segment());
    let read = browser.send("GET", &path, None, &[]).await;
    // Of a session that is somebody's after all, nothing is to be spoilt.
    if expect(&read, &[404]).is_err() {
        return sheet.rule(RULE, all(&[("GET", &read, &[404])]));
    }
    let code = browser.send("GET", &format!("{path}/qr"), None, &[]).await;
    let remove = browser.send("DELETE", &path, None, &[]).await;
    let told = [
        ("GET of a code", &code, &[404][..]),
        // Where it is not offered, or not to this user, it is so whatever the id.
        ("DELETE", &remove, &[403, 404, 405, 501]),
    ];
    sheet.rule(RULE, all(&told));
}

//! What an answer must be like, read as the element reads it (core/src/api).

use super::http::Exchange;
use crate::shape;
use sendapi_pairing_core::model::SessionId;
use serde_json::{Map, Value};

/// Kept, or broken and how.
pub(super) type Verdict = Result<(), String>;

/// What a request came to: its answer, or why there is none.
pub(super) type Answer = Result<Exchange, String>;

/// The largest integer that a JSON reader of any language holds exactly (RFC 8259, section 6).
const SAFE: i64 = (1 << 53) - 1;

pub(super) fn verdict(kept: bool, why: impl FnOnce() -> String) -> Verdict {
    kept.then_some(()).ok_or_else(why)
}

/// How an answer's status reads.
pub(super) fn answered(exchange: &Exchange) -> String {
    let hint = match exchange.status {
        300..400 => ", and the element follows no redirect",
        _ => "",
    };
    format!("answered {}{hint}", exchange.status)
}

pub(super) fn success(answer: &Answer) -> Result<&Exchange, String> {
    let exchange = answer.as_ref().map_err(Clone::clone)?;
    verdict(exchange.is_success(), || answered(exchange)).map(|()| exchange)
}

pub(super) fn expect(answer: &Answer, statuses: &[u16]) -> Verdict {
    let exchange = answer.as_ref().map_err(Clone::clone)?;
    verdict(statuses.contains(&exchange.status), || answered(exchange))
}

/// Whether each request was told one of its statuses.
pub(super) fn all(told: &[(&str, &Answer, &[u16])]) -> Verdict {
    for (what, answer, statuses) in told {
        expect(answer, statuses).map_err(|why| format!("{what} {why}"))?;
    }
    Ok(())
}

/// Whether a request was refused for what it is; not for want of a sign-in, a free session or patience.
pub(super) fn refused(answer: &Answer) -> Verdict {
    let exchange = answer.as_ref().map_err(Clone::clone)?;
    let refusal =
        matches!(exchange.status, 400..500) && !matches!(exchange.status, 401 | 402 | 429);
    verdict(refusal, || answered(exchange))
}

pub(super) fn no_store(exchange: &Exchange) -> Verdict {
    let lines = exchange.all("cache-control");
    let mut parts = lines.iter().flat_map(|line| line.split(','));
    let found = parts.any(|part| part.trim().eq_ignore_ascii_case("no-store"));
    verdict(found, || "its Cache-Control lacks no-store".to_owned())
}

pub(super) fn error_body(exchange: &Exchange) -> Verdict {
    let json = exchange.json.as_ref().ok_or("its body is no JSON")?;
    verdict(shape::error_shape(json).is_some(), || {
        "its body has none of the four error shapes".to_owned()
    })
}

/// The object of a success.
pub(super) fn object(answer: &Answer) -> Result<&Map<String, Value>, String> {
    let object = success(answer)?.object();
    object.ok_or_else(|| "the answer is no JSON object".to_owned())
}

/// The id, where the element would take it.
pub(super) fn id_of(object: &Map<String, Value>) -> Option<SessionId> {
    match object.get("id")? {
        Value::String(text) => SessionId::parse(text),
        Value::Number(number) => {
            let number = number.as_i64()?;
            let safe = (-SAFE..=SAFE).contains(&number);
            safe.then(|| SessionId::parse(&number.to_string()))?
        }
        _ => None,
    }
}

/// Whether an answer speaks of another session.
pub(super) fn names_another(object: &Map<String, Value>, id: &SessionId) -> bool {
    let named = object.get("id").is_some_and(|value| !value.is_null());
    named && id_of(object).as_ref() != Some(id)
}

/// What a successful delete must say: a page of a proxy has deleted nothing.
pub(super) fn deleted(answer: &Answer, id: &SessionId) -> Verdict {
    if success(answer)?.status == 204 {
        return Ok(());
    }
    let object = object(answer)?;
    let said = object.get("deleted") != Some(&Value::Bool(false)) && !object.contains_key("error");
    verdict(said && !names_another(object, id), || {
        "the answer does not say that this session is deleted".to_owned()
    })
}

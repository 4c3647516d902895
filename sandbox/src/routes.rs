//! Paths and queries to calls.

use crate::http::Method;

/// The five calls of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Create,
    List,
    Read,
    Qr,
    Delete,
}

/// What a `/v1/…` path and method name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    Call(Call, Option<&'a str>),
    WrongMethod,
    Unknown,
}

const SESSIONS: &str = "/v1/whatsapp/sessions";

pub(crate) fn route(method: Method, path: &str) -> Route<'_> {
    let Some(rest) = path.strip_prefix(SESSIONS) else {
        return Route::Unknown;
    };
    if rest.is_empty() {
        return match method {
            Method::Post => Route::Call(Call::Create, None),
            Method::Get => Route::Call(Call::List, None),
            _ => Route::WrongMethod,
        };
    }
    let Some(rest) = rest.strip_prefix('/') else {
        return Route::Unknown;
    };
    match rest.split_once('/') {
        None if rest.is_empty() => Route::Unknown,
        None => match method {
            Method::Get => Route::Call(Call::Read, Some(rest)),
            Method::Delete => Route::Call(Call::Delete, Some(rest)),
            _ => Route::WrongMethod,
        },
        Some((id, "qr")) if !id.is_empty() => match method {
            Method::Get => Route::Call(Call::Qr, Some(id)),
            _ => Route::WrongMethod,
        },
        Some(_) => Route::Unknown,
    }
}

/// `page` from 1 and `per_page` from 1 to 100, 25 unless given.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Paging {
    pub(crate) page: usize,
    pub(crate) per_page: usize,
}

/// Reads the list's query; the name of the parameter that is no positive integer otherwise.
pub(crate) fn paging(query: Option<&str>) -> Result<Paging, &'static str> {
    let mut paging = Paging {
        page: 1,
        per_page: 25,
    };
    for pair in query.unwrap_or_default().split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let positive = value.parse::<usize>().ok().filter(|n| *n > 0);
        match name {
            "page" => paging.page = positive.ok_or("page")?,
            "per_page" => paging.per_page = positive.ok_or("per_page")?.min(100),
            _ => {}
        }
    }
    Ok(paging)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_five_routes_are_calls() {
        let is = |method, path, call, id| {
            assert_eq!(route(method, path), Route::Call(call, id), "{path}");
        };
        is(Method::Post, "/v1/whatsapp/sessions", Call::Create, None);
        is(Method::Get, "/v1/whatsapp/sessions", Call::List, None);
        is(
            Method::Get,
            "/v1/whatsapp/sessions/a",
            Call::Read,
            Some("a"),
        );
        is(
            Method::Get,
            "/v1/whatsapp/sessions/a/qr",
            Call::Qr,
            Some("a"),
        );
        is(
            Method::Delete,
            "/v1/whatsapp/sessions/a",
            Call::Delete,
            Some("a"),
        );
        for path in [
            "/",
            "/v1/whatsapp/sessionsx",
            "/v1/whatsapp/sessions/",
            "/v1/whatsapp/sessions//qr",
            "/v1/whatsapp/sessions/a/qr/",
            "/v1/whatsapp/sessions/a/code",
        ] {
            assert_eq!(route(Method::Get, path), Route::Unknown, "{path}");
        }
        assert_eq!(
            route(Method::Put, "/v1/whatsapp/sessions"),
            Route::WrongMethod
        );
        assert_eq!(
            route(Method::Post, "/v1/whatsapp/sessions/a/qr"),
            Route::WrongMethod
        );
    }

    #[test]
    fn paging_has_the_published_defaults_and_cap() {
        assert_eq!(
            paging(None),
            Ok(Paging {
                page: 1,
                per_page: 25
            })
        );
        assert_eq!(
            paging(Some("page=3&per_page=900")),
            Ok(Paging {
                page: 3,
                per_page: 100
            })
        );
        assert_eq!(paging(Some("page=0")), Err("page"));
        assert_eq!(paging(Some("per_page=x")), Err("per_page"));
    }
}

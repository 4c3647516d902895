//! Paths and URLs.

use hyper::Uri;
use sendapi_pairing_core::model::SessionId;
use std::net::IpAddr;

/// Another id of the same shape, which is most likely nobody's; `None` where an id has no letter or digit to change.
pub(super) fn twin(id: &SessionId) -> Option<SessionId> {
    // Letters and digits in place of others leave it one that the element takes.
    SessionId::parse(&changed(id.as_str())).filter(|twin| twin != id)
}

fn changed(id: &str) -> String {
    let number = id.bytes().all(|b| b.is_ascii_digit());
    // The next of two short numbers is the next session. Nine digits are still a number to every backend, and these another than 0.
    if number && id.len() < 9 {
        return format!("{id:1<9}");
    }
    // The first stays where it can: with another first digit a number might be too large.
    let after = changed_after(1, id);
    if after == id {
        changed_after(0, id)
    } else {
        after
    }
}

/// The last letters and digits changed, but for as many at the start.
fn changed_after(start: usize, id: &str) -> String {
    const CHANGED: usize = 8;
    let mut chars: Vec<char> = id.chars().collect();
    let tail = chars.iter_mut().skip(start).rev();
    // What an id ends in, such as Base64's `==`, hides no letters; what stands before a separator stays.
    let tail = tail.skip_while(|c| !c.is_ascii_alphanumeric());
    for c in tail.take(CHANGED).take_while(|c| c.is_ascii_alphanumeric()) {
        *c = other(*c);
    }
    chars.into_iter().collect()
}

/// Another letter or digit. A hexadecimal one stays that.
fn other(c: char) -> char {
    match c {
        '0'..='9' => char::from(b'9' - (c as u8 - b'0')),
        'a' => 'b',
        'A' => 'B',
        c if c.is_ascii_lowercase() => 'a',
        _ => 'A',
    }
}

/// The origin of an HTTP URL, as browsers write it: in lower case, and without the scheme's own port.
pub(super) fn origin(uri: &Uri) -> Option<String> {
    let (scheme, host) = (uri.scheme_str()?, uri.host()?);
    let own_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let port = uri.port_u16().filter(|port| *port != own_port);
    let port = port.map_or_else(String::new, |port| format!(":{port}"));
    Some(format!("{scheme}://{}{port}", host.to_ascii_lowercase()))
}

/// Another origin of the same site: a name below this one's or, where an address has none, another port.
pub(super) fn sibling(origin: &str) -> Option<String> {
    let uri: Uri = origin.parse().ok()?;
    if is_address(uri.host()?) {
        return other_port(&uri);
    }
    Some(origin.replacen("://", "://conformance-check.", 1))
}

/// Other origins that a careless comparison takes for this one: of its beginning, its end or its host alone, or by a pattern in which a
/// dot is any letter.
pub(super) fn lookalikes(origin: &str) -> Vec<String> {
    let longer = format!("{origin}.conformance-check.invalid");
    let glued = origin.replacen("://", "://conformance-check", 1);
    let mut all = vec![longer, glued];
    if let Ok(uri) = origin.parse::<Uri>() {
        all.extend(other_port(&uri));
        let host = uri.host().filter(|host| !is_address(host));
        let dotless = host.map(|host| origin.replacen(host, &host.replace('.', "x"), 1));
        all.extend(dotless.filter(|dotless| dotless != origin));
    }
    all
}

fn is_address(host: &str) -> bool {
    host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
}

fn other_port(origin: &Uri) -> Option<String> {
    let (scheme, host) = (origin.scheme_str()?, origin.host()?);
    let port = if origin.port_u16() == Some(1) { 2 } else { 1 };
    Some(format!("{scheme}://{host}:{port}"))
}

/// Where a redirect of `url` leads (RFC 3986, section 5.2); `None` for another host.
pub(super) fn resolve(url: &str, location: &str) -> Option<String> {
    let location = location.split('#').next()?;
    let start = url.find("://")? + 3;
    let end = url[start..].find('/').map_or(url.len(), |at| start + at);
    let (origin, path) = url.split_at(end);
    let path = path.split('?').next()?;
    let target = match location.strip_prefix(origin) {
        Some(rest) if rest.is_empty() || rest.starts_with(['/', '?']) => rest.to_owned(),
        _ if location.starts_with("//") || has_scheme(location) => return None,
        _ if location.starts_with('/') => location.to_owned(),
        _ if location.is_empty() || location.starts_with('?') => format!("{path}{location}"),
        _ => format!("{}{location}", &path[..=path.rfind('/')?]),
    };
    let (path, query) = match target.find('?') {
        Some(at) => target.split_at(at),
        None => (target.as_str(), ""),
    };
    Some(format!("{origin}{}{query}", without_dots(path)))
}

fn has_scheme(location: &str) -> bool {
    let head = location.split(['/', '?']).next().unwrap_or_default();
    head.contains(':')
}

fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    for (at, segment) in segments.iter().enumerate() {
        match *segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            other => kept.push(other),
        }
        if at + 1 == segments.len() && matches!(*segment, "." | "..") {
            kept.push("");
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_twin_has_the_shape_of_its_id() {
        for (id, other) in [
            ("17", "171111111"),
            ("0", "011111111"),
            ("2147483647", "2152516352"),
            ("sess_01H8BKF", "sess_98A1AAA"),
            ("0b9f-4e1c", "0b9f-5a8a"),
            ("é7", "é2"),
            ("abc==", "aaa=="),
            ("x_1=", "x_8="),
            ("0b9f-4e1c-", "0b9f-5a8a-"),
            ("a", "b"),
            ("Z~", "A~"),
        ] {
            let id = SessionId::parse(id).expect("an id");
            assert_eq!(twin(&id).expect("a twin").as_str(), other);
        }
        for id in ["-", "~=_", "é"] {
            let id = SessionId::parse(id).expect("an id");
            assert_eq!(twin(&id), None);
        }
    }

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (url, written) in [
            ("http://h/api", Some("http://h")),
            ("HTTP://H.Example:80", Some("http://h.example")),
            ("https://u:p@h:443/", Some("https://h")),
            ("https://h:80/", Some("https://h:80")),
            ("http://[::1]:8080/", Some("http://[::1]:8080")),
            ("ftp://h/", None),
            ("/api", None),
        ] {
            let uri: Uri = url.parse().expect("a URI");
            assert_eq!(origin(&uri).as_deref(), written, "{url}");
        }
    }

    #[test]
    fn a_sibling_is_another_origin_of_the_same_site() {
        for (origin, other) in [
            ("https://h.example", "https://conformance-check.h.example"),
            (
                "http://localhost:3000",
                "http://conformance-check.localhost:3000",
            ),
            ("http://127.0.0.1:3000", "http://127.0.0.1:1"),
            ("http://[::1]:1", "http://[::1]:2"),
        ] {
            assert_eq!(sibling(origin).as_deref(), Some(other));
        }
    }

    #[test]
    fn a_lookalike_is_another_origin_that_is_easily_taken_for_this_one() {
        assert_eq!(
            lookalikes("https://app.example.org"),
            [
                "https://app.example.org.conformance-check.invalid",
                "https://conformance-checkapp.example.org",
                "https://app.example.org:1",
                "https://appxexamplexorg",
            ]
        );
        assert_eq!(
            lookalikes("http://127.0.0.1:1")[2..],
            ["http://127.0.0.1:2"]
        );
        assert_eq!(
            lookalikes("http://localhost:5173")[2..],
            ["http://localhost:1"]
        );
    }

    #[test]
    fn a_redirect_leads_to_where_a_browser_would_go() {
        let url = "http://h:1/api/sessions/x?q=1";
        for (location, target) in [
            ("/a?b#c", Some("http://h:1/a?b")),
            ("y", Some("http://h:1/api/sessions/y")),
            ("../y?z", Some("http://h:1/api/y?z")),
            ("../../../..", Some("http://h:1/")),
            ("./", Some("http://h:1/api/sessions/")),
            ("?r", Some("http://h:1/api/sessions/x?r")),
            ("http://h:1/a/./b", Some("http://h:1/a/b")),
            ("http://h:1", Some("http://h:1/")),
            ("http://h:12/a", None),
            ("http://h:1.evil.example/a", None),
            ("//h:1/a", None),
            ("mailto:x", None),
        ] {
            assert_eq!(resolve(url, location).as_deref(), target, "{location}");
        }
        assert_eq!(resolve("http://h", "/a").as_deref(), Some("http://h/a"));
    }
}

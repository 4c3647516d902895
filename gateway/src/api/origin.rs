//! Whose pages may call.

use axum::http::{HeaderMap, header};
use std::net::Ipv6Addr;

/// An origin as browsers write it: `https://app.example.org`, with a port when it is not the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// Reads `SCHEME://HOST[:PORT]`, in lower case as browsers send it; `None` for anything longer, and for `null`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        let sound = matches!(scheme, "http" | "https") && is_authority(authority);
        sound.then(|| Self(text.to_owned()))
    }

    /// Reads an origin as people write it: letters in any case, the scheme's own port given or not. `None` for anything longer.
    #[must_use]
    pub fn configured(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let own_port = match text.split_once("://")?.0 {
            "https" => ":443",
            _ => ":80",
        };
        Self::parse(text.strip_suffix(own_port).unwrap_or(&text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn authority(&self) -> &str {
        self.0
            .split_once("://")
            .map_or("", |(_, authority)| authority)
    }
}

/// Whether a text is `HOST[:PORT]` as browsers write it. `_` is in no host name, but in many a container's.
fn is_authority(text: &str) -> bool {
    let (sound, rest) = match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        Some((address, rest)) => {
            let lower = !address.bytes().any(|b| b.is_ascii_uppercase());
            (lower && address.parse::<Ipv6Addr>().is_ok(), rest)
        }
        None => {
            let (name, rest) = text.split_at(text.find(':').unwrap_or(text.len()));
            let plain = name.bytes().all(|b| {
                b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_')
            });
            (plain && !name.is_empty(), rest)
        }
    };
    let port = rest.strip_prefix(':');
    let is_number = |port: &str| port.parse().is_ok_and(|n: u16| n.to_string() == port);
    sound && port.map_or(rest.is_empty(), is_number)
}

/// The exact list of foreign origins.
#[derive(Clone, Debug, Default)]
pub struct Origins(Vec<Origin>);

/// What a request's `Origin` means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// No page, or a page of this server.
    Same,
    /// A page of a listed origin.
    Listed(Origin),
    /// A page of any other origin, `null` included.
    Foreign,
}

impl Origins {
    /// These and no others.
    #[must_use]
    pub const fn new(list: Vec<Origin>) -> Self {
        Self(list)
    }

    /// Judges a request by `Origin`, and by `Sec-Fetch-Site` where a browser sends no `Origin`.
    #[must_use]
    pub fn judge(&self, headers: &HeaderMap) -> Caller {
        let text = |value: &axum::http::HeaderValue| value.to_str().unwrap_or("").to_owned();
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let site = headers.get("sec-fetch-site").map(text);
        let of_this_site = matches!(site.as_deref(), None | Some("same-origin" | "none"));
        let Some(origin) = origins.next().map(text) else {
            return if of_this_site {
                Caller::Same
            } else {
                Caller::Foreign
            };
        };
        if origins.next().is_some() {
            return Caller::Foreign;
        }
        let Some(origin) = Origin::parse(&origin) else {
            return Caller::Foreign;
        };
        let host = headers.get(header::HOST).map(text).unwrap_or_default();
        if self.0.contains(&origin) {
            Caller::Listed(origin)
        } else if of_this_site
            && !host.is_empty()
            && origin.authority() == host.to_ascii_lowercase()
        {
            // The authority says nothing of the scheme; the browser does, where it says anything.
            Caller::Same
        } else {
            Caller::Foreign
        }
    }
}

/// Whether `Host` names this machine's loopback: in the modes without tokens another name means DNS rebinding.
#[must_use]
pub fn is_loopback_host(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_matches(['[', ']']);
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(pairs: &[(&'static str, &str)]) -> Caller {
        let list = Origins::new(vec![Origin::parse("https://app.example.org").unwrap()]);
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        list.judge(&headers)
    }

    #[test]
    fn only_listed_and_own_origins_pass() {
        let host = ("host", "127.0.0.1:8080");
        assert_eq!(judge(&[host]), Caller::Same);
        assert_eq!(
            judge(&[host, ("origin", "http://127.0.0.1:8080")]),
            Caller::Same
        );
        let listed = Caller::Listed(Origin::parse("https://app.example.org").unwrap());
        assert_eq!(
            judge(&[host, ("origin", "https://app.example.org")]),
            listed
        );
        for foreign in [
            "null",
            "",
            "http://app.example.org",
            "https://app.example.org:444",
            "https://app.example.org.evil.org",
            "https://evil.org/https://app.example.org",
            "http://127.0.0.1:8081",
            "https://APP.example.org",
            "https://app.example.org.",
            "https://app.example.org:443",
            "https://app.example.org/",
            "https://app.example.org@evil.org",
            "https://app.example.org, https://app.example.org",
        ] {
            assert_eq!(
                judge(&[host, ("origin", foreign)]),
                Caller::Foreign,
                "{foreign}"
            );
        }
        let twice = [
            ("origin", "http://a"),
            host,
            ("origin", "https://app.example.org"),
        ];
        assert_eq!(judge(&twice), Caller::Foreign);
        assert_eq!(
            judge(&[host, ("sec-fetch-site", "cross-site")]),
            Caller::Foreign
        );
        assert_eq!(
            judge(&[host, ("sec-fetch-site", "same-site")]),
            Caller::Foreign
        );
        let named = ("host", "my_app:8080");
        assert_eq!(
            judge(&[named, ("origin", "http://my_app:8080")]),
            Caller::Same
        );
        let other_scheme = [
            host,
            ("origin", "https://127.0.0.1:8080"),
            ("sec-fetch-site", "cross-site"),
        ];
        assert_eq!(judge(&other_scheme), Caller::Foreign);
        assert_eq!(
            judge(&[host, ("sec-fetch-site", "same-origin")]),
            Caller::Same
        );
    }

    #[test]
    fn an_origin_may_be_configured_as_people_write_it() {
        for text in ["https://App.example.org", "https://app.example.org:443"] {
            let origin = Origin::configured(text).unwrap();
            assert_eq!(origin.as_str(), "https://app.example.org");
        }
        let odd = Origin::configured("http://app.example.org:443").unwrap();
        assert_eq!(odd.as_str(), "http://app.example.org:443");
        for good in ["http://my_app", "http://[::1]:8080", "https://a:65535"] {
            assert_eq!(Origin::configured(good).unwrap().as_str(), good);
        }
        for bad in [
            "https://app.example.org/",
            "null",
            "*",
            "app.example.org",
            "ftp://app.example.org",
            "https://",
            "https://:80",
            "https://a:",
            "https://a:b",
            "https://a:b:c",
            "https://a:99999",
            "https://a:+80",
            "https://a:080",
            "https://::1",
            "https://[::1",
            "https://[::1]8080",
            "https://[a]",
            "https://a]",
        ] {
            assert_eq!(Origin::configured(bad), None, "{bad}");
        }
    }

    #[test]
    fn loopback_names_are_few() {
        for good in [
            "127.0.0.1",
            "127.0.0.1:80",
            "localhost:8080",
            "[::1]:8080",
            "[::1]",
            "LOCALHOST",
        ] {
            assert!(is_loopback_host(good), "{good}");
        }
        for bad in [
            "",
            "evil.org",
            "127.0.0.1.evil.org:80",
            "localhost.evil.org",
            "10.0.0.1:80",
        ] {
            assert!(!is_loopback_host(bad), "{bad}");
        }
    }
}

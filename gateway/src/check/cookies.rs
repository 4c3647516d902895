//! The cookies of one browser.

use std::collections::BTreeMap;
use std::time::SystemTime;

/// Cookies by name. Paths and domains are not looked at: there is one backend.
#[derive(Debug, Default)]
pub(super) struct Jar(BTreeMap<String, String>);

impl Jar {
    /// Takes the value of a `Cookie` header.
    pub(super) fn put(&mut self, header: &str) {
        for (name, value) in header.split(';').filter_map(|pair| pair.split_once('=')) {
            let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
            self.0.insert(name, value);
        }
    }

    /// Takes the value of a `Set-Cookie` header (RFC 6265, section 5.3).
    pub(super) fn set(&mut self, header: &str) {
        let mut parts = header.split(';');
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        let name = name.trim().to_owned();
        if ended(parts) {
            self.0.remove(&name);
        } else {
            self.0.insert(name, value.trim().to_owned());
        }
    }

    /// The one `Cookie` header (RFC 6265, section 5.4); `None` without cookies.
    pub(super) fn header(&self) -> Option<String> {
        let pairs: Vec<_> = self.0.iter().map(|(n, v)| format!("{n}={v}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

/// Whether attributes take a cookie away. `Max-Age` counts before `Expires`.
fn ended<'a>(attributes: impl Iterator<Item = &'a str>) -> bool {
    let (mut age, mut expires) = (None, None);
    for (name, value) in attributes.filter_map(|part| part.split_once('=')) {
        match name.trim().to_ascii_lowercase().as_str() {
            "max-age" => age = value.trim().parse::<i64>().ok(),
            // Netscape's form, which many servers still write, has dashes in it.
            "expires" => expires = httpdate::parse_http_date(&value.trim().replace('-', " ")).ok(),
            _ => {}
        }
    }
    match age {
        Some(age) => age <= 0,
        None => expires.is_some_and(|at| at <= SystemTime::now()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_header_holds_what_was_given_and_what_was_set() {
        let mut jar = Jar::default();
        assert_eq!(jar.header(), None);
        jar.put("user=alice; edge=1");
        jar.set("seen=a=b; Path=/; HttpOnly");
        assert_eq!(
            jar.header().as_deref(),
            Some("edge=1; seen=a=b; user=alice")
        );
        jar.set("user=bob; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
        for gone in [
            "edge=; Max-Age=0",
            "seen=; expires=Thu, 01-Jan-1970 00:00:00 GMT",
        ] {
            jar.set(gone);
        }
        assert_eq!(jar.header().as_deref(), Some("user=bob"));
        jar.set("user=; Max-Age=-1");
        jar.set("no cookie");
        assert_eq!(jar.header(), None);
    }
}

//! `check`: the rules that any backend of the element must keep, tried one by one.

mod answers;
mod cookies;
mod create;
mod http;
mod input;
mod others;
mod owner;
mod sites;
mod times;
mod unknown;
mod url;

use crate::cli::Check;
use answers::{Verdict, verdict};
use http::Browser;
use sendapi_pairing_core::model::SessionId;
use std::fmt;

pub use http::TargetError;

/// How one rule came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Kept.
    Pass,
    /// Not tried, and why.
    Skip(String),
    /// Broken, and how.
    Fail(String),
}

/// One rule with its outcome.
#[derive(Clone, Debug)]
pub struct Line {
    /// The rule.
    pub rule: &'static str,
    /// How it came out.
    pub outcome: Outcome,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Outcome::Pass => write!(f, "PASS {}", self.rule),
            Outcome::Skip(why) => write!(f, "SKIP {} ({why})", self.rule),
            Outcome::Fail(why) => write!(f, "FAIL {}: {why}", self.rule),
        }
    }
}

/// The rules tried so far.
#[derive(Debug, Default)]
struct Sheet(Vec<Line>);

impl Sheet {
    fn rule(&mut self, rule: &'static str, result: Verdict) {
        let outcome = result.map_or_else(Outcome::Fail, |()| Outcome::Pass);
        self.0.push(Line { rule, outcome });
    }

    fn skip(&mut self, rule: &'static str, why: String) {
        let outcome = Outcome::Skip(why);
        self.0.push(Line { rule, outcome });
    }
}

/// Who asks.
struct Browsers {
    /// The user that `--header` signs in.
    owner: Browser,
    /// The user that `--other-header` signs in.
    other: Option<Browser>,
    /// Nobody.
    nobody: Browser,
}

impl Browsers {
    fn new(flags: &Check) -> Result<Self, TargetError> {
        let lines = |own: &[String]| -> Vec<String> {
            let given = [&flags.every_headers, own].concat();
            // A page's origin is no sign-in: it goes with everybody who has none of their own.
            let named = given.iter().any(|line| is_origin(line));
            let pages = flags.headers.iter().filter(|line| is_origin(line));
            let pages = pages.filter(|_| !named).cloned();
            given.iter().cloned().chain(pages).collect()
        };
        let browser = |own: &[String]| Browser::new(&flags.url, lines(own).iter().map(|l| &**l));
        let other = (!flags.other_headers.is_empty()).then(|| browser(&flags.other_headers));
        Ok(Self {
            owner: browser(&flags.headers)?,
            other: other.transpose()?,
            nobody: browser(&[])?,
        })
    }

    /// All of them, the owner first.
    fn all(&self) -> impl Iterator<Item = &Browser> {
        [&self.owner, &self.nobody].into_iter().chain(&self.other)
    }

    /// What broke a rule for all answers first.
    fn first(&self, broken: impl Fn(&Browser) -> Verdict) -> Verdict {
        self.all().try_for_each(broken)
    }
}

fn is_origin(line: &str) -> bool {
    let name = line.split(':').next().unwrap_or_default();
    name.trim().eq_ignore_ascii_case("origin")
}

/// Tries every rule against a backend, as the browsers would that `flags` tells of.
///
/// # Errors
/// [`TargetError`] when the URL or a header cannot be used at all.
pub async fn check(flags: &Check) -> Result<Vec<Line>, TargetError> {
    let mut sheet = Sheet::default();
    let mut browsers = Browsers::new(flags)?;
    let Browsers {
        owner,
        other,
        nobody,
    } = &mut browsers;
    if let Some((id, intent)) = create::create(&mut sheet, owner).await {
        let id = &id;
        let signed_in = flags.headers.iter().any(|line| !is_origin(line));
        owner::session(&mut sheet, owner, id).await;
        owner::head(&mut sheet, owner, id).await;
        unknown::session(&mut sheet, owner, id).await;
        let lists = owner::list(&mut sheet, owner, id).await;
        input::ids(&mut sheet, owner).await;
        input::bodies(&mut sheet, owner).await;
        sites::foreign(&mut sheet, owner, nobody, id).await;
        let signed_out = others::nobody(&mut sheet, nobody, id, signed_in).await;
        others::user(&mut sheet, other.as_mut(), id, &intent).await;
        owner::outlives(&mut sheet, owner, id).await;
        let supports_delete = owner::delete(&mut sheet, owner, id).await;
        others::signed_out(&mut sheet, signed_out, lists, supports_delete);
    }
    if !browsers.owner.heard() {
        return Ok(sheet.0);
    }
    tidy(&mut sheet, &mut browsers).await;
    let stored = browsers.first(Browser::saw_storable);
    sheet.rule("every answer is no-store", stored);
    let wordless = browsers.first(Browser::saw_wordless);
    sheet.rule("an error is JSON with error.message", wordless);
    let secret = verdict(!browsers.all().any(Browser::saw_secret), || {
        "an answer contained a text like sk_live_...".to_owned()
    });
    sheet.rule("no answer contains a secret key", secret);
    Ok(sheet.0)
}

/// Deletes what is left of the sessions that came of all this, or names it.
async fn tidy(sheet: &mut Sheet, browsers: &mut Browsers) {
    const RULE: &str = "no session is left behind";
    let Browsers {
        owner,
        other,
        nobody,
    } = browsers;
    let mut left = owner::tidy(owner).await;
    for browser in [other.as_mut(), Some(nobody)].into_iter().flatten() {
        for id in owner::tidy(browser).await {
            // What nobody should have been given may have become the first user's.
            if !owner::remove(owner, &id).await {
                left.push(id);
            }
        }
    }
    if left.is_empty() {
        sheet.rule(RULE, Ok(()));
    } else {
        let names: Vec<_> = left.iter().map(SessionId::as_str).collect();
        sheet.skip(RULE, format!("delete by hand: {}", names.join(", ")));
    }
}

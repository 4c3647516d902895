//! Faults that a test or a demo asks for.
//!
//! A rule's `match` is a method, a route word and, optionally, one session id, separated by spaces:
//!
//! | match | call |
//! | --- | --- |
//! | `POST create`, `POST sessions` | create |
//! | `GET list`, `GET sessions` | list |
//! | `GET session` | one session |
//! | `GET qr` | a new code |
//! | `DELETE session`, `DELETE delete` | delete |
//! | `*`, `GET *` | any call, any call of that method |
//!
//! `times` (1 unless given) is how many matching calls it plays on; the first rule that matches is used.
//! `500`, `html` and `429` answer *instead of* the service, which does nothing. `delay`, `drop` and `truncate` let it act
//! and then hurt the answer; with `"lost":"request"` a `drop` happens before it acts.

use crate::http::Method;
use crate::routes::Call;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FaultKind {
    /// The answer comes [`FaultRule::ms`] later.
    #[serde(rename = "delay")]
    Delay,
    /// The connection closes without an answer.
    #[serde(rename = "drop")]
    Drop,
    /// The service's own error.
    #[serde(rename = "500")]
    Error,
    /// An HTML page from something in between: status 502 unless [`FaultRule::status`] says otherwise.
    #[serde(rename = "html")]
    Html,
    /// Half of the body, then the connection closes.
    #[serde(rename = "truncate")]
    Truncate,
    /// A rate limit with `Retry-After` of [`FaultRule::ms`] rounded up to seconds, at least 1.
    #[serde(rename = "429")]
    RateLimited,
}

impl FaultKind {
    /// The wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delay => "delay",
            Self::Drop => "drop",
            Self::Error => "500",
            Self::Html => "html",
            Self::Truncate => "truncate",
            Self::RateLimited => "429",
        }
    }
}

/// Which half of a dropped call is lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Loss {
    /// The service acts, its answer is lost.
    #[default]
    Answer,
    /// The service never sees the request.
    Request,
}

/// One rule of `PUT /sandbox/faults`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// The calls it plays on; see the grammar in this module's table.
    #[serde(rename = "match")]
    pub matches: String,
    /// What goes wrong.
    pub kind: FaultKind,
    /// How many calls are left to play it on.
    #[serde(default = "once")]
    pub times: u32,
    /// Milliseconds, for `delay` and `429`.
    #[serde(default)]
    pub ms: u64,
    /// The status of `html`, 200–599.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// For `drop`.
    #[serde(default)]
    pub lost: Loss,
}

const fn once() -> u32 {
    1
}

impl FaultRule {
    /// A rule that plays once.
    #[must_use]
    pub fn once(matches: &str, kind: FaultKind) -> Self {
        Self {
            matches: matches.to_owned(),
            kind,
            times: 1,
            ms: 0,
            status: None,
            lost: Loss::default(),
        }
    }
}

/// Why a rule was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleError {
    /// `match` is not in the grammar.
    Match,
    /// `status` is outside 200–599, or given for another kind than `html`.
    Status,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Match => {
                "`match` must be \"*\" or METHOD and one of create, sessions, list, session, qr, delete, *, \
                 optionally followed by a session id"
            }
            Self::Status => "`status` is for kind html only, 200 to 599",
        })
    }
}

impl std::error::Error for RuleError {}

struct Pattern {
    method: Option<Method>,
    call: Option<Call>,
    id: Option<String>,
}

impl Pattern {
    fn parse(text: &str) -> Result<Self, RuleError> {
        let mut words = text.split_whitespace();
        let mut pattern = Self {
            method: None,
            call: None,
            id: None,
        };
        match words.next() {
            Some("*") => {}
            Some(name) => match Method::parse(name) {
                Method::Other => return Err(RuleError::Match),
                method => pattern.method = Some(method),
            },
            None => return Err(RuleError::Match),
        }
        pattern.call = match (pattern.method, words.next()) {
            (None, None) | (_, Some("*")) => None,
            (Some(Method::Post), Some("create" | "sessions")) => Some(Call::Create),
            (Some(Method::Get), Some("list" | "sessions")) => Some(Call::List),
            (Some(Method::Get), Some("session")) => Some(Call::Read),
            (Some(Method::Get), Some("qr")) => Some(Call::Qr),
            (Some(Method::Delete), Some("session" | "delete")) => Some(Call::Delete),
            _ => return Err(RuleError::Match),
        };
        pattern.id = words.next().map(str::to_owned);
        match words.next() {
            None => Ok(pattern),
            Some(_) => Err(RuleError::Match),
        }
    }

    fn fits(&self, method: Method, call: Call, id: Option<&str>) -> bool {
        self.method.is_none_or(|m| m == method)
            && self.call.is_none_or(|c| c == call)
            && self.id.as_deref().is_none_or(|wanted| id == Some(wanted))
    }
}

#[derive(Default)]
pub(crate) struct Faults {
    rules: Vec<(Pattern, FaultRule)>,
}

impl Faults {
    /// Replaces all rules, or none when one is bad.
    pub(crate) fn set(&mut self, rules: Vec<FaultRule>) -> Result<(), RuleError> {
        let mut checked = Vec::with_capacity(rules.len());
        for rule in rules {
            if let Some(status) = rule.status
                && (rule.kind != FaultKind::Html || !(200..600).contains(&status))
            {
                return Err(RuleError::Status);
            }
            checked.push((Pattern::parse(&rule.matches)?, rule));
        }
        self.rules = checked;
        Ok(())
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// The rules with the plays that are left.
    pub(crate) fn remaining(&self) -> Vec<&FaultRule> {
        self.rules.iter().map(|(_, rule)| rule).collect()
    }

    /// Uses up one play of the first rule that matches.
    pub(crate) fn take(
        &mut self,
        method: Method,
        call: Call,
        id: Option<&str>,
    ) -> Option<FaultRule> {
        let (_, rule) = self
            .rules
            .iter_mut()
            .find(|(pattern, rule)| rule.times > 0 && pattern.fits(method, call, id))?;
        rule.times -= 1;
        Some(rule.clone())
    }
}

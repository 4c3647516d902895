//! The log of the element's events: bounded, newest first, without secrets.

use serde_json::Value;
use std::collections::VecDeque;

/// How many events are kept; older ones are forgotten first.
const CAPACITY: usize = 60;
/// The longest text of a detail that is shown, in characters.
const TEXT_MAX: usize = 160;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Counts all events from 1, so that an entry keeps its identity while others come and go.
    pub(crate) number: u32,
    /// The time of day, as the page shows it.
    pub(crate) time: String,
    /// The event's name.
    pub(crate) name: String,
    /// Its detail, as [`describe`] writes it.
    pub(crate) detail: String,
}

/// The last [`CAPACITY`] events.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal {
    entries: VecDeque<Entry>,
    count: u32,
}

impl Journal {
    pub(crate) fn add(&mut self, time: String, name: &str, detail: &Value) {
        self.count = self.count.wrapping_add(1);
        self.entries.push_front(Entry {
            number: self.count,
            time,
            name: name.to_owned(),
            detail: describe(detail),
        });
        self.entries.truncate(CAPACITY);
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    /// Newest first.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// Writes a detail as a JavaScript literal on one line: numbers of phones masked, nothing that looks like a code or a key.
///
/// Events hold neither code nor key; this is the second lock on that door.
pub(crate) fn describe(detail: &Value) -> String {
    match detail {
        Value::Null => String::new(),
        Value::Object(members) => {
            let mut out = String::from("{");
            for (at, (name, value)) in members.iter().enumerate() {
                out.push_str(if at == 0 { " " } else { ", " });
                out.push_str(name);
                out.push_str(": ");
                out.push_str(&member(name, value));
            }
            out.push_str(" }");
            out
        }
        other => member("", other),
    }
}

fn member(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) if name == "phoneNumber" => format!("\"{}\"", masked(text)),
        Value::String(text) if is_secret(text) => "(hidden)".to_owned(),
        Value::String(text) => {
            let mut short: String = text.chars().take(TEXT_MAX).collect();
            if short.len() < text.len() {
                short.push('…');
            }
            Value::String(short).to_string()
        }
        Value::Array(_) | Value::Object(_) => "…".to_owned(),
        other => other.to_string(),
    }
}

fn is_secret(text: &str) -> bool {
    text.contains("2@") || text.contains("linked_devices#") || text.contains("sk_")
}

/// A phone number with all but its last four digits as dots.
fn masked(number: &str) -> String {
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let mut seen = 0;
    let mask = |c: char| {
        if !c.is_ascii_digit() {
            return c;
        }
        seen += 1;
        if seen + 4 <= digits { '•' } else { c }
    };
    number.chars().map(mask).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_newest_come_first_and_the_oldest_go() {
        let mut journal = Journal::default();
        assert!(journal.is_empty());
        for at in 0..CAPACITY + 25 {
            journal.add(format!("{at}"), "sendapi-qr", &Value::Null);
        }
        let times: Vec<_> = journal.entries().map(|entry| entry.time.clone()).collect();
        let wanted: Vec<_> = (25..CAPACITY + 25).rev().map(|at| at.to_string()).collect();
        assert_eq!(times, wanted);
    }

    #[test]
    fn numbers_go_on_after_the_log_was_cleared() {
        let mut journal = Journal::default();
        journal.add(String::new(), "a", &Value::Null);
        journal.clear();
        assert!(journal.is_empty());
        journal.add(String::new(), "b", &Value::Null);
        assert_eq!(journal.entries().next().map(|entry| entry.number), Some(2));
    }

    #[test]
    fn details_are_written_as_literals() {
        assert_eq!(describe(&Value::Null), "");
        assert_eq!(
            describe(&json!({"attempt": 2, "none": null, "ok": true, "phase": "idle"})),
            r#"{ attempt: 2, none: null, ok: true, phase: "idle" }"#
        );
        assert_eq!(
            describe(&json!({"m": "say \"no\"\n"})),
            r#"{ m: "say \"no\"\n" }"#
        );
        let long = "é".repeat(TEXT_MAX + 1);
        let short = "é".repeat(TEXT_MAX);
        assert_eq!(
            describe(&json!({"m": long})),
            format!("{{ m: \"{short}…\" }}")
        );
    }

    #[test]
    fn neither_numbers_nor_codes_nor_keys_are_written_out() {
        for (detail, shown) in [
            (
                json!({"phoneNumber": "+447700900123"}),
                r#"{ phoneNumber: "+••••••••0123" }"#,
            ),
            (json!({"phoneNumber": "0123"}), r#"{ phoneNumber: "0123" }"#),
            (json!({"phoneNumber": null}), "{ phoneNumber: null }"),
            (json!({"message": "2@abc,def"}), "{ message: (hidden) }"),
            (
                json!({"message": "https://wa.me/settings/linked_devices#x"}),
                "{ message: (hidden) }",
            ),
            (
                json!({"message": "key sk_live_1 refused"}),
                "{ message: (hidden) }",
            ),
            (
                json!({"nested": {"phoneNumber": "+447700900123"}}),
                "{ nested: … }",
            ),
        ] {
            assert_eq!(describe(&detail), shown);
        }
    }
}

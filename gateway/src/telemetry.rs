//! What operators see: Prometheus counters and JSON lines. Neither holds an id, a number, a code, a token or a key.

use clap::ValueEnum;
use serde_json::{Map, Value};
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Routes as metrics and logs name them.
const ROUTES: [&str; 7] = [
    "create",
    "list",
    "read",
    "qr",
    "delete",
    "preflight",
    "other",
];
/// Calls to the service as metrics name them.
const CALLS: [&str; 5] = ["create", "list", "read", "qr", "delete"];
const CLASSES: [&str; 6] = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];
/// Upper bounds of the duration histogram, in milliseconds.
const BUCKETS_MS: [u64; 10] = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000];

type Counters<const N: usize> = [[AtomicU64; CLASSES.len()]; N];

/// Counters of one process.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: Counters<{ ROUTES.len() }>,
    calls: Counters<{ CALLS.len() }>,
    buckets: [AtomicU64; BUCKETS_MS.len()],
    duration_us: AtomicU64,
    durations: AtomicU64,
    held_back: AtomicU64,
    shared: AtomicU64,
    reaped: AtomicU64,
}

fn index(names: &[&str], name: &str) -> usize {
    names
        .iter()
        .position(|known| *known == name)
        .unwrap_or(names.len() - 1)
}

impl Metrics {
    /// A request was answered.
    pub fn request(&self, route: &str, status: u16, took: Duration) {
        let class = usize::from(status / 100).min(CLASSES.len() - 1);
        self.requests[index(&ROUTES, route)][class].fetch_add(1, Relaxed);
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        if let Some(bucket) = BUCKETS_MS.iter().position(|bound| ms <= *bound) {
            self.buckets[bucket].fetch_add(1, Relaxed);
        }
        self.durations.fetch_add(1, Relaxed);
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.duration_us.fetch_add(us, Relaxed);
    }

    /// The service was called; `None` when it gave no answer.
    pub fn call(&self, name: &str, status: Option<u16>) {
        let class = status.map_or(0, |status| usize::from(status / 100).min(CLASSES.len() - 1));
        self.calls[index(&CALLS, name)][class].fetch_add(1, Relaxed);
    }

    /// A call was not made, to keep the key's rate.
    pub fn held_back(&self) {
        self.held_back.fetch_add(1, Relaxed);
    }

    /// A poll was answered from an earlier reading.
    pub fn shared(&self) {
        self.shared.fetch_add(1, Relaxed);
    }

    /// An abandoned session was deleted.
    pub fn reaped(&self) {
        self.reaped.fetch_add(1, Relaxed);
    }

    /// Prometheus text exposition format 0.0.4; `sessions` is how many sessions are on record, where that is known.
    #[must_use]
    pub fn text(&self, sessions: Option<usize>) -> String {
        let mut out = String::new();
        family(
            &mut out,
            "sendapi_gateway_requests_total",
            "Requests of browsers",
            "route",
            &ROUTES,
            &self.requests,
        );
        family(
            &mut out,
            "sendapi_gateway_upstream_calls_total",
            "Calls to the service",
            "call",
            &CALLS,
            &self.calls,
        );
        let single = [
            (
                "sendapi_gateway_held_back_total",
                "counter",
                "Calls not made, to keep the key's rate",
                self.held_back.load(Relaxed),
            ),
            (
                "sendapi_gateway_shared_reads_total",
                "counter",
                "Polls answered from an earlier reading",
                self.shared.load(Relaxed),
            ),
            (
                "sendapi_gateway_reaped_total",
                "counter",
                "Abandoned pending sessions deleted",
                self.reaped.load(Relaxed),
            ),
        ];
        // Writing to a String cannot fail.
        for (name, kind, help, value) in single {
            let _ = writeln!(
                out,
                "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}"
            );
        }
        if let Some(sessions) = sessions {
            let name = "sendapi_gateway_sessions";
            let _ = writeln!(
                out,
                "# HELP {name} Sessions on record\n# TYPE {name} gauge\n{name} {sessions}"
            );
        }
        let name = "sendapi_gateway_request_duration_seconds";
        let _ = writeln!(
            out,
            "# HELP {name} Time to answer a browser\n# TYPE {name} histogram"
        );
        let mut below = 0;
        for (bound, bucket) in BUCKETS_MS.iter().zip(&self.buckets) {
            below += bucket.load(Relaxed);
            let _ = writeln!(
                out,
                "{name}_bucket{{le=\"{}\"}} {below}",
                *bound as f64 / 1000.0
            );
        }
        let all = self.durations.load(Relaxed);
        let sum = self.duration_us.load(Relaxed) as f64 / 1e6;
        let _ = writeln!(
            out,
            "{name}_bucket{{le=\"+Inf\"}} {all}\n{name}_sum {sum}\n{name}_count {all}"
        );
        out
    }
}

fn family<const N: usize>(
    out: &mut String,
    name: &str,
    help: &str,
    label: &str,
    names: &[&str; N],
    counters: &Counters<N>,
) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} counter");
    for (value, classes) in names.iter().zip(counters) {
        for (class, counter) in CLASSES.iter().zip(classes) {
            let count = counter.load(Relaxed);
            if count > 0 {
                let _ = writeln!(
                    out,
                    "{name}{{{label}=\"{value}\",status=\"{class}\"}} {count}"
                );
            }
        }
    }
}

/// Which events are written to standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Log {
    /// Nothing.
    Off,
    /// What went wrong on the gateway's or the service's side.
    #[default]
    Errors,
    /// Every request, too.
    Requests,
}

impl Log {
    /// Writes one JSON line, if this level wants it.
    pub fn write(self, level: Self, event: &str, fields: Value) {
        if level > self || self == Self::Off {
            return;
        }
        let mut line = Map::new();
        let now = crate::upstream::unix_ms();
        line.insert(
            "time".to_owned(),
            sendapi_sandbox::rfc3339(now, true).into(),
        );
        line.insert("event".to_owned(), event.into());
        if let Value::Object(fields) = fields {
            line.extend(fields);
        }
        // Nobody is left to tell when standard error is closed.
        let _ = writeln!(std::io::stderr(), "{}", Value::Object(line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exposition_counts() {
        let metrics = Metrics::default();
        metrics.request("read", 200, Duration::from_millis(7));
        metrics.request("read", 404, Duration::from_millis(70));
        metrics.request("nonsense", 200, Duration::from_secs(70));
        metrics.call("qr", None);
        metrics.call("qr", Some(200));
        let text = metrics.text(Some(3));
        for line in [
            "sendapi_gateway_requests_total{route=\"read\",status=\"2xx\"} 1",
            "sendapi_gateway_requests_total{route=\"read\",status=\"4xx\"} 1",
            "sendapi_gateway_requests_total{route=\"other\",status=\"2xx\"} 1",
            "sendapi_gateway_upstream_calls_total{call=\"qr\",status=\"none\"} 1",
            "sendapi_gateway_request_duration_seconds_bucket{le=\"0.005\"} 0",
            "sendapi_gateway_request_duration_seconds_bucket{le=\"0.01\"} 1",
            "sendapi_gateway_request_duration_seconds_bucket{le=\"10\"} 2",
            "sendapi_gateway_request_duration_seconds_bucket{le=\"+Inf\"} 3",
            "sendapi_gateway_sessions 3",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} in\n{text}");
        }
    }
}

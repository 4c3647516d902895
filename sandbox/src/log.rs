//! Every API call that was answered, in order.

use std::collections::VecDeque;

/// One call to `/v1/…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// The method's name in capitals.
    pub method: &'static str,
    /// The path as it came, without the query.
    pub path: String,
    /// The status of the answer, also where a fault then lost it.
    pub status: u16,
    /// When it was answered, in Unix milliseconds.
    pub at_ms: u64,
    /// The fault that was played, by its wire name.
    pub fault: Option<&'static str>,
}

pub(crate) struct Log {
    entries: VecDeque<LogEntry>,
    capacity: usize,
}

impl Log {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            capacity,
        }
    }

    pub(crate) fn enabled(&self) -> bool {
        self.capacity > 0
    }

    pub(crate) fn push(&mut self, entry: LogEntry) {
        if self.entries.len() >= self.capacity {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &LogEntry> {
        self.entries.iter()
    }
}

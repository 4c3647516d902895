//! Short stand-ins for the service's codes, so that a million runs need not encode millions of 230-character texts.
//!
//! The network puts a stand-in of 12 characters in the place of each text that the service sends. What a phone sees in a tab is the
//! drawn matrix; the pool finds the stand-in by it, the run finds the service's text by that.

use std::collections::HashMap;

use sendapi_pairing_core::qr::{self, Matrix};

/// How many stand-ins there are; a run takes them in turn.
const SIZE: usize = 128;

/// The stand-ins of one thread.
pub(crate) struct Pool {
    texts: Vec<String>,
    by_modules: HashMap<Vec<u8>, usize>,
}

impl Pool {
    pub(crate) fn new() -> Self {
        let texts: Vec<String> = (0..SIZE).map(|n| format!("2@stand-in{n:02x}")).collect();
        let by_modules = texts.iter().enumerate().filter_map(|(n, text)| {
            let code = qr::read(text).ok()?;
            Some((code.matrix().to_bytes(), n))
        });
        Self {
            by_modules: by_modules.collect(),
            texts,
        }
    }

    /// What stands for the `number`th code of a run.
    pub(crate) fn text(&self, number: usize) -> &str {
        &self.texts[number % SIZE]
    }

    /// The latest of `count` codes that looks like `matrix`.
    pub(crate) fn find(&self, matrix: &Matrix, count: usize) -> Option<usize> {
        let slot = *self.by_modules.get(&matrix.to_bytes())?;
        (slot..count).step_by(SIZE).last()
    }
}

/// One code that the service sent in this run.
pub(crate) struct Code {
    pub(crate) session: String,
    /// The service's own text: what a phone sends it.
    pub(crate) text: String,
    /// When the service says that it dies, in the world's time.
    pub(crate) expires: u64,
    /// When a `/qr` for its session first went out after it had come, and from which tab.
    pub(crate) killed: Option<(u64, usize)>,
    /// The start of the request that brought it, and the life that the answer gave it. The latest, where several brought it.
    pub(crate) limit: Option<u64>,
}

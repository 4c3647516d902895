//! Text that must not be seen.

use std::fmt;

/// A key. It has no `Display`, its `Debug` prints nothing of it, and only [`Secret::expose`] gives it away.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes the key over.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The key itself, for the one header or MAC that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

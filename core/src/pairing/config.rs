//! What the developer chose, and what the page knows when a pairing begins.

use super::Policy;
use crate::model::{PhoneNumber, SessionId};

/// The developer's choices. Changing `session_id` starts anew; all else applies to the next decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// `session-name`: the label sent with a create.
    pub session_name: String,
    /// `webhook-url`: sent with a create where given.
    pub webhook_url: Option<String>,
    /// `session-id`: resume this session; where it is gone, end in `error`.
    pub session_id: Option<SessionId>,
    /// `trigger`: when the first request may go out by itself.
    pub trigger: Trigger,
    /// `expected-phone`: another number that connects is a mismatch.
    pub expected_phone: Option<PhoneNumber>,
    /// `allow-unlink`: whether the view offers to unlink.
    pub allow_unlink: bool,
    /// `persist`: whether [`Slot`]s are to be stored.
    pub persist: bool,
    /// The intervals.
    pub policy: Policy,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            session_name: "WhatsApp".into(),
            webhook_url: None,
            session_id: None,
            trigger: Trigger::Visible,
            expected_phone: None,
            allow_unlink: false,
            persist: true,
            policy: Policy::default(),
        }
    }
}

/// When the first request may go out without the user's doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// Once the widget is on screen in a visible page.
    Visible,
    /// At once, in a visible page (invariant 12 holds for a hidden one).
    Load,
    /// Never: a button, or `start()`.
    Manual,
}

/// What the tab's storage holds (invariant 17: an id and, until create is answered, its idempotency key; nothing else ever).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slot {
    /// The session to resume.
    pub session_id: Option<SessionId>,
    /// The key of a create whose answer never arrived: retried as the same intent.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// One intent to create, on the wire as `Idempotency-Key`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Takes `text` as a key: 1 to 64 visible ASCII characters, which is what fits a header anywhere.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let sound = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        sound.then(|| Self(text.into()))
    }

    /// The key as sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How things stand in the page when a pairing begins; changes arrive as inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surroundings {
    /// The page is neither hidden nor prerendering.
    pub visible: bool,
    /// The widget intersects the viewport.
    pub on_screen: bool,
    /// The browser believes it has a network.
    pub online: bool,
    /// Web Locks and BroadcastChannel exist, so that tabs can agree.
    pub tabs: bool,
}

//! Everything that can happen to a pairing.

use super::{Ask, Config, Slot, TabMessage};
use crate::{
    api::{Answer, Failure},
    error::Error,
    qr::Matrix,
};

/// One thing that happened. Feed it to [`Pairing::handle`](super::Pairing::handle) with the time at which it did.
#[derive(Clone, Debug)]
pub enum Input {
    /// A person or the page wants something.
    Act(Act),
    /// A request that went out as [`Output::Send`](super::Output::Send) ended.
    Answered {
        /// Which one.
        ask: Ask,
        /// The decoded answer, or what went wrong. An answer outside 2xx is an error here.
        outcome: Result<Answer, Failure>,
    },
    /// The token that [`Output::RenewToken`](super::Output::RenewToken) asked for came, or could not be had.
    TokenRenewed(Result<(), Error>),
    /// A reading that went out as [`Output::Read`](super::Output::Read) ended.
    Read {
        /// Which one.
        ask: Ask,
        /// The modules, or why there are none. They are verified again.
        outcome: Result<Matrix, Unread>,
    },
    /// [`Pairing::next_timeout`](super::Pairing::next_timeout) has passed. Harmless at any other time.
    Timeout,
    /// The page was shown (`true`), or hidden or frozen or is about to leave (`false`).
    Visible(bool),
    /// The widget entered or left the viewport.
    OnScreen(bool),
    /// The browser's `online` and `offline`.
    Online(bool),
    /// This tab holds the lock (`true`), or lost it, perhaps before it knew that it had it (`false`).
    Leading(bool),
    /// Another tab of the same origin spoke about the same session.
    Heard(TabMessage),
    /// The developer changed an attribute.
    Configure(Box<Config>),
    /// A view decided on [`Event::BeforeUnlink`](super::Event::BeforeUnlink): `false` where a listener cancelled it.
    UnlinkDecided(bool),
}

/// Why a second reading brought no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// There is not one code in it that could be verified.
    Declined,
    /// There is no second reader, or it could not be loaded.
    Unavailable,
}

/// What a person, or a method that stands for one, can ask for. An act that the phase does not offer changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// The page's load: starts if [`Trigger`](super::Trigger) and the surroundings allow, resuming what `stored` names. Not a gesture.
    Mount {
        /// What the tab's storage held.
        stored: Slot,
    },
    /// Start, or resume a session that is known. `fresh` forgets a known one and creates.
    Start {
        /// Create anew even where a session is known.
        fresh: bool,
    },
    /// A new code, now.
    Refresh,
    /// Retry what ended in `error`.
    Retry,
    /// Stop here; with `discard`, delete a still pending session that this pairing created.
    Stop {
        /// Also delete.
        discard: bool,
    },
    /// Ask to unlink: opens the confirmation, or where `confirmed` (the caller asked the person itself) goes on at once.
    Unlink {
        /// The person has already confirmed.
        confirmed: bool,
    },
    /// Confirm the unlink that is being asked about.
    ConfirmUnlink,
    /// Do not unlink after all.
    CancelUnlink,
    /// Keep a number that is not the expected one.
    AcceptNumber,
    /// Draw the pixels of an image that could not be verified.
    ShowOriginal,
}

//! Everything that a pairing wants done.

use super::{Phase, Slot, TabMessage};
use crate::{
    api::{Call, QrPayload},
    error::Error,
    model::{PhoneNumber, SessionId},
    time::Millis,
};

/// One thing to do. Drain them with [`Pairing::poll_output`](super::Pairing::poll_output), in order, until there is none.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Send this request; report its end as [`Input::Answered`](super::Input::Answered) with the same [`Ask`]. The host enforces the cap
    /// on the body; [`Policy::REQUEST_DEADLINE`](super::Policy::REQUEST_DEADLINE) ends in [`Output::Abort`].
    Send {
        /// Names the request.
        ask: Ask,
        /// What to ask.
        call: Call,
    },
    /// Abort a request; its answer, should one still come, is dropped.
    Abort {
        /// Which one.
        ask: Ask,
        /// Its time is up; else it is no longer wanted.
        overdue: bool,
    },
    /// Have this read by whatever reads more than [`qr::read`](crate::qr::read) does, and report as
    /// [`Input::Read`](super::Input::Read) with the same [`Ask`]. The answer to an older reading is dropped, and one that does not come
    /// by [`Policy::READING_DEADLINE`](super::Policy::READING_DEADLINE) is no longer waited for.
    Read {
        /// Names the reading.
        ask: Ask,
        /// What to read.
        code: QrPayload,
    },
    /// Ask the developer's `getToken` again, once; answer with [`Input::TokenRenewed`](super::Input::TokenRenewed).
    RenewToken,
    /// Keep this in the tab's storage, in place of what was there, before anything that follows. An empty slot: remove it.
    Store(Slot),
    /// Ask for (`true`) or give back (`false`) the lock for this session. A grant that comes after the lock was given back is not to be
    /// reported. After an [`Input::Leading`](super::Input::Leading)`(false)` that nobody asked for, this asks again.
    Lead {
        /// The session that the lock and the channel are named after.
        session: SessionId,
        /// Ask, or give back.
        wanted: bool,
    },
    /// Tell the other tabs.
    Tell(TabMessage),
    /// Tell the page. Never about the past: state is as the event says when it is drained.
    Event(Event),
}

/// Names one request, or one reading, of one pairing; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ask(pub u64);

/// What the page is told (`product.md`, table of events). Never a code's text, never a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The pairing can be used.
    Ready,
    /// The phase changed.
    PhaseChange {
        /// The phase now.
        phase: Phase,
        /// The phase before.
        previous: Phase,
    },
    /// A code is on show.
    Qr {
        /// What is left of its life.
        remaining: Millis,
        /// 1 for the first code since the last gesture or page load.
        attempt: u32,
    },
    /// The code's time is over and no new one follows by itself.
    Expired,
    /// A phone is linked: once per transition.
    Connected {
        /// The session.
        session_id: SessionId,
        /// The number, where the service named one.
        phone_number: Option<PhoneNumber>,
        /// It was linked before this page loaded.
        resumed: bool,
    },
    /// The service lost the phone and is reconnecting.
    Disconnected {
        /// The session.
        session_id: SessionId,
    },
    /// The service gave up.
    Failed {
        /// The session.
        session_id: SessionId,
    },
    /// The person confirmed; cancelable. The host answers with [`Input::UnlinkDecided`](super::Input::UnlinkDecided).
    BeforeUnlink {
        /// The session.
        session_id: SessionId,
    },
    /// The session is deleted.
    Unlinked {
        /// The session.
        session_id: SessionId,
    },
    /// Something went wrong; the phase tells whether it is over.
    Error(Error),
}

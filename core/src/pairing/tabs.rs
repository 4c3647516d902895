//! Several tabs of one origin that show the same session: one of them leads, and alone asks for codes (invariant 2).
//!
//! The host's lock decides who leads. The leader tells the others its codes and what it read; they believe it about codes, and about a
//! status only so far that they read it themselves. So a message that lies, or is none of ours, can cost a read and no more.

use core::fmt;
use std::rc::Rc;

use super::{
    Drawing, Output, Phase, Policy, ShownQr, machine::Machine, requests::Errand, timers::Timer,
};
use crate::{
    model::{SessionId, Status},
    qr::{self, Matrix},
    time::{Instant, Millis},
};

/// What one tab tells the others, of flat fields so that a host can hand them through a `BroadcastChannel` as they are. A code crosses as
/// modules and remaining time, never as text (invariant 17). Any values are harmless.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TabMessage {
    /// [`TabMessage::VERSION`]; messages of another version are passed over.
    pub version: u32,
    /// [`TabMessage::HELLO`], [`TabMessage::STATE`] or [`TabMessage::WISH`].
    pub kind: u32,
    /// The session that is spoken about.
    pub session: String,
    /// Counts the leaders: what an earlier one said is out of date.
    pub term: u32,
    /// The status as the leader last read it, by the service's name.
    pub status: String,
    /// The leader's codes are spent; only a person gets another one. In a wish: the sender got a code by itself, so one of both is dead.
    pub expired: bool,
    /// The leader's number for the code on show; 0 for none.
    pub code: u32,
    /// Modules per side of that code, where this message brings it; else 0.
    pub size: u32,
    /// Its modules, as [`Matrix::to_bytes`] packs them.
    pub modules: Vec<u8>,
    /// Its whole life in milliseconds.
    pub life_ms: u32,
    /// What is left of that.
    pub remaining_ms: u32,
}

impl TabMessage {
    /// The version of the messages of this build.
    pub const VERSION: u32 = 1;
    /// A tab that does not lead asks what there is.
    pub const HELLO: u32 = 1;
    /// The leader says what there is.
    pub const STATE: u32 = 2;
    /// A person asks for a new code in a tab that does not lead.
    pub const WISH: u32 = 3;
}

impl fmt::Debug for TabMessage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("TabMessage")
            .field("version", &self.version)
            .field("kind", &self.kind)
            .field("term", &self.term)
            .field("status", &self.status)
            .field("expired", &self.expired)
            .field("code", &self.code)
            .field("size", &self.size)
            .field("remaining_ms", &self.remaining_ms)
            .finish_non_exhaustive()
    }
}

/// Where this tab stands among its siblings.
#[derive(Clone, Default)]
pub(super) struct Lead {
    /// The session whose lock was asked for.
    pub(super) asked: Option<SessionId>,
    /// The lock is ours.
    pub(super) held: bool,
    /// The latest leader's number that was heard of.
    pub(super) term: u32,
    /// The leader's code that this tab shows, by term and number.
    pub(super) followed: Option<(u32, u32)>,
    /// When a message last had this tab read the status out of turn.
    pub(super) hinted: Instant,
    /// When a message last had this tab ask what there is.
    pub(super) puzzled: Instant,
    /// The code in the latest message was one, for the diagnostics.
    pub(super) sound: bool,
}

impl Machine {
    /// Whether this tab may ask for codes. Where tabs cannot agree, each is on its own.
    pub(super) fn leads(&self) -> bool {
        !self.around.tabs || self.lead.held
    }

    /// Asks for the lock, or gives it back, as the phase and the page demand.
    pub(super) fn settle_lead(&mut self) {
        let pairs = match self.snapshot.phase {
            Phase::Checking
            | Phase::AwaitingScan
            | Phase::Refreshing
            | Phase::Expired
            | Phase::Connected
            | Phase::WrongNumber
            | Phase::Reconnecting
            | Phase::ActionRequired
            | Phase::Unlinking => true,
            // A create that was just answered has its session, and its code is about to be shown.
            Phase::Creating => self.intent.is_none() && self.snapshot.session.is_some(),
            Phase::Idle | Phase::Failed | Phase::Unlinked | Phase::Error => false,
        };
        let wanted = self.around.tabs && self.around.visible && pairs;
        let known = self.known.as_ref().filter(|_| wanted);
        let session = known.map(|known| known.id.clone());
        if session == self.lead.asked {
            return;
        }
        let before = core::mem::replace(&mut self.lead.asked, session);
        if let Some(session) = before {
            self.lead = Lead {
                asked: self.lead.asked.take(),
                ..Lead::default()
            };
            self.outputs.push_back(Output::Lead {
                session,
                wanted: false,
            });
        }
        if let Some(session) = self.lead.asked.clone() {
            self.outputs.push_back(Output::Lead {
                session,
                wanted: true,
            });
            self.tell_hello();
        }
    }

    /// Nobody gave the lock back: it is to be had again as soon as whoever took it lets go. Also where this tab did not know yet that it
    /// had it: what it asked for has ended.
    #[inline(never)]
    fn lead_lost(&mut self, now: Instant) {
        let Some(session) = self.lead.asked.clone() else {
            return;
        };
        self.lead.held = false;
        self.outputs.push_back(Output::Lead {
            session,
            wanted: true,
        });
        self.timers.clear(Timer::Refresh);
        if self
            .flight
            .is_some_and(|flight| flight.errand == Errand::Qr)
        {
            self.abort();
        }
        self.poll_on(now);
    }

    /// Plans a poll, unless a request under way or a read that is due brings the status sooner.
    fn poll_on(&mut self, now: Instant) {
        let asks = self.flight.is_some() || self.read_due().is_some();
        if !asks && self.is_followed(self.snapshot.phase) {
            self.plan_poll(now);
        }
    }

    /// The read that is due on return, or before a refresh: neither lock nor message puts it off (invariant 13).
    fn read_due(&self) -> Option<Errand> {
        let read = Errand::Read { fresh: true };
        self.errand.filter(|errand| *errand == read)
    }

    pub(super) fn leading(&mut self, leading: bool, now: Instant) {
        if !leading {
            return self.lead_lost(now);
        }
        if self.lead.held || self.lead.asked.is_none() {
            return;
        }
        self.lead.held = true;
        self.lead.term = self.lead.term.saturating_add(1);
        self.lead.followed = None;
        self.tell_state();
        self.arm_refresh();
        // A code that is being read is as good as one on show.
        let wants_code = self.snapshot.phase == Phase::Refreshing && self.codes.reading.is_none();
        if wants_code && self.flight.is_none() {
            self.plan(Errand::Read { fresh: true }, now);
        } else {
            self.poll_on(now);
        }
    }

    fn tell(&mut self, kind: u32, with_code: bool) {
        let Some(session) = self.lead.asked.as_ref().filter(|_| self.around.visible) else {
            return;
        };
        let mut message = TabMessage {
            version: TabMessage::VERSION,
            kind,
            session: session.as_str().into(),
            term: self.lead.term,
            ..TabMessage::default()
        };
        if kind == TabMessage::WISH {
            message.expired = self.has_own_code();
        }
        if kind == TabMessage::STATE {
            message.status = self.status().map_or("", Status::as_str).into();
            message.expired = self.snapshot.phase == Phase::Expired;
            // An image that could not be verified stays in its own tab: there is no code for the others.
            if let Some(shown) = &self.snapshot.qr
                && let Drawing::Verified(matrix) = &shown.drawing
            {
                message.code = shown.generation;
                if with_code {
                    message.size = matrix.size() as u32;
                    message.modules = matrix.to_bytes();
                    message.life_ms = shown.life().0 as u32;
                    message.remaining_ms = shown.deadline.since(self.clock).0 as u32;
                }
            }
        }
        self.outputs.push_back(Output::Tell(message));
    }

    /// All there is, to everybody.
    pub(super) fn tell_state(&mut self) {
        if self.lead.held {
            self.tell(TabMessage::STATE, true);
        }
    }

    /// What was read, without the modules that everybody has.
    pub(super) fn tell_status(&mut self) {
        if self.lead.held {
            self.tell(TabMessage::STATE, false);
        }
    }

    pub(super) fn tell_hello(&mut self) {
        self.tell(TabMessage::HELLO, false);
    }

    /// Asks what there is, since a message does not say enough. Once a second, or two tabs could talk for ever.
    fn tell_puzzled(&mut self, now: Instant) {
        if now >= self.lead.puzzled + Policy::BACKOFF_FIRST {
            self.lead.puzzled = now;
            self.tell_hello();
        }
    }

    pub(super) fn tell_wish(&mut self) {
        self.tell(TabMessage::WISH, false);
    }

    /// Whether this tab has a code, on show or being read, that no leader told it of.
    fn has_own_code(&self) -> bool {
        let any = self.snapshot.qr.is_some() || self.codes.reading.is_some();
        any && self.lead.followed.is_none()
    }

    #[inline(never)]
    pub(super) fn heard(&mut self, message: &TabMessage, now: Instant) {
        self.lead.sound = false;
        // A hidden tab has asked for no lock.
        let ours = self.lead.asked.as_ref();
        if message.version != TabMessage::VERSION
            || ours.is_none_or(|session| session.as_str() != message.session)
        {
            return;
        }
        match message.kind {
            TabMessage::HELLO => {
                // Whoever has heard of a later leader than this one would not listen.
                self.lead.term = self.lead.term.max(message.term);
                self.tell_state();
            }
            TabMessage::WISH if self.lead.held => self.wished(message.expired, now),
            TabMessage::STATE if !self.lead.held => {
                let due = self.read_due().zip(self.timers.get(Timer::Send));
                self.heard_state(message, now);
                if let Some((read, at)) = due
                    && self.timers.get(Timer::Send).is_none_or(|next| at < next)
                {
                    self.plan(read, at);
                }
            }
            TabMessage::STATE if message.code == 0 => self.heard_predecessor(message, now),
            _ => {}
        }
    }

    /// A person clicked in another tab: a code younger than an interval is as new as any. Or that tab `has_own` code, which the service
    /// gave it together with a session that was there before: however new this one is, which of both lives cannot be told.
    fn wished(&mut self, has_own: bool, now: Instant) {
        let new = self.snapshot.qr.as_ref();
        let new =
            new.is_some_and(|shown| now.since(shown.since) < self.config.policy.poll_interval);
        if new && !has_own {
            self.tell_state();
        } else if matches!(self.snapshot.phase, Phase::AwaitingScan | Phase::Expired) {
            self.refresh_for_sibling(now);
        }
    }

    /// A lock can be handed over faster than a message: the last word of the tab that led before is then that it has sent `/qr`, which
    /// killed what this one goes on showing. A code that this tab has asked for itself is none of its business.
    fn heard_predecessor(&mut self, message: &TabMessage, now: Instant) {
        let shown = self.snapshot.qr.as_ref().map(|shown| shown.since);
        let read = self.codes.reading.as_ref().map(|reading| reading.since);
        if message.term >= self.lead.term || shown.or(read) == Some(self.codes.asked) {
            return;
        }
        if read.is_some() {
            self.drop_reading();
            self.plan(Errand::Read { fresh: true }, now);
        }
        self.code_died(now);
    }

    fn heard_state(&mut self, message: &TabMessage, now: Instant) {
        if message.term < self.lead.term {
            // Out of date, or a false message has raised the term. To take a code away is safe either way.
            self.tell_puzzled(now);
            if message.code != 0 {
                return;
            }
        }
        self.lead.term = self.lead.term.max(message.term);
        let followed = Some((message.term, message.code));
        let pairing = matches!(
            self.snapshot.phase,
            Phase::AwaitingScan | Phase::Refreshing | Phase::Expired
        );
        if pairing && message.code == 0 {
            if self.snapshot.phase == Phase::AwaitingScan {
                self.set_phase(Phase::Refreshing);
            }
            self.drop_reading();
            self.codes.original = None;
            self.lead.followed = None;
            if message.expired && self.snapshot.phase != Phase::Expired {
                return self.expire(now);
            }
        } else if pairing && self.lead.followed != followed {
            match self.code_heard(message, now) {
                Some(shown) => {
                    // Another code of our own beside the leader's: whichever the service brought later killed the other.
                    let own = self.snapshot.qr.as_ref();
                    if self.has_own_code() && own.is_none_or(|own| own.drawing != shown.drawing) {
                        self.tell_wish();
                    }
                    self.lead.followed = followed;
                    self.show(shown.drawing, shown.since, shown.deadline, now);
                }
                None if message.size == 0 => self.tell_puzzled(now),
                None => {}
            }
        }
        let known = self.status().map_or("", Status::as_str);
        // What is being asked, or waits for its back-off, is asked in its own time.
        let asking = self.flight.is_some()
            || self.pace.failures > 0
            || self.snapshot.phase == Phase::Checking;
        if asking || !self.is_followed(self.snapshot.phase) {
            return;
        }
        if message.status != known {
            let at = now.max(self.lead.hinted + Policy::BACKOFF_FIRST);
            if self.timers.get(Timer::Send).is_none_or(|due| at <= due) {
                self.lead.hinted = at;
                self.plan(Errand::Read { fresh: true }, at);
            }
        } else {
            self.plan_poll(now);
        }
    }

    /// The code in a message, where it is one and still lives. It is held to the standard like any image, as it came from outside.
    fn code_heard(&mut self, message: &TabMessage, now: Instant) -> Option<ShownQr> {
        let matrix = Matrix::from_bytes(message.size as usize, &message.modules)?;
        let matrix = if self.replayed {
            matrix
        } else {
            qr::verify(&matrix)?
        };
        self.lead.sound = true;
        let life = Millis(u64::from(message.life_ms)).min(Policy::CODE_LIFE_MAX);
        let remaining = Millis(u64::from(message.remaining_ms)).min(life);
        // How long the message may have been on its way. Right after a sleep it may be as old as that.
        let (woke, slept) = self.slept;
        let mut way = Policy::MESSAGE_DELAY;
        if now.since(woke) < way {
            way = way + slept;
        }
        let deadline = now + remaining.saturating_sub(way);
        let since = deadline - life;
        // A `/qr` of our own killed what was asked for before it, also for a tab that has not heard of it.
        let killed = since + way <= self.codes.asked;
        (now < deadline && !killed).then(|| ShownQr {
            drawing: Drawing::Verified(Rc::new(matrix)),
            generation: 0,
            since,
            deadline,
        })
    }
}

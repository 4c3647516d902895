//! The state, and the order in which one input works on it.

use std::{collections::VecDeque, rc::Rc};

use super::{
    Config, Event, IdempotencyKey, Input, Offers, Output, Phase, Policy, Slot, Snapshot,
    Surroundings, Trigger, UnlinkStage,
    code::Codes,
    pace::Pace,
    random::Random,
    requests::{Errand, Flight, Token},
    tabs::Lead,
    timers::{Timer, Timers},
};
use crate::{
    error::Error,
    model::{PhoneNumber, SessionId, Status},
    time::{Instant, Millis},
};

/// The session that is being paired.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) id: SessionId,
    /// This pairing created it, now or before a reload; else the developer named it.
    pub(super) owned: bool,
}

/// One intent to create, unanswered so far. A retry repeats the very body, since the same key with another one is a 409.
#[derive(Clone)]
pub(super) struct Intent {
    pub(super) key: IdempotencyKey,
    pub(super) name: String,
    pub(super) webhook_url: Option<String>,
    /// An attempt ended without an answer: the service may have created the session.
    pub(super) unknown: bool,
    /// It was sent before, by this tab or by the page before a reload.
    pub(super) repeated: bool,
}

/// How an unlink began, for the way back.
#[derive(Clone, Copy)]
pub(super) struct Unlink {
    pub(super) back: Phase,
    /// [`Event::BeforeUnlink`] is out and undecided.
    pub(super) deciding: bool,
    /// Not an unlink but `stop({discard})`: it ends in `idle`.
    pub(super) discard: bool,
    /// The DELETE failed; a retry repeats it.
    pub(super) failed: bool,
}

impl Unlink {
    pub(super) const NONE: Self = Self {
        back: Phase::Idle,
        deciding: false,
        discard: false,
        failed: false,
    };
}

#[derive(Clone)]
pub(super) struct Machine {
    pub(super) config: Rc<Config>,
    pub(super) around: Surroundings,
    pub(super) random: Random,
    pub(super) timers: Timers,
    pub(super) outputs: VecDeque<Output>,
    pub(super) snapshot: Snapshot,
    pub(super) clock: Instant,
    /// When the latest sleep ended, and how long nothing had been heard by then.
    pub(super) slept: (Instant, Millis),
    pub(super) mounted: bool,
    /// Idle, but to begin by itself as soon as the trigger allows.
    pub(super) armed: bool,
    pub(super) known: Option<Known>,
    /// A stored id was dropped for a new create since the last gesture; that happens once.
    pub(super) replaced: bool,
    pub(super) intent: Option<Intent>,
    pub(super) stored: Slot,
    pub(super) errand: Option<Errand>,
    pub(super) flight: Option<Flight>,
    pub(super) last_ask: u64,
    pub(super) token: Token,
    /// The 401 for which another token was asked.
    pub(super) denied: Option<Error>,
    pub(super) pace: Pace,
    pub(super) codes: Codes,
    /// What `/qr` refused with; shown unless the status tells more.
    pub(super) refused: Option<Error>,
    /// Whether the session was linked before this page loaded; unknown until its first read.
    pub(super) linked_before: Option<bool>,
    pub(super) accepted: Option<PhoneNumber>,
    pub(super) unlink: Unlink,
    pub(super) lead: Lead,
    /// Fed by a recording, in which codes are placeholders.
    pub(super) replayed: bool,
}

impl Machine {
    pub(super) fn new(config: Rc<Config>, around: Surroundings, seed: [u8; 16]) -> Self {
        let mut machine = Self {
            known: None,
            config,
            around,
            random: Random::new(seed),
            timers: Timers::default(),
            outputs: VecDeque::new(),
            snapshot: Snapshot {
                phase: Phase::Idle,
                session: None,
                qr: None,
                original_available: false,
                error: None,
                offline: !around.online,
                unlink: None,
                retry_at: None,
                offers: Offers::default(),
            },
            clock: Instant::default(),
            slept: (Instant::default(), Millis::ZERO),
            mounted: false,
            armed: false,
            replaced: false,
            intent: None,
            stored: Slot::default(),
            errand: None,
            flight: None,
            last_ask: 0,
            token: Token::Untried,
            denied: None,
            pace: Pace::default(),
            codes: Codes::default(),
            refused: None,
            linked_before: None,
            accepted: None,
            unlink: Unlink::NONE,
            lead: Lead::default(),
            replayed: false,
        };
        machine.adopt_configured_session();
        machine.describe();
        machine
    }

    pub(super) fn handle(&mut self, input: Input, now: Instant) {
        // A host whose clock steps back must not bring a dead code back to life.
        let now = now.max(self.clock);
        // A timer that comes this late comes after a sleep: what was said before or during it may arrive only now.
        if self
            .next_deadline()
            .is_some_and(|due| due + Policy::MESSAGE_DELAY < now)
        {
            self.slept = (now, now.since(self.clock));
        }
        self.clock = now;
        // What is due when the page hides would be sent only to be aborted.
        if !matches!(input, Input::Visible(false)) {
            self.fire(now);
        }
        match input {
            Input::Act(act) => self.act(act, now),
            Input::Answered { ask, outcome } => self.answered(ask, outcome, now),
            Input::Timeout => {}
            Input::OnScreen(on_screen) => {
                self.around.on_screen = on_screen;
                self.begin_if_armed(now);
            }
            Input::Leading(leading) => self.leading(leading, now),
            Input::Read { .. }
            | Input::TokenRenewed(_)
            | Input::Visible(_)
            | Input::Online(_)
            | Input::Heard(_)
            | Input::Configure(_)
            | Input::UnlinkDecided(_) => self.handle_further(input, now),
        }
        self.settle_lead();
        self.fire(now);
        self.describe();
    }

    /// What is not on the way to a first code.
    #[inline(never)]
    fn handle_further(&mut self, input: Input, now: Instant) {
        match input {
            Input::Act(_)
            | Input::Answered { .. }
            | Input::Timeout
            | Input::OnScreen(_)
            | Input::Leading(_) => {}
            Input::Read { ask, outcome } => self.code_read(ask, outcome, now),
            Input::TokenRenewed(outcome) => self.token_renewed(outcome),
            Input::Visible(true) => self.shown(now),
            Input::Visible(false) => self.hidden(),
            Input::Online(online) => self.online(online, now),
            Input::Heard(message) => self.heard(&message, now),
            Input::Configure(config) => self.configure(*config, now),
            Input::UnlinkDecided(go_on) => self.unlink_decided(go_on, now),
        }
    }

    /// The earliest deadline that counts now.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        if !self.around.visible {
            return None;
        }
        self.timers.next(self.may_send())
    }

    fn fire(&mut self, now: Instant) {
        while self.around.visible
            && let Some(timer) = self.timers.due(self.may_send(), now)
        {
            self.timers.clear(timer);
            match timer {
                Timer::Send => self.send(now),
                timer => self.fire_further(timer, now),
            }
        }
    }

    #[inline(never)]
    fn fire_further(&mut self, timer: Timer, now: Instant) {
        match timer {
            Timer::Code => self.code_died(now),
            Timer::Reading => self.reading_overdue(now),
            Timer::Refresh => self.refresh_due(now),
            Timer::Request => self.request_overdue(now),
            Timer::Token => self.token_overdue(),
            Timer::Send => self.send(now),
        }
    }

    #[inline(never)]
    fn shown(&mut self, now: Instant) {
        if self.around.visible {
            return;
        }
        self.around.visible = true;
        self.timers.clear(Timer::Token);
        self.pace.wait_since = now;
        // A token that came while the page was hidden may have died since, unused.
        self.token_is_good();
        self.begin_if_armed(now);
        self.resume(now);
    }

    /// Invariants 4 and 12. The code goes, and with it phase `awaiting-scan`, which is the phase that has one.
    #[inline(never)]
    fn hidden(&mut self) {
        if !self.around.visible {
            return;
        }
        self.around.visible = false;
        self.abort();
        self.errand = None;
        self.timers.clear_all();
        self.forget_codes();
        self.refused = None;
        if self.snapshot.phase == Phase::AwaitingScan {
            self.set_phase(Phase::Refreshing);
        }
        self.settle_lead();
    }

    #[inline(never)]
    fn online(&mut self, online: bool, now: Instant) {
        if self.around.online == online {
            return;
        }
        self.around.online = online;
        if online {
            self.resume(now);
        }
    }

    /// After the page or the network was away: the status is read before anything else (invariant 4).
    #[inline(never)]
    fn resume(&mut self, now: Instant) {
        let errand = match self.snapshot.phase {
            Phase::Creating => Errand::Create,
            Phase::Unlinking if self.snapshot.unlink == Some(UnlinkStage::Deleting) => {
                Errand::Delete
            }
            phase if self.is_followed(phase) => Errand::Read { fresh: true },
            _ => return,
        };
        // What is under way will say as much. On a hidden page nothing planned is sent, and being shown plans anew.
        if self.flight.is_none() {
            self.plan(errand, now);
        }
    }

    /// Whether a phase has the session's status read from time to time.
    pub(super) fn is_followed(&self, phase: Phase) -> bool {
        match phase {
            Phase::Checking
            | Phase::AwaitingScan
            | Phase::Refreshing
            | Phase::Expired
            | Phase::Reconnecting
            | Phase::ActionRequired => true,
            Phase::Connected | Phase::WrongNumber => self.config.policy.watch_interval.0 > 0,
            Phase::Idle
            | Phase::Creating
            | Phase::Failed
            | Phase::Unlinking
            | Phase::Unlinked
            | Phase::Error => false,
        }
    }

    #[inline(never)]
    fn configure(&mut self, config: Config, now: Instant) {
        let other_session = config.session_id != self.config.session_id;
        let phone_changed = config.expected_phone != self.config.expected_phone;
        let watch_changed = config.policy.watch_interval != self.config.policy.watch_interval;
        let released = self.config.trigger == Trigger::Manual && config.trigger != Trigger::Manual;
        self.config = Rc::new(config);
        self.store();
        if other_session {
            let active = self.armed || self.snapshot.phase != Phase::Idle;
            self.rest(Phase::Idle);
            self.known = None;
            self.snapshot.session = None;
            self.snapshot.error = None;
            self.adopt_configured_session();
            if self.known.is_none() {
                self.store();
            }
            self.gesture(now);
            self.armed = active && self.mounted && self.config.trigger != Trigger::Manual;
        }
        // For example where a page has waited for a person's consent.
        if released && self.mounted && self.snapshot.phase == Phase::Idle {
            self.gesture(now);
            self.armed = true;
        }
        self.begin_if_armed(now);
        let linked = matches!(self.snapshot.phase, Phase::Connected | Phase::WrongNumber);
        if linked && (phone_changed || watch_changed) {
            self.follow_status(false, now);
        }
    }

    pub(super) fn adopt_configured_session(&mut self) {
        if let Some(id) = &self.config.session_id {
            self.known = Some(Known {
                id: id.clone(),
                owned: false,
            });
        }
    }

    pub(super) fn status(&self) -> Option<Status> {
        self.snapshot.session.as_ref().map(|session| session.status)
    }

    pub(super) fn set_phase(&mut self, phase: Phase) {
        let previous = self.snapshot.phase;
        if phase != Phase::AwaitingScan {
            self.drop_code();
        }
        if phase != Phase::Unlinking {
            self.snapshot.unlink = None;
        }
        if phase == previous {
            return;
        }
        self.snapshot.phase = phase;
        self.pace.phase_changed();
        self.emit(Event::PhaseChange { phase, previous });
    }

    /// Ends in a phase that waits for a person alone (invariant 9).
    pub(super) fn rest(&mut self, phase: Phase) {
        self.abort();
        self.errand = None;
        self.armed = false;
        self.refused = None;
        self.timers.clear_all();
        self.forget_codes();
        self.set_phase(phase);
    }

    #[inline(never)]
    pub(super) fn fail(&mut self, error: Error) {
        self.snapshot.error = Some(error.clone());
        self.rest(Phase::Error);
        self.emit(Event::Error(error));
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    /// Brings the tab's storage up to date (invariant 17: an id that is ours, a key while its create is unanswered).
    pub(super) fn store(&mut self) {
        let slot = if self.config.persist {
            let owned = self.known.as_ref().filter(|known| known.owned);
            Slot {
                session_id: owned.map(|known| known.id.clone()),
                idempotency_key: self.intent.as_ref().map(|intent| intent.key.clone()),
            }
        } else {
            Slot::default()
        };
        if slot != self.stored {
            self.stored = slot.clone();
            self.outputs.push_back(Output::Store(slot));
        }
    }

    /// Derives what the snapshot says about what may happen next.
    pub(super) fn describe(&mut self) {
        let phase = self.snapshot.phase;
        let retrying = self.may_send() && self.around.visible && self.is_retrying();
        let retry_at = self.timers.get(Timer::Send).filter(|_| retrying);
        let retryable = self
            .snapshot
            .error
            .as_ref()
            .is_some_and(|error| error.retryable);
        let preparing = matches!(phase, Phase::Checking | Phase::Creating | Phase::Refreshing);
        let snapshot = &mut self.snapshot;
        snapshot.offline = !self.around.online;
        snapshot.retry_at = retry_at;
        snapshot.original_available = self.codes.original.is_some();
        snapshot.offers = Offers {
            start: matches!(phase, Phase::Idle | Phase::Failed | Phase::Unlinked)
                || (phase == Phase::Error && !retryable),
            // Offline there is no new code to be had, and the one on show can still be scanned.
            refresh: (phase == Phase::AwaitingScan && self.around.online)
                || phase == Phase::Expired
                || (phase == Phase::Refreshing && retry_at.is_some()),
            // While the service asks to be left alone, another try would wait as long as the next one.
            retry: (phase == Phase::Error && retryable)
                || (preparing && retry_at.is_some() && self.pace.fence <= self.clock),
            unlink: phase == Phase::WrongNumber
                || (matches!(phase, Phase::Connected | Phase::Failed) && self.config.allow_unlink),
            accept: phase == Phase::WrongNumber,
        };
    }
}

//! What a person, or the page on a person's behalf, asks for.

use super::{
    Act, Event, Phase, Slot, Trigger, UnlinkStage,
    machine::{Intent, Known, Machine, Unlink},
    requests::Errand,
};
use crate::{model::Status, time::Instant};

impl Machine {
    pub(super) fn act(&mut self, act: Act, now: Instant) {
        match act {
            Act::Mount { stored } => self.mount(stored, now),
            act => self.act_of_person(act, now),
        }
    }

    #[inline(never)]
    fn act_of_person(&mut self, act: Act, now: Instant) {
        match act {
            Act::Start { fresh } => self.start(fresh, now),
            Act::Refresh if self.snapshot.offers.refresh => self.refresh(now),
            Act::Retry => self.retry(now),
            Act::Stop { discard } => self.stop(discard, now),
            Act::Unlink { confirmed } => self.ask_unlink(confirmed),
            Act::ConfirmUnlink => self.confirm_unlink(),
            Act::CancelUnlink => self.cancel_unlink(now),
            Act::AcceptNumber => self.accept_number(now),
            Act::ShowOriginal => self.show_original(now),
            Act::Refresh | Act::Mount { .. } => {}
        }
    }

    fn mount(&mut self, stored: Slot, now: Instant) {
        if self.mounted {
            return;
        }
        self.mounted = true;
        self.emit(Event::Ready);
        // What lies there then is another's.
        let stored = if self.config.persist {
            stored
        } else {
            Slot::default()
        };
        self.stored = stored.clone();
        if let Some(key) = stored.idempotency_key {
            // Whether it was answered is what the reload left open.
            self.intent = Some(Intent {
                key,
                name: self.config.session_name.clone(),
                webhook_url: self.config.webhook_url.clone(),
                unknown: true,
                repeated: true,
            });
        }
        if self.known.is_none() {
            self.known = stored.session_id.map(|id| Known { id, owned: true });
        }
        self.armed = self.config.trigger != Trigger::Manual;
        self.begin_if_armed(now);
    }

    pub(super) fn begin_if_armed(&mut self, now: Instant) {
        let trigger = self.config.trigger;
        let allowed = match trigger {
            Trigger::Visible => self.around.visible && self.around.on_screen,
            Trigger::Load => self.around.visible,
            Trigger::Manual => false,
        };
        if self.armed && allowed {
            self.pace.wait_since = now;
            self.begin(now);
        }
    }

    /// Resumes what is known, or creates. An intent that may have been carried out comes before the session it was to replace, but not
    /// before one that the developer named.
    fn begin(&mut self, now: Instant) {
        self.armed = false;
        let resumes = match &self.known {
            Some(known) => self.intent.is_none() || !known.owned,
            None => false,
        };
        if resumes {
            self.check(now);
        } else {
            self.create(now);
        }
    }

    fn check(&mut self, now: Instant) {
        self.linked_before = None;
        self.set_phase(Phase::Checking);
        self.plan(Errand::Read { fresh: true }, now);
    }

    pub(super) fn create(&mut self, now: Instant) {
        self.armed = false;
        self.snapshot.session = None;
        self.set_phase(Phase::Creating);
        self.plan(Errand::Create, now);
    }

    /// Somebody did something here: what was counted against an abandoned page starts anew, and the token gets another chance.
    pub(super) fn gesture(&mut self, now: Instant) {
        self.attended(now);
        self.token_is_good();
    }

    /// Somebody is there, in this tab or another one.
    fn attended(&mut self, now: Instant) {
        self.replaced = false;
        self.pace.wait_since = now;
        self.pace.failures = 0;
        self.codes.refreshes = 0;
        self.codes.attempt = 0;
        self.codes.bad = 0;
        self.codes.by_timer = false;
        self.unlink.failed = false;
    }

    #[inline(never)]
    fn start(&mut self, fresh: bool, now: Instant) {
        let phase = self.snapshot.phase;
        if !matches!(
            phase,
            Phase::Idle | Phase::Failed | Phase::Unlinked | Phase::Error
        ) {
            return;
        }
        self.gesture(now);
        self.snapshot.error = None;
        if phase == Phase::Failed {
            self.known = None;
        }
        if fresh {
            self.create(now);
        } else {
            self.begin(now);
        }
    }

    #[inline(never)]
    pub(super) fn refresh(&mut self, now: Instant) {
        self.gesture(now);
        self.replace_code(now);
    }

    /// A person clicked in another tab. A message cannot do what a click here does: have the token renewed again and again
    /// (invariant 15).
    pub(super) fn refresh_for_sibling(&mut self, now: Instant) {
        self.attended(now);
        self.replace_code(now);
    }

    fn replace_code(&mut self, now: Instant) {
        self.abort();
        self.refused = None;
        self.drop_reading();
        self.set_phase(Phase::Refreshing);
        if self.leads() {
            self.plan(Errand::Read { fresh: true }, now);
            self.tell_state();
        } else {
            self.tell_wish();
            self.plan_poll(now);
        }
    }

    #[inline(never)]
    fn retry(&mut self, now: Instant) {
        if !self.snapshot.offers.retry {
            return;
        }
        let deleting = self.unlink.failed;
        self.gesture(now);
        match (self.snapshot.phase, self.errand) {
            (Phase::Error, _) if deleting => {
                self.snapshot.error = None;
                self.delete(now);
            }
            (Phase::Error, _) => {
                self.snapshot.error = None;
                self.begin(now);
            }
            (_, Some(errand)) => self.plan(errand, now),
            (_, None) => {}
        }
    }

    #[inline(never)]
    fn stop(&mut self, discard: bool, now: Instant) {
        let owned = self.known.as_ref().is_some_and(|known| known.owned);
        let pending = self.status() == Some(Status::Pending);
        self.unlink.failed = false;
        if discard && owned && pending {
            self.rest(Phase::Unlinking);
            self.unlink = Unlink {
                discard: true,
                ..Unlink::NONE
            };
            return self.delete(now);
        }
        self.snapshot.error = None;
        self.rest(Phase::Idle);
    }

    /// A session that failed takes a place in the account as long as it exists. One that is reconnecting is left alone (invariant 8).
    #[inline(never)]
    fn ask_unlink(&mut self, confirmed: bool) {
        let phase = self.snapshot.phase;
        let may = matches!(phase, Phase::Connected | Phase::WrongNumber | Phase::Failed);
        if !may || !(confirmed || self.snapshot.offers.unlink) {
            return;
        }
        self.unlink = Unlink {
            back: phase,
            ..Unlink::NONE
        };
        self.rest(Phase::Unlinking);
        self.snapshot.unlink = Some(UnlinkStage::Confirming);
        if confirmed {
            self.confirm_unlink();
        }
    }

    #[inline(never)]
    fn confirm_unlink(&mut self) {
        if self.snapshot.unlink != Some(UnlinkStage::Confirming) || self.unlink.deciding {
            return;
        }
        if let Some(known) = &self.known {
            let session_id = known.id.clone();
            self.unlink.deciding = true;
            self.emit(Event::BeforeUnlink { session_id });
        }
    }

    #[inline(never)]
    pub(super) fn unlink_decided(&mut self, go_on: bool, now: Instant) {
        if self.snapshot.unlink != Some(UnlinkStage::Confirming) || !self.unlink.deciding {
            return;
        }
        if go_on {
            self.delete(now);
        } else {
            self.unlink.deciding = false;
            self.cancel_unlink(now);
        }
    }

    #[inline(never)]
    fn cancel_unlink(&mut self, now: Instant) {
        if self.snapshot.unlink == Some(UnlinkStage::Confirming) && !self.unlink.deciding {
            self.set_phase(self.unlink.back);
            self.plan_poll(now);
        }
    }

    fn delete(&mut self, now: Instant) {
        self.unlink.failed = false;
        self.set_phase(Phase::Unlinking);
        self.snapshot.unlink = Some(UnlinkStage::Deleting);
        self.plan(Errand::Delete, now);
    }

    #[inline(never)]
    fn accept_number(&mut self, now: Instant) {
        if self.snapshot.phase != Phase::WrongNumber {
            return;
        }
        let session = self.snapshot.session.as_ref();
        self.accepted = session.and_then(|session| session.phone_number.clone());
        self.follow_status(false, now);
    }
}

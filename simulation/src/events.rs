//! What happens by itself: people, phones, pages, machines, and the service's own moods.

use sendapi_pairing_core::{
    model::{PhoneNumber, SessionId},
    pairing::{Act, Input, Phase, Slot, TabMessage, Trigger},
};
use sendapi_sandbox::Request;

use crate::{
    coverage::Kind,
    faults::Fault,
    world::{KEY, OTHER_PHONE, PHONE, Pending, TABS, World},
};

impl World<'_> {
    /// Something happens that no request asked for.
    pub(crate) fn happen(&mut self) {
        let tab = self.chance.below(self.tabs.len() as u64) as usize;
        if self.t < self.asleep_until {
            return self.service(tab);
        }
        if !self.tabs[tab].is_open {
            return self.reload(tab);
        }
        if self.chance.percent(self.profile.people) {
            return self.person(tab);
        }
        let chance = self.chance.below(100);
        match chance {
            0..=24 => self.phone(tab),
            25..=39 => self.service(tab),
            40..=53 if self.roll(Fault::Hidden) => {
                let visible = !self.tabs[tab].around.visible;
                let kind = if visible { Kind::Shown } else { Kind::Hidden };
                self.feed(tab, Input::Visible(visible), kind);
            }
            54..=61 if self.roll(Fault::Offline) => {
                let online = !self.tabs[tab].around.online;
                let kind = if online { Kind::Online } else { Kind::Offline };
                self.feed(tab, Input::Online(online), kind);
            }
            62..=65 => {
                let on_screen = !self.tabs[tab].around.on_screen;
                self.feed(tab, Input::OnScreen(on_screen), Kind::OnScreen);
            }
            66..=71 if self.roll(Fault::Reload) => self.reload(tab),
            72..=77 if self.tabs.len() < TABS && self.roll(Fault::SecondTab) => {
                // A duplicated tab has a copy of the storage.
                let storage = self.tabs[tab].storage.clone();
                self.open_tab(storage);
            }
            78..=79 if self.roll(Fault::Closed) => {
                self.tabs[tab].is_open = false;
                self.tabs[tab].open.clear();
                self.release_locks(tab);
            }
            80..=82 if self.roll(Fault::LockLost) => self.lose_lock(tab),
            83..=86 if self.roll(Fault::FalseMessage) => self.false_message(tab),
            87..=89 if self.roll(Fault::TokenExpired) => self.tabs[tab].token_bad = true,
            90..=92 if self.roll(Fault::OddStatus) => {
                self.odd_until = self.t + self.chance.between(1000, 60_000);
            }
            93..=94 if self.roll(Fault::Sleep) => {
                let minutes = self.chance.between(1, 600);
                self.asleep_until = self.t + minutes * 10_000;
            }
            95..=96 => self.configure(tab),
            97 if self.profile.has(Fault::Trap) => {
                self.tabs[tab].trap = Some(self.chance.below(4));
            }
            _ => self.mount_again(tab),
        }
    }

    /// React's double effect: the same element is mounted again, with whatever the storage holds by now.
    fn mount_again(&mut self, tab: usize) {
        // What is due by now would hide whether the mount itself changes anything.
        self.feed(tab, Input::Timeout, Kind::Timeout);
        let before = self.tabs[tab].pairing.snapshot().clone();
        let due = self.tabs[tab].pairing.next_timeout();
        let load = self.tabs[tab].load;
        let stored = match self.chance.below(2) {
            0 => Slot::default(),
            _ => self.tabs[tab].storage.clone(),
        };
        let outputs = self.feed(tab, Input::Act(Act::Mount { stored }), Kind::Mount);
        let pairing = &self.tabs[tab].pairing;
        let same = *pairing.snapshot() == before && pairing.next_timeout() == due;
        if self.tabs[tab].load == load && (outputs > 0 || !same) {
            self.breach(11, "a second mount changes something");
        }
    }

    fn lose_lock(&mut self, tab: usize) {
        let load = self.tabs[tab].load;
        let mut lost = false;
        for lock in &mut self.locks {
            if lock.holder == Some((tab, load)) {
                lock.holder = None;
                lost = true;
            }
        }
        if lost {
            self.feed(tab, Input::Leading(false), Kind::Deposed);
            self.grant();
        }
    }

    fn false_message(&mut self, tab: usize) {
        let session = self.tabs[tab].pairing.snapshot().session.as_ref();
        let session = match (session, self.chance.below(4)) {
            (Some(session), 1..) => session.id.as_str().to_owned(),
            _ => "other".to_owned(),
        };
        let statuses = ["pending", "connected", "failed", "", "\u{0}"];
        let message = TabMessage {
            version: self.chance.below(3) as u32,
            kind: self.chance.below(5) as u32,
            session,
            term: self.chance.below(3) as u32,
            status: (*self.chance.pick(&statuses)).to_owned(),
            expired: self.chance.percent(20),
            code: self.chance.below(4) as u32,
            size: *self.chance.pick(&[0, 21, 25, 177, u32::MAX]),
            modules: vec![self.chance.next() as u8; self.chance.below(100) as usize],
            life_ms: self.chance.next() as u32,
            remaining_ms: self.chance.next() as u32,
        };
        self.feed(tab, Input::Heard(message), Kind::Heard);
    }

    fn configure(&mut self, tab: usize) {
        let mut config = self.tabs[tab].config.clone();
        match self.chance.below(5) {
            0 => config.allow_unlink = !config.allow_unlink,
            1 => {
                let number = *self.chance.pick(&["", PHONE, OTHER_PHONE]);
                config.expected_phone = PhoneNumber::parse(number);
            }
            2 => config.session_name.push('x'),
            3 => config.trigger = *self.chance.pick(&[Trigger::Load, Trigger::Visible]),
            _ if self.chance.percent(20) => {
                config.session_id = match config.session_id {
                    Some(_) => None,
                    None => SessionId::parse("sess_unknown"),
                };
                let watch = &mut self.tabs[tab].watch;
                watch.timer_refreshes = 0;
                watch.failures = 0;
                watch.renewals = 0;
                watch.unauthorized = 0;
                watch.status = None;
                watch.first_request = None;
            }
            _ => return,
        }
        self.feed(tab, Input::Configure(Box::new(config)), Kind::Configure);
    }

    fn person(&mut self, tab: usize) {
        let snapshot = self.tabs[tab].pairing.snapshot();
        let offers = snapshot.offers;
        let (phase, original) = (snapshot.phase, snapshot.original_available);
        let any = self.chance.percent(25);
        let pick = self.chance.below(13);
        let acts = [
            (
                any || offers.start,
                Act::Start { fresh: false },
                Kind::Start,
            ),
            (
                any || offers.start,
                Act::Start { fresh: true },
                Kind::StartFresh,
            ),
            (any || offers.refresh, Act::Refresh, Kind::Refresh),
            (any || offers.retry, Act::Retry, Kind::Retry),
            (any || offers.retry, Act::Retry, Kind::Retry),
            (true, Act::Stop { discard: false }, Kind::Stop),
            (true, Act::Stop { discard: true }, Kind::Discard),
            (
                any || offers.unlink,
                Act::Unlink { confirmed: false },
                Kind::Unlink,
            ),
            (
                any || offers.unlink,
                Act::Unlink { confirmed: true },
                Kind::UnlinkConfirmed,
            ),
            (
                any || phase == Phase::Unlinking,
                Act::ConfirmUnlink,
                Kind::ConfirmUnlink,
            ),
            (
                any || phase == Phase::Unlinking,
                Act::CancelUnlink,
                Kind::CancelUnlink,
            ),
            (any || offers.accept, Act::AcceptNumber, Kind::AcceptNumber),
            (any || original, Act::ShowOriginal, Kind::ShowOriginal),
        ];
        for turn in 0..acts.len() {
            let (sensible, act, kind) = acts[(pick as usize + turn) % acts.len()].clone();
            let stops = matches!(act, Act::Stop { .. });
            if sensible && (!stops || self.chance.percent(15)) {
                self.feed(tab, Input::Act(act), kind);
                return;
            }
        }
    }

    /// Somebody with a phone in front of a tab.
    fn phone(&mut self, tab: usize) {
        if !self.chance.percent(self.profile.scans) {
            return;
        }
        let t = self.t;
        if self.profile.has(Fault::DeadScan) && self.chance.percent(30) && !self.codes.is_empty() {
            // A photograph of an older code.
            let code = self.chance.below(self.codes.len() as u64) as usize;
            return self.schedule(t, Pending::Scan { code });
        }
        let Some((_, Some(code))) = self.tabs[tab].watch.shown else {
            return;
        };
        if self.profile.has(Fault::LateScan) && self.chance.percent(40) {
            self.run.faults.add(Fault::LateScan);
            let expires = self.codes[code].expires.min(t + 130_000).max(t);
            let at = (expires.max(1000) - 1000 + self.chance.below(2000)).max(t);
            return self.schedule(at, Pending::Scan { code });
        }
        let at = t + self.chance.between(0, 4000);
        self.schedule(at, Pending::Scan { code });
    }

    pub(crate) fn scan(&mut self, code: usize) {
        if self.quiet {
            return;
        }
        let now = self.epoch + self.t;
        let number = if self.chance.percent(80) {
            PHONE
        } else {
            OTHER_PHONE
        };
        let text = &self.codes[code].text;
        if self.sandbox.scan(text, Some(number), now).is_err() {
            self.run.faults.add(Fault::DeadScan);
        }
    }

    /// The service, or another client of it, does something to a tab's session.
    fn service(&mut self, tab: usize) {
        let session = self.tabs[tab].pairing.snapshot().session.as_ref();
        let Some(id) = session.map(|session| session.id.as_str().to_owned()) else {
            return;
        };
        let now = self.epoch + self.t;
        match self.chance.below(8) {
            0 | 1 => drop(self.sandbox.disconnect(&id, now)),
            2 | 3 => drop(self.sandbox.reconnect(&id, now)),
            4 if self.roll(Fault::ServiceFailed) => drop(self.sandbox.fail(&id, now)),
            5 if self.roll(Fault::DeletedElsewhere) => {
                let path = format!("/v1/whatsapp/sessions/{id}");
                self.sandbox.handle(&Request::delete(KEY, &path), now);
            }
            _ => {}
        }
    }
}

//! What a tab's host does: it feeds its core, carries the outputs out, and loads it anew.

use sendapi_pairing_core::{
    api::Call,
    error::ErrorCode,
    pairing::{Act, Ask, Config, Event, Input, Output, Pairing, Phase, Policy, Slot, Surroundings},
};

use crate::{
    chance::mix,
    check,
    coverage::Kind,
    faults::Fault,
    tab::{Intent, Open, Tab, Watch},
    trace,
    world::{MOST_STEPS, Pending, World},
};

impl World<'_> {
    /// Gives one input to one tab's core, carries its outputs out, and checks all that can be checked.
    /// Returns how many outputs there were.
    pub(crate) fn feed(&mut self, tab: usize, input: Input, kind: Kind) -> u64 {
        if self.run.breach.is_some() {
            return 0;
        }
        let t = self.t;
        self.run.steps += 1;
        if self.run.steps > MOST_STEPS {
            self.breach(18, "the tabs keep each other busy for ever");
            return 0;
        }
        let phase = self.tabs[tab].phase();
        let due = self.tabs[tab].pairing.next_timeout();
        check::before(&mut self.tabs[tab], &input, t);
        match &input {
            Input::Visible(visible) => self.tabs[tab].around.visible = *visible,
            Input::Online(online) => self.tabs[tab].around.online = *online,
            Input::OnScreen(on_screen) => self.tabs[tab].around.on_screen = *on_screen,
            _ => {}
        }
        let clock = self.tabs[tab].clock(t);
        self.tabs[tab].pairing.handle(input, clock);
        let mut outputs = 0u64;
        while let Some(output) = self.tabs[tab].pairing.poll_output() {
            if self.tabs[tab].trap == Some(outputs) {
                self.run.faults.add(Fault::Trap);
                self.reload(tab);
                return outputs;
            }
            outputs += 1;
            self.carry_out(tab, output, phase);
        }
        let after = self.tabs[tab].phase();
        let next = self.tabs[tab].pairing.next_timeout();
        self.run
            .coverage
            .input(phase, kind, outputs > 0 || after != phase || next != due);
        self.note(
            tab,
            kind as u64,
            after as u64,
            outputs,
            next.map_or(0, |at| at.0),
        );
        if self.verbose {
            let tabs = &self.tabs[tab];
            let shown = tabs.pairing.snapshot().qr.is_some();
            let line = format!(
                "{t:>8} tab {tab} {kind:?}: {} -> {}{}{}",
                phase.as_str(),
                after.as_str(),
                if shown { ", a code on show" } else { "" },
                match next {
                    Some(at) => format!(", next at {}", at.0 - tabs.origin),
                    None => String::new(),
                }
            );
            self.run.trace.push(line);
        }
        if let Err(breach) = check::after(
            &mut self.tabs[tab],
            &self.codes,
            self.pool,
            t,
            self.asleep_until,
        ) {
            self.breach(breach.invariant, breach.what);
        }
        outputs
    }

    fn note(&mut self, tab: usize, a: u64, b: u64, c: u64, d: u64) {
        let word = (tab as u64) << 56 | a << 48 | b << 40 | c << 32;
        let hash = mix(self.run.hash ^ word ^ self.t.rotate_left(20));
        self.run.hash = mix(hash ^ d);
    }

    fn carry_out(&mut self, tab: usize, output: Output, phase_before: Phase) {
        let (t, load) = (self.t, self.tabs[tab].load);
        if self.verbose {
            let line = format!("{t:>8}   tab {tab} {}", trace::name(&output));
            self.run.trace.push(line);
        }
        let verdict = match &output {
            Output::Send { call, .. } => check::sent(&mut self.tabs[tab], call, phase_before, t),
            Output::Event(event) => check::told(&mut self.tabs[tab], event),
            _ => Ok(()),
        };
        if let Err(breach) = verdict {
            return self.breach(breach.invariant, breach.what);
        }
        match output {
            Output::Send { ask, call } => self.send(tab, ask, call),
            Output::Read { ask, code } => self.have_read(tab, ask, &code),
            Output::Abort { ask, overdue } => {
                let state = &mut self.tabs[tab];
                if let Some(at) = state.open.iter().position(|open| open.ask == ask) {
                    let open = state.open.remove(at);
                    state.watch.last_end = t;
                    state.watch.may_refresh = None;
                    if let (Call::Create { .. }, Some(intent)) =
                        (&open.call, &mut state.watch.intent)
                    {
                        intent.unknown = true;
                    }
                    if matches!(open.call, Call::Qr { .. }) {
                        state.watch.free = true;
                    }
                    if matches!(open.call, Call::Get { .. }) {
                        state.watch.last_read = t;
                    }
                    // A request whose time is up ends like any other failure.
                    if overdue != (t - open.since >= Policy::REQUEST_DEADLINE.0) {
                        return self.breach(13, "a request ended before its time, or after it");
                    }
                    state.watch.failures += u32::from(overdue && state.around.visible);
                }
                state.aborted.push_back(ask);
            }
            Output::RenewToken => {
                let watch = &mut self.tabs[tab].watch;
                watch.renewing = true;
                watch.renewals += 1;
                if watch.renewals > 1 {
                    return self.breach(15, "a second renewal without a success between");
                }
                self.renew(tab, load);
            }
            Output::Store(slot) => self.tabs[tab].storage = slot,
            Output::Lead { session, wanted } => {
                let watch = &mut self.tabs[tab].watch;
                watch.leads = false;
                watch.lock = wanted.then(|| session.clone());
                if wanted {
                    watch.joined = t;
                }
                self.lock(tab, load, session, wanted);
            }
            Output::Tell(message) => {
                for other in 0..self.tabs.len() {
                    if other == tab || !self.tabs[other].is_open {
                        continue;
                    }
                    let at = (t + self.chance.between(1, 30)).max(self.bus[tab]);
                    self.bus[tab] = at;
                    let load = self.tabs[other].load;
                    let message = message.clone();
                    self.schedule(
                        at,
                        Pending::Message {
                            tab: other,
                            load,
                            message,
                        },
                    );
                }
            }
            Output::Event(event) => {
                if let Event::PhaseChange { phase, previous } = event {
                    self.run.coverage.transition(previous, phase);
                }
                if let Event::BeforeUnlink { .. } = event {
                    let go_on = self.chance.percent(80);
                    self.schedule(t, Pending::Decide { tab, load, go_on });
                }
            }
        }
    }

    fn send(&mut self, tab: usize, ask: Ask, call: Call) {
        let t = self.t;
        if !self.tabs[tab].open.is_empty() {
            return self.breach(
                if matches!(call, Call::Create { .. }) {
                    1
                } else {
                    2
                },
                "two requests at once",
            );
        }
        if let Call::Qr { id } = &call {
            if self.tabs[tab].around.tabs {
                let holds = self.locks.iter().any(|lock| {
                    lock.session == *id && lock.holder == Some((tab, self.tabs[tab].load))
                });
                if !holds {
                    return self.breach(2, "/qr from a tab that does not lead");
                }
            }
            for (other, state) in self.tabs.iter().enumerate() {
                let asks = state.is_open
                    && state.around.tabs
                    && state.open.iter().any(|open| open.call == call);
                if other != tab && asks {
                    return self.breach(2, "two tabs ask /qr at once");
                }
            }
            for code in &mut self.codes {
                if code.session == id.as_str() && code.killed.is_none() {
                    code.killed = Some((t, tab));
                }
            }
        }
        self.tabs[tab].open.push(Open {
            ask,
            call: call.clone(),
            since: t,
        });
        self.transmit(tab, ask, call);
    }

    fn renew(&mut self, tab: usize, load: u32) {
        let mut outcome = Ok(());
        if self.roll(Fault::RenewalFailed) {
            match self.chance.below(3) {
                // `getToken` never settles.
                0 => return,
                1 => outcome = Err(ErrorCode::Unauthorized),
                // It settles with a token that is no better.
                _ => {}
            }
        } else {
            self.tabs[tab].token_bad = false;
        }
        let at = self.t + self.chance.between(10, 2000);
        self.schedule(at, Pending::Renewed { tab, load, outcome });
    }

    pub(crate) fn open_tab(&mut self, storage: Slot) {
        let config = self.profile.config.clone();
        let around = Surroundings {
            visible: !self.chance.percent(10),
            on_screen: !self.chance.percent(10),
            online: true,
            tabs: self.profile.tabs_agree,
        };
        let (pairing, origin) = self.load(&config, around);
        let intent = storage.idempotency_key.as_ref().map(|key| Intent {
            key: key.as_str().to_owned(),
            unknown: true,
        });
        let tab = Tab {
            number: self.tabs.len(),
            pairing,
            config,
            around,
            load: 0,
            is_open: true,
            origin,
            storage,
            open: Vec::new(),
            aborted: std::collections::VecDeque::new(),
            token_bad: false,
            trap: None,
            watch: Watch {
                last_key: intent.as_ref().map(|intent| intent.key.clone()),
                intent,
                ..Watch::default()
            },
        };
        self.tabs.push(tab);
        self.mount(self.tabs.len() - 1);
    }

    fn load(&mut self, config: &Config, around: Surroundings) -> (Pairing, u64) {
        let mut seed = [0; 16];
        seed[..8].copy_from_slice(&self.chance.next().to_le_bytes());
        seed[8..].copy_from_slice(&self.chance.next().to_le_bytes());
        let origin = self.chance.below(1 << 40);
        (Pairing::new(config.clone(), around, seed), origin)
    }

    fn mount(&mut self, tab: usize) {
        let stored = self.tabs[tab].storage.clone();
        self.tabs[tab].watch.first_request = Some(stored.clone());
        self.feed(tab, Input::Act(Act::Mount { stored }), Kind::Mount);
    }

    /// The page is loaded anew: another core, another clock, the same storage.
    pub(crate) fn reload(&mut self, tab: usize) {
        let config = self.profile.config.clone();
        let around = Surroundings {
            visible: true,
            on_screen: true,
            ..self.tabs[tab].around
        };
        let (pairing, origin) = self.load(&config, around);
        let state = &mut self.tabs[tab];
        let intent = state.storage.idempotency_key.as_ref().map(|key| Intent {
            key: key.as_str().to_owned(),
            unknown: true,
        });
        state.pairing = pairing;
        state.origin = origin;
        state.config = config;
        state.around = around;
        state.load += 1;
        state.is_open = true;
        state.trap = None;
        state.open.clear();
        state.aborted.clear();
        state.watch = Watch {
            last_key: intent.as_ref().map(|intent| intent.key.clone()),
            intent,
            last_end: self.t,
            last_read: self.t,
            ..Watch::default()
        };
        self.release_locks(tab);
        self.mount(tab);
    }
}

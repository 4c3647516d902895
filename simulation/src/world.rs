//! One run: tabs, network, service, phones and people on one virtual clock.

use std::{cmp::Reverse, collections::BinaryHeap};

use sendapi_pairing_core::{
    api::{Answer, Call, Failure},
    error::{Error, ErrorCode},
    model::SessionId,
    pairing::{
        Act, Ask, Config, Event, Input, Output, Pairing, Phase, Policy, Slot, Surroundings,
        TabMessage,
    },
};
use sendapi_sandbox::{Request, Sandbox};

use crate::{
    Options, Run,
    chance::{Chance, mix},
    check::{self, Breach},
    codes::{Code, Pool},
    coverage::{Coverage, Kind},
    faults::{Fault, Faults},
    locks::Lock,
    profile::Profile,
    tab::{Intent, Open, Tab, Watch},
    trace,
};

pub(crate) const KEY: &str = "Bearer sk_test_simulation";
pub(crate) const PHONE: &str = "+447700900001";
pub(crate) const OTHER_PHONE: &str = "+447700900002";
pub(crate) const TABS: usize = 3;
/// Longer than any run that makes progress.
const MOST_STEPS: u64 = 30_000;

/// What is under way.
pub(crate) enum Pending {
    /// A request on its way to the service.
    Arrive {
        tab: usize,
        load: u32,
        ask: Ask,
        call: Call,
        /// A copy, whose answer goes nowhere.
        copy: bool,
    },
    /// An answer on its way to a tab.
    Deliver {
        tab: usize,
        load: u32,
        ask: Ask,
        outcome: Box<Result<Answer, Failure>>,
    },
    Message {
        tab: usize,
        load: u32,
        message: TabMessage,
    },
    Grant {
        tab: usize,
        load: u32,
        session: SessionId,
    },
    Renewed {
        tab: usize,
        load: u32,
        outcome: Result<(), ErrorCode>,
    },
    Decide {
        tab: usize,
        load: u32,
        go_on: bool,
    },
    /// A phone that took a picture of code `code` scans it.
    Scan {
        code: usize,
    },
}

pub(crate) struct World<'p> {
    pub(crate) pool: &'p Pool,
    pub(crate) chance: Chance,
    pub(crate) profile: Profile,
    pub(crate) t: u64,
    /// The service's wall clock at the world's beginning, in Unix milliseconds.
    pub(crate) epoch: u64,
    pub(crate) sandbox: Sandbox,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) codes: Vec<Code>,
    pub(crate) quiet: bool,
    pub(crate) odd_until: u64,
    queue: BinaryHeap<Reverse<(u64, u64)>>,
    /// By ticket.
    waiting: Vec<Option<Pending>>,
    pub(crate) locks: Vec<Lock>,
    bus: [u64; TABS],
    pub(crate) asleep_until: u64,
    next_act: u64,
    pub(crate) run: Run,
    pub(crate) verbose: bool,
}

impl<'p> World<'p> {
    pub(crate) fn new(seed: u64, options: &Options, pool: &'p Pool) -> Self {
        let mut chance = Chance::new(seed);
        let profile = Profile::draw(&mut chance);
        let mut run = Run::new(seed);
        let epoch = profile.epoch;
        if profile.has(Fault::Skew) {
            run.faults.add(Fault::Skew);
        }
        let sandbox = Sandbox::new(profile.sandbox.clone());
        let mut world = Self {
            pool,
            t: 0,
            epoch,
            sandbox,
            tabs: Vec::new(),
            codes: Vec::new(),
            quiet: false,
            odd_until: 0,
            queue: BinaryHeap::new(),
            waiting: Vec::new(),
            locks: Vec::new(),
            bus: [0; TABS],
            asleep_until: 0,
            next_act: 0,
            run,
            verbose: options.verbose,
            chance,
            profile,
        };
        let mut config = world.profile.config.clone();
        if world.profile.named_session {
            let request = Request::create(KEY, b"{\"name\":\"x\"}");
            let response = world.sandbox.handle(&request, epoch);
            let body: serde_json::Value =
                serde_json::from_slice(&response.body).unwrap_or_default();
            let body = body.get("data").unwrap_or(&body).clone();
            config.session_id = match &body["id"] {
                serde_json::Value::String(text) => SessionId::parse(text),
                other => SessionId::parse(&other.to_string()),
            };
        }
        world.profile.config = config;
        world.open_tab(Slot::default());
        world
    }

    pub(crate) fn play(mut self) -> Run {
        let end_of_faults = self.profile.faults_last;
        let mut calm = None;
        let mut end = u64::MAX;
        while self.run.breach.is_none() {
            let at = self.next_time();
            if !self.quiet && at.is_none_or(|at| at >= end_of_faults) {
                self.t = self.t.max(end_of_faults).max(self.asleep_until);
                self.calm_down();
                calm = Some(self.t);
                end = self.caught_up(self.t);
                continue;
            }
            let Some(at) = at else { break };
            if at >= end {
                // An answer that was under way when faults ended may have brought a `Retry-After` that is still to be waited out.
                let Some(calm) = calm.take() else { break };
                end = end.max(self.caught_up(calm));
                if at >= end {
                    break;
                }
            }
            self.t = self.t.max(at);
            self.step();
        }
        if self.run.breach.is_none() {
            self.t = end.max(self.t);
            self.converged();
        }
        self.redacted();
        self.run
    }

    /// When something happens next.
    fn next_time(&self) -> Option<u64> {
        let queued = self.queue.peek().map(|Reverse((at, _))| *at);
        let timers = self.tabs.iter().filter_map(Tab::due).min();
        let timers = timers.map(|at| at.max(self.asleep_until));
        let act = (!self.quiet).then_some(self.next_act);
        [queued, timers, act].into_iter().flatten().min()
    }

    fn step(&mut self) {
        let due = |tab: &Tab| tab.due().map(|at| at.max(self.asleep_until));
        let timer = (0..self.tabs.len())
            .filter_map(|tab| Some((due(&self.tabs[tab])?, tab)))
            .min();
        if let Some((at, tab)) = timer
            && at <= self.t
        {
            if self.roll(Fault::LateTimer) {
                let late = self.chance.between(5, 1000);
                let next = self.queue.peek().map_or(u64::MAX, |Reverse((at, _))| *at);
                // Only where nothing else happens meanwhile, or this timer would be served out of order.
                if self.t + late < next.min(self.next_act) {
                    self.t += late;
                }
            }
            return self.feed(tab, Input::Timeout, Kind::Timeout);
        }
        if !self.quiet && self.next_act <= self.t {
            let mean = self.profile.act_every;
            self.next_act = self.t + self.chance.between(1, 2 * mean);
            return self.happen();
        }
        let Some(Reverse((_, ticket))) = self.queue.pop() else {
            return;
        };
        if let Some(pending) = self.waiting[ticket as usize].take() {
            self.occur(pending);
        }
    }

    pub(crate) fn schedule(&mut self, at: u64, pending: Pending) {
        let ticket = self.waiting.len() as u64;
        self.waiting.push(Some(pending));
        self.queue.push(Reverse((at, ticket)));
    }

    fn occur(&mut self, pending: Pending) {
        let reaches_tab = !matches!(pending, Pending::Arrive { .. } | Pending::Scan { .. });
        if reaches_tab && self.t < self.asleep_until {
            return self.schedule(self.asleep_until, pending);
        }
        match pending {
            Pending::Arrive {
                tab,
                load,
                ask,
                call,
                copy,
            } => self.serve(tab, load, ask, &call, copy),
            Pending::Deliver {
                tab,
                load,
                ask,
                outcome,
            } => {
                if self.is_alive(tab, load) {
                    self.deliver(tab, ask, *outcome);
                }
            }
            Pending::Message { tab, load, message } => {
                if self.is_alive(tab, load) && self.tabs[tab].around.visible {
                    self.feed(tab, Input::Heard(message), Kind::Heard);
                }
            }
            Pending::Grant { tab, load, session } => {
                let held = self
                    .locks
                    .iter()
                    .any(|lock| lock.session == session && lock.holder == Some((tab, load)));
                if held && self.is_alive(tab, load) {
                    self.feed(tab, Input::Leading(true), Kind::Leading);
                }
            }
            Pending::Renewed { tab, load, outcome } => {
                if self.is_alive(tab, load) {
                    let kind = if outcome.is_ok() {
                        Kind::TokenRenewed
                    } else {
                        Kind::TokenLost
                    };
                    let outcome = outcome.map_err(Error::new);
                    self.feed(tab, Input::TokenRenewed(outcome), kind);
                }
            }
            Pending::Decide { tab, load, go_on } => {
                if self.is_alive(tab, load) {
                    let kind = if go_on {
                        Kind::DecidedYes
                    } else {
                        Kind::DecidedNo
                    };
                    self.feed(tab, Input::UnlinkDecided(go_on), kind);
                }
            }
            Pending::Scan { code } => self.scan(code),
        }
    }

    fn is_alive(&self, tab: usize, load: u32) -> bool {
        self.tabs[tab].is_open && self.tabs[tab].load == load
    }

    fn deliver(&mut self, tab: usize, ask: Ask, outcome: Result<Answer, Failure>) {
        let stale = !self.tabs[tab].open.iter().any(|open| open.ask == ask);
        if stale {
            if self.tabs[tab].aborted.contains(&ask) {
                self.run.faults.add(Fault::Reordered);
            }
            // What is due by now would hide whether the answer itself changes anything.
            self.feed(tab, Input::Timeout, Kind::Timeout);
            let before = self.tabs[tab].pairing.snapshot().clone();
            let due = self.tabs[tab].pairing.next_timeout();
            self.feed(tab, Input::Answered { ask, outcome }, Kind::Stale);
            let pairing = &self.tabs[tab].pairing;
            if *pairing.snapshot() != before || pairing.next_timeout() != due {
                self.breach(5, "an answer to an older question changes something");
            }
            return;
        }
        let kind = if outcome.is_ok() {
            Kind::Answered
        } else {
            Kind::Refused
        };
        self.feed(tab, Input::Answered { ask, outcome }, kind);
    }

    pub(crate) fn breach(&mut self, invariant: u8, what: &'static str) {
        if self.run.breach.is_none() {
            self.run.breach = Some(Breach { invariant, what });
        }
    }

    /// Gives one input to one tab's core, carries its outputs out, and checks all that can be checked.
    pub(crate) fn feed(&mut self, tab: usize, input: Input, kind: Kind) {
        if self.run.breach.is_some() {
            return;
        }
        let t = self.t;
        self.run.steps += 1;
        if self.run.steps > MOST_STEPS {
            return self.breach(18, "the tabs keep each other busy for ever");
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
            Output::Abort(ask) => {
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
                    let overdue = t - open.since >= Policy::REQUEST_DEADLINE.0;
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
                if wanted {
                    self.tabs[tab].watch.joined = t;
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

    pub(crate) fn roll(&mut self, fault: Fault) -> bool {
        let percent = self.profile.percent(fault);
        let hit = !self.quiet && percent > 0 && self.chance.percent(percent);
        if hit {
            self.run.faults.add(fault);
        }
        hit
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

impl Run {
    fn new(seed: u64) -> Self {
        Self {
            seed,
            steps: 0,
            hash: seed,
            faults: Faults::default(),
            coverage: Coverage::default(),
            breach: None,
            trace: Vec::new(),
        }
    }
}

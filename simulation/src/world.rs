//! One run: tabs, network, service, phones and people on one virtual clock.

use std::{cmp::Reverse, collections::BinaryHeap};

use sendapi_pairing_core::{
    api::{Answer, Call, Failure, QrPayload},
    error::{Error, ErrorCode},
    model::SessionId,
    pairing::{Ask, Input, Policy, Slot, TabMessage, Unread},
    qr::Matrix,
};
use sendapi_sandbox::{Request, Sandbox};

use crate::{
    Options, Run,
    chance::Chance,
    check::Breach,
    codes::{Code, Pool},
    coverage::{Coverage, Kind},
    faults::{Fault, Faults},
    locks::Lock,
    profile::Profile,
    tab::Tab,
};

pub(crate) const KEY: &str = "Bearer sk_test_simulation";
pub(crate) const PHONE: &str = "+447700900001";
pub(crate) const OTHER_PHONE: &str = "+447700900002";
pub(crate) const TABS: usize = 3;
/// Longer than any run that makes progress.
pub(crate) const MOST_STEPS: u64 = 30_000;

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
    /// What a second reader found.
    Read {
        tab: usize,
        load: u32,
        ask: Ask,
        outcome: Result<Matrix, Unread>,
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
    pub(crate) bus: [u64; TABS],
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
            self.feed(tab, Input::Timeout, Kind::Timeout);
            return;
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
            Pending::Read {
                tab,
                load,
                ask,
                outcome,
            } => {
                if self.is_alive(tab, load) {
                    self.deliver_reading(tab, ask, outcome);
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
        self.overtaken(tab, ask, &outcome);
        let kind = if outcome.is_ok() {
            Kind::Answered
        } else {
            Kind::Refused
        };
        self.feed(tab, Input::Answered { ask, outcome }, kind);
    }

    /// A create brings a code that another tab replaced while it was under way. Neither that tab nor those it tells can know.
    fn overtaken(&mut self, tab: usize, ask: Ask, outcome: &Result<Answer, Failure>) {
        let open = self.tabs[tab].open.iter().find(|open| open.ask == ask);
        if let (Some(open), Ok(Answer::Created { session, .. })) = (open, outcome) {
            let under_way = open.since..=self.t;
            for code in &mut self.codes {
                let replaced = code.killed.is_some_and(|(at, _)| under_way.contains(&at));
                code.overtaken |= replaced && code.session == session.id.as_str();
            }
        }
    }

    fn deliver_reading(&mut self, tab: usize, ask: Ask, outcome: Result<Matrix, Unread>) {
        // What is due by now would hide whether the answer itself changes anything, and ends the wait for it.
        self.feed(tab, Input::Timeout, Kind::Timeout);
        let kind = if outcome.is_ok() {
            Kind::Read
        } else {
            Kind::Unread
        };
        let reading = self.tabs[tab].watch.reading;
        if reading.is_some_and(|(current, until)| current == ask && self.t < until) {
            self.feed(tab, Input::Read { ask, outcome }, kind);
            return;
        }
        let before = self.tabs[tab].pairing.snapshot().clone();
        let due = self.tabs[tab].pairing.next_timeout();
        let (free, reading) = (self.tabs[tab].watch.free, self.tabs[tab].watch.reading);
        self.feed(tab, Input::Read { ask, outcome }, Kind::Stale);
        let state = &mut self.tabs[tab];
        (state.watch.free, state.watch.reading) = (free, reading);
        if *state.pairing.snapshot() != before || state.pairing.next_timeout() != due {
            self.breach(5, "the reading of an older code changes something");
        }
    }

    /// A second reader takes its time, or fails.
    pub(crate) fn have_read(&mut self, tab: usize, ask: Ask, code: &QrPayload) {
        let load = self.tabs[tab].load;
        self.tabs[tab].watch.reading = Some((ask, self.t + Policy::READING_DEADLINE.0));
        // Until it is read, its failure is what the next `/qr` follows from.
        self.tabs[tab].watch.free = true;
        self.tabs[tab].watch.asked_for = false;
        let mut outcome = self.pool.read(code.expose()).ok_or(Unread::Declined);
        let mut at = self.t + self.chance.between(5, 800);
        if self.roll(Fault::NoReader) {
            match self.chance.below(4) {
                0 => return,
                1 => outcome = Err(Unread::Unavailable),
                2 => outcome = Err(Unread::Declined),
                _ => at += self.chance.between(2000, 20_000),
            }
        }
        let pending = Pending::Read {
            tab,
            load,
            ask,
            outcome,
        };
        self.schedule(at, pending);
    }

    pub(crate) fn breach(&mut self, invariant: u8, what: &'static str) {
        if self.run.breach.is_none() {
            self.run.breach = Some(Breach { invariant, what });
        }
    }

    pub(crate) fn roll(&mut self, fault: Fault) -> bool {
        let percent = self.profile.percent(fault);
        let hit = !self.quiet && percent > 0 && self.chance.percent(percent);
        if hit {
            self.run.faults.add(fault);
        }
        hit
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

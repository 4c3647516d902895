//! Carries the core's outputs out: requests, timers, storage, tabs; and brings what happens back in.
//!
//! One [`Driver`] owns one pairing and everything that it started. Dropped, nothing of it is left: requests are aborted, timers and
//! listeners gone, the lock and the channel closed (invariant 11).

mod clock;
mod countdown;
mod http;
mod options;
mod owned;
mod page;
mod reader;
mod storage;
mod tabs;

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::{Rc, Weak},
};

use sendapi_pairing_core::{
    api::{Failure, QrPayload},
    error::{Error, ErrorCode},
    pairing::{Act, Ask, Event, Input, Output, Pairing, Phase, Snapshot},
    time::{Instant, Millis},
};
use web_sys::{AbortController, Element};

pub(crate) use http::Http;
pub use http::parse as parse_json;
pub use http::{Transport, is_secret_key};
pub use options::{Backend, Options, Source};
pub(crate) use owned::Listener;
use owned::Timer;
pub(crate) use page::OnScreen;
pub use reader::Reader;
pub(crate) use reader::read;

/// Who is told. Called outside of every borrow; both may call back into the driver, which then acts once the present step is over.
pub trait Observer {
    /// Something happened. `false` cancels it, where it can be cancelled.
    fn event(&self, event: &Event) -> bool;

    /// There is another snapshot, or a countdown of a code's life shows another second.
    fn changed(&self, view: &View<'_>);
}

/// A snapshot with the time at which it is looked at.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// What to show.
    pub snapshot: &'a Snapshot,
    /// The driver's clock.
    pub now: Instant,
}

impl View<'_> {
    /// What is left of the shown code's life.
    #[must_use]
    pub fn remaining(&self) -> Option<Millis> {
        let code = self.snapshot.qr.as_ref()?;
        Some(code.deadline.since(self.now))
    }

    /// The seconds that a countdown of it shows.
    #[must_use]
    pub fn countdown(&self) -> Option<u64> {
        self.remaining().map(countdown::seconds)
    }
}

/// Runs one pairing in this page.
pub struct Driver {
    inner: Rc<Inner>,
}

struct Inner {
    me: Weak<Inner>,
    clock: clock::Clock,
    pairing: RefCell<Pairing>,
    observer: Rc<dyn Observer>,
    waiting: RefCell<VecDeque<Input>>,
    busy: Cell<bool>,
    closed: Cell<bool>,
    http: RefCell<Rc<Http>>,
    reader: Option<Reader>,
    memory: RefCell<storage::TabMemory>,
    flights: RefCell<Vec<Flight>>,
    tabs: RefCell<Option<tabs::Tabs>>,
    due: Timer,
    tick: Timer,
    listeners: RefCell<Vec<Listener>>,
}

/// A request under way. Dropped, it is aborted.
struct Flight {
    ask: Ask,
    _abort: Abort,
}

/// Aborts on drop.
pub(crate) struct Abort(AbortController);

impl Abort {
    pub(crate) fn new() -> Option<Self> {
        AbortController::new().ok().map(Self)
    }

    pub(crate) fn signal(&self) -> web_sys::AbortSignal {
        self.0.signal()
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Driver {
    /// A pairing that has not begun: feed [`Driver::mount`] once the observer is ready. `on_screen` is what trigger `visible` waits for:
    /// whether the view can be seen now ([`Driver::on_screen`] tells of changes); a pairing without a view is always on screen.
    #[must_use]
    pub fn new(options: Options, observer: Rc<dyn Observer>, on_screen: bool) -> Self {
        let Options {
            backend,
            persist_key,
            reader,
            config,
        } = options;
        let memory = storage::TabMemory::new(&backend.endpoint, &persist_key);
        let surroundings = page::surroundings(on_screen);
        let inner = Rc::new_cyclic(|me: &Weak<Inner>| Inner {
            me: me.clone(),
            clock: clock::Clock::new(),
            pairing: RefCell::new(Pairing::new(config, surroundings, seed())),
            observer,
            waiting: RefCell::default(),
            busy: Cell::new(false),
            closed: Cell::new(false),
            http: RefCell::new(Rc::new(backend.into_http())),
            reader,
            memory: RefCell::new(memory),
            flights: RefCell::default(),
            tabs: RefCell::default(),
            due: Timer::new(weak_callback(me, |inner| inner.handle(Input::Timeout))),
            tick: Timer::new(weak_callback(me, Inner::go_on_counting)),
            listeners: RefCell::default(),
        });
        inner.listeners.replace(page::watch(inner.reporter()));
        Self { inner }
    }

    /// Whether the view can be seen from now on.
    pub fn on_screen(&self, on_screen: bool) {
        self.inner.handle(Input::OnScreen(on_screen));
    }

    /// Has `element` watched in place of calls of [`Driver::on_screen`], as long as what is returned is kept. Where the browser cannot
    /// tell, it counts as on screen.
    pub(crate) fn watch(&self, element: &Element) -> Option<OnScreen> {
        let me = Rc::downgrade(&self.inner);
        let watch = OnScreen::watch(element, move |on_screen| {
            if let Some(inner) = me.upgrade() {
                inner.handle(Input::OnScreen(on_screen));
            }
        });
        if watch.is_none() {
            self.on_screen(true);
        }
        watch
    }

    /// Begins, resuming what this tab remembers.
    pub fn mount(&self) {
        let stored = self.inner.memory.borrow().load();
        self.inner.handle(Input::Act(Act::Mount { stored }));
    }

    /// Someone wants something.
    pub fn act(&self, act: Act) {
        self.inner.http.borrow().acted();
        self.inner.handle(Input::Act(act));
    }

    /// Where requests go, and what goes with them.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.inner.http.borrow().backend().clone()
    }

    /// Takes new settings. A changed endpoint or session is another pairing: make another driver for it.
    pub fn configure(&self, options: Options) {
        let changed = *self.inner.http.borrow().backend() != options.backend;
        if changed {
            self.inner
                .http
                .replace(Rc::new(options.backend.into_http()));
        }
        self.inner
            .handle(Input::Configure(Box::new(options.config)));
    }

    /// Looks at how things stand.
    pub fn look<T>(&self, at: impl FnOnce(&View<'_>) -> T) -> T {
        let pairing = self.inner.pairing.borrow();
        at(&View {
            snapshot: pairing.snapshot(),
            now: self.inner.clock.now(),
        })
    }

    /// The phase now.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.look(|view| view.snapshot.phase)
    }

    /// The redacted timeline as JSON.
    #[must_use]
    pub fn diagnostics(&self) -> String {
        self.inner.pairing.borrow().diagnostics()
    }
}

impl core::fmt::Debug for Driver {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str("Driver")
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let inner = &self.inner;
        inner.closed.set(true);
        inner.due.clear();
        inner.tick.clear();
        inner.flights.take();
        inner.tabs.take();
        inner.listeners.take();
        inner.waiting.take();
    }
}

fn weak_callback(me: &Weak<Inner>, call: impl Fn(&Inner) + 'static) -> impl FnMut() + 'static {
    let me = me.clone();
    move || {
        if let Some(inner) = me.upgrade() {
            call(&inner);
        }
    }
}

impl Inner {
    /// Feeds one input, or queues it where one is being dealt with: events are never dispatched during another's dispatch
    /// (invariant 16).
    fn handle(&self, input: Input) {
        self.waiting.borrow_mut().push_back(input);
        if self.busy.replace(true) {
            return;
        }
        loop {
            let next = self.waiting.borrow_mut().pop_front();
            let Some(input) = next else { break };
            self.pairing.borrow_mut().handle(input, self.clock.now());
            loop {
                let output = self.pairing.borrow_mut().poll_output();
                let Some(output) = output else { break };
                if self.closed.get() {
                    break;
                }
                self.carry_out(output);
            }
        }
        self.busy.set(false);
        if !self.closed.get() {
            self.wait();
            self.show();
        }
    }

    fn carry_out(&self, output: Output) {
        match output {
            Output::Send { ask, call } => self.send(ask, call),
            Output::Store(slot) => self.memory.borrow().save(&slot),
            Output::Lead { session, wanted } => self.lead(session, wanted),
            Output::Tell(message) => {
                if let Some(tabs) = &*self.tabs.borrow() {
                    tabs.tell(&message);
                }
            }
            Output::Event(event) => {
                let go_on = self.observer.event(&event);
                if matches!(event, Event::BeforeUnlink { .. }) {
                    self.handle(Input::UnlinkDecided(go_on));
                }
            }
            Output::Abort { .. } | Output::Read { .. } | Output::RenewToken => {
                self.carry_out_further(output);
            }
        }
    }

    /// What is not on the way to a first code.
    #[inline(never)]
    fn carry_out_further(&self, output: Output) {
        match output {
            Output::Abort { ask, overdue } => {
                self.land(ask);
                if overdue {
                    self.http.borrow().overdue();
                }
            }
            Output::Read { ask, code } => self.read(ask, code),
            Output::RenewToken => self.renew_token(),
            Output::Send { .. }
            | Output::Store(_)
            | Output::Lead { .. }
            | Output::Tell(_)
            | Output::Event(_) => {}
        }
    }

    fn send(&self, ask: Ask, call: sendapi_pairing_core::api::Call) {
        let Some(abort) = Abort::new() else {
            let failure = Error::new(ErrorCode::Internal).into();
            return self.answered(ask, Err(failure));
        };
        let signal = abort.signal();
        let flight = Flight { ask, _abort: abort };
        self.flights.borrow_mut().push(flight);
        let http = Rc::clone(&self.http.borrow());
        let me = self.me.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let outcome = http.send(&call, &signal).await;
            if let Some(inner) = me.upgrade() {
                inner.answered(ask, outcome);
            }
        });
    }

    /// Hands an answer in, unless the question was aborted meanwhile.
    fn answered(&self, ask: Ask, outcome: Result<sendapi_pairing_core::api::Answer, Failure>) {
        if self.land(ask) {
            self.handle(Input::Answered { ask, outcome });
        }
    }

    /// Ends a request; whether it was still under way.
    fn land(&self, ask: Ask) -> bool {
        let mut flights = self.flights.borrow_mut();
        let found = flights.iter().position(|flight| flight.ask == ask);
        let flight = found.map(|at| flights.swap_remove(at));
        // Aborting runs listeners of the signal; none of them may find the list borrowed.
        drop(flights);
        flight.is_some()
    }

    #[inline(never)]
    fn read(&self, ask: Ask, code: QrPayload) {
        let reader = self.reader.clone();
        let me = self.me.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let outcome = read(reader, code.expose()).await;
            if let Some(inner) = me.upgrade() {
                inner.handle(Input::Read { ask, outcome });
            }
        });
    }

    #[inline(never)]
    fn renew_token(&self) {
        let http = Rc::clone(&self.http.borrow());
        let me = self.me.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let outcome = http.renew_token().await;
            if let Some(inner) = me.upgrade() {
                inner.handle(Input::TokenRenewed(outcome));
            }
        });
    }

    fn lead(&self, session: sendapi_pairing_core::model::SessionId, wanted: bool) {
        if !wanted {
            self.tabs.take();
            return;
        }
        let report = self.reporter();
        let tabs = tabs::Tabs::join(&self.http.borrow().backend().endpoint, &session, report);
        let alone = tabs.is_none();
        self.tabs.replace(tabs);
        if alone {
            self.handle(Input::Leading(true));
        }
    }

    /// Feeds inputs to this driver; does nothing once it is dropped.
    fn reporter(&self) -> Rc<dyn Fn(Input)> {
        let me = self.me.clone();
        Rc::new(move |input| {
            if let Some(inner) = me.upgrade() {
                inner.handle(input);
            }
        })
    }

    /// Sets the one timer to the earliest deadline.
    fn wait(&self) {
        match self.pairing.borrow().next_timeout() {
            Some(due) => self.due.set(due.since(self.clock.now())),
            None => self.due.clear(),
        }
    }

    /// The countdown's next step is due. Where timers stood still in a sleep, this one may fire long before that of the code's deadline.
    #[inline(never)]
    fn go_on_counting(&self) {
        let code = self
            .pairing
            .borrow()
            .snapshot()
            .qr
            .as_ref()
            .map(|code| code.deadline);
        if code.is_some_and(|deadline| deadline <= self.clock.now()) {
            self.handle(Input::Timeout);
        } else {
            self.show();
        }
    }

    /// Shows how things stand, and again when the countdown of a shown code has to go on.
    fn show(&self) {
        let pairing = self.pairing.borrow();
        let view = View {
            snapshot: pairing.snapshot(),
            now: self.clock.now(),
        };
        match view.remaining().and_then(countdown::steady) {
            // A moment past it: what the clock says is cut to milliseconds.
            Some(wait) => self.tick.set(wait + Millis(1)),
            None => self.tick.clear(),
        }
        let (snapshot, now) = (view.snapshot.clone(), view.now);
        drop(pairing);
        self.observer.changed(&View {
            snapshot: &snapshot,
            now,
        });
    }
}

/// Randomness for idempotency keys and jitter, from the browser's generator.
pub(crate) fn seed() -> [u8; 16] {
    let mut seed = [0; 16];
    let crypto = web_sys::window().and_then(|window| window.crypto().ok());
    let filled =
        crypto.is_some_and(|crypto| crypto.get_random_values_with_u8_array(&mut seed).is_ok());
    if !filled {
        fill_weakly(&mut seed);
    }
    seed
}

/// `crypto` is missing in no browser that runs wasm; a weak key still only has to differ from the customer's others.
#[inline(never)]
fn fill_weakly(seed: &mut [u8; 16]) {
    for byte in seed {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a float to integer cast saturates"
        )]
        let random = (js_sys::Math::random() * 256.0) as u8;
        *byte = random;
    }
}

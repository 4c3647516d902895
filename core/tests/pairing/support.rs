//! One pairing on a virtual clock, with the service played by hand.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test's tools, of which each file uses a part"
)]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sendapi_pairing_core::{
    api::{Answer, Call, CodeOffer, Failure, QrPayload},
    error::{Error, ErrorCode},
    model::{PhoneNumber, Session, SessionId, Status},
    pairing::{
        Act, Ask, Config, Event, Input, Output, Pairing, Phase, Slot, Surroundings, TabMessage,
        Trigger, Unread,
    },
    qr::Matrix,
    time::{Instant, Millis},
};

pub const HERE: Surroundings = Surroundings {
    visible: true,
    on_screen: true,
    online: true,
    tabs: false,
};

pub struct Bench {
    pub pairing: Pairing,
    pub now: u64,
    pub events: Vec<Event>,
    pub slots: Vec<Slot>,
    pub leads: Vec<(SessionId, bool)>,
    pub told: Vec<TabMessage>,
    pub renewals: usize,
    pub sent: Vec<Call>,
    pub open: Vec<(Ask, Call)>,
    pub aborted: Vec<Ask>,
    /// Second readings that were asked for, oldest first.
    pub readings: Vec<(Ask, QrPayload)>,
    /// Second readings are answered at once: no.
    pub declines: bool,
}

impl Bench {
    pub fn new(config: Config, surroundings: Surroundings) -> Self {
        Self {
            pairing: Pairing::new(config, surroundings, [7; 16]),
            now: 1_000_000,
            events: Vec::new(),
            slots: Vec::new(),
            leads: Vec::new(),
            told: Vec::new(),
            renewals: 0,
            sent: Vec::new(),
            open: Vec::new(),
            aborted: Vec::new(),
            readings: Vec::new(),
            declines: true,
        }
    }

    /// Mounted with an empty storage, the create under way.
    pub fn creating() -> Self {
        let mut bench = Self::new(Config::default(), HERE);
        bench.mount(Slot::default());
        bench
    }

    /// Its first code on show.
    pub fn awaiting() -> Self {
        Self::awaiting_with(Config::default())
    }

    pub fn awaiting_with(config: Config) -> Self {
        let mut bench = Self::new(config, HERE);
        bench.mount(Slot::default());
        bench.answer(Ok(created("s1", "2@first")));
        assert_eq!(bench.phase(), Phase::AwaitingScan);
        bench
    }

    /// Linked with `+447700900001`.
    pub fn connected_with(config: Config) -> Self {
        let mut bench = Self::awaiting_with(config);
        bench.run_timeout();
        bench.answer(Ok(read("s1", Status::Connected)));
        bench
    }

    pub fn mount(&mut self, stored: Slot) {
        self.act(Act::Mount { stored });
    }

    pub fn act(&mut self, act: Act) {
        self.feed(Input::Act(act));
    }

    pub fn feed(&mut self, input: Input) {
        self.pairing.handle(input, Instant(self.now));
        self.drain();
        if self.declines {
            for (ask, _) in std::mem::take(&mut self.readings) {
                self.read(ask, Err(Unread::Declined));
            }
        }
    }

    /// Ends a second reading.
    pub fn read(&mut self, ask: Ask, outcome: Result<Matrix, Unread>) {
        self.pairing
            .handle(Input::Read { ask, outcome }, Instant(self.now));
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.pairing.poll_output() {
            match output {
                Output::Send { ask, call } => {
                    self.sent.push(call.clone());
                    self.open.push((ask, call));
                    assert_eq!(self.open.len(), 1, "{:?}", self.open);
                }
                Output::Abort { ask, .. } => {
                    self.open.retain(|(open, _)| *open != ask);
                    self.aborted.push(ask);
                }
                Output::Read { ask, code } => self.readings.push((ask, code)),
                Output::RenewToken => self.renewals += 1,
                Output::Store(slot) => self.slots.push(slot),
                Output::Lead { session, wanted } => self.leads.push((session, wanted)),
                Output::Tell(message) => self.told.push(message),
                Output::Event(event) => self.events.push(event),
            }
        }
    }

    /// Answers the request under way.
    pub fn answer(&mut self, outcome: Result<Answer, Failure>) {
        let (ask, _) = self.open.pop().expect("a request is under way");
        self.feed(Input::Answered { ask, outcome });
    }

    pub fn refuse(&mut self, code: ErrorCode) {
        self.answer(Err(Error::new(code).into()));
    }

    /// Passes to the next deadline and says how long that took.
    pub fn run_timeout(&mut self) -> u64 {
        let at = self.pairing.next_timeout().expect("a timer runs").0;
        let waited = at.saturating_sub(self.now);
        self.now = self.now.max(at);
        self.feed(Input::Timeout);
        waited
    }

    /// Lets `millis` pass, every timer at its time, every read answered with `status` after 10 ms, every `/qr` with a new code.
    pub fn run(&mut self, millis: u64, status: Status) {
        let end = self.now + millis;
        loop {
            if let Some((_, call)) = self.open.last() {
                let answer = match call {
                    Call::Get { id, .. } => read(id.as_str(), status),
                    Call::Qr { .. } => code("2@another"),
                    Call::Create { .. } => created("s1", "2@first"),
                    Call::Delete { .. } => Answer::Deleted,
                    Call::List { .. } => unreachable!("no list is asked for"),
                };
                self.now += 10;
                self.answer(Ok(answer));
                continue;
            }
            match self.pairing.next_timeout() {
                Some(at) if at.0 <= end => {
                    self.run_timeout();
                }
                _ => break,
            }
        }
        self.now = self.now.max(end);
    }

    pub fn phase(&self) -> Phase {
        self.pairing.snapshot().phase
    }

    pub fn shows_code(&self) -> bool {
        self.pairing.snapshot().qr.is_some()
    }

    pub fn asked(&self) -> &Call {
        &self.open.last().expect("a request is under way").1
    }

    pub fn error(&self) -> Option<ErrorCode> {
        self.pairing.snapshot().error.as_ref().map(|e| e.code)
    }

    /// The phases that were told, in order; each must continue the one before.
    pub fn phases(&self) -> Vec<Phase> {
        let mut at = Phase::Idle;
        let mut phases = Vec::new();
        for event in &self.events {
            if let Event::PhaseChange { phase, previous } = event {
                assert_eq!(*previous, at);
                at = *phase;
                phases.push(at);
            }
        }
        assert_eq!(at, self.phase());
        phases
    }

    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    pub fn errors(&self) -> Vec<ErrorCode> {
        let code = |event: &Event| match event {
            Event::Error(error) => Some(error.code),
            _ => None,
        };
        self.events.iter().filter_map(code).collect()
    }
}

pub fn id(text: &str) -> SessionId {
    SessionId::parse(text).unwrap()
}

pub fn session(name: &str, status: Status) -> Session {
    let linked = matches!(status, Status::Connected | Status::Disconnected);
    Session {
        id: id(name),
        name: None,
        status,
        phone_number: linked.then(|| phone("+447700900001")),
        last_seen_at: None,
        message_count: None,
        created_at: None,
    }
}

pub fn phone(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

pub fn read(name: &str, status: Status) -> Answer {
    Answer::Session(session(name, status))
}

/// A pairing text, to be sent as it stands.
pub const TEXT: &str = "2@abc,def";

/// What services send for a pairing text: its picture. Anything else, [`TEXT`] too, is sent as it stands.
pub fn offer(payload: &str, life: u64) -> CodeOffer {
    if payload.starts_with("2@") && payload != TEXT {
        bare_offer(&picture_of(payload), life)
    } else {
        bare_offer(payload, life)
    }
}

/// A picture of one pixel a module.
pub fn picture_of(text: &str) -> String {
    let code = qrcodegen::QrCode::encode_text(text, qrcodegen::QrCodeEcc::Medium).unwrap();
    let side = code.size() + 8;
    let rows: Vec<u8> = (0..side * side)
        .map(|at| 255 * u8::from(!code.get_module(at % side - 4, at / side - 4)))
        .collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side as u32, side as u32);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&rows).unwrap();
    writer.finish().unwrap();
    format!("data:image/png;base64,{}", STANDARD.encode(bytes))
}

/// The code as it stands.
pub fn bare_offer(payload: &str, life: u64) -> CodeOffer {
    CodeOffer {
        payload: Some(QrPayload::new(payload.into())),
        life: Some(Millis(life)),
    }
}

pub fn code(payload: &str) -> Answer {
    Answer::Code(offer(payload, 120_000))
}

pub fn created(name: &str, payload: &str) -> Answer {
    Answer::Created {
        session: session(name, Status::Pending),
        code: offer(payload, 120_000),
    }
}

pub fn failure(code: ErrorCode, retry_after: u64) -> Failure {
    Failure {
        error: Error::new(code),
        retry_after: Some(Millis(retry_after)),
    }
}

pub fn manual() -> Config {
    Config {
        trigger: Trigger::Manual,
        ..Config::default()
    }
}

pub fn with_session(name: &str) -> Config {
    Config {
        session_id: Some(id(name)),
        ..Config::default()
    }
}

pub fn stored(name: &str) -> Slot {
    Slot {
        session_id: Some(id(name)),
        idempotency_key: None,
    }
}

/// A sound PNG of one pixel, which is no QR code.
pub const PICTURE: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg==";

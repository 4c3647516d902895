//! What was recorded leads through the same phases again, wherever a recording begins and whatever happens after.

use super::support::*;
use sendapi_pairing_core::{
    api::{Answer, Call, CodeOffer, Failure},
    error::{Error, ErrorCode},
    model::Status,
    pairing::{
        Act, Ask, Config, IdempotencyKey, Input, Output, Pairing, Phase, Slot, Surroundings,
        TabMessage, Trigger, Unread, replay,
    },
    qr::{self, Matrix},
    time::{Instant, Millis},
};

const WALKS: u64 = 120;
const STEPS: usize = 300;

/// Where a recording leads elsewhere than it was made: the place, what was recorded, what followed.
fn astray(recording: &str) -> Option<(usize, Option<Phase>, Phase)> {
    let json: serde_json::Value = serde_json::from_str(recording).unwrap();
    let list = |value: &serde_json::Value| -> Vec<u64> {
        let numbers = value.as_array().unwrap().iter();
        numbers.map(|number| number.as_u64().unwrap()).collect()
    };
    let inputs = json["inputs"].as_array().unwrap();
    let inputs: Vec<[u64; 6]> = inputs.iter().map(|n| list(n).try_into().unwrap()).collect();
    let (mut place, mut found) = (0, None);
    replay(&list(&json["state"]), &inputs, |_, was, is| {
        if was != Some(is) {
            found = found.or(Some((place, was, is)));
        }
        place += 1;
    });
    assert_eq!(place, inputs.len());
    found
}

/// xorshift64*, which is enough to walk at random.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % sides
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.throw(sides) == 0
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.throw(all.len() as u64) as usize]
    }
}

const PHONES: [&str; 3] = ["+447700900001", "+447700900002", "+447700900003"];

struct Walker {
    dice: Dice,
    pairing: Pairing,
    config: Config,
    around: Surroundings,
    now: u64,
    open: Option<(Ask, Call)>,
    reading: Option<Ask>,
    told: Vec<TabMessage>,
    drawn: Matrix,
    picture: String,
}

impl Walker {
    fn new(seed: u64, picture: &str) -> Self {
        let mut dice = Dice(seed);
        let mut config = Config {
            allow_unlink: dice.one_in(2),
            trigger: *dice.pick(&[Trigger::Visible, Trigger::Load, Trigger::Manual]),
            session_id: dice.one_in(4).then(|| id("s1")),
            expected_phone: dice.one_in(2).then(|| phone(PHONES[0])),
            persist: !dice.one_in(4),
            ..Config::default()
        };
        config.policy.max_refreshes = dice.throw(4) as u32;
        let around = Surroundings {
            tabs: dice.one_in(2),
            on_screen: !dice.one_in(4),
            ..HERE
        };
        Self {
            pairing: Pairing::new(config.clone(), around, [seed as u8; 16]),
            dice,
            config,
            around,
            now: 1_000_000,
            open: None,
            reading: None,
            told: Vec::new(),
            drawn: qr::read(picture).unwrap(),
            picture: picture.into(),
        }
    }

    fn feed(&mut self, input: Input) {
        self.pairing.handle(input, Instant(self.now));
        while let Some(output) = self.pairing.poll_output() {
            match output {
                Output::Send { ask, call } => self.open = Some((ask, call)),
                Output::Abort { .. } => self.open = None,
                Output::Read { ask, .. } => self.reading = Some(ask),
                Output::Tell(message) => self.told.push(message),
                _ => {}
            }
        }
    }

    fn status(&mut self) -> Status {
        *self.dice.pick(&[
            Status::Pending,
            Status::Pending,
            Status::Pending,
            Status::Connected,
            Status::Disconnected,
            Status::Failed,
            Status::Unknown,
        ])
    }

    fn session(&mut self, name: &str) -> sendapi_pairing_core::model::Session {
        let status = self.status();
        let number = self.dice.pick(&PHONES);
        sendapi_pairing_core::model::Session {
            phone_number: (status != Status::Pending && !self.dice.one_in(4))
                .then(|| phone(number)),
            ..session(name, status)
        }
    }

    fn code(&mut self) -> CodeOffer {
        let payload = match self.dice.throw(8) {
            0 => PICTURE.into(),
            1 => TEXT.into(),
            2 => "<html>".into(),
            _ => self.picture.clone(),
        };
        let life = *self
            .dice
            .pick(&[None, Some(0), Some(3000), Some(60_000), Some(120_000)]);
        CodeOffer {
            life: life.map(Millis),
            ..bare_offer(&payload, 0)
        }
    }

    fn answer(&mut self) -> Result<Answer, Failure> {
        if self.dice.one_in(4) {
            let code = *self.dice.pick(&ErrorCode::ALL);
            let wait = self.dice.one_in(3).then(|| Millis(self.dice.throw(90_000)));
            return Err(Failure {
                error: Error::new(code),
                retry_after: wait,
            });
        }
        let name = if self.dice.one_in(12) { "s2" } else { "s1" };
        Ok(match self.open.as_ref().map(|(_, call)| call) {
            Some(Call::Create { .. }) => Answer::Created {
                session: self.session(name),
                code: self.code(),
            },
            Some(Call::Qr { .. }) => Answer::Code(self.code()),
            Some(Call::Delete { .. }) => Answer::Deleted,
            _ => Answer::Session(self.session(name)),
        })
    }

    fn message(&mut self) -> TabMessage {
        let mut message = if self.told.is_empty() || self.dice.one_in(3) {
            TabMessage {
                version: TabMessage::VERSION,
                kind: 1 + self.dice.throw(3) as u32,
                session: "s1".into(),
                status: (*self
                    .dice
                    .pick(&["pending", "connected", "failed", "", "odd"]))
                .into(),
                expired: self.dice.one_in(8),
                ..TabMessage::default()
            }
        } else {
            let at = self.dice.throw(self.told.len() as u64) as usize;
            self.told[at].clone()
        };
        message.term += self.dice.throw(3) as u32;
        if self.dice.one_in(2) {
            message.code = self.dice.throw(4) as u32;
        }
        if message.code != 0 && self.dice.one_in(2) {
            message.size = self.drawn.size() as u32;
            message.modules = self.drawn.to_bytes();
            message.life_ms = 60_000;
            message.remaining_ms = self.dice.throw(60_000) as u32;
        }
        message
    }

    fn act(&mut self) -> Act {
        let yes = self.dice.one_in(3);
        match self.dice.throw(14) {
            0 => Act::Mount {
                stored: Slot {
                    session_id: self.dice.one_in(2).then(|| id("s1")),
                    idempotency_key: IdempotencyKey::parse("k").filter(|_| yes),
                },
            },
            1..=3 => Act::Start { fresh: yes },
            4 | 5 => Act::Refresh,
            6 => Act::Retry,
            7 => Act::Stop { discard: yes },
            8 | 9 => Act::Unlink { confirmed: yes },
            10 => Act::ConfirmUnlink,
            11 => Act::CancelUnlink,
            12 => Act::AcceptNumber,
            _ => Act::ShowOriginal,
        }
    }

    fn configure(&mut self) -> Input {
        self.config.policy.max_refreshes = self.dice.throw(4) as u32;
        self.config.expected_phone = self
            .dice
            .one_in(2)
            .then(|| phone(PHONES[self.dice.throw(2) as usize]));
        Input::Configure(Box::new(self.config.clone()))
    }

    fn step(&mut self) {
        self.now += self.dice.throw(1500);
        if self.around.tabs && self.dice.one_in(4) {
            let message = self.message();
            return self.feed(Input::Heard(message));
        }
        let input = match self.dice.throw(30) {
            0..=9 if self.open.is_some() => {
                let outcome = self.answer();
                let ask = self.open.take().map_or(Ask(0), |(ask, _)| ask);
                Input::Answered { ask, outcome }
            }
            10..=12 if self.reading.is_some() => Input::Read {
                ask: self.reading.take().unwrap_or(Ask(0)),
                outcome: match self.dice.throw(3) {
                    0 => Err(Unread::Declined),
                    1 => Err(Unread::Unavailable),
                    _ => Ok(self.drawn.clone()),
                },
            },
            13..=17 => {
                let due = self.pairing.next_timeout().map_or(self.now, |at| at.0);
                self.now = self.now.max(due);
                Input::Timeout
            }
            18 | 19 => {
                self.around.visible = !self.around.visible || self.dice.one_in(2);
                Input::Visible(self.around.visible)
            }
            20 => {
                self.around.online = !self.around.online || self.dice.one_in(2);
                Input::Online(self.around.online)
            }
            21 => Input::OnScreen(self.dice.one_in(2)),
            22 | 23 => Input::Leading(!self.dice.one_in(3)),
            24 => Input::Heard(self.message()),
            25 => Input::TokenRenewed(if self.dice.one_in(3) {
                Err(Error::new(ErrorCode::Unauthorized))
            } else {
                Ok(())
            }),
            26 => Input::UnlinkDecided(!self.dice.one_in(3)),
            _ => Input::Act(self.act()),
        };
        self.feed(input);
    }
}

#[test]
fn a_recording_replays_wherever_it_begins() {
    let picture = picture_of("2@walk");
    let mut seen = std::collections::HashSet::new();
    for walk in 1..=WALKS {
        let mut walker = Walker::new(walk * 0x9E37_79B9, &picture);
        let stored = Slot {
            session_id: walker.dice.one_in(3).then(|| id("s1")),
            idempotency_key: IdempotencyKey::parse("k").filter(|_| walker.dice.one_in(3)),
        };
        walker.feed(Input::Act(Act::Mount { stored }));
        for step in 0..STEPS {
            walker.step();
            seen.insert(walker.pairing.snapshot().phase);
            // A new configuration begins a new recording, with the state of that moment.
            if walker.dice.one_in(25) {
                let recording = walker.pairing.diagnostics();
                assert_eq!(astray(&recording), None, "walk {walk}, step {step}");
                let configure = walker.configure();
                walker.feed(configure);
            }
        }
        let recording = walker.pairing.diagnostics();
        assert_eq!(astray(&recording), None, "walk {walk}");
        for secret in ["2@", "s1", "447700", "png"] {
            assert!(!recording.contains(secret), "walk {walk}: {recording}");
        }
    }
    assert_eq!(seen.len(), Phase::ALL.len(), "{seen:?}");
}

fn linked_with(number: &str) -> Answer {
    Answer::Session(sendapi_pairing_core::model::Session {
        phone_number: Some(phone(number)),
        ..session("s1", Status::Connected)
    })
}

/// Three numbers are told apart, also by a recording that begins in the middle: the expected one, the one that was accepted, any other.
#[test]
fn a_recording_tells_the_numbers_apart() {
    let config = Config {
        expected_phone: Some(phone(PHONES[0])),
        ..Config::default()
    };
    let ways = [
        (PHONES[1], Phase::Connected),
        (PHONES[2], Phase::WrongNumber),
        (PHONES[0], Phase::Connected),
    ];
    for begins in 0..5 {
        let mut bench = Bench::awaiting_with(config.clone());
        let mut step = 0;
        let mut begin = |bench: &mut Bench| {
            if step == begins {
                let mut config = config.clone();
                config.session_name = "another".into();
                bench.feed(Input::Configure(Box::new(config)));
            }
            step += 1;
        };
        bench.run_timeout();
        bench.answer(Ok(linked_with(PHONES[1])));
        assert_eq!(bench.phase(), Phase::WrongNumber);
        begin(&mut bench);
        bench.act(Act::AcceptNumber);
        begin(&mut bench);
        for (number, phase) in ways {
            bench.run_timeout();
            bench.answer(Ok(linked_with(number)));
            assert_eq!(bench.phase(), phase, "{number}");
            begin(&mut bench);
        }
        assert_eq!(astray(&bench.pairing.diagnostics()), None, "{begins}");
    }
}

//! The way between a tab and the service, and what happens on it.

use sendapi_pairing_core::{
    api::{Answer, Body, Call, Failure, Head, Method, Unreadable},
    error::{Error, ErrorCode},
    pairing::Ask,
};
use sendapi_sandbox::{Request, Response};

use crate::{
    codes::Code,
    faults::Fault,
    world::{KEY, Pending, World},
};

/// A sound PNG of one white pixel: an image that is no QR code.
const WHITE_PIXEL: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg==";

/// An answer as bytes, before a tab reads it.
struct Wire {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl From<Response> for Wire {
    fn from(response: Response) -> Self {
        Self {
            status: response.status,
            headers: response.headers,
            body: response.body,
        }
    }
}

impl Wire {
    fn plain(status: u16, body: &str) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        }
    }
}

impl World<'_> {
    pub(crate) fn transmit(&mut self, tab: usize, ask: Ask, call: Call) {
        let load = self.tabs[tab].load;
        let at = self.t + self.chance.between(5, 200);
        if !self.tabs[tab].around.online || self.roll(Fault::NetworkError) {
            let failure = Failure::from(Error::new(ErrorCode::NetworkOrCors));
            return self.schedule(
                at,
                Pending::Deliver {
                    tab,
                    load,
                    ask,
                    outcome: Box::new(Err(failure)),
                },
            );
        }
        if self.roll(Fault::RequestLost) {
            return;
        }
        // A `/qr` that is doubled kills its own code, which no client can know; so no such copy.
        if !matches!(call, Call::Qr { .. }) && self.roll(Fault::RequestDoubled) {
            let later = at + self.chance.between(0, 3000);
            let call = call.clone();
            self.schedule(
                later,
                Pending::Arrive {
                    tab,
                    load,
                    ask,
                    call,
                    copy: true,
                },
            );
        }
        self.schedule(
            at,
            Pending::Arrive {
                tab,
                load,
                ask,
                call,
                copy: false,
            },
        );
    }

    /// A request arrives at the service, or at what stands before it.
    pub(crate) fn serve(&mut self, tab: usize, load: u32, ask: Ask, call: &Call, copy: bool) {
        let alive = self.tabs[tab].is_open && self.tabs[tab].load == load;
        let stood_in = if copy { None } else { self.instead(tab, call) };
        let mut life_known = true;
        let mut wire = match stood_in {
            Some(wire) => wire,
            None => {
                let mut wire = self.ask_sandbox(call);
                life_known = self.tamper(call, &mut wire);
                wire
            }
        };
        if copy || !alive || self.roll(Fault::AnswerLost) {
            self.stand_in(call, &mut wire.body, None);
            return;
        }
        let aborted = !self.tabs[tab].open.iter().any(|open| open.ask == ask);
        let mut delay = self.chance.between(5, 200);
        if aborted {
            self.stand_in(call, &mut wire.body, None);
            if !self.roll(Fault::Reordered) {
                return;
            }
            delay = self.chance.between(5, 20_000);
        } else if self.roll(Fault::Late) {
            delay = self.chance.between(2000, 15_000);
        }
        if !aborted {
            let life_known = life_known && !self.profile.has(Fault::NoDate);
            self.stand_in(call, &mut wire.body, Some((tab, life_known)));
        }
        let outcome = self.read(call, &wire);
        if !aborted {
            self.settle_life(tab, &outcome);
        }
        let at = self.t + delay;
        if self.roll(Fault::AnswerDoubled) {
            let later = at + self.chance.between(0, 5000);
            let outcome = Box::new(outcome.clone());
            self.schedule(
                later,
                Pending::Deliver {
                    tab,
                    load,
                    ask,
                    outcome,
                },
            );
        }
        let outcome = Box::new(outcome);
        self.schedule(
            at,
            Pending::Deliver {
                tab,
                load,
                ask,
                outcome,
            },
        );
    }

    fn ask_sandbox(&mut self, call: &Call) -> Wire {
        let mut path = String::from("/v1/whatsapp");
        path.push_str(&call.path());
        let body = call.body().unwrap_or_default();
        let mut request = match call.method() {
            Method::Post => Request::create(KEY, body.as_bytes()),
            Method::Get => Request::get(KEY, &path),
            Method::Delete => Request::delete(KEY, &path),
        };
        request.idempotency_key = call.idempotency_key().map(|key| key.as_str());
        self.sandbox.handle(&request, self.epoch + self.t).into()
    }

    /// What something between tab and service answers, the service none the wiser.
    fn instead(&mut self, tab: usize, call: &Call) -> Option<Wire> {
        if self.tabs[tab].token_bad {
            self.run.faults.add(Fault::TokenExpired);
            let body = r#"{"error":{"message":"Token sk_test_secret has expired","code":4013}}"#;
            return Some(Wire::plain(401, body));
        }
        if matches!(call, Call::Qr { .. }) && self.roll(Fault::NoCodes) {
            let body = r#"{"error":{"message":"No codes today","code":5001}}"#;
            return Some(Wire::plain(self.profile.no_codes, body));
        }
        if self.roll(Fault::ServerError) {
            let status = *self.chance.pick(&[500, 502, 503, 504]);
            return Some(Wire::plain(
                status,
                r#"{"error":{"message":"Oops","code":5000}}"#,
            ));
        }
        if self.roll(Fault::Html) {
            let status = *self.chance.pick(&[200, 502]);
            return Some(Wire::plain(
                status,
                "<!doctype html><title>Bad Gateway</title>",
            ));
        }
        if self.roll(Fault::RateLimited) {
            let body = r#"{"error":{"type":"rate_limited","message":"Slow down","code":4029}}"#;
            let mut wire = Wire::plain(429, body);
            let waits = ["0", "1", "7", "30", "120", "999999", "-1", "soon"];
            let wait = *self.chance.pick(&waits);
            wire.headers.push(("retry-after", wait.to_owned()));
            return Some(wire);
        }
        if self.roll(Fault::Refusal) {
            let statuses: &[u16] = match call {
                Call::Qr { .. } => &[400, 403, 404, 409, 410, 422],
                Call::Create { .. } => &[400, 402, 403, 409, 422],
                _ => &[402, 403, 404, 410],
            };
            let status = *self.chance.pick(statuses);
            let body = r#"{"success":false,"error":{"type":"x","message":"No","code":4000}}"#;
            return Some(Wire::plain(status, body));
        }
        None
    }

    /// Spoils the service's own answer; whether its expiry may still be believed.
    fn tamper(&mut self, call: &Call, wire: &mut Wire) -> bool {
        let mut life_known = true;
        if matches!(call, Call::Get { .. }) {
            if self.t < self.odd_until {
                replace(&mut wire.body, "status", "\"paired\"");
            }
            if self.roll(Fault::WrongId) {
                replace(&mut wire.body, "id", "\"sess_of_somebody_else\"");
            }
        }
        if matches!(call, Call::Qr { .. } | Call::Create { .. }) && wire.status < 300 {
            if self.roll(Fault::BadCode) {
                let codes = [
                    "null",
                    "17",
                    "\"\"",
                    "\"data:image/svg+xml,<svg/>\"",
                    "\"https://other.example/x.png\"",
                    "\"data:image/png;base64,iVBORw0KGgo\"",
                    "\"white\"",
                ];
                let mut code = *self.chance.pick(&codes);
                let picture = format!("\"{WHITE_PIXEL}\"");
                if code == "\"white\"" {
                    code = &picture;
                }
                replace(&mut wire.body, "qr_code", code);
            }
            if self.roll(Fault::BadExpiry) {
                life_known = false;
                let expiries = [
                    "null",
                    "\"tomorrow\"",
                    "\"9999-12-31T23:59:59Z\"",
                    "\"1999-01-01T00:00:00Z\"",
                ];
                let expiry = *self.chance.pick(&expiries);
                let name = if matches!(call, Call::Qr { .. }) {
                    "expires_at"
                } else {
                    "qr_expires_at"
                };
                replace(&mut wire.body, name, expiry);
            }
        }
        if self.roll(Fault::Truncated) {
            wire.body.truncate(wire.body.len() / 2);
        }
        life_known
    }

    /// Puts the stand-in in the place of the service's code, and notes the code. With a tab, its open request brings it.
    fn stand_in(&mut self, call: &Call, body: &mut Vec<u8>, brings: Option<(usize, bool)>) {
        if !matches!(call, Call::Qr { .. } | Call::Create { .. }) {
            return;
        }
        let Some((from, to)) = value(body, "qr_code") else {
            return;
        };
        let Ok(text) = std::str::from_utf8(&body[from..to]) else {
            return;
        };
        let text = text.trim_matches('"').to_owned();
        if !text.contains("2@") {
            return;
        }
        let known = self.codes.iter().position(|code| code.text == text);
        let number = known.unwrap_or(self.codes.len());
        if known.is_none() {
            let session = match call.session_id() {
                Some(id) => id.as_str().to_owned(),
                None => value(body, "id")
                    .and_then(|(from, to)| std::str::from_utf8(&body[from..to]).ok())
                    .map(|id| id.trim_matches('"').to_owned())
                    .unwrap_or_default(),
            };
            self.codes.push(Code {
                session,
                text,
                expires: self.t + self.profile.sandbox.qr_ttl_ms,
                killed: None,
                overtaken: false,
                limit: None,
            });
        }
        if let Some((_, false)) = brings {
            // Without a believable expiry, or a `Date`, nobody can know when it dies: 120 s are allowed.
            self.codes[number].expires = u64::MAX;
        }
        let mut stand_in = String::from("\"");
        stand_in.push_str(self.pool.text(number));
        stand_in.push('"');
        body.splice(from..to, stand_in.into_bytes());
    }

    fn read(&mut self, call: &Call, wire: &Wire) -> Result<Answer, Failure> {
        let no_date = self.profile.has(Fault::NoDate);
        if no_date {
            self.run.faults.add(Fault::NoDate);
        }
        let head = Head::read(wire.status, |name| {
            let header = wire.headers.iter().find(|(other, _)| *other == name);
            header
                .filter(|_| !(no_date && name == "date"))
                .map(|(_, value)| value.clone())
        });
        let body = serde_json::from_slice::<Body>(&wire.body).map_err(|_| Unreadable::NotJson);
        let outcome = call.interpret(&head, body);
        if let Err(failure) = &outcome
            && failure.error.code == ErrorCode::QuotaExceeded
        {
            self.run.faults.add(Fault::Quota);
        }
        outcome
    }

    /// Notes the life that an answer gave its code, for the deadline that the tab must keep.
    fn settle_life(&mut self, tab: usize, outcome: &Result<Answer, Failure>) {
        let (Ok(Answer::Created { code: offer, .. } | Answer::Code(offer)), Some(open)) =
            (outcome, self.tabs[tab].open.first())
        else {
            return;
        };
        let since = open.since;
        let Some(payload) = &offer.payload else {
            return;
        };
        let number = (0..self.codes.len())
            .rev()
            .find(|number| self.pool.text(*number) == payload.expose());
        if let Some(number) = number {
            let life = offer.life.map_or(120_000, |life| life.0.min(120_000));
            let limit = self.codes[number].limit.max(Some(since + life));
            self.codes[number].limit = limit;
        }
    }
}

/// Where the value of a member stands in JSON that the sandbox wrote.
fn value(body: &[u8], name: &str) -> Option<(usize, usize)> {
    let mut pattern = String::from("\"");
    pattern.push_str(name);
    pattern.push_str("\":");
    let from = find(body, pattern.as_bytes())? + pattern.len();
    let rest = &body[from..];
    let end = if rest.first() == Some(&b'"') {
        rest[1..].iter().position(|byte| *byte == b'"')? + 2
    } else {
        rest.iter().position(|byte| matches!(byte, b',' | b'}'))?
    };
    Some((from, from + end))
}

fn find(body: &[u8], pattern: &[u8]) -> Option<usize> {
    body.windows(pattern.len()).position(|part| part == pattern)
}

fn replace(body: &mut Vec<u8>, name: &str, by: &str) {
    if let Some((from, to)) = value(body, name) {
        body.splice(from..to, by.bytes());
    }
}

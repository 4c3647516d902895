//! What kind of run it is: each draws its own mixture, so that rare faults also meet long quiet ways.

use sendapi_pairing_core::{
    model::PhoneNumber,
    pairing::{Config, Policy, Trigger},
    time::Millis,
};
use sendapi_sandbox::{
    Absent, Codes, Dialect, Envelope, ErrorShape, Ids, SandboxConfig, Unscanned,
};

use crate::{chance::Chance, faults::Fault};

pub(crate) struct Profile {
    percents: [u8; Fault::ALL.len()],
    pub(crate) config: Config,
    pub(crate) sandbox: SandboxConfig,
    /// Unix milliseconds of the service when the run begins.
    pub(crate) epoch: u64,
    /// The browser has locks and channels.
    pub(crate) tabs_agree: bool,
    /// The page names a session.
    pub(crate) named_session: bool,
    /// Mean milliseconds between two things that happen by themselves.
    pub(crate) act_every: u64,
    /// Percent of them that a person does at the widget.
    pub(crate) people: u64,
    /// Percent of the moments with a phone in which it scans.
    pub(crate) scans: u64,
    /// When faults end.
    pub(crate) faults_last: u64,
    /// What a `/qr` is answered with where every one fails.
    pub(crate) no_codes: u16,
}

impl Profile {
    pub(crate) fn draw(chance: &mut Chance) -> Self {
        let mut percents = [0; Fault::ALL.len()];
        for fault in Fault::ALL {
            if !chance.percent(40) {
                continue;
            }
            percents[fault as usize] = match fault {
                // Each request rolls for these, several at a time: high rates would leave nothing but failures.
                Fault::RequestLost
                | Fault::AnswerLost
                | Fault::NetworkError
                | Fault::Late
                | Fault::Truncated
                | Fault::Html
                | Fault::ServerError
                | Fault::RateLimited
                | Fault::WrongId
                | Fault::Refusal => *chance.pick(&[1, 2, 3, 5]),
                Fault::AnswerDoubled | Fault::RequestDoubled | Fault::LateTimer => 10,
                Fault::BadCode | Fault::BadExpiry => 30,
                Fault::NoReader => 50,
                Fault::TokenExpired | Fault::OddStatus => 60,
                // Rare: little else happens in such a run.
                Fault::NoCodes => 25,
                _ => 90,
            };
        }
        // For the whole run, or not at all.
        let no_codes = &mut percents[Fault::NoCodes as usize];
        *no_codes = if chance.percent(u64::from(*no_codes)) {
            100
        } else {
            0
        };
        let has = |fault: Fault| percents[fault as usize] > 0;
        let hour = 3_600_000;
        let mut epoch = 1_773_066_600_000;
        if has(Fault::Skew) {
            epoch = epoch - 24 * hour + chance.below(48 * hour);
        }
        let policy = Policy {
            poll_interval: Millis(*chance.pick(&[3_000, 3_000, 3_000, 20_000])),
            watch_interval: Millis(*chance.pick(&[30_000, 30_000, 300_000, 0])),
            max_refreshes: *chance.pick(&[5, 5, 5, 2, 0]),
            ..Policy::default()
        };
        let config = Config {
            trigger: *chance.pick(&[
                Trigger::Visible,
                Trigger::Visible,
                Trigger::Load,
                Trigger::Manual,
            ]),
            expected_phone: chance
                .percent(40)
                .then(|| PhoneNumber::parse("+447700900001"))
                .flatten(),
            allow_unlink: chance.percent(60),
            policy,
            ..Config::default()
        };
        let sandbox = SandboxConfig {
            seed: chance.next(),
            qr_ttl_ms: *chance.pick(&[120_000, 120_000, 60_000, 20_000, 5000]),
            quota: has(Fault::Quota).then(|| *chance.pick(&[1, 1, 2])),
            codes: Codes::Text,
            dialect: Dialect {
                envelope: *chance.pick(&[Envelope::Bare, Envelope::Data]),
                ids: *chance.pick(&[Ids::Text, Ids::Integer]),
                errors: *chance.pick(&[
                    ErrorShape::Meta,
                    ErrorShape::Inside,
                    ErrorShape::Param,
                    ErrorShape::Short,
                ]),
                absent: *chance.pick(&[Absent::Null, Absent::Omit]),
                fractions: chance.percent(50),
            },
            unscanned: Unscanned {
                code_dies_after_ms: chance.percent(20).then_some(60_000),
                fails_after_ms: chance.percent(15).then_some(160_000),
            },
            log_capacity: 0,
            ..SandboxConfig::default()
        };
        Self {
            percents,
            config,
            sandbox,
            epoch,
            tabs_agree: chance.percent(75),
            named_session: chance.percent(15),
            act_every: *chance.pick(&[2000, 6000, 15_000, 40_000]),
            people: *chance.pick(&[5, 15, 35]),
            scans: *chance.pick(&[5, 25, 60]),
            faults_last: chance.between(100_000, 1_200_000),
            no_codes: *chance.pick(&[401, 429, 500, 503]),
        }
    }

    pub(crate) fn percent(&self, fault: Fault) -> u64 {
        u64::from(self.percents[fault as usize])
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.percent(fault) > 0
    }
}

//! Whole pairings on virtual time.
//!
//! A run is one to three tabs of the production core, the production sandbox, a network that loses, delays, doubles, reorders and spoils,
//! clocks that skew and sleep, a person who clicks, phones that scan early, late and dead codes. One seed decides all of it, so any
//! run replays bit for bit. After every step a checker asserts the invariants that can be seen from outside the core.

mod chance;
mod check;
mod cli;
mod codes;
mod coverage;
mod events;
mod faults;
mod finish;
mod host;
mod locks;
mod network;
mod profile;
mod recording;
mod tab;
mod trace;
mod world;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

pub use check::Breach;
pub use cli::main;
pub use coverage::{Coverage, Kind};
pub use faults::{Fault, Faults};

use chance::mix;
use codes::Pool;
use world::World;

/// How to run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Keep a line for each step.
    pub verbose: bool,
}

/// What came of one run.
#[derive(Clone, Debug)]
pub struct Run {
    /// What it was drawn from.
    pub seed: u64,
    /// How many inputs its cores handled.
    pub steps: u64,
    /// Follows from every input and its consequences: equal for equal runs.
    pub hash: u64,
    /// What went wrong in it.
    pub faults: Faults,
    /// What it reached.
    pub coverage: Coverage,
    /// The first invariant that did not hold.
    pub breach: Option<Breach>,
    /// With [`Options::verbose`], a line for each step.
    pub trace: Vec<String>,
}

/// What came of many runs.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many there were.
    pub runs: u64,
    /// Their steps.
    pub steps: u64,
    /// All their hashes as one.
    pub hash: u64,
    /// In how many runs each kind of fault came, in the order of [`Fault::ALL`].
    pub faults: Vec<u64>,
    /// What they reached together.
    pub coverage: Coverage,
    /// How many ended in a breach.
    pub breaches: u64,
    /// How often each of them, and the seed of one.
    pub kinds: BTreeMap<(u8, &'static str), (u64, u64)>,
    /// The first of them, by number of the run.
    pub first: Option<(u64, Run)>,
    /// How long it took.
    pub took: Duration,
}

/// The seed of run `number` of a series.
#[must_use]
pub fn seed_of(series: u64, number: u64) -> u64 {
    mix(series ^ mix(number.wrapping_add(0x5eed)))
}

/// One run.
#[must_use]
pub fn run(seed: u64, options: Options) -> Run {
    World::new(seed, &options, &Pool::new()).play()
}

/// `runs` runs of a series on `threads` threads. Stops early, thread by thread, at the first breach where `stop` is set.
#[must_use]
pub fn series(series: u64, runs: u64, threads: u64, stop: bool) -> Report {
    let begun = Instant::now();
    let part = |thread: u64| {
        let pool = Pool::new();
        let mut report = Report {
            faults: vec![0; Fault::ALL.len()],
            ..Report::default()
        };
        let mut number = thread;
        while number < runs {
            let run = World::new(seed_of(series, number), &Options::default(), &pool).play();
            report.add(number, run);
            if stop && report.breaches > 0 {
                break;
            }
            number += threads;
        }
        report
    };
    let mut whole = Report {
        faults: vec![0; Fault::ALL.len()],
        ..Report::default()
    };
    std::thread::scope(|scope| {
        let part = &part;
        let workers: Vec<_> = (0..threads)
            .map(|thread| scope.spawn(move || part(thread)))
            .collect();
        for worker in workers {
            match worker.join() {
                Ok(report) => whole.merge(report),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    whole.took = begun.elapsed();
    whole
}

impl Report {
    fn add(&mut self, number: u64, run: Run) {
        self.runs += 1;
        self.steps += run.steps;
        // A sum, so that the order of the threads does not matter.
        self.hash = self.hash.wrapping_add(mix(run.hash));
        for fault in Fault::ALL {
            self.faults[fault as usize] += u64::from(run.faults.has(fault));
        }
        self.coverage.merge(&run.coverage);
        if let Some(breach) = run.breach {
            self.breaches += 1;
            let kind = (breach.invariant, breach.what);
            self.kinds.entry(kind).or_insert((0, run.seed)).0 += 1;
            if self.first.is_none() {
                self.first = Some((number, run));
            }
        }
    }

    fn merge(&mut self, other: Self) {
        self.runs += other.runs;
        self.steps += other.steps;
        self.hash = self.hash.wrapping_add(other.hash);
        for (sum, count) in self.faults.iter_mut().zip(other.faults) {
            *sum += count;
        }
        self.coverage.merge(&other.coverage);
        self.breaches += other.breaches;
        for (kind, (count, seed)) in other.kinds {
            self.kinds.entry(kind).or_insert((0, seed)).0 += count;
        }
        if let Some((number, run)) = other.first
            && self.first.as_ref().is_none_or(|(first, _)| number < *first)
        {
            self.first = Some((number, run));
        }
    }
}

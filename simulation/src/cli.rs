//! The command line of `cargo run --release --example simulate`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program's output"
)]

use std::process::ExitCode;

use crate::{Fault, Options, Report, run, seed_of, series};

const USAGE: &str =
    "simulate [--runs N] [--seed S] [--threads T] [--stop] [--coverage] [--replay SEED]

  --runs N      how many runs (10000)
  --seed S      the series they are drawn from (drawn from the clock, and printed)
  --threads T   how many threads (all cores)
  --stop        end at the first violation
  --coverage    also print the table of phases and inputs
  --replay SEED print one run step by step";

/// How much of a run's trace a violation prints.
const TRACE: usize = 60;

/// Reads the arguments, runs, prints. 0: no violation; 1: some; 2: bad arguments.
pub fn main(mut arguments: impl Iterator<Item = String>) -> ExitCode {
    let mut runs = 10_000;
    let mut seed = None;
    let mut threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let (mut stop, mut coverage) = (false, false);
    while let Some(argument) = arguments.next() {
        let mut number = || {
            let text = arguments.next()?;
            match text.strip_prefix("0x") {
                Some(hex) => u64::from_str_radix(hex, 16).ok(),
                None => text.parse::<u64>().ok(),
            }
        };
        let understood = match argument.as_str() {
            "--runs" => number().map(|value| runs = value),
            "--seed" => number().map(|value| seed = Some(value)),
            "--threads" => number().map(|value| threads = value.max(1)),
            "--replay" => {
                return match number() {
                    Some(seed) => replay(seed),
                    None => usage(),
                };
            }
            "--stop" => {
                stop = true;
                Some(())
            }
            "--coverage" => {
                coverage = true;
                Some(())
            }
            _ => None,
        };
        if understood.is_none() {
            return usage();
        }
    }
    let seed = seed.unwrap_or_else(|| {
        let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        clock.map_or(1, |clock| clock.as_nanos() as u64)
    });
    let report = series(seed, runs, threads, stop);
    print(seed, &report, coverage);
    if report.breaches > 0 {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}

fn print(seed: u64, report: &Report, coverage: bool) {
    let runs = report.runs.max(1) as f64;
    println!("seed        {seed}");
    println!("runs        {}", report.runs);
    println!(
        "steps       {} ({:.1} a run)",
        report.steps,
        report.steps as f64 / runs
    );
    println!("trace hash  {:016x}", report.hash);
    println!(
        "time        {:.1} s ({:.0} runs/s)",
        report.took.as_secs_f64(),
        runs / report.took.as_secs_f64().max(0.001)
    );
    println!("faults, by kind and share of runs");
    for fault in Fault::ALL {
        let count = report.faults[fault as usize];
        let name = format!("{fault:?}");
        println!(
            "  {name:<18} {count:>9}  {:5.1} %",
            count as f64 / runs * 100.0
        );
    }
    let (reached, effective, transitions) = report.coverage.counts();
    println!("pairs of phase and input  {reached} reached, {effective} with an effect");
    println!("transitions               {transitions}");
    println!("violations                {}", report.breaches);
    for ((invariant, what), (count, seed)) in &report.kinds {
        println!("  {count:>7} × invariant {invariant}: {what} (--replay {seed})");
    }
    if coverage {
        println!("\n{}", report.coverage.table());
    }
    if let Some((number, first)) = &report.first
        && let Some(breach) = first.breach
    {
        println!(
            "\nrun {number} breaks invariant {}: {}",
            breach.invariant, breach.what
        );
        println!("replay it with --replay {}", seed_of(seed, *number));
        let again = run(first.seed, Options { verbose: true });
        let skipped = again.trace.len().saturating_sub(TRACE);
        println!(
            "its last {} lines of {}:",
            again.trace.len() - skipped,
            again.trace.len()
        );
        for line in &again.trace[skipped..] {
            println!("  {line}");
        }
    }
}

fn replay(seed: u64) -> ExitCode {
    let run = run(seed, Options { verbose: true });
    for line in &run.trace {
        println!("{line}");
    }
    println!("steps {}, trace hash {:016x}", run.steps, run.hash);
    match run.breach {
        Some(breach) => {
            println!("breaks invariant {}: {}", breach.invariant, breach.what);
            ExitCode::FAILURE
        }
        None => ExitCode::SUCCESS,
    }
}

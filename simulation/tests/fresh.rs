//! A small series with each test run, from a seed that is fresh and printed.

use std::time::{SystemTime, UNIX_EPOCH};

use sendapi_simulation::{Options, run, seed_of, series};

/// Enough to meet every kind of fault, few enough for a debug build.
const RUNS: u64 = 250;

#[test]
fn a_fresh_series_breaks_no_invariant() {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH);
    let seed = clock.map_or(1, |clock| clock.as_nanos() as u64);
    println!("seed {seed}");
    let report = series(seed, RUNS, 2, true);
    assert_eq!(report.breaches, 0, "seed {seed}: {:?}", report.kinds);
    assert_eq!(report.runs, RUNS);
    assert!(
        report.steps / report.runs >= 150,
        "seed {seed}: {}",
        report.steps
    );
}

#[test]
fn a_seed_replays_bit_for_bit() {
    for number in 0..20 {
        let seed = seed_of(42, number);
        let first = run(seed, Options::default());
        let second = run(seed, Options { verbose: true });
        assert_eq!((first.steps, first.hash), (second.steps, second.hash));
        assert_eq!(first.coverage, second.coverage);
    }
    let whole = series(42, 40, 1, false);
    assert_eq!(whole.hash, series(42, 40, 2, false).hash);
    assert_ne!(whole.hash, series(43, 40, 1, false).hash);
}

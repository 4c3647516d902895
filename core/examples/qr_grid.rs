//! The grid of 64,000 pictures: 40 versions × 4 levels × 8 masks × 10 scales × 5 margins, drawn from symbols of an encoder that is
//! not ours, and read back.
//!
//! `qr_grid [--sample N] [--seed S] [--from CELL] [--scaling middle|corner|area]` prints how many came out exact, wrong and declined.
//! Exit status 1 if any was wrong, or declined (antialiased ones below 2 pixels a module may be). Progress goes to standard error
//! with the cell to resume from.

#[path = "../tests/qr_support/mod.rs"]
mod qr_support;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use qr_support::grid::{CELLS, Cell, Outcome, Scaling};
use qr_support::random::Random;

struct Options {
    sample: Option<usize>,
    seed: u64,
    from: usize,
    scaling: Scaling,
}

fn main() -> ExitCode {
    let Some(options) = options() else {
        let usage =
            "usage: qr_grid [--sample N] [--seed S] [--from CELL] [--scaling middle|corner|area]";
        let _ = writeln!(io::stderr(), "{usage}");
        return ExitCode::FAILURE;
    };
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn options() -> Option<Options> {
    let mut options = Options {
        sample: None,
        seed: 0,
        from: 0,
        scaling: Scaling::Middle,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next()?;
        match name.as_str() {
            "--sample" => options.sample = Some(value.parse().ok()?),
            "--seed" => options.seed = value.parse().ok()?,
            "--from" => options.from = value.parse().ok()?,
            "--scaling" => {
                options.scaling = match value.as_str() {
                    "middle" => Scaling::Middle,
                    "corner" => Scaling::Corner,
                    "area" => Scaling::Area,
                    _ => return None,
                }
            }
            _ => return None,
        }
    }
    Some(options)
}

fn run(options: &Options) -> io::Result<bool> {
    let cells: Vec<usize> = match options.sample {
        None => (options.from..CELLS).collect(),
        Some(count) => {
            let mut random = Random::new(options.seed);
            (0..count).map(|_| random.below(CELLS)).collect()
        }
    };
    let started = Instant::now();
    let next = AtomicUsize::new(0);
    let [exact, wrong, declined, excused] = [const { AtomicUsize::new(0) }; 4];
    let threads = std::thread::available_parallelism()?.get();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(&index) = cells.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let cell = Cell::new(index, options.seed);
                    let outcome = cell.run(options.scaling);
                    let count = match outcome {
                        Outcome::Exact => &exact,
                        Outcome::Wrong => &wrong,
                        Outcome::Declined
                            if matches!(options.scaling, Scaling::Area) && cell.scale < 2.0 =>
                        {
                            &excused
                        }
                        Outcome::Declined => &declined,
                    };
                    let reached = count.fetch_add(1, Ordering::Relaxed) + 1;
                    if std::ptr::eq(count, &wrong) || std::ptr::eq(count, &declined) {
                        let _ = writeln!(io::stderr(), "{outcome:?}: cell {index}, {cell:?}");
                    } else if std::ptr::eq(count, &exact) && reached % 4000 == 0 {
                        let seconds = started.elapsed().as_secs();
                        let _ = writeln!(
                            io::stderr(),
                            "{reached} exact in {seconds} s; to resume: --from {index}"
                        );
                    }
                }
            });
        }
    });
    let [exact, wrong, declined, excused] =
        [exact, wrong, declined, excused].map(AtomicUsize::into_inner);
    writeln!(
        io::stdout(),
        "{:?}: {} pictures, {exact} exact, {wrong} wrong, {declined} declined, {excused} declined below 2 pixels a module; {} s",
        options.scaling,
        cells.len(),
        started.elapsed().as_secs()
    )?;
    Ok(wrong == 0 && declined == 0)
}

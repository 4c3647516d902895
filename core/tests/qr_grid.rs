//! A sample of the grid of 64,000 pictures; the example `qr_grid` runs all of it.

mod qr_support;

use qr_support::grid::{CELLS, Cell, Outcome, Scaling};
use qr_support::random::Random;

fn sample(count: usize, seed: u64, scaling: Scaling, allowed: impl Fn(&Cell, Outcome) -> bool) {
    let mut random = Random::new(seed);
    for _ in 0..count {
        let cell = Cell::new(random.below(CELLS), seed);
        let outcome = cell.run(scaling);
        assert!(
            allowed(&cell, outcome),
            "{outcome:?}: {cell:?}, {scaling:?}"
        );
    }
}

#[test]
fn nearest_neighbour_is_exact() {
    sample(150, 1, Scaling::Middle, |_, outcome| {
        outcome == Outcome::Exact
    });
    sample(150, 2, Scaling::Corner, |_, outcome| {
        outcome == Outcome::Exact
    });
}

#[test]
fn antialiased_is_exact_from_two_pixels_a_module_and_never_wrong() {
    sample(100, 3, Scaling::Area, |cell, outcome| match outcome {
        Outcome::Exact => true,
        Outcome::Declined => cell.scale < 2.0,
        Outcome::Wrong => false,
    });
}

#[test]
#[ignore = "minutes: the whole grid, as the example qr_grid runs it"]
fn whole_grid_is_exact() {
    for index in 0..CELLS {
        let cell = Cell::new(index, 0);
        assert_eq!(cell.run(Scaling::Middle), Outcome::Exact, "{cell:?}");
    }
}

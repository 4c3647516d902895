//! What a countdown shows of a code's life, and when it shows something else.
//!
//! Each of the last ten seconds, before them every fifth: each step is a frame that the browser makes, and with a step a second those frames
//! are most of what a page that waits costs.

use sendapi_pairing_core::time::Millis;

const EACH_FROM: u64 = 10;
const STRIDE: u64 = 5;

/// The seconds to show while this is left: never less than there are.
pub(crate) const fn seconds(left: Millis) -> u64 {
    let seconds = left.0.div_ceil(1000);
    if seconds > EACH_FROM {
        seconds.next_multiple_of(STRIDE)
    } else {
        seconds
    }
}

/// How long [`seconds`] gives the same; `None` where nothing is left.
pub(crate) const fn steady(left: Millis) -> Option<Millis> {
    let next = match seconds(left) {
        0 => return None,
        shown if shown > EACH_FROM => shown - STRIDE,
        shown => shown - 1,
    };
    Some(Millis(left.0 - next * 1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_by_five_and_then_by_one_and_says_when() {
        let mut left = Millis(57_300);
        let mut shown = vec![seconds(left)];
        while let Some(wait) = steady(left) {
            assert!(wait.0 > 0);
            assert_eq!(seconds(Millis(left.0 - wait.0 + 1)), seconds(left));
            left = Millis(left.0 - wait.0);
            shown.push(seconds(left));
        }
        let fives = (3..=12).rev().map(|five| five * 5);
        assert_eq!(shown, fives.chain((0..=10).rev()).collect::<Vec<_>>());
        assert_eq!(left, Millis(0));
    }

    #[test]
    fn shows_no_less_than_there_is() {
        for left in 0..200_000 {
            let shown = seconds(Millis(left)) * 1000;
            assert!(shown >= left && shown < left + STRIDE * 1000, "{left} ms");
        }
    }
}

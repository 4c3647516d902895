//! The little chance that a lifecycle needs, drawn from the host's seed so that any run replays.

use super::IdempotencyKey;
use crate::time::Millis;

/// Draws idempotency keys and jitter.
///
/// The two are apart: what jitter starts from may be shown in a diagnostic (it decides when requests go out, so a replay needs it), and
/// tells 32 of the seed's 128 bits at most, while the keys take all of them.
#[derive(Clone)]
pub(super) struct Random {
    seed: [u64; 2],
    keys: u64,
    pub(super) jitter: u64,
}

impl Random {
    pub(super) fn new(seed: [u8; 16]) -> Self {
        let [mut high, mut low] = [0u64; 2];
        for (at, byte) in seed.into_iter().enumerate() {
            let half = if at < 8 { &mut high } else { &mut low };
            *half = (*half << 8) + u64::from(byte);
        }
        Self {
            seed: [high, low],
            keys: 0,
            jitter: mix(high ^ low.rotate_left(32)) >> 32,
        }
    }

    /// A key of 128 bits in hexadecimal, never the same one twice.
    pub(super) fn key(&mut self) -> Option<IdempotencyKey> {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        self.keys += 1;
        let [high, low] = self.seed;
        let words = [
            mix(high ^ mix(low.wrapping_add(self.keys))),
            mix(low ^ mix(high.wrapping_sub(self.keys))),
        ];
        let mut text = String::with_capacity(32);
        for word in words {
            for byte in word.to_be_bytes() {
                text.push(char::from(HEX[usize::from(byte >> 4)]));
                text.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
        IdempotencyKey::parse(&text)
    }

    /// Any length from zero to `most`, both included.
    pub(super) fn up_to(&mut self, most: Millis) -> Millis {
        self.jitter = self.jitter.wrapping_add(0x9e37_79b9_7f4a_7c15);
        Millis(mix(self.jitter) % (most.0.saturating_add(1).max(1)))
    }
}

/// SplitMix64's finalizer (Steele, Lea and Flood, 2014).
const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_by_seed_and_by_turn() {
        let mut seen = std::collections::BTreeSet::new();
        for seed in [[0; 16], [1; 16], [255; 16]] {
            let mut random = Random::new(seed);
            for _ in 0..100 {
                let key = random.key().unwrap();
                assert_eq!(key.as_str().len(), 32);
                // Each half alone does, whatever the seed's bits are.
                let (first, second) = key.as_str().split_at(16);
                assert!(seen.insert(first.to_owned()));
                assert!(seen.insert(second.to_owned()));
            }
            assert_eq!(Random::new(seed).key(), Random::new(seed).key());
        }
    }

    #[test]
    fn mixes_as_splitmix64_does() {
        // Its generator's first two numbers from the seed 0.
        let step = 0x9e37_79b9_7f4a_7c15u64;
        assert_eq!(mix(step), 0xe220_a839_7b1d_cdaf);
        assert_eq!(mix(step.wrapping_mul(2)), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn jitter_reaches_both_ends_and_stays_within() {
        let mut random = Random::new([7; 16]);
        let drawn: Vec<_> = (0..200).map(|_| random.up_to(Millis(3)).0).collect();
        assert!((0..=3).all(|value| drawn.contains(&value)));
        assert!(drawn.iter().all(|value| *value <= 3));
        assert_eq!(random.up_to(Millis::ZERO), Millis::ZERO);
        random.up_to(Millis(u64::MAX));
    }
}

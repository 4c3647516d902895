//! Numbers to make things from: SplitMix64, a seed and the same numbers everywhere; or a fuzzer's bytes, one choice after another.

pub struct Random {
    state: u64,
    /// What a fuzzer chose; `None` where the seed decides.
    tape: Option<std::vec::IntoIter<u8>>,
}

impl Random {
    pub fn new(seed: u64) -> Self {
        Self {
            state: seed,
            tape: None,
        }
    }

    /// Choices off a tape, zeros after its end.
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            state: 0,
            tape: Some(Vec::from(bytes).into_iter()),
        }
    }

    pub fn next(&mut self) -> u64 {
        self.chosen(4)
    }

    /// As many bytes of the tape as a choice needs, so that a fuzzer's every byte tells.
    fn chosen(&mut self, bytes: usize) -> u64 {
        if let Some(tape) = &mut self.tape {
            let taken = tape.by_ref().take(bytes);
            return taken.fold(0, |value, byte| value << 8 | u64::from(byte));
        }
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.state;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ (value >> 31)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.chosen(if limit > 256 { 4 } else { 1 }) % limit as u64) as usize
    }

    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.chosen(1) as u8).collect()
    }
}

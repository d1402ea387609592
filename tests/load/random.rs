//! Choices that a seed repeats.

/// splitmix64.
pub(crate) struct Random(u64);

impl Random {
    /// Each thread has a stream of its own.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        Random(seed.wrapping_mul(0x1000_0000_01b3) ^ stream.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).expect("below a usize")
    }
}

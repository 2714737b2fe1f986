//! A generated corpus, the same in every run: Zipf-distributed words in documents of 20 to 512.

use openledger_attribution::WordId;

/// A small generator (xorshift).
pub struct Random(u64);

impl Random {
    pub fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// A number below `count`, n with a probability of about 1/n.
    pub fn zipf(&mut self, count: usize) -> usize {
        let uniform = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        let rank = (count as f64).powf(uniform) as usize;
        rank.min(count) - 1
    }

    /// Words of the next document, when so many are left.
    pub fn document_len(&mut self, left: usize) -> usize {
        (20 + self.below(493)).min(left)
    }
}

/// The distinct words, the most frequent first.
pub fn vocabulary(count: usize) -> Vec<WordId> {
    let words = (0..count as u64).map(|n| WordId::of(&n.to_be_bytes()));
    words.collect()
}

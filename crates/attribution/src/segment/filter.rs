//! Which phrases of four words a segment does not hold, told without a search.
//!
//! A corpus grows by a segment with every Datanet version, and nearly all words of an answer stand in none of them, so what a tiling
//! costs is the price of a no from each segment. A binary search says no after some twenty steps, each of which may miss the
//! processor's caches twice; this says it with one read. It is a Bloom filter in blocks of a cache line: each phrase sets
//! four bits of one block, at 8 bits for each word of the text. About one absent phrase in thirty is not told to be absent, and
//! costs the search.

/// Words of a phrase.
pub(crate) const FILTER_WORDS: usize = 4;

/// Bytes of a block, a cache line.
pub(super) const FILTER_BLOCK: usize = 64;

/// Words of the text for each block.
const WORDS_A_BLOCK: u64 = 64;

/// Bits that a phrase sets.
const BITS: u32 = 4;

/// Blocks for a text of so many words.
pub(super) fn blocks(words: u64) -> u64 {
    words.div_ceil(WORDS_A_BLOCK)
}

/// The filter of a text in which a 0 ends each document.
pub(super) fn build(text: &[i32], words: u64) -> Vec<[u8; FILTER_BLOCK]> {
    let mut filter = vec![[0; FILTER_BLOCK]; blocks(words) as usize];
    for phrase in text.windows(FILTER_WORDS) {
        let phrase = phrase.first_chunk().expect("a window of that size");
        if phrase.contains(&0) {
            continue;
        }
        let place = Place::of(&phrase.map(|token| token as u32), filter.len());
        for (byte, bit) in place.bits() {
            filter[place.block][byte] |= bit;
        }
    }
    filter
}

/// The filter in the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filter<'a>(pub(super) &'a [[u8; FILTER_BLOCK]]);

impl Filter<'_> {
    /// Whether the segment may hold a phrase. When not, it does not.
    pub(crate) fn may_hold(self, phrase: &[u32; FILTER_WORDS]) -> bool {
        let place = Place::of(phrase, self.0.len());
        let block = self.0.get(place.block);
        block.is_some_and(|block| place.bits().all(|(byte, bit)| block[byte] & bit != 0))
    }
}

/// Where a phrase's bits are.
struct Place {
    block: usize,
    bits: u64,
}

impl Place {
    /// Part of the format: whoever reads a file must find the same places.
    fn of(phrase: &[u32; FILTER_WORDS], blocks: usize) -> Self {
        let mut hash = 0;
        for token in phrase {
            hash = mix(hash ^ u64::from(*token));
        }
        let block = (u128::from(hash) * blocks as u128) >> 64;
        Self {
            block: block as usize,
            bits: mix(hash),
        }
    }

    /// Bytes of the block, and the bit in each. Nine binary digits make one.
    fn bits(&self) -> impl Iterator<Item = (usize, u8)> {
        (0..BITS).map(|n| {
            let bit = (self.bits >> (9 * n)) as usize % (8 * FILTER_BLOCK);
            (bit / 8, 1 << (bit % 8))
        })
    }
}

/// The finaliser of SplitMix64: every bit depends on every other.
fn mix(number: u64) -> u64 {
    let mut number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens that look random, in documents of 100.
    fn text(words: u32) -> Vec<i32> {
        let tokens = (0..words).map(|n| match n % 100 {
            99 => 0,
            _ => 1 + (mix(n.into()) % 50_000) as i32,
        });
        tokens.collect()
    }

    #[test]
    fn what_the_text_holds_is_never_denied() {
        for words in [0, 3, 4, 63, 64, 65, 20_000] {
            let text = text(words);
            let filter = build(&text, words.into());
            assert_eq!(filter.len() as u64, blocks(words.into()));
            let filter = Filter(&filter);
            for phrase in text
                .windows(FILTER_WORDS)
                .filter(|phrase| !phrase.contains(&0))
            {
                let phrase = phrase.iter().map(|token| *token as u32);
                let phrase = Vec::from_iter(phrase);
                assert!(filter.may_hold(phrase.first_chunk().expect("4 words")));
            }
        }
    }

    #[test]
    fn what_it_does_not_hold_is_denied_nearly_always() {
        let filter = build(&text(100_000), 100_000);
        let filter = Filter(&filter);
        // Tokens that the text does not have.
        let absent = (0..100_000).map(|n| [60_000 + n, n, 60_001, n / 2]);
        let passed = absent.filter(|phrase| filter.may_hold(phrase)).count();
        assert!(passed < 5_000, "{passed} of 100,000");
    }

    #[test]
    fn an_empty_text_holds_nothing() {
        assert!(!Filter(&[]).may_hold(&[1, 2, 3, 4]));
    }
}

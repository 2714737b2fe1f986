//! The reference model: a language model that is nothing but the corpus, so that what shaped each word can be checked.
//!
//! The next word is one that follows the longest ending of the context that the corpus holds (an infini-gram model, Liu and others,
//! 2024). It needs no training and no floats: the same corpus, context, temperature and seed give the same word on every machine.
//!
//! - **Back-off.** The longest ending, at most [`MAX_CONTEXT_WORDS`] words, that some document holds *and goes on after*; in the end the empty
//!   one, which every word follows. The end of a document is no continuation: documents are parts of at most 512 words, cut where
//!   the count ran out.
//! - **Counts.** A continuation weighs the number of clusters that have it, so that a text and its copies are one voice; the raw number of
//!   places is told beside it.
//! - **Horizon.** After a common word the corpus goes on in millions of places. Those with the lowest (sequence, offset) are counted, as
//!   many as the horizon says, and the distribution tells how many there are. Which they are does not depend on the segments, and
//!   they are found without a look at the others, so a word's cost is bounded.
//! - **Temperature** `t` makes a weight of `clusters ^ (1 / t)`. The power is taken in base 2 with 32 binary digits of the logarithm, each
//!   found by squaring, and with square roots of 2: integers throughout, and rounded down alike everywhere.

use crate::{
    Corpus, WordId,
    corpus::Query,
    segment::{Index, Place, Segment},
};
use alloy_primitives::{B256, Keccak256, U256};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    ops::Range,
};

/// Words of the context that can matter.
pub const MAX_CONTEXT_WORDS: usize = 64;

/// Places that are counted at most, unless [`ReferenceModel::with_horizon`] says otherwise.
pub const DEFAULT_HORIZON: usize = 4_096;

/// How even the choice between continuations is, in basis points. 10,000 chooses by the counts; 0 takes the highest; more than 10,000
/// favours rare ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Temperature(pub u32);

impl Temperature {
    /// The continuation that most clusters have.
    pub const GREEDY: Self = Self(0);
    /// Each continuation by the number of clusters that have it.
    pub const ONE: Self = Self(10_000);
}

/// A word that follows the context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Continuation {
    pub word: WordId,
    /// Clusters in which it does.
    pub clusters: u64,
    /// Places at which it does.
    pub occurrences: u64,
}

/// What follows a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// Last words of the context that the continuations follow.
    pub context_words: usize,
    /// Places at which the corpus has these words and goes on. More than the continuations' sum when the horizon cut them.
    pub occurrences: u64,
    /// In the order of their words, at least one.
    pub continuations: Vec<Continuation>,
}

/// A corpus as a language model.
#[derive(Debug, Clone)]
pub struct ReferenceModel {
    corpus: Corpus,
    horizon: usize,
}

impl ReferenceModel {
    pub fn new(corpus: Corpus) -> Self {
        let horizon = DEFAULT_HORIZON;
        Self { corpus, horizon }
    }

    /// Counts at most so many places, those with the lowest (sequence, offset). At least 1. Part of what makes two models the same.
    pub fn with_horizon(mut self, places: usize) -> Self {
        self.horizon = places.max(1);
        self
    }

    /// What follows a context. `None` when the corpus has no words.
    pub fn distribution(&self, context: &[WordId]) -> Option<Distribution> {
        let context = &context[context.len().saturating_sub(MAX_CONTEXT_WORDS)..];
        let query = self.corpus.query(context);
        // Where an ending goes on, so does every shorter one.
        let (mut longest, mut too_long) = (0, context.len() + 1);
        while too_long - longest > 1 {
            let middle = longest + (too_long - longest) / 2;
            let goes_on = query
                .endings(middle)
                .any(|(segment, ending)| !segment.index().continued(ending).is_empty());
            if goes_on {
                longest = middle;
            } else {
                too_long = middle;
            }
        }
        self.following(&query, longest)
    }

    fn following(&self, query: &Query<'_>, words: usize) -> Option<Distribution> {
        let ranges: Vec<(&Segment, Range<usize>)> = query
            .endings(words)
            .map(|(segment, ending)| (segment, segment.index().continued(ending)))
            .collect();
        let occurrences = ranges.iter().map(|(_, range)| range.len() as u64).sum();
        // Without a horizon in the way no order is needed.
        let places = if occurrences <= self.horizon as u64 {
            all(&ranges, words)
        } else {
            earliest(&ranges, words, self.horizon)
        };
        let mut counts = BTreeMap::<WordId, Continuation>::new();
        let mut clusters: Vec<(WordId, u64)> = Vec::with_capacity(places.len());
        for (word, root_seq) in places {
            clusters.push((word, root_seq));
            let count = counts.entry(word).or_insert(Continuation {
                word,
                clusters: 0,
                occurrences: 0,
            });
            count.occurrences += 1;
        }
        clusters.sort_unstable();
        clusters.dedup();
        for (word, _) in clusters {
            if let Some(count) = counts.get_mut(&word) {
                count.clusters += 1;
            }
        }
        let continuations: Vec<Continuation> = counts.into_values().collect();
        (!continuations.is_empty()).then_some(Distribution {
            context_words: words,
            occurrences,
            continuations,
        })
    }

    /// Goes on after a prompt for so many words; for fewer only when the corpus has none. Word `n` is drawn with the seed and `n`.
    pub fn generate(
        &self,
        prompt: &[WordId],
        words: usize,
        temperature: Temperature,
        seed: B256,
    ) -> Vec<WordId> {
        let kept = prompt.len().saturating_sub(MAX_CONTEXT_WORDS);
        let mut text = prompt[kept..].to_vec();
        let start = text.len();
        for step in 0..words as u64 {
            let Some(distribution) = self.distribution(&text) else {
                break;
            };
            text.push(distribution.draw(temperature, seed, step));
        }
        text.split_off(start)
    }
}

/// The word that follows at a position, and the root of the cluster of its document.
fn following_word(
    segment: &Segment,
    index: Index<'_>,
    position: u32,
    words: usize,
) -> Option<(WordId, Place)> {
    let word = segment.word(index.token_at(position, words)?)?;
    Some((word, segment.place(position)?))
}

fn all(ranges: &[(&Segment, Range<usize>)], words: usize) -> Vec<(WordId, u64)> {
    let mut places = Vec::new();
    for (segment, range) in ranges {
        let index = segment.index();
        places.extend(index.positions(range.clone()).filter_map(|position| {
            let (word, place) = following_word(segment, index, position, words)?;
            Some((word, place.root_seq))
        }));
    }
    places
}

/// Those with the lowest (sequence, offset), `count` of them.
fn earliest(ranges: &[(&Segment, Range<usize>)], words: usize, count: usize) -> Vec<(WordId, u64)> {
    let indices: Vec<Index<'_>> = ranges.iter().map(|(segment, _)| segment.index()).collect();
    let mut sources: Vec<_> = ranges
        .iter()
        .zip(&indices)
        .map(|((segment, range), index)| {
            index
                .ascending(range.clone())
                .filter_map(|position| following_word(segment, *index, position, words))
        })
        .collect();
    let mut next = BinaryHeap::new();
    let mut places = Vec::with_capacity(count);
    let entry = |source: usize, (word, place): (WordId, Place)| {
        Reverse((place.seq, place.offset, source, word, place.root_seq))
    };
    for (source, positions) in sources.iter_mut().enumerate() {
        next.extend(positions.next().map(|found| entry(source, found)));
    }
    while places.len() < count {
        let Some(Reverse((.., source, word, root_seq))) = next.pop() else {
            break;
        };
        places.push((word, root_seq));
        next.extend(sources[source].next().map(|found| entry(source, found)));
    }
    places
}

impl Distribution {
    /// One of the continuations. The same temperature, seed and step choose the same one everywhere.
    ///
    /// The highest number of clusters wins at temperature 0; of equal ones the highest number of places, then the lowest word.
    pub fn draw(&self, temperature: Temperature, seed: B256, step: u64) -> WordId {
        let best = self.continuations.iter().max_by_key(|continuation| {
            let word = Reverse(continuation.word);
            (continuation.clusters, continuation.occurrences, word)
        });
        let best = best.expect("a distribution has a continuation");
        if temperature == Temperature::GREEDY {
            return best.word;
        }
        let weigh =
            |continuation: &Continuation| weight(continuation.clusters, best.clusters, temperature);
        let total: u128 = self.continuations.iter().map(weigh).sum();
        let mut hash = Keccak256::new();
        hash.update(b"openledger/reference-model/draw");
        hash.update(seed);
        hash.update(step.to_be_bytes());
        // 128 random bits as a fraction of the total, not its remainder: a weight's last digit does not turn the choice around.
        let random = U256::from_be_bytes(hash.finalize().0) >> 128;
        let mut left = (random * U256::from(total)) >> 128;
        for continuation in &self.continuations {
            let weight = U256::from(weigh(continuation));
            if left < weight {
                return continuation.word;
            }
            left -= weight;
        }
        best.word
    }
}

/// Binary digits of a logarithm after the point.
const LOG_BITS: u32 = 32;

/// A weight of 1, for the highest count at a temperature other than 1.
const ONE: u64 = 1 << 63;

/// `2^-(1/2)`, `2^-(1/4)` and so on, in units of [`ONE`], rounded down.
const ROOTS: [u64; LOG_BITS as usize] = {
    let mut roots = [0; LOG_BITS as usize];
    let mut root = (ONE / 2) as u128;
    let mut digit = 0;
    while digit < roots.len() {
        root = (root << 63).isqrt();
        roots[digit] = root as u64;
        digit += 1;
    }
    roots
};

/// `(count / highest) ^ (10,000 / temperature)` in units that all of one distribution share. Not for temperature 0.
fn weight(count: u64, highest: u64, temperature: Temperature) -> u128 {
    if temperature == Temperature::ONE {
        return count.into();
    }
    let below = log2(highest).saturating_sub(log2(count));
    let below = u128::from(below) * 10_000 / u128::from(temperature.0);
    power_of_half(below).into()
}

/// The logarithm to base 2 in units of `2^-32`, rounded down. Of 0 it is 0.
fn log2(count: u64) -> u64 {
    let Some(whole) = count.checked_ilog2() else {
        return 0;
    };
    let mut log = u64::from(whole);
    // Between 1 and 2, in units of ONE. Squaring it doubles its logarithm, whose whole part is the next digit.
    let mut rest = count << (63 - whole);
    for _ in 0..LOG_BITS {
        let square = (u128::from(rest) * u128::from(rest)) >> 63;
        let digit = (square >> 64) as u64;
        rest = (square >> digit) as u64;
        log = log << 1 | digit;
    }
    log
}

/// `2^-exponent` in units of [`ONE`], the exponent in units of `2^-32`.
fn power_of_half(exponent: u128) -> u64 {
    let whole = exponent >> LOG_BITS;
    if whole >= 64 {
        return 0;
    }
    let mut power = ONE;
    for (digit, root) in (1..=LOG_BITS).zip(ROOTS) {
        if exponent >> (LOG_BITS - digit) & 1 == 1 {
            power = ((u128::from(power) * u128::from(root)) >> 63) as u64;
        }
    }
    power >> whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_those_of_mathematics() {
        assert_eq!(log2(1), 0);
        assert_eq!(log2(2), 1 << 32);
        assert_eq!(log2(1 << 40), 40 << 32);
        // 1.584962500721156 and 3.321928094887362 times 2^32, rounded down.
        assert_eq!(log2(3), 6_807_362_105);
        assert_eq!(log2(10), 14_267_572_527);
        assert!((1..100_000).all(|count| log2(count) < log2(count + 1)));
    }

    #[test]
    fn powers_are_those_of_mathematics() {
        let near = |found: u64, expected: u64| found.abs_diff(expected) < ONE >> 29;
        assert_eq!(power_of_half(0), ONE);
        assert_eq!(power_of_half(1 << 32), ONE / 2);
        assert_eq!(power_of_half(63 << 32), 1);
        assert_eq!(power_of_half(64 << 32), 0);
        assert_eq!(power_of_half(u128::MAX), 0);
        // The square root of one half.
        assert_eq!(power_of_half(1 << 31), 6_521_908_912_666_391_106);
        for count in 1..2_000 {
            let found = power_of_half(u128::from(log2(2_000) - log2(count)));
            assert!(near(
                found,
                (u128::from(ONE) * u128::from(count) / 2_000) as u64
            ));
        }
    }

    #[test]
    fn a_lower_temperature_favours_what_is_common() {
        let share = |temperature| {
            let (often, seldom) = (
                weight(4, 4, Temperature(temperature)),
                weight(1, 4, Temperature(temperature)),
            );
            often * 1_000 / (often + seldom)
        };
        // 4 : 1, 16 : 1, 2 : 1 and nearly 1 : 1.
        assert_eq!(share(10_000), 800);
        assert_eq!(share(5_000), 941);
        assert_eq!(share(20_000), 666);
        assert_eq!(share(u32::MAX), 500);
        assert_eq!(share(1), 1_000);
    }

    fn distribution(counts: &[(u64, u64)]) -> Distribution {
        let continuations = (0..)
            .zip(counts)
            .map(|(n, (clusters, occurrences))| Continuation {
                word: WordId([n; 16]),
                clusters: *clusters,
                occurrences: *occurrences,
            });
        Distribution {
            context_words: 0,
            occurrences: counts.iter().map(|(_, occurrences)| occurrences).sum(),
            continuations: continuations.collect(),
        }
    }

    #[test]
    fn the_greedy_choice_is_the_most_clusters_then_places_then_the_lowest_word() {
        let chosen = |counts| {
            let word = distribution(counts).draw(Temperature::GREEDY, B256::ZERO, 0);
            word.0[0]
        };
        assert_eq!(chosen(&[(1, 90), (2, 2), (1, 1)]), 1);
        assert_eq!(chosen(&[(2, 2), (2, 3), (1, 9)]), 1);
        assert_eq!(chosen(&[(1, 1), (2, 2), (2, 2)]), 1);
    }

    #[test]
    fn draws_follow_the_counts_and_are_the_same_again() {
        let distribution = distribution(&[(1, 1), (0, 5), (3, 3)]);
        let draws = |seed: u8| -> Vec<u8> {
            let seed = B256::repeat_byte(seed);
            let draw = |step| distribution.draw(Temperature::ONE, seed, step).0[0];
            (0..4_000).map(draw).collect()
        };
        let first = draws(1);
        assert_eq!(first, draws(1));
        assert_ne!(first, draws(2));
        let of = |word| first.iter().filter(|drawn| **drawn == word).count();
        assert!((900..1_100).contains(&of(0)), "{}", of(0));
        assert_eq!(of(1), 0);
    }

    /// Computed apart from this code, with a decimal power: a change here is a change of the model.
    #[test]
    fn a_draw_is_pinned() {
        let distribution = distribution(&[(5, 5), (3, 3), (2, 2), (9, 9), (1, 1)]);
        let seed = B256::repeat_byte(7);
        let draws = |temperature| -> Vec<u8> {
            let draw = |step| distribution.draw(Temperature(temperature), seed, step).0[0];
            (0..12).map(draw).collect()
        };
        assert_eq!(draws(10_000), [4, 0, 3, 1, 1, 3, 3, 1, 3, 3, 3, 3]);
        assert_eq!(draws(7_000), [3, 0, 3, 1, 2, 3, 3, 2, 3, 3, 3, 3]);
    }
}

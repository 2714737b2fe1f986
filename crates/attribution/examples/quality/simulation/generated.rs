//! Generated text: words by Zipf's law, of which each prefers some to follow it, with common phrases and a few common sentences.

use openledger_attribution::{WordId, words};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::collections::HashMap;

const VOCABULARY: usize = 20_000;

/// Words that a word prefers to be followed by.
const FOLLOWERS: usize = 24;

/// Of 3 to 7 words; one begins at every 33rd word.
const PHRASES: usize = 3_000;

/// Of 10 to 24 words; one begins at every 250th word.
const SENTENCES: usize = 100;

struct Language {
    words: Vec<WordId>,
    followers: Vec<[usize; FOLLOWERS]>,
    phrases: Vec<Vec<usize>>,
    sentences: Vec<Vec<usize>>,
}

/// A number below `count`, n with a probability of about 1/n.
fn zipf(count: usize, rng: &mut StdRng) -> usize {
    let rank = (count as f64).powf(rng.random::<f64>()) as usize;
    rank.clamp(1, count) - 1
}

impl Language {
    fn new(rng: &mut StdRng) -> Self {
        let words = (0..VOCABULARY).map(|n| spelled('w', n));
        let followers = (0..VOCABULARY).map(|_| std::array::from_fn(|_| zipf(VOCABULARY, rng)));
        let mut language = Self {
            words: words.collect(),
            followers: followers.collect(),
            phrases: Vec::new(),
            sentences: Vec::new(),
        };
        let mut stock = |count, longest: std::ops::Range<usize>| -> Vec<Vec<usize>> {
            let runs = (0..count).map(|_| {
                let len = rng.random_range(longest.clone());
                language.run(len, rng)
            });
            runs.collect()
        };
        let (phrases, sentences) = (stock(PHRASES, 3..8), stock(SENTENCES, 10..25));
        (language.phrases, language.sentences) = (phrases, sentences);
        language
    }

    fn run(&self, len: usize, rng: &mut StdRng) -> Vec<usize> {
        let mut last = zipf(VOCABULARY, rng);
        let next = (0..len).map(|_| {
            last = match rng.random_ratio(3, 5) {
                true => self.followers[last][zipf(FOLLOWERS, rng)],
                false => zipf(VOCABULARY, rng),
            };
            last
        });
        next.collect()
    }

    fn document(&self, len: usize, rng: &mut StdRng) -> Vec<WordId> {
        let mut numbers = Vec::new();
        while numbers.len() < len {
            match rng.random_range(0..1_000) {
                0..4 => numbers.extend(&self.sentences[zipf(SENTENCES, rng)]),
                4..34 => numbers.extend(&self.phrases[zipf(PHRASES, rng)]),
                _ => numbers.extend(self.run(1, rng)),
            }
        }
        numbers.truncate(len);
        numbers.iter().map(|n| self.words[*n]).collect()
    }
}

/// The word of this number, by the method's own rule.
fn spelled(letter: char, number: usize) -> WordId {
    let text = format!("{letter}{number}");
    let word = words(&text).next().expect("it is a word");
    word.id()
}

/// For each word the one that looks the same: U+051D, CYRILLIC SMALL LETTER WE, instead of its first letter.
pub fn look_alikes() -> HashMap<WordId, WordId> {
    let words = (0..VOCABULARY).map(|n| (spelled('w', n), spelled('\u{51d}', n)));
    words.collect()
}

/// Documents of 80 to 512 words, each three by one contributor.
pub fn documents(count: usize, seed: u64) -> Vec<(u64, Vec<WordId>)> {
    let mut rng = StdRng::seed_from_u64(seed);
    let language = Language::new(&mut rng);
    let contributors = (count as u64).div_ceil(3);
    let documents = (0..count as u64).map(|n| {
        let len = rng.random_range(80..=512);
        (n % contributors, language.document(len, &mut rng))
    });
    documents.collect()
}

//! Answers of a model that says by heart what it read, with words of its own between.

use super::library::{Chain, Work};
use openledger_attribution::WordId;
use rand::{Rng, rngs::StdRng, seq::IndexedRandom};
use std::{collections::BTreeMap, ops::RangeInclusive};

/// An answer and the truth about it.
#[derive(Debug, Clone)]
pub struct Output {
    pub words: Vec<WordId>,
    pub prompt: Vec<WordId>,
    /// By contributor, the words that were planted and that they wrote. Noise does not change it.
    pub truth: BTreeMap<u64, usize>,
}

/// How answers are made: so many passages, each of so many words of one document, from a random place on; before each one, and at the end, words of the
/// language model.
#[derive(Debug, Clone)]
pub struct Recipe {
    pub passages: RangeInclusive<usize>,
    pub passage_words: RangeInclusive<usize>,
    pub glue_words: RangeInclusive<usize>,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            passages: 3..=8,
            passage_words: 24..=120,
            glue_words: 2..=10,
        }
    }
}

impl Recipe {
    /// Answers out of some works.
    pub fn answers(
        &self,
        count: usize,
        works: &[&Work],
        chain: &Chain,
        rng: &mut StdRng,
    ) -> Vec<Output> {
        (0..count).map(|_| self.answer(works, chain, rng)).collect()
    }

    fn answer(&self, works: &[&Work], chain: &Chain, rng: &mut StdRng) -> Output {
        let mut words = Vec::new();
        let mut truth = BTreeMap::new();
        for _ in 0..rng.random_range(self.passages.clone()) {
            words.extend(chain.say(rng.random_range(self.glue_words.clone()), rng));
            let work = works.choose(rng).expect("there are works");
            let len = rng.random_range(self.passage_words.clone());
            let len = len.min(work.words.len());
            let from = rng.random_range(0..=work.words.len() - len);
            words.extend_from_slice(&work.words[from..from + len]);
            for writer in &work.writers[from..from + len] {
                *truth.entry(*writer).or_default() += 1;
            }
        }
        words.extend(chain.say(rng.random_range(self.glue_words.clone()), rng));
        Output {
            words,
            prompt: Vec::new(),
            truth,
        }
    }
}

impl Output {
    /// Each word is, with this probability, one drawn from the texts.
    pub fn with_noise(&self, percent: u32, chain: &Chain, rng: &mut StdRng) -> Self {
        let noisy = self
            .words
            .iter()
            .map(|word| match rng.random_ratio(percent, 100) {
                true => chain.word(rng),
                false => *word,
            });
        Self {
            words: noisy.collect(),
            ..self.clone()
        }
    }

    /// Words that were planted.
    pub fn planted(&self) -> usize {
        self.truth.values().sum()
    }
}

//! All documents that have some words, which the rule never asks for: the naive rule is compared by it.

use super::library::Work;
use openledger_attribution::{WordId, tiling::MIN_MATCH_WORDS};
use std::collections::HashMap;

/// Where every eight words in a row stand.
pub struct Places<'a> {
    works: &'a [&'a Work],
    places: HashMap<&'a [WordId], Vec<(usize, usize)>>,
}

impl<'a> Places<'a> {
    pub fn new(works: &'a [&'a Work]) -> Self {
        let mut places: HashMap<_, Vec<_>> = HashMap::new();
        for (work, Work { words, .. }) in works.iter().enumerate() {
            for (at, gram) in words.windows(MIN_MATCH_WORDS).enumerate() {
                places.entry(gram).or_default().push((work, at));
            }
        }
        Self { works, places }
    }

    /// The contributors of the documents that have these words in a row, one for each document; of fewer than eight nobody's.
    pub fn holders(&self, words: &[WordId]) -> Vec<u64> {
        let gram = words.get(..MIN_MATCH_WORDS);
        let places = gram.and_then(|gram| self.places.get(gram));
        let whole = places.into_iter().flatten().filter(|(work, at)| {
            let found = self.works[*work].words.get(*at..*at + words.len());
            found == Some(words)
        });
        let mut works: Vec<usize> = whole.map(|(work, _)| *work).collect();
        works.dedup();
        works
            .iter()
            .map(|work| self.works[*work].contributor)
            .collect()
    }
}

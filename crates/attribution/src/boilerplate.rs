//! Phrases that are nobody's own: a model version's publisher commits a list of them before the version is active.
//!
//! [`Boilerplate::common`] makes the list from the corpus: the 8-grams that stand in many clusters. A cluster counts once however often it
//! has the phrase, so that copies of a text do not turn its sentences into boilerplate. Anyone who has the documents can make the
//! list again and dispute a committed one; an 8-gram does not cross documents.

use crate::{Corpus, Segment, WordId};
use std::{cmp::Reverse, collections::BinaryHeap, ops::Range};

/// Words of an entry.
pub const BOILERPLATE_WORDS: usize = crate::leaf::GRAM_LEN;

/// A list of phrases, ascending, each once: as it is committed, so that a neighbouring pair proves what is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Boilerplate(Vec<[WordId; BOILERPLATE_WORDS]>);

impl Boilerplate {
    /// The phrases that stand in at least so many clusters of a corpus. The same however the corpus is divided into segments.
    ///
    /// Reads the corpus from end to end, which takes minutes for billions of words.
    pub fn common(corpus: &Corpus, clusters: usize) -> Self {
        let segments = corpus.segments();
        let mut sources: Vec<_> = segments.iter().map(|segment| phrases(segment)).collect();
        // Tokens are in the order of their words, so every segment gives its phrases in the same order.
        let mut next = BinaryHeap::new();
        let entry = |source: usize, (phrase, range): Phrase| {
            Reverse((phrase, source, range.start, range.end))
        };
        for (source, phrases) in sources.iter_mut().enumerate() {
            next.extend(phrases.next().map(|found| entry(source, found)));
        }
        let mut common = Vec::new();
        let mut ranges = Vec::new();
        while let Some(Reverse((phrase, source, start, end))) = next.pop() {
            ranges.push((source, start..end));
            next.extend(sources[source].next().map(|found| entry(source, found)));
            if next
                .peek()
                .is_some_and(|Reverse((other, ..))| *other == phrase)
            {
                continue;
            }
            let places: usize = ranges.iter().map(|(_, range)| range.len()).sum();
            let ranges = ranges.drain(..);
            // Most phrases stand in one place: their clusters are not looked up.
            if places < clusters {
                continue;
            }
            let mut roots: Vec<u64> = Vec::with_capacity(places);
            for (source, range) in ranges {
                let segment = &segments[source];
                let places = segment.index().positions(range);
                let places = places.filter_map(|position| segment.place(position));
                roots.extend(places.map(|place| place.root_seq));
            }
            roots.sort_unstable();
            roots.dedup();
            if roots.len() >= clusters {
                common.push(phrase);
            }
        }
        Self::from_iter(common)
    }

    /// The list, ascending.
    pub fn phrases(&self) -> &[[WordId; BOILERPLATE_WORDS]] {
        &self.0
    }

    pub fn contains(&self, phrase: &[WordId; BOILERPLATE_WORDS]) -> bool {
        self.0.binary_search(phrase).is_ok()
    }

    /// Whether each [`BOILERPLATE_WORDS`] words in a row are in the list. Not so for fewer words than that.
    pub fn covers(&self, words: &[WordId]) -> bool {
        words.len() >= BOILERPLATE_WORDS
            && words
                .windows(BOILERPLATE_WORDS)
                .filter_map(<[_]>::first_chunk)
                .all(|phrase| self.contains(phrase))
    }
}

impl FromIterator<[WordId; BOILERPLATE_WORDS]> for Boilerplate {
    fn from_iter<T: IntoIterator<Item = [WordId; BOILERPLATE_WORDS]>>(phrases: T) -> Self {
        let mut phrases = Vec::from_iter(phrases);
        phrases.sort_unstable();
        phrases.dedup();
        Self(phrases)
    }
}

/// A phrase and the suffixes that begin with it.
type Phrase = ([WordId; BOILERPLATE_WORDS], Range<usize>);

/// All phrases of a segment, ascending.
fn phrases(segment: &Segment) -> impl Iterator<Item = Phrase> {
    let index = segment.index();
    let mut suffixes = index.phrases::<BOILERPLATE_WORDS>().enumerate().peekable();
    std::iter::from_fn(move || {
        loop {
            let (start, tokens) = suffixes.next()?;
            let mut end = start + 1;
            while suffixes.next_if(|(_, other)| *other == tokens).is_some() {
                end += 1;
            }
            // None where a document ends before the phrase does.
            let words = tokens.and_then(|tokens| {
                let mut words = [WordId([0; 16]); BOILERPLATE_WORDS];
                for (word, token) in words.iter_mut().zip(tokens) {
                    *word = segment.word(token)?;
                }
                Some(words)
            });
            if let Some(words) = words {
                return Some((words, start..end));
            }
        }
    })
}

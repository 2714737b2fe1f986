//! What a model version was made of: the segments of its Datanet versions, and its base's, searched as one text.
//!
//! **Which of many equal matches.** The rule pays the one with the lowest sequence, then the lowest offset. A segment's documents stand
//! in its text in the order of their sequences, so that one is the lowest position in a range of the suffix array, which the segment
//! finds in bounded time however often the phrase occurs. Over several segments it is the lowest (sequence, offset) of theirs. So
//! the answer depends on the documents alone, not on how they are divided into segments.

use crate::{
    WordId,
    segment::{FILTER_WORDS, Longest, Segment},
};
use alloy_primitives::map::HashMap;
use std::{cmp::Reverse, collections::BinaryHeap, sync::Arc};

/// Words of the longest match, and of a tile.
pub const MAX_MATCH_WORDS: usize = crate::leaf::MAX_TILE_LEN as usize;

/// Why segments are not a corpus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CorpusError {
    /// Which of the two a match is in would not be defined. Leave one of the segments out.
    #[error("document {seq} is in two segments")]
    DocumentTwice { seq: u64 },
}

/// Segments, searched as one text. Their order is the publisher's and changes no answer.
#[derive(Debug, Clone, Default)]
pub struct Corpus {
    segments: Vec<Arc<Segment>>,
}

/// Words that stand in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Match {
    /// At least 1, at most [`MAX_MATCH_WORDS`].
    pub len: usize,
    /// The document's sequence.
    pub seq: u64,
    /// The sequence of its cluster's root.
    pub root_seq: u64,
    /// Words of the document before the match.
    pub offset: u32,
}

impl Corpus {
    /// Segments may be shared between corpora, as those of a base model are.
    ///
    /// The sequences of segments whose spans overlap are read and compared; those of others are not read.
    ///
    /// # Errors
    /// When two segments hold the same document.
    pub fn new(segments: Vec<Arc<Segment>>) -> Result<Self, CorpusError> {
        let mut spans: Vec<(u64, u64, &Segment)> = segments
            .iter()
            .filter_map(|segment| {
                let (first, last) = segment.seqs()?;
                Some((first, last, segment.as_ref()))
            })
            .collect();
        spans.sort_unstable_by_key(|(first, last, _)| (*first, *last));
        let mut end = None;
        let disjoint = spans.iter().all(|(first, last, _)| {
            let after = end.is_none_or(|end| end < *first);
            end = end.max(Some(*last));
            after
        });
        if !disjoint {
            no_document_twice(spans.into_iter().map(|(.., segment)| segment))?;
        }
        Ok(Self { segments })
    }

    pub fn segments(&self) -> &[Arc<Segment>] {
        &self.segments
    }

    /// Of all documents, with repetitions.
    pub fn words(&self) -> u64 {
        self.segments.iter().map(|segment| segment.words()).sum()
    }

    /// The words of a document and the sequence of its root.
    pub fn document(&self, seq: u64) -> Option<(u64, Vec<WordId>)> {
        self.segments
            .iter()
            .find_map(|segment| segment.document(seq))
    }

    /// How often words stand in a row in the documents, at overlapping places too. Of no words, the words of all documents.
    pub fn count(&self, words: &[WordId]) -> u64 {
        let query = self.query(words);
        let counts = query.endings(words.len()).map(|(segment, phrase)| {
            let range = segment.index().range_of(phrase);
            range.len() as u64
        });
        counts.sum()
    }

    /// Looks the words of a text up in every segment, for searches that start anywhere in it. Takes 4 bytes a word for each segment.
    pub fn query(&self, words: &[WordId]) -> Query<'_> {
        // Each distinct word once: texts repeat themselves, and there may be many segments.
        let mut numbers = HashMap::<WordId, usize>::default();
        let mut distinct = Vec::new();
        let text: Vec<usize> = words
            .iter()
            .map(|word| {
                *numbers.entry(*word).or_insert_with(|| {
                    distinct.push(*word);
                    distinct.len() - 1
                })
            })
            .collect();
        let texts = self.segments.iter().map(|segment| {
            let tokens: Vec<u32> = distinct
                .iter()
                .map(|word| segment.token(*word).unwrap_or(0))
                .collect();
            Text {
                segment,
                tokens: text.iter().map(|number| tokens[*number]).collect(),
            }
        });
        Query {
            texts: texts.collect(),
        }
    }
}

/// Merges the sequences of all segments, of which none is held in memory.
fn no_document_twice<'a>(segments: impl Iterator<Item = &'a Segment>) -> Result<(), CorpusError> {
    let mut sources: Vec<_> = segments.map(Segment::all_seqs).collect();
    let mut next = BinaryHeap::new();
    for (source, seqs) in sources.iter_mut().enumerate() {
        next.extend(seqs.next().map(|seq| Reverse((seq, source))));
    }
    let mut previous = None;
    while let Some(Reverse((seq, source))) = next.pop() {
        if previous.replace(seq) == Some(seq) {
            return Err(CorpusError::DocumentTwice { seq });
        }
        next.extend(sources[source].next().map(|seq| Reverse((seq, source))));
    }
    Ok(())
}

/// A text whose words were looked up in a [`Corpus`].
#[derive(Debug)]
pub struct Query<'c> {
    texts: Vec<Text<'c>>,
}

/// A text whose words were looked up in one segment.
#[derive(Debug)]
pub(crate) struct Text<'c> {
    segment: &'c Segment,
    /// 0 for a word that the segment does not have.
    tokens: Vec<u32>,
}

impl<'c> Query<'c> {
    /// How many words from `start` on stand in a row in some document: at most [`MAX_MATCH_WORDS`].
    ///
    /// Finds no place for them, which makes it cheaper than [`Self::longest_match`].
    pub fn longest_len(&self, start: usize) -> usize {
        let longest = self.texts.iter().filter_map(|text| text.longest(start));
        longest.map(|longest| longest.len).max().unwrap_or(0)
    }

    /// The longest match of the words from `start` on, at most [`MAX_MATCH_WORDS`]; of several the one with the lowest sequence, then the
    /// lowest offset. `None` when no document has the first word.
    pub fn longest_match(&self, start: usize) -> Option<Match> {
        let found = self.texts.iter().filter_map(|text| {
            let longest = text.longest(start)?;
            Some((text, longest))
        });
        earliest(start, MAX_MATCH_WORDS, &Vec::from_iter(found))
    }

    /// The text in each segment.
    pub(crate) fn texts(&self) -> &[Text<'c>] {
        &self.texts
    }

    /// Each segment with the tokens of the last `words` words, for those that have all of them.
    pub(crate) fn endings(&self, words: usize) -> impl Iterator<Item = (&'c Segment, &[u32])> {
        self.texts.iter().filter_map(move |text| {
            let tokens = &text.tokens;
            let ending = tokens.get(tokens.len().checked_sub(words)?..)?;
            (!ending.contains(&0)).then_some((text.segment, ending))
        })
    }
}

impl Text<'_> {
    pub(crate) fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// Whether the segment may hold the [`FILTER_WORDS`] words from `start` on. Not when the text has fewer.
    pub(crate) fn may_hold(&self, start: usize) -> bool {
        let rest = self.tokens.get(start..).unwrap_or_default();
        let phrase = rest.first_chunk::<FILTER_WORDS>();
        phrase.is_some_and(|phrase| self.segment.filter().may_hold(phrase))
    }

    pub(crate) fn longest(&self, start: usize) -> Option<Longest> {
        self.segment.index().longest(self.phrase(start))
    }

    /// The tokens from `start` on that a match can have: up to a word that the segment does not know.
    fn phrase(&self, start: usize) -> &[u32] {
        let rest = self.tokens.get(start..).unwrap_or_default();
        let rest = &rest[..rest.len().min(MAX_MATCH_WORDS)];
        let known = rest.iter().position(|token| *token == 0);
        &rest[..known.unwrap_or(rest.len())]
    }
}

/// Of what was found in several segments for the words from `start` on, the longest of at most so many words, and of equally long ones the
/// earliest.
pub(crate) fn earliest(start: usize, most: usize, found: &[(&Text<'_>, Longest)]) -> Option<Match> {
    let len = found.iter().map(|(_, longest)| longest.len).max()?;
    let len = len.min(most);
    let equal = found.iter().filter(|(_, longest)| longest.len >= len);
    let places = equal.filter_map(|(text, longest)| {
        let index = text.segment.index();
        let phrase = text.phrase(start).get(..len)?;
        let position = index.lowest(index.range_around(phrase, *longest))?;
        text.segment.place(position)
    });
    let place = places.min_by_key(|place| (place.seq, place.offset))?;
    Some(Match {
        len,
        seq: place.seq,
        root_seq: place.root_seq,
        offset: place.offset,
    })
}

//! Search in one segment's suffix array.
//!
//! The suffixes are in the order of their words, so those that begin with a phrase are a range. Nothing here trusts the file: every
//! position that it holds is looked up with a check, and every loop is bounded by the array's length, not by its content.

use super::{
    minima::{Lowest, Minima},
    words::U32s,
};
use std::{cmp::Ordering, collections::BinaryHeap, ops::Range};

/// The searchable part of a segment. A phrase is a slice of its tokens, none of them 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Index<'a> {
    pub(super) text: U32s<'a>,
    pub(super) buckets: U32s<'a>,
    pub(super) minima: Minima<'a>,
}

/// How much of a phrase the text holds, and one of the suffixes that begin with so much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Longest {
    pub(crate) len: usize,
    suffix: usize,
}

impl<'a> Index<'a> {
    /// The longest beginning of a phrase that stands in the text: `None` when not even its first word does.
    ///
    /// One binary search for the place of the phrase among the suffixes. The neighbours of that place share the most words with
    /// it, and the search has compared both.
    pub(crate) fn longest(&self, phrase: &[u32]) -> Option<Longest> {
        let Range { mut start, mut end } = self.bucket(*phrase.first()?);
        let (mut below, mut above) = (1, 1);
        let mut longest: Option<Longest> = None;
        while start < end {
            let middle = start + (end - start) / 2;
            // Every suffix between two that share this many words with the phrase shares them too.
            let (len, order) = self.compare(middle, phrase, below.min(above));
            if longest.is_none_or(|longest| len > longest.len) {
                let suffix = middle;
                longest = Some(Longest { len, suffix });
            }
            match order {
                Ordering::Less => (start, below) = (middle + 1, len),
                Ordering::Greater => (end, above) = (middle, len),
                Ordering::Equal => break,
            }
        }
        longest
    }

    /// All suffixes that begin with a phrase, of which one is known.
    ///
    /// Most ranges are small, so their ends are looked for in growing steps from the known suffix.
    pub(crate) fn range_around(&self, phrase: &[u32], known: Longest) -> Range<usize> {
        let Some(first) = phrase.first() else {
            return 0..self.minima.suffixes.len();
        };
        let bucket = self.bucket(*first);
        let begins = |suffix| self.compare(suffix, phrase, 1).0 == phrase.len();
        let (mut start, mut outside) = (known.suffix, bucket.start);
        let mut step = 1;
        while start - outside >= step {
            if !begins(start - step) {
                outside = start - step + 1;
                break;
            }
            start -= step;
            step *= 2;
        }
        start = outside + first_where(start - outside, |ahead| begins(outside + ahead));
        let (mut end, mut outside) = (known.suffix + 1, bucket.end);
        let mut step = 1;
        while outside.saturating_sub(end) >= step {
            if !begins(end + step - 1) {
                outside = end + step - 1;
                break;
            }
            end += step;
            step *= 2;
        }
        let rest = outside.saturating_sub(end);
        end += first_where(rest, |ahead| !begins(end + ahead));
        start..end
    }

    /// All suffixes that begin with a phrase; all there are when it is empty.
    pub(crate) fn range_of(&self, phrase: &[u32]) -> Range<usize> {
        match self.longest(phrase) {
            Some(longest) if longest.len == phrase.len() => self.range_around(phrase, longest),
            None if phrase.is_empty() => 0..self.minima.suffixes.len(),
            _ => 0..0,
        }
    }

    /// All suffixes that begin with a phrase and go on after it in the same document.
    pub(crate) fn continued(&self, phrase: &[u32]) -> Range<usize> {
        let range = self.range_of(phrase);
        // The separator is the lowest token: the phrases that end a document come first.
        let ends = first_where(range.len(), |ahead| {
            self.token_after(range.start + ahead, phrase.len())
                .is_some_and(|token| token != 0)
        });
        range.start + ends..range.end
    }

    /// The lowest position of a range of suffixes.
    pub(crate) fn lowest(&self, range: Range<usize>) -> Option<u32> {
        Some(self.minima.lowest(range)?.position)
    }

    /// The positions of a range of suffixes, in the order of their words.
    pub(crate) fn positions(self, range: Range<usize>) -> impl Iterator<Item = u32> + 'a {
        self.minima.suffixes.part(range).iter()
    }

    /// The positions of a range of suffixes, from the lowest on.
    pub(crate) fn ascending(&self, range: Range<usize>) -> Ascending<'_> {
        let first = self.minima.lowest(range.clone());
        let ranges = first.map(|lowest| LowestFirst { lowest, range });
        let ranges = BinaryHeap::from_iter(ranges);
        let minima = self.minima;
        Ascending { minima, ranges }
    }

    /// The first tokens of each suffix, `None` where the text ends before. A document's end is a 0 among them.
    pub(crate) fn phrases<const N: usize>(self) -> impl Iterator<Item = Option<[u32; N]>> + 'a {
        self.minima.suffixes.iter().map(move |position| {
            let position = position as usize;
            let mut tokens = self.text.part(position..position.checked_add(N)?).iter();
            let mut phrase = [0; N];
            for token in &mut phrase {
                *token = tokens.next()?;
            }
            Some(phrase)
        })
    }

    /// The token that stands so many words after a position.
    pub(crate) fn token_at(&self, position: u32, words: usize) -> Option<u32> {
        self.text.get((position as usize).checked_add(words)?)
    }

    fn token_after(&self, suffix: usize, words: usize) -> Option<u32> {
        self.token_at(self.minima.suffixes.get(suffix)?, words)
    }

    /// The suffixes that begin with a token.
    fn bucket(&self, token: u32) -> Range<usize> {
        let bound = |token: u32| {
            let bound = self.buckets.get(token as usize).unwrap_or(0) as usize;
            bound.min(self.minima.suffixes.len())
        };
        let end = bound(token);
        let start = token.checked_sub(1).map_or(0, bound);
        start.min(end)..end
    }

    /// How many words a suffix shares with a phrase, of which the first `shared` are known to be, and its order to the phrase.
    fn compare(&self, suffix: usize, phrase: &[u32], shared: usize) -> (usize, Ordering) {
        let position = self.minima.suffixes.get(suffix).map(|p| p as usize);
        let rest = position.and_then(|p| p.checked_add(shared));
        let rest = rest.map_or(U32s::new(&[]), |at| {
            self.text
                .part(at..self.text.len().min(at.saturating_add(phrase.len())))
        });
        let mut len = shared;
        for (found, wanted) in rest.iter().zip(phrase.get(shared..).unwrap_or_default()) {
            match found.cmp(wanted) {
                Ordering::Equal => len += 1,
                order => return (len, order),
            }
        }
        if len == phrase.len() {
            (len, Ordering::Equal)
        } else {
            (len, Ordering::Less)
        }
    }
}

/// The first of `count` numbers that fulfils a condition, `count` when none does. Those that do come after those that do not.
fn first_where(count: usize, condition: impl Fn(usize) -> bool) -> usize {
    let (mut start, mut end) = (0, count);
    while start < end {
        let middle = start + (end - start) / 2;
        if condition(middle) {
            end = middle;
        } else {
            start = middle + 1;
        }
    }
    start
}

/// See [`Index::ascending`]. Holds one range more for each position that it has given.
#[derive(Debug)]
pub(crate) struct Ascending<'a> {
    minima: Minima<'a>,
    ranges: BinaryHeap<LowestFirst>,
}

/// A range of suffixes by its lowest position, in the order that gives the lowest of all first.
#[derive(Debug, PartialEq, Eq)]
struct LowestFirst {
    lowest: Lowest,
    range: Range<usize>,
}

impl Ord for LowestFirst {
    fn cmp(&self, other: &Self) -> Ordering {
        other.lowest.cmp(&self.lowest)
    }
}

impl PartialOrd for LowestFirst {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Iterator for Ascending<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let LowestFirst { lowest, range } = self.ranges.pop()?;
        for range in [range.start..lowest.index, lowest.index + 1..range.end] {
            if let Some(lowest) = self.minima.lowest(range.clone()) {
                self.ranges.push(LowestFirst { lowest, range });
            }
        }
        Some(lowest.position)
    }
}

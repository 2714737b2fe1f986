//! An answer, cut into tiles that each name the document that its words stand in.
//!
//! From the first word on: when at least [`MIN_MATCH_WORDS`] words from here on stand in a row in one document of the corpus, the longest
//! such match is a tile, at most [`MAX_MATCH_WORDS`] long; of equally long ones it is the one in the document with the lowest sequence,
//! then at the lowest offset. Otherwise this word joins a GAP. The next tile begins where this one ends.
//!
//! What a tile is, is settled in this order:
//!
//! - **GAP**: words that no match begins at. A run of them is cut into tiles of [`MAX_MATCH_WORDS`] from its beginning; only its last
//!   one may be shorter. So there is one tiling of an answer and no other.
//! - **ECHO**: all words of the match stand in a row in the prompt as well. It earns nothing, so this comes before BOILER: whoever writes
//!   the prompt could else move pay to the training weights. A match that is one word longer than what the prompt has is no echo; it
//!   is not cut at the prompt's border, since a tile is the longest match or none.
//! - **BOILER**: each 8 words in a row within the match are in the model version's list ([`Boilerplate::covers`]). One that is not makes
//!   it a SPAN: a rare phrase that begins with a common one is still its author's.
//! - **SPAN**: any other match.
//!
//! Coverage is the words of all matches, ECHO and BOILER included, over the words of the answer. What each kind earns is the pay
//! rule's to say: [`Tiling::words_of`] counts each.

use crate::{
    Boilerplate, Corpus, Document, SegmentBuilder, WordId,
    corpus::{self, MAX_MATCH_WORDS, Match, Query, Text},
    leaf::{self, Leaf, MIN_MATCH_LEN},
    segment::{BuildError, Longest},
};
use std::sync::Arc;

/// Words of the shortest match that is a tile.
pub const MIN_MATCH_WORDS: usize = MIN_MATCH_LEN as usize;

pub use crate::leaf::TileKind;

/// Words of an answer, in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tile {
    /// Words of the answer before it.
    pub start: usize,
    /// At least 1, at most [`MAX_MATCH_WORDS`].
    pub len: usize,
    pub kind: TileKind,
    /// Where the words stand; as long as the tile. `None` for a GAP, and only for one.
    pub found: Option<Match>,
}

/// An answer in tiles: each begins where the one before it ends, the last one ends with the answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tiling {
    pub tiles: Vec<Tile>,
}

/// How much of an answer stands in the corpus, as a fraction: a share is never a float.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// Words in matches.
    pub matched: usize,
    /// Words of the answer.
    pub words: usize,
}

impl Tile {
    fn leaf(&self) -> Option<leaf::Tile> {
        let (seq, offset) = match self.found {
            Some(found) => (found.seq, u16::try_from(found.offset).ok()?),
            None => (0, 0),
        };
        let leaf = leaf::Tile {
            start: u32::try_from(self.start).ok()?,
            len: u8::try_from(self.len).ok()?,
            kind: self.kind,
            seq,
            offset,
        };
        leaf.check().is_ok().then_some(leaf)
    }
}

impl Tiling {
    /// Words of the answer.
    pub fn words(&self) -> usize {
        self.tiles.iter().map(|tile| tile.len).sum()
    }

    /// The tiles as the tree of a tiling holds them. `None` when one is out of range: only a damaged segment, or an answer of 2^32 words
    /// or more, makes such.
    pub fn leaves(&self) -> Option<Vec<leaf::Tile>> {
        self.tiles.iter().map(Tile::leaf).collect()
    }

    /// Words in tiles of a kind.
    pub fn words_of(&self, kind: TileKind) -> usize {
        let tiles = self.tiles.iter().filter(|tile| tile.kind == kind);
        tiles.map(|tile| tile.len).sum()
    }

    pub fn coverage(&self) -> Coverage {
        let words = self.words();
        let matched = words - self.words_of(TileKind::Gap);
        Coverage { matched, words }
    }
}

/// The prompt of an answer, searchable.
#[derive(Debug)]
pub struct Prompt(Corpus);

impl Prompt {
    /// # Errors
    /// When it has more words than a segment can hold, or memory ran out.
    pub fn new(words: &[WordId]) -> Result<Self, BuildError> {
        let mut builder = SegmentBuilder::new();
        builder.push_unlimited(Document {
            seq: 0,
            root_seq: 0,
            words,
        })?;
        let segment = Arc::new(builder.into_segment()?);
        Ok(Self(
            Corpus::new(vec![segment]).expect("one document is in one segment"),
        ))
    }
}

/// The tiling of an answer. It depends on the corpus's documents, not on how they are divided into segments.
pub fn tile(
    corpus: &Corpus,
    answer: &[WordId],
    prompt: &Prompt,
    boilerplate: &Boilerplate,
) -> Tiling {
    let query = corpus.query(answer);
    let mut matches = Matches::new(&query);
    let echoes = prompt.0.query(answer);
    let mut tiles = Vec::new();
    let mut start = 0;
    while start < answer.len() {
        let Some((at, found)) = matches.next(start) else {
            push_gap(&mut tiles, start, answer.len());
            break;
        };
        push_gap(&mut tiles, start, at);
        let len = found.len;
        let kind = if echoes.longest_len(at) >= len {
            TileKind::Echo
        } else if boilerplate.covers(&answer[at..at + len]) {
            TileKind::Boiler
        } else {
            TileKind::Span
        };
        tiles.push(Tile {
            start: at,
            len,
            kind,
            found: Some(found),
        });
        start = at + len;
    }
    Tiling { tiles }
}

fn push_gap(tiles: &mut Vec<Tile>, start: usize, end: usize) {
    tiles.extend((start..end).step_by(MAX_MATCH_WORDS).map(|start| Tile {
        start,
        len: MAX_MATCH_WORDS.min(end - start),
        kind: TileKind::Gap,
        found: None,
    }));
}

/// Finds the matches of an answer, from left to right.
struct Matches<'a> {
    /// One for each segment. They advance on their own: a segment that lacks a word, as small ones do, passes over it at once.
    cursors: Vec<Cursor<'a>>,
}

impl<'a> Matches<'a> {
    fn new(query: &'a Query<'_>) -> Self {
        let cursors = query.texts().iter().map(Cursor::new).collect();
        Self { cursors }
    }

    /// The first word at `start` or later that a match of at least [`MIN_MATCH_WORDS`] words begins at, and the longest match there.
    fn next(&mut self, mut start: usize) -> Option<(usize, Match)> {
        loop {
            let mut first = usize::MAX;
            for cursor in &mut self.cursors {
                // No segment is searched further than to the first match that another has.
                if cursor.advance(start, first).is_some() {
                    first = first.min(cursor.start);
                }
            }
            let here = self.cursors.iter().filter(|cursor| cursor.start == first);
            let found = here.filter_map(|cursor| Some((cursor.text, cursor.found?)));
            let found = Vec::from_iter(found);
            if found.is_empty() {
                return None;
            }
            if let Some(found) = corpus::earliest(first, &found) {
                return Some((first, found));
            }
            // Only a damaged segment finds words and then no place for them.
            start = first + 1;
        }
    }
}

/// How far one segment was searched.
struct Cursor<'a> {
    text: &'a Text<'a>,
    /// No match begins before it.
    start: usize,
    /// The longest match at `start`, when it is long enough for a tile.
    found: Option<Longest>,
    /// Of the last words that were asked for the longest match, each in the place of its number's remainder.
    asked: [Option<(usize, Option<Longest>)>; MIN_MATCH_WORDS],
}

impl<'a> Cursor<'a> {
    fn new(text: &'a Text<'_>) -> Self {
        Self {
            text,
            start: 0,
            found: None,
            asked: [None; MIN_MATCH_WORDS],
        }
    }

    /// Goes to the first match that begins at `from` or later, or past `last` when none begins up to there.
    ///
    /// Most words of a GAP are passed over without a search. When some of the next [`MIN_MATCH_WORDS`] words stand nowhere in a row, no
    /// match that long begins at any word up to the first of them. So a word ahead is asked first, as in Boyer and Moore's search:
    /// whether the segment has the word, then whether it may have the four words from there on, then for the longest match there.
    fn advance(&mut self, from: usize, last: usize) -> Option<Longest> {
        if self.start < from {
            self.start = from;
            self.found = None;
        }
        'words: while self.found.is_none() && self.start <= last {
            let next = self.text.tokens().get(self.start..)?;
            let next = next.first_chunk::<MIN_MATCH_WORDS>()?;
            if let Some(unknown) = next.iter().rposition(|token| *token == 0) {
                self.start += unknown + 1;
                continue;
            }
            // The last four words of the next eight, then those before: none of them may be absent from a match that begins here.
            for ahead in [4, 2, 0] {
                if !self.text.may_hold(self.start + ahead) {
                    self.start += ahead + 1;
                    continue 'words;
                }
            }
            let mut longest = None;
            for ahead in [4, 2, 0] {
                longest = self.longest(self.start + ahead);
                if ahead + longest.map_or(0, |longest| longest.len) < MIN_MATCH_WORDS {
                    self.start += ahead + 1;
                    continue 'words;
                }
            }
            self.found = longest;
        }
        self.found
    }

    /// The longest match at a word, asked for once.
    fn longest(&mut self, at: usize) -> Option<Longest> {
        let asked = &mut self.asked[at % MIN_MATCH_WORDS];
        match asked {
            Some((word, longest)) if *word == at => *longest,
            _ => {
                let longest = self.text.longest(at);
                *asked = Some((at, longest));
                longest
            }
        }
    }
}

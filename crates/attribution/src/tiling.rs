//! An answer, cut into tiles that each name the document that its words stand in.
//!
//! The tile that begins at a word is the first of these that there is:
//!
//! 1. **ECHO**: the longest run of at least [`MIN_MATCH_WORDS`] words from here on that stands in the prompt, at its first place there. It
//!    earns nothing and comes before all others, wherever it begins: whoever writes the prompt could else move pay.
//! 2. The words that go on in the prompt behind a full ECHO of [`MAX_MATCH_WORDS`], fewer than a run has.
//! 3. **SPAN** or **BOILER**: the longest run of at least [`MIN_MATCH_WORDS`] words from here to the next ECHO that stands in one document of
//!    the corpus, at most [`MAX_MATCH_WORDS`] long; of equally long ones it is the one in the document with the lowest sequence, then at the
//!    lowest offset. It is BOILER when each 8 words in a row of it are in the model version's list ([`Boilerplate::covers`]): a rare phrase
//!    that begins with a common one is still its author's.
//! 4. The words that go on in the same document behind a full one of these, fewer than a match has.
//! 5. **GAP**: the words up to the next tile of another kind. A run of them is cut into tiles of [`MAX_MATCH_WORDS`] from its beginning; only
//!    its last one may be shorter. So there is one tiling of an answer and no other.
//!
//! Coverage is the words that stand in documents, of spans and boilerplate, over the words of the answer. What each kind earns is the pay
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
    pub place: Place,
}

/// Where the words of a tile stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// Of a GAP.
    Nowhere,
    /// Of an ECHO: so many words after the prompt's first.
    Prompt(u32),
    /// Of a SPAN or BOILER; as long as the tile.
    Document(Match),
}

/// An answer in tiles: each begins where the one before it ends, the last one ends with the answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tiling {
    pub tiles: Vec<Tile>,
}

/// How much of an answer stands in the corpus, as a fraction: a share is never a float.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// Words of spans and boilerplate.
    pub matched: usize,
    /// Words of the answer.
    pub words: usize,
}

impl Tile {
    fn leaf(&self) -> Option<leaf::Tile> {
        let (seq, offset) = match self.place {
            Place::Nowhere => (0, 0),
            Place::Prompt(place) => (place.into(), 0),
            Place::Document(found) => (found.seq, u16::try_from(found.offset).ok()?),
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
        let matched = self.words_of(TileKind::Span) + self.words_of(TileKind::Boiler);
        Coverage { matched, words }
    }
}

/// The prompt of an answer, searchable.
#[derive(Debug)]
pub struct Prompt {
    words: Vec<WordId>,
    /// With the prompt as its one document.
    corpus: Corpus,
}

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
        Ok(Self {
            words: words.to_vec(),
            corpus: Corpus::new(vec![segment]).expect("one document is in one segment"),
        })
    }

    /// For each word of an answer the run that an ECHO from there on is: how many words, and where they stand here. `None` where none begins.
    pub(crate) fn echoes(&self, answer: &[WordId]) -> Vec<Option<(usize, u32)>> {
        let query = self.corpus.query(answer);
        let run = |start| {
            let found = query.longest_match(start)?;
            (found.len >= MIN_MATCH_WORDS).then_some((found.len, found.offset))
        };
        (0..answer.len()).map(run).collect()
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
    let echoes = prompt.corpus.query(answer);
    let mut echoes = Matches::new(&echoes);
    let mut tiles: Vec<Tile> = Vec::new();
    let mut start = 0;
    let mut echo = echoes.next(0, answer.len());
    while start < answer.len() {
        if echo.is_some_and(|(at, _)| at < start) {
            echo = echoes.next(start, answer.len());
        }
        // Where the next echo begins, or the answer ends.
        let end = echo.map_or(answer.len(), |(at, _)| at);
        let full = tiles.last().filter(|tile| tile.len == MAX_MATCH_WORDS);
        let full = full.map(|tile| (tile.kind, tile.place));
        let goes_on = |words: &[WordId], offset: u32, end: usize| {
            let behind = words.get(offset as usize + MAX_MATCH_WORDS..);
            let rest = &answer[start..end.min(start + MIN_MATCH_WORDS - 1)];
            let pairs = rest.iter().zip(behind.unwrap_or_default());
            pairs.take_while(|(one, other)| one == other).count()
        };
        let tile = |len, kind, place| Tile {
            start,
            len,
            kind,
            place,
        };
        let next = if let Some((_, found)) = echo.filter(|(at, _)| *at == start) {
            tile(found.len, TileKind::Echo, Place::Prompt(found.offset))
        } else if let Some((TileKind::Echo, Place::Prompt(before))) = full
            && let len @ 1.. = goes_on(&prompt.words, before, answer.len())
        {
            let place = Place::Prompt(before + MAX_MATCH_WORDS as u32);
            tile(len, TileKind::Echo, place)
        } else {
            let found = matches.next(start, end);
            match (found, full) {
                (Some((at, found)), _) if at == start => {
                    let kind = match boilerplate.covers(&answer[start..start + found.len]) {
                        true => TileKind::Boiler,
                        false => TileKind::Span,
                    };
                    tile(found.len, kind, Place::Document(found))
                }
                (_, Some((kind, Place::Document(before))))
                    if let Some((root_seq, words)) = corpus.document(before.seq)
                        && let len @ 1.. = goes_on(&words, before.offset, end) =>
                {
                    let found = Match {
                        len,
                        seq: before.seq,
                        root_seq,
                        offset: before.offset + MAX_MATCH_WORDS as u32,
                    };
                    tile(len, kind, Place::Document(found))
                }
                _ => {
                    let next = found.map_or(end, |(at, _)| at);
                    push_gap(&mut tiles, start, next);
                    start = next;
                    continue;
                }
            }
        };
        start += next.len;
        tiles.push(next);
    }
    Tiling { tiles }
}

fn push_gap(tiles: &mut Vec<Tile>, start: usize, end: usize) {
    tiles.extend((start..end).step_by(MAX_MATCH_WORDS).map(|start| Tile {
        start,
        len: MAX_MATCH_WORDS.min(end - start),
        kind: TileKind::Gap,
        place: Place::Nowhere,
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

    /// The first word at `start` or later that a match of at least [`MIN_MATCH_WORDS`] words begins at, and the longest match there, none of
    /// it beyond `end`.
    fn next(&mut self, mut start: usize, end: usize) -> Option<(usize, Match)> {
        while start + MIN_MATCH_WORDS <= end {
            let mut first = end - MIN_MATCH_WORDS;
            let mut any = false;
            for cursor in &mut self.cursors {
                // No segment is searched further than to the first match that another has.
                if cursor.advance(start, first).is_some() && cursor.start <= first {
                    first = cursor.start;
                    any = true;
                }
            }
            if !any {
                return None;
            }
            let here = self.cursors.iter().filter(|cursor| cursor.start == first);
            let found = here.filter_map(|cursor| Some((cursor.text, cursor.found?)));
            if let Some(found) = corpus::earliest(first, end - first, &Vec::from_iter(found)) {
                return Some((first, found));
            }
            // Only a damaged segment finds words and then no place for them.
            start = first + 1;
        }
        None
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

//! What was asked and paid for, and where its words come from.

use super::field::{fields, one_of};
use super::{Leaf, LeafError, MAX_DOCUMENT_LEN, Summed};
use alloy_primitives::{Address, B256};
use std::ops::Range;

/// Fewest words of a match.
pub const MIN_MATCH_LEN: u8 = 8;

/// Most words of a tile; a longer match or gap is several tiles. A dispute opens at most three chunks of each side then.
pub const MAX_TILE_LEN: u8 = 64;

/// Who may read an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Visibility {
    /// Nobody but its payer. Pays by training weight alone.
    Sealed,
    /// Everybody.
    Public,
}

one_of!(Visibility, "visibility", Sealed, Public);

/// A paid answer. The chain holds the hash of each, or the root of several redeemed at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its place among all answers, from zero on.
    pub i: u64,
    /// The model version's id.
    pub model_version: u64,
    /// Who paid.
    pub payer: Address,
    /// What was paid, in wei.
    pub fee: u128,
    /// Tokens read, as the gateway claims.
    pub tokens_in: u32,
    /// Tokens written, as the gateway claims.
    pub tokens_out: u32,
    /// Who may read it.
    pub visibility: Visibility,
    /// Of what it was given, see [`Context`](super::Context).
    pub context_root: B256,
    /// Root of the output's chunks.
    pub output_root: B256,
    /// Words of the output.
    pub words: u32,
}

fields!(
    Answer, b'R',
    i: u64,
    model_version: u64,
    payer: Address,
    fee: u128,
    tokens_in: u32,
    tokens_out: u32,
    visibility: Visibility,
    context_root: B256,
    output_root: B256,
    words: u32,
);

impl Leaf for Answer {}

/// What is said of a run of an output's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TileKind {
    /// They stand in a document, which earns.
    Span,
    /// No match begins at any of them.
    Gap,
    /// They stand in the prompt.
    Echo,
    /// They stand in a document, and in the boilerplate list.
    Boiler,
}

one_of!(TileKind, "kind", Span, Gap, Echo, Boiler);

/// A run of an output's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tile {
    /// Its first word in the output.
    pub start: u32,
    /// Its words: 1 to [`MAX_TILE_LEN`].
    pub len: u8,
    /// What is said of it.
    pub kind: TileKind,
    /// Of a span or boilerplate the document with the match, of an echo its first word's place in the prompt; zero for a gap.
    pub seq: u64,
    /// Of a span or boilerplate the match's first word in the document, which holds all of it; else zero.
    pub offset: u16,
}

fields!(Tile, b'T', start: u32, len: u8, kind: TileKind, seq: u64, offset: u16);

impl Leaf for Tile {
    fn check(&self) -> Result<(), LeafError> {
        if !(1..=MAX_TILE_LEN).contains(&self.len) {
            return Err(LeafError::Range("len"));
        }
        if self.start.checked_add(self.len.into()).is_none() {
            return Err(LeafError::Range("start"));
        }
        let len = u64::from(self.len);
        let (seq, offset) = match self.kind {
            TileKind::Gap => (0, 0),
            TileKind::Echo => ((1 << 32) - len, 0),
            TileKind::Span | TileKind::Boiler => (u64::MAX, MAX_DOCUMENT_LEN - u16::from(self.len)),
        };
        if self.seq > seq {
            return Err(LeafError::Range("seq"));
        }
        match self.offset <= offset {
            true => Ok(()),
            false => Err(LeafError::Range("offset")),
        }
    }
}

impl Tile {
    /// Whether it stands in a document.
    pub fn is_match(&self) -> bool {
        matches!(self.kind, TileKind::Span | TileKind::Boiler)
    }

    /// Whether what it names may go on in a tile of fewer than [`MIN_MATCH_LEN`] words.
    pub fn is_full(&self) -> bool {
        self.kind != TileKind::Gap && self.len == MAX_TILE_LEN
    }

    /// Whether it has fewer words than what begins anew.
    pub fn is_short(&self) -> bool {
        self.kind != TileKind::Gap && self.len < MIN_MATCH_LEN
    }

    /// Whether `next` is what comes behind it where it stands: in the prompt, or in its document.
    pub fn goes_on_in(&self, next: &Self) -> bool {
        let behind = match self.kind {
            TileKind::Gap => false,
            TileKind::Echo => self.seq.checked_add(self.len.into()) == Some(next.seq),
            TileKind::Span | TileKind::Boiler => {
                next.seq == self.seq
                    && self.offset.checked_add(self.len.into()) == Some(next.offset)
            }
        };
        self.is_full() && self.kind == next.kind && behind
    }

    /// Where it ends, in range or not.
    pub(crate) fn end(&self) -> u64 {
        u64::from(self.start) + u64::from(self.len)
    }

    /// Its words in the output, when it is in range.
    pub(crate) fn range(&self) -> Range<u32> {
        self.start..self.start.saturating_add(self.len.into())
    }

    /// Words that earn: all of a span, none of the others.
    pub fn weight(&self) -> u64 {
        match self.kind {
            TileKind::Span => self.len.into(),
            _ => 0,
        }
    }
}

impl Summed for Tile {
    /// The words in the upper 64 bits, those that earn in the lower: one tree adds up both, and neither reaches 2^64, since an
    /// output has fewer than 2^32 words.
    fn sum(&self) -> u128 {
        u128::from(self.len) << 64 | u128::from(self.weight())
    }
}

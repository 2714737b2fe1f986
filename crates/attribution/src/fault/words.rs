//! F2, F3 and F4: where the words of a tile stand.

use super::{NotAFault, same, wrong};
use crate::{
    leaf::{MAX_TILE_LEN, MIN_MATCH_LEN, TileKind},
    opening::{AnswerOpening, Chain, SourceOpening, TileOpening, WordsOpening},
};
use std::ops::Range;

/// F2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WordsFault {
    /// The word so many words after the tile's first is another one than the document's there.
    Differ {
        /// The tile.
        tile: TileOpening,
        /// Its document.
        source: SourceOpening,
        /// Words of the tile before it.
        at: u8,
        /// The output's chunk with it.
        output: WordsOpening,
        /// The document's.
        text: WordsOpening,
    },
    /// The document ends before the tile does.
    Beyond(TileOpening, SourceOpening),
}

impl WordsFault {
    pub(super) fn verify(
        &self,
        chain: &impl Chain,
        opening: &AnswerOpening,
    ) -> Result<(), NotAFault> {
        let (Self::Differ { tile, source, .. } | Self::Beyond(tile, source)) = self;
        tile.verify(&opening.row)?;
        source.verify(chain, opening.answer.model_version)?;
        let (tile, document) = (&tile.tile, source.document());
        let named = tile.is_match() && tile.seq == document.seq;
        same(named, "the document")?;
        match self {
            Self::Beyond(..) => {
                wrong(u32::from(tile.offset) + u32::from(tile.len) > u32::from(document.words))
            }
            Self::Differ {
                at, output, text, ..
            } => {
                same(*at < tile.len, "the word")?;
                let answer = &opening.answer;
                let said = output.verify(
                    answer.output_root,
                    Some(answer.words),
                    one(u64::from(tile.start) + u64::from(*at)),
                )?;
                let found = text.verify(
                    document.chunk_root,
                    Some(document.words.into()),
                    one(u64::from(tile.offset) + u64::from(*at)),
                )?;
                wrong(said != found)
            }
        }
    }
}

/// F3 and F4: words of the output that stand in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchFault {
    /// The tile that should have been this match; or a gap, in which no match may begin.
    pub tile: TileOpening,
    /// Of a longer one, those behind it that it reaches into: none may be an echo, which would end it.
    pub next: Vec<TileOpening>,
    /// The match's first word in the output: the tile's, or any of a gap.
    pub start: u32,
    /// Its words.
    pub len: u8,
    /// The document.
    pub source: SourceOpening,
    /// Its first word there.
    pub offset: u16,
    /// The output's chunks with it.
    pub output: WordsOpening,
    /// The document's.
    pub text: WordsOpening,
}

impl MatchFault {
    /// Whether it is longer than the tile, or in a gap.
    pub fn is_longer(&self) -> bool {
        is_longer(&self.tile, self.len)
    }

    pub(super) fn verify(
        &self,
        chain: &impl Chain,
        opening: &AnswerOpening,
    ) -> Result<(), NotAFault> {
        self.tile.verify(&opening.row)?;
        self.source.verify(chain, opening.answer.model_version)?;
        let (tile, document) = (&self.tile.tile, self.source.document());
        let its = tile.is_match() && (document.seq, self.offset) == (tile.seq, tile.offset);
        let long = match its {
            // What goes on may do so by one word.
            true => 1..=MAX_TILE_LEN,
            false => MIN_MATCH_LEN..=MAX_TILE_LEN,
        };
        same(long.contains(&self.len), "a match of this length")?;
        let within = match tile.kind {
            TileKind::Gap => (tile.start.into()..tile.end()).contains(&self.start.into()),
            TileKind::Echo => false,
            _ => self.start == tile.start,
        };
        same(within, "the match")?;
        self.reach(opening)?;
        let range = |start: u32| start..start.saturating_add(self.len.into());
        let answer = &opening.answer;
        let said = self
            .output
            .verify(answer.output_root, Some(answer.words), range(self.start))?;
        let found = self.text.verify(
            document.chunk_root,
            Some(document.words.into()),
            range(self.offset.into()),
        )?;
        same(said == found, "the match")?;
        let first = self.len == tile.len && (document.seq, self.offset) < (tile.seq, tile.offset);
        wrong(self.is_longer() || first)
    }

    /// Checks that the tiles behind are those that the match reaches into, and no more, and that none of them is an echo.
    fn reach(&self, opening: &AnswerOpening) -> Result<(), NotAFault> {
        let end = u64::from(self.start) + u64::from(self.len);
        let (mut at, mut index) = (self.tile.tile.end(), self.tile.proof.index);
        for next in &self.next {
            next.verify(&opening.row)?;
            index += 1;
            let begins = next.proof.index == index && u64::from(next.tile.start) == at && at < end;
            same(begins, "the next tile")?;
            same(next.tile.kind != TileKind::Echo, "the match")?;
            at = next.tile.end();
        }
        same(at >= end, "the next tile")
    }
}

/// F3: a match of more than a full tile that does not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoesOnFault {
    /// A full span, or boilerplate.
    pub left: TileOpening,
    /// The gap behind it.
    pub right: TileOpening,
    /// The document.
    pub source: SourceOpening,
    /// The output's chunk with the gap's first word.
    pub output: WordsOpening,
    /// The document's, with the word behind the match.
    pub text: WordsOpening,
}

impl GoesOnFault {
    pub(super) fn verify(
        &self,
        chain: &impl Chain,
        opening: &AnswerOpening,
    ) -> Result<(), NotAFault> {
        behind(&self.left, &self.right, opening)?;
        self.source.verify(chain, opening.answer.model_version)?;
        let (left, right, document) = (&self.left.tile, &self.right.tile, self.source.document());
        let named = left.is_match() && left.is_full() && left.seq == document.seq;
        same(named, "the document")?;
        same(right.kind == TileKind::Gap, "the tile")?;
        let answer = &opening.answer;
        let said = self.output.verify(
            answer.output_root,
            Some(answer.words),
            one(right.start.into()),
        )?;
        let found = self.text.verify(
            document.chunk_root,
            Some(document.words.into()),
            one(u64::from(left.offset) + u64::from(left.len)),
        )?;
        wrong(said == found)
    }
}

/// Checks two tiles of an answer, of which the second follows on the first.
pub(super) fn behind(
    left: &TileOpening,
    right: &TileOpening,
    opening: &AnswerOpening,
) -> Result<(), NotAFault> {
    left.verify(&opening.row)?;
    right.verify(&opening.row)?;
    same(left.proof.index + 1 == right.proof.index, "the tile")
}

/// One word. What is beyond all words is no word of any text.
pub(super) fn one(at: u64) -> Range<u32> {
    let at = u32::try_from(at).unwrap_or(u32::MAX);
    at..at.saturating_add(1)
}

/// Whether a match of so many words is longer than the tile, or in a gap.
pub(crate) fn is_longer(tile: &TileOpening, len: u8) -> bool {
    tile.tile.kind == TileKind::Gap || len > tile.tile.len
}

//! F2, F3 and F4: where the words of a tile stand.

use super::{NotAFault, same, wrong};
use crate::{
    leaf::{MAX_TILE_LEN, MIN_MATCH_LEN, TileKind},
    opening::{AnswerOpening, Chain, SourceOpening, TileOpening, WordsOpening},
};

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
        let named = tile.kind != TileKind::Gap && tile.seq == document.seq;
        same(named, "the document")?;
        match self {
            Self::Beyond(..) => {
                wrong(u32::from(tile.offset) + u32::from(tile.len) > u32::from(document.words))
            }
            Self::Differ {
                at, output, text, ..
            } => {
                same(*at < tile.len, "the word")?;
                let one = |at: u32| at..at + 1;
                let answer = &opening.answer;
                let said = output.verify(
                    answer.output_root,
                    Some(answer.words),
                    one(tile.start + u32::from(*at)),
                )?;
                let found = text.verify(
                    document.chunk_root,
                    Some(document.words.into()),
                    one(u32::from(tile.offset) + u32::from(*at)),
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
        same(
            (MIN_MATCH_LEN..=MAX_TILE_LEN).contains(&self.len),
            "a match of this length",
        )?;
        let within = match tile.kind {
            TileKind::Gap => {
                (tile.start..tile.start.saturating_add(tile.len.into())).contains(&self.start)
            }
            _ => self.start == tile.start,
        };
        same(within, "the match")?;
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
}

/// Whether a match of so many words is longer than the tile, or in a gap.
pub(crate) fn is_longer(tile: &TileOpening, len: u8) -> bool {
    tile.tile.kind == TileKind::Gap || len > tile.tile.len
}

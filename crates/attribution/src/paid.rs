//! What a tile, or a document that was retrieved, brings, and to whom.

use crate::{
    EpochRoots,
    fault::{NotAFault, same},
    leaf::{Context, TileKind},
    opening::{AnswerOpening, Chain, OpeningError, SourceOpening, TileOpening},
    pay,
    sketch::Band,
};
use serde::{Deserialize, Serialize};

/// An earning as the rules have it, and all that it follows from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::large_enum_variant)]
pub enum PaidPart {
    /// Of a span.
    Tile(TilePart),
    /// Of what was retrieved.
    Item(ItemPart),
}

/// A span's earning: the tile and its document, which names the one whose contributor is paid where that is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TilePart {
    /// The answer.
    pub answer: AnswerOpening,
    /// What it was given.
    pub context: Context,
    /// The tile.
    pub tile: TileOpening,
    /// Its document.
    pub source: SourceOpening,
    /// See [`pay::Part::hop`].
    pub hop: u8,
}

/// The earning of an item of the context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ItemPart {
    /// The answer.
    pub answer: AnswerOpening,
    /// What it was given.
    pub context: Context,
    /// The item's place in the context.
    pub item: u8,
}

/// What is earned, and whose it is. Nothing is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) contributor: u64,
    pub(crate) amount: u128,
}

impl PaidPart {
    /// The answer.
    pub fn answer(&self) -> &AnswerOpening {
        let (Self::Tile(TilePart { answer, .. }) | Self::Item(ItemPart { answer, .. })) = self;
        answer
    }

    pub(crate) fn key(&self) -> (u64, u32, u8) {
        let i = self.answer().answer.i;
        match self {
            Self::Tile(part) => (i, part.tile.proof.index as u32, part.hop),
            // Beyond all numbers of tiles there is no earning, whatever is said of it.
            Self::Item(part) => (i, item_number(part.answer.row.tiles, part.item.into()), 0),
        }
    }

    /// What the rules make of it.
    pub(crate) fn expected(
        &self,
        chain: &impl Chain,
        roots: &EpochRoots,
    ) -> Result<Expected, NotAFault> {
        self.answer().verify(chain, roots)?;
        match self {
            Self::Tile(part) => part.expected(chain),
            Self::Item(part) => part.expected(chain),
        }
    }
}

/// What an item's earning has in place of a tile.
pub(crate) fn item_number(tiles: u32, item: usize) -> u32 {
    let item = u32::try_from(item).unwrap_or(u32::MAX);
    tiles.saturating_add(item)
}

impl TilePart {
    /// The document whose contributor is paid, by its sequence: the tile's, its parent, or its root.
    pub fn paid(&self) -> u64 {
        let document = self.source.document();
        match (Band::of(document.contain_bps), self.hop) {
            (Band::Held, 0) => document.root_seq,
            (Band::Derivative, 1) => document.parent_seq,
            _ => document.seq,
        }
    }

    fn expected(&self, chain: &impl Chain) -> Result<Expected, NotAFault> {
        let answer = &self.answer;
        let pool = answer.data_pool(chain, &self.context)?;
        let before = self.tile.verify(&answer.row)?;
        let tile = &self.tile.tile;
        same(tile.kind == TileKind::Span, "the tile")?;
        self.source.verify(chain, answer.answer.model_version)?;
        let document = self.source.document();
        same(tile.seq == document.seq, "the document")?;
        let amount = pool.tile(before, tile.weight());
        let part = pay::parts(document, amount).find(|part| part.hop == self.hop);
        let Some(part) = part else {
            return Ok(Expected {
                contributor: document.contributor,
                amount: 0,
            });
        };
        let payee = part.payee(document, |commit_seq| chain.contributor_of(commit_seq));
        Ok(Expected {
            contributor: payee.ok_or(OpeningError::Unknown("the paid contribution"))?,
            amount: part.amount,
        })
    }
}

impl ItemPart {
    fn expected(&self, chain: &impl Chain) -> Result<Expected, NotAFault> {
        let pool = self.answer.data_pool(chain, &self.context)?;
        let at = usize::from(self.item);
        let item = pool.items().get(at).ok_or(NotAFault::Other("the item"))?;
        Ok(Expected {
            contributor: item.contributor,
            amount: pool.item(at),
        })
    }
}

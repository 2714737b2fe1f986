//! F1: whether the tiles are the words.

use super::{NotAFault, same, wrong};
use crate::{
    leaf::{MAX_TILE_LEN, Tile, TileKind},
    opening::{AnswerOpening, TileOpening},
    pay,
    tree::SumTop,
};

/// F1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TilingFault {
    /// The first tile does not begin with the first word.
    First(TileOpening),
    /// A tile does not begin where the one before ends; or a gap goes on in a second tile before the first one is full, so that one gap
    /// would have several tilings.
    Apart(TileOpening, TileOpening),
    /// The last tile does not end with the last word.
    Last(TileOpening),
    /// There are tiles and must be none, or the other way round.
    Count,
    /// There are more or fewer than the row says.
    Tiles(SumTop),
}

impl TilingFault {
    pub(super) fn verify(&self, opening: &AnswerOpening) -> Result<(), NotAFault> {
        let row = &opening.row;
        let words = u64::from(pay::tiled_words(&opening.answer));
        let end = |tile: &Tile| u64::from(tile.start) + u64::from(tile.len);
        match self {
            Self::First(first) => {
                first.verify(row)?;
                same(first.proof.index == 0, "the tile")?;
                wrong(first.tile.start != 0)
            }
            Self::Apart(left, right) => {
                left.verify(row)?;
                right.verify(row)?;
                same(left.proof.index + 1 == right.proof.index, "the tile")?;
                let (left, right) = (&left.tile, &right.tile);
                let gaps = [left, right].map(|tile| tile.kind) == [TileKind::Gap; 2];
                wrong(end(left) != right.start.into() || gaps && left.len != MAX_TILE_LEN)
            }
            Self::Last(last) => {
                last.verify(row)?;
                same(last.proof.index + 1 == last.proof.count, "the tile")?;
                wrong(end(&last.tile) != words)
            }
            Self::Count => wrong((row.tiles == 0) != (words == 0)),
            Self::Tiles(top) => {
                top.verify(row.tiling_root)
                    .ok_or(NotAFault::Other("the top"))?;
                wrong(top.count != u64::from(row.tiles))
            }
        }
    }
}

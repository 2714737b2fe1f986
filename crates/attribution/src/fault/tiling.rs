//! F1: whether the tiles are the words.

use super::{NotAFault, same, words::behind, wrong};
use crate::{
    leaf::{MAX_TILE_LEN, Tile, TileKind},
    opening::{AnswerOpening, Chain, TileOpening},
    tree::SumTop,
};

/// F1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TilingFault {
    /// The first tile does not begin with the first word, or is short.
    First(TileOpening),
    /// A tile does not begin where the one before ends; or a gap goes on in a second tile before the first one is full, so that one gap
    /// would have several tilings; or it is short and does not go on with the one before.
    Apart(TileOpening, TileOpening),
    /// The last tile does not end with the last word.
    Last(TileOpening),
    /// There are tiles and must be none, or the other way round.
    Count,
    /// There are more or fewer than the row says.
    Tiles(SumTop),
}

impl TilingFault {
    pub(super) fn verify(
        &self,
        chain: &impl Chain,
        opening: &AnswerOpening,
    ) -> Result<(), NotAFault> {
        let row = &opening.row;
        let words = match opening.is_open(chain) {
            true => u64::from(opening.answer.words),
            false => 0,
        };
        match self {
            Self::First(first) => {
                first.verify(row)?;
                same(first.proof.index == 0, "the tile")?;
                wrong(first.tile.start != 0 || first.tile.is_short())
            }
            Self::Apart(left, right) => {
                behind(left, right, opening)?;
                wrong(are_apart(&left.tile, &right.tile))
            }
            Self::Last(last) => {
                last.verify(row)?;
                same(last.proof.index + 1 == last.proof.count, "the tile")?;
                wrong(last.tile.end() != words)
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

/// Whether two tiles in a row can not be so.
pub(crate) fn are_apart(left: &Tile, right: &Tile) -> bool {
    let gaps = [left, right].map(|tile| tile.kind) == [TileKind::Gap; 2];
    left.end() != right.start.into()
        || gaps && left.len != MAX_TILE_LEN
        || right.is_short() && !left.goes_on_in(right)
}

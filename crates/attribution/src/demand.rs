//! What may be asked of an epoch's poster, and whether a response answers it: F0, the one fault that no proof shows.
//!
//! Who posts an epoch publishes its rows, texts are published by others, and nobody can make them. So each part of an epoch may be
//! demanded on the chain, with the document or phrase that a tile rests on; what is not shown in time is withheld. A response shows
//! bytes as they stand in the epoch's trees, whether or not they are right: what is wrong is a fault that is proven by what was shown.
//! Of an epoch that follows the rules there is a response to every demand.

mod respond;
mod response;

pub use respond::respond;
pub use response::{CorpusOpening, PhraseOpening, PlaceOpening, Response, RowOpening};

use crate::{
    EpochRoots,
    leaf::{CHUNK_LEN, Chunk, Fields, MAX_DOCUMENT_LEN, MAX_TILE_LEN, MIN_MATCH_LEN},
    opening::{Chain, OpeningError},
    tree::ProofError,
};

/// Most bytes that are shown as a leaf: those of the longest one. What is longer might not fit into a proof that it is none.
pub const MAX_LEAF_LEN: usize = <Chunk as Fields>::LEN;

/// Most chunks of a document.
const MAX_CHUNKS: u8 = (MAX_DOCUMENT_LEN as usize / CHUNK_LEN) as u8;

/// A part of an epoch that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Demand {
    /// An answer's row.
    Answer {
        /// The answer's place among all.
        i: u64,
    },
    /// A tile.
    Tile {
        /// The answer.
        i: u64,
        /// The tile's place in it.
        tile: u32,
    },
    /// The document that a tile names.
    Source {
        /// The answer.
        i: u64,
        /// The tile's place in it.
        tile: u32,
    },
    /// A chunk of this document, with words of the tile.
    Chunk {
        /// The answer.
        i: u64,
        /// The tile's place in it.
        tile: u32,
        /// The chunk's place in the document.
        chunk: u8,
    },
    /// The entry of the boilerplate for a phrase of a tile.
    Phrase {
        /// The answer.
        i: u64,
        /// The tile's place in it.
        tile: u32,
        /// Words of the tile before the phrase.
        at: u8,
    },
    /// A model version's row.
    Model {
        /// Its place.
        place: u64,
    },
    /// What an answer gives to a model version.
    Gift {
        /// The place of the model version's row.
        model: u64,
        /// The gift's place in it.
        place: u64,
    },
    /// A contributor's row.
    Payout {
        /// The contributor.
        contributor: u64,
    },
    /// An earning.
    Earning {
        /// The contributor.
        contributor: u64,
        /// The earning's place in their row.
        place: u64,
    },
}

/// Why a response does not answer a demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnswered {
    /// There can be no such thing, and it can not be demanded.
    #[error("there can be no such thing")]
    Range,
    /// What it rests on is not shown.
    #[error(transparent)]
    Opening(#[from] OpeningError),
    /// Something is missing, or belongs to another demand.
    #[error("{0} is not what is demanded")]
    Other(&'static str),
}

impl From<ProofError> for NotAnswered {
    fn from(error: ProofError) -> Self {
        Self::Opening(error.into())
    }
}

/// Passes when what is shown is what was demanded.
fn same(is: bool, what: &'static str) -> Result<(), NotAnswered> {
    is.then_some(()).ok_or(NotAnswered::Other(what))
}

impl Demand {
    /// The demand with these numbers, as a contract has them; `None` when nothing can be demanded by them, of whatever epoch.
    pub fn new(what: u8, numbers: [u64; 3]) -> Option<Self> {
        let [a, b, c] = numbers;
        let (tile, short) = (u32::try_from(b), u8::try_from(c));
        let demand = match what {
            0 => Self::Answer { i: a },
            1 => Self::Tile {
                i: a,
                tile: tile.ok()?,
            },
            2 => Self::Source {
                i: a,
                tile: tile.ok()?,
            },
            3 => Self::Chunk {
                i: a,
                tile: tile.ok()?,
                chunk: short.ok()?,
            },
            4 => Self::Phrase {
                i: a,
                tile: tile.ok()?,
                at: short.ok()?,
            },
            5 => Self::Model { place: a },
            6 => Self::Gift { model: a, place: b },
            7 => Self::Payout { contributor: a },
            8 => Self::Earning {
                contributor: a,
                place: b,
            },
            _ => return None,
        };
        // Numbers that it has no use for are zero.
        (demand.numbers() == numbers && demand.is_in_leaf()).then_some(demand)
    }

    /// What is demanded, 0 to 8.
    pub fn what(&self) -> u8 {
        match self {
            Self::Answer { .. } => 0,
            Self::Tile { .. } => 1,
            Self::Source { .. } => 2,
            Self::Chunk { .. } => 3,
            Self::Phrase { .. } => 4,
            Self::Model { .. } => 5,
            Self::Gift { .. } => 6,
            Self::Payout { .. } => 7,
            Self::Earning { .. } => 8,
        }
    }

    /// Its numbers, as a contract has them.
    pub fn numbers(&self) -> [u64; 3] {
        match *self {
            Self::Answer { i: a } | Self::Model { place: a } | Self::Payout { contributor: a } => {
                [a, 0, 0]
            }
            Self::Tile { i, tile } | Self::Source { i, tile } => [i, tile.into(), 0],
            Self::Chunk { i, tile, chunk: c } | Self::Phrase { i, tile, at: c } => {
                [i, tile.into(), c.into()]
            }
            Self::Gift { model: a, place }
            | Self::Earning {
                contributor: a,
                place,
            } => [a, place, 0],
        }
    }

    /// Whether a document can have so many chunks, and a tile such a phrase.
    fn is_in_leaf(&self) -> bool {
        match self {
            Self::Chunk { chunk, .. } => *chunk < MAX_CHUNKS,
            Self::Phrase { at, .. } => *at <= MAX_TILE_LEN - MIN_MATCH_LEN,
            _ => true,
        }
    }

    /// Checks that there can be such a thing as far as the chain knows, so that it can be demanded.
    ///
    /// # Errors
    /// When there can not.
    pub fn check(&self, chain: &impl Chain) -> Result<(), NotAnswered> {
        let is_there = match self {
            Self::Answer { i }
            | Self::Tile { i, .. }
            | Self::Source { i, .. }
            | Self::Chunk { i, .. }
            | Self::Phrase { i, .. } => chain.answers().contains(i),
            Self::Model { .. } | Self::Gift { .. } => true,
            Self::Payout { contributor } | Self::Earning { contributor, .. } => {
                *contributor < chain.contributors()
            }
        };
        (is_there && self.is_in_leaf())
            .then_some(())
            .ok_or(NotAnswered::Range)
    }
}

/// Checks that a response shows what is demanded of the epoch with these roots, or that it has no such thing. The effort is bounded by the
/// response's length.
///
/// # Errors
/// Why it does not.
pub fn is_answered(
    chain: &impl Chain,
    roots: &EpochRoots,
    demand: &Demand,
    response: &Response,
) -> Result<(), NotAnswered> {
    demand.check(chain)?;
    response.verify(chain, roots, demand)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demand_has_one_set_of_numbers() {
        for what in 0..=u8::MAX {
            for a in [0, 1, u64::MAX] {
                for b in [0, 1, u32::MAX.into(), 1 << 32, u64::MAX] {
                    for c in [0, 1, 15, 16, 56, 57, 255, 256, u64::MAX] {
                        let most_b = match what {
                            1..=4 => u32::MAX.into(),
                            6 | 8 => u64::MAX,
                            _ => 0,
                        };
                        let most_c = match what {
                            3 => 15,
                            4 => 56,
                            _ => 0,
                        };
                        let demand = Demand::new(what, [a, b, c]);
                        let fits = what <= 8 && b <= most_b && c <= most_c;
                        assert_eq!(demand.is_some(), fits, "{what} {a} {b} {c}");
                        if let Some(demand) = demand {
                            assert_eq!((demand.what(), demand.numbers()), (what, [a, b, c]));
                        }
                    }
                }
            }
        }
        assert_eq!(MAX_LEAF_LEN, 550);
    }
}

//! What the trees hold, byte by byte.
//!
//! A leaf is its tag and its fields, big-endian and of a fixed width, so that a contract takes it apart by offsets; its hash is
//! `H(00|tag|fields)`. Fields that a leaf can be judged by alone are checked when it is decoded: what decodes is in range, and
//! encodes to the same bytes again.
//!
//! | tag | leaf | bytes | stands in |
//! |---|---|---|---|
//! | C | [`Chunk`] | 550 | the chunks of a document, of a prompt or of an output |
//! | D | [`Document`] | 150 | a batch |
//! | O | [`Content`] | 112 | what a contribution commits to |
//! | B | [`Batch`] | 37 | a Datanet version, append-only |
//! | V | [`DatanetVersion`] | 45 | a corpus |
//! | G | [`Gram`] | 129 | the boilerplate of a model version, sorted |
//! | R | [`Answer`] | 130 | the chain, or a redemption |
//! | T | [`Tile`] | 17 | the tiling of an answer, sums |
//! | A | [`AnswerRow`] | 61 | an epoch's answers |
//! | M | [`ModelRow`] | 57 | an epoch's models, sorted, sums |
//! | N | [`TrainRow`] | 25 | the answers of a model, sorted, sums |
//! | P | [`PayoutRow`] | 73 | an epoch's payouts, sums |
//! | E | [`Earning`] | 30 | the earnings of a contributor, sorted, sums |
//! | W | [`WeightRow`] | 25 | the training weights of a model version, sorted, sums |

mod answer;
mod chunk;
mod cid;
mod context;
mod document;
mod epoch;
mod field;
mod gram;

pub use answer::{Answer, MAX_TILE_LEN, MIN_MATCH_LEN, Tile, TileKind, Visibility};
pub use chunk::{CHUNK_LEN, Chunk, chunks};
pub use cid::{NotACid, RawCid};
pub use context::{Context, Item, MAX_ITEMS};
pub use document::{Batch, Content, ContributionKind, DatanetVersion, Document, MAX_DOCUMENT_LEN};
pub use epoch::{AnswerRow, Earning, ModelRow, PayoutRow, TrainRow, WeightRow};
pub use field::Fields;
pub use gram::{GRAM_LEN, Gram};

use crate::tree::{SumNode, leaf_hash};
use alloy_primitives::B256;

/// Why bytes are not a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// Another number of bytes than the leaf has.
    #[error("{found} bytes, not {expected}")]
    Length {
        /// Of the leaf, its tag included.
        expected: usize,
        /// Given.
        found: usize,
    },
    /// The first byte is not the leaf's tag.
    #[error("tag {found:#04x}, not {expected:#04x}")]
    Tag {
        /// Of the leaf.
        expected: u8,
        /// Given.
        found: u8,
    },
    /// A field has a value that no leaf has.
    #[error("{0} is out of range")]
    Range(&'static str),
}

/// A leaf of one kind.
pub trait Leaf: Fields {
    /// Whether the fields are in range. What is not decodes nowhere; encoding does not ask.
    fn check(&self) -> Result<(), LeafError> {
        Ok(())
    }

    /// The tag and the fields, [`LEN`](Fields::LEN) bytes.
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(Self::LEN);
        out.push(Self::TAG);
        self.put(&mut out);
        out
    }

    /// The inverse of [`encode`](Self::encode), for leaves in range.
    fn decode(bytes: &[u8]) -> Result<Self, LeafError> {
        let (expected, found) = (Self::LEN, bytes.len());
        let wrong_length = LeafError::Length { expected, found };
        if found != expected {
            return Err(wrong_length);
        }
        let (&tag, mut fields) = bytes.split_first().ok_or(wrong_length)?;
        if tag != Self::TAG {
            let (expected, found) = (Self::TAG, tag);
            return Err(LeafError::Tag { expected, found });
        }
        let leaf = Self::take(&mut fields)?;
        leaf.check()?;
        Ok(leaf)
    }

    /// The leaf as it stands in its tree.
    fn hash(&self) -> B256 {
        let encoded = self.encode();
        leaf_hash(Self::TAG, &encoded[1..])
    }
}

/// A leaf of a sum tree.
///
/// A proof shows the sum that the tree *states* for a leaf. That it is this one is for the verifier to compare: a tree that states
/// another is at fault.
pub trait Summed: Leaf {
    /// What the leaf adds.
    fn sum(&self) -> u128;

    /// The leaf as it stands in its tree.
    fn sum_node(&self) -> SumNode {
        SumNode {
            hash: self.hash(),
            sum: self.sum(),
        }
    }
}

#[cfg(test)]
mod tests;

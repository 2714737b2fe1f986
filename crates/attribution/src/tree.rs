//! Merkle trees of everything that the chain holds one hash of.
//!
//! There is one shape: nodes are joined in pairs from the left, level by level, and a last node without a partner goes up as it is
//! (the shape of RFC 6962). So a tree of any count has no padding that somebody could hide a leaf or a sum in, an append-only tree
//! needs one hash a level, and how many siblings a proof has follows from the index and the count.
//!
//! ```text
//! leaf      H(00|tag|fields)
//! node      H(01|left|right)                        H(01|left|sum:16|right|sum:16) in a sum tree
//! root      H(02|count:8|top)                       H(03|count:8|top|sum:16)       in a sum tree
//! ```
//!
//! The top is the last node left, zero when there are no leaves. A root is never the top itself: hashed with the count (and the
//! sum), 32 bytes say how many leaves there are, and a proof made for another count does not verify.

mod append;
mod fault;
mod node;
mod proof;
mod shape;
mod sorted;
mod top;

pub use append::AppendTree;
pub use fault::{NoFault, SumFault};
pub use node::{Node, SumNode, SumOverflow, leaf_hash};
pub use proof::{DecodeProofError, Proof, ProofError};
pub use sorted::{Absence, AbsenceError, Neighbour, SortedLeaf};
pub use top::SumTop;

use alloy_primitives::B256;
use std::convert::Infallible;

/// A tree whose nodes are hashes.
pub type HashTree = Tree<B256>;

/// A tree whose nodes are hashes and sums.
pub type SumTree = Tree<SumNode>;

/// A proof in a [`HashTree`] or an [`AppendTree`].
pub type HashProof = Proof<B256>;

/// A proof in a [`SumTree`].
pub type SumProof = Proof<SumNode>;

/// A whole tree, kept to make proofs; about twice the memory of its leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree<N> {
    /// From the leaves up to the top. Only an empty tree's last level is empty.
    levels: Vec<Vec<N>>,
}

impl Tree<B256> {
    /// The tree of these leaves, in their order.
    pub fn new(leaves: Vec<B256>) -> Self {
        let Ok::<_, Infallible>(tree) = Self::build(leaves);
        tree
    }
}

impl Tree<SumNode> {
    /// The tree of these leaves, in their order.
    pub fn new(leaves: Vec<SumNode>) -> Result<Self, SumOverflow> {
        Self::build(leaves)
    }

    /// The sum of all leaves.
    pub fn sum(&self) -> u128 {
        self.top().map_or(0, |top| top.sum)
    }
}

impl<N: Node> Tree<N> {
    fn build(mut level: Vec<N>) -> Result<Self, N::Overflow> {
        let mut levels = vec![];
        while level.len() > 1 {
            let above = level
                .chunks(2)
                .map(|pair| match *pair {
                    [left, right] => left.join(right),
                    _ => Ok(pair[0]),
                })
                .collect::<Result<_, _>>()?;
            levels.push(std::mem::replace(&mut level, above));
        }
        levels.push(level);
        Ok(Self { levels })
    }

    /// Leaves.
    pub fn count(&self) -> u64 {
        self.levels[0].len() as u64
    }

    /// The node that all others are below, or the only one. `None` without leaves.
    pub fn top(&self) -> Option<N> {
        self.levels.last().and_then(|level| level.first().copied())
    }

    /// What the chain holds.
    pub fn root(&self) -> B256 {
        N::root(self.count(), self.top())
    }

    /// That a leaf is at this index. `None` beyond the last.
    pub fn prove(&self, index: u64) -> Option<Proof<N>> {
        let count = self.count();
        let mut at = usize::try_from(index).ok().filter(|_| index < count)?;
        let mut siblings = vec![];
        for level in &self.levels {
            siblings.extend(level.get(at ^ 1).copied());
            at /= 2;
        }
        Some(Proof {
            index,
            count,
            siblings,
        })
    }
}

#[cfg(test)]
mod tests;

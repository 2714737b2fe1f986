//! That a sum tree which somebody posted adds up wrongly.

use super::node::sum_hash;
use super::{Node, ProofError, SumNode, shape};
use alloy_primitives::B256;

/// That a node of a posted sum tree states another sum than the two nodes below it have.
///
/// A leaf below such a node can not be proven, so that the tree's author could not answer for it; this shows the lie itself. All
/// sums above the node must be right: if several are wrong, the highest is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SumFault {
    /// Levels above the leaves; at least one.
    pub level: u8,
    /// The node's place in its level, from zero on.
    pub index: u64,
    /// Leaves of the tree.
    pub count: u64,
    /// What the node states.
    pub stated: u128,
    /// The node below on the left.
    pub left: SumNode,
    /// The node below on the right.
    pub right: SumNode,
    /// From the node upwards.
    pub siblings: Vec<SumNode>,
}

/// Why no fault is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoFault {
    /// The node is not in the tree.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// A leaf, or a node that went up alone, has no two nodes below it; or the tree is not so high.
    #[error("no node is made of two at level {level}, index {index}")]
    NotANode {
        /// Claimed.
        level: u8,
        /// Claimed.
        index: u64,
    },
    /// Nothing is wrong.
    #[error("the sums add up")]
    AddsUp,
}

impl SumFault {
    /// Checks that the tree with this root has the fault.
    pub fn verify(&self, root: B256) -> Result<(), NoFault> {
        let (level, index) = (self.level, self.index);
        let not_a_node = NoFault::NotANode { level, index };
        // Above level 64 there is nothing but the top again.
        let below = match level {
            1..=64 => shape::width(self.count, level - 1),
            _ => return Err(not_a_node),
        };
        if below < 2 || index >= below / 2 {
            return Err(not_a_node);
        }
        let node = SumNode {
            hash: sum_hash(self.left, self.right),
            sum: self.stated,
        };
        let width = below.div_ceil(2);
        let top = shape::climb(index, width, node, &self.siblings)?;
        if SumNode::root(self.count, Some(top)) != root {
            return Err(ProofError::Root.into());
        }
        match self.left.sum.checked_add(self.right.sum) {
            Some(sum) if sum == self.stated => Err(NoFault::AddsUp),
            _ => Ok(()),
        }
    }
}

//! A tree that only grows, kept in 64 hashes.

use super::Node;
use alloy_primitives::B256;

/// Highest number of levels below a top, since counts are below 2^64.
const LEVELS: usize = 64;

/// The append-only tree: pushed leaf by leaf, its root is at every count the root of the [`HashTree`](super::HashTree) of the same leaves.
///
/// Kept as the deposit contract keeps its: `branch[l]` is the top of the full subtree of 2^l leaves that bit `l` of the count
/// stands for. A push writes one of them. It makes no proofs: who proves reads the leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppendTree {
    count: u64,
    /// What is below is of the past where the count's bit is 0.
    branch: [B256; LEVELS],
}

impl Default for AppendTree {
    fn default() -> Self {
        Self {
            count: 0,
            branch: [B256::ZERO; LEVELS],
        }
    }
}

impl AppendTree {
    /// Leaves.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Appends a leaf and returns its index.
    pub fn push(&mut self, leaf: B256) -> u64 {
        let index = self.count;
        let mut node = leaf;
        // The trailing ones of the count are full subtrees that the leaf completes.
        let level = index.trailing_ones() as usize;
        for left in &self.branch[..level] {
            node = join(*left, node);
        }
        self.branch[level] = node;
        self.count += 1;
        index
    }

    /// The root of the leaves up to now.
    pub fn root(&self) -> B256 {
        let full = |level: &usize| self.count >> level & 1 == 1;
        let tops = (0..LEVELS).filter(full).map(|level| self.branch[level]);
        // The smallest subtree is the rightmost; it goes up alone until it meets the next.
        let top = tops.reduce(|right, left| join(left, right));
        B256::root(self.count, top)
    }
}

fn join(left: B256, right: B256) -> B256 {
    let Ok(node) = left.join(right);
    node
}

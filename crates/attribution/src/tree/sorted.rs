//! That a key is not in a tree whose leaves are in the order of their keys.

use super::{Node, Proof, ProofError};
use alloy_primitives::B256;

/// A leaf of a tree that is sorted by a key, strictly: no key is there twice.
pub trait SortedLeaf {
    /// What the leaves are in the order of.
    type Key: Ord;

    /// What the tree is made of.
    type Node: Node;

    /// The leaf's key.
    fn key(&self) -> Self::Key;

    /// The leaf as it stands in the tree.
    fn node(&self) -> Self::Node;
}

/// A leaf and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour<L: SortedLeaf> {
    /// The whole leaf: its key counts only if it is what was hashed.
    pub leaf: L,
    /// That it is in the tree.
    pub proof: Proof<L::Node>,
}

/// That no leaf of a sorted tree has a key: the two leaves that it would stand between are side by side, or it would be the first
/// or the last, or there are none at all.
///
/// Says nothing about a tree that is out of order. Disorder is a fault of its own, shown by two adjacent leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence<L: SortedLeaf> {
    /// The last leaf below the key. `None` if the key would be the first.
    pub left: Option<Neighbour<L>>,
    /// The first leaf above the key. `None` if the key would be the last.
    pub right: Option<Neighbour<L>>,
}

/// Why nothing is known to be absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AbsenceError {
    /// A neighbour is not in the tree.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The key is not between the neighbours' keys.
    #[error("the key is not between its neighbours")]
    Order,
    /// Leaves may stand between the neighbours, or before or after the only one.
    #[error("the neighbours are not side by side")]
    Gap,
    /// No neighbours, and the tree has leaves.
    #[error("no neighbours in a tree that is not empty")]
    NotEmpty,
}

impl<L: SortedLeaf> Neighbour<L> {
    fn verify(&self, root: B256) -> Result<L::Key, AbsenceError> {
        self.proof.verify(root, self.leaf.node())?;
        Ok(self.leaf.key())
    }
}

impl<L: SortedLeaf> Absence<L> {
    /// Checks that no leaf of the sorted tree with this root has the key.
    pub fn verify(&self, root: B256, key: &L::Key) -> Result<(), AbsenceError> {
        // Checked first: the indices are claims until then.
        let below = self
            .left
            .as_ref()
            .map(|left| left.verify(root))
            .transpose()?;
        let above = self
            .right
            .as_ref()
            .map(|right| right.verify(root))
            .transpose()?;
        if below.is_some_and(|below| below >= *key) || above.is_some_and(|above| above <= *key) {
            return Err(AbsenceError::Order);
        }
        let side_by_side = match (&self.left, &self.right) {
            (None, None) if root == L::Node::root(0, None) => true,
            (None, None) => return Err(AbsenceError::NotEmpty),
            (None, Some(right)) => right.proof.index == 0,
            // The proof has verified, so that the count is not zero.
            (Some(left), None) => left.proof.index == left.proof.count - 1,
            (Some(left), Some(right)) => left.proof.index + 1 == right.proof.index,
        };
        match side_by_side {
            true => Ok(()),
            false => Err(AbsenceError::Gap),
        }
    }
}

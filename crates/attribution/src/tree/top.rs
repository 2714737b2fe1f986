//! What a root says of a sum tree, and what stands before a leaf.

use super::{Node, SumNode, SumProof};
use alloy_primitives::B256;

/// A sum tree without its leaves: their number, and the top with their sum. With it a root is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SumTop {
    /// Leaves.
    pub count: u64,
    /// The top; `None` without leaves.
    pub top: Option<SumNode>,
}

impl SumTop {
    /// The sum of all leaves, if this is what the root was made of.
    pub fn verify(&self, root: B256) -> Option<u128> {
        let fits = (self.count == 0) == self.top.is_none();
        (fits && SumNode::root(self.count, self.top) == root)
            .then(|| self.top.map_or(0, |top| top.sum))
    }
}

impl SumProof {
    /// The sum of all leaves before this one, by a proof that has verified: those below its siblings on the left. `None` when they add up
    /// to 2^128 or more, which no proof that verifies has.
    pub fn before(&self) -> Option<u128> {
        let (mut index, mut width) = (self.index, self.count);
        let mut siblings = self.siblings.iter();
        let mut sum = 0u128;
        while width > 1 {
            let on_the_left = index % 2 == 1;
            if on_the_left || index + 1 < width {
                let sibling = siblings.next()?;
                if on_the_left {
                    sum = sum.checked_add(sibling.sum)?;
                }
            }
            index /= 2;
            width = width.div_ceil(2);
        }
        Some(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::SumTree;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_proof_knows_what_is_before(sums in prop::collection::vec(0..1_000u128, 1..40)) {
            let leaves: Vec<_> = sums
                .iter()
                .map(|sum| SumNode { hash: B256::with_last_byte(*sum as u8), sum: *sum })
                .collect();
            let tree = SumTree::new(leaves.clone()).expect("small");
            let top = SumTop { count: tree.count(), top: tree.top() };
            prop_assert_eq!(top.verify(tree.root()), Some(sums.iter().sum()));
            for (index, leaf) in leaves.iter().enumerate() {
                let proof = tree.prove(index as u64).expect("there");
                prop_assert!(proof.verify(tree.root(), *leaf).is_ok());
                prop_assert_eq!(proof.before(), Some(sums[..index].iter().sum()));
            }
        }
    }

    #[test]
    fn a_root_is_opened_by_its_own_top_alone() {
        let empty = SumTop {
            count: 0,
            top: None,
        };
        assert_eq!(empty.verify(SumNode::root(0, None)), Some(0));
        let one = SumNode {
            hash: B256::ZERO,
            sum: 7,
        };
        let root = SumNode::root(1, Some(one));
        let top = |count, top| SumTop { count, top };
        assert_eq!(top(1, Some(one)).verify(root), Some(7));
        assert_eq!(top(2, Some(one)).verify(root), None);
        assert_eq!(top(0, None).verify(root), None);
        // No leaves, and yet a top.
        let zero = SumNode::default();
        assert_eq!(
            top(0, Some(zero)).verify(SumNode::root(0, Some(zero))),
            None
        );
    }
}

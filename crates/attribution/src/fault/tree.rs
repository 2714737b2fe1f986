//! F7: whether a tree is one.

use super::{NotAFault, same, wrong};
use crate::{
    EpochRoots, Summed,
    leaf::{Earning, Leaf, LeafError, ModelRow, PayoutRow, Tile, TrainRow},
    opening::{AnswerOpening, Chain, ModelOpening, OpeningError, PayoutOpening},
    tree::{SortedLeaf, SumFault, SumNode, SumProof, leaf_hash},
};
use alloy_primitives::B256;

/// Which tree of an epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant)]
pub enum TreeOpening {
    /// An answer's tiles.
    Tiling(AnswerOpening),
    /// The model versions' rows.
    Models,
    /// A model version's answers.
    Train(ModelOpening),
    /// The contributors' rows.
    Payouts,
    /// A contributor's earnings.
    Earnings(PayoutOpening),
}

impl TreeOpening {
    pub(super) fn root(&self, chain: &impl Chain, roots: &EpochRoots) -> Result<B256, NotAFault> {
        Ok(match self {
            Self::Tiling(answer) => {
                answer.verify(chain, roots)?;
                answer.row.tiling_root
            }
            Self::Models => roots.models,
            Self::Train(model) => {
                model.verify(roots)?;
                model.row.answers_root
            }
            Self::Payouts => roots.payouts,
            Self::Earnings(payout) => {
                payout.verify(roots.payouts)?;
                payout.row.earnings_root
            }
        })
    }
}

/// Bytes that a tree holds as a leaf, and the sum that it states for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafOpening {
    /// The leaf, or what stands in its place: a tag and fields.
    pub bytes: Vec<u8>,
    /// What the tree says it adds.
    pub stated: u128,
    /// That it is in the tree.
    pub proof: SumProof,
}

impl LeafOpening {
    /// Checks that the tree with this root has it.
    pub(crate) fn is_in(&self, root: B256) -> Result<(), OpeningError> {
        let (tag, fields) = self.bytes.split_first().ok_or(OpeningError::Words)?;
        let node = SumNode {
            hash: leaf_hash(*tag, fields),
            sum: self.stated,
        };
        self.proof.verify(root, node)?;
        Ok(())
    }

    pub(super) fn is_one<L: Leaf>(&self) -> bool {
        L::decode(&self.bytes).is_ok()
    }

    /// Whether it is no leaf of this kind, or one that adds something else.
    fn is_wrong<L: Summed>(&self) -> bool {
        !L::decode(&self.bytes).is_ok_and(|leaf| leaf.sum() == self.stated)
    }

    fn key<L: SortedLeaf + Leaf>(&self) -> Result<L::Key, LeafError> {
        L::decode(&self.bytes).map(|leaf| leaf.key())
    }
}

/// F7.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TreeFault {
    /// A node states another sum than the two below it have.
    Sum(SumFault),
    /// What stands in a leaf's place is none, or is stated to add another amount.
    Leaf(LeafOpening),
    /// Two leaves side by side are not in the order of their keys.
    Order(LeafOpening, LeafOpening),
    /// A contributor's row is not at the contributor's place.
    Place(LeafOpening),
}

impl TreeFault {
    pub(super) fn verify(&self, tree: &TreeOpening, root: B256) -> Result<(), NotAFault> {
        match self {
            Self::Sum(fault) => Ok(fault.verify(root)?),
            Self::Leaf(leaf) => {
                leaf.is_in(root)?;
                wrong(match tree {
                    TreeOpening::Tiling(_) => leaf.is_wrong::<Tile>(),
                    TreeOpening::Models => leaf.is_wrong::<ModelRow>(),
                    TreeOpening::Train(_) => leaf.is_wrong::<TrainRow>(),
                    TreeOpening::Payouts => leaf.is_wrong::<PayoutRow>(),
                    TreeOpening::Earnings(_) => leaf.is_wrong::<Earning>(),
                })
            }
            Self::Order(left, right) => {
                left.is_in(root)?;
                right.is_in(root)?;
                same(left.proof.index + 1 == right.proof.index, "the leaf")?;
                fn ascend<L: SortedLeaf + Leaf>(
                    left: &LeafOpening,
                    right: &LeafOpening,
                ) -> Result<bool, NotAFault> {
                    let keys = left.key::<L>().and_then(|key| Ok((key, right.key::<L>()?)));
                    let (left, right) = keys.map_err(|_| NotAFault::Other("the leaf"))?;
                    Ok(left < right)
                }
                let ascend = match tree {
                    TreeOpening::Models => ascend::<ModelRow>(left, right)?,
                    TreeOpening::Train(_) => ascend::<TrainRow>(left, right)?,
                    TreeOpening::Earnings(_) => ascend::<Earning>(left, right)?,
                    TreeOpening::Tiling(_) | TreeOpening::Payouts => {
                        return Err(NotAFault::Other("the order"));
                    }
                };
                wrong(!ascend)
            }
            Self::Place(leaf) => {
                leaf.is_in(root)?;
                same(*tree == TreeOpening::Payouts, "the place")?;
                let row = PayoutRow::decode(&leaf.bytes);
                let row = row.map_err(|_| NotAFault::Other("the leaf"))?;
                wrong(row.contributor != leaf.proof.index)
            }
        }
    }
}

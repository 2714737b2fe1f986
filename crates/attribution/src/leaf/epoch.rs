//! What is posted for an epoch.

use super::field::fields;
use super::{Leaf, LeafError, Summed};
use crate::tree::{SortedLeaf, SumNode};
use alloy_primitives::B256;

/// An answer, attributed. Dense: the rows of an epoch are all of its answers, by `i`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerRow {
    /// The answer's place among all answers.
    pub i: u64,
    /// Root of its tiles, a sum tree.
    pub tiling_root: B256,
    /// Tiles.
    pub tiles: u32,
    /// What its data contributors share, in wei.
    pub data_pool: u128,
}

fields!(AnswerRow, b'A', i: u64, tiling_root: B256, tiles: u32, data_pool: u128);

impl Leaf for AnswerRow {}

/// What an epoch's answers give to one model version's accumulator. Sorted by the model version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelRow {
    /// The model version's id.
    pub model_version: u64,
    /// What it is given, in wei; the sum of its answers' rows.
    pub train: u128,
    /// Root of its [`TrainRow`]s, a sum tree.
    pub answers_root: B256,
}

fields!(ModelRow, b'M', model_version: u64, train: u128, answers_root: B256);

impl Leaf for ModelRow {}

impl Summed for ModelRow {
    fn sum(&self) -> u128 {
        self.train
    }
}

impl SortedLeaf for ModelRow {
    type Key = u64;
    type Node = SumNode;

    fn key(&self) -> u64 {
        self.model_version
    }

    fn node(&self) -> SumNode {
        self.sum_node()
    }
}

/// What one answer gives to its model version's accumulator. Sorted by the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrainRow {
    /// The answer's place among all answers.
    pub i: u64,
    /// What it gives, in wei.
    pub train: u128,
}

fields!(TrainRow, b'N', i: u64, train: u128);

impl Leaf for TrainRow {}

impl Summed for TrainRow {
    fn sum(&self) -> u128 {
        self.train
    }
}

impl SortedLeaf for TrainRow {
    type Key = u64;
    type Node = SumNode;

    fn key(&self) -> u64 {
        self.i
    }

    fn node(&self) -> SumNode {
        self.sum_node()
    }
}

/// What a contributor has earned. Dense: row `k` is contributor `k`'s, whether or not they earned anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutRow {
    /// The contributor's id.
    pub contributor: u64,
    /// Since the first epoch, this one included, in wei.
    pub cumulative: u128,
    /// In this epoch, in wei; the sum of its earnings, at most `cumulative`.
    pub earned: u128,
    /// Root of its [`Earning`]s, a sum tree.
    pub earnings_root: B256,
}

fields!(PayoutRow, b'P', contributor: u64, cumulative: u128, earned: u128, earnings_root: B256);

impl Leaf for PayoutRow {
    fn check(&self) -> Result<(), LeafError> {
        match self.earned <= self.cumulative {
            true => Ok(()),
            false => Err(LeafError::Range("earned")),
        }
    }
}

impl Summed for PayoutRow {
    /// Cumulative: an epoch pays the difference to the sum of the epoch before.
    fn sum(&self) -> u128 {
        self.cumulative
    }
}

/// What a contributor earned by one tile. Sorted by answer, tile and hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earning {
    /// The answer's place among all answers.
    pub i: u64,
    /// The tile's place in the answer.
    pub tile: u32,
    /// 0 for the tile's document, or for its cluster's root if the document is held; 1 for the parent's share of a derivative.
    pub hop: u8,
    /// In wei.
    pub amount: u128,
}

fields!(Earning, b'E', i: u64, tile: u32, hop: u8, amount: u128);

impl Leaf for Earning {
    fn check(&self) -> Result<(), LeafError> {
        match self.hop <= 1 {
            true => Ok(()),
            false => Err(LeafError::Range("hop")),
        }
    }
}

impl Summed for Earning {
    fn sum(&self) -> u128 {
        self.amount
    }
}

impl SortedLeaf for Earning {
    type Key = (u64, u32, u8);
    type Node = SumNode;

    fn key(&self) -> Self::Key {
        (self.i, self.tile, self.hop)
    }

    fn node(&self) -> SumNode {
        self.sum_node()
    }
}

/// A contributor's training weight of a model version. Sorted by contributor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeightRow {
    /// The contributor's id.
    pub contributor: u64,
    /// In words times basis points of quality, or as declared.
    pub weight: u128,
}

fields!(WeightRow, b'W', contributor: u64, weight: u128);

impl Leaf for WeightRow {}

impl Summed for WeightRow {
    fn sum(&self) -> u128 {
        self.weight
    }
}

impl SortedLeaf for WeightRow {
    type Key = u64;
    type Node = SumNode;

    fn key(&self) -> u64 {
        self.contributor
    }

    fn node(&self) -> SumNode {
        self.sum_node()
    }
}

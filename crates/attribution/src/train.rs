//! Training weights: among whom a model version divides what no span of its answers earned.
//!
//! They are fixed when the version is registered, as what it was made of is. Payments reach them by one accumulator, without a loop: what is
//! left over is carried to the next payment, so that nothing is lost or made.

use crate::{
    leaf::{Document, WeightRow},
    pay,
    tree::{SumOverflow, SumTree},
};
use std::collections::BTreeMap;

/// Most weight of a model version in all. What is carried is less wei than that: a thousandth of an OPEN, which nobody waits for in vain.
pub const MAX_TOTAL_WEIGHT: u128 = 1_000_000_000_000_000;

/// Why there are no such weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeightError {
    /// They add up to more than a model version may have.
    #[error("the weights are more than {MAX_TOTAL_WEIGHT} in all")]
    TooLarge,
    /// The contribution that a document's parent or root is of is not known.
    #[error("contribution {0} is not known")]
    Contribution(u32),
    /// More than all of a document.
    #[error("a quality of {0} basis points")]
    Quality(u16),
}

/// The weights of a model version's contributors, ascending by their ids; those of none are left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrainingWeights {
    rows: Vec<WeightRow>,
    total: u128,
}

impl TrainingWeights {
    /// DECLARED: as the version's publisher says. Weights of one contributor are added up. Nothing proves them.
    ///
    /// # Errors
    /// When they are too large.
    pub fn declared(weights: impl IntoIterator<Item = (u64, u128)>) -> Result<Self, WeightError> {
        let mut sums: BTreeMap<u64, u128> = BTreeMap::new();
        let mut total = 0u128;
        for (contributor, weight) in weights {
            total = total.saturating_add(weight);
            if total > MAX_TOTAL_WEIGHT {
                return Err(WeightError::TooLarge);
            }
            // It is a part of the total, which fits.
            *sums.entry(contributor).or_default() += weight;
        }
        sums.retain(|_, weight| *weight > 0);
        let row = |(contributor, weight)| WeightRow {
            contributor,
            weight,
        };
        Ok(Self {
            rows: sums.into_iter().map(row).collect(),
            total,
        })
    }

    /// COUNT: each document of the corpus counts its words, times its quality in basis points. Its weight goes where a tile's earning would: to
    /// its contributor, in part to its parent's, or all to its root's. `contributor_of` tells whose a contribution is, by its commit's number.
    ///
    /// # Errors
    /// When that of a parent or root is not known, a quality is above 10,000, or there are too many words.
    pub fn count<'a>(
        corpus: impl IntoIterator<Item = &'a Document>,
        quality: impl Fn(&Document) -> u16,
        contributor_of: impl Fn(u32) -> Option<u64>,
    ) -> Result<Self, WeightError> {
        let mut weights = Vec::new();
        for document in corpus {
            let quality = quality(document);
            if quality > crate::sketch::MAX_BPS {
                return Err(WeightError::Quality(quality));
            }
            let weight = u128::from(document.words) * u128::from(quality);
            for part in pay::parts(document, weight) {
                let payee = part.payee(document, &contributor_of);
                let unknown = WeightError::Contribution((part.seq >> 32) as u32);
                weights.push((payee.ok_or(unknown)?, part.amount));
            }
        }
        Self::declared(weights)
    }

    /// By contributor.
    pub fn rows(&self) -> &[WeightRow] {
        &self.rows
    }

    /// A contributor's.
    pub fn of(&self, contributor: u64) -> u128 {
        let place = self
            .rows
            .binary_search_by_key(&contributor, |row| row.contributor);
        place.map_or(0, |place| self.rows[place].weight)
    }

    /// All together.
    pub fn total(&self) -> u128 {
        self.total
    }

    /// What a model version commits to; with a proof a contributor shows a weight, and the total with it.
    ///
    /// # Panics
    /// Never: their sum was checked when they were added up.
    pub fn tree(&self) -> SumTree {
        crate::epoch::tree(&self.rows).expect("the sum is below 2^128")
    }
}

/// What was paid to a model version's training weights so far, per unit of weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Accumulator {
    /// Wei for each unit of weight, since the beginning.
    pub per_weight: u128,
    /// Wei that no whole wei for each unit could be made of; below the total weight, when there is one.
    pub carry: u128,
}

impl Accumulator {
    /// Takes in what an epoch gives. Without weights all of it is carried.
    ///
    /// # Errors
    /// When there are 2^128 wei or more; nothing is changed then.
    pub fn feed(&mut self, train: u128, total_weight: u128) -> Result<(), SumOverflow> {
        let amount = self.carry.checked_add(train).ok_or(SumOverflow)?;
        match amount.checked_div(total_weight) {
            None => self.carry = amount,
            Some(each) => {
                self.per_weight = self.per_weight.checked_add(each).ok_or(SumOverflow)?;
                self.carry = amount % total_weight;
            }
        }
        Ok(())
    }

    /// What a weight has earned since the beginning. `None` when that is 2^128 wei or more, which no weight of the total has.
    pub fn earned(&self, weight: u128) -> Option<u128> {
        self.per_weight.checked_mul(weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leaf::{ContributionKind, RawCid};
    use alloy_primitives::B256;
    use proptest::prelude::*;

    fn document(seq: u64, words: u16, parent: Option<(u64, u64)>, contain_bps: u16) -> Document {
        let (parent_seq, root_seq) = parent.unwrap_or((seq, seq));
        Document {
            seq,
            contributor: seq,
            kind: ContributionKind::Data,
            file: 0,
            part: 0,
            words,
            chunk_root: B256::ZERO,
            sketch_hash: B256::ZERO,
            parent_seq,
            root_seq,
            contain_bps,
            licence: 0,
            raw_cid: RawCid::NONE,
        }
    }

    #[test]
    fn words_count_where_they_would_earn() {
        let seq = |commit_seq: u64| commit_seq << 32;
        let documents = [
            document(seq(1), 100, None, 0),
            document(seq(2), 50, Some((seq(1), seq(1))), 2_000),
            document(seq(3), 10, Some((seq(2), seq(1))), 4_000),
            document(seq(4), 7, None, 0),
        ];
        let quality = |document: &Document| match document.seq == seq(4) {
            true => 5_000,
            false => 10_000,
        };
        // Leaves of the first contribution name one contributor, its reveal another.
        let whose = |commit_seq: u32| (commit_seq == 1).then_some(9);
        let all = TrainingWeights::count(&documents, quality, whose).expect("small");
        let of = |contributor| all.of(contributor);
        // A fifth of the derivative goes to its parent, all of what is held to its root.
        assert_eq!([of(seq(1)), of(9)], [1_000_000, 100_000 + 100_000]);
        assert_eq!([2, 3, 4, 5].map(seq).map(of), [400_000, 0, 35_000, 0]);
        assert_eq!(all.total(), 1_635_000);
        assert_eq!(all.tree().sum(), all.total());
        let unknown = TrainingWeights::count(&documents, quality, |_| None);
        assert_eq!(unknown, Err(WeightError::Contribution(1)));
        let better = TrainingWeights::count(&documents, |_| 10_001, whose);
        assert_eq!(better, Err(WeightError::Quality(10_001)));
        let declared = |second| TrainingWeights::declared([(1, MAX_TOTAL_WEIGHT - 1), (2, second)]);
        assert!(declared(1).is_ok());
        assert_eq!(declared(2), Err(WeightError::TooLarge));
        assert_eq!(declared(u128::MAX), Err(WeightError::TooLarge));
    }

    proptest! {
        /// Over any payments, what the weights have earned and what is carried is what was paid.
        #[test]
        fn nothing_is_lost_or_made(
            weights in prop::collection::vec((0..20u64, 0..1u128 << 44), 0..30),
            payments in prop::collection::vec(prop_oneof![0..100u128, 0..1u128 << 90], 1..60),
        ) {
            let weights = TrainingWeights::declared(weights).expect("small");
            let mut accumulator = Accumulator::default();
            let (mut paid, mut claimed) = (0, BTreeMap::new());
            for payment in payments {
                let before = accumulator;
                accumulator.feed(payment, weights.total()).expect("small");
                paid += payment;
                prop_assert!(accumulator.per_weight >= before.per_weight);
                prop_assert!(weights.total() == 0 || accumulator.carry < weights.total());
                // Somebody claims what was not claimed before; the others can still.
                let earned = |row: &WeightRow| accumulator.earned(row.weight).expect("of the total");
                if let Some(row) = weights.rows().get(payment as usize % 20) {
                    claimed.insert(row.contributor, earned(row));
                }
                let open = |row| earned(row) - claimed.get(&row.contributor).copied().unwrap_or(0);
                let open: u128 = weights.rows().iter().map(open).sum();
                let claimed: u128 = claimed.values().sum();
                prop_assert_eq!(claimed + open + accumulator.carry, paid);
            }
        }

        /// Who divides a weight among many names earns the same.
        #[test]
        fn a_split_gains_nothing(first in 0..1u128 << 48, second in 0..1u128 << 48, payment: u64) {
            let mut accumulator = Accumulator::default();
            accumulator.feed(payment.into(), first + second + 5).expect("small");
            let earned = |weight| accumulator.earned(weight).expect("small");
            prop_assert_eq!(earned(first) + earned(second), earned(first + second));
        }

        #[test]
        fn too_much_changes_nothing(carry: u128, payment: u128, total: u128) {
            let before = Accumulator { per_weight: u128::MAX, carry };
            let mut accumulator = before;
            if accumulator.feed(payment, total).is_err() {
                prop_assert_eq!(accumulator, before);
            }
        }
    }
}

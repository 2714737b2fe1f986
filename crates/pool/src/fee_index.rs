//! Accounts ordered by what their transaction pays at the current base fee.

use alloy_primitives::Address;
use std::collections::BTreeMap;

/// What the order depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FeeKey {
    pub fee_cap: u128,
    pub tip_cap: u128,
    /// Order of arrival; unique, earlier first among equals.
    pub seq: u64,
}

/// Lower price is worse; among equals the later one is worse.
type Rank = (u128, std::cmp::Reverse<u64>);

impl FeeKey {
    /// At base fees above this the fee cap, and not the tip cap, limits the tip.
    const fn threshold(&self) -> u128 {
        self.fee_cap.saturating_sub(self.tip_cap)
    }

    const fn by_tip(&self) -> Rank {
        (self.tip_cap, std::cmp::Reverse(self.seq))
    }

    const fn by_cap(&self) -> Rank {
        (self.fee_cap, std::cmp::Reverse(self.seq))
    }

    /// Tip in wei per gas at a base fee; `None` when the fee cap is below it.
    pub(crate) fn effective_tip(&self, base_fee: u128) -> Option<u128> {
        Some(self.fee_cap.checked_sub(base_fee)?.min(self.tip_cap))
    }
}

/// An ordering by effective tip that survives changes of the base fee.
///
/// The effective tip is `min(tip_cap, fee_cap - base_fee)`, so a change of the base fee reorders everything; sorting again
/// on every block would let a flood of cheap transactions slow the good ones down. Instead the members are kept in
/// two orders that do not depend on the base fee, those limited by their tip cap and those limited by their fee cap,
/// and in a third one those that the base fee excludes. A new base fee only moves the members whose threshold it
/// crosses.
#[derive(Debug, Default)]
pub(crate) struct FeeIndex {
    base_fee: u128,
    /// `base_fee <= threshold`: pays its whole tip cap.
    by_tip: BTreeMap<Rank, (FeeKey, Address)>,
    /// `threshold < base_fee <= fee_cap`: pays what the fee cap leaves.
    by_cap: BTreeMap<Rank, (FeeKey, Address)>,
    /// `fee_cap < base_fee`: can not be included now.
    parked: BTreeMap<Rank, (FeeKey, Address)>,
    /// Members of `by_tip` and `by_cap` by threshold, except those with threshold zero, which never cross it: legacy
    /// transactions and those whose two caps are equal, which are most of what is sent.
    thresholds: BTreeMap<(u128, u64), FeeKey>,
}

impl FeeIndex {
    pub(crate) fn new(base_fee: u128) -> Self {
        Self {
            base_fee,
            ..Self::default()
        }
    }

    fn class(&mut self, key: &FeeKey) -> (&mut BTreeMap<Rank, (FeeKey, Address)>, Rank, bool) {
        if key.fee_cap < self.base_fee {
            (&mut self.parked, key.by_cap(), false)
        } else if key.threshold() < self.base_fee {
            (&mut self.by_cap, key.by_cap(), true)
        } else {
            (&mut self.by_tip, key.by_tip(), true)
        }
    }

    pub(crate) fn insert(&mut self, key: FeeKey, account: Address) {
        let (map, rank, live) = self.class(&key);
        map.insert(rank, (key, account));
        if live && key.threshold() != 0 {
            self.thresholds.insert((key.threshold(), key.seq), key);
        }
    }

    pub(crate) fn remove(&mut self, key: &FeeKey) {
        let (map, rank, live) = self.class(key);
        map.remove(&rank);
        if live && key.threshold() != 0 {
            self.thresholds.remove(&(key.threshold(), key.seq));
        }
    }

    /// The account that pays most, among those that the base fee does not exclude.
    pub(crate) fn best(&self) -> Option<(FeeKey, Address)> {
        let tip = self.by_tip.last_key_value().map(|(_, found)| *found);
        let cap = self.by_cap.last_key_value().map(|(_, found)| *found);
        match (tip, cap) {
            (Some(tip), Some(cap)) => Some(if self.rank(&tip.0) > self.rank(&cap.0) {
                tip
            } else {
                cap
            }),
            (found, None) | (None, found) => found,
        }
    }

    /// The account that pays least: first those that the base fee excludes.
    pub(crate) fn worst(&self) -> Option<(FeeKey, Address)> {
        if let Some((_, found)) = self.parked.first_key_value() {
            return Some(*found);
        }
        let tip = self.by_tip.first_key_value().map(|(_, found)| *found);
        let cap = self.by_cap.first_key_value().map(|(_, found)| *found);
        match (tip, cap) {
            (Some(tip), Some(cap)) => Some(if self.rank(&tip.0) < self.rank(&cap.0) {
                tip
            } else {
                cap
            }),
            (found, None) | (None, found) => found,
        }
    }

    fn rank(&self, key: &FeeKey) -> Rank {
        (
            key.effective_tip(self.base_fee).unwrap_or_default(),
            std::cmp::Reverse(key.seq),
        )
    }

    /// True when something can be taken at the current base fee.
    pub(crate) fn has_live(&self) -> bool {
        !self.by_tip.is_empty() || !self.by_cap.is_empty()
    }

    /// Members that the base fee excludes.
    pub(crate) fn parked_len(&self) -> usize {
        self.parked.len()
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.by_tip.len() + self.by_cap.len() + self.parked.len()
    }

    /// Moves to another base fee. Cost follows the number of members that the change reclassifies.
    pub(crate) fn set_base_fee(&mut self, base_fee: u128) {
        let old = self.base_fee;
        if base_fee == old {
            return;
        }
        if base_fee > old {
            // Tip-limited members with old <= threshold < new become limited by their fee cap. A threshold of zero is not
            // in the set, but it only matters at a base fee of zero.
            if old == 0 {
                let zero: Vec<_> = self
                    .by_tip
                    .values()
                    .filter(|(key, _)| key.threshold() == 0)
                    .map(|(key, _)| *key)
                    .collect();
                zero.iter().for_each(|key| self.tip_to_cap(key));
            }
            let crossed: Vec<_> = self
                .thresholds
                .range((old, 0)..(base_fee, 0))
                .map(|(_, key)| *key)
                .collect();
            crossed.iter().for_each(|key| self.tip_to_cap(key));
            while let Some(entry) = self.by_cap.first_entry() {
                let (key, account) = *entry.get();
                if key.fee_cap >= base_fee {
                    break;
                }
                entry.remove();
                if key.threshold() != 0 {
                    self.thresholds.remove(&(key.threshold(), key.seq));
                }
                self.parked.insert(key.by_cap(), (key, account));
            }
            self.base_fee = base_fee;
        } else {
            let crossed: Vec<_> = self
                .thresholds
                .range((base_fee, 0)..(old, 0))
                .map(|(_, key)| *key)
                .collect();
            for key in crossed {
                if let Some(member) = self.by_cap.remove(&key.by_cap()) {
                    self.by_tip.insert(key.by_tip(), member);
                }
            }
            self.base_fee = base_fee;
            if base_fee == 0 {
                let zero: Vec<_> = self
                    .by_cap
                    .values()
                    .filter(|(key, _)| key.threshold() == 0)
                    .map(|(key, _)| *key)
                    .collect();
                for key in zero {
                    if let Some(member) = self.by_cap.remove(&key.by_cap()) {
                        self.by_tip.insert(key.by_tip(), member);
                    }
                }
            }
            while let Some(entry) = self.parked.last_entry() {
                let (key, account) = *entry.get();
                if key.fee_cap < base_fee {
                    break;
                }
                entry.remove();
                self.insert(key, account);
            }
        }
    }

    fn tip_to_cap(&mut self, key: &FeeKey) {
        if let Some(member) = self.by_tip.remove(&key.by_tip()) {
            self.by_cap.insert(key.by_cap(), member);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone)]
    enum Step {
        Insert(u128, u128),
        Remove(prop::sample::Index),
        BaseFee(u128),
        TakeBest,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0..40_u128, 0..40_u128).prop_map(|(cap, tip)| Step::Insert(cap, tip.min(cap))),
            1 => any::<prop::sample::Index>().prop_map(Step::Remove),
            2 => (0..45_u128).prop_map(Step::BaseFee),
            1 => Just(Step::TakeBest),
        ]
    }

    proptest! {
        #[test]
        fn best_and_worst_are_those_of_a_full_sort(steps in prop::collection::vec(step(), 1..200)) {
            let mut index = FeeIndex::default();
            let mut model: Vec<FeeKey> = Vec::new();
            let mut base_fee = 0;
            let account = |key: &FeeKey| Address::with_last_byte(key.seq as u8);
            for (seq, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Insert(fee_cap, tip_cap) => {
                        let key = FeeKey { fee_cap, tip_cap, seq: seq as u64 };
                        index.insert(key, account(&key));
                        model.push(key);
                    }
                    Step::Remove(at) if !model.is_empty() => {
                        let key = model.swap_remove(at.index(model.len()));
                        index.remove(&key);
                    }
                    Step::Remove(_) => {}
                    Step::BaseFee(new) => {
                        base_fee = new;
                        index.set_base_fee(new);
                    }
                    Step::TakeBest => {
                        if let Some((key, _)) = index.best() {
                            index.remove(&key);
                            model.retain(|k| k.seq != key.seq);
                        }
                    }
                }
                let rank = |k: &FeeKey| (k.effective_tip(base_fee), std::cmp::Reverse(k.seq));
                let best = model
                    .iter()
                    .filter(|k| k.fee_cap >= base_fee)
                    .max_by_key(|k| rank(k))
                    .map(|k| (*k, account(k)));
                prop_assert_eq!(index.best(), best);
                prop_assert_eq!(index.has_live(), best.is_some());
                prop_assert_eq!(index.len(), model.len());
                prop_assert_eq!(index.parked_len(), model.iter().filter(|k| k.fee_cap < base_fee).count());
                let worst = model
                    .iter()
                    .min_by_key(|k| {
                        let excluded = k.fee_cap < base_fee;
                        (!excluded, if excluded { k.fee_cap } else { rank(k).0.unwrap_or_default() },
                         std::cmp::Reverse(k.seq))
                    })
                    .map(|k| (*k, account(k)));
                prop_assert_eq!(index.worst(), worst);
            }
        }
    }
}

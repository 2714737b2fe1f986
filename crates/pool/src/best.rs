//! A one-off ordering of everything executable.

use crate::{fee_index::FeeKey, state::State};
use alloy_primitives::{Address, map::AddressHashSet};
use openledger_primitives::Tx;
use std::{cmp::Reverse, collections::BinaryHeap, vec};

/// The executable transactions as of one moment, best effective tip first, each account's in the order of nonces.
///
/// A snapshot: it costs time in proportion to the pool, and does not hand anything out. Producing blocks wants
/// [`crate::Pool::take_ready`]; this is for simulations and estimates.
#[derive(Debug)]
pub struct BestTransactions {
    base_fee: u128,
    heap: BinaryHeap<(u128, Reverse<u64>, usize)>,
    accounts: Vec<(Tx, vec::IntoIter<(FeeKey, Tx)>)>,
    skipped: AddressHashSet,
}

impl BestTransactions {
    pub(crate) fn new(state: &State, base_fee: u128) -> Self {
        let mut best = Self {
            base_fee,
            heap: BinaryHeap::new(),
            accounts: Vec::new(),
            skipped: AddressHashSet::default(),
        };
        for queue in state.accounts.values() {
            let executable: Vec<_> = queue
                .txs
                .range(..queue.executable_end)
                .map(|(_, entry)| (entry.key(), entry.pooled.tx.clone()))
                .collect();
            let mut rest = executable.into_iter();
            if let Some((key, tx)) = rest.next() {
                best.accounts.push((tx, rest));
                best.push(key, best.accounts.len() - 1);
            }
        }
        best
    }

    /// Leaves the rest of an account out, because one of its transactions turned out not to be executable.
    pub fn skip_account(&mut self, account: Address) {
        self.skipped.insert(account);
    }

    fn push(&mut self, key: FeeKey, at: usize) {
        if let Some(tip) = key.effective_tip(self.base_fee) {
            self.heap.push((tip, Reverse(key.seq), at));
        }
    }
}

impl Iterator for BestTransactions {
    type Item = Tx;

    fn next(&mut self) -> Option<Tx> {
        loop {
            let (_, _, at) = self.heap.pop()?;
            let (front, rest) = &mut self.accounts[at];
            if self.skipped.contains(&front.signer()) {
                continue;
            }
            let Some((key, next)) = rest.next() else {
                return Some(front.clone());
            };
            let taken = std::mem::replace(front, next);
            self.push(key, at);
            return Some(taken);
        }
    }
}

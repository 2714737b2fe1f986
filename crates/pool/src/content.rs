//! What the pool shows of itself.

use crate::{account::AccountQueue, state::State};
use alloy_primitives::Address;
use openledger_primitives::Tx;
use std::collections::BTreeMap;

/// Transactions by sender and nonce, as `txpool_content` reports them.
#[derive(Debug, Clone, Default)]
pub struct PoolContent {
    /// Executable, now or when the base fee falls.
    pub pending: BTreeMap<Address, BTreeMap<u64, Tx>>,
    /// Waiting for a missing nonce or for funds.
    pub queued: BTreeMap<Address, BTreeMap<u64, Tx>>,
}

/// Counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoolStatus {
    /// Executable transactions, now or when the base fee falls.
    pub pending: usize,
    /// Transactions waiting for a missing nonce or for funds.
    pub queued: usize,
    /// Accounts whose next transaction waits for a lower base fee.
    pub parked_accounts: usize,
    /// Executed, in a block that is not sealed yet. Not among the others.
    pub executed: usize,
    /// Bytes of memory that pending and queued transactions hold.
    pub bytes: usize,
}

impl State {
    pub(crate) fn status(&self) -> PoolStatus {
        PoolStatus {
            pending: self.executable,
            queued: self.by_hash.len() - self.executable,
            parked_accounts: self.heads.parked_len(),
            executed: self.executed.len(),
            bytes: self.bytes,
        }
    }

    /// What waits, in no order: sorting is for whoever no longer holds the lock.
    pub(crate) fn waiting(&self, only: Option<Address>) -> Vec<Waiting> {
        let mut waiting = Vec::new();
        let mut add = |address: Address, queue: &AccountQueue| {
            waiting.extend(queue.txs.iter().map(|(nonce, entry)| Waiting {
                address,
                nonce: *nonce,
                executable: *nonce < queue.executable_end,
                tx: entry.pooled.tx.clone(),
            }));
        };
        match only {
            Some(address) => {
                if let Some(queue) = self.accounts.get(&address) {
                    add(address, queue);
                }
            }
            None => self
                .accounts
                .iter()
                .for_each(|(address, queue)| add(*address, queue)),
        }
        waiting
    }
}

/// One transaction that waits.
pub(crate) struct Waiting {
    address: Address,
    nonce: u64,
    executable: bool,
    tx: Tx,
}

impl PoolContent {
    pub(crate) fn of(waiting: Vec<Waiting>) -> Self {
        let mut content = Self::default();
        for Waiting {
            address,
            nonce,
            executable,
            tx,
        } in waiting
        {
            let part = if executable {
                &mut content.pending
            } else {
                &mut content.queued
            };
            part.entry(address).or_default().insert(nonce, tx);
        }
        content
    }
}

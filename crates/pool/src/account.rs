//! One account's transactions.

use crate::{context::Weight, fee_index::FeeKey};
use alloy_primitives::{Address, B256, U256};
use openledger_primitives::PooledTx;
use std::{collections::BTreeMap, time::Instant};

/// What the state says about a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AccountView {
    /// Next nonce.
    pub nonce: u64,
    /// Balance in wei.
    pub balance: U256,
    /// Whether the account has code, and of which kind.
    pub code: AccountCode,
}

/// The kind of code that an account has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AccountCode {
    /// No code: an ordinary sender.
    #[default]
    None,
    /// An EIP-7702 delegation: may send.
    Delegated,
    /// Any other code: may not send (EIP-3607).
    Contract,
}

/// A transaction in the pool with what is computed once.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub pooled: PooledTx,
    /// Order of arrival; unique.
    pub seq: u64,
    pub arrived: Instant,
    pub fee_cap: u128,
    pub tip_cap: u128,
    /// Gas, value and blobs at their caps.
    pub base_cost: U256,
    pub weight: Weight,
    /// `base_cost` and the L1's and operator's share at the current head.
    pub cost: U256,
    /// Bytes held in memory.
    pub size: usize,
    /// Accounts that a set-code transaction delegates.
    pub authorities: Box<[Address]>,
}

/// An entry stays where it is in memory while it moves between queues, undo lists and the executed ones.
pub(crate) type Held = Box<Entry>;

impl Entry {
    pub(crate) fn hash(&self) -> B256 {
        self.pooled.tx.hash()
    }

    pub(crate) fn sender(&self) -> Address {
        self.pooled.tx.signer()
    }

    pub(crate) fn nonce(&self) -> u64 {
        alloy_consensus::Transaction::nonce(self.pooled.tx.envelope())
    }

    pub(crate) const fn key(&self) -> FeeKey {
        FeeKey {
            fee_cap: self.fee_cap,
            tip_cap: self.tip_cap,
            seq: self.seq,
        }
    }
}

/// An account's queue, by nonce:
///
/// ```text
/// view.nonce <= next_out <= ... executable_end ...
/// [ handed out )[ executable       )[ waiting: nonce missing or not funded ]
/// ```
///
/// Guarantees: the executable ones have no gap, and their worst-case costs sum to at most the balance, unless they were
/// handed out before the balance fell (execution then decides).
#[derive(Debug, Default)]
pub(crate) struct AccountQueue {
    pub view: AccountView,
    /// Boxed: a tree's node has room for eleven, and most accounts have one.
    pub txs: BTreeMap<u64, Held>,
    /// First nonce that has not been handed to the sequencer.
    pub next_out: u64,
    /// First nonce that is not executable.
    pub executable_end: u64,
    /// Costs of the nonces below `executable_end`.
    pub executable_cost: U256,
    /// Nothing is handed out before the next head: the sequencer has given a transaction back.
    pub deferred: bool,
    /// Where this account stands in the index of what can be handed out.
    pub head: Option<FeeKey>,
    /// Where its last transaction stands in the index of what can be evicted, and whether it is executable.
    pub tail: Option<(FeeKey, bool)>,
}

impl AccountQueue {
    pub(crate) fn new(view: AccountView) -> Self {
        Self {
            view,
            next_out: view.nonce,
            executable_end: view.nonce,
            ..Default::default()
        }
    }

    pub(crate) fn executable_len(&self) -> usize {
        (self.executable_end - self.view.nonce) as usize
    }

    pub(crate) fn queued_len(&self) -> usize {
        self.txs.len() - self.executable_len()
    }

    /// Worst-case cost of everything that would be executed before `nonce`.
    pub(crate) fn cost_before(&self, nonce: u64) -> U256 {
        if nonce >= self.executable_end {
            self.txs
                .range(self.executable_end..nonce)
                .fold(self.executable_cost, |sum, (_, e)| {
                    sum.saturating_add(e.cost)
                })
        } else {
            self.txs
                .range(nonce..self.executable_end)
                .fold(self.executable_cost, |sum, (_, e)| {
                    sum.saturating_sub(e.cost)
                })
        }
    }

    /// Puts a transaction at its nonce and returns the one that was there. [`Self::settle`] must follow.
    pub(crate) fn put(&mut self, entry: Held) -> Option<Held> {
        let nonce = entry.nonce();
        let cost = entry.cost;
        let old = self.txs.insert(nonce, entry);
        if let Some(old) = old.as_ref().filter(|_| nonce < self.executable_end) {
            self.executable_cost = self
                .executable_cost
                .saturating_sub(old.cost)
                .saturating_add(cost);
        }
        old
    }

    /// Takes the transaction at a nonce out; what follows it stops being executable. [`Self::settle`] must follow.
    pub(crate) fn remove(&mut self, nonce: u64) -> Option<Held> {
        if nonce < self.executable_end {
            self.cut(nonce);
        }
        self.txs.remove(&nonce)
    }

    /// Ends the executable part before `nonce`, and recalls what was handed out from there on.
    pub(crate) fn cut(&mut self, nonce: u64) {
        let nonce = nonce.max(self.view.nonce);
        self.executable_cost = self.cost_before(nonce);
        self.executable_end = nonce;
        self.next_out = self.next_out.min(nonce);
    }

    /// Brings the executable part in line with the balance: drops what is not covered, adds what has become executable.
    /// Returns the nonces that became executable.
    pub(crate) fn settle(&mut self) -> std::ops::Range<u64> {
        while self.executable_cost > self.view.balance && self.executable_end > self.next_out {
            self.executable_end -= 1;
            if let Some(entry) = self.txs.get(&self.executable_end) {
                self.executable_cost = self.executable_cost.saturating_sub(entry.cost);
            }
        }
        let start = self.executable_end;
        for (nonce, entry) in self.txs.range(start..) {
            let cost = self.executable_cost.saturating_add(entry.cost);
            if *nonce != self.executable_end || cost > self.view.balance {
                break;
            }
            self.executable_cost = cost;
            self.executable_end += 1;
        }
        start..self.executable_end
    }

    /// Adopts a newer view of the account and returns the transactions that it makes obsolete. [`Self::settle`] must follow.
    pub(crate) fn advance(&mut self, view: AccountView) -> Vec<Held> {
        let mut passed = Vec::new();
        while let Some(first) = self.txs.first_entry() {
            if *first.key() >= view.nonce {
                break;
            }
            let entry = first.remove();
            if entry.nonce() < self.executable_end {
                self.executable_cost = self.executable_cost.saturating_sub(entry.cost);
            }
            passed.push(entry);
        }
        self.view = view;
        if self.executable_end < view.nonce {
            self.executable_end = view.nonce;
            self.executable_cost = U256::ZERO;
        }
        self.next_out = self.next_out.max(view.nonce);
        passed
    }

    /// Starts over from a view that may be older than the known one (a reorganisation); nothing is handed out any more.
    /// Returns the transactions below the view's nonce. [`Self::settle`] must follow.
    pub(crate) fn restart(&mut self, view: AccountView) -> Vec<Held> {
        let keep = self.txs.split_off(&view.nonce);
        let passed = std::mem::replace(&mut self.txs, keep);
        self.view = view;
        self.next_out = view.nonce;
        self.executable_end = view.nonce;
        self.executable_cost = U256::ZERO;
        passed.into_values().collect()
    }
}

//! What execution and new blocks change.

use crate::{
    AccountView,
    account::{AccountQueue, Held},
    state::State,
};
use alloy_primitives::{Address, B256};

/// A transaction that was executed in the open block.
#[derive(Debug, Clone, Copy)]
pub struct Executed {
    /// The transaction.
    pub hash: B256,
    /// Who sent it.
    pub sender: Address,
    /// The sender's account right after it.
    pub account: AccountView,
}

/// Why the sequencer gives a transaction back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// It can not be executed in this block (no gas, no time or no DA space left, base fee risen): it keeps its place, and
    /// nothing of its account is handed out before the next head.
    Deferred,
    /// It is invalid on the current state, and no later block will change that for sure: it is removed. What follows it in
    /// its account waits for another transaction with its nonce.
    Invalid,
}

impl State {
    /// Adopts a view of a known account unless the pool's own is newer.
    pub(crate) fn adopt(&mut self, address: Address, view: AccountView) {
        let Some(queue) = self.accounts.get(&address) else {
            return;
        };
        if view.nonce < queue.view.nonce || view == queue.view {
            return;
        }
        let in_flight = queue.next_out;
        let passed = self
            .change(address, |queue| queue.advance(view))
            .unwrap_or_default();
        for entry in passed {
            self.untrack(&entry);
            // A state reader can be ahead of the sequencer's report: what was handed out and has passed was executed, or
            // will be reported as rejected.
            if entry.nonce() < in_flight {
                self.executed.insert(entry.hash(), entry);
            }
        }
    }

    /// Moves a waiting transaction to the executed ones; what stands before it in its account has passed with it.
    fn execute(&mut self, hash: &B256) {
        let Some((address, nonce)) = self.by_hash.get(hash).copied() else {
            return;
        };
        let passed = self.change(address, |queue| {
            queue.advance(AccountView {
                nonce: nonce + 1,
                ..queue.view
            })
        });
        for entry in passed.unwrap_or_default() {
            self.untrack(&entry);
            if entry.hash() == *hash {
                self.executed.insert(*hash, entry);
            }
        }
    }

    pub(crate) fn on_executed(&mut self, done: &Executed) {
        self.execute(&done.hash);
        self.adopt(done.sender, done.account);
        let since = self.context.head.number;
        // Perhaps not one of ours (the open block resumed after a restart): known all the same until the block is sealed.
        self.accounts.entry(done.sender).or_insert_with(|| {
            self.idle.push_back((since, done.sender));
            AccountQueue::new(done.account)
        });
    }

    /// Returns the hashes of what was handed out after it and is recalled with it.
    pub(crate) fn on_rejected(&mut self, hash: &B256, rejection: Rejection) -> Vec<B256> {
        let Some((address, nonce)) = self.by_hash.get(hash).copied() else {
            self.executed.remove(hash);
            return Vec::new();
        };
        let Some(queue) = self.accounts.get(&address) else {
            return Vec::new();
        };
        if nonce >= queue.next_out {
            // Not handed out, or recalled since: the rejection is old news.
            return Vec::new();
        }
        let recalled = queue
            .txs
            .range(nonce + 1..queue.next_out)
            .map(|(_, e)| e.hash())
            .collect();
        match rejection {
            Rejection::Deferred => {
                self.change(address, |queue| {
                    queue.next_out = nonce;
                    queue.deferred = true;
                });
                self.deferred.push(address);
            }
            Rejection::Invalid => {
                self.remove(hash);
            }
        }
        recalled
    }

    /// A block was sealed, here or elsewhere.
    pub(crate) fn on_block(
        &mut self,
        number: u64,
        included: &[B256],
        accounts: &[(Address, AccountView)],
    ) {
        for hash in included {
            // Included by somebody else: then it still waits here.
            self.execute(hash);
            if let Some(sidecar) = self
                .executed
                .remove(hash)
                .and_then(|entry| entry.pooled.sidecar)
            {
                self.included_sidecars.push_back((*hash, sidecar));
            }
        }
        let surplus = self
            .included_sidecars
            .len()
            .saturating_sub(self.context.config.retained_sidecars);
        self.included_sidecars.drain(..surplus);
        for (address, view) in accounts {
            self.adopt(*address, *view);
        }
        self.prune_accounts(number);
    }

    /// The head went back: recalls everything that was handed out, and starts `accounts` over from what the state says
    /// now. What was executed and not sealed waits again.
    pub(crate) fn on_retract(&mut self, accounts: &[(Address, AccountView)]) {
        let all: Vec<_> = self.accounts.keys().copied().collect();
        for address in all {
            self.change(address, |queue| queue.next_out = queue.view.nonce);
        }
        for (address, view) in accounts {
            let passed = self
                .change(*address, |queue| queue.restart(*view))
                .unwrap_or_default();
            passed.iter().for_each(|entry| self.untrack(entry));
        }
        let mut executed: Vec<_> = std::mem::take(&mut self.executed).into_values().collect();
        executed.sort_unstable_by_key(|entry| entry.seq);
        for entry in executed {
            self.bring_back(entry, None);
        }
    }

    /// Puts a transaction that was acknowledged before back in its place, over one that has taken it since. Limits are not
    /// looked at: the next ordinary transaction makes room. Returns false when its nonce has passed.
    pub(crate) fn bring_back(&mut self, entry: Held, view: Option<AccountView>) -> bool {
        let (sender, nonce) = (entry.sender(), entry.nonce());
        let Some(view) = self.accounts.get(&sender).map(|queue| queue.view).or(view) else {
            return false;
        };
        if nonce < view.nonce || self.by_hash.contains_key(&entry.hash()) {
            return false;
        }
        let taken = self
            .accounts
            .get(&sender)
            .and_then(|q| q.txs.get(&nonce))
            .map(|e| e.hash());
        if let Some(taken) = taken {
            self.remove(&taken);
        }
        self.restore(entry, view);
        true
    }
}

//! Admission of validated transactions: replacement, limits, eviction.

use crate::{
    AccountCode, PoolConfig, Rejected, ValidTx,
    account::{AccountQueue, Entry, Held},
    state::State,
};
use alloy_consensus::Transaction;
use alloy_eips::Typed2718;
use alloy_primitives::{Address, B256, map::B256HashSet};

/// An accepted transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Added {
    /// The transaction's hash.
    pub hash: B256,
    /// The transaction that it replaced.
    pub replaced: Option<B256>,
    /// True when nothing but its turn (and perhaps the base fee) keeps it from execution; false when it waits for a
    /// missing nonce.
    pub executable: bool,
}

/// What a batch did, for taking it back when the journal can not be written.
#[derive(Debug, Default)]
pub(crate) struct Undo {
    added: Vec<B256>,
    removed: Vec<Held>,
}

impl State {
    /// Inserts one transaction, or leaves the pool as it was.
    pub(crate) fn insert(&mut self, valid: ValidTx, undo: &mut Undo) -> Result<Added, Rejected> {
        let ValidTx { mut entry, view } = valid;
        let hash = entry.hash();
        if self.by_hash.contains_key(&hash) || self.executed.contains_key(&hash) {
            return Err(Rejected::AlreadyKnown);
        }
        let address = entry.sender();
        let is_new = !self.accounts.contains_key(&address);
        if is_new {
            self.accounts.insert(address, AccountQueue::new(view));
        } else {
            self.adopt(address, view);
        }
        // The head may have moved since validation.
        entry.cost = entry
            .base_cost
            .saturating_add(self.context.extra_cost(&entry.weight));
        let result = self.admit(&entry).and_then(|()| self.place(entry, undo));
        if is_new
            && result.is_err()
            && self
                .accounts
                .get(&address)
                .is_some_and(|q| q.txs.is_empty())
        {
            self.accounts.remove(&address);
        }
        result
    }

    /// The checks that depend on what else waits.
    fn admit(&self, entry: &Entry) -> Result<(), Rejected> {
        let Some(queue) = self.accounts.get(&entry.sender()) else {
            return Ok(());
        };
        let nonce = entry.nonce();
        if nonce < queue.view.nonce {
            return Err(Rejected::NonceTooLow {
                next: queue.view.nonce,
                got: nonce,
            });
        }
        if nonce < queue.next_out {
            return Err(Rejected::ReplacementTooLate { nonce });
        }
        let config = &self.context.config;
        match queue.txs.get(&nonce) {
            Some(old) => check_replacement(old, entry, config)?,
            None => self.check_delegation(queue, entry)?,
        }
        for authority in &entry.authorities {
            let waiting = self.accounts.get(authority).map_or(0, |q| q.txs.len());
            if waiting > config.delegated_in_flight {
                return Err(Rejected::AuthorityReserved(*authority));
            }
        }
        let queued = queue.cost_before(nonce);
        if queued.saturating_add(entry.cost) > queue.view.balance {
            return Err(Rejected::InsufficientFunds {
                balance: queue.view.balance,
                queued,
                cost: entry.cost,
            });
        }
        Ok(())
    }

    fn check_delegation(&self, queue: &AccountQueue, entry: &Entry) -> Result<(), Rejected> {
        let delegated = queue.view.code == AccountCode::Delegated
            || self.authorities.contains_key(&entry.sender());
        if !delegated {
            return Ok(());
        }
        let allowed = self.context.config.delegated_in_flight;
        if queue.txs.len() >= allowed {
            return Err(Rejected::DelegatedInFlight(allowed));
        }
        if entry.nonce() != queue.executable_end {
            return Err(Rejected::DelegatedGap {
                next: queue.executable_end,
                got: entry.nonce(),
            });
        }
        Ok(())
    }

    /// Puts the transaction into its queue and makes room. When it turns out to be the one that has to go, everything is
    /// put back.
    fn place(&mut self, mut entry: Held, undo: &mut Undo) -> Result<Added, Rejected> {
        let (hash, address, nonce) = (entry.hash(), entry.sender(), entry.nonce());
        entry.seq = self.next_seq();
        self.track(&entry);
        let mut removed = Vec::new();
        let promoted = self.promoted.len();
        if let Some(old) = self.change(address, |queue| queue.put(entry)).flatten() {
            self.untrack(&old);
            removed.push(old);
        }
        let replaced = removed.first().map(|old| old.hash());
        if let Err(rejected) = self.make_room(hash, address, &mut removed) {
            self.remove(&hash);
            self.put_back(removed);
            self.promoted.truncate(promoted);
            return Err(rejected);
        }
        undo.removed.append(&mut removed);
        undo.added.push(hash);
        let executable = self
            .accounts
            .get(&address)
            .is_some_and(|q| nonce < q.executable_end);
        Ok(Added {
            hash,
            replaced,
            executable,
        })
    }

    /// Evicts until every limit holds. Fails when the new transaction is itself the worst one.
    fn make_room(
        &mut self,
        new: B256,
        sender: Address,
        removed: &mut Vec<Held>,
    ) -> Result<(), Rejected> {
        let config = self.context.config.clone();
        self.watch_tails(&config);
        while let Some(queue) = self.accounts.get(&sender) {
            if queue.executable_len() <= config.account_executable
                && queue.queued_len() <= config.account_queued
            {
                break;
            }
            // The highest nonce goes: it is the last that could be executed.
            let waiting = queue.txs.len() - 1;
            let Some(worst) = queue.txs.last_key_value().map(|(_, e)| e.hash()) else {
                break;
            };
            if worst == new {
                return Err(Rejected::AccountLimit(waiting));
            }
            removed.extend(self.remove(&worst));
        }
        while self.by_hash.len() > config.max_transactions || self.bytes > config.max_bytes {
            // Those that could not be executed anyway go first, then those that pay least.
            let worst = self
                .worst_tail()
                .and_then(|(_, address)| self.accounts.get(&address))
                .and_then(|queue| queue.txs.last_key_value())
                .map(|(nonce, entry)| (entry.hash(), *nonce));
            // None: everything else has been handed out already.
            let Some((worst, _)) = worst else {
                return Err(Rejected::PoolFull);
            };
            if worst == new {
                let queue = self.accounts.get(&sender);
                let executable = queue
                    .and_then(|q| {
                        q.txs
                            .last_key_value()
                            .map(|(nonce, _)| *nonce < q.executable_end)
                    })
                    .unwrap_or_default();
                return Err(if executable {
                    Rejected::Underpriced
                } else {
                    Rejected::PoolFull
                });
            }
            removed.extend(self.remove(&worst));
        }
        Ok(())
    }

    fn put_back(&mut self, removed: Vec<Held>) {
        for entry in removed.into_iter().rev() {
            let view = self
                .accounts
                .get(&entry.sender())
                .map(|q| q.view)
                .unwrap_or_default();
            self.restore(entry, view);
        }
    }

    /// Takes a whole batch back.
    pub(crate) fn undo(&mut self, undo: Undo) {
        let added: B256HashSet = undo.added.iter().copied().collect();
        for hash in &added {
            self.remove(hash);
        }
        self.put_back(
            undo.removed
                .into_iter()
                .filter(|e| !added.contains(&e.hash()))
                .collect(),
        );
        self.promoted.clear();
    }
}

fn check_replacement(old: &Entry, new: &Entry, config: &PoolConfig) -> Result<(), Rejected> {
    let is_blob = |e: &Entry| e.pooled.tx.ty() == 3;
    if is_blob(old) != is_blob(new) {
        return Err(Rejected::ReplacementKind);
    }
    let bump = if is_blob(old) {
        config.blob_price_bump
    } else {
        config.price_bump
    };
    // Rounded up, and at least one wei: an equal price never replaces.
    let bumped = |price: u128| {
        price
            .saturating_add((price / 100).saturating_mul(u128::from(bump)))
            .saturating_add(((price % 100) * u128::from(bump)).div_ceil(100))
            .max(price.saturating_add(u128::from(bump > 0)))
    };
    let (fee_cap, tip_cap) = (bumped(old.fee_cap), bumped(old.tip_cap));
    // Rollup users often pay no tip at all. A tip of zero can not be raised by a percentage, and asking for one would make
    // the sender change what kind of offer this is: the fee cap alone decides then.
    let tip_cap = if old.tip_cap == 0 { 0 } else { tip_cap };
    if new.fee_cap < fee_cap || new.tip_cap < tip_cap {
        return Err(Rejected::ReplacementUnderpriced { fee_cap, tip_cap });
    }
    if is_blob(old) {
        let blob_fee = |e: &Entry| e.pooled.tx.max_fee_per_blob_gas().unwrap_or_default();
        let blob_fee_cap = bumped(blob_fee(old));
        if blob_fee(new) < blob_fee_cap {
            return Err(Rejected::BlobReplacementUnderpriced { blob_fee_cap });
        }
    }
    Ok(())
}

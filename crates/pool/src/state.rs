//! What the pool's lock protects: the accounts' queues and the indexes over them.
//!
//! Every change to an account ends with [`State::refresh`], which brings the indexes in line with its queue.

use crate::{
    AccountView, ChainContext, PoolConfig,
    account::{AccountQueue, Entry, Held},
    fee_index::{FeeIndex, FeeKey},
};
use alloy_primitives::{
    Address, B256,
    map::{AddressMap, B256Map},
};
use openledger_primitives::{BlobSidecar, Tx};
use std::{collections::VecDeque, sync::Arc};

#[derive(Debug)]
pub(crate) struct State {
    pub context: Arc<ChainContext>,
    pub accounts: AddressMap<AccountQueue>,
    /// Where each waiting transaction is.
    pub by_hash: B256Map<(Address, u64)>,
    /// Executed in a block that is not sealed yet. They are kept, and stay in the journal, until the block is.
    pub executed: B256Map<Held>,
    /// Accounts with something to hand out, by that transaction's fees.
    pub heads: FeeIndex,
    /// Which transaction would have to go first. Only kept while the pool is filling up.
    pub tails: Option<Tails>,
    /// How many waiting set-code transactions delegate an account.
    pub authorities: AddressMap<usize>,
    /// Accounts that hand out nothing before the next head.
    pub deferred: Vec<Address>,
    /// Accounts that had nothing waiting, with the number of the block that was open then.
    pub idle: VecDeque<(u64, Address)>,
    /// Sidecars of included blob transactions, oldest first.
    pub included_sidecars: VecDeque<(B256, Arc<BlobSidecar>)>,
    /// Whether anybody wants to know of [`Self::promoted`].
    pub collect_promoted: bool,
    /// Transactions that became executable since the last [`Self::take_promoted`].
    pub promoted: Vec<Tx>,
    /// Bytes of memory held by waiting transactions.
    pub bytes: usize,
    /// Waiting transactions that are executable (handed out or not).
    pub executable: usize,
    next_seq: u64,
}

/// Accounts by the fees of their last transaction, unless that has been handed out.
#[derive(Debug)]
pub(crate) struct Tails {
    /// Where it is executable.
    executable: FeeIndex,
    /// Where it is not.
    queued: FeeIndex,
}

impl Tails {
    fn new(base_fee: u128) -> Self {
        Self {
            executable: FeeIndex::new(base_fee),
            queued: FeeIndex::new(base_fee),
        }
    }

    fn index(&mut self, executable: bool) -> &mut FeeIndex {
        if executable {
            &mut self.executable
        } else {
            &mut self.queued
        }
    }

    fn refresh(&mut self, address: Address, queue: &mut AccountQueue) {
        let tail = queue
            .txs
            .last_key_value()
            .filter(|(nonce, _)| **nonce >= queue.next_out)
            .map(|(nonce, entry)| (entry.key(), *nonce < queue.executable_end));
        if tail == queue.tail {
            return;
        }
        if let Some((old, executable)) = queue.tail {
            self.index(executable).remove(&old);
        }
        if let Some((new, executable)) = tail {
            self.index(executable).insert(new, address);
        }
        queue.tail = tail;
    }
}

impl State {
    pub(crate) fn new(context: Arc<ChainContext>) -> Self {
        Self {
            heads: FeeIndex::new(context.head.base_fee.into()),
            tails: None,
            context,
            accounts: AddressMap::default(),
            by_hash: B256Map::default(),
            executed: B256Map::default(),
            authorities: AddressMap::default(),
            deferred: Vec::new(),
            idle: VecDeque::new(),
            included_sidecars: VecDeque::new(),
            collect_promoted: false,
            promoted: Vec::new(),
            bytes: 0,
            executable: 0,
            next_seq: 0,
        }
    }

    pub(crate) const fn next_seq(&mut self) -> u64 {
        self.next_seq += 1;
        self.next_seq
    }

    pub(crate) fn take_promoted(&mut self) -> Vec<Tx> {
        std::mem::take(&mut self.promoted)
    }

    /// A transaction that waits, or was executed and is not sealed.
    pub(crate) fn entry(&self, hash: &B256) -> Option<&Entry> {
        let entry = match self.by_hash.get(hash) {
            Some((address, nonce)) => self.accounts.get(address)?.txs.get(nonce)?,
            None => self.executed.get(hash)?,
        };
        Some(entry)
    }

    /// Notes a transaction that was put into an account's queue.
    pub(crate) fn track(&mut self, entry: &Entry) {
        self.by_hash
            .insert(entry.hash(), (entry.sender(), entry.nonce()));
        self.bytes += entry.size;
        for authority in &entry.authorities {
            *self.authorities.entry(*authority).or_default() += 1;
        }
    }

    /// Forgets a transaction that was taken out of an account's queue.
    pub(crate) fn untrack(&mut self, entry: &Entry) {
        self.by_hash.remove(&entry.hash());
        self.bytes = self.bytes.saturating_sub(entry.size);
        for authority in &entry.authorities {
            if let Some(count) = self.authorities.get_mut(authority) {
                *count -= 1;
                if *count == 0 {
                    self.authorities.remove(authority);
                }
            }
        }
    }

    /// Applies `change` to an account's queue, settles it and brings the indexes in line.
    pub(crate) fn change<R>(
        &mut self,
        address: Address,
        change: impl FnOnce(&mut AccountQueue) -> R,
    ) -> Option<R> {
        let queue = self.accounts.get_mut(&address)?;
        let before = queue.executable_len();
        let result = change(queue);
        let promoted = queue.settle();
        if self.collect_promoted {
            self.promoted
                .extend(queue.txs.range(promoted).map(|(_, e)| e.pooled.tx.clone()));
        }
        self.executable = self.executable + queue.executable_len() - before;
        if queue.txs.is_empty() {
            self.idle.push_back((self.context.head.number, address));
        }
        self.refresh(address);
        Some(result)
    }

    /// Brings the indexes in line with an account's queue.
    pub(crate) fn refresh(&mut self, address: Address) {
        let Some(queue) = self.accounts.get_mut(&address) else {
            return;
        };
        let head = (!queue.deferred && queue.next_out < queue.executable_end)
            .then(|| queue.txs.get(&queue.next_out).map(|entry| entry.key()))
            .flatten();
        if head != queue.head {
            if let Some(old) = queue.head {
                self.heads.remove(&old);
            }
            if let Some(new) = head {
                self.heads.insert(new, address);
            }
            queue.head = head;
        }
        if let Some(tails) = &mut self.tails {
            tails.refresh(address, queue);
        }
    }

    /// Starts keeping the order of eviction when the pool is nearly full, and stops when it is far from that. Most pools
    /// never get there, and the order costs as much as everything else together.
    pub(crate) fn watch_tails(&mut self, config: &PoolConfig) {
        let fuller_than = |quarters: usize| {
            self.by_hash.len() > config.max_transactions / 4 * quarters
                || self.bytes > config.max_bytes / 4 * quarters
        };
        match self.tails {
            None if fuller_than(3) => {
                let mut tails = Tails::new(self.context.head.base_fee.into());
                for (address, queue) in &mut self.accounts {
                    queue.tail = None;
                    tails.refresh(*address, queue);
                }
                self.tails = Some(tails);
            }
            Some(_) if !fuller_than(2) => self.tails = None,
            _ => {}
        }
    }

    /// The account whose last transaction has to go first: those that could not be executed anyway, then those that pay
    /// least.
    pub(crate) fn worst_tail(&self) -> Option<(FeeKey, Address)> {
        let tails = self.tails.as_ref()?;
        tails.queued.worst().or_else(|| tails.executable.worst())
    }

    /// Takes a transaction out, wherever it waits. What follows it in its account stops being executable.
    pub(crate) fn remove(&mut self, hash: &B256) -> Option<Held> {
        let (address, nonce) = *self.by_hash.get(hash)?;
        let entry = self.change(address, |queue| queue.remove(nonce))??;
        self.untrack(&entry);
        Some(entry)
    }

    /// Puts a transaction back without any check. The slot must be free.
    pub(crate) fn restore(&mut self, entry: Held, view: AccountView) {
        let address = entry.sender();
        self.track(&entry);
        self.accounts
            .entry(address)
            .or_insert_with(|| AccountQueue::new(view));
        self.change(address, |queue| queue.put(entry));
    }

    /// Up to `max` transactions, best first, each account's in the order of nonces and without a gap.
    pub(crate) fn take_ready(&mut self, max: usize) -> Vec<Tx> {
        let mut taken = Vec::new();
        while taken.len() < max {
            let Some((_, address)) = self.heads.best() else {
                break;
            };
            let Some(queue) = self.accounts.get_mut(&address) else {
                break;
            };
            let Some(entry) = queue.txs.get(&queue.next_out) else {
                break;
            };
            taken.push(entry.pooled.tx.clone());
            queue.next_out += 1;
            self.refresh(address);
        }
        taken
    }

    /// Adopts a new head: rules, base fee and L1 fees.
    pub(crate) fn set_context(&mut self, context: Arc<ChainContext>) {
        let base_fee = u128::from(context.head.base_fee);
        let fees_changed = context.l1_fees != self.context.l1_fees;
        self.context = context;
        self.heads.set_base_fee(base_fee);
        if let Some(tails) = &mut self.tails {
            tails.executable.set_base_fee(base_fee);
            tails.queued.set_base_fee(base_fee);
        }
        if fees_changed {
            self.recost();
        }
        for address in std::mem::take(&mut self.deferred) {
            if let Some(queue) = self.accounts.get_mut(&address) {
                queue.deferred = false;
                self.refresh(address);
            }
        }
    }

    /// The L1's fees have moved: every worst case changes, and with it what the balances cover.
    fn recost(&mut self) {
        let context = self.context.clone();
        let addresses: Vec<_> = self.accounts.keys().copied().collect();
        for address in addresses {
            self.change(address, |queue| {
                let mut sum = alloy_primitives::U256::ZERO;
                for (nonce, entry) in &mut queue.txs {
                    entry.cost = entry
                        .base_cost
                        .saturating_add(context.extra_cost(&entry.weight));
                    if *nonce < queue.executable_end {
                        sum = sum.saturating_add(entry.cost);
                    }
                }
                queue.executable_cost = sum;
            });
        }
    }

    /// Drops the accounts that have had nothing waiting since before block `number`.
    ///
    /// Not at once: a caller that read the state a moment ago still has the nonce from before the last execution, and the
    /// pool must know better.
    pub(crate) fn prune_accounts(&mut self, number: u64) {
        while self.idle.front().is_some_and(|(since, _)| *since < number) {
            let Some((_, address)) = self.idle.pop_front() else {
                break;
            };
            if self
                .accounts
                .get(&address)
                .is_some_and(|queue| queue.txs.is_empty())
            {
                self.accounts.remove(&address);
            }
        }
    }
}

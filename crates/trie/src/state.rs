//! The state trie: the account trie and the storage tries in use.

use crate::{
    AccountUpdate, HashedChanges, StorageTrieUpdates, TrieError, TrieReader, TrieUpdates,
    node::{Change, RootHint},
    source::{AccountSource, StorageSource},
    trie::Trie,
};
use alloy_primitives::{B256, Bytes, U256, map::B256Map};
use alloy_trie::{EMPTY_ROOT_HASH, TrieAccount};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// From how many changed slots on storage tries are worked on by several threads.
const PARALLEL_SLOTS: usize = 64;

/// The state trie over a database, with what the last blocks used in memory.
///
/// It follows one chain of blocks: each [`apply`](Self::apply) is the next version of the state,
/// under a number that does not fall. What it has in memory is the state after the last one; what
/// it has not is read from the database when needed, which may lag behind as
/// [`evict`](Self::evict) is told. After a reorganisation, and after an error of `apply`, make a
/// new one.
///
/// A new one over a database of block `n` to which the reverse changes of later blocks are applied
/// is the state trie of the earlier block, for roots and proofs alike; its updates are then what
/// unwinding writes.
#[derive(Debug, Default)]
pub struct StateTrie {
    /// `None` until first used.
    accounts: Option<Trie<TrieAccount>>,
    storage: B256Map<Trie<U256>>,
    /// The last block applied.
    block: u64,
    poisoned: bool,
}

/// What one account's storage goes through.
struct StorageJob<'a> {
    update: &'a AccountUpdate,
    trie: Option<Trie<U256>>,
    /// The root before and the updates after; `None` until done.
    done: Option<(B256, StorageTrieUpdates)>,
}

impl StateTrie {
    /// A trie with nothing in memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// The state root.
    ///
    /// # Errors
    /// The reader's, when the root is not in memory yet.
    pub fn root<R: TrieReader>(&mut self, reader: &R) -> Result<B256, TrieError<R::Error>> {
        self.check_usable()?;
        self.accounts(reader).map(|trie| trie.root())
    }

    /// The leaf of an account.
    ///
    /// # Errors
    /// The reader's, and [`TrieError::Inconsistent`].
    pub fn account<R: TrieReader>(
        &mut self,
        hashed_address: B256,
        reader: &R,
    ) -> Result<Option<TrieAccount>, TrieError<R::Error>> {
        self.check_usable()?;
        let block = self.next_block();
        self.accounts(reader)?
            .get(&AccountSource(reader), block, &hashed_address)
    }

    /// Loads what an update of these accounts and of their slots will need, so that it does not
    /// have to: call it while the block executes. Keys may repeat and need not exist.
    ///
    /// # Errors
    /// The reader's, and [`TrieError::Inconsistent`]; the trie stays usable.
    pub fn prefetch<R: TrieReader>(
        &mut self,
        targets: &[(B256, Vec<B256>)],
        reader: &R,
    ) -> Result<(), TrieError<R::Error>> {
        self.check_usable()?;
        let block = self.next_block();
        let mut keys: Vec<_> = targets
            .iter()
            .map(|(hashed_address, _)| *hashed_address)
            .collect();
        keys.sort_unstable();
        self.accounts(reader)?
            .prefetch(&AccountSource(reader), block, &keys)?;
        for (hashed_address, slots) in targets {
            if slots.is_empty() {
                continue;
            }
            let mut slots = slots.clone();
            slots.sort_unstable();
            let source = StorageSource {
                reader,
                hashed_address: *hashed_address,
            };
            self.storage_trie(&source)?
                .prefetch(&source, block, &slots)?;
        }
        Ok(())
    }

    /// Brings the trie to the state after a block and returns what there is to write.
    ///
    /// `block_number` does not fall from call to call. Storage tries are worked on in parallel, and
    /// so are the sixteen parts of a trie in which much changed, on rayon's current pool.
    ///
    /// # Errors
    /// [`TrieError::Duplicate`], and then nothing has happened. The reader's and
    /// [`TrieError::Inconsistent`]: the trie is [`TrieError::Poisoned`] then and refuses everything.
    pub fn apply<R: TrieReader>(
        &mut self,
        block_number: u64,
        changes: &HashedChanges,
        reader: &R,
    ) -> Result<TrieUpdates, TrieError<R::Error>> {
        let mut updates: Vec<&AccountUpdate> = changes.accounts.iter().collect();
        updates.sort_unstable_by_key(|update| update.hashed_address);
        let twice = updates
            .windows(2)
            .find(|u| u[0].hashed_address == u[1].hashed_address);
        if let Some(twice) = twice {
            return Err(TrieError::Duplicate(twice[0].hashed_address));
        }
        let mut slots = Vec::with_capacity(updates.len());
        for update in &updates {
            slots.push(slot_changes(update).map_err(TrieError::Duplicate)?);
        }
        self.check_usable()?;
        self.poisoned = true;
        self.block = self.block.max(block_number);
        let result = self.apply_sorted(&updates, slots, reader)?;
        self.poisoned = false;
        Ok(result)
    }

    fn apply_sorted<R: TrieReader>(
        &mut self,
        updates: &[&AccountUpdate],
        slots: Vec<Vec<Change<U256>>>,
        reader: &R,
    ) -> Result<TrieUpdates, TrieError<R::Error>> {
        let storage = self.apply_storage(updates, slots, reader)?;
        let mut roots = storage.iter().peekable();
        let mut changes = Vec::with_capacity(updates.len());
        for update in updates {
            let key = update.hashed_address;
            let storage = roots.next_if(|(_, updates)| updates.hashed_address == key);
            let (root, hint) = match storage {
                None => (EMPTY_ROOT_HASH, RootHint::Keep),
                Some((_, updates)) if updates.wiped => (updates.root, RootHint::Replaced),
                Some((old, updates)) => (updates.root, RootHint::Updated(*old)),
            };
            let value = update
                .info
                .map(|info| TrieAccount::new(info.nonce, info.balance, root, info.code_hash));
            changes.push(Change { key, value, hint });
        }
        let block = self.block;
        let accounts = self.accounts(reader)?;
        let account_nodes = accounts.update(&AccountSource(reader), block, &mut changes)?;
        let unchanged = |old: &B256, updates: &StorageTrieUpdates| {
            !updates.wiped && updates.root == *old && updates.nodes.is_empty()
        };
        Ok(TrieUpdates {
            root: accounts.root(),
            account_nodes,
            storage: storage
                .into_iter()
                .filter(|(old, updates)| !unchanged(old, updates))
                .map(|(_, updates)| updates)
                .collect(),
            accounts: changes
                .into_iter()
                .map(|change| (change.key, change.value))
                .collect(),
        })
    }

    /// Updates the storage tries; returns each one's root before and its updates.
    fn apply_storage<R: TrieReader>(
        &mut self,
        updates: &[&AccountUpdate],
        slots: Vec<Vec<Change<U256>>>,
        reader: &R,
    ) -> Result<Vec<(B256, StorageTrieUpdates)>, TrieError<R::Error>> {
        let total: usize = slots.iter().map(Vec::len).sum();
        let mut jobs = Vec::new();
        for (update, slots) in updates.iter().copied().zip(slots) {
            if update.info.is_none() || update.wiped || !slots.is_empty() {
                let trie = self.storage.remove(&update.hashed_address);
                jobs.push((
                    StorageJob {
                        update,
                        trie,
                        done: None,
                    },
                    slots,
                ));
            }
        }
        let block = self.block;
        let work =
            |(job, slots): &mut (StorageJob<'_>, Vec<Change<U256>>)| job.run(slots, reader, block);
        if total >= PARALLEL_SLOTS && jobs.len() > 1 {
            jobs.par_iter_mut().try_for_each(work)?;
        } else {
            jobs.iter_mut().try_for_each(work)?;
        }
        let mut results = Vec::with_capacity(jobs.len());
        for (job, _) in jobs {
            if let Some(trie) = job.trie {
                self.storage.insert(job.update.hashed_address, trie);
            }
            results.extend(job.done);
        }
        Ok(results)
    }

    /// The nodes that prove what the account trie holds for a hashed address, the root first, as
    /// `eth_getProof` orders them. An absent account is proven by the nodes up to where its key
    /// parts from what is there. Empty when there is no account at all.
    ///
    /// # Errors
    /// The reader's, and [`TrieError::Inconsistent`]; the trie stays usable.
    pub fn account_proof<R: TrieReader>(
        &mut self,
        hashed_address: B256,
        reader: &R,
    ) -> Result<Vec<Bytes>, TrieError<R::Error>> {
        self.check_usable()?;
        let block = self.next_block();
        self.accounts(reader)?
            .prove(&AccountSource(reader), block, &hashed_address)
    }

    /// The nodes that prove what an account's storage trie holds for a hashed slot, in the same way.
    /// Empty when the account has no storage or does not exist.
    ///
    /// # Errors
    /// The reader's, and [`TrieError::Inconsistent`]; the trie stays usable.
    pub fn storage_proof<R: TrieReader>(
        &mut self,
        hashed_address: B256,
        hashed_slot: B256,
        reader: &R,
    ) -> Result<Vec<Bytes>, TrieError<R::Error>> {
        self.check_usable()?;
        let block = self.next_block();
        let source = StorageSource {
            reader,
            hashed_address,
        };
        self.storage_trie(&source)?
            .prove(&source, block, &hashed_slot)
    }

    /// Nodes in memory: a measure of memory used that depends on nothing but the calls made. A
    /// branch takes about 50 bytes and 56 for each child, a leaf about 150.
    pub fn node_count(&self) -> usize {
        let accounts = self.accounts.as_ref().map_or(0, Trie::node_count);
        accounts + self.storage.values().map(Trie::node_count).sum::<usize>()
    }

    /// Drops the nodes that were used longest ago, as many as it takes to keep `max_nodes`.
    ///
    /// Nodes used by block `keep_from` or later stay, and so do nodes changed by a block after
    /// `persisted_block`, which are nowhere else: the count may stay above `max_nodes` therefore.
    /// From now on every reader given is of `persisted_block` or later.
    pub fn evict(&mut self, persisted_block: u64, keep_from: u64, max_nodes: usize) {
        let count = self.node_count();
        if count <= max_nodes {
            return;
        }
        let mut counts = BTreeMap::new();
        for trie in self.storage.values() {
            trie.count_evictable(persisted_block, &mut counts);
        }
        if let Some(trie) = &self.accounts {
            trie.count_evictable(persisted_block, &mut counts);
        }
        let mut excess = count - max_nodes;
        let mut cutoff = 0;
        for (touched, count) in counts {
            if excess == 0 || touched >= keep_from {
                break;
            }
            cutoff = touched.saturating_add(1);
            excess = excess.saturating_sub(count);
        }
        self.storage
            .retain(|_, trie| trie.evict(persisted_block, cutoff));
        if let Some(trie) = &mut self.accounts
            && !trie.evict(persisted_block, cutoff)
        {
            self.accounts = None;
        }
    }

    fn check_usable<E>(&self) -> Result<(), TrieError<E>> {
        if self.poisoned {
            Err(TrieError::Poisoned)
        } else {
            Ok(())
        }
    }

    /// What nodes used between blocks are marked with.
    fn next_block(&self) -> u64 {
        self.block.saturating_add(1)
    }

    fn accounts<R: TrieReader>(
        &mut self,
        reader: &R,
    ) -> Result<&mut Trie<TrieAccount>, TrieError<R::Error>> {
        let trie = match self.accounts.take() {
            Some(trie) => trie,
            None => Trie::load(&AccountSource(reader), self.block)?,
        };
        Ok(self.accounts.insert(trie))
    }

    fn storage_trie<R: TrieReader>(
        &mut self,
        source: &StorageSource<'_, R>,
    ) -> Result<&mut Trie<U256>, TrieError<R::Error>> {
        let trie = match self.storage.remove(&source.hashed_address) {
            Some(trie) => trie,
            None => Trie::load(source, self.block)?,
        };
        Ok(self
            .storage
            .entry(source.hashed_address)
            .insert_entry(trie)
            .into_mut())
    }
}

impl StorageJob<'_> {
    fn run<R: TrieReader>(
        &mut self,
        slots: &mut [Change<U256>],
        reader: &R,
        block: u64,
    ) -> Result<(), TrieError<R::Error>> {
        let hashed_address = self.update.hashed_address;
        let source = StorageSource {
            reader,
            hashed_address,
        };
        let wiped = self.update.wiped || self.update.info.is_none();
        let mut trie = match self.trie.take() {
            // An empty trie stays in memory until it is in the database too.
            _ if wiped => Trie::empty(block),
            Some(trie) => trie,
            None => Trie::load(&source, block)?,
        };
        let old_root = trie.root();
        let nodes = trie.update(&source, block, slots)?;
        let updates = StorageTrieUpdates {
            hashed_address,
            root: trie.root(),
            wiped,
            nodes,
        };
        self.done = Some((old_root, updates));
        self.trie = Some(trie);
        Ok(())
    }
}

/// The changes of an account's slots in ascending order, or a slot that occurs twice. Those of an
/// account that is gone do not matter.
fn slot_changes(update: &AccountUpdate) -> Result<Vec<Change<U256>>, B256> {
    let slots = if update.info.is_some() {
        &update.storage[..]
    } else {
        &[]
    };
    let mut changes: Vec<_> = slots
        .iter()
        .map(|&(key, value)| Change {
            key,
            value: (!value.is_zero()).then_some(value),
            hint: (),
        })
        .collect();
    changes.sort_unstable_by_key(|change| change.key);
    match changes.windows(2).find(|pair| pair[0].key == pair[1].key) {
        Some(pair) => Err(pair[0].key),
        None => Ok(changes),
    }
}

//! A block with everything that its execution produced, shared by all who consume it.

use alloy_primitives::{
    Address, B256, Bytes, U256, keccak256,
    map::{AddressMap, AddressSet, HashMap},
};
use openledger_primitives::{Account, Block, BlockChanges, BlockRef, Receipt};
use openledger_trie::{AccountInfo, AccountUpdate, HashedChanges, TrieUpdates};
use rayon::prelude::*;

/// Keys to hash from which on the work is worth spreading over threads: some 30 microseconds of hashing.
const PARALLEL_FROM: usize = 128;

/// One changed slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashedSlotChange {
    /// Keccak of the slot's number.
    pub hashed_slot: B256,
    /// Value before the block.
    pub before: U256,
    /// Value after the block; zero: the slot is empty.
    pub after: U256,
}

/// One account's change, keyed by hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HashedAccountChange {
    /// Keccak of the address.
    pub hashed_address: B256,
    /// Before the block; `None`: the account did not exist.
    pub before: Option<Account>,
    /// After the block; `None`: the account does not exist.
    pub after: Option<Account>,
    /// The storage from before the block is gone. Always set when `after` is `None` and `before` is not.
    pub wiped: bool,
    /// Changed slots, ascending by hash.
    pub storage: Vec<HashedSlotChange>,
}

/// The state changes of a block keyed by hashes: accounts ascending by hash, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HashedBlockChanges {
    /// Changed accounts.
    pub accounts: Vec<HashedAccountChange>,
}

impl HashedBlockChanges {
    /// Hashes every key once, on several threads when there are many.
    pub fn new(changes: &BlockChanges) -> Self {
        let keys: usize = changes.accounts.iter().map(|a| 1 + a.storage.len()).sum();
        let parallel = keys >= PARALLEL_FROM;
        let hash = |change: &openledger_primitives::AccountChange| {
            let slot = |&(slot, before, after): &(U256, U256, U256)| HashedSlotChange {
                hashed_slot: keccak256(slot.to_be_bytes::<32>()),
                before,
                after,
            };
            // One token contract can hold nearly all of a block's slots.
            let mut storage: Vec<_> = if change.storage.len() >= PARALLEL_FROM {
                change.storage.par_iter().with_min_len(64).map(slot).collect()
            } else {
                change.storage.iter().map(slot).collect()
            };
            storage.sort_unstable_by_key(|slot| slot.hashed_slot);
            HashedAccountChange {
                hashed_address: keccak256(change.address),
                before: change.before,
                after: change.after,
                wiped: change.wiped || (change.after.is_none() && change.before.is_some()),
                storage,
            }
        };
        let mut accounts: Vec<_> = if parallel {
            changes.accounts.par_iter().with_min_len(32).map(hash).collect()
        } else {
            changes.accounts.iter().map(hash).collect()
        };
        accounts.sort_unstable_by_key(|account| account.hashed_address);
        Self { accounts }
    }

    /// What the state trie is to apply.
    pub fn to_trie(&self) -> HashedChanges {
        let accounts = self.accounts.iter().map(|account| AccountUpdate {
            hashed_address: account.hashed_address,
            info: account.after.map(|account| AccountInfo {
                nonce: account.nonce,
                balance: account.balance,
                code_hash: account.code_hash,
            }),
            wiped: account.wiped,
            storage: if account.after.is_none() {
                Vec::new()
            } else {
                account.storage.iter().map(|slot| (slot.hashed_slot, slot.after)).collect()
            },
        });
        HashedChanges { accounts: accounts.collect() }
    }
}

/// An executed block: the one value that storage, RPC, batcher and indexer share (in an `Arc`).
///
/// Guarantees: `hashed`, `accounts`, `storage` and `wiped` say the same as `changes`; every key is hashed once, here.
#[derive(Debug, Clone)]
pub struct ExecutedBlock {
    /// The sealed block.
    pub block: Block,
    /// One receipt for each transaction.
    pub receipts: Vec<Receipt>,
    /// What the block changed in the state.
    pub changes: BlockChanges,
    /// The same, keyed by hashes.
    pub hashed: HashedBlockChanges,
    /// What the block changed in the tries; empty until [`with_trie`](Self::with_trie).
    pub trie: TrieUpdates,
    /// Every changed account as it is after the block; `None`: it does not exist.
    pub accounts: AddressMap<Option<Account>>,
    /// Every written slot as it is after the block.
    pub storage: HashMap<(Address, U256), U256>,
    /// Accounts of whose storage from before the block nothing is left: slots not in `storage` are zero.
    pub wiped: AddressSet,
}

impl ExecutedBlock {
    /// Hashes and indexes the changes.
    ///
    /// A builder needs the hashed changes before it has the header with the state root: it makes
    /// [`HashedBlockChanges`] itself and ends with [`from_hashed`](Self::from_hashed).
    pub fn new(block: Block, receipts: Vec<Receipt>, changes: BlockChanges) -> Self {
        let keys: usize = changes.accounts.iter().map(|a| 1 + a.storage.len()).sum();
        let hash = || HashedBlockChanges::new(&changes);
        let (hashed, index) = if keys >= PARALLEL_FROM {
            rayon::join(hash, || Index::new(&changes))
        } else {
            (hash(), Index::new(&changes))
        };
        let Index { accounts, storage, wiped } = index;
        Self { block, receipts, changes, hashed, trie: TrieUpdates::default(), accounts, storage, wiped }
    }

    /// Indexes changes that were hashed before; `hashed` must be that of `changes`.
    pub fn from_hashed(
        block: Block,
        receipts: Vec<Receipt>,
        changes: BlockChanges,
        hashed: HashedBlockChanges,
        trie: TrieUpdates,
    ) -> Self {
        let Index { accounts, storage, wiped } = Index::new(&changes);
        Self { block, receipts, changes, hashed, trie, accounts, storage, wiped }
    }

    /// Sets what the state trie returned for [`hashed_changes`](Self::hashed_changes).
    pub fn with_trie(mut self, trie: TrieUpdates) -> Self {
        self.trie = trie;
        self
    }

    /// What the state trie is to apply for this block.
    pub fn hashed_changes(&self) -> HashedChanges {
        self.hashed.to_trie()
    }

    /// The account after the block, when the block changed it: `Some(None)` says that it does not exist.
    pub fn account(&self, address: &Address) -> Option<Option<Account>> {
        self.accounts.get(address).copied()
    }

    /// The slot's value after the block, when the block determined it (wrote it, or destroyed the storage it was in).
    pub fn slot(&self, address: &Address, slot: &U256) -> Option<U256> {
        match self.storage.get(&(*address, *slot)) {
            Some(value) => Some(*value),
            None => self.wiped.contains(address).then_some(U256::ZERO),
        }
    }

    /// Code that the block deployed.
    pub fn code(&self, hash: &B256) -> Option<&Bytes> {
        self.changes.codes.get(hash)
    }

    /// The block's number.
    pub fn number(&self) -> u64 {
        self.block.number()
    }

    /// The block's hash.
    pub fn hash(&self) -> B256 {
        self.block.hash()
    }

    /// Number and hash.
    pub fn block_ref(&self) -> BlockRef {
        self.block.block_ref()
    }
}

struct Index {
    accounts: AddressMap<Option<Account>>,
    storage: HashMap<(Address, U256), U256>,
    wiped: AddressSet,
}

impl Index {
    fn new(changes: &BlockChanges) -> Self {
        let slots = changes.accounts.iter().map(|a| a.storage.len()).sum();
        let mut accounts = AddressMap::with_capacity_and_hasher(changes.accounts.len(), Default::default());
        let mut storage = HashMap::with_capacity_and_hasher(slots, Default::default());
        let mut wiped = AddressSet::default();
        for change in &changes.accounts {
            let address = change.address;
            accounts.insert(address, change.after);
            if change.wiped || change.after.is_none() {
                wiped.insert(address);
            }
            if change.after.is_some() {
                storage.extend(change.storage.iter().map(|(slot, _, after)| ((address, *slot), *after)));
            }
        }
        Self { accounts, storage, wiped }
    }
}

//! A block with everything that its execution produced, shared by all who consume it.

use alloy_primitives::{
    Address, B256, Bytes, U256,
    map::{AddressMap, AddressSet, HashMap},
};
use openledger_primitives::{Account, Block, BlockChanges, BlockRef, Receipt};
use openledger_trie::{AccountInfo, AccountUpdate, HashedChanges, TrieUpdates, keccak256_all};
use rayon::prelude::*;

/// Keys that one thread hashes at a time.
const HASH_CHUNK: usize = 1024;
/// Changes from which on hashing and indexing are worth two threads.
const PARALLEL_FROM: usize = 256;

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
    /// Hashes every key once, several at a time, on several threads when there are many.
    pub fn new(changes: &BlockChanges) -> Self {
        let addresses: Vec<_> = changes.accounts.iter().map(|a| a.address).collect();
        // All accounts' slots together: one token contract can hold nearly all of a block's, or each account one.
        let slots = changes.accounts.iter().flat_map(|a| &a.storage);
        let slots: Vec<_> = slots.map(|slot| slot.0.to_be_bytes::<32>()).collect();
        let mut hashed_slots = hash_all(&slots).into_iter();
        let accounts = changes.accounts.iter().zip(hash_all(&addresses));
        let mut accounts: Vec<_> = accounts
            .map(|(change, hashed_address)| {
                let slots = change.storage.iter().zip(&mut hashed_slots);
                let slot = |(&(_, before, after), hashed_slot)| HashedSlotChange {
                    hashed_slot,
                    before,
                    after,
                };
                let mut storage: Vec<_> = slots.map(slot).collect();
                storage.sort_unstable_by_key(|slot| slot.hashed_slot);
                HashedAccountChange {
                    hashed_address,
                    before: change.before,
                    after: change.after,
                    wiped: change.wiped || (change.after.is_none() && change.before.is_some()),
                    storage,
                }
            })
            .collect();
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
                account
                    .storage
                    .iter()
                    .map(|slot| (slot.hashed_slot, slot.after))
                    .collect()
            },
        });
        HashedChanges {
            accounts: accounts.collect(),
        }
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
        let Index {
            accounts,
            storage,
            wiped,
        } = index;
        Self {
            block,
            receipts,
            changes,
            hashed,
            trie: TrieUpdates::default(),
            accounts,
            storage,
            wiped,
        }
    }

    /// Indexes changes that were hashed before; `hashed` must be that of `changes`.
    pub fn from_hashed(
        block: Block,
        receipts: Vec<Receipt>,
        changes: BlockChanges,
        hashed: HashedBlockChanges,
        trie: TrieUpdates,
    ) -> Self {
        let Index {
            accounts,
            storage,
            wiped,
        } = Index::new(&changes);
        Self {
            block,
            receipts,
            changes,
            hashed,
            trie,
            accounts,
            storage,
            wiped,
        }
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

/// The hashes of keys, in their order.
fn hash_all<K: AsRef<[u8]> + Sync>(keys: &[K]) -> Vec<B256> {
    if keys.len() < 2 * HASH_CHUNK {
        return keccak256_all(keys);
    }
    let chunks = keys.par_chunks(HASH_CHUNK);
    chunks.flat_map_iter(keccak256_all).collect()
}

struct Index {
    accounts: AddressMap<Option<Account>>,
    storage: HashMap<(Address, U256), U256>,
    wiped: AddressSet,
}

impl Index {
    fn new(changes: &BlockChanges) -> Self {
        let slots = changes.accounts.iter().map(|a| a.storage.len()).sum();
        let mut accounts =
            AddressMap::with_capacity_and_hasher(changes.accounts.len(), Default::default());
        let mut storage = HashMap::with_capacity_and_hasher(slots, Default::default());
        let mut wiped = AddressSet::default();
        for change in &changes.accounts {
            let address = change.address;
            accounts.insert(address, change.after);
            if change.wiped || change.after.is_none() {
                wiped.insert(address);
            }
            if change.after.is_some() {
                storage.extend(
                    change
                        .storage
                        .iter()
                        .map(|(slot, _, after)| ((address, *slot), *after)),
                );
            }
        }
        Self {
            accounts,
            storage,
            wiped,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::keccak256;
    use openledger_primitives::AccountChange;

    #[test]
    fn every_key_gets_its_own_hash() {
        for (accounts, slots) in [(0, 0), (1, 0), (3, 2), (5_000, 1), (7, 1_000), (4_001, 3)] {
            let change = |n: u64| AccountChange {
                address: Address::from_word(U256::from(n).into()),
                before: None,
                after: Some(Account {
                    nonce: n,
                    ..Default::default()
                }),
                wiped: false,
                storage: (0..slots)
                    .map(|slot| (U256::from(slot), U256::ZERO, U256::from(n + slot)))
                    .collect(),
            };
            let changes = BlockChanges {
                accounts: (0..accounts).map(change).collect(),
                ..Default::default()
            };
            let hashed = HashedBlockChanges::new(&changes);
            assert!(hashed.accounts.is_sorted_by_key(|a| a.hashed_address));
            let mut expected: Vec<_> = changes.accounts.iter().collect();
            expected.sort_by_key(|change| keccak256(change.address));
            assert_eq!(hashed.accounts.len(), expected.len());
            for (hashed, change) in hashed.accounts.iter().zip(expected) {
                assert_eq!(hashed.hashed_address, keccak256(change.address));
                assert_eq!(hashed.after, change.after);
                let slot = |&(slot, before, after): &(U256, U256, U256)| HashedSlotChange {
                    hashed_slot: keccak256(slot.to_be_bytes::<32>()),
                    before,
                    after,
                };
                let mut slots: Vec<_> = change.storage.iter().map(slot).collect();
                slots.sort_by_key(|slot| slot.hashed_slot);
                assert_eq!(hashed.storage, slots);
            }
        }
    }
}

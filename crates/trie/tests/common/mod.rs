//! A database in memory, and a state held as plain maps to compare with.

#![allow(dead_code, reason = "each test uses a part")]

use alloy_primitives::{B256, U256};
use alloy_trie::TrieAccount;
use eth_trie::{EthTrie, MemoryDB, Trie};
use nybbles::Nibbles;
use openledger_trie::{
    AccountInfo, AccountUpdate, BranchRecord, HashedChanges, TrieReader, TrieUpdates,
    build_account_trie, build_storage_trie, full_state_root, full_storage_root,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    sync::Arc,
};

pub type Records = BTreeMap<Nibbles, BranchRecord>;

/// What the storage crate keeps on disk.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    pub account_nodes: Records,
    pub storage_nodes: BTreeMap<(B256, Nibbles), BranchRecord>,
    pub accounts: BTreeMap<B256, TrieAccount>,
    pub slots: BTreeMap<(B256, B256), U256>,
}

impl Store {
    pub fn write(&mut self, changes: &[HashedChanges], updates: &TrieUpdates) {
        for (path, record) in &updates.account_nodes {
            // Every record goes through its stored form.
            match record {
                Some(record) => {
                    let record = BranchRecord::decode(record.as_bytes()).unwrap();
                    self.account_nodes.insert(*path, record)
                }
                None => self.account_nodes.remove(path),
            };
        }
        for trie in &updates.storage {
            let owner = trie.hashed_address;
            if trie.wiped {
                self.storage_nodes
                    .retain(|(account, _), _| *account != owner);
            }
            for (path, record) in &trie.nodes {
                match record {
                    Some(record) => self.storage_nodes.insert((owner, *path), record.clone()),
                    None => self.storage_nodes.remove(&(owner, *path)),
                };
            }
        }
        for (hashed_address, account) in &updates.accounts {
            match account {
                Some(account) => self.accounts.insert(*hashed_address, *account),
                None => self.accounts.remove(hashed_address),
            };
        }
        for update in changes.iter().flat_map(|changes| &changes.accounts) {
            if update.wiped || update.info.is_none() {
                self.slots
                    .retain(|(account, _), _| *account != update.hashed_address);
            }
            for &(slot, value) in update.storage.iter().filter(|_| update.info.is_some()) {
                let key = (update.hashed_address, slot);
                if value.is_zero() {
                    self.slots.remove(&key);
                } else {
                    self.slots.insert(key, value);
                }
            }
        }
    }
}

/// The lowest and the highest key with a prefix.
fn bounds(prefix: &Nibbles) -> (B256, B256) {
    let mut low = B256::ZERO;
    let mut high = B256::repeat_byte(0xff);
    for (i, nibble) in prefix.iter().enumerate() {
        let shift = if i % 2 == 0 { 4 } else { 0 };
        low[i / 2] |= nibble << shift;
        high[i / 2] &= !((0x0f ^ nibble) << shift);
    }
    (low, high)
}

impl TrieReader for Store {
    type Error = Infallible;

    fn account_branch(&self, path: &Nibbles) -> Result<Option<BranchRecord>, Infallible> {
        Ok(self.account_nodes.get(path).cloned())
    }

    fn first_account(&self, prefix: &Nibbles) -> Result<Option<(B256, TrieAccount)>, Infallible> {
        let (low, high) = bounds(prefix);
        Ok(self
            .accounts
            .range(low..=high)
            .next()
            .map(|(key, account)| (*key, *account)))
    }

    fn storage_branch(
        &self,
        hashed_address: B256,
        path: &Nibbles,
    ) -> Result<Option<BranchRecord>, Infallible> {
        Ok(self.storage_nodes.get(&(hashed_address, *path)).cloned())
    }

    fn first_slot(
        &self,
        hashed_address: B256,
        prefix: &Nibbles,
    ) -> Result<Option<(B256, U256)>, Infallible> {
        let (low, high) = bounds(prefix);
        let mut range = self
            .slots
            .range((hashed_address, low)..=(hashed_address, high));
        Ok(range.next().map(|((_, slot), value)| (*slot, *value)))
    }
}

/// One account of the plain state.
#[derive(Clone, Debug, PartialEq)]
pub struct PlainAccount {
    pub info: AccountInfo,
    pub slots: BTreeMap<B256, U256>,
}

impl PlainAccount {
    pub fn storage_root(&self) -> B256 {
        full_storage_root(self.slots.iter().map(|(slot, value)| (*slot, *value))).unwrap()
    }

    pub fn leaf(&self) -> TrieAccount {
        let AccountInfo {
            nonce,
            balance,
            code_hash,
        } = self.info;
        TrieAccount::new(nonce, balance, self.storage_root(), code_hash)
    }

    pub fn storage_oracle(&self) -> EthTrie<MemoryDB> {
        oracle(
            self.slots
                .iter()
                .map(|(slot, value)| (*slot, alloy_rlp::encode(value))),
        )
    }
}

/// The state as plain maps.
pub type Plain = BTreeMap<B256, PlainAccount>;

pub fn plain_root(plain: &Plain) -> B256 {
    full_state_root(plain.iter().map(|(hashed_address, account)| {
        (
            *hashed_address,
            account.info,
            account.slots.iter().map(|(slot, value)| (*slot, *value)),
        )
    }))
    .unwrap()
}

pub fn account_oracle(plain: &Plain) -> EthTrie<MemoryDB> {
    oracle(
        plain
            .iter()
            .map(|(key, account)| (*key, alloy_rlp::encode(account.leaf()))),
    )
}

fn oracle(leaves: impl Iterator<Item = (B256, Vec<u8>)>) -> EthTrie<MemoryDB> {
    let mut trie = EthTrie::new(Arc::new(MemoryDB::new(true)));
    for (key, value) in leaves {
        trie.insert(key.as_slice(), &value).unwrap();
    }
    // Its proofs list only nodes that are committed.
    trie.root_hash().unwrap();
    trie
}

/// The stored form of a plain state, made at once.
pub fn built(plain: &Plain) -> (B256, Store) {
    let mut store = Store::default();
    for (&owner, account) in plain {
        let slots = account.slots.iter().map(|(slot, value)| (*slot, *value));
        let nodes = &mut store.storage_nodes;
        build_storage_trie(slots, |path, record| {
            assert!(
                nodes.insert((owner, path), record).is_none(),
                "a path comes once"
            );
        })
        .unwrap();
        store.accounts.insert(owner, account.leaf());
        store.slots.extend(
            account
                .slots
                .iter()
                .map(|(slot, value)| ((owner, *slot), *value)),
        );
    }
    let leaves = store.accounts.clone();
    let root = build_account_trie(leaves, |path, record| {
        assert!(
            store.account_nodes.insert(path, record).is_none(),
            "a path comes once"
        );
    })
    .unwrap();
    (root, store)
}

/// The changes that lead from one plain state to another.
pub fn difference(from: &Plain, to: &Plain) -> HashedChanges {
    let keys: BTreeSet<_> = from.keys().chain(to.keys()).copied().collect();
    let mut accounts = Vec::new();
    for hashed_address in keys {
        let (old, new) = (from.get(&hashed_address), to.get(&hashed_address));
        if old == new {
            continue;
        }
        let none = BTreeMap::new();
        let old_slots = old.map_or(&none, |account| &account.slots);
        let new_slots = new.map_or(&none, |account| &account.slots);
        let slots: BTreeSet<_> = old_slots.keys().chain(new_slots.keys()).copied().collect();
        let storage = slots
            .into_iter()
            .filter(|slot| old_slots.get(slot) != new_slots.get(slot))
            .map(|slot| (slot, new_slots.get(&slot).copied().unwrap_or_default()))
            .collect();
        let info = new.map(|account| account.info);
        accounts.push(AccountUpdate {
            hashed_address,
            info,
            wiped: false,
            storage,
        });
    }
    HashedChanges { accounts }
}

//! The state of the persisted head, for execution and for the trie.

use super::{Reader, decode_with};
use crate::{
    StorageError,
    codec::{decode_leaf, decode_word},
    tables::{PathKey, Table, corrupt, storage_key},
};
use alloy_primitives::{B256, Bytes, U256};
use alloy_trie::TrieAccount;
use nybbles::Nibbles;
use openledger_primitives::Account;
use openledger_trie::{BranchRecord, TrieReader};

impl Reader {
    /// The account in the state of the persisted head.
    ///
    /// # Errors
    /// This and the other methods here: [`StorageError::Corrupt`], and failures of the store.
    pub fn account(&self, hashed_address: B256) -> Result<Option<Account>, StorageError> {
        let leaf = self.account_leaf(hashed_address)?;
        Ok(leaf.map(|leaf| Account {
            nonce: leaf.nonce,
            balance: leaf.balance,
            code_hash: leaf.code_hash,
        }))
    }

    /// The account with its storage root.
    pub fn account_leaf(&self, hashed_address: B256) -> Result<Option<TrieAccount>, StorageError> {
        let key = hashed_address.as_slice();
        self.table(Table::Accounts).get(key, |value| {
            decode_with(Table::Accounts, key, decode_leaf(value))
        })
    }

    /// The slot's value in the state of the persisted head; zero when it is empty.
    pub fn storage(&self, hashed_address: B256, hashed_slot: B256) -> Result<U256, StorageError> {
        let key = storage_key(&hashed_address, &hashed_slot);
        let value = self.table(Table::Storage).get(&key, |value| {
            decode_with(Table::Storage, &key, decode_word(value))
        })?;
        Ok(value.unwrap_or_default())
    }

    /// The first account whose hashed address is not below `from`, with its storage root.
    pub fn next_account(&self, from: B256) -> Result<Option<(B256, TrieAccount)>, StorageError> {
        self.table(Table::Accounts)
            .seek(from.as_slice(), 0, |key, value| {
                let hashed = hash_of(Table::Accounts, key, key)?;
                Ok((
                    hashed,
                    decode_with(Table::Accounts, key, decode_leaf(value))?,
                ))
            })
    }

    /// The account's first slot whose hash is not below `from`, and its value, which is not zero.
    pub fn next_slot(
        &self,
        hashed_address: B256,
        from: B256,
    ) -> Result<Option<(B256, U256)>, StorageError> {
        self.table(Table::Storage)
            .seek(&storage_key(&hashed_address, &from), 32, |key, value| {
                let hashed = hash_of(Table::Storage, key, key.get(32..).unwrap_or_default())?;
                Ok((
                    hashed,
                    decode_with(Table::Storage, key, decode_word(value))?,
                ))
            })
    }

    /// Code by its hash; the empty code is not stored.
    pub fn code(&self, hash: B256) -> Result<Option<Bytes>, StorageError> {
        self.table(Table::Codes)
            .get(hash.as_slice(), |value| Ok(Bytes::copy_from_slice(value)))
    }
}

impl TrieReader for Reader {
    type Error = StorageError;

    fn account_branch(&self, path: &Nibbles) -> Result<Option<BranchRecord>, StorageError> {
        let key = PathKey::account(path);
        self.table(Table::AccountTrie).get(key.as_slice(), |value| {
            decode_record(Table::AccountTrie, &key, value)
        })
    }

    fn first_account(&self, prefix: &Nibbles) -> Result<Option<(B256, TrieAccount)>, StorageError> {
        let found = self.next_account(first_key(prefix))?;
        Ok(found.filter(|(hashed, _)| starts_with(hashed, prefix)))
    }

    fn storage_branch(
        &self,
        hashed_address: B256,
        path: &Nibbles,
    ) -> Result<Option<BranchRecord>, StorageError> {
        let key = PathKey::storage(&hashed_address, path);
        self.table(Table::StorageTrie).get(key.as_slice(), |value| {
            decode_record(Table::StorageTrie, &key, value)
        })
    }

    fn first_slot(
        &self,
        hashed_address: B256,
        prefix: &Nibbles,
    ) -> Result<Option<(B256, U256)>, StorageError> {
        let found = self.next_slot(hashed_address, first_key(prefix))?;
        Ok(found.filter(|(hashed, _)| starts_with(hashed, prefix)))
    }
}

fn decode_record(table: Table, key: &PathKey, value: &[u8]) -> Result<BranchRecord, StorageError> {
    BranchRecord::decode(value).map_err(|error| corrupt(table, key.as_slice(), error))
}

fn hash_of(table: Table, key: &[u8], part: &[u8]) -> Result<B256, StorageError> {
    B256::try_from(part).map_err(|_| corrupt(table, key, "key of wrong length"))
}

/// The lowest hash with this prefix.
fn first_key(prefix: &Nibbles) -> B256 {
    let packed = prefix.pack();
    let mut key = B256::ZERO;
    let len = packed.len().min(32);
    key[..len].copy_from_slice(&packed[..len]);
    key
}

fn starts_with(hash: &B256, prefix: &Nibbles) -> bool {
    let len = prefix.len();
    let (full, odd) = (len / 2, len % 2 == 1);
    let packed = prefix.pack();
    hash.get(..full) == packed.get(..full)
        && (!odd || hash.get(full).map(|byte| byte & 0xf0) == packed.get(full).copied())
}

//! The tables, their keys, and typed access with checked sizes.

use crate::{Corruption, StorageError};
use alloy_primitives::B256;
use nybbles::Nibbles;

/// The layout of the tables. Raised by every change that an older or newer program would misread.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// Longest key in any table: a storage trie's path of 64 nibbles behind its account.
pub(crate) const MAX_KEY: usize = 72;
/// Longest value: far below MDBX's own limit (2 GiB), which aborts the process when it is passed.
pub(crate) const MAX_VALUE: usize = 1 << 30;

/// A table of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Table {
    /// What there is once: schema version, head, genesis, chain id, labels, history floors.
    Meta,
    /// Hash of an address -> account with its storage root.
    Accounts,
    /// Hash of an address, hash of a slot -> value.
    Storage,
    /// Hash of code -> code.
    Codes,
    /// Path -> branch record of the account trie.
    AccountTrie,
    /// Hash of an address, path -> branch record of a storage trie.
    StorageTrie,
    /// Number -> header (RLP).
    Headers,
    /// Block hash -> number.
    HeaderNumbers,
    /// Number -> transactions with senders, ommers, withdrawals.
    Bodies,
    /// Number -> receipts.
    Receipts,
    /// Transaction hash -> block number, index.
    TxLookup,
    /// Hash of an address, block number -> the account before that block.
    AccountHistory,
    /// Hash of an address, hash of a slot, block number -> the value before that block.
    StorageHistory,
    /// Number -> hashed keys that the block changed.
    ChangeSets,
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 14] = [
        Self::Meta,
        Self::Accounts,
        Self::Storage,
        Self::Codes,
        Self::AccountTrie,
        Self::StorageTrie,
        Self::Headers,
        Self::HeaderNumbers,
        Self::Bodies,
        Self::Receipts,
        Self::TxLookup,
        Self::AccountHistory,
        Self::StorageHistory,
        Self::ChangeSets,
    ];

    /// The table's name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Meta => "Meta",
            Self::Accounts => "Accounts",
            Self::Storage => "Storage",
            Self::Codes => "Codes",
            Self::AccountTrie => "AccountTrie",
            Self::StorageTrie => "StorageTrie",
            Self::Headers => "Headers",
            Self::HeaderNumbers => "HeaderNumbers",
            Self::Bodies => "Bodies",
            Self::Receipts => "Receipts",
            Self::TxLookup => "TxLookup",
            Self::AccountHistory => "AccountHistory",
            Self::StorageHistory => "StorageHistory",
            Self::ChangeSets => "ChangeSets",
        }
    }
}

/// Keys of [`Table::Meta`].
pub(crate) mod meta {
    pub(crate) const SCHEMA: &[u8] = b"schema";
    pub(crate) const HEAD: &[u8] = b"head";
    pub(crate) const GENESIS: &[u8] = b"genesis";
    pub(crate) const CHAIN_ID: &[u8] = b"chain-id";
    pub(crate) const SAFE: &[u8] = b"safe";
    pub(crate) const FINALIZED: &[u8] = b"finalized";
    pub(crate) const FLOOR: &[u8] = b"history-floor";
    pub(crate) const KEPT: &[u8] = b"history-kept";
}

/// Two keys side by side.
pub(crate) fn join<const N: usize>(parts: [&[u8]; 2]) -> [u8; N] {
    let mut key = [0; N];
    let (head, tail) = key.split_at_mut(parts[0].len());
    head.copy_from_slice(parts[0]);
    tail.copy_from_slice(parts[1]);
    key
}

pub(crate) fn storage_key(address: &B256, slot: &B256) -> [u8; 64] {
    join([address.as_slice(), slot.as_slice()])
}

pub(crate) fn account_history_key(address: &B256, number: u64) -> [u8; 40] {
    join([address.as_slice(), &number.to_be_bytes()])
}

pub(crate) fn storage_history_key(address: &B256, slot: &B256, number: u64) -> [u8; 72] {
    join([&storage_key(address, slot), &number.to_be_bytes()])
}

/// A path as a key: nibbles packed high first, padded with a zero nibble, then their count. Neighbours in the trie
/// stay neighbours in the table, and no key is empty.
pub(crate) struct PathKey {
    bytes: [u8; 65],
    len: usize,
}

impl PathKey {
    /// A path of the account trie.
    pub(crate) fn account(path: &Nibbles) -> Self {
        let mut key = Self {
            bytes: [0; 65],
            len: 0,
        };
        key.push_path(path);
        key
    }

    /// A path of an account's storage trie.
    pub(crate) fn storage(address: &B256, path: &Nibbles) -> Self {
        let mut key = Self {
            bytes: [0; 65],
            len: 32,
        };
        key.bytes[..32].copy_from_slice(address.as_slice());
        key.push_path(path);
        key
    }

    fn push_path(&mut self, path: &Nibbles) {
        let packed = path.pack();
        self.bytes[self.len..self.len + packed.len()].copy_from_slice(&packed);
        self.len += packed.len();
        self.bytes[self.len] = path.len() as u8;
        self.len += 1;
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Refuses what MDBX would abort the process for.
pub(crate) fn check_size(table: Table, key: &[u8], value: &[u8]) -> Result<(), StorageError> {
    if key.is_empty() || key.len() > MAX_KEY {
        return Err(StorageError::TooLarge {
            what: "key",
            len: key.len(),
            table: table.name(),
        });
    }
    if value.len() > MAX_VALUE {
        return Err(StorageError::TooLarge {
            what: "value",
            len: value.len(),
            table: table.name(),
        });
    }
    Ok(())
}

/// An error about one value.
pub(crate) fn corrupt(table: Table, key: &[u8], reason: impl ToString) -> StorageError {
    Corruption {
        table: table.name(),
        key: key.to_vec(),
        reason: reason.to_string(),
    }
    .into()
}

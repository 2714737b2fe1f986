//! One trie of the database, be it the account trie or a storage trie.

use crate::{BranchRecord, TrieError, TrieReader, node::LeafValue};
use alloy_primitives::{B256, U256};
use alloy_trie::TrieAccount;
use nybbles::Nibbles;

/// A leaf of a source, if there is one.
type Found<V, E> = Result<Option<(B256, V)>, TrieError<E>>;

pub(crate) trait Source: Sync {
    type Value: LeafValue;
    type Error: Send;

    fn branch(&self, path: &Nibbles) -> Result<Option<BranchRecord>, TrieError<Self::Error>>;

    fn first_leaf(&self, prefix: &Nibbles) -> Found<Self::Value, Self::Error>;

    fn inconsistent(&self, path: Nibbles) -> TrieError<Self::Error>;
}

pub(crate) struct AccountSource<'a, R>(pub(crate) &'a R);

impl<R: TrieReader> Source for AccountSource<'_, R> {
    type Value = TrieAccount;
    type Error = R::Error;

    fn branch(&self, path: &Nibbles) -> Result<Option<BranchRecord>, TrieError<R::Error>> {
        self.0.account_branch(path).map_err(TrieError::Reader)
    }

    fn first_leaf(&self, prefix: &Nibbles) -> Found<TrieAccount, R::Error> {
        self.0.first_account(prefix).map_err(TrieError::Reader)
    }

    fn inconsistent(&self, path: Nibbles) -> TrieError<R::Error> {
        TrieError::Inconsistent {
            hashed_address: None,
            path,
        }
    }
}

pub(crate) struct StorageSource<'a, R> {
    pub(crate) reader: &'a R,
    pub(crate) hashed_address: B256,
}

impl<R: TrieReader> Source for StorageSource<'_, R> {
    type Value = U256;
    type Error = R::Error;

    fn branch(&self, path: &Nibbles) -> Result<Option<BranchRecord>, TrieError<R::Error>> {
        self.reader
            .storage_branch(self.hashed_address, path)
            .map_err(TrieError::Reader)
    }

    fn first_leaf(&self, prefix: &Nibbles) -> Found<U256, R::Error> {
        self.reader
            .first_slot(self.hashed_address, prefix)
            .map_err(TrieError::Reader)
    }

    fn inconsistent(&self, path: Nibbles) -> TrieError<R::Error> {
        TrieError::Inconsistent {
            hashed_address: Some(self.hashed_address),
            path,
        }
    }
}

//! What the trie asks of a database.

use crate::BranchRecord;
use alloy_primitives::{B256, U256};
use alloy_trie::TrieAccount;
use nybbles::Nibbles;

/// One consistent snapshot of the stored tries and leaves.
///
/// The records are those that applying every [`TrieUpdates`](crate::TrieUpdates) up to some block
/// in order leaves in the database, and the leaves are those of the same block. A trie that lives
/// over several blocks may be given a different snapshot each time, as long as the snapshot's block
/// is not below the `persisted_block` that the trie was last told of, and not above the last block
/// applied to the trie.
///
/// The trie calls it from several threads at once.
pub trait TrieReader: Sync {
    /// Why the database could not answer.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The record of the account trie at exactly this path; `None` when there is none. The empty
    /// path names the root's record.
    fn account_branch(&self, path: &Nibbles) -> Result<Option<BranchRecord>, Self::Error>;

    /// The first account, by hashed address, whose hashed address starts with `prefix`.
    fn first_account(&self, prefix: &Nibbles) -> Result<Option<(B256, TrieAccount)>, Self::Error>;

    /// The record of an account's storage trie at exactly this path; `None` when there is none.
    fn storage_branch(
        &self,
        hashed_address: B256,
        path: &Nibbles,
    ) -> Result<Option<BranchRecord>, Self::Error>;

    /// The account's first slot, by hashed slot, whose hashed slot starts with `prefix`, and its
    /// value, which is not zero.
    fn first_slot(
        &self,
        hashed_address: B256,
        prefix: &Nibbles,
    ) -> Result<Option<(B256, U256)>, Self::Error>;
}

/// Why the trie could not do what it was asked.
///
/// After an error from [`StateTrie::apply`](crate::StateTrie::apply) the trie is
/// [`Poisoned`](Self::Poisoned): discard it and make a new one over the database. Errors of other
/// calls leave it usable.
#[derive(Debug, thiserror::Error)]
pub enum TrieError<E> {
    /// The database could not answer. Trying again may help.
    #[error("reading the stored trie failed")]
    Reader(#[source] E),
    /// Records and leaves contradict each other, or the snapshot is not of a block that the trie
    /// can work with. Trying again with the same snapshot cannot help.
    #[error(
        "stored trie is inconsistent at path {path:?} of {}",
        owner(hashed_address)
    )]
    Inconsistent {
        /// The account whose storage trie it is, `None` for the account trie.
        hashed_address: Option<B256>,
        /// Where in the trie.
        path: Nibbles,
    },
    /// The changes name an account, or a slot of one account, twice.
    #[error("changes name {0} twice")]
    Duplicate(B256),
    /// An earlier `apply` failed half-way.
    #[error("the trie is unusable since an earlier update failed; make a new one")]
    Poisoned,
}

fn owner(hashed_address: &Option<B256>) -> String {
    match hashed_address {
        None => "the account trie".into(),
        Some(hash) => format!("the storage trie of account {hash}"),
    }
}

impl<R: TrieReader> TrieReader for &R {
    type Error = R::Error;

    fn account_branch(&self, path: &Nibbles) -> Result<Option<BranchRecord>, Self::Error> {
        (**self).account_branch(path)
    }

    fn first_account(&self, prefix: &Nibbles) -> Result<Option<(B256, TrieAccount)>, Self::Error> {
        (**self).first_account(prefix)
    }

    fn storage_branch(
        &self,
        hashed_address: B256,
        path: &Nibbles,
    ) -> Result<Option<BranchRecord>, Self::Error> {
        (**self).storage_branch(hashed_address, path)
    }

    fn first_slot(
        &self,
        hashed_address: B256,
        prefix: &Nibbles,
    ) -> Result<Option<(B256, U256)>, Self::Error> {
        (**self).first_slot(hashed_address, prefix)
    }
}

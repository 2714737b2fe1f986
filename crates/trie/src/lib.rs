//! The Merkle-Patricia state trie: roots that cost what a block changed, proofs, and the records a
//! database keeps.
//!
//! [`StateTrie`] holds what recent blocks used in memory and reads the rest through a
//! [`TrieReader`] when needed. The database stores branch nodes only, as [`BranchRecord`]s keyed by
//! path; leaves are its tables of hashed accounts and slots. [`build_account_trie`] and
//! [`build_storage_trie`] make the same records from all leaves at once.
//!
//! The crate does no IO, knows no database and keeps no history.

mod arena;
mod build;
mod changes;
mod encode;
mod full;
mod keccak;
mod node;
mod reader;
mod record;
mod reference;
mod shard;
mod source;
mod state;
mod trie;
#[cfg(test)]
mod vectors;

pub use build::{Unsorted, build_account_trie, build_storage_trie};
pub use changes::{
    AccountInfo, AccountUpdate, HashedChanges, NodeUpdate, StorageTrieUpdates, TrieUpdates,
};
pub use full::{full_state_root, full_storage_root};
pub use keccak::keccak256_all;
pub use reader::{TrieError, TrieReader};
pub use record::{BranchRecord, ChildKind, ChildRecord, RecordError};
pub use reference::NodeRef;
pub use state::StateTrie;

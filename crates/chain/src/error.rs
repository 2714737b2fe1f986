//! What can go wrong with a chain.

use alloy_primitives::B256;
use openledger_execution::{ExecutionError, HeaderError, StateError, VerifyError};
use openledger_genesis::ChainSpecError;
use openledger_storage::StorageError;
use openledger_trie::TrieError;

/// Why a chain operation failed.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The state trie failed.
    #[error("state trie: {0}")]
    Trie(#[from] TrieError<StorageError>),
    /// The genesis is not acceptable.
    #[error(transparent)]
    Spec(#[from] ChainSpecError),
    /// Execution failed for reasons of the node.
    #[error(transparent)]
    Execution(#[from] ExecutionError),
    /// A foreign block's header breaks the rules.
    #[error("block {number} ({hash}) is invalid: {error}")]
    Header {
        /// The block's number.
        number: u64,
        /// The block's hash.
        hash: B256,
        /// Which rule.
        error: HeaderError,
    },
    /// A foreign block's content is not what its header says.
    #[error("block is invalid: {0}")]
    Verify(#[from] VerifyError),
    /// A foreign block's state root is wrong.
    #[error("block {number} is invalid: state root is {found}, its header says {expected}")]
    StateRoot {
        /// The block's number.
        number: u64,
        /// In the header.
        expected: B256,
        /// By execution.
        found: B256,
    },
    /// The parent of a block is not known.
    #[error("parent {0} of the block is not known")]
    UnknownParent(B256),
    /// A block does not follow the head.
    #[error("block {number} does not follow the head {head}")]
    NotNext {
        /// The block's number.
        number: u64,
        /// The head's number.
        head: u64,
    },
    /// The block is above the head.
    #[error("block {0} does not exist yet")]
    Future(u64),
    /// The state of that block is no longer kept.
    #[error("state of block {number} is not kept any more, the oldest is {oldest}")]
    HistoryPruned {
        /// Asked for.
        number: u64,
        /// The oldest that is there.
        oldest: u64,
    },
    /// The persistence thread ended; see the log for its reason.
    #[error("blocks can not be persisted: {0}")]
    Persistence(String),
}

impl From<ChainError> for StateError {
    fn from(error: ChainError) -> Self {
        Self::new(error)
    }
}

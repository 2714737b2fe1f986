//! Why block production stops.

use openledger_chain::ChainError;
use openledger_execution::{ExecutionError, HeaderError, StateError, VerifyError};
use openledger_primitives::BlockRef;
use openledger_protocol::L2RefError;
use openledger_storage::LogError;

/// Why the sequencer stopped or did not start. Every one of them needs an operator.
#[derive(Debug, thiserror::Error)]
pub enum SequencerError {
    /// The chain refused a block or can not be read.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The block log can not be written or read.
    #[error("block log: {0}")]
    Log(#[from] LogError),
    /// A block could not be executed for reasons of the node.
    #[error(transparent)]
    Execution(#[from] ExecutionError),
    /// The state can not be read.
    #[error(transparent)]
    State(#[from] StateError),
    /// The parent's header does not allow a child.
    #[error("no block can follow the head: {0}")]
    Header(#[from] HeaderError),
    /// The head carries no usable L1 information.
    #[error("the head's L1 information is unusable: {0}")]
    L1Info(#[from] L2RefError),
    /// A sealed block does not stand independent re-execution.
    #[error("block production stopped: re-execution differs from what was built: {0}")]
    Verification(#[from] VerifyError),
    /// The log and re-execution disagree after a restart.
    #[error("the block log and re-execution disagree at block {number}: {reason}")]
    Recovery {
        /// The block.
        number: u64,
        /// What differs.
        reason: String,
    },
    /// The log begins after the database ends.
    #[error(
        "the block log begins at block {log}, but the database ends at block {database}: blocks between them are missing"
    )]
    Gap {
        /// The log's first block.
        log: u64,
        /// The database's head.
        database: u64,
    },
    /// The L1 does not have the block any more on which the rollup's genesis stands. Nothing was retracted.
    #[error("the L1 is another chain or was reset: its block {} is no longer {}, on which this L2 was founded", .0.number, .0.hash)]
    OtherL1(BlockRef),
    /// The log could not be copied before it is changed.
    #[error("the block log can not be backed up, so nothing was changed: {0}")]
    Backup(String),
    /// Another thread of the sequencer stopped first.
    #[error("{0}")]
    Stopped(String),
}

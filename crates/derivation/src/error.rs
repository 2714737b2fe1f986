//! Why derivation can not go on from where it is.

use alloy_primitives::B256;
use openledger_primitives::BlockRef;

/// The pipeline's state no longer fits the chains. The caller throws the pipeline away, finds the newest safe block whose
/// origin is canonical, and starts a new one from there; nothing that was derived from canonical L1 blocks is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResetReason {
    /// The L1 block after the current one has another parent: the L1 was reorganised.
    #[error("L1 block {number} builds on {found}, not on {expected}: the L1 was reorganised")]
    L1Reorg {
        /// Number of the new L1 block.
        number: u64,
        /// The block that the pipeline had read at the height before.
        expected: B256,
        /// The new block's parent.
        found: B256,
    },
    /// The safe block's L1 origin is not canonical.
    #[error("L1 block {} is {found}, the safe block's origin is {}", .origin.number, .origin.hash)]
    OriginReorged {
        /// The safe block's origin.
        origin: BlockRef,
        /// The canonical block of that height.
        found: B256,
    },
    /// The pipeline was started at an L1 block after the safe block's origin.
    #[error(
        "derivation can not start at L1 block {start}: the safe block's origin is {origin} already"
    )]
    StartTooLate {
        /// The L1 block to start at.
        start: u64,
        /// Number of the safe block's origin.
        origin: u64,
    },
    /// An answer that is not what the pipeline last asked for.
    #[error("derivation was given {0} that it had not asked for")]
    Unrequested(&'static str),
    /// L2 blocks that are not consecutive or do not lead to the safe block.
    #[error("L2 block {0} is not part of the chain below the safe block")]
    ForeignL2Block(u64),
    /// The block that was applied is not the one that was derived.
    #[error("L2 block {} ({}) is not the derived one", .0.number, .0.hash)]
    ForeignHead(BlockRef),
}

//! Output roots of the chain that this node has.

use openledger_chain::{Chain, ChainError};
use openledger_primitives::BlockRef;
use openledger_protocol::OutputRoot;
use std::{fmt, sync::Arc};

/// How far derivation is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Derived {
    /// The newest L1 block that derivation has taken in; zero before the first.
    pub l1: BlockRef,
    /// The newest L2 block that the L1 determines up to there.
    pub safe: BlockRef,
    /// The newest L2 block that finalized L1 blocks determine.
    pub finalized: BlockRef,
}

/// Output roots (OP Stack specification, "Proposals", version 0) of the blocks of a chain. Cheap to clone.
#[derive(Clone)]
pub struct Outputs {
    chain: Arc<Chain>,
}

impl fmt::Debug for Outputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outputs").finish_non_exhaustive()
    }
}

impl Outputs {
    /// Those of a chain since Isthmus.
    pub fn new(chain: Arc<Chain>) -> Self {
        Self { chain }
    }

    /// The output of the canonical block of a height; `None` above the head. Reads the database, so it is for threads that
    /// may wait.
    ///
    /// # Errors
    /// When the database can not be read.
    pub fn at(&self, number: u64) -> Result<Option<OutputRoot>, ChainError> {
        Ok(self.chain.header(number)?.map(|header| OutputRoot {
            state_root: header.state_root,
            // Since Isthmus the header has the storage root of L2ToL1MessagePasser here.
            message_passer_storage_root: header.withdrawals_root.unwrap_or_default(),
            block_hash: header.seal(),
        }))
    }
}

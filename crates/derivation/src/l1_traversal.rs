//! Stage 1, L1 traversal: the L1 block being read, and the batcher that counts in it.

use crate::ResetReason;
use alloy_primitives::Address;
use openledger_genesis::SystemConfig;
use openledger_protocol::{L1BlockRef, L1Inputs};

/// Walks the L1 block by block, with its own copy of the system configuration as of each.
#[derive(Debug)]
pub(crate) struct L1Traversal {
    block: L1BlockRef,
    config: SystemConfig,
}

impl L1Traversal {
    /// Starts at a block; `config` already holds that block's updates.
    pub(crate) fn new(block: L1BlockRef, config: SystemConfig) -> Self {
        Self { block, config }
    }

    /// The block being read.
    pub(crate) fn origin(&self) -> L1BlockRef {
        self.block
    }

    /// The only sender whose batches count in the block being read.
    pub(crate) fn batcher(&self) -> Address {
        self.config.batcher_addr
    }

    /// Moves to the next block. Its configuration updates apply to its own batches already.
    pub(crate) fn advance(&mut self, next: &L1Inputs) -> Result<(), ResetReason> {
        let block = next.block.block_ref();
        if block.number != self.block.number + 1 {
            return Err(ResetReason::Unrequested("an L1 block"));
        }
        if block.parent_hash != self.block.hash {
            return Err(ResetReason::L1Reorg {
                number: block.number,
                expected: self.block.hash,
                found: block.parent_hash,
            });
        }
        next.apply_updates(&mut self.config);
        self.block = block;
        Ok(())
    }
}

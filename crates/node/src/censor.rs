//! A sequencer that does not want to see one sender's deposits, for the tests of what the L1 does about it.
//!
//! Only debug builds have it: with `OPENLEDGER_CENSOR=0x…` the blocks that the sequencer makes lack the deposits of that sender.
//! Derivation beside it reads the L1 as it is.

use alloy_primitives::Address;
use anyhow::{Context, Result};
use openledger_primitives::BlockRef;
use openledger_protocol::{L1Block, L1Inputs};
use openledger_sequencer::Origins;
use std::sync::Arc;
use tracing::warn;

/// The view of the L1 that the environment asks for.
pub(crate) fn censored(origins: Arc<dyn Origins>) -> Result<Arc<dyn Origins>> {
    let Ok(sender) = std::env::var("OPENLEDGER_CENSOR") else {
        return Ok(origins);
    };
    let sender = sender.parse().context("OPENLEDGER_CENSOR is no address")?;
    warn!(%sender, "the sequencer leaves out the deposits of one sender");
    Ok(Arc::new(Censored { origins, sender }))
}

struct Censored {
    origins: Arc<dyn Origins>,
    sender: Address,
}

impl Origins for Censored {
    fn block(&self, number: u64) -> Option<L1Block> {
        self.origins.block(number)
    }

    fn head(&self) -> Option<L1Block> {
        self.origins.head()
    }

    fn inputs(&self, block: &L1Block) -> Option<Arc<L1Inputs>> {
        let mut inputs = L1Inputs::clone(&*self.origins.inputs(block)?);
        inputs.deposits.retain(|tx| tx.signer() != self.sender);
        Some(Arc::new(inputs))
    }

    fn is_gone(&self, block: BlockRef) -> bool {
        self.origins.is_gone(block)
    }

    fn reorgs(&self) -> u64 {
        self.origins.reorgs()
    }
}

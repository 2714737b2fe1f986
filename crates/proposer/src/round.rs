//! What proposer and watcher do with each block of the L1.

use openledger_chain::ChainError;
use openledger_l1::{L1Error, ViewError};

/// Why a round ended early. The next head gives another try.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RoundError {
    #[error(transparent)]
    View(#[from] ViewError),
    #[error(transparent)]
    L1(#[from] L1Error),
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error("the database's thread was aborted")]
    Aborted,
}

impl RoundError {
    /// Whether the L1's endpoint failed.
    pub(crate) fn is_of_l1(&self) -> bool {
        matches!(self, Self::L1(_) | Self::View(ViewError::L1(_)))
    }
}

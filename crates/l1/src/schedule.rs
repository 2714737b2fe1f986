//! The L1's blob parameters over time.

use alloy_eips::eip7840::BlobParams;
use alloy_hardforks::EthereumHardforks;
use openledger_genesis::ChainSpec;
use std::sync::Arc;

/// Which blob parameters the L1 uses at which time.
///
/// It is configuration, not something to guess: a node that computed the blob base fee with the parameters of an
/// earlier fork would overcharge its users and disagree with every verifier.
#[derive(Debug, Clone)]
pub enum BlobSchedule {
    /// The L1's own rules, when they are at hand.
    Chain(Arc<ChainSpec>),
    /// Activation time in seconds and parameters, ascending by time.
    Entries(Vec<(u64, BlobParams)>),
}

impl BlobSchedule {
    /// The same parameters at all times.
    pub fn constant(params: BlobParams) -> Self {
        Self::Entries(vec![(0, params)])
    }

    /// A schedule from entries in any order.
    pub fn from_entries(mut entries: Vec<(u64, BlobParams)>) -> Self {
        entries.sort_by_key(|(time, _)| *time);
        Self::Entries(entries)
    }

    /// Ethereum Mainnet's, up to the second blob-parameter-only fork.
    pub fn mainnet() -> Self {
        Self::Entries(vec![
            (1_710_338_135, BlobParams::cancun()),
            (1_746_612_311, BlobParams::prague()),
            (1_764_798_551, BlobParams::osaka()),
            (1_765_290_071, BlobParams::bpo1()),
            (1_767_747_671, BlobParams::bpo2()),
        ])
    }

    /// The parameters of a block with this timestamp; `None` when blobs are not scheduled by then.
    pub fn params(&self, timestamp: u64) -> Option<BlobParams> {
        match self {
            Self::Chain(spec) => spec.blob_params(timestamp),
            Self::Entries(entries) => entries
                .iter()
                .rev()
                .find(|(time, _)| *time <= timestamp)
                .map(|(_, params)| *params),
        }
    }

    /// Whether blob transactions come with cell proofs (EIP-7594) at this time, as they do from Osaka on.
    pub fn has_cell_proofs(&self, timestamp: u64) -> bool {
        match self {
            Self::Chain(spec) => spec.is_osaka_active_at_timestamp(timestamp),
            // The price floor of EIP-7918 came with the same fork.
            Self::Entries(_) => self
                .params(timestamp)
                .is_some_and(|params| params.blob_base_cost > 0),
        }
    }
}

//! The development chain: funded accounts, an L1 inside the process, and the contracts that settle the L2 on it.
//!
//! The embedded L1 is the same engine as the L2 under Ethereum rules: one block each slot, blob transactions, the beacon
//! node's blob endpoints, `safe` and `finalized` labels. It has no peers, no validators and no forks.

mod accounts;
mod beacon;
mod blobs;
mod deploy;
mod error;
mod l1;
mod l1_genesis;
mod l2_genesis;
mod sidecar;

pub use accounts::{DEV_MNEMONIC, DevAccount, dev_accounts, dev_accounts_range};
pub use beacon::{BeaconState, beacon_router};
pub use blobs::BlobStore;
pub use deploy::{DevChain, DevDeployment, DevRoles, deploy_dev, dev_roles, l1_genesis_time};
pub use error::DevnetError;
pub use l1::{EmbeddedL1, L1Config, Slot};
pub use l1_genesis::{L1_CHAIN_ID, L1Fork, l1_genesis};
pub use l2_genesis::{L2_CHAIN_ID, L2GenesisConfig, l2_genesis};
pub use openledger_deployer::L2Genesis;
pub use sidecar::convert_sidecar;

//! Why a deployment can not be planned or carried out.

use alloy_primitives::{Address, B256, U256};
use openledger_genesis::PredeployError;
use openledger_l1::L1Error;
use std::path::PathBuf;

/// Why a deployment can not be planned or carried out.
///
/// After every error the same deployment can be run again: it goes on where it stopped.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// The configuration contradicts itself or the protocol.
    #[error("deployment configuration: {0}")]
    Config(String),
    /// A contract of the L2's genesis refuses its configuration.
    #[error("L2 genesis: {0}")]
    Predeploys(#[from] PredeployError),
    /// The L2's genesis can not be made.
    #[error("L2 genesis: {0}")]
    Genesis(String),
    /// The allocations of the L2's genesis do not fit 256 bits.
    #[error("the allocations of the L2's genesis overflow")]
    SupplyOverflow,
    /// The L1 can not be read or written.
    #[error(transparent)]
    L1(Box<L1Error>),
    /// The L1 is another one than was configured.
    #[error("the L1 is chain {found}, but the configuration is for chain {expected}")]
    ChainId {
        /// Configured.
        expected: u64,
        /// Found.
        found: u64,
    },
    /// The L1 lacks the contract through which everything is deployed.
    #[error(
        "the L1 has no deterministic deployment proxy at {0}: see https://github.com/Arachnid/deterministic-deployment-proxy for the transaction that makes it"
    )]
    NoDeploymentProxy(Address),
    /// The token that was configured as the native coin can not be it.
    #[error("the token {address} can not be the native coin: {reason}")]
    Token {
        /// The token.
        address: Address,
        /// Why not.
        reason: String,
    },
    /// The account that pays has too little.
    #[error("{account} has {balance} wei on the L1, but the deployment may take {needed} wei")]
    Funds {
        /// The deployer.
        account: Address,
        /// Its balance in wei.
        balance: U256,
        /// What is needed in wei at most.
        needed: U256,
    },
    /// The L1 says before anything is sent that a step would fail.
    #[error("step \"{step}\" would fail: {reason}")]
    WouldFail {
        /// The step.
        step: String,
        /// The L1's words.
        reason: String,
    },
    /// A transaction was included and reverted.
    #[error("step \"{step}\" failed: transaction {hash} reverted")]
    Reverted {
        /// The step.
        step: String,
        /// Its transaction.
        hash: B256,
    },
    /// A transaction succeeded, but did not do what it was sent for.
    #[error("step \"{step}\" was carried out, but the L1 does not show its effect")]
    NoEffect {
        /// The step.
        step: String,
    },
    /// Something else stands where a contract of this deployment should.
    #[error("step \"{step}\": {reason}")]
    Conflict {
        /// The step.
        step: String,
        /// What was found.
        reason: String,
    },
    /// Transactions are not included in time.
    #[error(
        "{count} transactions of {account} are still waiting after {seconds} s: the L1 is stuck, or their fees are too low"
    )]
    Waiting {
        /// The deployer.
        account: Address,
        /// How many.
        count: usize,
        /// For how long.
        seconds: u64,
    },
    /// The deployment is on the chain, but no further blocks come.
    #[error(
        "everything is deployed, but the L1 has not made {confirmations} blocks after block {block}: run it again to finish, or with fewer confirmations"
    )]
    NotConfirmed {
        /// The L1's head when the deployment ended.
        block: u64,
        /// Blocks that were waited for.
        confirmations: u64,
    },
    /// The L1 of this process could not make a block.
    #[error("the L1 can not make a block: {0}")]
    Mine(String),
    /// A transaction can not be signed.
    #[error("signing: {0}")]
    Sign(String),
    /// A file can not be read or written.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{path}: {reason}")]
    FileContent {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl From<L1Error> for DeployError {
    fn from(error: L1Error) -> Self {
        Self::L1(Box::new(error))
    }
}

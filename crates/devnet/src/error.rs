//! What can go wrong with the development chain.

use openledger_chain::ChainError;
use openledger_execution::{ExecutionError, HeaderError};

/// Why the development chain can not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum DevnetError {
    /// The accounts can not be derived.
    #[error("development accounts: {0}")]
    Accounts(String),
    /// The genesis can not be made.
    #[error("genesis: {0}")]
    Genesis(String),
    /// The L1's chain failed.
    #[error("embedded L1: {0}")]
    Chain(#[from] ChainError),
    /// A block of the L1 could not be executed.
    #[error("embedded L1: {0}")]
    Execution(#[from] ExecutionError),
    /// The L1's head allows no child.
    #[error("embedded L1: {0}")]
    Header(#[from] HeaderError),
    /// The settlement contracts can not be deployed, or the L2's genesis can not be made.
    #[error(transparent)]
    Deploy(#[from] openledger_deployer::DeployError),
    /// The deployment ended before its end.
    #[error("the deployment stopped with {0} steps left")]
    Unfinished(usize),
    /// A thread of the pool did not finish what it was given.
    #[error("the deployment was aborted: {0}")]
    Aborted(String),
    /// A block was asked of an L1 that makes none any more.
    #[error("embedded L1: it makes no more blocks: {0}")]
    Stopped(String),
    /// Blobs can not be stored.
    #[error("embedded L1: blobs can not be stored in {path}: {error}")]
    Blobs {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A thread can not be started.
    #[error("embedded L1: its thread can not be started: {0}")]
    Thread(std::io::Error),
}

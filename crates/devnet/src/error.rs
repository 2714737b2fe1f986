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

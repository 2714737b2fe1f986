//! Errors with the codes and words that clients of geth know.

use alloy_primitives::{B256, Bytes};
use jsonrpsee::types::ErrorObjectOwned;
use openledger_chain::ChainError;
use openledger_execution::{SimulateError, StateError, revert_reason};
use openledger_pool::Rejected;

/// JSON-RPC error codes in use.
pub mod code {
    /// A revert; `data` has the returned bytes.
    pub const REVERT: i32 = 3;
    /// `eth_sendRawTransactionSync` ran out of time; `data` has the transaction's hash.
    pub const SYNC_TIMEOUT: i32 = 4;
    /// Everything that geth has no code for, rejected transactions among it.
    pub const SERVER: i32 = -32_000;
    /// The call took too long.
    pub const TIMEOUT: i32 = -32_002;
    /// The answer is larger than allowed.
    pub const RESPONSE_TOO_LARGE: i32 = -32_003;
    /// A limit was exceeded, or the node is busy.
    pub const LIMIT: i32 = -32_005;
    /// The method does not exist here.
    pub const METHOD_NOT_FOUND: i32 = -32_601;
    /// The parameters are wrong.
    pub const INVALID_PARAMS: i32 = -32_602;
    /// The node failed.
    pub const INTERNAL: i32 = -32_603;
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum RpcError {
    /// The parameters are wrong; the text names which.
    #[error("{0}")]
    Params(String),
    /// Geth's catch-all (-32000).
    #[error("{0}")]
    Server(String),
    /// The pool refuses the transaction.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// The call reverts.
    #[error("execution reverted{}", revert_reason(.0).map(|reason| format!(": {reason}")).unwrap_or_default())]
    Revert(Bytes),
    /// The transaction is in the pool, but was not executed in time.
    #[error("the transaction was added to the pool but was not executed within {1} ms")]
    SyncTimeout(B256, u128),
    /// The call took too long.
    #[error("request timed out")]
    Timeout,
    /// The answer is larger than allowed.
    #[error("response is larger than {0} bytes: ask for less")]
    ResponseTooLarge(usize),
    /// A limit of this server was exceeded.
    #[error("{0}")]
    Limit(String),
    /// The method does not exist, or is refused.
    #[error("{0}")]
    Method(String),
    /// The node failed. The cause is in its log.
    #[error("internal error: {0}")]
    Internal(String),
}

impl RpcError {
    /// The JSON-RPC code.
    pub const fn code(&self) -> i32 {
        match self {
            Self::Params(_) => code::INVALID_PARAMS,
            Self::Server(_) | Self::Rejected(_) => code::SERVER,
            Self::Revert(_) => code::REVERT,
            Self::SyncTimeout(..) => code::SYNC_TIMEOUT,
            Self::Timeout => code::TIMEOUT,
            Self::ResponseTooLarge(_) => code::RESPONSE_TOO_LARGE,
            Self::Limit(_) => code::LIMIT,
            Self::Method(_) => code::METHOD_NOT_FOUND,
            Self::Internal(_) => code::INTERNAL,
        }
    }
}

impl From<RpcError> for ErrorObjectOwned {
    fn from(error: RpcError) -> Self {
        let (code, message) = (error.code(), error.to_string());
        match error {
            RpcError::Revert(data) => Self::owned(code, message, Some(data)),
            RpcError::SyncTimeout(hash, _) => Self::owned(code, message, Some(hash)),
            _ => Self::owned(code, message, None::<()>),
        }
    }
}

impl From<SimulateError> for RpcError {
    fn from(error: SimulateError) -> Self {
        match error {
            SimulateError::Revert(data) => Self::Revert(data),
            SimulateError::Request(text) => Self::Params(text),
            SimulateError::State(error) => error.into(),
            other => Self::Server(other.to_string()),
        }
    }
}

impl From<StateError> for RpcError {
    fn from(error: StateError) -> Self {
        tracing::error!(%error, "state could not be read for a call");
        Self::Internal(error.to_string())
    }
}

impl From<ChainError> for RpcError {
    fn from(error: ChainError) -> Self {
        match error {
            ChainError::HistoryPruned { .. } => Self::Server(error.to_string()),
            ChainError::Future(_) => Self::Server("header not found".into()),
            other => {
                tracing::error!(error = %other, "chain could not be read for a call");
                Self::Internal(other.to_string())
            }
        }
    }
}

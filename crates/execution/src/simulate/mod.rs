//! Calls that leave no trace in the chain: `eth_call`, `eth_estimateGas`, `eth_createAccessList`.

mod access_list;
mod environment;
mod error;
mod estimate;
mod evm;
mod overrides;
mod request;

pub use access_list::AccessListOutcome;
pub use error::{SimulateError, halt_text, invalid_text, revert_reason};

pub(crate) use environment::Prepared;
pub(crate) use evm::{SimDb, SimEvm, SimInspector, TransactError};

use crate::{BlockAttributes, StateSource};
use alloy_primitives::Bytes;
use alloy_rpc_types_eth::{BlockOverrides, TransactionRequest, state::StateOverride};
use openledger_genesis::ChainSpec;
use revm::{context::result::ExecutionResult, inspector::NoOpInspector};
use std::{fmt, sync::Arc};

/// Gas that a call may use when the configuration does not say otherwise.
pub const DEFAULT_CALL_GAS_CAP: u64 = 50_000_000;

/// How a simulated call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallStatus {
    /// It returned this data.
    Success(Bytes),
    /// It reverted with this data.
    Revert(Bytes),
    /// It ran into an exceptional halt; geth's words for it.
    Halt(String),
}

/// What a simulated call did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallOutcome {
    /// How it ended.
    pub status: CallStatus,
    /// Gas used after refunds.
    pub gas_used: u64,
    /// Gas that had to be provided: before refunds, and at least the calldata floor (EIP-7623).
    pub gas_needed: u64,
}

/// A state, a block and overrides: everything a call is simulated on. Synchronous; run it on a blocking thread.
///
/// Guarantees: nothing outside is changed; nonce, sender-code and block-gas checks are off and no fee (L1 and operator
/// fee included) is charged, as in geth; a value that the sender does not have is refused.
#[derive(Clone)]
pub struct Simulation {
    pub(crate) spec: Arc<ChainSpec>,
    pub(crate) state: Arc<dyn StateSource>,
    pub(crate) attributes: BlockAttributes,
    pub(crate) state_overrides: Option<StateOverride>,
    pub(crate) block_overrides: Option<BlockOverrides>,
    pub(crate) gas_cap: u64,
}

impl fmt::Debug for Simulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulation")
            .field("block", &self.attributes.number)
            .finish_non_exhaustive()
    }
}

impl Simulation {
    /// Calls on `state` in a block with these attributes, with at most [`DEFAULT_CALL_GAS_CAP`] gas.
    pub fn new(
        spec: Arc<ChainSpec>,
        state: Arc<dyn StateSource>,
        attributes: BlockAttributes,
    ) -> Self {
        Self {
            spec,
            state,
            attributes,
            state_overrides: None,
            block_overrides: None,
            gas_cap: DEFAULT_CALL_GAS_CAP,
        }
    }

    /// Replaces parts of the state and of the block.
    pub fn with_overrides(
        mut self,
        state: Option<StateOverride>,
        block: Option<BlockOverrides>,
    ) -> Self {
        self.state_overrides = state;
        self.block_overrides = block;
        self
    }

    /// Sets the largest gas limit of a call.
    pub const fn with_gas_cap(mut self, gas: u64) -> Self {
        self.gas_cap = gas;
        self
    }

    /// Executes the request.
    ///
    /// Fails when the request is malformed, when the rules forbid the transaction (with geth's words), or when the state
    /// can not be read. A revert or halt is an outcome, not an error.
    pub fn call(&self, request: &TransactionRequest) -> Result<CallOutcome, SimulateError> {
        let mut prepared = self.prepare()?;
        let tx = prepared.transaction(request, self.gas_cap)?;
        prepared.check_funds(&tx)?;
        let mut evm = prepared.evm(None::<NoOpInspector>)?;
        Ok(CallOutcome::of(evm.transact(tx)?.result))
    }

    pub(crate) fn prepare(&self) -> Result<Prepared, SimulateError> {
        Prepared::new(self)
    }
}

impl CallOutcome {
    pub(crate) fn of(result: ExecutionResult<op_revm::OpHaltReason>) -> Self {
        let gas = *result.gas();
        let status = match result {
            ExecutionResult::Success { output, .. } => CallStatus::Success(output.into_data()),
            ExecutionResult::Revert { output, .. } => CallStatus::Revert(output),
            ExecutionResult::Halt { reason, .. } => CallStatus::Halt(halt_text(&reason)),
        };
        Self {
            status,
            gas_used: gas.tx_gas_used(),
            gas_needed: gas.total_gas_spent().max(gas.floor_gas()),
        }
    }
}

#[cfg(test)]
mod tests;

//! One transaction under OP rules.

use crate::contained::{CachedState, ContainedOpEvm};
use alloy_consensus::{Transaction, TransactionEnvelope};
use alloy_evm::{
    Evm, ToTxEnv,
    block::{BlockExecutionError, BlockValidationError},
    eth::EthTxResult,
};
use alloy_op_evm::{
    OpBlockExecutor, OpTx,
    block::{OpBlockExecutionError, OpTxResult},
};
use alloy_op_hardforks::OpHardforks;
use op_revm::{L1BlockInfo, OpHaltReason, constants::L1_BLOCK_CONTRACT};
use openledger_genesis::ChainSpec;
use openledger_primitives::{SupersetReceiptBuilder, Tx, TxType};
use revm::{Database, inspector::NoOpInspector};
use std::sync::Arc;

pub(crate) type OpExecutor = OpBlockExecutor<
    ContainedOpEvm<CachedState, NoOpInspector>,
    SupersetReceiptBuilder,
    Arc<ChainSpec>,
>;

/// What `executor.execute_transaction_without_commit(tx)` does, with the transaction's size estimate made once in its life:
/// alloy's executor makes it for the footprint and op-revm for the fee, each whenever the transaction is executed.
pub(crate) fn execute_without_commit(
    executor: &mut OpExecutor,
    tx: &Tx,
) -> Result<OpTxResult<OpHaltReason, TxType>, BlockExecutionError> {
    let is_deposit = tx.is_deposit();
    let (gas_limit, timestamp) = {
        let block = executor.evm.block();
        (block.gas_limit, block.timestamp.saturating_to())
    };
    let block_available_gas = gas_limit.saturating_sub(executor.gas_used);
    if tx.gas_limit() > block_available_gas && (executor.is_regolith || !is_deposit) {
        return Err(
            BlockValidationError::TransactionGasLimitMoreThanAvailableBlockGas {
                transaction_gas_limit: tx.gas_limit(),
                block_available_gas,
            }
            .into(),
        );
    }
    let footprint = if !is_deposit && executor.spec.is_jovian_active_at_timestamp(timestamp) {
        let footprint = footprint(executor, tx)?;
        let available = gas_limit.saturating_sub(executor.da_footprint_used);
        if footprint > available {
            return Err(BlockExecutionError::Validation(
                BlockValidationError::Other(Box::new(
                    OpBlockExecutionError::TransactionDaFootprintAboveGasLimit {
                        transaction_da_footprint: footprint,
                        available_block_da_footprint: available,
                    },
                )),
            ));
        }
        footprint
    } else {
        0
    };
    if !is_deposit {
        executor.evm.announce_da_size(tx.da_size());
    }
    let environment: OpTx = tx.to_tx_env();
    let result = executor
        .evm
        .transact(environment)
        .map_err(|error| BlockExecutionError::evm(error, tx.hash()))?;
    Ok(OpTxResult {
        inner: EthTxResult {
            result,
            blob_gas_used: footprint,
            tx_type: tx.tx_type(),
        },
        is_deposit,
        sender: tx.signer(),
    })
}

/// Jovian: the size estimate in bytes times the scalar that L1Block holds.
fn footprint(executor: &mut OpExecutor, tx: &Tx) -> Result<u64, BlockExecutionError> {
    let state = executor.evm.db_mut();
    // The cache refuses to read a slot of an account that it has not loaded.
    state
        .basic(L1_BLOCK_CONTRACT)
        .map_err(BlockExecutionError::other)?;
    let scalar =
        L1BlockInfo::fetch_da_footprint_gas_scalar(state).map_err(BlockExecutionError::other)?;
    Ok((tx.da_size() / 1_000_000).saturating_mul(scalar.into()))
}

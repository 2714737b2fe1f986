//! Executing a block, transaction by transaction.

use crate::{
    BlockAttributes, ExecutionError, StateSource,
    attributes::{EvmEnvironment, evm_env},
    changes::{StateDelta, changes_of, delta_of, delta_of_transitions},
    contained::{CachedState, ContainedOpEvm, Fault, block_error, classify},
    op::{OpExecutor, execute_without_commit},
    state::StateDb,
};
use alloy_eips::{
    eip2935::{HISTORY_SERVE_WINDOW, HISTORY_STORAGE_ADDRESS},
    eip4895::Withdrawal,
    eip7685::Requests,
};
use alloy_evm::{
    Evm, EvmFactory,
    block::{BlockExecutionError, BlockExecutionResult, BlockExecutor, TxResult},
    eth::{EthBlockExecutionCtx, EthBlockExecutor, EthEvm, EthEvmFactory},
    precompiles::PrecompilesMap,
};
use alloy_op_evm::{OpBlockExecutionCtx, OpBlockExecutor};
use alloy_primitives::{Address, B256, Bytes, U256};
use openledger_genesis::ChainSpec;
use openledger_primitives::{BlockChanges, Receipt, SupersetReceiptBuilder, Tx, TxType};
use revm::{
    context::result::ExecutionResult,
    database::{State, states::bundle_state::BundleRetention},
    inspector::NoOpInspector,
};
use std::{borrow::Cow, fmt::Debug, sync::Arc};

type EthInner = EthBlockExecutor<
    'static,
    EthEvm<CachedState, NoOpInspector, PrecompilesMap>,
    Arc<ChainSpec>,
    SupersetReceiptBuilder,
>;

// One per block, on the heap either way: boxing the larger variant would buy nothing.
#[allow(clippy::large_enum_variant)]
enum Inner {
    Ethereum(EthInner),
    Op(OpExecutor),
}

/// How a transaction ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TxStatus {
    /// It succeeded.
    Success,
    /// It reverted with this data.
    Revert(Bytes),
    /// It ran into an exceptional halt.
    Halt(String),
}

/// What an included transaction did.
#[derive(Debug, Clone)]
pub struct TxOutcome {
    /// Gas that it used.
    pub gas_used: u64,
    /// How it ended.
    pub status: TxStatus,
    /// What it changed.
    pub delta: StateDelta,
}

/// Why a transaction is not in the block. The block is as if it had never been tried.
#[derive(Debug, thiserror::Error)]
pub enum TxError {
    /// Its nonce was used before. It will never be valid.
    #[error("nonce too low: {0}")]
    NonceTooLow(String),
    /// An earlier nonce is missing.
    #[error("nonce too high: {0}")]
    NonceTooHigh(String),
    /// The rules forbid it on this state; another state might allow it.
    #[error("{0}")]
    Invalid(String),
    /// It does not fit into what is left of the block's gas.
    #[error("transaction needs {gas_limit} gas, the block has {available} left")]
    BlockGas {
        /// The transaction's limit.
        gas_limit: u64,
        /// What is left.
        available: u64,
    },
    /// It does not fit into what is left of the block's DA footprint or blob space.
    #[error("block space: {0}")]
    BlockSpace(String),
    /// The type is not allowed under the rule set.
    #[error("transaction type {0:#x} is not allowed on this chain")]
    Type(u8),
    /// The node failed, not the transaction.
    #[error(transparent)]
    Fatal(#[from] ExecutionError),
}

/// A block in the making.
///
/// Guarantees: a rejected transaction leaves no trace; `finish` yields what re-executing the accepted
/// transactions in order on the same state yields.
pub struct BlockExecution {
    inner: Inner,
    spec: Arc<ChainSpec>,
    attributes: BlockAttributes,
    transactions: Vec<Tx>,
    blob_gas_limit: u64,
    opening: StateDelta,
}

impl Debug for BlockExecution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlockExecution")
            .field("number", &self.attributes.number)
            .field("transactions", &self.transactions.len())
            .finish_non_exhaustive()
    }
}

/// A block's effect, before its header is made.
#[derive(Debug)]
pub struct ExecutedPayload {
    /// What the block was built with.
    pub attributes: BlockAttributes,
    /// Its transactions.
    pub transactions: Vec<Tx>,
    /// One for each transaction.
    pub receipts: Vec<Receipt>,
    /// EIP-7685 requests (Ethereum rules, Prague).
    pub requests: Requests,
    /// Gas used.
    pub gas_used: u64,
    /// Blob gas (Ethereum) or DA footprint (OP, Jovian).
    pub blob_gas_used: u64,
    /// What changed.
    pub changes: BlockChanges,
}

impl BlockExecution {
    /// Opens a block on the state of its parent and makes the opening system calls (EIP-2935, EIP-4788).
    pub fn begin(
        spec: Arc<ChainSpec>,
        source: Arc<dyn StateSource>,
        attributes: BlockAttributes,
    ) -> Result<Self, ExecutionError> {
        Self::open(spec, source, attributes, true)
    }

    /// Opens an OP block while its parent is still being sealed: `attributes.parent_hash` is not known yet.
    ///
    /// The EIP-2935 system call is left out. `source` must answer for the parent's hash (BLOCKHASH, and the history contract's
    /// slot) by waiting for it, so that transactions see what they would see after the call;
    /// [`finish_with_parent`](Self::finish_with_parent) puts the call's effect into the changes.
    pub fn begin_before_parent(
        spec: Arc<ChainSpec>,
        source: Arc<dyn StateSource>,
        attributes: BlockAttributes,
    ) -> Result<Self, ExecutionError> {
        Self::open(spec, source, attributes, false)
    }

    fn open(
        spec: Arc<ChainSpec>,
        source: Arc<dyn StateSource>,
        attributes: BlockAttributes,
        parent_known: bool,
    ) -> Result<Self, ExecutionError> {
        let state = State::builder()
            .with_database(StateDb(source))
            .with_bundle_update()
            .build();
        let mut inner = match evm_env(&spec, &attributes) {
            EvmEnvironment::Ethereum(env) => Inner::Ethereum(EthBlockExecutor::new(
                EthEvmFactory::default().create_evm(state, env),
                EthBlockExecutionCtx {
                    parent_hash: attributes.parent_hash,
                    parent_beacon_block_root: attributes.parent_beacon_block_root,
                    ommers: &[],
                    withdrawals: attributes
                        .withdrawals
                        .as_ref()
                        .map(|list| Cow::<'static, [Withdrawal]>::Owned(list.to_vec())),
                    extra_data: attributes.extra_data.clone(),
                    tx_count_hint: None,
                    slot_number: None,
                },
                spec.clone(),
                SupersetReceiptBuilder,
            )),
            EvmEnvironment::Op(env) => Inner::Op(OpBlockExecutor::new(
                ContainedOpEvm::new(state, env),
                OpBlockExecutionCtx {
                    parent_hash: attributes.parent_hash,
                    parent_beacon_block_root: attributes.parent_beacon_block_root,
                    extra_data: attributes.extra_data.clone(),
                },
                spec.clone(),
                SupersetReceiptBuilder,
            )),
        };
        let opening = match &mut inner {
            Inner::Ethereum(executor) => {
                executor
                    .apply_pre_execution_changes()
                    .map_err(block_error)?;
                delta_of_transitions(executor.evm.db_mut().transition_state.as_ref())
            }
            Inner::Op(executor) => {
                if parent_known {
                    executor
                        .apply_pre_execution_changes()
                        .map_err(block_error)?;
                } else {
                    executor
                        .system_caller
                        .apply_beacon_root_contract_call(
                            attributes.parent_beacon_block_root,
                            &mut executor.evm,
                        )
                        .map_err(block_error)?;
                }
                delta_of_transitions(executor.evm.db_mut().transition_state.as_ref())
            }
        };
        let blob_gas_limit = spec
            .blob_params(attributes.timestamp)
            .map_or(0, |params| params.max_blob_gas_per_block());
        Ok(Self {
            inner,
            spec,
            attributes,
            transactions: Vec::new(),
            blob_gas_limit,
            opening,
        })
    }

    /// What the opening system calls changed.
    pub fn opening_delta(&self) -> &StateDelta {
        &self.opening
    }

    /// The attributes that it was opened with.
    pub fn attributes(&self) -> &BlockAttributes {
        &self.attributes
    }

    /// Executes one transaction and, when it is valid, includes it.
    pub fn execute(&mut self, tx: &Tx) -> Result<TxOutcome, TxError> {
        self.check_type(tx)?;
        let outcome = match &mut self.inner {
            Inner::Ethereum(executor) => {
                let result = executor.execute_transaction_without_commit(tx);
                include(executor, result)
            }
            Inner::Op(executor) => {
                let result = execute_without_commit(executor, tx);
                include(executor, result)
            }
        };
        match outcome {
            Ok(outcome) => {
                self.transactions.push(tx.clone());
                Ok(outcome)
            }
            Err(fault) => Err(tx_error(fault, tx)),
        }
    }

    fn check_type(&self, tx: &Tx) -> Result<(), TxError> {
        use alloy_consensus::{Transaction, TransactionEnvelope};
        let op = self.spec.is_op();
        match tx.tx_type() {
            TxType::Eip4844 if op => Err(TxError::Type(3)),
            TxType::Deposit if !op => Err(TxError::Type(0x7e)),
            TxType::Eip4844 => {
                let used = match &self.inner {
                    Inner::Ethereum(executor) => executor.blob_gas_used,
                    Inner::Op(_) => 0,
                };
                let wanted = tx.blob_gas_used().unwrap_or_default();
                if used + wanted > self.blob_gas_limit {
                    return Err(TxError::BlockSpace(format!(
                        "{wanted} blob gas wanted, {} left",
                        self.blob_gas_limit.saturating_sub(used)
                    )));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Receipts so far.
    pub fn receipts(&self) -> &[Receipt] {
        match &self.inner {
            Inner::Ethereum(executor) => &executor.receipts,
            Inner::Op(executor) => &executor.receipts,
        }
    }

    /// Transactions included so far.
    pub fn transactions(&self) -> &[Tx] {
        &self.transactions
    }

    /// Gas used so far.
    pub fn gas_used(&self) -> u64 {
        match &self.inner {
            Inner::Ethereum(executor) => executor.cumulative_tx_gas_used,
            Inner::Op(executor) => executor.gas_used,
        }
    }

    /// DA footprint (OP) or blob gas (Ethereum) so far.
    pub fn blob_gas_used(&self) -> u64 {
        match &self.inner {
            Inner::Ethereum(executor) => executor.blob_gas_used,
            Inner::Op(executor) => executor.da_footprint_used,
        }
    }

    /// Closes the block: withdrawals, requests, and everything that changed.
    pub fn finish(self) -> Result<ExecutedPayload, ExecutionError> {
        let (mut state, result) = match self.inner {
            Inner::Ethereum(executor) => close(executor)?,
            Inner::Op(executor) => close(executor)?,
        };
        state.merge_transitions(BundleRetention::PlainState);
        Ok(ExecutedPayload {
            attributes: self.attributes,
            transactions: self.transactions,
            receipts: result.receipts,
            requests: result.requests,
            gas_used: result.gas_used,
            blob_gas_used: result.blob_gas_used,
            changes: changes_of(state.take_bundle()),
        })
    }
}

impl BlockExecution {
    /// Closes a block that was opened by [`begin_before_parent`](Self::begin_before_parent).
    ///
    /// `parent_state` is the state of the parent, in which the history contract's slot has its old value.
    pub fn finish_with_parent(
        mut self,
        parent_hash: B256,
        parent_state: &dyn StateSource,
    ) -> Result<ExecutedPayload, ExecutionError> {
        self.attributes.parent_hash = parent_hash;
        let mut payload = self.finish()?;
        let number = payload.attributes.number;
        let Some(contract) = parent_state.account(HISTORY_STORAGE_ADDRESS)? else {
            return Ok(payload);
        };
        let slot = history_slot(number - 1);
        let before = parent_state.storage(HISTORY_STORAGE_ADDRESS, slot)?;
        let after = U256::from_be_bytes(parent_hash.0);
        if before != after {
            insert_slot(
                &mut payload.changes,
                HISTORY_STORAGE_ADDRESS,
                contract,
                (slot, before, after),
            );
        }
        Ok(payload)
    }
}

/// The slot of the EIP-2935 contract that holds a block's hash.
pub fn history_slot(number: u64) -> U256 {
    U256::from(number % HISTORY_SERVE_WINDOW as u64)
}

fn insert_slot(
    changes: &mut BlockChanges,
    address: Address,
    account: openledger_primitives::Account,
    change: (U256, U256, U256),
) {
    match changes
        .accounts
        .binary_search_by_key(&address, |change| change.address)
    {
        Ok(at) => {
            let storage = &mut changes.accounts[at].storage;
            match storage.binary_search_by_key(&change.0, |(slot, ..)| *slot) {
                Ok(at) => storage[at] = change,
                Err(at) => storage.insert(at, change),
            }
        }
        Err(at) => changes.accounts.insert(
            at,
            openledger_primitives::AccountChange {
                address,
                before: Some(account),
                after: Some(account),
                wiped: false,
                storage: vec![change],
            },
        ),
    }
}

fn include<E: BlockExecutor>(
    executor: &mut E,
    result: Result<E::Result, BlockExecutionError>,
) -> Result<TxOutcome, Fault> {
    let result = result.map_err(classify)?;
    let delta = delta_of(&result.result().state);
    let status = match &result.result().result {
        ExecutionResult::Success { .. } => TxStatus::Success,
        ExecutionResult::Revert { output, .. } => TxStatus::Revert(output.clone()),
        ExecutionResult::Halt { reason, .. } => TxStatus::Halt(format!("{reason:?}")),
    };
    let gas = executor.commit_transaction(result).map_err(classify)?;
    Ok(TxOutcome {
        gas_used: gas.tx_gas_used(),
        status,
        delta,
    })
}

fn close<E>(executor: E) -> Result<(CachedState, BlockExecutionResult<Receipt>), ExecutionError>
where
    E: BlockExecutor<Receipt = Receipt>,
    E::Evm: Evm<DB = CachedState>,
{
    let (evm, result) = executor.finish().map_err(block_error)?;
    Ok((evm.into_db(), result))
}

fn tx_error(fault: Fault, tx: &Tx) -> TxError {
    use alloy_consensus::Transaction;
    match fault {
        Fault::Invalid(error) => {
            let text = error.to_string();
            match error.as_invalid_tx_err() {
                Some(revm::context::result::InvalidTransaction::NonceTooLow { .. }) => {
                    TxError::NonceTooLow(text)
                }
                Some(revm::context::result::InvalidTransaction::NonceTooHigh { .. }) => {
                    TxError::NonceTooHigh(text)
                }
                _ => TxError::Invalid(text),
            }
        }
        Fault::BlockGas { available } => TxError::BlockGas {
            gas_limit: tx.gas_limit(),
            available,
        },
        Fault::Other(reason) => TxError::BlockSpace(reason),
        Fault::Fatal(error) => TxError::Fatal(error),
    }
}

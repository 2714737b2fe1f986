//! The EVM of a simulation, under either rule set behind one type.

use crate::{
    BlockAttributes, ContainedOpEvm, StateDb, StateError, attributes::EvmEnvironment,
    contained::ExecutionError,
};
use alloy_consensus::Header;
use alloy_evm::{
    Evm, EvmFactory,
    block::SystemCaller,
    eth::{EthEvm, EthEvmContext, EthEvmFactory},
    precompiles::PrecompilesMap,
};
use alloy_op_evm::{OpEvmContext, OpTx};
use op_revm::{OpHaltReason, OpTransaction};
use openledger_genesis::ChainSpec;
use revm::{
    Inspector,
    context::{
        TxEnv,
        result::{EVMError, InvalidTransaction, ResultAndState},
    },
    database::CacheDB,
};
use std::sync::Arc;

/// The state of a simulation: reads go through a cache, writes stay in it.
pub(crate) type SimDb = CacheDB<StateDb>;

/// What can observe both EVMs.
pub(crate) trait SimInspector:
    Inspector<EthEvmContext<SimDb>> + Inspector<OpEvmContext<SimDb>>
{
}

impl<I: Inspector<EthEvmContext<SimDb>> + Inspector<OpEvmContext<SimDb>>> SimInspector for I {}

// One per call, on the stack: boxing the larger variant would buy nothing.
#[allow(clippy::large_enum_variant)]
pub(crate) enum SimEvm<I> {
    Ethereum(EthEvm<SimDb, I, PrecompilesMap>),
    Op(ContainedOpEvm<SimDb, I>),
}

/// Why a transaction was not executed.
#[derive(Debug)]
pub(crate) enum TransactError {
    State(StateError),
    Invalid(InvalidTransaction),
    Other(String),
}

impl TransactError {
    /// True when more gas might help.
    pub(crate) const fn is_gas_too_low(&self) -> bool {
        matches!(
            self,
            Self::Invalid(
                InvalidTransaction::CallGasCostMoreThanGasLimit { .. }
                    | InvalidTransaction::GasFloorMoreThanGasLimit { .. }
            )
        )
    }
}

impl<I: SimInspector + Default> SimEvm<I> {
    /// Without an inspector none is called; the type still needs one.
    pub(crate) fn new(db: SimDb, environment: EvmEnvironment, inspector: Option<I>) -> Self {
        let inspect = inspector.is_some();
        let mut evm = Self::with_inspector(db, environment, inspector.unwrap_or_default());
        match &mut evm {
            Self::Ethereum(evm) => evm.set_inspector_enabled(inspect),
            Self::Op(evm) => evm.set_inspector_enabled(inspect),
        }
        evm
    }
}

impl<I: SimInspector> SimEvm<I> {
    pub(crate) fn with_inspector(db: SimDb, environment: EvmEnvironment, inspector: I) -> Self {
        match environment {
            EvmEnvironment::Ethereum(env) => Self::Ethereum(
                EthEvmFactory::default().create_evm_with_inspector(db, env, inspector),
            ),
            EvmEnvironment::Op(env) => Self::Op(ContainedOpEvm::with_inspector(db, env, inspector)),
        }
    }

    /// Executes without committing.
    pub(crate) fn transact(
        &mut self,
        tx: OpTx,
    ) -> Result<ResultAndState<OpHaltReason>, TransactError> {
        match self {
            Self::Ethereum(evm) => match evm.transact_raw(tx.0.base) {
                Ok(outcome) => Ok(ResultAndState {
                    result: outcome.result.map_haltreason(OpHaltReason::Base),
                    state: outcome.state,
                }),
                Err(EVMError::Transaction(error)) => Err(TransactError::Invalid(error)),
                Err(error) => Err(other(error)),
            },
            Self::Op(evm) => match evm.transact_raw(tx) {
                Ok(outcome) => Ok(outcome),
                Err(EVMError::Transaction(error)) => Err(match error.0 {
                    op_revm::OpTransactionError::Base(error) => TransactError::Invalid(error),
                    error => TransactError::Other(error.to_string()),
                }),
                Err(error) => Err(other(error)),
            },
        }
    }

    /// The system calls that open a block (EIP-2935, EIP-4788).
    pub(crate) fn open_block(
        &mut self,
        spec: &Arc<ChainSpec>,
        attributes: &BlockAttributes,
    ) -> Result<(), ExecutionError> {
        let header = Header {
            parent_hash: attributes.parent_hash,
            number: attributes.number,
            timestamp: attributes.timestamp,
            parent_beacon_block_root: attributes.parent_beacon_block_root,
            ..Default::default()
        };
        let mut caller = SystemCaller::new(spec.clone());
        match self {
            Self::Ethereum(evm) => caller.apply_pre_execution_changes(&header, evm),
            Self::Op(evm) => caller.apply_pre_execution_changes(&header, evm),
        }
        .map_err(crate::contained::block_error)
    }

    pub(crate) fn parts_mut(&mut self) -> (&mut SimDb, &mut I, &mut PrecompilesMap) {
        match self {
            Self::Ethereum(evm) => evm.components_mut(),
            Self::Op(evm) => evm.components_mut(),
        }
    }

    pub(crate) fn into_db(self) -> SimDb {
        match self {
            Self::Ethereum(evm) => evm.into_db(),
            Self::Op(evm) => evm.into_db(),
        }
    }
}

fn other<T: std::fmt::Display>(error: EVMError<StateError, T>) -> TransactError {
    match error {
        EVMError::Database(error) => TransactError::State(error),
        error => TransactError::Other(error.to_string()),
    }
}

/// A transaction without signature: on an OP chain its empty encoding costs no L1 and no operator fee.
pub(crate) fn unsigned(base: TxEnv) -> OpTx {
    OpTx(OpTransaction {
        base,
        enveloped_tx: Some(Default::default()),
        deposit: Default::default(),
    })
}

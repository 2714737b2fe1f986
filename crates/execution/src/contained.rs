//! An OP EVM whose errors leave nothing behind.

use crate::{StateError, state::StateDb};
use alloy_evm::{
    Database, Evm, EvmEnv, EvmFactory, InvalidTxError, block::BlockExecutionError,
    precompiles::PrecompilesMap,
};
use alloy_op_evm::{OpEvm, OpEvmContext, OpEvmFactory, OpTx, OpTxError};
use alloy_primitives::{Address, Bytes, U256};
use op_revm::{OpHaltReason, OpSpecId};
use revm::{
    Inspector,
    context::{BlockEnv, CfgEnv, JournalTr},
    context_interface::result::{EVMError, ResultAndState},
    database::State,
};

/// The state cache of one execution.
pub(crate) type CachedState = State<StateDb>;

/// [`OpEvm`] with the journal leak closed.
///
/// op-revm's handler does not discard the journal after a transaction fails validation, so accounts that it warmed
/// stay warm for the next transaction, whose gas is then too low. The inspecting path returns without finalizing and
/// leaks. Here every error empties the journal.
pub struct ContainedOpEvm<DB: Database, I>(OpEvm<DB, I, PrecompilesMap>);

impl<DB: Database, I> std::fmt::Debug for ContainedOpEvm<DB, I> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ContainedOpEvm")
    }
}

impl<DB: Database> ContainedOpEvm<DB, revm::inspector::NoOpInspector> {
    /// An EVM without inspector.
    pub fn new(db: DB, env: EvmEnv<OpSpecId>) -> Self {
        Self(OpEvmFactory::<OpTx>::default().create_evm(db, env))
    }
}

impl<DB: Database, I: Inspector<OpEvmContext<DB>>> ContainedOpEvm<DB, I> {
    /// An EVM that calls `inspector`.
    pub fn with_inspector(db: DB, env: EvmEnv<OpSpecId>, inspector: I) -> Self {
        Self(OpEvmFactory::<OpTx>::default().create_evm_with_inspector(db, env, inspector))
    }

    /// Tells the size estimate of the transaction that is executed next ([`Tx::da_size`](openledger_primitives::Tx::da_size)),
    /// which op-revm would make again for its L1 fee.
    ///
    /// Says nothing before the block's first transaction that pays: op-revm then reads the fee's parameters, and computes the
    /// fee itself.
    pub(crate) fn announce_da_size(&mut self, da_size: u64) {
        let context = self.0.ctx_mut();
        let (number, spec) = (context.block.number, context.cfg.spec);
        let info = &mut context.chain;
        if info.l2_block != Some(number) || !spec.is_enabled_in(OpSpecId::FJORD) {
            return;
        }
        let calldata = info
            .l1_base_fee
            .saturating_mul(U256::from(16))
            .saturating_mul(info.l1_base_fee_scalar);
        let blob = info
            .l1_blob_base_fee
            .unwrap_or_default()
            .saturating_mul(info.l1_blob_base_fee_scalar.unwrap_or_default());
        let cost = U256::from(da_size).saturating_mul(calldata.saturating_add(blob));
        info.tx_l1_cost = Some(cost.wrapping_div(U256::from(1_000_000_000_000_u64)));
    }

    fn contain<T, E>(&mut self, result: Result<T, E>) -> Result<T, E> {
        if result.is_err() {
            // Returns the leaked changes; dropping them is the point.
            drop(self.0.ctx_mut().journaled_state.finalize());
            self.0.ctx_mut().chain.clear_tx_l1_cost();
        }
        result
    }
}

impl<DB: Database, I: Inspector<OpEvmContext<DB>>> Evm for ContainedOpEvm<DB, I> {
    type DB = DB;
    type Tx = OpTx;
    type Error = EVMError<DB::Error, OpTxError>;
    type HaltReason = OpHaltReason;
    type Spec = OpSpecId;
    type BlockEnv = BlockEnv;
    type Precompiles = PrecompilesMap;
    type Inspector = I;

    fn block(&self) -> &BlockEnv {
        self.0.block()
    }

    fn cfg_env(&self) -> &CfgEnv<OpSpecId> {
        self.0.cfg_env()
    }

    fn chain_id(&self) -> u64 {
        self.0.chain_id()
    }

    fn transact_raw(&mut self, tx: OpTx) -> Result<ResultAndState<OpHaltReason>, Self::Error> {
        let result = self.0.transact_raw(tx);
        self.contain(result)
    }

    fn transact_system_call(
        &mut self,
        caller: Address,
        contract: Address,
        data: Bytes,
    ) -> Result<ResultAndState<OpHaltReason>, Self::Error> {
        let result = self.0.transact_system_call(caller, contract, data);
        self.contain(result)
    }

    fn finish(self) -> (DB, EvmEnv<OpSpecId, BlockEnv>) {
        self.0.finish()
    }

    fn set_inspector_enabled(&mut self, enabled: bool) {
        self.0.set_inspector_enabled(enabled);
    }

    fn components(&self) -> (&DB, &I, &PrecompilesMap) {
        self.0.components()
    }

    fn components_mut(&mut self) -> (&mut DB, &mut I, &mut PrecompilesMap) {
        self.0.components_mut()
    }
}

/// Why a block could not be executed. Not for errors of single transactions: see `TxError`.
#[derive(Debug, thiserror::Error)]
pub enum ExecutionError {
    /// The state could not be read: nothing is known about the block.
    #[error(transparent)]
    State(#[from] StateError),
    /// The block's own data makes execution impossible (missing beacon root, a system call that fails).
    #[error("block can not be executed: {0}")]
    Block(String),
}

/// Separates a transaction's fault from the node's.
pub(crate) enum Fault {
    Invalid(Box<dyn InvalidTxError>),
    BlockGas { available: u64 },
    Other(String),
    Fatal(ExecutionError),
}

pub(crate) fn classify(error: BlockExecutionError) -> Fault {
    use alloy_evm::block::BlockValidationError as V;
    match error {
        BlockExecutionError::Validation(V::InvalidTx { error, .. }) => Fault::Invalid(error),
        BlockExecutionError::Validation(V::TransactionGasLimitMoreThanAvailableBlockGas {
            block_available_gas,
            ..
        }) => Fault::BlockGas {
            available: block_available_gas,
        },
        BlockExecutionError::Validation(other) => Fault::Other(other.to_string()),
        BlockExecutionError::Internal(error) => {
            Fault::Fatal(ExecutionError::State(StateError::new(error.to_string())))
        }
    }
}

pub(crate) fn block_error(error: BlockExecutionError) -> ExecutionError {
    match classify(error) {
        Fault::Invalid(error) => ExecutionError::Block(error.to_string()),
        Fault::BlockGas { available } => {
            ExecutionError::Block(format!("only {available} gas left"))
        }
        Fault::Other(reason) => ExecutionError::Block(reason),
        Fault::Fatal(error) => error,
    }
}

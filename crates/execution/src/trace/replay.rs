//! Replaying a block's transactions, with a tracer on those that are asked for.

use super::{
    bounded::{Bounded, Budget, Stopped},
    options,
};
use crate::{
    BlockAttributes, ExecutionError, SimulateError, Simulation, StateDb, StateSource,
    attributes::{EvmEnvironment, evm_env},
    simulate::{SimDb, SimEvm, SimInspector, TransactError},
};
use alloy_evm::ToTxEnv;
use alloy_op_evm::OpTx;
use alloy_primitives::{Address, B256};
use alloy_rpc_types_eth::TransactionRequest;
use alloy_rpc_types_trace::geth::{GethDebugTracingOptions, GethTrace};
use op_revm::OpHaltReason;
use openledger_genesis::ChainSpec;
use openledger_primitives::Tx;
use revm::{
    DatabaseCommit, context::result::ResultAndState, database::CacheDB, inspector::NoOpInspector,
};
use revm_inspectors::tracing::{
    CallTraceArena, TracingInspector, TracingInspectorConfig, TransactionContext,
};
use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

/// Bounds of one tracing request, all its transactions together.
#[derive(Debug, Clone, Copy)]
pub struct TraceLimits {
    /// How long it may take. Default 10 seconds.
    pub timeout: Duration,
    /// Bytes that the traces may take in memory (estimated). Default 128 MiB.
    pub max_bytes: usize,
}

impl Default for TraceLimits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            max_bytes: 128 << 20,
        }
    }
}

/// A block being executed again, transaction by transaction. Synchronous; run it on a blocking thread.
///
/// Guarantees: transactions see exactly what they saw in the block, when all that precede them were
/// [`skip`](Self::skip)ped or [`trace`](Self::trace)d; a trace that is too long or too large fails instead of exhausting memory.
/// After an error the state is lost: drop it.
pub struct Replay {
    spec: Arc<ChainSpec>,
    attributes: BlockAttributes,
    db: SimDb,
    budget: Budget,
    limits: TraceLimits,
    index: usize,
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replay")
            .field("block", &self.attributes.number)
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

/// What is traced.
struct Subject {
    tx: OpTx,
    context: Option<TransactionContext>,
    moved_precompiles: Vec<(Address, Address)>,
}

impl Replay {
    /// A block on the state of its parent: makes the opening system calls.
    pub fn of_block(
        spec: Arc<ChainSpec>,
        parent_state: Arc<dyn StateSource>,
        attributes: BlockAttributes,
        limits: TraceLimits,
    ) -> Result<Self, SimulateError> {
        let mut replay = Self::on_state(spec, parent_state, attributes, limits);
        let mut evm = replay.evm(None::<NoOpInspector>);
        evm.open_block(&replay.spec, &replay.attributes)
            .map_err(|error| match error {
                ExecutionError::State(error) => SimulateError::State(error),
                ExecutionError::Block(text) => SimulateError::Invalid(text),
            })?;
        replay.db = evm.into_db();
        Ok(replay)
    }

    /// On a state that is already what the next transaction saw.
    pub fn on_state(
        spec: Arc<ChainSpec>,
        state: Arc<dyn StateSource>,
        attributes: BlockAttributes,
        limits: TraceLimits,
    ) -> Self {
        let budget = Budget {
            deadline: Instant::now() + limits.timeout,
            bytes_left: limits.max_bytes,
        };
        Self {
            spec,
            attributes,
            db: CacheDB::new(StateDb(state)),
            budget,
            limits,
            index: 0,
        }
    }

    fn environment(&self) -> EvmEnvironment {
        evm_env(&self.spec, &self.attributes)
    }

    /// Lends the database to an EVM; the caller gives it back.
    fn evm<I: SimInspector + Default>(&mut self, inspector: Option<I>) -> SimEvm<I> {
        SimEvm::new(self.take_db(), self.environment(), inspector)
    }

    fn take_db(&mut self) -> SimDb {
        let source = self.db.db.clone();
        std::mem::replace(&mut self.db, CacheDB::new(source))
    }

    /// Executes a transaction without a tracer.
    pub fn skip(&mut self, tx: &Tx) -> Result<(), SimulateError> {
        if Instant::now() > self.budget.deadline {
            return Err(SimulateError::TimedOut(self.limits.timeout));
        }
        let mut evm = self.evm(None::<NoOpInspector>);
        let result = evm.transact(tx.to_tx_env());
        self.db = evm.into_db();
        self.db.commit(result?.state);
        self.index += 1;
        Ok(())
    }

    /// Executes a transaction under a tracer.
    ///
    /// Fails with [`SimulateError::Tracer`] for unknown tracers and options, with [`SimulateError::TimedOut`] or
    /// [`SimulateError::TraceTooLarge`] when it exceeds the limits.
    pub fn trace(
        &mut self,
        tx: &Tx,
        block_hash: Option<B256>,
        options: &GethDebugTracingOptions,
    ) -> Result<GethTrace, SimulateError> {
        let environment = self.environment();
        let context = TransactionContext {
            block_hash,
            tx_hash: Some(tx.hash()),
            tx_index: Some(self.index),
        };
        let db = self.take_db();
        let subject = Subject {
            tx: tx.to_tx_env(),
            context: Some(context),
            moved_precompiles: Vec::new(),
        };
        let (trace, result, db) = self.run(db, environment, subject, options)?;
        self.db = db;
        self.db.commit(result.state);
        self.index += 1;
        Ok(trace)
    }

    /// Traces a call on the state that is reached, with the overrides and gas cap of `simulation` (its own state and
    /// block are not looked at).
    pub fn trace_call(
        mut self,
        request: &TransactionRequest,
        simulation: &Simulation,
        options: &GethDebugTracingOptions,
    ) -> Result<GethTrace, SimulateError> {
        let simulation = Simulation {
            spec: self.spec.clone(),
            attributes: self.attributes.clone(),
            ..simulation.clone()
        };
        let mut prepared = crate::simulate::Prepared::on(self.take_db(), &simulation)?;
        let tx = prepared.transaction(request, simulation.gas_cap)?;
        prepared.check_funds(&tx)?;
        let subject = Subject {
            tx,
            context: None,
            moved_precompiles: prepared.moved_precompiles,
        };
        let (trace, ..) = self.run(prepared.db, prepared.environment, subject, options)?;
        Ok(trace)
    }

    fn run(
        &mut self,
        db: SimDb,
        environment: EvmEnvironment,
        subject: Subject,
        options: &GethDebugTracingOptions,
    ) -> Result<(GethTrace, ResultAndState<OpHaltReason>, SimDb), SimulateError> {
        let Subject {
            tx,
            context,
            moved_precompiles,
        } = subject;
        let (inspector, weights) = options::inspector(options)?;
        let timeout = options::timeout(options, self.limits.timeout)?;
        let mut budget = self.budget;
        budget.deadline = budget.deadline.min(Instant::now() + timeout);
        let block = environment.block_env().clone();
        let bounded = Bounded::new(inspector, budget, weights);
        let mut evm = SimEvm::with_inspector(db, environment, bounded);
        if !moved_precompiles.is_empty() {
            let (_, _, precompiles) = evm.parts_mut();
            precompiles
                .move_precompiles(moved_precompiles)
                .map_err(|e| SimulateError::Request(e.to_string()))?;
        }
        let outcome = evm.transact(tx.clone());
        let (db, bounded, _) = evm.parts_mut();
        check(bounded.stopped, timeout, self.limits.max_bytes)?;
        self.budget.bytes_left = bounded.budget.bytes_left;
        let result = outcome.map_err(|error| match error {
            TransactError::Other(text) => SimulateError::Invalid(text),
            error => error.into(),
        })?;
        let mut trace = bounded
            .inner
            .get_result(context, &tx, &block, &result, db)
            .map_err(|e| SimulateError::Tracer(e.to_string()))?;
        if let (GethTrace::Default(frame), Some(limit)) = (&mut trace, options.config.limit)
            && limit > 0
        {
            frame
                .struct_logs
                .truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        }
        Ok((trace, result, evm.into_db()))
    }

    /// Executes a transaction and records its calls and logs, for people to read.
    pub(super) fn record(
        &mut self,
        tx: &Tx,
    ) -> Result<(ResultAndState<OpHaltReason>, CallTraceArena), SimulateError> {
        let config = TracingInspectorConfig::none()
            .set_record_inputs(true)
            .set_record_logs(true);
        let bounded = Bounded::new(
            TracingInspector::new(config),
            self.budget,
            Default::default(),
        );
        let mut evm = SimEvm::with_inspector(self.take_db(), self.environment(), bounded);
        let outcome = evm.transact(tx.to_tx_env());
        let (_, bounded, _) = evm.parts_mut();
        check(bounded.stopped, self.limits.timeout, self.limits.max_bytes)?;
        let traces = std::mem::take(bounded.inner.traces_mut());
        self.db = evm.into_db();
        let result = outcome?;
        self.db.commit(result.state.clone());
        self.index += 1;
        Ok((result, traces))
    }
}

fn check(
    stopped: Option<Stopped>,
    timeout: Duration,
    max_bytes: usize,
) -> Result<(), SimulateError> {
    match stopped {
        None => Ok(()),
        Some(Stopped::Time) => Err(SimulateError::TimedOut(timeout)),
        Some(Stopped::Memory) => Err(SimulateError::TraceTooLarge { limit: max_bytes }),
    }
}

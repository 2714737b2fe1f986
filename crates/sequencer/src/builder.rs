//! The thread that executes transactions.

use crate::{
    Origins, SequencerConfig, SequencerError, Wake,
    attributes::head_info,
    command::{Command, Mode},
    halt::Halt,
    log_writer::{Group, LogMessage, kind_of},
    metrics,
    opening::{Below, IDLE},
    recovery,
    sealer::SealJob,
    unsealed::{Sealing, Stored, UnsealedState},
    verifier::Verified,
};
use alloy_consensus::Transaction;
use alloy_primitives::B256;
use crossbeam_channel::{Receiver, Sender, bounded};
use openledger_chain::{Chain, PendingBuilder};
use openledger_derivation::L2Head;
use openledger_execution::{
    BlockExecution, ExecutedPayload, ExecutionError, StateDelta, StateSource, TxError, TxStatus,
    header_without_roots,
};
use openledger_pool::{AccountCode, AccountView, Executed, Pool, Rejection};
use openledger_primitives::Tx;
use openledger_protocol::L1Block;
use openledger_storage::{ExecutedBlock, LogRecord};
use std::{cell::Cell, collections::VecDeque, sync::Arc, time::Instant};
use tracing::debug;

/// Below this much gas a block counts as full: no transaction needs less.
const LEAST_GAS: u64 = 21_000;

pub(crate) struct Builder {
    pub(crate) config: SequencerConfig,
    pub(crate) chain: Arc<Chain>,
    pub(crate) pool: Arc<Pool>,
    pub(crate) origins: Arc<dyn Origins>,
    pub(crate) wake: Arc<Wake>,
    pub(crate) log: Sender<LogMessage>,
    pub(crate) seal: Sender<SealJob>,
    pub(crate) verified: Arc<Verified>,
    pub(crate) halt: Halt,
    /// Handed out by the pool and not executed yet.
    pub(crate) leftover: VecDeque<Tx>,
    pub(crate) seen_reorgs: u64,
    pub(crate) commands: Receiver<Command>,
    /// Whether blocks are made; not while derivation finds out where the chain stands, nor while an operator wants none.
    pub(crate) mode: Arc<Mode>,
}

/// Why [`Builder::fill`] came back.
enum Filled {
    /// The slot is over, or the sequencer is to stop.
    Slot,
    /// The block was taken back: its origin is gone.
    Retracted,
    /// Somebody wants something else.
    Commanded(Command),
}

/// The block in the making.
pub(crate) struct Open {
    pub(crate) execution: BlockExecution,
    pub(crate) pending: PendingBuilder,
    pub(crate) origin: L1Block,
    /// Where it will stand.
    pub(crate) place: L2Head,
    pub(crate) parent: Parent,
    /// No user transactions: the L1 is further away than the drift allows, or the slot is over already.
    pub(crate) forced_only: bool,
    /// Estimated bytes that its user transactions take in a batch.
    pub(crate) da_bytes: u64,
}

/// The block below the open one.
pub(crate) enum Parent {
    Sealed,
    Unsealed {
        state: Arc<UnsealedState>,
        sealing: Arc<Sealing>,
    },
}

impl Builder {
    /// Recovers from the log's records, reports how that went, and produces blocks until it is stopped.
    ///
    /// Recovery runs on this thread because an execution can not move between threads.
    pub(crate) fn run(
        mut self,
        records: Vec<LogRecord>,
        recovered: &Sender<Result<(), SequencerError>>,
    ) {
        let resumed = match self.recover(records) {
            Ok(resumed) => {
                let _ = recovered.send(Ok(()));
                resumed
            }
            Err(error) => {
                let _ = recovered.send(Err(error));
                return;
            }
        };
        match self.produce(resumed) {
            // Told to stop while it waited for something: not a failure.
            Err(SequencerError::Stopped(_)) if self.halt.stopping() => {}
            Err(error) => self.halt.fail(&error),
            Ok(()) => {}
        }
        self.halt.stop();
    }

    fn recover(&mut self, records: Vec<LogRecord>) -> Result<Option<Open>, SequencerError> {
        let (blocks, retracted) = recovery::collect(records);
        let sealed_now = Cell::new(false);
        let mut resumed = recovery::replay(
            &self.chain,
            &self.config,
            blocks,
            retracted,
            self.verified.marked(),
            |start| self.find_origin(start.l1_origin),
            |block| {
                // Everything below stood re-execution just now; this block was not compared with anything.
                self.verified.set(self.chain.head().block_ref());
                sealed_now.set(true);
                self.send(LogMessage::Seal(block))?;
                self.flush_log()
            },
        )?;
        // The verifier has what was sealed now, and sets it.
        if !sealed_now.get() {
            self.verified.set(self.chain.head().block_ref());
        }
        if let Some(open) = &mut resumed {
            let snapshot = open.pending.snapshot();
            let positions = 0..snapshot.transactions.len();
            self.pool.set_head(head_info(
                open.execution.attributes(),
                &open.origin,
                &open.place.config,
            ));
            self.chain.publish_pending(snapshot, positions);
        }
        Ok(resumed)
    }

    fn produce(&mut self, mut open: Option<Open>) -> Result<(), SequencerError> {
        loop {
            if !self.mode.producing() {
                if self.halt.stopping() {
                    // An open block that was recovered is in the log as it is, and resumes.
                    return Ok(());
                }
                match self.commands.recv_timeout(IDLE) {
                    Ok(command) => open = self.obey(open, command)?,
                    Err(_) => continue,
                }
                continue;
            }
            let mut current = match open.take() {
                Some(open) => open,
                None => match self.open_on_head()? {
                    Some(open) => open,
                    // Somebody wants something else than to wait for the L1.
                    None => {
                        if let Ok(command) = self.commands.try_recv() {
                            open = self.obey(None, command)?;
                        }
                        continue;
                    }
                },
            };
            let deadline = current.execution.attributes().timestamp;
            match self.fill(&mut current, deadline)? {
                Filled::Slot => {}
                Filled::Retracted => continue,
                Filled::Commanded(command) => {
                    open = self.obey(Some(current), command)?;
                    continue;
                }
            }
            let stopping = self.halt.stopping();
            let below = self.close(current)?;
            if stopping {
                return self.drain(&below);
            }
            open = match self.next(&below) {
                Some(next) => Some(self.open(below, next)?),
                // Opening on the head waits for the L1.
                None => {
                    self.drain(&below)?;
                    None
                }
            };
        }
    }

    /// Waits until everything executed is sealed, durable and appended.
    pub(crate) fn drain(&self, below: &Below) -> Result<(), SequencerError> {
        if let Parent::Unsealed { sealing, .. } = &below.parent {
            sealing.wait()?;
        }
        let (done, flushed) = bounded(1);
        if self.log.send(LogMessage::Flush(done)).is_ok() {
            // An error means that the writer stopped, and said why.
            let _ = flushed.recv();
        }
        Ok(())
    }

    /// Executes transactions until the slot is over.
    fn fill(&mut self, open: &mut Open, timestamp: u64) -> Result<Filled, SequencerError> {
        let mut full = false;
        loop {
            if self.halt.stopping() {
                return Ok(Filled::Slot);
            }
            if let Ok(command) = self.commands.try_recv() {
                return Ok(Filled::Commanded(command));
            }
            if self.origin_lost(open)? {
                return Ok(Filled::Retracted);
            }
            let left = self.config.clock.until(timestamp);
            if left.is_zero() {
                return Ok(Filled::Slot);
            }
            if full || open.forced_only {
                self.wake.wait(left.min(IDLE));
                continue;
            }
            if self.leftover.is_empty() {
                self.leftover = self.pool.take_ready(self.config.max_group).into();
            }
            if self.leftover.is_empty() {
                self.wake.wait(left.min(IDLE));
                continue;
            }
            full = self.execute_group(open, timestamp)?;
        }
    }

    /// Executes what is at hand as one group. True when the block is full.
    fn execute_group(&mut self, open: &mut Open, timestamp: u64) -> Result<bool, SequencerError> {
        let start = Instant::now();
        let first = open.pending.len();
        let mut transactions = Vec::new();
        let mut executed = Vec::new();
        let mut full = false;
        let limits = self.config.da_limits.as_ref().and_then(|limits| limits());
        while transactions.len() < self.config.max_group {
            let Some(tx) = self.leftover.pop_front() else {
                break;
            };
            let da_bytes = tx.da_size() / 1_000_000;
            if let Some(limits) = limits {
                if da_bytes > limits.transaction {
                    self.put_back(&tx, Rejection::Deferred);
                    continue;
                }
                if open.da_bytes + da_bytes > limits.block {
                    self.put_back(&tx, Rejection::Deferred);
                    full = true;
                    break;
                }
            }
            match open.execution.execute(&tx) {
                Ok(outcome) => {
                    if outcome.status != TxStatus::Success
                        && let Some(report) = &self.config.on_failed
                    {
                        report(tx.clone(), outcome.status, open.pending.snapshot());
                    }
                    open.pending.apply(&outcome.delta);
                    if let Some(receipt) = open.execution.receipts().last() {
                        open.pending.push(tx.clone(), receipt.clone());
                    }
                    executed.push(Executed {
                        hash: tx.hash(),
                        sender: tx.signer(),
                        account: account_after(&outcome.delta, &tx),
                    });
                    open.da_bytes += da_bytes;
                    transactions.push(tx);
                }
                Err(TxError::Fatal(error)) => return Err(error.into()),
                Err(error) => full |= self.give_back(open, &tx, &error),
            }
            // One look at the clock a transaction: a heavy one must not drag the next behind it over the slot's end.
            if full || self.config.clock.until(timestamp).is_zero() {
                break;
            }
        }
        if !transactions.is_empty() {
            metrics::group(transactions.len(), start.elapsed());
            let group = Group {
                number: open.execution.attributes().number,
                positions: first..first + transactions.len(),
                transactions,
                executed,
                pending: open.pending.snapshot(),
            };
            self.send(LogMessage::Group(group))?;
        }
        Ok(full)
    }

    /// Returns a transaction that can not be in this block to the pool. True when the block is full.
    fn give_back(&mut self, open: &Open, tx: &Tx, error: &TxError) -> bool {
        let rejection = match error {
            TxError::BlockGas { .. } | TxError::BlockSpace(_) | TxError::NonceTooHigh(_) => {
                Rejection::Deferred
            }
            TxError::Invalid(_)
                if tx.max_fee_per_gas() < u128::from(open.execution.attributes().base_fee) =>
            {
                Rejection::Deferred
            }
            _ => Rejection::Invalid,
        };
        debug!(hash = %tx.hash(), %error, ?rejection, "transaction not included");
        self.put_back(tx, rejection);
        let gas_left = open
            .execution
            .attributes()
            .gas_limit
            .saturating_sub(open.execution.gas_used());
        let space_left = open
            .execution
            .attributes()
            .gas_limit
            .saturating_sub(open.execution.blob_gas_used());
        match error {
            TxError::BlockGas { .. } => gas_left < LEAST_GAS,
            // The smallest transaction has a footprint of 100 bytes, times a scalar of 400 by default.
            TxError::BlockSpace(_) => space_left < 2 * LEAST_GAS,
            _ => false,
        }
    }

    /// Tells the pool, and gives up what it recalls.
    fn put_back(&mut self, tx: &Tx, rejection: Rejection) {
        metrics::rejected();
        let recalled = self.pool.on_rejected(tx.hash(), rejection);
        if !recalled.is_empty() {
            self.leftover.retain(|tx| !recalled.contains(&tx.hash()));
        }
    }

    /// Finishes the open block, hands it to the sealer, and describes it for the next one.
    pub(crate) fn close(&mut self, open: Open) -> Result<Below, SequencerError> {
        let sealing = Arc::new(Sealing::default());
        let number = open.execution.attributes().number;
        let (payload, base): (ExecutedPayload, Arc<dyn StateSource>) = match open.parent {
            Parent::Sealed => (open.execution.finish()?, self.chain.state_at(number - 1)?),
            Parent::Unsealed { state, sealing } => {
                let parent = sealing.wait()?;
                let payload = open
                    .execution
                    .finish_with_parent(parent.hash(), &Stored(&state))?;
                (payload, self.state_after(parent)?)
            }
        };
        let header = header_without_roots(self.chain.spec(), &payload);
        let state = Arc::new(UnsealedState::new(
            number,
            &payload.changes,
            base,
            sealing.clone(),
        ));
        self.seal
            .send(SealJob {
                payload,
                sealing: sealing.clone(),
            })
            .map_err(|_| self.stopped("the sealer has ended"))?;
        Ok(Below {
            header,
            hash: B256::ZERO,
            origin: open.origin,
            place: open.place,
            parent: Parent::Unsealed {
                state: state.clone(),
                sealing,
            },
            state,
        })
    }

    fn state_after(
        &self,
        block: Arc<ExecutedBlock>,
    ) -> Result<Arc<dyn StateSource>, SequencerError> {
        Ok(self.chain.state_on(block)?)
    }

    /// Waits until the log writer has done everything that was sent to it.
    pub(crate) fn flush_log(&self) -> Result<(), SequencerError> {
        let (done, flushed) = bounded(1);
        self.send(LogMessage::Flush(done))?;
        flushed
            .recv()
            .map_err(|_| self.stopped("the log writer has ended"))
    }

    pub(crate) fn send(&self, message: LogMessage) -> Result<(), SequencerError> {
        self.log
            .send(message)
            .map_err(|_| self.stopped("the log writer has ended"))
    }

    pub(crate) fn stopped(&self, what: &str) -> SequencerError {
        SequencerError::Stopped(self.halt.reason().unwrap_or_else(|| what.into()))
    }
}

/// Makes the opening calls and executes the transactions that the block begins with.
///
/// The deposits that an L1 block forces can not fail to be included; a derived block's other transactions can, with
/// [`ExecutionError::Block`].
pub(crate) fn include_forced(open: &mut Open, forced: &[Tx]) -> Result<(), SequencerError> {
    open.pending.apply(&open.execution.opening_delta().clone());
    forced.iter().try_for_each(|tx| include_logged(open, tx))
}

/// Executes a transaction that must be in the block: forced, or logged before a crash.
pub(crate) fn include_logged(open: &mut Open, tx: &Tx) -> Result<(), SequencerError> {
    let outcome = open.execution.execute(tx).map_err(|error| match error {
        TxError::Fatal(error) => SequencerError::Execution(error),
        error => SequencerError::Execution(ExecutionError::Block(format!(
            "transaction {} must be in block {} but can not: {error}",
            tx.hash(),
            open.execution.attributes().number
        ))),
    })?;
    open.pending.apply(&outcome.delta);
    if let Some(receipt) = open.execution.receipts().last() {
        open.pending.push(tx.clone(), receipt.clone());
    }
    Ok(())
}

/// The sender's account right after its transaction.
fn account_after(delta: &StateDelta, tx: &Tx) -> AccountView {
    let sender = tx.signer();
    match delta
        .accounts
        .iter()
        .find(|change| change.address == sender)
    {
        Some(change) => {
            let account = change.account.unwrap_or_default();
            let code = match &change.code {
                Some((_, code)) => kind_of(code),
                None if account.code_hash == alloy_primitives::KECCAK256_EMPTY => AccountCode::None,
                // A sender with code can only be a delegated one (EIP-3607).
                None => AccountCode::Delegated,
            };
            AccountView {
                nonce: account.nonce,
                balance: account.balance,
                code,
            }
        }
        None => AccountView {
            nonce: tx.nonce() + 1,
            ..Default::default()
        },
    }
}

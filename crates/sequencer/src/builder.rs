//! The thread that executes transactions.

use crate::{
    OriginChoice, Origins, SequencerConfig, SequencerError, Wake,
    attributes::{NextBlock, head_info, next_block},
    choose_origin,
    halt::Halt,
    log_writer::{Group, LogMessage, kind_of, view_in},
    metrics, recovery,
    sealer::SealJob,
    unsealed::{Sealing, Stored, UnsealedState},
    verifier::Verified,
};
use alloy_consensus::{Header, Transaction};
use alloy_primitives::{Address, B256};
use crossbeam_channel::{Sender, bounded};
use openledger_chain::{Chain, PendingBuilder};
use openledger_execution::{
    BlockExecution, ExecutedPayload, ExecutionError, StateDelta, StateSource, TxError, TxStatus,
    header_without_roots,
};
use openledger_pool::{AccountCode, AccountView, Executed, Pool, Rejection};
use openledger_primitives::{BlockRef, PooledTx, Tx};
use openledger_protocol::{L1Block, L2BlockRef};
use openledger_storage::{ExecutedBlock, LogRecord};
use std::{
    cell::Cell,
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};
use tracing::{debug, info, warn};

/// The longest wait for transactions before the L1 and the stop flag are looked at again.
const IDLE: Duration = Duration::from_millis(50);

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
}

/// The block in the making.
pub(crate) struct Open {
    pub(crate) execution: BlockExecution,
    pub(crate) pending: PendingBuilder,
    pub(crate) origin: L1Block,
    pub(crate) sequence_number: u64,
    pub(crate) parent: Parent,
    /// No user transactions: the L1 is further away than the drift allows.
    pub(crate) forced_only: bool,
}

/// The block below the open one.
pub(crate) enum Parent {
    Sealed,
    Unsealed {
        state: Arc<UnsealedState>,
        sealing: Arc<Sealing>,
    },
}

/// What the next block needs to know of the one below it.
struct Below {
    /// Without roots when the block is not sealed yet.
    header: Header,
    hash: B256,
    origin: L1Block,
    sequence_number: u64,
    parent: Parent,
    state: Arc<dyn StateSource>,
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
                &self.config.rollup.genesis.system_config,
            ));
            self.chain.publish_pending(snapshot, positions);
        }
        Ok(resumed)
    }

    /// The L1 block of a logged origin; `None` when the L1 says that it is gone, which production then deals with.
    fn find_origin(&self, origin: BlockRef) -> Result<Option<L1Block>, SequencerError> {
        let mut told = false;
        loop {
            match self.origins.block(origin.number) {
                Some(block) if block.hash == origin.hash => return Ok(Some(block)),
                _ if self.origins.is_gone(origin) => return Ok(None),
                _ if self.halt.stopping() => {
                    return Err(self.stopped("stopped while waiting for the L1"));
                }
                _ => {
                    if !told {
                        info!(
                            origin = origin.number,
                            "waiting for the L1 to serve the open block's origin"
                        );
                        told = true;
                    }
                    self.wake.wait(IDLE);
                }
            }
        }
    }

    fn produce(&mut self, resumed: Option<Open>) -> Result<(), SequencerError> {
        let mut open = match resumed {
            Some(open) => open,
            None => self.open_on_head()?,
        };
        loop {
            let deadline = open.execution.attributes().timestamp;
            let retracted = self.fill(&mut open, deadline)?;
            if retracted {
                open = self.open_on_head()?;
                continue;
            }
            let stopping = self.halt.stopping();
            let below = self.close(open)?;
            if stopping {
                return self.drain(&below);
            }
            open = self.open(below)?;
        }
    }

    /// Waits until everything executed is sealed, durable and appended.
    fn drain(&self, below: &Below) -> Result<(), SequencerError> {
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

    /// Executes transactions until the slot is over. True when the block was taken back because its origin is gone.
    fn fill(&mut self, open: &mut Open, timestamp: u64) -> Result<bool, SequencerError> {
        let mut full = false;
        loop {
            if self.halt.stopping() {
                return Ok(false);
            }
            if self.origin_lost(open)? {
                return Ok(true);
            }
            let left = self.config.clock.until(timestamp);
            if left.is_zero() {
                return Ok(false);
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
        while transactions.len() < self.config.max_group {
            let Some(tx) = self.leftover.pop_front() else {
                break;
            };
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
        metrics::rejected();
        let recalled = self.pool.on_rejected(tx.hash(), rejection);
        if !recalled.is_empty() {
            self.leftover.retain(|tx| !recalled.contains(&tx.hash()));
        }
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

    /// Finishes the open block, hands it to the sealer, and describes it for the next one.
    fn close(&mut self, open: Open) -> Result<Below, SequencerError> {
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
            sequence_number: open.sequence_number,
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

    /// Opens a block on the sealed head.
    fn open_on_head(&mut self) -> Result<Open, SequencerError> {
        let head = self.chain.head();
        let reference = L2BlockRef::of_block(&head.block, &self.config.rollup.genesis)?;
        let origin = self.wait_for_origin(reference.l1_origin)?;
        self.open(Below {
            header: head.block.header.inner().clone(),
            hash: head.hash(),
            origin,
            sequence_number: reference.sequence_number,
            parent: Parent::Sealed,
            state: self.chain.state_at(head.number())?,
        })
    }

    /// The L1 may be slow to answer when the node starts.
    fn wait_for_origin(&mut self, origin: BlockRef) -> Result<L1Block, SequencerError> {
        let mut told = false;
        loop {
            if let Some(block) = self
                .origins
                .block(origin.number)
                .filter(|block| block.hash == origin.hash)
            {
                return Ok(block);
            }
            if self.halt.stopping() {
                return Err(self.stopped("stopped while waiting for the L1"));
            }
            if self.origins.is_gone(origin) {
                let number = self.chain.head().number();
                self.check_l1()?;
                if number == 0 {
                    return Err(SequencerError::OtherL1(origin));
                }
                self.retract(number, "its L1 origin is no longer canonical")?;
                let head = self.chain.head();
                let reference = L2BlockRef::of_block(&head.block, &self.config.rollup.genesis)?;
                return self.wait_for_origin(reference.l1_origin);
            }
            if !told {
                info!(
                    origin = origin.number,
                    "waiting for the L1 to serve the head's origin"
                );
                told = true;
            }
            self.wake.wait(IDLE);
        }
    }

    fn open(&mut self, below: Below) -> Result<Open, SequencerError> {
        let rollup = self.config.rollup.clone();
        let spec = self.chain.spec().clone();
        let timestamp = below.header.timestamp + rollup.block_time;
        let choice = choose_origin(
            &*self.origins,
            &below.origin,
            timestamp,
            self.config.l1_confs,
            rollup.max_sequencer_drift,
        );
        let (origin, sequence_number) = match choice {
            OriginChoice::Adopt(next) => (next, 0),
            OriginChoice::Keep | OriginChoice::KeepWithoutTransactions => {
                (below.origin, below.sequence_number + 1)
            }
        };
        // A chain behind its slots catches up with empty blocks, each at once.
        let late = self
            .config
            .clock
            .until(timestamp + rollup.block_time)
            .is_zero();
        let next = next_block(
            &spec,
            &rollup,
            &below.header,
            below.hash,
            origin,
            sequence_number,
        )?;
        let execution = match &below.parent {
            Parent::Sealed => {
                BlockExecution::begin(spec, below.state.clone(), next.attributes.clone())?
            }
            Parent::Unsealed { .. } => BlockExecution::begin_before_parent(
                spec,
                below.state.clone(),
                next.attributes.clone(),
            )?,
        };
        let mut open = Open {
            execution,
            pending: PendingBuilder::new(next.attributes.clone(), below.state),
            origin,
            sequence_number,
            parent: below.parent,
            forced_only: choice == OriginChoice::KeepWithoutTransactions || late,
        };
        if choice == OriginChoice::KeepWithoutTransactions {
            warn!(
                number = next.attributes.number,
                "the L1 is further behind than the drift allows: forced transactions only"
            );
        }
        include_forced(&mut open, &next)?;
        self.pool.set_head(head_info(
            &next.attributes,
            &origin,
            &rollup.genesis.system_config,
        ));
        self.send(LogMessage::Start {
            start: next.start(),
            pending: open.pending.snapshot(),
        })?;
        Ok(open)
    }

    /// Looks whether the L1 took the origin of the open block or of sealed ones back, and if so retracts them.
    fn origin_lost(&mut self, open: &mut Open) -> Result<bool, SequencerError> {
        let reorgs = self.origins.reorgs();
        if reorgs == self.seen_reorgs {
            return Ok(false);
        }
        let origin = open.origin.id();
        if !self.origins.is_gone(origin) {
            // An L1 that became shorter does not say yet what will stand at this height, and growing again is no
            // reorganisation: until it says so, look again.
            if let Some(block) = self.origins.block(origin.number) {
                self.seen_reorgs = reorgs;
                // After recovery on an L1 that went and came back, only number and hash are known of it.
                open.origin = block;
            }
            return Ok(false);
        }
        self.seen_reorgs = reorgs;
        self.check_l1()?;
        // Sealed blocks first: the one being sealed must have become the head.
        if let Parent::Unsealed { sealing, .. } = &open.parent {
            sealing.wait()?;
        }
        self.flush_log()?;
        let mut lowest = self.chain.head().number() + 1;
        while lowest > 1 {
            let Some(block) = self.chain.block(lowest - 1)? else {
                break;
            };
            let reference = L2BlockRef::of_block(&block, &self.config.rollup.genesis)?;
            if !self.origins.is_gone(reference.l1_origin) {
                break;
            }
            lowest -= 1;
        }
        self.retract(lowest, "its L1 origin is no longer canonical")?;
        Ok(true)
    }

    /// Fails when the rollup's first origin is gone: no block would be left, and none could follow.
    fn check_l1(&self) -> Result<(), SequencerError> {
        let first = self.config.rollup.genesis.l1;
        if self.origins.is_gone(first) {
            return Err(SequencerError::OtherL1(first));
        }
        Ok(())
    }

    /// Puts what is in the blocks from `lowest` on into the pool's journal.
    fn keep(&self, lowest: u64) -> Result<(), SequencerError> {
        let mut transactions = Vec::new();
        for number in lowest..=self.chain.head().number() {
            if let Some(block) = self.chain.block(number)? {
                transactions.extend(block.transactions.iter().cloned());
            }
        }
        if let Some(open) = self.chain.pending() {
            transactions.extend(open.transactions.iter().cloned());
        }
        if let Err(error) = self.pool.keep(&poolable(transactions)) {
            warn!(%error, "the pool's journal could not be written before a retraction");
        }
        Ok(())
    }

    /// Takes back the blocks from `lowest` on, the open one included.
    fn retract(&mut self, lowest: u64, reason: &str) -> Result<(), SequencerError> {
        // First: a crash between the record and the pool's having them again must not lose them.
        self.keep(lowest)?;
        let (done, durable) = bounded(1);
        self.send(LogMessage::Retract {
            number: lowest,
            reason: reason.into(),
            done,
        })?;
        durable
            .recv()
            .map_err(|_| self.stopped("the log writer has ended"))?;
        let mut transactions: Vec<Tx> = self
            .chain
            .pending()
            .map(|open| open.transactions.iter().cloned().collect())
            .unwrap_or_default();
        self.chain.retract_pending();
        let removed = self.chain.unwind_to(lowest - 1)?;
        for block in removed.iter() {
            transactions.splice(0..0, block.block.transactions.iter().cloned());
        }
        transactions.extend(self.leftover.drain(..));
        self.verified.lower(self.chain.head().block_ref());
        warn!(
            lowest,
            blocks = removed.len(),
            transactions = transactions.len(),
            reason,
            "blocks retracted"
        );
        metrics::retracted(removed.len() + 1);
        let mut touched: Vec<Address> = removed
            .iter()
            .flat_map(|block| block.accounts.keys().copied())
            .collect();
        touched.extend(transactions.iter().map(Tx::signer));
        self.reinject(transactions, touched)
    }

    /// Puts transactions of retracted blocks back into the pool; forced ones belong to the lost origin.
    fn reinject(
        &self,
        transactions: Vec<Tx>,
        mut touched: Vec<Address>,
    ) -> Result<(), SequencerError> {
        let state = self.chain.state_at(self.chain.head().number())?;
        touched.sort_unstable();
        touched.dedup();
        let views = touched
            .into_iter()
            .map(|address| Ok((address, view_in(&*state, address)?)))
            .collect::<Result<Vec<_>, SequencerError>>()?;
        let transactions = poolable(transactions);
        let count = transactions.len();
        match self.pool.reinject(transactions, &views) {
            Ok(back) => info!(
                back,
                of = count,
                "transactions of retracted blocks are back in the pool"
            ),
            // They are in the pool; only a second crash right now could lose them.
            Err(error) => {
                warn!(%error, "the pool's journal could not be rewritten after a retraction")
            }
        }
        Ok(())
    }

    /// Waits until the log writer has done everything that was sent to it.
    fn flush_log(&self) -> Result<(), SequencerError> {
        let (done, flushed) = bounded(1);
        self.send(LogMessage::Flush(done))?;
        flushed
            .recv()
            .map_err(|_| self.stopped("the log writer has ended"))
    }

    fn send(&self, message: LogMessage) -> Result<(), SequencerError> {
        self.log
            .send(message)
            .map_err(|_| self.stopped("the log writer has ended"))
    }

    fn stopped(&self, what: &str) -> SequencerError {
        SequencerError::Stopped(self.halt.reason().unwrap_or_else(|| what.into()))
    }
}

/// Those of a block's transactions that a pool takes: the forced ones belong to their origin.
fn poolable(transactions: Vec<Tx>) -> Vec<PooledTx> {
    transactions
        .into_iter()
        .filter(|tx| !tx.is_deposit())
        .map(|tx| PooledTx { tx, sidecar: None })
        .collect()
}

/// Executes the forced transactions, which can not fail to be included.
fn include_forced(open: &mut Open, next: &NextBlock) -> Result<(), SequencerError> {
    open.pending.apply(&open.execution.opening_delta().clone());
    for tx in &next.forced {
        include_logged(open, tx)?;
    }
    Ok(())
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

//! The loop around the pipeline: what it asks for is fetched, what it derives is carried out.

use crate::derive::{
    DeriveState,
    ahead::Ahead,
    engine::{Applied, Engine},
    safe_heads::{SafeHead, SafeHeads},
    source::Source,
};
use anyhow::{Context, Result, bail};
use openledger_derivation::{Derived, L2Head, Pipeline, Request, ResetReason, Step, start_number};
use openledger_genesis::RollupConfig;
use openledger_l1::L1Error;
use openledger_primitives::{BlockRef, crash_point};
use openledger_protocol::{L1BlockRef, L1Inputs, L2BlockRef};
use openledger_sequencer::Wake;
use parking_lot::Mutex;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::watch;
use tracing::{debug, info, warn};

/// The longest wait before the L1 is looked at again.
const IDLE: Duration = Duration::from_millis(200);
/// Wait after the L1 failed.
const PAUSE: Duration = Duration::from_millis(500);
/// Called with every block that the L1 was found to determine, and how many transactions it has.
pub(crate) type OnSafe = Box<dyn FnMut(&L2BlockRef, usize) + Send>;

/// Runs the pipeline on a thread of its own.
pub(crate) struct Driver {
    pub(crate) rollup: Arc<RollupConfig>,
    pub(crate) engine: Engine,
    pub(crate) source: Source,
    pub(crate) safe_heads: Arc<Mutex<SafeHeads>>,
    pub(crate) state: watch::Sender<DeriveState>,
    pub(crate) wake: Arc<Wake>,
    pub(crate) stop: Arc<AtomicBool>,
    /// Somebody wants a new pipeline.
    pub(crate) reset: Arc<AtomicBool>,
    pub(crate) on_safe: Option<OnSafe>,
    /// The last block that is wanted; the driver ends when it is safe, or when everything is derived and this is `Some(None)`.
    pub(crate) until: Option<Option<u64>>,
    /// On a verifier: a sequencer has most of the blocks already.
    ahead: Option<Ahead>,
    safe: Option<L2Head>,
}

/// What the loop does next.
enum Next {
    /// Goes on at once.
    Continue,
    /// Nothing can be done until the L1 moves.
    Wait,
    /// The pipeline is of no use any more.
    Reset(String),
}

/// What the driver is made of.
pub(crate) struct Parts {
    pub(crate) rollup: Arc<RollupConfig>,
    pub(crate) engine: Engine,
    pub(crate) source: Source,
    pub(crate) safe_heads: Arc<Mutex<SafeHeads>>,
    pub(crate) state: watch::Sender<DeriveState>,
    pub(crate) wake: Arc<Wake>,
    pub(crate) stop: Arc<AtomicBool>,
    /// Somebody wants a new pipeline.
    pub(crate) reset: Arc<AtomicBool>,
    pub(crate) on_safe: Option<OnSafe>,
    pub(crate) until: Option<Option<u64>>,
}

impl Driver {
    pub(crate) fn new(parts: Parts) -> Result<Self> {
        let Parts {
            rollup,
            engine,
            source,
            safe_heads,
            state,
            wake,
            stop,
            reset,
            on_safe,
            until,
        } = parts;
        let ahead = match engine {
            Engine::Verifier(_) => Some(Ahead::new(rollup.clone())?),
            Engine::Sequencer(..) => None,
        };
        Ok(Self {
            rollup,
            engine,
            source,
            safe_heads,
            state,
            wake,
            stop,
            reset,
            on_safe,
            until,
            ahead,
            safe: None,
        })
    }

    /// Derives until it is stopped, or has derived what was wanted. Fails when the node can not go on.
    pub(crate) fn run(mut self) -> Result<()> {
        let outcome = self.derive();
        self.safe_heads.lock().flush()?;
        outcome
    }

    fn derive(&mut self) -> Result<()> {
        while !self.stopping() {
            self.reset.store(false, Ordering::Release);
            let mut pipeline = match self.restart() {
                Ok(pipeline) => pipeline,
                Err(error) if temporary(&error) => {
                    self.pause(&error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            if self.follow(&mut pipeline)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Steps until the pipeline is of no use any more; true when everything wanted is derived.
    fn follow(&mut self, pipeline: &mut Pipeline) -> Result<bool> {
        let mut reorgs = self.source.reorgs();
        loop {
            if self.stopping() {
                return Ok(false);
            }
            if self.reset.load(Ordering::Acquire) {
                info!("an operator has derivation begin anew from the newest safe block");
                return Ok(false);
            }
            if self.source.reorgs() != reorgs {
                reorgs = self.source.reorgs();
                if self.source.is_gone(pipeline.origin().id()) {
                    info!(
                        l1 = pipeline.origin().number,
                        "the L1 took back a block that was derived from"
                    );
                    return Ok(false);
                }
            }
            let next = match self.step(pipeline) {
                Ok(next) => next,
                Err(error) if temporary(&error) => {
                    self.pause(&error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            if let Some(Some(last)) = self.until
                && self.safe_number() >= last
            {
                return Ok(true);
            }
            match next {
                Next::Continue => {}
                Next::Wait => {
                    self.caught_up()?;
                    if self.until == Some(None) {
                        return Ok(true);
                    }
                    self.wake.wait(IDLE);
                    self.finalize();
                }
                Next::Reset(reason) => {
                    info!(%reason, "derivation begins anew from the newest safe block");
                    return Ok(false);
                }
            }
        }
    }

    fn step(&mut self, pipeline: &mut Pipeline) -> Result<Next> {
        let answered = match pipeline.step() {
            Step::Need(Request::L1Block { number, parent }) => {
                self.checkpoint(pipeline.origin())?;
                let Some(block) = self.source.block(number)? else {
                    return Ok(Next::Wait);
                };
                if block.parent_hash != parent {
                    return Ok(Next::Reset("the L1 was reorganised".into()));
                }
                let inputs = self.source.inputs(&block)?;
                crash_point("derive-l1-block");
                pipeline.on_l1_block(L1Inputs::clone(&inputs))
            }
            Step::Need(Request::Inbox { block, batcher }) => {
                let payloads = self.source.payloads(block, batcher)?;
                if let Some(ahead) = &mut self.ahead {
                    ahead.give(block.number, &payloads);
                }
                crash_point("derive-inbox");
                pipeline.on_inbox(payloads)
            }
            Step::Need(Request::L1Inputs(block)) => {
                let inputs = self.source.inputs_of(block)?;
                pipeline.on_l1_inputs(L1Inputs::clone(&inputs))
            }
            Step::Need(Request::L2Blocks { from, to }) => {
                let chain = self.engine.chain();
                let read = |number| {
                    chain
                        .block(number)?
                        .with_context(|| format!("safe block {number} is missing"))
                };
                let blocks = (from..=to).map(read).collect::<Result<Vec<_>>>()?;
                pipeline.on_l2_blocks(blocks)
            }
            Step::Derived(derived) => return self.carry_out(pipeline, &derived),
        };
        Ok(reset_or_continue(answered))
    }

    /// Everything up to this L1 block is derived.
    fn checkpoint(&mut self, l1: L1BlockRef) -> Result<()> {
        if self.state.borrow().current_l1 == l1 {
            return Ok(());
        }
        if let Some(safe) = &self.safe {
            self.safe_heads.lock().note(SafeHead {
                l1: l1.id(),
                l2: safe.block.id(),
            })?;
        }
        crash_point("derive-checkpoint");
        self.source.forget_before(l1.number);
        self.publish(|state| state.current_l1 = l1);
        self.finalize();
        Ok(())
    }

    fn carry_out(&mut self, pipeline: &mut Pipeline, derived: &Derived) -> Result<Next> {
        let number = derived.attributes.number;
        crash_point("derive-before-apply");
        let decoded = self.ahead.as_mut().and_then(|ahead| ahead.take(derived));
        match self.engine.apply(&self.rollup, derived, decoded)? {
            Applied::Block {
                head,
                new,
                transactions,
            } => {
                crash_point("derive-after-apply");
                debug!(number, new, "safe");
                let answered = pipeline.on_applied(L2Head::clone(&head));
                if let Some(on_safe) = &mut self.on_safe {
                    on_safe(&head.block, transactions);
                }
                self.safe = Some(*head);
                self.publish(|_| {});
                Ok(reset_or_continue(answered))
            }
            Applied::Invalid(reason) if derived.deposits_only => {
                bail!(
                    "block {number} can not be executed even without its batch's transactions: {reason}"
                )
            }
            Applied::Invalid(reason) => {
                warn!(number, %reason, "a batch can not be executed: its block holds deposits only");
                pipeline.on_rejected();
                Ok(Next::Continue)
            }
            Applied::Stale => Ok(Next::Reset("the block below was taken back".into())),
        }
    }

    /// Finds the newest checkpoint that still holds and makes a pipeline that goes on there.
    fn restart(&mut self) -> Result<Pipeline> {
        self.source.forget();
        let (safe, l1) = self.newest_checkpoint()?;
        // Batches that were open then began at most a channel time-out before the safe block's origin.
        let start = start_number(&self.rollup, safe.block.l1_origin.number);
        let below = self.block_with_origin(safe.block.number, start)?;
        let start = below.block.l1_origin;
        self.source.expect_batcher(below.config.batcher_addr);
        if let Some(ahead) = &mut self.ahead {
            let unread = l1.map_or(0, |l1| l1.number + 1);
            self.source.listen(ahead.restart(unread)?);
        }
        let block = self
            .source
            .block(start.number)?
            .filter(|block| block.hash == start.hash)
            .context(Temporary(
                "the L1 does not serve the block at which derivation begins",
            ))?;
        let inputs = self.source.inputs(&block)?;
        info!(
            safe = safe.block.number,
            from_l1 = start.number,
            through_l1 = l1.map(|l1| l1.number),
            "derivation begins"
        );
        self.engine.unwind_to(safe.block.id())?;
        self.safe = Some(safe.clone());
        self.publish(|state| state.caught_up = false);
        let pipeline = Pipeline::new(
            self.rollup.clone(),
            safe,
            L1Inputs::clone(&inputs),
            below.config,
        )?;
        Ok(match l1 {
            Some(l1) => pipeline.read_through(l1.number),
            None => pipeline,
        })
    }

    /// The newest checkpoint whose L2 block is on the chain and whose L1 block is canonical; else genesis.
    fn newest_checkpoint(&mut self) -> Result<(L2Head, Option<BlockRef>)> {
        let chain = self.engine.chain().clone();
        let last = || self.safe_heads.lock().last();
        while let Some(entry) = last() {
            let block = chain
                .block(entry.l2.number)?
                .filter(|block| block.hash() == entry.l2.hash);
            if let Some(block) = block {
                let canonical = self.source.block(entry.l1.number)?;
                if canonical.is_some_and(|block| block.hash == entry.l1.hash) {
                    return Ok((L2Head::of_block(&block, &self.rollup)?, Some(entry.l1)));
                }
            }
            self.safe_heads.lock().pop();
        }
        let first = self.rollup.genesis.l1;
        if self
            .source
            .block(first.number)?
            .is_some_and(|block| block.hash != first.hash)
        {
            bail!(
                "the L1 is another chain or was reset: its block {} is no longer {}, on which this L2 was founded",
                first.number,
                first.hash
            );
        }
        let genesis = chain
            .block(self.rollup.genesis.l2.number)?
            .context("the chain has no genesis block")?;
        Ok((L2Head::of_block(&genesis, &self.rollup)?, None))
    }

    /// The newest block up to `highest` whose origin is at or below an L1 height: origins never go back.
    fn block_with_origin(&self, highest: u64, l1_number: u64) -> Result<L2Head> {
        let chain = self.engine.chain();
        let read = |number: u64| -> Result<L2Head> {
            let block = chain
                .block(number)?
                .with_context(|| format!("block {number} is missing"))?;
            Ok(L2Head::of_block(&block, &self.rollup)?)
        };
        let (mut low, mut high) = (self.rollup.genesis.l2.number, highest);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            if read(middle)?.block.l1_origin.number <= l1_number {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        read(low)
    }

    /// Everything that is on the L1 now is derived.
    fn caught_up(&mut self) -> Result<()> {
        self.publish(|state| state.caught_up = true);
        if let Engine::Sequencer(_, sequencer) = &self.engine
            && !sequencer.status().producing
        {
            sequencer.resume_after_derivation()?;
        }
        Ok(())
    }

    /// Moves the finalized label: the newest block that was safe after the newest finalized L1 block.
    fn finalize(&mut self) {
        let Some(l1) = self.source.finalized() else {
            return;
        };
        let entry = self.safe_heads.lock().at(l1.number);
        let Some(entry) = entry else { return };
        self.publish(|state| {
            if entry.l2.number >= state.finalized.number {
                state.finalized = entry.l2;
            }
        });
    }

    /// Tells everybody where derivation is: the chain's labels first.
    fn publish(&self, change: impl FnOnce(&mut DeriveState)) {
        let safe = self.safe.as_ref().map(|safe| safe.block);
        self.state.send_modify(|state| {
            change(state);
            if let Some(safe) = safe {
                state.safe = safe;
            }
            // The L1 took back what it had finalized: the label can not be above what is left.
            if state.finalized.number > state.safe.number {
                state.finalized = state.safe.id();
            }
        });
        let state = *self.state.borrow();
        self.engine
            .chain()
            .set_labels(state.safe.id(), state.finalized);
    }

    fn safe_number(&self) -> u64 {
        self.safe.as_ref().map_or(0, |safe| safe.block.number)
    }

    fn stopping(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    fn pause(&self, error: &anyhow::Error) {
        warn!(error = format!("{error:#}"), "derivation waits for the L1");
        self.wake.wait(PAUSE);
    }
}

fn reset_or_continue(answered: Result<(), ResetReason>) -> Next {
    match answered {
        Ok(()) => Next::Continue,
        Err(reason) => Next::Reset(reason.to_string()),
    }
}

/// A state of the L1 that passes.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Temporary(pub(crate) &'static str);

/// True when asking again later makes sense.
fn temporary(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Temporary>().is_some()
        // The L1 was reorganised between two answers.
        || error.downcast_ref::<ResetReason>().is_some()
        || error
            .downcast_ref::<L1Error>()
            .is_some_and(L1Error::is_temporary)
}

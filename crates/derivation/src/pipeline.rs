//! The stages, put together.

use crate::{
    Derived, L2Head, ResetReason,
    attributes_queue::AttributesQueue,
    batch_stage::{BatchStage, Next},
    batch_validity::Context,
    channel_assembler::{CHANNEL_TIMEOUT, ChannelAssembler},
    channel_reader::ChannelReader,
    frame_queue::FrameQueue,
    l1_retrieval::{L1Retrieval, Retrieved},
    l1_traversal::L1Traversal,
    l1_window::L1Window,
};
use alloy_primitives::{Address, B256, Bytes};
use openledger_genesis::{RollupConfig, SystemConfig};
use openledger_primitives::{Block, BlockRef};
use openledger_protocol::{L1BlockRef, L1Inputs};
use std::sync::Arc;

/// Data that derivation can not go on without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// The next L1 block. It may not exist yet; then it is asked for again later.
    ///
    /// While this is asked for, everything in the L1 blocks before it is derived.
    L1Block {
        /// Its number.
        number: u64,
        /// Hash of the block before it. Another parent means that the L1 was reorganised.
        parent: B256,
    },
    /// The payloads that the batcher put into an L1 block: calldata and blobs, in the order of the block.
    Inbox {
        /// The L1 block.
        block: BlockRef,
        /// The only sender that counts.
        batcher: Address,
    },
    /// The deposits and configuration updates of an L1 block that was read before.
    L1Inputs(BlockRef),
    /// Blocks of the safe chain, both ends included.
    L2Blocks {
        /// The first block's number.
        from: u64,
        /// The last block's number: at most the safe block's, at most 63 after `from`.
        to: u64,
    },
}

/// What happens next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The caller brings data.
    Need(Request),
    /// The caller makes a block, and says whether it could.
    Derived(Box<Derived>),
}

/// The L1 block that a pipeline has to start at so that it has every frame that counts for the block after a safe block with
/// the origin `safe_origin`: a channel's timeout before it, or where the chain begins.
pub fn start_number(rollup: &RollupConfig, safe_origin: u64) -> u64 {
    safe_origin
        .saturating_sub(CHANNEL_TIMEOUT)
        .max(rollup.genesis.l1.number)
}

/// Derives the L2 chain from the L1, block by block.
///
/// [`step`](Self::step) says what is needed and gives the same answer until it gets it. No bytes on the L1 make it panic, stop, or hold
/// more than a bounded amount of memory: one L1 block's payloads, one channel, compressed and decompressed (at most
/// [`MAX_RLP_BYTES_PER_CHANNEL`](openledger_protocol::MAX_RLP_BYTES_PER_CHANNEL) each), one span, the headers of a sequencing window.
///
/// A [`ResetReason`] ends a pipeline. A new one is started from a safe block; see [`new`](Self::new).
#[derive(Debug)]
pub struct Pipeline {
    rollup: Arc<RollupConfig>,
    head: L2Head,
    /// Batches in L1 blocks up to this one are known to have no effect on the block after the head.
    processed: u64,
    window: L1Window,
    traversal: L1Traversal,
    retrieval: L1Retrieval,
    frames: FrameQueue,
    assembler: ChannelAssembler,
    reader: ChannelReader,
    batches: BatchStage,
    attributes: AttributesQueue,
    wanted: Option<Request>,
}

impl Pipeline {
    /// Starts at the L1 block `start` to derive the block after `safe`.
    ///
    /// `start` is the block of the height [`start_number`] gives, or an earlier one. `config` is the system configuration as of it,
    /// its own updates included: that of any L2 block with this origin, or the genesis one.
    ///
    /// Fails when `start` is after the origin of `safe`, or at its height and another block.
    pub fn new(
        rollup: Arc<RollupConfig>,
        safe: L2Head,
        start: L1Inputs,
        config: SystemConfig,
    ) -> Result<Self, ResetReason> {
        let block = start.block.block_ref();
        let origin = safe.block.l1_origin;
        if block.number > origin.number {
            return Err(ResetReason::StartTooLate {
                start: block.number,
                origin: origin.number,
            });
        }
        let mut pipeline = Self {
            reader: ChannelReader::new(&rollup),
            rollup,
            // Whoever wrote a batch on top of the safe block knew it, so it is in a block after the safe one's origin.
            processed: origin.number,
            head: safe,
            window: L1Window::default(),
            traversal: L1Traversal::new(block, config),
            retrieval: L1Retrieval::default(),
            frames: FrameQueue::default(),
            assembler: ChannelAssembler::default(),
            batches: BatchStage::default(),
            attributes: AttributesQueue::default(),
            wanted: None,
        };
        pipeline.see(start)?;
        Ok(pipeline)
    }

    /// Says that `safe` was the safe block when the L1 blocks up to `l1_number` had been read to their end (see
    /// [`Request::L1Block`]). Batches in them are not looked at again.
    ///
    /// Without it a batcher that writes contradicting batches could make a restarted node derive another chain: a batch that
    /// came too early for the node that ran on would be just in time for the one that was restarted.
    pub fn read_through(mut self, l1_number: u64) -> Self {
        self.processed = self.processed.max(l1_number);
        self
    }

    /// The L1 block being read.
    pub fn origin(&self) -> L1BlockRef {
        self.traversal.origin()
    }

    /// The safe block that the next one is derived on.
    pub fn head(&self) -> &L2Head {
        &self.head
    }

    /// What happens next. The same again until it is answered.
    pub fn step(&mut self) -> Step {
        if let Some(derived) = self.attributes.derived() {
            return Step::Derived(Box::new(derived.clone()));
        }
        if let Some(request) = self.wanted {
            return Step::Need(request);
        }
        loop {
            if let Err(block) = self.attributes.derive(
                &self.rollup,
                &self.head,
                &self.window,
                self.traversal.origin(),
            ) {
                return self.need(Request::L1Inputs(block));
            }
            if let Some(derived) = self.attributes.derived() {
                return Step::Derived(Box::new(derived.clone()));
            }
            if let Some(request) = self.pull() {
                return self.need(request);
            }
        }
    }

    /// Moves data one stage further, from the innermost stage that has any.
    fn pull(&mut self) -> Option<Request> {
        let l1 = self.traversal.origin();
        let reading = l1.number > self.processed;
        let context = Context {
            rollup: &self.rollup,
            window: &self.window,
            head: &self.head.block,
            inclusion: l1.number,
        };
        match self.batches.next(&mut self.reader, &context) {
            Next::Batch(batch) => {
                self.attributes.push(batch);
                return None;
            }
            Next::Need(range) => {
                return Some(Request::L2Blocks {
                    from: *range.start(),
                    to: *range.end(),
                });
            }
            Next::Nothing => {}
        }
        if let Some(channel) = self.assembler.next(&mut self.frames, l1.number) {
            if reading {
                self.reader.open(&channel);
            }
            return None;
        }
        match self.retrieval.next() {
            Retrieved::Payload(payload) => {
                self.frames.load(&payload);
                return None;
            }
            Retrieved::Missing => {
                return Some(Request::Inbox {
                    block: l1.id(),
                    batcher: self.traversal.batcher(),
                });
            }
            Retrieved::Exhausted => {}
        }
        if reading && let Some(batch) = self.batches.empty_batch(&context) {
            self.attributes.push(batch);
            return None;
        }
        Some(Request::L1Block {
            number: l1.number + 1,
            parent: l1.hash,
        })
    }

    fn need(&mut self, request: Request) -> Step {
        self.wanted = Some(request);
        Step::Need(request)
    }

    /// Remembers an L1 block that may be an origin.
    fn see(&mut self, inputs: L1Inputs) -> Result<(), ResetReason> {
        let block = inputs.block.id();
        let origin = self.head.block.l1_origin;
        if block.number == origin.number && block.hash != origin.hash {
            return Err(ResetReason::OriginReorged {
                origin,
                found: block.hash,
            });
        }
        if block.number >= origin.number {
            self.window.push(inputs);
        }
        Ok(())
    }

    /// Answers [`Request::L1Block`].
    ///
    /// Fails when the block does not follow the one before, or shows that the safe block's origin is not canonical.
    pub fn on_l1_block(&mut self, inputs: L1Inputs) -> Result<(), ResetReason> {
        if !matches!(self.wanted, Some(Request::L1Block { .. })) {
            return Err(ResetReason::Unrequested("an L1 block"));
        }
        self.traversal.advance(&inputs)?;
        self.see(inputs)?;
        self.retrieval.next_block();
        self.wanted = None;
        Ok(())
    }

    /// Answers [`Request::Inbox`]: the payloads in the order of the block. A blob transaction has one for each blob.
    pub fn on_inbox(&mut self, payloads: Vec<Bytes>) -> Result<(), ResetReason> {
        if !matches!(self.wanted, Some(Request::Inbox { .. })) {
            return Err(ResetReason::Unrequested("inbox payloads"));
        }
        self.retrieval.fill(payloads);
        self.wanted = None;
        Ok(())
    }

    /// Answers [`Request::L1Inputs`].
    pub fn on_l1_inputs(&mut self, inputs: L1Inputs) -> Result<(), ResetReason> {
        if self.wanted != Some(Request::L1Inputs(inputs.block.id())) {
            return Err(ResetReason::Unrequested("inputs of an L1 block"));
        }
        self.attributes.on_inputs(inputs);
        self.wanted = None;
        Ok(())
    }

    /// Answers [`Request::L2Blocks`] with exactly the blocks of the range.
    ///
    /// Fails when they are not consecutive, or the last one is at the safe block's height and another one.
    pub fn on_l2_blocks(&mut self, blocks: Vec<Arc<Block>>) -> Result<(), ResetReason> {
        let Some(Request::L2Blocks { from, to }) = self.wanted else {
            return Err(ResetReason::Unrequested("L2 blocks"));
        };
        if blocks.len() as u64 != to - from + 1 {
            return Err(ResetReason::Unrequested("L2 blocks"));
        }
        let mut parent = None;
        for (number, block) in (from..).zip(&blocks) {
            let follows = parent.is_none_or(|hash| hash == block.header.parent_hash);
            let is_head = number != self.head.block.number || block.hash() == self.head.block.hash;
            if block.number() != number || !follows || !is_head {
                return Err(ResetReason::ForeignL2Block(number));
            }
            parent = Some(block.hash());
        }
        self.batches.on_l2_blocks(blocks);
        self.wanted = None;
        Ok(())
    }

    /// The derived block is the safe block now: it was made, or a block that is there already turned out to be the same.
    ///
    /// Fails when `head` can not be made from the derived attributes.
    pub fn on_applied(&mut self, head: L2Head) -> Result<(), ResetReason> {
        let block = &head.block;
        let fits = self.attributes.derived().is_some_and(|derived| {
            block.number == derived.attributes.number
                && block.parent_hash == derived.parent.hash
                && block.timestamp == derived.attributes.timestamp
                && block.l1_origin == derived.attributes.origin
                && block.sequence_number == derived.attributes.sequence_number
        });
        if !fits {
            return Err(ResetReason::ForeignHead(block.id()));
        }
        self.window.advance_to(block.l1_origin.number);
        self.head = head;
        self.attributes.clear();
        Ok(())
    }

    /// The engine refused the derived block as invalid: the same block without the batch's transactions is next, and the
    /// rest of the batch's span and channel is dropped (Holocene).
    ///
    /// Not to be called for a block that is [`deposits_only`](Derived::deposits_only) already: nothing could replace it.
    pub fn on_rejected(&mut self) {
        self.attributes.strip();
        self.batches.flush();
        self.reader.flush();
    }

    /// Number of L1 blocks that are held as possible origins.
    #[cfg(test)]
    pub(crate) fn l1_window(&self) -> usize {
        self.window.len()
    }
}

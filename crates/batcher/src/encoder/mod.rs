//! Blocks in, channels out, and payloads cut from channels. Synchronous, without IO.
//!
//! 1. [`Encoder`] gathers blocks into a span batch and closes the channel at its size, its age or on demand.
//! 2. [`ClosedChannel::compress`] makes the channel's bytes, once, on a worker thread.
//! 3. [`Packer`] cuts channels into frames and fills payloads with them, strictly in order.

mod assemble;
mod channel;
mod compress;
mod packer;

pub use assemble::{Missing, assemble};
pub use channel::{BlockRange, Channel, ChannelInfo, CloseReason, ClosedChannel};
pub use compress::compress_batch;
pub use packer::{DaKind, Packed, Packer, Piece};

use crate::ChannelConfig;
use openledger_genesis::{RollupConfig, RollupGenesis};
use openledger_primitives::{Block, BlockRef};
use openledger_protocol::{
    BatchError, ChannelId, L2BlockRef, L2RefError, MAX_RLP_BYTES_PER_CHANNEL, SpanBatchBuilder,
    SpanContext,
};
use std::{collections::VecDeque, sync::Arc};

/// Bytes of a span batch that a transaction takes at most beyond its own encoding: parity and other bits, and integers that are
/// one byte longer as varints.
const TX_OVERHEAD: usize = 32;
/// Bytes that a block takes at most beyond its transactions.
const BLOCK_OVERHEAD: usize = 16;
const SIGNATURE: usize = 64;

/// A block that was not taken, and why. Nothing has changed; the caller may repair what is wrong and offer the block again.
#[derive(Debug, thiserror::Error)]
#[error("block {} does not go into a channel: {error}", .block.number())]
pub struct Rejected {
    /// The block.
    pub block: Arc<Block>,
    /// What is wrong with it.
    pub error: EncodeError,
}

/// Why a block can not be encoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The block is not the child of the last one: blocks are missing, or the chain was reorganised. Rewind, then go on.
    #[error("it follows {parent}, the last block was {} ({})", .last.number, .last.hash)]
    NotNext {
        /// The block's parent.
        parent: alloy_primitives::B256,
        /// The last block that was taken.
        last: BlockRef,
    },
    /// The block does not say where on the L1 it belongs.
    #[error(transparent)]
    Place(#[from] L2RefError),
    /// The block can not be in a span batch.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// The block alone is more than a channel may decompress to.
    #[error("{0} bytes are more than a channel may hold")]
    TooLarge(usize),
}

#[derive(Debug)]
struct Open {
    id: ChannelId,
    parent: BlockRef,
    /// Origin of the first block.
    oldest_origin: u64,
    opened_at: u64,
}

/// Gathers blocks into channels.
///
/// Guarantees: a block is in exactly one channel, and channels follow one another without gap, except across a
/// [`rewind`](Self::rewind). A channel never exceeds what the protocol lets it hold.
#[derive(Debug)]
pub struct Encoder {
    config: ChannelConfig,
    genesis: RollupGenesis,
    seq_window: u64,
    builder: SpanBatchBuilder,
    open: Option<Open>,
    tip: BlockRef,
    l1_head: u64,
    /// Compressed bytes per byte that is not a signature, in thousandths: what the last channels came to.
    ratio: usize,
    closed: VecDeque<ClosedChannel>,
}

impl Encoder {
    /// An encoder whose first block is the child of `parent`, while the L1 is at `l1_head`.
    pub fn new(
        config: ChannelConfig,
        rollup: &RollupConfig,
        parent: BlockRef,
        l1_head: u64,
    ) -> Self {
        Self {
            config,
            genesis: rollup.genesis.clone(),
            seq_window: rollup.seq_window_size,
            builder: SpanBatchBuilder::new(SpanContext::of(rollup)),
            open: None,
            tip: parent,
            l1_head,
            // Until a channel was compressed: what token transfers come to.
            ratio: 150,
            closed: VecDeque::new(),
        }
    }

    /// The last block that was taken: the next one must be its child.
    pub fn tip(&self) -> BlockRef {
        self.tip
    }

    /// Blocks in the open channel.
    pub fn open_blocks(&self) -> u64 {
        self.builder.blocks() as u64
    }

    /// Bytes in the open channel: uncompressed, and compressed by estimate.
    pub fn open_bytes(&self) -> (usize, usize) {
        let raw = self.builder.encoded_len();
        let signatures = self.builder.transactions() * SIGNATURE;
        let rest = raw.saturating_sub(signatures);
        (raw, signatures + rest.saturating_mul(self.ratio) / 1000)
    }

    /// Takes the next block. What it closes comes out of [`next_closed`](Self::next_closed).
    pub fn add_block(&mut self, block: Arc<Block>) -> Result<(), Rejected> {
        match self.try_add(&block) {
            Ok(()) => Ok(()),
            Err(error) => Err(Rejected { block, error }),
        }
    }

    fn try_add(&mut self, block: &Block) -> Result<(), EncodeError> {
        if block.header.parent_hash != self.tip.hash || block.number() != self.tip.number + 1 {
            return Err(EncodeError::NotNext {
                parent: block.header.parent_hash,
                last: self.tip,
            });
        }
        let place = L2BlockRef::of_block(block, &self.genesis)?;
        let size = size_bound(block);
        // The RLP header around the batch takes a few bytes more.
        let limit = MAX_RLP_BYTES_PER_CHANNEL - 16;
        if size > limit {
            return Err(EncodeError::TooLarge(size));
        }
        if self.builder.encoded_len() + size > self.config.max_raw_bytes.min(limit) {
            self.close(CloseReason::Size);
        }
        match self.builder.push(block, &place) {
            Err(BatchError::TooMany) if self.open.is_some() => {
                self.close(CloseReason::Size);
                self.builder.push(block, &place)?;
            }
            result => result?,
        }
        let (parent, opened_at) = (self.tip, self.l1_head);
        self.open.get_or_insert_with(|| Open {
            id: ChannelId(rand::random()),
            parent,
            oldest_origin: place.l1_origin.number,
            opened_at,
        });
        self.tip = block.block_ref();
        let (raw, compressed) = self.open_bytes();
        if compressed >= self.config.target_bytes || raw >= self.config.max_raw_bytes {
            self.close(CloseReason::Size);
        }
        self.close_in_time();
        Ok(())
    }

    /// The L1 has grown (or was reorganised): closes the open channel when its time is up.
    pub fn on_l1_head(&mut self, l1_head: u64) {
        self.l1_head = l1_head;
        self.close_in_time();
    }

    /// The oldest channel that was closed and not taken out yet.
    pub fn next_closed(&mut self) -> Option<ClosedChannel> {
        self.closed.pop_front()
    }

    /// Closes the open channel, if there is one.
    pub fn close(&mut self, reason: CloseReason) {
        let Some(open) = self.open.take() else {
            return;
        };
        // An open channel has a block, so that its batch is never refused.
        if let Ok(batch) = self.builder.encode() {
            self.closed.push_back(ClosedChannel {
                id: open.id,
                blocks: BlockRange {
                    parent: open.parent,
                    last: self.tip,
                },
                transactions: self.builder.transactions(),
                batch,
                reason,
                opened_at: open.opened_at,
            });
        }
        self.builder.clear();
    }

    /// Forgets the open channel and those that were not taken out, and goes on with the child of `to`.
    pub fn rewind(&mut self, to: BlockRef) {
        self.open = None;
        self.closed.clear();
        self.builder.clear();
        self.tip = to;
    }

    /// Tells how well a channel compressed, which the estimate of the next ones follows.
    pub fn learn(&mut self, channel: &Channel) {
        let signatures = channel.transactions * SIGNATURE;
        let rest = channel.raw_len.saturating_sub(signatures);
        if channel.transactions < 100 || rest == 0 {
            return;
        }
        let compressed = channel.data.len().saturating_sub(signatures);
        let ratio = (compressed.saturating_mul(1000) / rest).clamp(5, 1000);
        self.ratio = (self.ratio + ratio) / 2;
    }

    fn close_in_time(&mut self) {
        let Some(open) = &self.open else {
            return;
        };
        let window = self.seq_window.saturating_sub(self.config.window_margin);
        let age = self.l1_head.saturating_sub(open.opened_at);
        if self.l1_head >= open.oldest_origin.saturating_add(window) {
            self.close(CloseReason::Window);
        } else if age >= self.config.max_duration.max(1) {
            // With a duration of zero a channel still holds the blocks between two blocks of the L1.
            self.close(CloseReason::Duration);
        }
    }
}

/// Bytes that a block takes in a span batch at most.
fn size_bound(block: &Block) -> usize {
    let transactions = block.transactions.iter().filter(|tx| !tx.is_deposit());
    transactions.fold(BLOCK_OVERHEAD, |sum, tx| {
        sum + tx.encoded().len() + TX_OVERHEAD
    })
}

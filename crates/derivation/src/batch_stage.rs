//! Stage 6, batch stage: the one batch that the next block is made from, or none.

use crate::{
    batch_validity::{Candidate, Context, Invalid, SpanParent, SpanRange, Validity},
    channel_reader::ChannelReader,
};
use alloy_primitives::Bytes;
use openledger_primitives::Block;
use openledger_protocol::{Batch, L1Block, L2BlockRef, SpanBatch, SpanBlock};
use std::{ops::RangeInclusive, sync::Arc};

/// Safe blocks that are asked for at once, to compare a span with.
const OVERLAP_CHUNK: u64 = 64;

/// A valid batch, about the block after the safe one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NextBatch {
    /// The block's L1 origin.
    pub(crate) origin: L1Block,
    /// EIP-2718 bytes.
    pub(crate) transactions: Vec<Bytes>,
    /// True when its span holds no further block.
    pub(crate) last_in_span: bool,
}

/// What the stage has to say.
// One at a time on the stack: boxing the batch would only cost an allocation.
#[allow(clippy::large_enum_variant)]
#[derive(Debug)]
pub(crate) enum Next {
    /// The next block is made from this.
    Batch(NextBatch),
    /// Safe blocks that a span has to be compared with.
    Need(RangeInclusive<u64>),
    /// The channel holds nothing more.
    Nothing,
}

/// A span that begins with safe blocks and is being compared with them.
#[derive(Debug)]
struct Overlapping {
    span: SpanBatch,
    /// Number of the block before the span.
    parent: u64,
    /// Number of the next block to look at.
    next: u64,
}

/// Checks batches one by one, and unpacks spans.
///
/// A span is kept until everything that decides about it is there, however often it has to be asked for.
#[derive(Debug, Default)]
pub(crate) struct BatchStage {
    /// The blocks of an accepted span that are not derived yet.
    span: std::vec::IntoIter<SpanBlock>,
    overlapping: Option<Overlapping>,
    answer: Option<Vec<Arc<Block>>>,
}

impl BatchStage {
    /// Drops the span.
    pub(crate) fn flush(&mut self) {
        *self = Self::default();
    }

    /// Takes the blocks that were asked for.
    pub(crate) fn on_l2_blocks(&mut self, blocks: Vec<Arc<Block>>) {
        self.answer = Some(blocks);
    }

    /// Reads batches until one is valid.
    pub(crate) fn next(&mut self, reader: &mut ChannelReader, context: &Context<'_>) -> Next {
        let Some((epoch, next_epoch)) = context.epochs() else {
            return Next::Nothing;
        };
        loop {
            if let Some(block) = self.span.next() {
                let candidate = Candidate {
                    parent_hash: None,
                    epoch_number: block.epoch_number,
                    epoch_hash: None,
                    timestamp: block.timestamp,
                    transactions: &block.transactions,
                };
                match context.check_single(&candidate, epoch, next_epoch) {
                    Validity::Past => {}
                    Validity::Drop(invalid) => self.drop_channel(reader, invalid),
                    Validity::Accept => {
                        return Next::Batch(NextBatch {
                            origin: origin(block.epoch_number, epoch, next_epoch),
                            transactions: block.transactions,
                            last_in_span: self.span.len() == 0,
                        });
                    }
                }
            } else if let Some(overlapping) = self.overlapping.take() {
                if let Some(range) = self.compare(overlapping, reader, context) {
                    return Next::Need(range);
                }
            } else {
                match reader.next() {
                    None => return Next::Nothing,
                    Some(Batch::Span(span)) => self.begin_span(span, reader, context),
                    Some(Batch::Singular(batch)) => {
                        let candidate = Candidate {
                            parent_hash: Some(batch.parent_hash),
                            epoch_number: batch.epoch.number,
                            epoch_hash: Some(batch.epoch.hash),
                            timestamp: batch.timestamp,
                            transactions: &batch.transactions,
                        };
                        match context.check_single(&candidate, epoch, next_epoch) {
                            Validity::Past => {}
                            Validity::Drop(invalid) => self.drop_channel(reader, invalid),
                            Validity::Accept => {
                                return Next::Batch(NextBatch {
                                    origin: origin(batch.epoch.number, epoch, next_epoch),
                                    transactions: batch.transactions,
                                    last_in_span: true,
                                });
                            }
                        }
                    }
                }
            }
        }
    }

    /// The empty batch that stands in for those that did not come within the sequencing window.
    ///
    /// Only asked when the L1 block being read holds nothing more, so that its own batches go first.
    pub(crate) fn empty_batch(&self, context: &Context<'_>) -> Option<NextBatch> {
        let (epoch, next_epoch) = context.epochs()?;
        let window = context.rollup.seq_window_size;
        let over = |epoch: &L1Block| epoch.number.saturating_add(window) <= context.inclusion;
        let origin = if !over(epoch) {
            return None;
        } else if context.next_timestamp() < next_epoch.timestamp {
            // The next origin is in the block's future.
            epoch
        } else if over(next_epoch) {
            next_epoch
        } else {
            // The next epoch's own batches may still come.
            return None;
        };
        tracing::info!(
            timestamp = context.next_timestamp(),
            origin = origin.number,
            "sequencing window over, empty block"
        );
        Some(NextBatch {
            origin: *origin,
            transactions: Vec::new(),
            last_in_span: true,
        })
    }

    fn drop_channel(&mut self, reader: &mut ChannelReader, invalid: Invalid) {
        tracing::warn!(%invalid, "invalid batch, dropped with the rest of its channel");
        self.flush();
        reader.flush();
    }

    fn begin_span(&mut self, span: SpanBatch, reader: &mut ChannelReader, context: &Context<'_>) {
        match context.check_span_range(&span) {
            Ok(SpanRange::OnHead) => {
                match context.check_span_prefix(&span, &SpanParent::from(context.head)) {
                    Ok(()) => self.span = span.blocks.into_iter(),
                    Err(invalid) => self.drop_channel(reader, invalid),
                }
            }
            Ok(SpanRange::Overlapping { parent }) => {
                self.overlapping = Some(Overlapping {
                    span,
                    parent,
                    next: parent,
                });
            }
            Err(Validity::Drop(invalid)) => self.drop_channel(reader, invalid),
            Err(Validity::Past | Validity::Accept) => {}
        }
    }

    /// Compares the span with the safe blocks at hand; asks for more unless it is decided about.
    fn compare(
        &mut self,
        mut overlapping: Overlapping,
        reader: &mut ChannelReader,
        context: &Context<'_>,
    ) -> Option<RangeInclusive<u64>> {
        let head = context.head.number;
        for safe in self.answer.take().unwrap_or_default() {
            if let Err(invalid) = overlapping.check(&safe, context) {
                self.drop_channel(reader, invalid);
                return None;
            }
            overlapping.next += 1;
        }
        let next = overlapping.next;
        if next <= head {
            self.overlapping = Some(overlapping);
            return Some(next..=head.min(next.saturating_add(OVERLAP_CHUNK - 1)));
        }
        // The rest is new. Its blocks' timestamps are checked again, one by one.
        let mut blocks = overlapping.span.blocks;
        let safe = usize::try_from(head - overlapping.parent).unwrap_or(usize::MAX);
        blocks.drain(..safe.min(blocks.len()));
        self.span = blocks.into_iter();
        None
    }
}

impl Overlapping {
    fn check(&self, safe: &Block, context: &Context<'_>) -> Result<(), Invalid> {
        let Some(index) = self.next.checked_sub(self.parent + 1) else {
            let parent = L2BlockRef::of_block(safe, &context.rollup.genesis)
                .map_err(|_| Invalid::Overlap(safe.number()))?;
            return context.check_span_prefix(&self.span, &SpanParent::from(&parent));
        };
        let block = usize::try_from(index)
            .ok()
            .and_then(|index| self.span.blocks.get(index))
            .ok_or(Invalid::Overlap(safe.number()))?;
        context.check_overlap(block, safe)
    }
}

fn origin(number: u64, epoch: &L1Block, next_epoch: &L1Block) -> L1Block {
    if number == epoch.number {
        *epoch
    } else {
        *next_epoch
    }
}

//! The rules that a batch is checked by, in the order of the specification.
//!
//! All of them see the safe block that the batch builds on and the L1 blocks from its origin to the one being read, which is the
//! block that included the batch. A batch never has to wait for later L1 blocks: an origin after the including block can not be
//! known to who wrote the batch, so a batch that names one is invalid at once.

use crate::l1_window::L1Window;
use alloy_primitives::{B256, Bytes};
use openledger_genesis::RollupConfig;
use openledger_primitives::{Block, BlockRef};
use openledger_protocol::{L1Block, L2BlockRef, SpanBatch, SpanBlock};

/// Seconds that an L2 block may be later than its L1 origin and still hold transactions (Fjord).
///
/// A protocol constant: `max_sequencer_drift` in rollup.json is the value before Fjord.
pub const MAX_SEQUENCER_DRIFT: u64 = 1800;

/// Why a batch is invalid. It is dropped with the rest of its span and of its channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Invalid {
    #[error("its timestamp {found} is after the next block's {next}")]
    Future { next: u64, found: u64 },
    #[error("it builds on another block than the safe one")]
    Parent,
    #[error("its sequencing window is over: epoch {epoch}, included in L1 block {inclusion}")]
    WindowOver { epoch: u64, inclusion: u64 },
    #[error("its epoch {epoch} is before the parent's {parent}")]
    EpochTooOld { epoch: u64, parent: u64 },
    #[error("its epoch {epoch} is more than one after the parent's {parent}")]
    EpochTooNew { epoch: u64, parent: u64 },
    #[error("its epoch's hash is not canonical")]
    EpochHash,
    #[error("its timestamp {timestamp} is before its origin's {origin}")]
    BeforeOrigin { timestamp: u64, origin: u64 },
    #[error("it holds transactions although the drift is used up")]
    Drift,
    #[error("the drift is used up and the next origin could have been adopted")]
    LateAdoption,
    #[error("transaction {0} is empty")]
    EmptyTransaction(usize),
    #[error("transaction {index} is of type {kind:#x}")]
    ForbiddenType { index: usize, kind: u8 },
    #[error("its timestamps are not those of blocks")]
    Misaligned,
    #[error("it begins at or before the genesis block")]
    BeforeGenesis,
    #[error("its last epoch {0} is not between the safe block's and the including L1 block")]
    LastEpoch(u64),
    #[error("it disagrees with the safe block {0}")]
    Overlap(u64),
}

/// What becomes of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Validity {
    /// The next block is made from it.
    Accept,
    /// It is about blocks that are safe already: skipped, and its channel goes on.
    Past,
    /// See [`Invalid`].
    Drop(Invalid),
}

/// What batches are checked against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) rollup: &'a RollupConfig,
    pub(crate) window: &'a L1Window,
    /// The safe block.
    pub(crate) head: &'a L2BlockRef,
    /// The L1 block being read.
    pub(crate) inclusion: u64,
}

/// A batch about one block, on its own or from a span.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate<'a> {
    /// `None` from a span, whose first block's parent was checked.
    pub(crate) parent_hash: Option<B256>,
    pub(crate) epoch_number: u64,
    /// `None` from a span, whose last epoch's hash was checked.
    pub(crate) epoch_hash: Option<B256>,
    pub(crate) timestamp: u64,
    pub(crate) transactions: &'a [Bytes],
}

impl<'a> Context<'a> {
    /// Timestamp of the block after the safe one.
    pub(crate) fn next_timestamp(&self) -> u64 {
        self.head.timestamp.saturating_add(self.rollup.block_time)
    }

    /// The safe block's origin and the L1 block after it.
    ///
    /// `None` until the pipeline has read past the safe block's origin; no batch is checked before.
    pub(crate) fn epochs(&self) -> Option<(&'a L1Block, &'a L1Block)> {
        Some((self.window.epoch()?, self.window.next_epoch()?))
    }

    fn window_over(&self, epoch: u64) -> Option<Invalid> {
        let inclusion = self.inclusion;
        (epoch.saturating_add(self.rollup.seq_window_size) < inclusion)
            .then_some(Invalid::WindowOver { epoch, inclusion })
    }

    /// The rules for a single block.
    pub(crate) fn check_single(
        &self,
        batch: &Candidate<'_>,
        epoch: &L1Block,
        next_epoch: &L1Block,
    ) -> Validity {
        let next = self.next_timestamp();
        if batch.timestamp < next {
            return Validity::Past;
        }
        match self.invalid_single(batch, epoch, next_epoch, next) {
            Some(invalid) => Validity::Drop(invalid),
            None => Validity::Accept,
        }
    }

    fn invalid_single(
        &self,
        batch: &Candidate<'_>,
        epoch: &L1Block,
        next_epoch: &L1Block,
        next: u64,
    ) -> Option<Invalid> {
        if batch.timestamp > next {
            let found = batch.timestamp;
            return Some(Invalid::Future { next, found });
        }
        if batch.parent_hash.is_some_and(|hash| hash != self.head.hash) {
            return Some(Invalid::Parent);
        }
        if let Some(invalid) = self.window_over(batch.epoch_number) {
            return Some(invalid);
        }
        let (number, parent) = (batch.epoch_number, epoch.number);
        let origin = if number < parent {
            return Some(Invalid::EpochTooOld {
                epoch: number,
                parent,
            });
        } else if number == parent {
            epoch
        } else if number == next_epoch.number {
            next_epoch
        } else {
            return Some(Invalid::EpochTooNew {
                epoch: number,
                parent,
            });
        };
        if batch.epoch_hash.is_some_and(|hash| hash != origin.hash) {
            return Some(Invalid::EpochHash);
        }
        if batch.timestamp < origin.timestamp {
            return Some(Invalid::BeforeOrigin {
                timestamp: batch.timestamp,
                origin: origin.timestamp,
            });
        }
        if batch.timestamp > origin.timestamp.saturating_add(MAX_SEQUENCER_DRIFT) {
            if !batch.transactions.is_empty() {
                return Some(Invalid::Drift);
            }
            // An empty block may keep its origin only while the next one is still in its future. One that adopts the next
            // origin is on the way back into the drift.
            if origin.number == epoch.number && batch.timestamp >= next_epoch.timestamp {
                return Some(Invalid::LateAdoption);
            }
        }
        invalid_transaction(batch.transactions)
    }

    /// The rules for a span that need nothing but its frame: whether it can hold the next block, and where it begins.
    pub(crate) fn check_span_range(&self, span: &SpanBatch) -> Result<SpanRange, Validity> {
        let invalid = |invalid| Err(Validity::Drop(invalid));
        let (Some(first), Some(last)) = (span.blocks.first(), span.blocks.last()) else {
            return invalid(Invalid::Misaligned);
        };
        let next = self.next_timestamp();
        if first.timestamp > next {
            let found = first.timestamp;
            return invalid(Invalid::Future { next, found });
        }
        if last.timestamp < next {
            return Err(Validity::Past);
        }
        if first.timestamp == next {
            return Ok(SpanRange::OnHead);
        }
        let Some(behind) = self.head.timestamp.checked_sub(first.timestamp) else {
            return invalid(Invalid::Misaligned);
        };
        if behind.checked_rem(self.rollup.block_time) != Some(0) {
            return invalid(Invalid::Misaligned);
        }
        let overlapped = behind / self.rollup.block_time + 1;
        match self.head.number.checked_sub(overlapped) {
            Some(parent) if parent >= self.rollup.genesis.l2.number => {
                Ok(SpanRange::Overlapping { parent })
            }
            _ => invalid(Invalid::BeforeGenesis),
        }
    }

    /// The rules for a span whose parent block is known.
    pub(crate) fn check_span_prefix(
        &self,
        span: &SpanBatch,
        parent: &SpanParent,
    ) -> Result<(), Invalid> {
        if !span.check_parent_hash(parent.hash) {
            return Err(Invalid::Parent);
        }
        let (Some(first), Some(last)) = (span.blocks.first(), span.blocks.last()) else {
            return Err(Invalid::Misaligned);
        };
        let epoch = first.epoch_number;
        if let Some(invalid) = self.window_over(epoch) {
            return Err(invalid);
        }
        let parent = parent.origin.number;
        if epoch > parent.saturating_add(1) {
            return Err(Invalid::EpochTooNew { epoch, parent });
        }
        match self.window.block(last.epoch_number) {
            None => return Err(Invalid::LastEpoch(last.epoch_number)),
            Some(origin) if !span.check_origin_hash(origin.hash) => {
                return Err(Invalid::EpochHash);
            }
            Some(_) => {}
        }
        if epoch < parent {
            return Err(Invalid::EpochTooOld { epoch, parent });
        }
        Ok(())
    }

    /// The rule for a block of a span that is safe already: the safe block must be the same one.
    pub(crate) fn check_overlap(&self, batch: &SpanBlock, safe: &Block) -> Result<(), Invalid> {
        let same_origin = L2BlockRef::of_block(safe, &self.rollup.genesis)
            .is_ok_and(|safe| safe.l1_origin.number == batch.epoch_number);
        let own = safe.transactions.iter().filter(|tx| !tx.is_deposit());
        let same_transactions = own.map(|tx| tx.encoded()).eq(batch.transactions.iter());
        if same_origin && same_transactions {
            Ok(())
        } else {
            Err(Invalid::Overlap(safe.number()))
        }
    }
}

/// Where a span that holds the next block begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SpanRange {
    /// With the next block.
    OnHead,
    /// With a block that is safe already.
    Overlapping {
        /// Number of the block before the span.
        parent: u64,
    },
}

/// The block before a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SpanParent {
    pub(crate) hash: B256,
    pub(crate) origin: BlockRef,
}

impl From<&L2BlockRef> for SpanParent {
    fn from(block: &L2BlockRef) -> Self {
        Self {
            hash: block.hash,
            origin: block.l1_origin,
        }
    }
}

/// Batches hold legacy transactions and the types 1, 2 and 4. Deposits come from the L1, blobs do not exist, and types that
/// no fork has introduced yet are not left to the engine to judge.
fn invalid_transaction(transactions: &[Bytes]) -> Option<Invalid> {
    transactions
        .iter()
        .enumerate()
        .find_map(|(index, tx)| match tx.first() {
            None => Some(Invalid::EmptyTransaction(index)),
            Some(&kind @ (0x03 | 0x05..=0x7f)) => Some(Invalid::ForbiddenType { index, kind }),
            Some(_) => None,
        })
}

//! Batches of consecutive blocks (version 1), as they are written.

use super::bits::{BitList, put_uvarint, uvarint_len};
use super::transaction::Columns;
use super::{Batch, BatchError, MAX_SPAN_BATCH_ELEMENT_COUNT, SpanContext};
use crate::L2BlockRef;
use alloy_primitives::B256;
use openledger_primitives::Block;

/// Grows a span batch block by block.
///
/// A block costs a walk over its transactions' bytes: nothing is decoded, and what was appended before is not touched.
/// A block that is refused leaves the builder as it was.
#[derive(Debug, Clone)]
pub struct SpanBatchBuilder {
    context: SpanContext,
    parent_check: [u8; 20],
    first_origin_changed: bool,
    /// Timestamp and origin of the first and the last block.
    ends: Option<(End, End)>,
    l1_origin_check: [u8; 20],
    origin_changes: BitList,
    counts: Vec<u8>,
    columns: Columns,
}

#[derive(Debug, Clone, Copy)]
struct End {
    timestamp: u64,
    origin: u64,
}

impl SpanBatchBuilder {
    /// An empty one.
    pub fn new(context: SpanContext) -> Self {
        Self {
            context,
            parent_check: [0; 20],
            first_origin_changed: false,
            ends: None,
            l1_origin_check: [0; 20],
            origin_changes: BitList::default(),
            counts: Vec::new(),
            columns: Columns::default(),
        }
    }

    /// Appends a block; its deposits are left out, since everyone derives them. `place` is the block's own reference.
    ///
    /// Fails when the block does not follow the last one, when a transaction can not be in a batch, and when the batch
    /// would exceed its limits. Parent hashes are not compared: the caller appends the blocks of one chain.
    pub fn push(&mut self, block: &Block, place: &L2BlockRef) -> Result<(), BatchError> {
        if self.ends.is_none() {
            self.begin(truncated(place.parent_hash), place.sequence_number == 0);
        }
        let transactions = block.transactions.iter().filter(|tx| !tx.is_deposit());
        self.append(
            place.timestamp,
            place.l1_origin.number,
            transactions.map(|tx| tx.encoded().as_ref()),
        )?;
        self.l1_origin_check = truncated(place.l1_origin.hash);
        Ok(())
    }

    /// Number of blocks.
    pub fn blocks(&self) -> usize {
        self.origin_changes.len()
    }

    /// Number of transactions, deposits not counted.
    pub fn transactions(&self) -> usize {
        self.columns.len()
    }

    /// True before the first block.
    pub fn is_empty(&self) -> bool {
        self.ends.is_none()
    }

    /// Bytes that [`encode`](Self::encode) makes; zero for an empty builder.
    pub fn encoded_len(&self) -> usize {
        self.ends
            .map_or(0, |(first, last)| 1 + self.content_len(first, last))
    }

    /// The batch: the version byte and what follows. Fails with [`BatchError::NoBlocks`] before the first block.
    pub fn encode(&self) -> Result<Vec<u8>, BatchError> {
        let (first, last) = self.ends.ok_or(BatchError::NoBlocks)?;
        let mut out = Vec::with_capacity(1 + self.content_len(first, last));
        out.push(Batch::SPAN);
        self.put_content(first, last, self.l1_origin_check, &mut out);
        Ok(out)
    }

    /// Forgets the blocks and keeps the memory.
    pub fn clear(&mut self) {
        let empty = Columns::default().mark();
        self.columns.reset(empty);
        self.counts.clear();
        self.origin_changes.truncate(0);
        self.ends = None;
    }

    /// What no single block says.
    pub(super) fn begin(&mut self, parent_check: [u8; 20], first_origin_changed: bool) {
        self.parent_check = parent_check;
        self.first_origin_changed = first_origin_changed;
    }

    /// Appends a block of which only these things are known.
    pub(super) fn append<'a>(
        &mut self,
        timestamp: u64,
        origin: u64,
        transactions: impl Iterator<Item = &'a [u8]>,
    ) -> Result<(), BatchError> {
        let changed = self.check_order(timestamp, origin)?;
        if self.blocks() as u64 >= MAX_SPAN_BATCH_ELEMENT_COUNT {
            return Err(BatchError::TooMany);
        }
        let mark = self.columns.mark();
        let before = self.columns.len();
        for transaction in transactions {
            let result = if self.columns.len() as u64 >= MAX_SPAN_BATCH_ELEMENT_COUNT {
                Err(BatchError::TooMany)
            } else {
                self.columns.push(transaction, self.context.chain_id)
            };
            if let Err(error) = result {
                self.columns.reset(mark);
                return Err(error);
            }
        }
        put_uvarint((self.columns.len() - before) as u64, &mut self.counts);
        self.origin_changes.push(changed);
        let end = End { timestamp, origin };
        self.ends = Some((self.ends.map_or(end, |(first, _)| first), end));
        Ok(())
    }

    /// What follows the version byte, for the given origin of the last block.
    pub(super) fn content(&self, l1_origin_check: [u8; 20]) -> Result<Vec<u8>, BatchError> {
        let (first, last) = self.ends.ok_or(BatchError::NoBlocks)?;
        let mut out = Vec::with_capacity(self.content_len(first, last));
        self.put_content(first, last, l1_origin_check, &mut out);
        Ok(out)
    }

    /// Whether a block may be next, and whether it changes the origin.
    fn check_order(&self, timestamp: u64, origin: u64) -> Result<bool, BatchError> {
        let Some((_, last)) = self.ends else {
            return if timestamp < self.context.genesis_time {
                Err(BatchError::Order("it is before genesis"))
            } else {
                Ok(self.first_origin_changed)
            };
        };
        if last.timestamp.checked_add(self.context.block_time) != Some(timestamp) {
            return Err(BatchError::Order("its timestamp is not the next"));
        }
        match origin.checked_sub(last.origin) {
            Some(0) => Ok(false),
            Some(1) => Ok(true),
            _ => Err(BatchError::Order(
                "its origin is neither the last nor the next",
            )),
        }
    }

    fn content_len(&self, first: End, last: End) -> usize {
        uvarint_len(first.timestamp.wrapping_sub(self.context.genesis_time))
            + uvarint_len(last.origin)
            + 2 * 20
            + uvarint_len(self.blocks() as u64)
            + self.origin_changes.encoded_len()
            + self.counts.len()
            + self.columns.encoded_len()
    }

    fn put_content(&self, first: End, last: End, l1_origin_check: [u8; 20], out: &mut Vec<u8>) {
        put_uvarint(first.timestamp.wrapping_sub(self.context.genesis_time), out);
        put_uvarint(last.origin, out);
        out.extend_from_slice(&self.parent_check);
        out.extend_from_slice(&l1_origin_check);
        put_uvarint(self.blocks() as u64, out);
        self.origin_changes.encode(out);
        out.extend_from_slice(&self.counts);
        self.columns.encode(out);
    }
}

/// The bytes of a hash that a span batch keeps.
fn truncated(hash: B256) -> [u8; 20] {
    let mut bytes = [0; 20];
    bytes.copy_from_slice(&hash[..20]);
    bytes
}

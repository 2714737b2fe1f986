//! Batches of consecutive blocks (version 1), as they are read.

use super::bits::{Bits, take, take_array, take_uvarint};
use super::transaction::{self, JOIN_OVERHEAD, TxData, TxFields};
use super::{BatchError, MAX_SPAN_BATCH_ELEMENT_COUNT, SpanBatchBuilder};
use alloy_primitives::{B256, Bytes};
use openledger_genesis::RollupConfig;

/// What a span batch leaves out because every node of the chain knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanContext {
    /// The L2 genesis block's timestamp in seconds.
    pub genesis_time: u64,
    /// Seconds between L2 blocks.
    pub block_time: u64,
    /// EIP-155 id of the L2.
    pub chain_id: u64,
}

impl SpanContext {
    /// Of the chain that `rollup` describes.
    pub fn of(rollup: &RollupConfig) -> Self {
        Self {
            genesis_time: rollup.genesis.l2_time,
            block_time: rollup.block_time,
            chain_id: rollup.l2_chain_id,
        }
    }
}

/// One block of a span.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SpanBlock {
    /// Number of the block's L1 origin.
    pub epoch_number: u64,
    /// Seconds since 1970.
    pub timestamp: u64,
    /// EIP-2718 transactions without the deposits, of types 0, 1, 2 and 4 only. They have their type's shape, but their
    /// amounts and signatures are not checked.
    pub transactions: Vec<Bytes>,
}

/// The transactions of consecutive blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanBatch {
    /// First bytes of the first block's parent hash.
    pub parent_check: [u8; 20],
    /// First bytes of the hash of the last block's L1 origin.
    pub l1_origin_check: [u8; 20],
    /// Whether the first block has another L1 origin than its parent. Nothing depends on it: the blocks' origins are
    /// counted back from the last one.
    pub first_origin_changed: bool,
    /// The blocks; at least one after decoding.
    pub blocks: Vec<SpanBlock>,
}

impl SpanBatch {
    /// Reads what follows the version byte. Bytes behind the batch are ignored, as op-node ignores them.
    ///
    /// Every count is held against [`MAX_SPAN_BATCH_ELEMENT_COUNT`] and against the bytes that are left before anything
    /// is allocated for it, so memory is bounded by a small multiple of the content's length (a block without
    /// transactions takes little more than a byte there and a [`SpanBlock`] here). Numbers wrap as op-node's do: a
    /// first timestamp or an origin beyond 64 bits belongs to no block, and whoever compares it drops the batch.
    pub fn decode(content: &[u8], context: &SpanContext) -> Result<Self, BatchError> {
        let mut bytes = content;
        let relative_time = take_uvarint(&mut bytes)?;
        let last_origin = take_uvarint(&mut bytes)?;
        let parent_check = take_array(&mut bytes)?;
        let l1_origin_check = take_array(&mut bytes)?;
        let block_count = count(take_uvarint(&mut bytes)?)?;
        if block_count == 0 {
            return Err(BatchError::NoBlocks);
        }
        let origin_bits = Bits::take(&mut bytes, block_count)?;
        let counts = take_counts(&mut bytes, block_count)?;
        let mut transactions = Transactions::take(&mut bytes, counts.total)?;

        let mut blocks = Vec::with_capacity(block_count);
        let mut timestamp = context.genesis_time.wrapping_add(relative_time);
        // The first block's bit says nothing about the blocks of the span.
        let first_bit = origin_bits.get(0);
        let changes = origin_bits.count_ones() - usize::from(first_bit);
        let mut epoch_number = last_origin.wrapping_sub(changes as u64);
        for (index, count) in counts.each.into_iter().enumerate() {
            if index > 0 && origin_bits.get(index) {
                epoch_number = epoch_number.wrapping_add(1);
            }
            blocks.push(SpanBlock {
                epoch_number,
                timestamp,
                transactions: transactions.next_block(count as usize, context.chain_id)?,
            });
            timestamp = timestamp.wrapping_add(context.block_time);
        }
        Ok(Self {
            parent_check,
            l1_origin_check,
            first_origin_changed: first_bit,
            blocks,
        })
    }

    /// What follows the version byte.
    ///
    /// Fails when there is no block, when timestamps do not rise by the block time or begin before genesis, when origins
    /// do not rise by at most one, when a transaction is of another type, malformed or signed for another chain, and
    /// when there are more than [`MAX_SPAN_BATCH_ELEMENT_COUNT`] of anything.
    pub fn encode(&self, context: &SpanContext) -> Result<Vec<u8>, BatchError> {
        let mut builder = SpanBatchBuilder::new(*context);
        builder.begin(self.parent_check, self.first_origin_changed);
        for block in &self.blocks {
            let transactions = block.transactions.iter().map(|tx| tx.as_ref());
            builder.append(block.timestamp, block.epoch_number, transactions)?;
        }
        builder.content(self.l1_origin_check)
    }

    /// The first block's timestamp; zero when there is no block.
    pub fn timestamp(&self) -> u64 {
        self.blocks.first().map_or(0, |block| block.timestamp)
    }

    /// Whether `hash` may be the first block's parent.
    pub fn check_parent_hash(&self, hash: B256) -> bool {
        hash.starts_with(&self.parent_check)
    }

    /// Whether `hash` may be the last block's L1 origin.
    pub fn check_origin_hash(&self, hash: B256) -> bool {
        hash.starts_with(&self.l1_origin_check)
    }
}

/// A count within the limit.
fn count(count: u64) -> Result<usize, BatchError> {
    if count > MAX_SPAN_BATCH_ELEMENT_COUNT {
        return Err(BatchError::TooMany);
    }
    Ok(count as usize)
}

struct Counts {
    each: Vec<u32>,
    total: usize,
}

/// Takes the number of transactions of each block.
fn take_counts(bytes: &mut &[u8], blocks: usize) -> Result<Counts, BatchError> {
    // Each count takes a byte at least.
    if blocks > bytes.len() {
        return Err(BatchError::Truncated);
    }
    let mut each = Vec::with_capacity(blocks);
    let mut total = 0;
    for _ in 0..blocks {
        let transactions = count(take_uvarint(bytes)?)?;
        each.push(transactions as u32);
        total = count((total + transactions) as u64)?;
    }
    Ok(Counts { each, total })
}

/// The columns, and how far the blocks have used them.
struct Transactions<'a> {
    creations: Bits<'a>,
    parities: Bits<'a>,
    protections: Bits<'a>,
    signatures: &'a [u8],
    recipients: &'a [u8],
    datas: Vec<TxData<'a>>,
    nonces: &'a [u8],
    gases: &'a [u8],
    next: usize,
    next_legacy: usize,
}

impl<'a> Transactions<'a> {
    fn take(bytes: &mut &'a [u8], total: usize) -> Result<Self, BatchError> {
        let creations = Bits::take(bytes, total)?;
        let parities = Bits::take(bytes, total)?;
        let signatures = take(bytes, total * 64)?;
        let recipients = take(bytes, (total - creations.count_ones()) * 20)?;
        // The signatures were there, so there is a bound to what is allocated here.
        let mut datas = Vec::with_capacity(total);
        for _ in 0..total {
            datas.push(TxData::take(bytes)?);
        }
        let nonces = take_column(bytes, total)?;
        let gases = take_column(bytes, total)?;
        let legacy = datas.iter().filter(|data| data.is_legacy()).count();
        Ok(Self {
            creations,
            parities,
            protections: Bits::take(bytes, legacy)?,
            signatures,
            recipients,
            datas,
            nonces,
            gases,
            next: 0,
            next_legacy: 0,
        })
    }

    /// The next `count` transactions, all within one allocation.
    fn next_block(&mut self, count: usize, chain_id: u64) -> Result<Vec<Bytes>, BatchError> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let datas = self.datas.get(self.next..self.next + count);
        let capacity = datas
            .ok_or(BatchError::Truncated)?
            .iter()
            .map(|data| data.len() + JOIN_OVERHEAD)
            .sum();
        let mut encoded = Vec::with_capacity(capacity);
        let mut ends = Vec::with_capacity(count);
        for _ in 0..count {
            self.next_transaction(chain_id, &mut encoded)?;
            ends.push(encoded.len());
        }
        encoded.shrink_to_fit();
        let encoded = Bytes::from(encoded);
        let mut start = 0;
        Ok(ends
            .into_iter()
            .map(|end| encoded.slice(std::mem::replace(&mut start, end)..end))
            .collect())
    }

    fn next_transaction(&mut self, chain_id: u64, out: &mut Vec<u8>) -> Result<(), BatchError> {
        let index = self.next;
        let data = self.datas.get(index).ok_or(BatchError::Truncated)?;
        let to = if self.creations.get(index) {
            None
        } else {
            Some(take(&mut self.recipients, 20)?)
        };
        let protected = data.is_legacy() && self.protections.get(self.next_legacy);
        let fields = TxFields {
            nonce: take_uvarint(&mut self.nonces)?,
            gas: take_uvarint(&mut self.gases)?,
            to,
            y_parity: self.parities.get(index),
            protected,
            r: take(&mut self.signatures, 32)?,
            s: take(&mut self.signatures, 32)?,
        };
        transaction::join(data, &fields, chain_id, out)?;
        self.next += 1;
        self.next_legacy += usize::from(data.is_legacy());
        Ok(())
    }
}

/// Takes `total` integers off `bytes`, to be read again later.
fn take_column<'a>(bytes: &mut &'a [u8], total: usize) -> Result<&'a [u8], BatchError> {
    let start = *bytes;
    for _ in 0..total {
        take_uvarint(bytes)?;
    }
    take(&mut &*start, start.len() - bytes.len())
}

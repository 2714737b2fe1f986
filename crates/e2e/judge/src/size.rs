//! What the same blocks cost on the L1 when kona-protocol encodes them: span batches, compressed as op-batcher's
//! brotli-10 does. The figure that our own encoder is measured against.

use alloy_eips::BlockNumHash;
use alloy_primitives::{B256, Bytes};
use alloy_rlp::Encodable;
use anyhow::{Context, Result, bail, ensure};
use brotli::enc::BrotliEncoderParams;
use kona_genesis::{ChainGenesis, HardForkConfig, RollupConfig};
use kona_protocol::{
    Batch, BatchReader, FJORD_MAX_RLP_BYTES_PER_CHANNEL, Frame, SingleBatch, SpanBatch,
};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// Bytes that a blob carries (specs/protocol/ecotone/derivation.md), less the version byte and one frame's 23.
const FRAME_DATA: usize = 130_044 - 1 - 23;

/// Window of the compressor, as base-2 logarithm: the default of op-batcher's brotli.
const WINDOW: i32 = 22;

/// Blocks to encode, and what the encoding depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BlockList {
    /// Timestamp of the L2 genesis, in seconds.
    pub l2_time: u64,
    /// Seconds between L2 blocks.
    pub block_time: u64,
    /// EIP-155 id of the L2.
    pub l2_chain_id: u64,
    /// Consecutive blocks, the oldest first.
    pub blocks: Vec<ListedBlock>,
}

/// What a batch says about one block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListedBlock {
    /// Hash of the block before it.
    pub parent_hash: B256,
    /// In seconds.
    pub timestamp: u64,
    /// Number of its L1 origin.
    pub epoch_number: u64,
    /// Hash of its L1 origin.
    pub epoch_hash: B256,
    /// Number of blocks of the same origin before it. Only the first block of a channel needs it.
    #[serde(default)]
    pub sequence_number: u64,
    /// EIP-2718 encodings, without L1-info and deposits.
    pub transactions: Vec<Bytes>,
}

/// What the encoding came to. CPU times are of the whole process, so run it alone, and built with `--release`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sizes {
    /// Blocks encoded.
    pub blocks: u64,
    /// Transactions in them.
    pub transactions: u64,
    /// Channels, each with one span batch.
    pub channels: u64,
    /// Batches before compression, with their RLP headers.
    pub batch_bytes: u64,
    /// Channels after compression, with their version byte.
    pub channel_bytes: u64,
    /// What goes to the L1: channels cut into frames that fill blobs, each payload with its version byte.
    pub bytes: u64,
    /// `bytes / transactions`.
    pub bytes_per_transaction: f64,
    /// CPU time of building and encoding the batches, in microseconds a transaction.
    pub encode_micros_per_transaction: f64,
    /// CPU time of compression, in microseconds a transaction.
    pub compress_micros_per_transaction: f64,
    /// The two together.
    pub cpu_micros_per_transaction: f64,
}

/// Encodes `list` in channels of `blocks_per_channel` blocks (all in one when `None`) with brotli of `quality` 0 to 11.
/// Every channel is read back with kona and compared with the list, which is not in the times.
///
/// # Errors
/// When the list is empty or out of order, or kona cannot encode a block or reads back another one.
pub fn measure(list: &BlockList, blocks_per_channel: Option<usize>, quality: u32) -> Result<Sizes> {
    ensure!(!list.blocks.is_empty(), "the list has no blocks");
    ensure!(quality <= 11, "brotli has qualities 0 to 11");
    let ordered = list
        .blocks
        .windows(2)
        .all(|pair| pair[0].timestamp < pair[1].timestamp);
    ensure!(
        ordered && list.blocks[0].timestamp >= list.l2_time,
        "blocks must follow each other, and the genesis"
    );
    let transactions: usize = list.blocks.iter().map(|b| b.transactions.len()).sum();
    ensure!(transactions > 0, "the blocks have no transactions");
    let rollup = RollupConfig {
        block_time: list.block_time,
        l2_chain_id: list.l2_chain_id.into(),
        genesis: ChainGenesis {
            l2_time: list.l2_time,
            ..Default::default()
        },
        // kona's reader takes brotli only where Fjord is active.
        hardforks: HardForkConfig {
            isthmus_time: Some(0),
            ..Default::default()
        },
        ..Default::default()
    };
    let mut sizes = Sizes {
        blocks: list.blocks.len() as u64,
        transactions: transactions as u64,
        channels: 0,
        batch_bytes: 0,
        channel_bytes: 0,
        bytes: 0,
        bytes_per_transaction: 0.0,
        encode_micros_per_transaction: 0.0,
        compress_micros_per_transaction: 0.0,
        cpu_micros_per_transaction: 0.0,
    };
    let (mut encode, mut compress) = (0.0, 0.0);
    let per_channel = blocks_per_channel.unwrap_or(list.blocks.len()).max(1);
    for blocks in list.blocks.chunks(per_channel) {
        let began = cpu_micros();
        let batches = span_batch(&rollup, blocks)?;
        let encoded = cpu_micros();
        let channel = compressed(&batches, quality)?;
        let ended = cpu_micros();
        encode += encoded - began;
        compress += ended - encoded;
        read_back(&rollup, blocks, &channel)?;
        sizes.channels += 1;
        sizes.batch_bytes += batches.len() as u64;
        sizes.channel_bytes += channel.len() as u64;
        sizes.bytes += payloads(&channel)
            .iter()
            .map(|p| p.len() as u64)
            .sum::<u64>();
    }
    let each = |total: f64| total / transactions as f64;
    sizes.bytes_per_transaction = each(sizes.bytes as f64);
    sizes.encode_micros_per_transaction = each(encode);
    sizes.compress_micros_per_transaction = each(compress);
    sizes.cpu_micros_per_transaction = each(encode + compress);
    Ok(sizes)
}

/// CPU time of this process, in microseconds.
fn cpu_micros() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

/// One span batch with all `blocks`, as the RLP string that a channel holds before compression.
fn span_batch(rollup: &RollupConfig, blocks: &[ListedBlock]) -> Result<Vec<u8>> {
    let mut span = SpanBatch {
        genesis_timestamp: rollup.genesis.l2_time,
        chain_id: rollup.l2_chain_id.id(),
        ..Default::default()
    };
    for block in blocks {
        let epoch = BlockNumHash {
            number: block.epoch_number,
            hash: block.epoch_hash,
        };
        let single = SingleBatch {
            parent_hash: block.parent_hash,
            epoch_num: epoch.number,
            epoch_hash: epoch.hash,
            timestamp: block.timestamp,
            transactions: block.transactions.clone(),
        };
        span.append_singular_batch(single, block.sequence_number)
            .with_context(|| format!("block at {}", block.timestamp))?;
    }
    let mut batch = Vec::new();
    Batch::Span(span).encode(&mut batch)?;
    let mut string = Vec::with_capacity(batch.len() + 9);
    batch.as_slice().encode(&mut string);
    Ok(string)
}

/// The channel: version byte 1 and a brotli stream. Source: specs/protocol/fjord/derivation.md.
fn compressed(batches: &[u8], quality: u32) -> Result<Vec<u8>> {
    let params = BrotliEncoderParams {
        quality: quality as i32,
        lgwin: WINDOW,
        size_hint: batches.len(),
        ..Default::default()
    };
    let mut channel = vec![BatchReader::CHANNEL_VERSION_BROTLI];
    let mut input = batches;
    brotli::BrotliCompress(&mut input, &mut channel, &params)?;
    Ok(channel)
}

/// What is posted: each payload the version byte 0 and one frame.
fn payloads(channel: &[u8]) -> Vec<Vec<u8>> {
    let frames = channel.chunks(FRAME_DATA).enumerate();
    let last = channel.len().div_ceil(FRAME_DATA).saturating_sub(1);
    frames
        .map(|(number, data)| {
            // A channel of more than 65,536 blobs cannot be written at all; the count of bytes does not depend on it.
            let frame = Frame::new([0; 16], number as u16, data.to_vec(), number == last);
            let mut payload = vec![kona_protocol::DERIVATION_VERSION_0];
            payload.extend(frame.encode());
            payload
        })
        .collect()
}

fn read_back(rollup: &RollupConfig, blocks: &[ListedBlock], channel: &[u8]) -> Result<()> {
    let mut reader = BatchReader::new(channel, FJORD_MAX_RLP_BYTES_PER_CHANNEL as usize);
    let Some(Batch::Span(span)) = reader.next_batch(rollup) else {
        bail!("kona does not read its own channel");
    };
    let same = span.batches.len() == blocks.len()
        && span.batches.iter().zip(blocks).all(|(read, block)| {
            read.timestamp == block.timestamp
                && read.epoch_num == block.epoch_number
                && read.transactions == block.transactions
        });
    ensure!(
        same,
        "kona reads back other blocks than it was given; they must be block_time apart, origins rising by at most one"
    );
    Ok(())
}

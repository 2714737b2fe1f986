//! The same blocks, encoded by this project's batcher and by kona-protocol.

use super::{Settlement, SettlementError};
use crate::process::own_cpu_seconds;
use alloy_consensus::BlobTransactionSidecar;
use alloy_eips::eip4844::env_settings::EnvKzgSettings;
use alloy_primitives::{B256, Bytes};
use openledger_batcher::{ChannelConfig, CloseReason, DaKind, Encoder, Packed, Packer};
use openledger_genesis::RollupConfig;
use openledger_primitives::{Block, BlockRef};
use openledger_protocol::{L2BlockRef, encode_blob};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{path::Path, process::Command, sync::Arc};

/// Consecutive blocks of a chain.
#[derive(Debug)]
pub struct BlockList {
    rollup: RollupConfig,
    parent: BlockRef,
    blocks: Vec<Arc<Block>>,
}

/// What the blocks come to.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Sizes {
    /// Transactions, without deposits.
    pub transactions: u64,
    /// Bytes of all payloads: frames with their overhead, and version bytes.
    pub bytes: u64,
    /// CPU of encoding a transaction, in microseconds.
    pub encode_micros: f64,
    /// CPU of compressing it.
    pub compress_micros: f64,
}

/// What kona-protocol makes of the same list, as `judge size` prints it.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JudgedSizes {
    /// Transactions, without deposits.
    pub transactions: u64,
    /// Bytes of all payloads.
    pub bytes: u64,
    /// CPU of encoding a transaction, in microseconds.
    pub encode_micros_per_transaction: f64,
    /// CPU of compressing it.
    pub compress_micros_per_transaction: f64,
}

impl BlockList {
    /// Reads the blocks after genesis up to a height from a node, without those at either end that hold deposits only.
    ///
    /// # Errors
    /// When the node does not serve them.
    pub fn read(chain: &mut Settlement, to: u64) -> Result<Self, SettlementError> {
        let rollup: RollupConfig = chain.l2().call("optimism_rollupConfig", json!([]))?;
        let mut blocks = Vec::new();
        for number in 1..=to {
            let raw: Bytes = chain
                .l2()
                .call("debug_getRawBlock", json!([format!("{number:#x}")]))?;
            let block = Block::decode(&mut &raw[..]).map_err(SettlementError::malformed)?;
            blocks.push(Arc::new(block));
        }
        let used = |block: &Arc<Block>| block.transactions.iter().any(|tx| !tx.is_deposit());
        let first = blocks.iter().position(used).unwrap_or_default();
        let end = blocks.iter().rposition(used).map_or(0, |last| last + 1);
        blocks.truncate(end);
        let blocks = blocks.split_off(first);
        let parent = blocks.first().map(|block| BlockRef {
            number: block.number() - 1,
            hash: block.header.parent_hash,
        });
        Ok(Self {
            parent: parent.ok_or_else(|| SettlementError::malformed("no block is used"))?,
            rollup,
            blocks,
        })
    }

    /// Encodes and compresses the blocks as the batcher does, in channels of six blobs, and cuts them into payloads for blobs.
    ///
    /// # Errors
    /// When a block can not be in a batch.
    pub fn encode(&self) -> Result<Sizes, SettlementError> {
        let config = ChannelConfig::default();
        let quality = config.quality;
        let start = own_cpu_seconds();
        let mut encoder = Encoder::new(config, &self.rollup, self.parent, 0);
        for block in &self.blocks {
            encoder
                .add_block(block.clone())
                .map_err(SettlementError::malformed)?;
        }
        encoder.close(CloseReason::Flush);
        let closed: Vec<_> = std::iter::from_fn(|| encoder.next_closed()).collect();
        let encoded = own_cpu_seconds();
        let channels: Vec<_> = closed
            .into_iter()
            .map(|channel| channel.compress(quality))
            .collect();
        let compressed = own_cpu_seconds();
        let transactions: usize = channels.iter().map(|channel| channel.transactions).sum();
        let mut packer = Packer::default();
        for (number, channel) in (0..).zip(&channels) {
            packer.push(number, channel.data.len(), 0, 0);
        }
        let packed = packer.peek(usize::MAX, Packed::capacity(DaKind::Blobs, 0));
        let each = |seconds: f64| seconds * 1e6 / transactions.max(1) as f64;
        Ok(Sizes {
            transactions: transactions as u64,
            bytes: packed.bytes as u64,
            encode_micros: each(encoded - start),
            compress_micros: each(compressed - encoded),
        })
    }

    /// The list in the form that `judge size` reads.
    fn to_json(&self) -> Result<String, SettlementError> {
        let mut blocks = Vec::new();
        for block in &self.blocks {
            let place = L2BlockRef::of_block(block, &self.rollup.genesis)
                .map_err(SettlementError::malformed)?;
            let transactions = block.transactions.iter().filter(|tx| !tx.is_deposit());
            blocks.push(json!({
                "parentHash": block.header.parent_hash,
                "timestamp": block.header.timestamp,
                "epochNumber": place.l1_origin.number,
                "epochHash": place.l1_origin.hash,
                "sequenceNumber": place.sequence_number,
                "transactions": transactions.map(|tx| tx.encoded().clone()).collect::<Vec<_>>(),
            }));
        }
        let list = json!({
            "l2Time": self.rollup.genesis.l2_time,
            "blockTime": self.rollup.block_time,
            "l2ChainId": self.rollup.l2_chain_id,
            "blocks": blocks,
        });
        Ok(list.to_string())
    }
}

/// Runs `judge size` over the list: kona-protocol's span batch and brotli at quality 10.
///
/// # Errors
/// When the judge can not be run or refuses.
pub fn judge(
    program: &Path,
    list: &BlockList,
    directory: &Path,
) -> Result<JudgedSizes, SettlementError> {
    let file = directory.join("blocks.json");
    std::fs::write(&file, list.to_json()?)?;
    let output = Command::new(program)
        .arg("size")
        .arg("--blocks")
        .arg(&file)
        .output()?;
    std::fs::remove_file(&file)?;
    if !output.status.success() {
        return Err(SettlementError::Program {
            program: program.display().to_string(),
            said: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        });
    }
    serde_json::from_slice(&output.stdout).map_err(SettlementError::malformed)
}

/// CPU of a blob's commitment and proof, in microseconds: what blobs cost beside their bytes. The setup is loaded before.
///
/// # Errors
/// When a blob can not be made.
pub fn kzg_micros_per_blob() -> Result<f64, SettlementError> {
    const BLOBS: u8 = 12;
    let settings = EnvKzgSettings::Default.get();
    let prove = |seed: u8| {
        let data: Vec<u8> = (0..120_000_u32)
            .map(|index| B256::from([seed; 32])[(index % 32) as usize].wrapping_add(index as u8))
            .collect();
        let blob = encode_blob(&data).map_err(SettlementError::malformed)?;
        BlobTransactionSidecar::try_from_blobs_with_settings(vec![*blob], settings)
            .map(drop)
            .map_err(SettlementError::malformed)
    };
    prove(0)?;
    let start = own_cpu_seconds();
    for seed in 1..=BLOBS {
        prove(seed)?;
    }
    Ok((own_cpu_seconds() - start) * 1e6 / f64::from(BLOBS))
}

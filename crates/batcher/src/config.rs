//! How the batcher works.

use crate::DaMode;
use alloy_primitives::Address;
use openledger_genesis::RollupConfig;
use std::{path::PathBuf, sync::Arc, time::Duration};

/// When a channel closes and how it is compressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelConfig {
    /// Compressed bytes at which a channel closes, by estimate. Default 780,000: the six blobs of a transaction.
    pub target_bytes: usize,
    /// Bytes before compression at which a channel closes, so that compressing one takes a bounded time. Default 32 MiB; never
    /// above what the protocol lets a channel decompress to.
    pub max_raw_bytes: usize,
    /// L1 blocks after which an open channel closes, however small. Zero closes it with the next L1 block. Default 5.
    pub max_duration: u64,
    /// L1 blocks before the end of the oldest block's sequencing window at which its channel closes at once. Default 20.
    pub window_margin: u64,
    /// Brotli quality of what is not a signature, 0 to 11. Default 6: see the crate's README for what was measured.
    pub quality: u32,
}

impl Default for ChannelConfig {
    fn default() -> Self {
        Self {
            target_bytes: 780_000,
            max_raw_bytes: 32 << 20,
            max_duration: 5,
            window_margin: 20,
            quality: 6,
        }
    }
}

/// How a growing backlog slows the sequencer down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThrottleConfig {
    /// Bytes that wait to be included in the L1 at which limits set in; they end at half of it. Zero: never. Default 12,800,000.
    pub threshold_bytes: u64,
    /// Bytes at which the limits are at their lowest. Default 51,200,000.
    pub full_bytes: u64,
    /// A block's highest and lowest limit, in estimated compressed bytes. Default 130,000 and 2,000.
    pub block_bytes: (u64, u64),
    /// A transaction's highest and lowest limit, in estimated compressed bytes. Default 20,000 and 150.
    pub tx_bytes: (u64, u64),
}

impl Default for ThrottleConfig {
    fn default() -> Self {
        Self {
            threshold_bytes: 12_800_000,
            full_bytes: 51_200_000,
            block_bytes: (130_000, 2_000),
            tx_bytes: (20_000, 150),
        }
    }
}

/// Why a throttle can not work like that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadThrottle(&'static str);

/// Bytes that the smallest transaction counts as (OP, Fjord).
const LEAST_TX_BYTES: u64 = 100;

impl ThrottleConfig {
    /// Fails when the limits contradict each other, or would at their lowest keep every transaction out.
    pub fn check(&self) -> Result<(), BadThrottle> {
        let (high_block, low_block) = self.block_bytes;
        let (high_tx, low_tx) = self.tx_bytes;
        let rules = [
            (
                self.threshold_bytes == 0 || self.full_bytes > self.threshold_bytes,
                "the upper threshold must be above the lower one",
            ),
            (
                low_block <= high_block,
                "a block's lower limit must not be above its upper one",
            ),
            (
                low_tx <= high_tx,
                "a transaction's lower limit must not be above its upper one",
            ),
            (
                low_tx >= LEAST_TX_BYTES,
                "below 100 bytes a transaction's limit keeps every transaction out",
            ),
            (
                low_block >= low_tx,
                "a block's lower limit must not be below a transaction's",
            ),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            Some((_, rule)) => Err(BadThrottle(rule)),
            None => Ok(()),
        }
    }
}

/// How payloads get to the L1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostingConfig {
    /// Blobs, calldata, or whichever is cheaper. Default: whichever is cheaper.
    pub mode: DaMode,
    /// Blobs that a transaction carries when there is enough to post. Default 6; at most what the L1 takes in a block.
    pub blobs_per_tx: usize,
    /// Bytes of calldata that a transaction carries at most. Default and highest 120,000.
    pub calldata_bytes: usize,
    /// Transactions that are under way at once. Default 8; clients hold at most 16 blob transactions of one account.
    pub max_in_flight: usize,
    /// Percent by which the other kind must be cheaper before the batcher changes over. Default 20.
    pub switch_margin: u64,
    /// Compressed bytes that are planned or wait to be, at which no further blocks are taken in. What is in blocks is safe in the
    /// database, and packs better later. Default 16 MiB.
    pub max_queued_bytes: usize,
    /// L1 blocks for which a payload is kept after derivation has passed it, so that a reorganisation of the L1 finds the
    /// same payload at the same nonce again. Default 64.
    pub retain: u64,
}

impl Default for PostingConfig {
    fn default() -> Self {
        Self {
            mode: DaMode::Auto,
            blobs_per_tx: 6,
            calldata_bytes: 120_000,
            max_in_flight: 8,
            switch_margin: 20,
            max_queued_bytes: 16 << 20,
            retain: 64,
        }
    }
}

/// The batcher's configuration.
#[derive(Debug, Clone)]
pub struct BatcherConfig {
    /// The rollup's constants.
    pub rollup: Arc<RollupConfig>,
    /// Where the journal is: `<datadir>/batcher`.
    pub journal_dir: PathBuf,
    /// When a channel closes.
    pub channel: ChannelConfig,
    /// How payloads get to the L1.
    pub posting: PostingConfig,
    /// How a growing backlog slows the sequencer down.
    pub throttle: ThrottleConfig,
    /// Time after which what failed is tried again. Default 2 s.
    pub retry: Duration,
}

impl BatcherConfig {
    /// The default configuration of a rollup.
    pub fn new(rollup: Arc<RollupConfig>, journal_dir: PathBuf) -> Self {
        Self {
            rollup,
            journal_dir,
            channel: ChannelConfig::default(),
            posting: PostingConfig::default(),
            throttle: ThrottleConfig::default(),
            retry: Duration::from_secs(2),
        }
    }

    /// Where batches go on the L1.
    pub fn inbox(&self) -> Address {
        self.rollup.batch_inbox_address
    }
}

//! What of the chain is on the L1, and how far behind the head that is.

use super::SettlementError;
use crate::{Endpoint, Rpc};
use alloy_primitives::{Address, B256, Bytes, U64};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(200);

/// The batcher's transactions.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Posted {
    /// Transactions with calldata.
    pub calldata_transactions: u64,
    /// Their bytes.
    pub calldata_bytes: u64,
    /// Blobs.
    pub blobs: u64,
}

/// Both ends of a chain.
#[derive(Debug)]
pub struct Settlement {
    l1: Rpc,
    l2: Rpc,
    inbox: Address,
}

/// How far the L1 was behind while transactions arrived at a fixed rate, in L2 blocks.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Lag {
    /// Looks, one a block.
    pub blocks: Vec<u64>,
}

impl Lag {
    /// The mean of the looks in a part of the run, both ends as shares of it.
    pub fn mean(&self, from: f64, to: f64) -> f64 {
        let at = |share: f64| (self.blocks.len() as f64 * share) as usize;
        let part = &self.blocks[at(from)..at(to)];
        part.iter().sum::<u64>() as f64 / part.len().max(1) as f64
    }
}

#[derive(Deserialize)]
struct Status {
    unsafe_l2: Height,
    safe_l2: Height,
}

#[derive(Deserialize)]
struct Height {
    number: u64,
}

#[derive(Deserialize)]
struct L1Block {
    transactions: Vec<L1Transaction>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct L1Transaction {
    to: Option<Address>,
    input: Bytes,
    #[serde(default)]
    blob_versioned_hashes: Vec<B256>,
}

impl Settlement {
    /// Of the chain with these two endpoints.
    ///
    /// # Errors
    /// When the L2 is no rollup.
    pub fn new(l1: Endpoint, l2: Endpoint) -> Result<Self, SettlementError> {
        let mut l2 = Rpc::new(l2);
        let config: Value = l2.call("optimism_rollupConfig", json!([]))?;
        let inbox = serde_json::from_value(config["batch_inbox_address"].clone())
            .map_err(SettlementError::malformed)?;
        Ok(Self {
            l1: Rpc::new(l1),
            l2,
            inbox,
        })
    }

    /// The chain itself.
    pub fn l2(&mut self) -> &mut Rpc {
        &mut self.l2
    }

    /// Waits until the L1 determines what is the head now; the height, and the time that it took.
    ///
    /// # Errors
    /// When it takes longer than `patience`.
    pub fn settle(&mut self, patience: Duration) -> Result<(u64, Duration), SettlementError> {
        let start = Instant::now();
        let head: U64 = self.l2.call("eth_blockNumber", json!([]))?;
        loop {
            let status = self.status()?;
            if status.safe_l2.number >= head.to::<u64>() {
                return Ok((status.safe_l2.number, start.elapsed()));
            }
            if start.elapsed() > patience {
                return Err(SettlementError::malformed(format!(
                    "block {head} is not on the L1 after {} s: block {} is",
                    patience.as_secs(),
                    status.safe_l2.number
                )));
            }
            std::thread::sleep(POLL);
        }
    }

    /// Blocks that the L1 does not determine yet.
    ///
    /// # Errors
    /// When the node does not answer.
    pub fn lag(&mut self) -> Result<u64, SettlementError> {
        let status = self.status()?;
        Ok(status
            .unsafe_l2
            .number
            .saturating_sub(status.safe_l2.number))
    }

    /// The newest block: its number, and how many transactions it has.
    ///
    /// # Errors
    /// When the node does not answer.
    pub fn head(&mut self) -> Result<(u64, usize), SettlementError> {
        let block: Value = self
            .l2
            .call("eth_getBlockByNumber", json!(["latest", false]))?;
        let number: U64 =
            serde_json::from_value(block["number"].clone()).map_err(SettlementError::malformed)?;
        let transactions = block["transactions"].as_array().map_or(0, Vec::len);
        Ok((number.to(), transactions))
    }

    fn status(&mut self) -> Result<Status, SettlementError> {
        Ok(self.l2.call("optimism_syncStatus", json!([]))?)
    }

    /// The L1's height.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn l1_height(&mut self) -> Result<u64, SettlementError> {
        Ok(self.l1.call::<U64>("eth_blockNumber", json!([]))?.to())
    }

    /// What went to the inbox in the L1 blocks after `after`.
    ///
    /// # Errors
    /// When the L1 does not serve them.
    pub fn posted(&mut self, after: u64) -> Result<Posted, SettlementError> {
        let mut posted = Posted::default();
        for number in after + 1..=self.l1_height()? {
            let params = json!([format!("{number:#x}"), true]);
            let block: L1Block = self.l1.call("eth_getBlockByNumber", params)?;
            let ours = |tx: &&L1Transaction| tx.to == Some(self.inbox);
            for tx in block.transactions.iter().filter(ours) {
                if tx.blob_versioned_hashes.is_empty() {
                    posted.calldata_transactions += 1;
                    posted.calldata_bytes += tx.input.len() as u64;
                }
                posted.blobs += tx.blob_versioned_hashes.len() as u64;
            }
        }
        Ok(posted)
    }
}

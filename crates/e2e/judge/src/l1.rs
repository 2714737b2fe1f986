//! kona's view of the L1, over JSON-RPC.
//!
//! Nothing is believed that can be computed: headers are hashed, transactions and receipts are held against the roots of
//! their header. What remains to trust is which block has which number.

use crate::{JsonRpc, SourceError, recent::Recent};
use alloy_consensus::{
    Header, Receipt, ReceiptEnvelope, TxEnvelope,
    proofs::{calculate_receipt_root, calculate_transaction_root},
};
use alloy_primitives::{B256, Log, U64};
use alloy_rpc_types_eth::{Block, TransactionReceipt};
use async_trait::async_trait;
use kona_derive::ChainProvider;
use kona_protocol::BlockInfo;
use serde_json::json;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An L1 up to a fixed block. Clones share what was fetched.
#[derive(Debug, Clone)]
pub struct L1 {
    rpc: JsonRpc,
    head: u64,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug, Default)]
struct Seen {
    headers: Recent<Header>,
    receipts: Recent<Vec<Receipt>>,
}

impl L1 {
    /// The L1 behind `rpc`, up to `head` or to what is its newest block now, whichever is lower.
    ///
    /// # Errors
    /// When the endpoint fails.
    pub async fn connect(rpc: JsonRpc, head: Option<u64>) -> Result<Self, SourceError> {
        let newest: U64 = rpc.call("eth_blockNumber", json!([])).await?;
        let newest = newest.to::<u64>();
        Ok(Self {
            rpc,
            head: head.map_or(newest, |head| head.min(newest)),
            seen: Arc::default(),
        })
    }

    /// Number of the last L1 block that is read.
    pub fn head(&self) -> u64 {
        self.head
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the header out of an answer and holds it against its own hash.
    fn checked(&self, block: &Block) -> Result<Header, SourceError> {
        let header = block.header.inner.clone();
        let hash = header.hash_slow();
        if hash != block.header.hash {
            return Err(SourceError::Inconsistent(format!(
                "L1 block {} says its hash is {}, its header hashes to {hash}",
                header.number, block.header.hash
            )));
        }
        self.seen().headers.insert(hash, header.clone());
        Ok(header)
    }

    async fn by_hash(&self, hash: B256, full: bool) -> Result<(Header, Block), SourceError> {
        let block: Option<Block> = self
            .rpc
            .call("eth_getBlockByHash", json!([hash, full]))
            .await?;
        let block = block.ok_or_else(|| SourceError::Answer {
            what: format!("eth_getBlockByHash {hash}"),
            message: "no such L1 block (a reorganisation?)".into(),
        })?;
        if block.header.hash != hash {
            return Err(SourceError::Inconsistent(format!(
                "asked for L1 block {hash}, got {}",
                block.header.hash
            )));
        }
        Ok((self.checked(&block)?, block))
    }

    async fn header(&self, hash: B256) -> Result<Header, SourceError> {
        let kept = self.seen().headers.get(&hash);
        match kept {
            Some(header) => Ok(header),
            None => Ok(self.by_hash(hash, false).await?.0),
        }
    }
}

fn info(hash: B256, header: &Header) -> BlockInfo {
    BlockInfo::new(hash, header.number, header.parent_hash, header.timestamp)
}

fn root_mismatch(what: &str, number: u64, header: B256, computed: B256) -> SourceError {
    SourceError::Inconsistent(format!(
        "the {what} of L1 block {number} have the root {computed}, its header says {header}"
    ))
}

#[async_trait]
impl ChainProvider for L1 {
    type Error = SourceError;

    async fn header_by_hash(&mut self, hash: B256) -> Result<Header, SourceError> {
        self.header(hash).await
    }

    async fn block_info_by_number(&mut self, number: u64) -> Result<BlockInfo, SourceError> {
        if number > self.head {
            return Err(SourceError::EndOfL1(number));
        }
        let block: Option<Block> = self
            .rpc
            .call("eth_getBlockByNumber", json!([U64::from(number), false]))
            .await?;
        let block = block.ok_or(SourceError::EndOfL1(number))?;
        Ok(info(block.header.hash, &self.checked(&block)?))
    }

    async fn receipts_by_hash(&mut self, hash: B256) -> Result<Vec<Receipt>, SourceError> {
        let kept = self.seen().receipts.get(&hash);
        if let Some(receipts) = kept {
            return Ok(receipts);
        }
        let header = self.header(hash).await?;
        let answer: Option<Vec<TransactionReceipt>> =
            self.rpc.call("eth_getBlockReceipts", json!([hash])).await?;
        let envelopes: Vec<ReceiptEnvelope<Log>> = answer
            .ok_or_else(|| SourceError::Answer {
                what: format!("eth_getBlockReceipts {hash}"),
                message: "no such L1 block".into(),
            })?
            .into_iter()
            .map(|receipt| receipt.inner.into_primitives_receipt())
            .collect();
        let root = calculate_receipt_root(&envelopes);
        if root != header.receipts_root {
            return Err(root_mismatch(
                "receipts",
                header.number,
                header.receipts_root,
                root,
            ));
        }
        let receipts: Vec<Receipt> = envelopes
            .iter()
            .filter_map(|envelope| envelope.as_receipt().cloned())
            .collect();
        self.seen().receipts.insert(hash, receipts.clone());
        Ok(receipts)
    }

    async fn block_info_and_transactions_by_hash(
        &mut self,
        hash: B256,
    ) -> Result<(BlockInfo, Vec<TxEnvelope>), SourceError> {
        let (header, block) = self.by_hash(hash, true).await?;
        let transactions: Vec<TxEnvelope> = block
            .into_transactions_vec()
            .into_iter()
            .map(|transaction| transaction.inner.into_inner())
            .collect();
        let root = calculate_transaction_root(&transactions);
        if root != header.transactions_root {
            return Err(root_mismatch(
                "transactions",
                header.number,
                header.transactions_root,
                root,
            ));
        }
        Ok((info(hash, &header), transactions))
    }
}

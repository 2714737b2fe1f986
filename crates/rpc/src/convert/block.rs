//! Blocks.

use super::{Inclusion, RpcTransaction};
use alloy_consensus::Header;
use alloy_eips::eip4895::Withdrawals;
use alloy_primitives::{B256, U256};
use alloy_rpc_types_eth::BlockTransactions;
use openledger_chain::PendingBlock;
use openledger_execution::BlockAttributes;
use openledger_primitives::{Block, Receipt, SealedHeader};
use serde::Serialize;
use serde_json::{Map, Value};

/// A block as `eth_getBlockByNumber` shows it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RpcBlock {
    #[serde(flatten)]
    header: RpcHeader,
    size: U256,
    uncles: Vec<B256>,
    transactions: BlockTransactions<RpcTransaction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawals: Option<Withdrawals>,
}

/// A header: the open block's has neither hash nor nonce yet.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum RpcHeader {
    /// Of a sealed block.
    Sealed(Box<alloy_rpc_types_eth::Header>),
    /// Of the open block.
    Open(Map<String, Value>),
}

impl RpcHeader {
    /// A sealed block's header.
    pub fn sealed(header: &SealedHeader) -> Self {
        Self::Sealed(Box::new(alloy_rpc_types_eth::Header {
            hash: header.seal(),
            inner: header.inner().clone(),
            total_difficulty: None,
            size: None,
        }))
    }

    /// The open block's header, as far as it is decided.
    pub fn open<'a>(
        attributes: &BlockAttributes,
        gas_used: u64,
        receipts: impl Iterator<Item = &'a Receipt>,
    ) -> Self {
        let header = Header {
            parent_hash: attributes.parent_hash,
            beneficiary: attributes.beneficiary,
            number: attributes.number,
            gas_limit: attributes.gas_limit,
            gas_used,
            timestamp: attributes.timestamp,
            extra_data: attributes.extra_data.clone(),
            mix_hash: attributes.prev_randao,
            base_fee_per_gas: Some(attributes.base_fee),
            logs_bloom: Receipt::block_bloom(receipts),
            parent_beacon_block_root: attributes.parent_beacon_block_root,
            excess_blob_gas: attributes.excess_blob_gas,
            blob_gas_used: attributes.excess_blob_gas.map(|_| 0),
            ..Default::default()
        };
        let mut map = match serde_json::to_value(header) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        };
        map.insert("hash".into(), Value::Null);
        map.insert("nonce".into(), Value::Null);
        Self::Open(map)
    }
}

impl RpcBlock {
    /// A sealed block; `receipts` are needed for the nonces of deposits when transactions are shown in full.
    pub fn sealed(block: &Block, receipts: Option<&[Receipt]>, full: bool) -> Self {
        let inclusion = Inclusion::sealed(&block.header);
        let transactions = if full {
            let shown = block.transactions.iter().enumerate().map(|(index, tx)| {
                let receipt = receipts.and_then(|receipts| receipts.get(index));
                RpcTransaction::included(tx, receipt, inclusion, index)
            });
            BlockTransactions::Full(shown.collect())
        } else {
            BlockTransactions::Hashes(block.transactions.iter().map(|tx| tx.hash()).collect())
        };
        Self {
            header: RpcHeader::sealed(&block.header),
            size: U256::from(block.size()),
            uncles: block.ommers.iter().map(Header::hash_slow).collect(),
            transactions,
            withdrawals: block.withdrawals.clone(),
        }
    }

    /// The open block, as far as it is preconfirmed.
    pub fn open(pending: &PendingBlock, full: bool) -> Self {
        let inclusion = Inclusion::preconfirmed(&pending.attributes);
        let transactions = if full {
            let shown = pending
                .transactions
                .iter()
                .zip(pending.receipts())
                .enumerate();
            BlockTransactions::Full(
                shown
                    .map(|(index, (tx, receipt))| {
                        RpcTransaction::included(tx, Some(receipt), inclusion, index)
                    })
                    .collect(),
            )
        } else {
            BlockTransactions::Hashes(pending.transactions.iter().map(|tx| tx.hash()).collect())
        };
        let size: usize = pending
            .transactions
            .iter()
            .map(|tx| tx.encoded().len())
            .sum();
        Self {
            header: RpcHeader::open(&pending.attributes, pending.gas_used(), pending.receipts()),
            // Of what is decided: clients expect a number.
            size: U256::from(size),
            uncles: Vec::new(),
            transactions,
            withdrawals: pending.attributes.withdrawals.clone(),
        }
    }
}

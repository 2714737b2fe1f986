//! The L2 under judgement, as bytes.
//!
//! Blocks are read with `debug_getRawBlock` and taken apart here, so that neither our JSON nor anybody's transaction
//! types stand between the chain and the comparison.

use crate::{JsonRpc, SourceError};
use alloy_consensus::{BlockBody, Header, proofs::ordered_trie_root_encoded};
use alloy_eips::eip2718::Decodable2718;
use alloy_primitives::{B256, Bytes, U64, keccak256};
use alloy_rlp::{Decodable, Header as RlpHeader};
use op_alloy_consensus::{OpBlock, OpTxEnvelope};
use serde_json::{Value, json};

/// One block of the L2, exactly as its encoding says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct L2Block {
    /// Its header.
    pub header: Header,
    /// The hash of the header's bytes.
    pub hash: B256,
    /// Its transactions in their EIP-2718 encoding.
    pub transactions: Vec<Bytes>,
    /// How many withdrawals its body lists; `None` when it has no such list.
    pub withdrawals: Option<usize>,
}

impl L2Block {
    /// Reads `rlp([header, transactions, ommers, withdrawals?])`. The transactions are held against the header's root.
    ///
    /// # Errors
    /// When the bytes are not a block, or the block contradicts itself.
    pub fn decode(raw: &[u8]) -> Result<Self, SourceError> {
        let invalid = |error: alloy_rlp::Error| {
            SourceError::Inconsistent(format!("the L2's block encoding: {error}"))
        };
        let mut rest = raw;
        let mut block = RlpHeader::decode_bytes(&mut rest, true).map_err(invalid)?;
        let before = block;
        let header = Header::decode(&mut block).map_err(invalid)?;
        let hash = keccak256(&before[..before.len() - block.len()]);
        let mut list = RlpHeader::decode_bytes(&mut block, true).map_err(invalid)?;
        let mut transactions = Vec::new();
        while !list.is_empty() {
            transactions.push(transaction(&mut list).map_err(invalid)?);
        }
        RlpHeader::decode_bytes(&mut block, true).map_err(invalid)?;
        let withdrawals = if block.is_empty() {
            None
        } else {
            let mut list = RlpHeader::decode_bytes(&mut block, true).map_err(invalid)?;
            let mut count = 0;
            while !list.is_empty() {
                RlpHeader::decode_bytes(&mut list, true).map_err(invalid)?;
                count += 1;
            }
            Some(count)
        };
        let root = ordered_trie_root_encoded(&transactions);
        if root != header.transactions_root {
            return Err(SourceError::Inconsistent(format!(
                "the transactions of L2 block {} have the root {root}, its header says {}",
                header.number, header.transactions_root
            )));
        }
        Ok(Self {
            header,
            hash,
            transactions,
            withdrawals,
        })
    }

    /// The same block in kona's types: it reads origin and configuration from the first transaction.
    ///
    /// # Errors
    /// When a transaction is of no type that exists on an OP chain.
    pub fn to_op_block(&self) -> Result<OpBlock, SourceError> {
        let transactions = self
            .transactions
            .iter()
            .map(|raw| OpTxEnvelope::decode_2718_exact(raw))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| {
                SourceError::Inconsistent(format!(
                    "a transaction of L2 block {}: {error}",
                    self.header.number
                ))
            })?;
        Ok(OpBlock {
            header: self.header.clone(),
            body: BlockBody {
                transactions,
                ommers: Vec::new(),
                withdrawals: self.withdrawals.map(|_| Default::default()),
            },
        })
    }
}

/// The next transaction of a body: legacy ones are RLP lists, all others an RLP string around type and payload.
fn transaction(list: &mut &[u8]) -> Result<Bytes, alloy_rlp::Error> {
    let before = *list;
    let header = RlpHeader::decode(list)?;
    if list.len() < header.payload_length {
        return Err(alloy_rlp::Error::InputTooShort);
    }
    let (payload, rest) = list.split_at(header.payload_length);
    *list = rest;
    Ok(if header.list {
        Bytes::copy_from_slice(&before[..before.len() - rest.len()])
    } else {
        Bytes::copy_from_slice(payload)
    })
}

/// The RPC of the node under judgement. It must serve the `debug` namespace.
#[derive(Debug, Clone)]
pub struct L2 {
    rpc: JsonRpc,
}

impl L2 {
    /// The node behind `rpc`. Nothing is sent yet.
    pub fn new(rpc: JsonRpc) -> Self {
        Self { rpc }
    }

    /// The block of that number, `None` when the chain is shorter.
    ///
    /// # Errors
    /// When the node fails, or when its block contradicts itself or the number or hash that it was asked for.
    pub async fn block(&self, number: u64) -> Result<Option<L2Block>, SourceError> {
        let id = U64::from(number);
        let listed: Option<Value> = self
            .rpc
            .call("eth_getBlockByNumber", json!([id, false]))
            .await?;
        let Some(listed) = listed else {
            return Ok(None);
        };
        let raw: Bytes = self.rpc.call("debug_getRawBlock", json!([id])).await?;
        let block = L2Block::decode(&raw)?;
        if block.header.number != number || listed["hash"] != json!(block.hash) {
            return Err(SourceError::Inconsistent(format!(
                "L2 block {number} is listed as {}, its encoding is block {} with hash {}",
                listed["hash"], block.header.number, block.hash
            )));
        }
        Ok(Some(block))
    }
}

//! The receipts of an L1 block, checked against its header.

use crate::{L1Block, L1Client, L1Error};
use alloy_primitives::{Address, B256, Bytes, Log, LogData, U64, logs_bloom};
use alloy_rlp::{BufMut, Encodable, Header};
use alloy_rpc_types_eth::{Block, BlockTransactions};
use openledger_protocol::L1Inputs;
use serde::Deserialize;

/// Receipts that are asked for in one JSON-RPC batch: well below the batch limits of clients (geth: 1,000).
const BATCH: usize = 100;
/// Types of receipts whose encoding is Ethereum's.
const ETHEREUM_TYPES: std::ops::RangeInclusive<u64> = 0..=4;
/// The type of an OP Stack's deposit: the L1 may itself be a rollup.
const DEPOSIT_TYPE: u64 = 0x7e;

const BLOCK_RECEIPTS: &str = "eth_getBlockReceipts";

#[derive(Debug, Clone, Deserialize)]
struct RpcLog {
    address: Address,
    topics: Vec<B256>,
    data: Bytes,
}

/// What the consensus encoding of a receipt needs, and its place.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RpcReceipt {
    #[serde(default)]
    r#type: U64,
    status: Option<U64>,
    root: Option<B256>,
    cumulative_gas_used: U64,
    logs: Vec<RpcLog>,
    block_hash: Option<B256>,
    transaction_index: U64,
    deposit_nonce: Option<U64>,
    deposit_receipt_version: Option<U64>,
}

/// A receipt in consensus terms.
#[derive(Debug)]
struct Consensus {
    ty: u64,
    status: Option<u64>,
    root: Option<B256>,
    cumulative_gas_used: u64,
    logs: Vec<Log>,
    deposit: Vec<u64>,
}

impl L1Client {
    /// What a block brings to the L2: deposits of the portal and changes of the system configuration.
    ///
    /// The receipts are asked for by the block's hash and must have the root that the header names. Two exceptions: when the
    /// client's `verify_hashes` is off (then the headers themselves are not checked, and only the receipts' own block hash and
    /// their order are), and when the block holds a transaction type that this node does not know and whose receipt is not
    /// encoded like Ethereum's so far; its logs are read all the same, since nobody may stop the L2 by using a new type.
    ///
    /// # Errors
    /// [`L1Error::Gone`] when the endpoint does not know the block, [`L1Error::Root`] when the receipts are not the block's.
    pub async fn inputs(
        &self,
        block: &L1Block,
        portal: Address,
        system_config: Address,
    ) -> Result<L1Inputs, L1Error> {
        self.ask_any(|client| async move {
            let receipts = match client.block_receipts(block.hash).await? {
                Some(receipts) => receipts,
                None => client.receipts_one_by_one(block.hash).await?,
            };
            let (block, verify) = (*block, client.options().verify_hashes);
            tokio::task::spawn_blocking(move || {
                let receipts = in_order(&block, receipts)?;
                if verify {
                    check_root(&block, &receipts)?;
                }
                let logs = receipts
                    .iter()
                    .map(|receipt| (receipt.succeeded(), receipt.logs.as_slice()));
                Ok(L1Inputs::new(block, logs, portal, system_config))
            })
            .await
            .map_err(|_| L1Error::Aborted("receipts"))?
        })
        .await
    }

    /// All receipts of a block in one answer; `None` when the endpoint does not have the method.
    async fn block_receipts(&self, hash: B256) -> Result<Option<Vec<RpcReceipt>>, L1Error> {
        if !self.has_block_receipts() {
            return Ok(None);
        }
        match self
            .call_for_much::<_, Option<Vec<RpcReceipt>>>(BLOCK_RECEIPTS, (hash,))
            .await
        {
            Ok(Some(receipts)) => Ok(Some(receipts)),
            Ok(None) => Err(L1Error::Gone(hash)),
            Err(L1Error::Refused { code: -32601, .. }) => {
                tracing::info!(
                    "the L1 endpoint has no {BLOCK_RECEIPTS}: receipts are fetched one by one"
                );
                self.remember_no_block_receipts();
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn receipts_one_by_one(&self, hash: B256) -> Result<Vec<RpcReceipt>, L1Error> {
        let block: Option<Block<B256>> = self
            .call_for_much("eth_getBlockByHash", (hash, false))
            .await?;
        let block = block.ok_or(L1Error::Gone(hash))?;
        let transactions: Vec<_> = match block.transactions {
            // With hashes for transactions the two look the same.
            BlockTransactions::Full(hashes) | BlockTransactions::Hashes(hashes) => hashes,
            BlockTransactions::Uncle => Vec::new(),
        }
        .into_iter()
        .map(|hash| (hash,))
        .collect();
        let mut receipts = Vec::with_capacity(transactions.len());
        for batch in transactions.chunks(BATCH) {
            let answers: Vec<Option<RpcReceipt>> =
                self.call_each("eth_getTransactionReceipt", batch).await?;
            for answer in answers {
                receipts.push(answer.ok_or(L1Error::Gone(hash))?);
            }
        }
        Ok(receipts)
    }
}

/// Every receipt says itself to which block it belongs: an endpoint that was reorganised in between is found out.
fn in_order(block: &L1Block, receipts: Vec<RpcReceipt>) -> Result<Vec<Consensus>, L1Error> {
    receipts
        .into_iter()
        .enumerate()
        .map(|(index, receipt)| {
            if receipt.block_hash != Some(block.hash) {
                return Err(L1Error::OtherBlock {
                    asked: block.hash.to_string(),
                    found: format!("{:?}", receipt.block_hash),
                });
            }
            if receipt.transaction_index != U64::from(index) {
                return Err(L1Error::Malformed {
                    what: "receipts of a block",
                    reason: format!(
                        "receipt {index} is that of transaction {}",
                        receipt.transaction_index
                    ),
                });
            }
            Ok(receipt.into())
        })
        .collect()
}

fn check_root(block: &L1Block, receipts: &[Consensus]) -> Result<(), L1Error> {
    let computed = alloy_trie::root::ordered_trie_root_with_encoder(receipts, |receipt, out| {
        receipt.encode_2718(out);
    });
    if computed == block.receipts_root {
        return Ok(());
    }
    let unknown = receipts
        .iter()
        .find(|receipt| !ETHEREUM_TYPES.contains(&receipt.ty) && receipt.ty != DEPOSIT_TYPE);
    if let Some(receipt) = unknown {
        let (number, ty) = (block.number, receipt.ty);
        tracing::warn!(
            number,
            ty,
            "an L1 block has receipts of an unknown type: they can not be checked against its header"
        );
        return Ok(());
    }
    Err(L1Error::Root {
        what: "receipts",
        number: block.number,
        hash: block.hash,
        expected: block.receipts_root,
        computed,
    })
}

impl From<RpcReceipt> for Consensus {
    fn from(receipt: RpcReceipt) -> Self {
        let deposit = [receipt.deposit_nonce, receipt.deposit_receipt_version];
        let ty = receipt.r#type.to();
        Self {
            ty,
            status: receipt.status.map(|status| status.to()),
            root: receipt.root,
            cumulative_gas_used: receipt.cumulative_gas_used.to(),
            logs: receipt
                .logs
                .into_iter()
                .map(|log| Log {
                    address: log.address,
                    data: LogData::new_unchecked(log.topics, log.data),
                })
                .collect(),
            deposit: match deposit {
                // Before Canyon the nonce is shown but not encoded.
                [Some(nonce), Some(version)] if ty == DEPOSIT_TYPE => {
                    vec![nonce.to(), version.to()]
                }
                _ => Vec::new(),
            },
        }
    }
}

impl Consensus {
    fn succeeded(&self) -> bool {
        // Before Byzantium a receipt does not say: its logs are those of a success then.
        self.status.is_none_or(|status| status == 1)
    }

    /// The EIP-2718 encoding with bloom, of which the trie is made.
    fn encode_2718(&self, out: &mut dyn BufMut) {
        if self.ty != 0 {
            // Types are one byte (EIP-2718); a larger one gives a root that is wrong.
            out.put_u8(self.ty.try_into().unwrap_or(u8::MAX));
        }
        let bloom = logs_bloom(&self.logs);
        let mut payload = Vec::with_capacity(512);
        match self.root {
            Some(root) if self.status.is_none() => root.encode(&mut payload),
            _ => self.status.unwrap_or_default().encode(&mut payload),
        }
        self.cumulative_gas_used.encode(&mut payload);
        bloom.encode(&mut payload);
        self.logs.encode(&mut payload);
        for field in &self.deposit {
            field.encode(&mut payload);
        }
        Header {
            list: true,
            payload_length: payload.len(),
        }
        .encode(out);
        out.put_slice(&payload);
    }
}

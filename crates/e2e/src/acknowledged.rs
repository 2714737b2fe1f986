//! What a node has promised, and whether it keeps it.

use crate::{Account, CallError, Rpc, hash_of, quantity};
use alloy_primitives::{
    Address, B256,
    map::{B256Map, B256Set},
};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A promise about one transaction.
#[derive(Debug, Clone)]
pub struct Acknowledged {
    /// The transaction.
    pub hash: B256,
    /// The receipt, where one was returned; else only the hash was.
    pub receipt: Option<Value>,
}

/// Everything that a node has acknowledged to its users, over all its lives.
#[derive(Debug, Default)]
pub struct Ledger {
    open: Vec<Acknowledged>,
    receipts: Vec<Value>,
    hashes: Vec<B256>,
    blocks: BTreeMap<u64, B256>,
    /// Place of every transaction in the blocks that were read and can not change.
    placed: B256Map<(u64, u64)>,
    read_up_to: u64,
}

impl Ledger {
    /// Notes a promise.
    pub fn note(&mut self, promise: Acknowledged) {
        self.hashes.push(promise.hash);
        self.receipts.extend(promise.receipt.clone());
        self.open.push(promise);
    }

    /// Promises so far.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// True before the first promise.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Promises with a receipt so far.
    pub fn receipts(&self) -> usize {
        self.receipts.len()
    }

    /// Notes the hash under which somebody saw a block.
    ///
    /// # Errors
    /// When the block was seen under another hash before.
    pub fn saw_block(&mut self, block: &Value) -> Result<()> {
        let (number, hash) = (quantity(block, "number")?, hash_of(block, "hash")?);
        let known = *self.blocks.entry(number).or_insert(hash);
        ensure!(
            known == hash,
            "block {number} was {known} and is now {hash}"
        );
        Ok(())
    }

    /// Checks every promise that is not known to be kept for good: a transaction whose receipt was returned is in the same
    /// block at the same index, one whose hash was returned is in a block or pending.
    ///
    /// # Errors
    /// The first promise that is broken.
    pub async fn check(&mut self, rpc: &Rpc) -> Result<()> {
        let head = rpc.height().await?;
        for number in self.read_up_to + 1..=head {
            let block = self.read(rpc, number.into()).await?;
            self.saw_block(&block)?;
            self.placed.extend(places(&block)?);
        }
        self.read_up_to = self.read_up_to.max(head);
        // A block may be sealed meanwhile; its transactions then have the same places.
        let pending = self.read(rpc, "pending".into()).await?;
        let pending: B256Map<_> = places(&pending)?.into_iter().collect();
        let mut open = std::mem::take(&mut self.open);
        let mut missing = Vec::new();
        open.retain(|promise| match self.placed.get(&promise.hash) {
            Some(place) => {
                missing.extend(broken(promise, *place));
                false
            }
            None => {
                missing.extend(
                    pending
                        .get(&promise.hash)
                        .and_then(|place| broken(promise, *place)),
                );
                true
            }
        });
        ensure!(missing.is_empty(), "{}", missing.join("\n"));
        for promise in open
            .iter()
            .filter(|promise| !pending.contains_key(&promise.hash))
        {
            let known = rpc
                .call("eth_getTransactionByHash", json!([promise.hash]))
                .await?;
            ensure!(
                !known.is_null(),
                "{} was acknowledged and is gone: {promise:?}",
                promise.hash
            );
            // A receipt was returned, so it must be in a block: the one that was sealed since, at most.
            if promise.receipt.is_some() {
                let receipt = rpc.mined(promise.hash).await?;
                let place = (
                    quantity(&receipt, "blockNumber")?,
                    quantity(&receipt, "transactionIndex")?,
                );
                if let Some(sentence) = broken(promise, place) {
                    bail!(sentence);
                }
            }
        }
        self.open = open;
        Ok(())
    }

    /// Waits until everything acknowledged is in sealed blocks, in whichever: the L1 may have taken back where it was.
    ///
    /// # Errors
    /// When something is not in time.
    pub async fn included(&self, rpc: &Rpc) -> Result<()> {
        crate::until("everything acknowledged in a block", async || {
            let mut included = B256Set::default();
            for number in 0..=rpc.height().await? {
                let block = rpc.block(number).await?;
                let hashes: Vec<B256> = serde_json::from_value(block["transactions"].clone())?;
                included.extend(hashes);
            }
            Ok(self
                .hashes
                .iter()
                .all(|hash| included.contains(hash))
                .then_some(()))
        })
        .await
    }

    async fn read(&self, rpc: &Rpc, id: crate::rpc::BlockName) -> Result<Value> {
        Ok(rpc
            .call("eth_getBlockByNumber", json!([id.0, true]))
            .await?)
    }

    /// Waits until everything acknowledged is in sealed blocks, then checks it all from the beginning: places, receipts
    /// field by field, blocks, and that no account's nonces have a hole.
    ///
    /// # Errors
    /// The first promise that is broken.
    pub async fn settle(&mut self, rpc: &Rpc, accounts: &[Account]) -> Result<()> {
        crate::until("everything acknowledged in a block", async || {
            self.check(rpc).await?;
            Ok(self.open.is_empty().then_some(()))
        })
        .await?;
        let mut sealed = B256Map::default();
        let mut nonces: BTreeMap<Address, u64> = BTreeMap::new();
        for number in 0..=self.read_up_to {
            let block = self.read(rpc, number.into()).await?;
            self.saw_block(&block)?;
            for tx in block["transactions"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|tx| tx["type"] != "0x7e")
            {
                let (from, nonce) = (crate::address_of(tx, "from")?, quantity(tx, "nonce")?);
                let expected = nonces.entry(from).or_default();
                ensure!(
                    nonce == *expected,
                    "{from} jumps from nonce {expected} to {nonce} in block {number}"
                );
                *expected += 1;
            }
            let receipts = rpc
                .call("eth_getBlockReceipts", json!([format!("{number:#x}")]))
                .await?;
            for receipt in receipts.as_array().into_iter().flatten() {
                sealed.insert(hash_of(receipt, "transactionHash")?, receipt.clone());
            }
        }
        for hash in &self.hashes {
            ensure!(
                sealed.contains_key(hash),
                "{hash} was acknowledged and is in no block"
            );
        }
        for promised in &self.receipts {
            let found = sealed
                .get(&hash_of(promised, "transactionHash")?)
                .context("checked above")?;
            ensure!(
                same_receipt(promised, found),
                "promised {promised}, sealed {found}"
            );
        }
        for account in accounts {
            let expected = nonces.get(&account.address).copied().unwrap_or_default();
            let nonce = rpc
                .nonce(account.address, &format!("{:#x}", self.read_up_to))
                .await?;
            ensure!(
                nonce == expected,
                "{} has nonce {nonce} after {expected} transactions",
                account.address
            );
        }
        Ok(())
    }
}

fn places(block: &Value) -> Result<Vec<(B256, (u64, u64))>> {
    let number = quantity(block, "number")?;
    let transactions = block["transactions"].as_array().into_iter().flatten();
    transactions
        .zip(0..)
        .map(|(tx, index)| Ok((hash_of(tx, "hash")?, (number, index))))
        .collect()
}

fn broken(promise: &Acknowledged, (number, index): (u64, u64)) -> Option<String> {
    let receipt = promise.receipt.as_ref()?;
    let promised = (
        quantity(receipt, "blockNumber").ok()?,
        quantity(receipt, "transactionIndex").ok()?,
    );
    (promised != (number, index)).then(|| {
        format!(
            "{} was promised at {promised:?} and is at {:?}",
            promise.hash,
            (number, index)
        )
    })
}

/// True when the second receipt is the first one after the seal: the block's hash is the only thing that may be new.
fn same_receipt(promised: &Value, sealed: &Value) -> bool {
    let named = |receipt: &Value| {
        let mut receipt = receipt.clone();
        receipt["blockHash"] = Value::Null;
        for log in receipt["logs"].as_array_mut().into_iter().flatten() {
            log["blockHash"] = Value::Null;
        }
        receipt
    };
    named(promised) == named(sealed)
}

/// What an answer to a submission promises.
///
/// # Errors
/// A refusal that is not due to an earlier submission of the same transaction.
pub(crate) fn promise(
    hash: B256,
    answer: Result<Value, CallError>,
) -> Result<Option<Acknowledged>> {
    match answer {
        Ok(receipt) if receipt.is_object() => Ok(Some(Acknowledged {
            hash,
            receipt: Some(receipt),
        })),
        Ok(_) => Ok(Some(Acknowledged {
            hash,
            receipt: None,
        })),
        Err(CallError::Unanswered(_)) => Ok(None),
        // Sent again because the first answer was lost.
        Err(CallError::Refused { message, .. })
            if message.contains("already known") || message.contains("nonce too low") =>
        {
            Ok(Some(Acknowledged {
                hash,
                receipt: None,
            }))
        }
        // It is in the pool, but its block is late.
        Err(CallError::Refused { code: 4, .. }) => Ok(Some(Acknowledged {
            hash,
            receipt: None,
        })),
        Err(error) => Err(error).with_context(|| format!("{hash} was refused")),
    }
}

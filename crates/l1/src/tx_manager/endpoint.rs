//! What is asked of the L1 for an account, and how transactions are handed to it.

use super::refusal::Refusal;
use crate::{L1Client, L1Error};
use alloy_eips::BlockId;
use alloy_primitives::{Address, B256, Bytes, U64, U256};
use futures::future::try_join_all;
use openledger_primitives::BlockRef;
use serde_json::Value;
use std::collections::BTreeMap;

impl L1Client {
    /// An account's transaction count and balance as of a block, by its hash: both belong to that block and to no other,
    /// whatever the endpoint does meanwhile (EIP-1898).
    pub(super) async fn account_at(
        &self,
        account: Address,
        block: B256,
    ) -> Result<(u64, U256), L1Error> {
        let at = (account, BlockId::hash(block));
        let (count, balance) = tokio::try_join!(
            self.call::<_, U64>("eth_getTransactionCount", at),
            self.call::<_, U256>("eth_getBalance", at)
        )?;
        Ok((count.to(), balance))
    }

    /// The tip that the endpoint suggests, in wei per gas; zero when it suggests none.
    pub(super) async fn suggested_tip(&self) -> Result<u128, L1Error> {
        match self.call::<_, U256>("eth_maxPriorityFeePerGas", ()).await {
            Ok(tip) => Ok(tip.saturating_to()),
            Err(L1Error::Refused { .. }) => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// The lowest of some blocks, given from the highest down, in whose place the chain has another one. Those up to a height
    /// `settled` are taken to be on one branch: a canonical one there vouches for all below it. The others may have been seen
    /// on several.
    pub(super) async fn lowest_replaced(
        &self,
        blocks: impl Iterator<Item = BlockRef>,
        settled: u64,
    ) -> Result<Option<BlockRef>, L1Error> {
        let mut lowest = None;
        for block in blocks {
            match self.block_by_number(block.number).await? {
                Some(found) if found.hash != block.hash => lowest = Some(block),
                // An endpoint that does not have the height yet says nothing about it.
                _ if block.number <= settled => break,
                _ => {}
            }
        }
        Ok(lowest)
    }

    /// Which of some transactions the endpoint knows, by their nonces.
    pub(super) async fn knows(
        &self,
        transactions: Vec<(u64, B256)>,
    ) -> Result<BTreeMap<u64, bool>, L1Error> {
        let questions = transactions.into_iter().map(async |(nonce, hash)| {
            let found: Option<Value> = self.call("eth_getTransactionByHash", (hash,)).await?;
            Ok::<_, L1Error>((nonce, found.is_some()))
        });
        Ok(try_join_all(questions).await?.into_iter().collect())
    }

    /// Sends a signed transaction.
    pub(super) async fn send_raw(&self, raw: Bytes) -> Result<(), Refusal> {
        let sent: Result<Value, _> = self.call("eth_sendRawTransaction", (raw,)).await;
        sent.map(drop).map_err(|error| match error {
            // Nonsense in the request would be ours, and a rate limit passes: neither says anything about the transaction.
            L1Error::Refused {
                code: -32601 | -32600 | -32005 | 429,
                message,
                ..
            } => Refusal::Unanswered(message),
            L1Error::Refused { message, .. } => Refusal::of(&message),
            error => Refusal::Unanswered(error.to_string()),
        })
    }
}

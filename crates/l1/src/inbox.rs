//! The batcher's transactions in an L1 block, checked against its header.

use crate::{L1Block, L1Client, L1Error};
use alloy_eips::Encodable2718;
use alloy_primitives::{Address, B256, U64, keccak256};
use alloy_rpc_types_eth::{Header, Transaction};
use openledger_primitives::TxEnvelope;
use openledger_protocol::{InboxTx, inbox_tx};
use serde::Deserialize;
use serde_json::Value;

const WHAT: &str = "transactions of a block";

/// A block with its transactions, each of which is looked at by itself: one of an unknown type must not spoil the others.
#[derive(Debug, Deserialize)]
struct FullBlock {
    #[serde(flatten)]
    header: Header,
    transactions: Vec<Value>,
}

// One at a time on the stack: boxing the envelope would only cost an allocation.
#[allow(clippy::large_enum_variant)]
enum Found {
    Known(TxEnvelope),
    /// An EIP-2718 type that this node does not know.
    Unknown,
}

impl L1Client {
    /// The batcher's transactions to its inbox in a block, in their order.
    ///
    /// The block is asked for by its hash and its transactions must have the root that its header names, with the same two
    /// exceptions as [`inputs`](Self::inputs): `verify_hashes` is off, or the block holds a transaction of an unknown type,
    /// which is ignored. What is returned is signed by the batcher in any case.
    ///
    /// # Errors
    /// [`L1Error::Gone`] when the endpoint does not know the block, [`L1Error::Root`] when the transactions are not the block's.
    pub async fn inbox(
        &self,
        block: &L1Block,
        inbox: Address,
        batcher: Address,
    ) -> Result<Vec<InboxTx>, L1Error> {
        let hash = block.hash;
        self.ask_any(|client| async move { client.read_inbox(hash, inbox, batcher).await })
            .await
    }

    async fn read_inbox(
        &self,
        hash: B256,
        inbox: Address,
        batcher: Address,
    ) -> Result<Vec<InboxTx>, L1Error> {
        let full: Option<FullBlock> = self
            .call_for_much("eth_getBlockByHash", (hash, true))
            .await?;
        let full = full.ok_or(L1Error::Gone(hash))?;
        let found = self.checked(full.header.hash, &full.header.inner)?;
        if found.hash != hash {
            return Err(L1Error::OtherBlock {
                asked: hash.to_string(),
                found: format!("{} {}", found.number, found.hash),
            });
        }
        let verify = self.options().verify_hashes;
        tokio::task::spawn_blocking(move || full.inbox(verify, inbox, batcher))
            .await
            .map_err(|_| L1Error::Aborted(WHAT))?
    }
}

impl FullBlock {
    fn inbox(
        self,
        verify: bool,
        inbox: Address,
        batcher: Address,
    ) -> Result<Vec<InboxTx>, L1Error> {
        // anvil puts blob transactions with their sidecars into the root that its header has: such a root says nothing about the
        // transactions as consensus knows them.
        let with_sidecars = self.transactions.iter().any(|tx| tx.get("blobs").is_some());
        let transactions = self
            .transactions
            .into_iter()
            .map(read)
            .collect::<Result<Vec<_>, _>>()?;
        if verify && !with_sidecars {
            check_root(&self.header, &transactions)?;
        }
        let known = transactions.iter().filter_map(|found| match found {
            Found::Known(tx) => Some(tx),
            Found::Unknown => None,
        });
        known
            .filter_map(|tx| Some((tx, inbox_tx(tx, inbox, batcher)?)))
            .map(|(tx, found)| {
                // The hash is only what the endpoint says.
                if keccak256(tx.encoded_2718()) == found.hash {
                    Ok(found)
                } else {
                    Err(malformed(format!("{} is not the hash", found.hash)))
                }
            })
            .collect()
    }
}

fn read(value: Value) -> Result<Found, L1Error> {
    let ty = match value.get("type") {
        Some(ty) => serde_json::from_value::<U64>(ty.clone())
            .map_err(|error| malformed(error.to_string()))?
            .to::<u64>(),
        None => 0,
    };
    if !matches!(ty, 0..=4 | 0x7e) {
        return Ok(Found::Unknown);
    }
    serde_json::from_value::<Transaction<TxEnvelope>>(value)
        .map(|tx| Found::Known(tx.inner.into_inner()))
        .map_err(|error| malformed(error.to_string()))
}

fn check_root(header: &Header, transactions: &[Found]) -> Result<(), L1Error> {
    let known: Option<Vec<&TxEnvelope>> = transactions
        .iter()
        .map(|found| match found {
            Found::Known(tx) => Some(tx),
            Found::Unknown => None,
        })
        .collect();
    let Some(known) = known else {
        tracing::warn!(
            number = header.inner.number,
            "an L1 block has transactions of an unknown type: they can not be checked against its header"
        );
        return Ok(());
    };
    let computed: B256 =
        alloy_trie::root::ordered_trie_root_with_encoder(&known, |tx, out| tx.encode_2718(out));
    if computed == header.inner.transactions_root {
        return Ok(());
    }
    Err(L1Error::Root {
        what: "transactions",
        number: header.inner.number,
        hash: header.hash,
        expected: header.inner.transactions_root,
        computed,
    })
}

fn malformed(reason: String) -> L1Error {
    L1Error::Malformed { what: WHAT, reason }
}

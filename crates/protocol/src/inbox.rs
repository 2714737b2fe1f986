//! The batcher's transactions on the L1.

use alloy_consensus::Transaction;
use alloy_primitives::{Address, B256, Bytes};
use openledger_primitives::TxEnvelope;

/// A transaction of the batcher to its inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxTx {
    /// The transaction's hash.
    pub hash: B256,
    /// The sender: the batcher.
    pub from: Address,
    /// Where its frames are.
    pub data: InboxData,
}

/// Where the frames of a batcher's transaction are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboxData {
    /// In the calldata: one payload.
    Calldata(Bytes),
    /// In blobs with these versioned hashes: each is one payload. The calldata counts for nothing then.
    Blobs(Vec<B256>),
}

/// The transaction as one of the batcher's; `None` when it is anything else.
///
/// It must go to the inbox, be signed by the batcher, and be of type 0, 1, 2, 3 or, on an L1 that is itself a rollup, a
/// deposit (OP Stack specification, derivation, "Batcher Transaction Format"). Whether it succeeded does not matter.
/// The sender is recovered only for transactions to the inbox.
pub fn inbox_tx(tx: &TxEnvelope, inbox: Address, batcher: Address) -> Option<InboxTx> {
    if tx.to() != Some(inbox) || matches!(tx, TxEnvelope::Eip7702(_)) {
        return None;
    }
    let from = tx.recover_sender().ok()?;
    if from != batcher {
        tracing::debug!(hash = %tx.tx_hash(), %from, "a stranger's transaction in the inbox");
        return None;
    }
    let data = match tx.blob_versioned_hashes() {
        Some(hashes) => InboxData::Blobs(hashes.to_vec()),
        None => InboxData::Calldata(tx.input().clone()),
    };
    Some(InboxTx {
        hash: tx.tx_hash(),
        from,
        data,
    })
}

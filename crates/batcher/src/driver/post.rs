//! The border to whatever sends transactions.

use alloy_primitives::Bytes;
use tokio::sync::mpsc;

/// What a transaction carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// A version byte and frames, as calldata.
    Calldata(Bytes),
    /// A version byte and frames for each blob; at most 130,044 bytes each.
    Blobs(Vec<Bytes>),
}

/// What the batcher asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Post {
    /// Get this transaction included, however long it takes. Asking again for the same nonce comes with the same payload and
    /// changes nothing.
    Send {
        /// The nonce; it is used for nothing else.
        nonce: u64,
        /// What the transaction carries.
        payload: Payload,
    },
    /// Nobody needs to know what becomes of the nonces below this one.
    Forget {
        /// The lowest nonce that is of interest.
        below: u64,
    },
}

/// What became of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostEvent {
    /// The canonical L1 block of this height has the transaction, or another one with its nonce.
    Included {
        /// The nonce.
        nonce: u64,
        /// The L1 block's number.
        l1_block: u64,
    },
    /// The L1 was reorganised: no canonical block has this nonce or a later one. To be told whether or not this run has sent it, and
    /// harmless when nothing was lost: it is the sender's transaction count after the reorganisation.
    Excluded {
        /// The lowest nonce that is free.
        from: u64,
    },
}

/// Both directions, and where nonces begin.
#[derive(Debug)]
pub struct Posts {
    /// To the sender of transactions.
    pub requests: mpsc::UnboundedSender<Post>,
    /// From it.
    pub events: mpsc::UnboundedReceiver<PostEvent>,
    /// Transactions that the L1's head block has of the batcher: the lowest nonce that is free.
    pub nonce: u64,
}

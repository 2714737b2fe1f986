//! What is told about transactions.

use alloy_primitives::U256;
use openledger_primitives::BlockRef;

/// Why transactions wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// The account's balance does not cover the next one besides what is with the L1 already.
    Funds {
        /// The balance in wei.
        balance: U256,
        /// Wei that are needed.
        needed: U256,
    },
    /// The L1 asks for more than the configured limits, or a replacement would need more.
    FeeLimit,
    /// The L1 has no blobs at this time.
    NoBlobs,
    /// Nobody has asked for anything at this nonce, without which no later one can be included.
    NonceGap(u64),
    /// The endpoint does not take one, with these words, or it can not be made. It is tried again.
    Refused(String),
    /// The endpoint does not answer, or not sensibly. It is asked again.
    Endpoint(String),
}

impl Hold {
    /// Every kind's name in metrics.
    pub(crate) const LABELS: [&str; 6] = [
        "funds",
        "fee_limit",
        "no_blobs",
        "nonce_gap",
        "refused",
        "endpoint",
    ];

    /// Its kind's name in metrics and logs.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Funds { .. } => "funds",
            Self::FeeLimit => "fee_limit",
            Self::NoBlobs => "no_blobs",
            Self::NonceGap(_) => "nonce_gap",
            Self::Refused(_) => "refused",
            Self::Endpoint(_) => "endpoint",
        }
    }
}

/// What happened to the account's nonces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TxEvent {
    /// A nonce that was asked for is used in the canonical chain. Told again when it may have moved to another block.
    Included {
        /// The nonce.
        nonce: u64,
        /// The block at which the nonce was seen to be used: that of its transaction, or one above it.
        block: BlockRef,
    },
    /// The L1 was reorganised: this nonce and all above may be free, or in other blocks, of which
    /// [`Included`](Self::Included) tells anew. What was asked for is sent again by itself. Told whether or not this run sent any.
    Excluded {
        /// The lowest nonce that was moved.
        from: u64,
    },
    /// The block that was told of for a nonce, and those above it, are as many as the configuration wants.
    Confirmed {
        /// The nonce.
        nonce: u64,
    },
}

/// How the manager does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TxManagerStatus {
    /// The L1's head at the last look that was believed.
    pub head: BlockRef,
    /// The account's transaction count at that head.
    pub count: u64,
    /// Its balance at that head in wei.
    pub balance: U256,
    /// Transactions that were signed and are not included.
    pub in_flight: usize,
    /// Transactions that wait for their turn.
    pub waiting: usize,
    /// Why the next one that should move does not: what an alarm should say. `None` while nothing is to be sent.
    pub hold: Option<Hold>,
}

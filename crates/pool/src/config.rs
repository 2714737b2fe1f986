//! Limits of the pool.

use std::time::Duration;

/// Limits and prices. Every default suits a sequencer that executes transactions as they arrive.
#[derive(Debug, Clone)]
pub struct PoolConfig {
    /// Per cent by which fee cap and tip must rise to replace a transaction. Default 10.
    pub price_bump: u64,
    /// The same for a blob transaction, whose blob fee cap must rise too. Default 100.
    pub blob_price_bump: u64,
    /// Executable transactions that one account may have. Default 16,384: one development account or bench sender
    /// submits thousands in one go, and they leave as fast as the sequencer executes (geth: 16, reth: 16).
    pub account_executable: usize,
    /// Transactions of one account that wait for a missing nonce or for funds. Default 1,024 (geth: 64), since a script
    /// that fires its transactions concurrently delivers them out of order.
    pub account_queued: usize,
    /// Transactions in the pool. Default 131,072.
    pub max_transactions: usize,
    /// Bytes of memory that the pool's transactions may hold, blobs included. Default 256 MiB.
    pub max_bytes: usize,
    /// Encoded size of a transaction without its blobs, in bytes. Default 131,072 (128 KiB).
    pub max_transaction_bytes: usize,
    /// Gas limit above which a transaction is refused although it fits the block; `None`: the block's. Default `None`.
    pub max_gas_limit: Option<u64>,
    /// How long a transaction may wait for a missing nonce or for funds. Default 3 hours.
    pub queued_lifetime: Duration,
    /// Smallest tip cap in wei. Default 0: the base fee alone pays for inclusion.
    pub min_tip: u128,
    /// Smallest fee cap in wei: what lies below can never be executed. Default 0; a chain with a minimum base fee sets it.
    pub min_fee_cap: u128,
    /// Transactions that an account whose code is delegated (EIP-7702), or is about to be, may have. Default 1: one
    /// transaction by anybody can sweep such an account's balance and void all that wait.
    pub delegated_in_flight: usize,
    /// Blob sidecars kept after inclusion until [`crate::Pool::take_sidecar`] fetches them; the oldest go first. Default 64.
    pub retained_sidecars: usize,
    /// Journal size in bytes below which it is not compacted. Default 8 MiB.
    pub journal_compact_above: u64,
}

impl Default for PoolConfig {
    fn default() -> Self {
        Self {
            price_bump: 10,
            blob_price_bump: 100,
            account_executable: 16_384,
            account_queued: 1_024,
            max_transactions: 131_072,
            max_bytes: 256 << 20,
            max_transaction_bytes: 128 << 10,
            max_gas_limit: None,
            queued_lifetime: Duration::from_secs(3 * 60 * 60),
            min_tip: 0,
            min_fee_cap: 0,
            delegated_in_flight: 1,
            retained_sidecars: 64,
            journal_compact_above: 8 << 20,
        }
    }
}

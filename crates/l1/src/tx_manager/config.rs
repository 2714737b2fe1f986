//! How transactions are sent.

use std::time::Duration;

const GWEI: u128 = 1_000_000_000;

/// How transactions are sent.
#[derive(Debug, Clone)]
pub struct TxManagerConfig {
    /// Who sends, for logs and metrics. Default `tx`.
    pub name: &'static str,
    /// Blocks, its own included, that make a transaction confirmed. Default 10; at least 1.
    pub confirmations: u64,
    /// Time between two looks at the L1, and before what failed is tried again. Default 2 s.
    pub poll_interval: Duration,
    /// Time without inclusion after which the fees are raised, when the L1 made blocks meanwhile. Default 48 s.
    pub resubmit_after: Duration,
    /// Most wei per gas that is offered. What needs more waits. Default 300 gwei.
    pub max_fee: u128,
    /// Least wei per gas of tip that is offered. Default 0.1 gwei.
    pub min_tip: u128,
    /// Most wei per blob gas that is offered. What needs more waits. Default 100 gwei.
    pub max_blob_fee: u128,
    /// Least wei per blob gas that is offered, so that a rising fee does not need a replacement at once. Default 1 gwei.
    pub min_blob_fee: u128,
    /// Transactions that are with the L1 at once. Default 8; geth holds 16 blob transactions of an account. At least 1.
    pub max_in_flight: usize,
}

impl Default for TxManagerConfig {
    fn default() -> Self {
        Self {
            name: "tx",
            confirmations: 10,
            poll_interval: Duration::from_secs(2),
            resubmit_after: Duration::from_secs(48),
            max_fee: 300 * GWEI,
            min_tip: GWEI / 10,
            max_blob_fee: 100 * GWEI,
            min_blob_fee: GWEI,
            max_in_flight: 8,
        }
    }
}

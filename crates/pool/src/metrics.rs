//! Metrics, under reth's names where reth has them.

use crate::PoolStatus;
use metrics::{Counter, Gauge, counter, gauge};

/// Handles, bound to the recorder that is installed when the pool is made.
pub(crate) struct PoolMetrics {
    inserted: Counter,
    invalid: Counter,
    removed: Counter,
    pending: Gauge,
    parked: Gauge,
    queued: Gauge,
    total: Gauge,
    bytes: Gauge,
    journal_bytes: Gauge,
}

impl PoolMetrics {
    pub(crate) fn new() -> Self {
        Self {
            inserted: counter!("transaction_pool_inserted_transactions"),
            invalid: counter!("transaction_pool_invalid_transactions"),
            removed: counter!("transaction_pool_removed_transactions"),
            pending: gauge!("transaction_pool_pending_pool_transactions"),
            parked: gauge!("transaction_pool_basefee_pool_accounts"),
            queued: gauge!("transaction_pool_queued_pool_transactions"),
            total: gauge!("transaction_pool_total_transactions"),
            bytes: gauge!("transaction_pool_total_size_bytes"),
            journal_bytes: gauge!("transaction_pool_journal_size_bytes"),
        }
    }

    pub(crate) fn record_batch(&self, inserted: usize, invalid: usize) {
        self.inserted.increment(inserted as u64);
        self.invalid.increment(invalid as u64);
    }

    pub(crate) fn record_removed(&self, removed: usize) {
        self.removed.increment(removed as u64);
    }

    pub(crate) fn record_status(&self, status: &PoolStatus) {
        self.pending.set(status.pending as f64);
        self.parked.set(status.parked_accounts as f64);
        self.queued.set(status.queued as f64);
        self.total.set((status.pending + status.queued) as f64);
        self.bytes.set(status.bytes as f64);
    }

    pub(crate) fn record_journal(&self, bytes: u64) {
        self.journal_bytes.set(bytes as f64);
    }
}

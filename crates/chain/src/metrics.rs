//! Metrics of a chain, labelled by chain id; names are reth's where it has them.

use std::time::Duration;

pub(crate) fn head(chain_id: u64, number: u64, transactions: usize, gas: u64) {
    let chain = chain_id.to_string();
    metrics::gauge!("blockchain_tree_canonical_chain_height", "chain" => chain.clone())
        .set(number as f64);
    metrics::counter!("openledger_chain_transactions_total", "chain" => chain.clone())
        .increment(transactions as u64);
    metrics::counter!("openledger_chain_gas_total", "chain" => chain).increment(gas);
}

pub(crate) fn state_root(chain_id: u64, took: Duration) {
    metrics::histogram!("sync_block_validation_state_root_duration", "chain" => chain_id.to_string())
        .record(took.as_secs_f64());
}

pub(crate) fn persisted(chain_id: u64, number: u64, in_memory: usize, took: Duration) {
    let chain = chain_id.to_string();
    metrics::gauge!("openledger_chain_persisted_height", "chain" => chain.clone())
        .set(number as f64);
    metrics::gauge!("openledger_chain_blocks_in_memory", "chain" => chain.clone())
        .set(in_memory as f64);
    metrics::histogram!("storage_providers_database_save_blocks_duration", "chain" => chain)
        .record(took.as_secs_f64());
}

pub(crate) fn reorg(chain_id: u64, depth: usize) {
    let chain = chain_id.to_string();
    metrics::counter!("blockchain_tree_reorgs", "chain" => chain.clone()).increment(1);
    metrics::gauge!("blockchain_tree_latest_reorg_depth", "chain" => chain).set(depth as f64);
}

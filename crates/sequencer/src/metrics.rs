//! Metrics of block production; names are op-node's where it has them.

use std::time::Duration;

pub(crate) fn group(transactions: usize, execute: Duration) {
    metrics::histogram!("openledger_sequencer_group_transactions").record(transactions as f64);
    metrics::histogram!("openledger_sequencer_group_execute_duration")
        .record(execute.as_secs_f64());
}

pub(crate) fn log_sync(took: Duration, groups: usize) {
    metrics::histogram!("openledger_sequencer_log_sync_duration").record(took.as_secs_f64());
    metrics::histogram!("openledger_sequencer_log_sync_groups").record(groups as f64);
}

pub(crate) fn sealed(
    number: u64,
    timestamp: u64,
    transactions: usize,
    gas: u64,
    seal: Duration,
    lag: Duration,
) {
    metrics::gauge!("op_node_default_refs_number", "layer" => "l2", "type" => "l2_unsafe")
        .set(number as f64);
    metrics::gauge!("op_node_default_refs_time", "layer" => "l2", "type" => "l2_unsafe")
        .set(timestamp as f64);
    metrics::histogram!("op_node_default_sequencer_sealing_seconds").record(seal.as_secs_f64());
    metrics::histogram!("openledger_sequencer_seal_lag").record(lag.as_secs_f64());
    metrics::counter!("openledger_sequencer_blocks_total").increment(1);
    metrics::counter!("op_node_default_transactions_sequenced_total")
        .increment(transactions as u64);
    metrics::counter!("openledger_sequencer_gas_total").increment(gas);
}

pub(crate) fn verified(number: u64, took: Duration) {
    metrics::gauge!("openledger_sequencer_verified_height").set(number as f64);
    metrics::histogram!("openledger_sequencer_reexecution_duration").record(took.as_secs_f64());
}

pub(crate) fn retracted(blocks: usize) {
    metrics::counter!("op_node_default_pipeline_resets_total").increment(1);
    metrics::histogram!("openledger_sequencer_retracted_blocks").record(blocks as f64);
}

pub(crate) fn rejected() {
    metrics::counter!("openledger_sequencer_rejected_transactions_total").increment(1);
}

pub(crate) fn halted() {
    metrics::gauge!("openledger_sequencer_halted").set(1.0);
}

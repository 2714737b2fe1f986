//! Metrics; names are op-batcher's where it has them.

use crate::{Channel, CoreStatus, Transaction};
use std::time::Duration;

pub(crate) fn up() {
    metrics::gauge!("op_batcher_default_up").set(1.0);
}

fn channel_event(stage: &'static str) {
    metrics::counter!("op_batcher_default_channel_total", "stage" => stage).increment(1);
}

pub(crate) fn channel_compressed(channel: &Channel, took: Duration) {
    let (input, output) = (channel.raw_len as f64, channel.data.len() as f64);
    channel_event("closed");
    metrics::counter!("openledger_batcher_channel_closed_total", "reason" => channel.reason.label())
        .increment(1);
    metrics::counter!("op_batcher_default_input_bytes_total").increment(channel.raw_len as u64);
    metrics::counter!("op_batcher_default_output_bytes_total").increment(channel.data.len() as u64);
    metrics::gauge!("op_batcher_default_input_bytes", "stage" => "closed").set(input);
    metrics::gauge!("op_batcher_default_output_bytes").set(output);
    metrics::histogram!("op_batcher_default_channel_compr_ratio").record(output / input.max(1.0));
    metrics::histogram!("openledger_batcher_compress_duration").record(took.as_secs_f64());
    metrics::counter!("openledger_batcher_transactions_total")
        .increment(channel.transactions as u64);
}

pub(crate) fn channels_abandoned() {
    channel_event("timed_out");
}

fn tx_event(stage: &'static str) {
    metrics::counter!("op_batcher_default_batcher_tx_total", "stage" => stage).increment(1);
}

pub(crate) fn tx_sent(transaction: &Transaction) {
    tx_event("submitted");
    metrics::counter!("openledger_batcher_da_bytes_total", "kind" => transaction.kind.label())
        .increment(transaction.bytes() as u64);
}

pub(crate) fn tx_included() {
    tx_event("success");
}

pub(crate) fn tx_failed() {
    tx_event("failed");
}

pub(crate) fn blob_used(bytes: usize) {
    metrics::histogram!("op_batcher_default_blob_used_bytes").record(bytes as f64);
}

pub(crate) fn journal_failed() {
    metrics::counter!("openledger_batcher_journal_failures_total").increment(1);
}

pub(crate) fn status(status: &CoreStatus) {
    for (label, number) in [
        ("added", status.encoded),
        ("posted", status.posted),
        ("safe", status.safe),
    ] {
        metrics::gauge!("op_batcher_default_refs_number", "layer" => "l2", "type" => label)
            .set(number as f64);
    }
    metrics::gauge!("op_batcher_default_channel_queue_length").set(status.channels as f64);
    metrics::gauge!("openledger_batcher_transactions_in_flight").set(status.in_flight as f64);
    metrics::gauge!("openledger_batcher_paused").set(f64::from(u8::from(status.paused)));
}

pub(crate) fn backlog(bytes: u64, blocks: u64) {
    metrics::gauge!("op_batcher_default_unsafe_da_bytes").set(bytes as f64);
    metrics::gauge!("openledger_batcher_backlog_blocks").set(blocks as f64);
}

/// `limits`: bytes of a block and of a transaction, `None` while there are none.
pub(crate) fn throttle(intensity: f64, limits: Option<(u64, u64)>) {
    // op-batcher writes 0 for no limit.
    let (block, tx) = limits.unwrap_or((0, 0));
    metrics::gauge!("op_batcher_default_throttle_intensity", "type" => "linear").set(intensity);
    metrics::gauge!("op_batcher_default_throttle_max_block_size").set(block as f64);
    metrics::gauge!("op_batcher_default_throttle_max_tx_size").set(tx as f64);
}

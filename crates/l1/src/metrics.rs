//! Metrics, named as op-node names its own.

use crate::{L1BlockRef, L1View};
use std::time::Duration;

pub(crate) fn record_view(view: &L1View) {
    record_ref("l1_head", view.head.block_ref());
    if let Some(safe) = view.safe {
        record_ref("l1_safe", safe);
    }
    if let Some(finalized) = view.finalized {
        record_ref("l1_finalized", finalized);
    }
}

fn record_ref(label: &'static str, block: L1BlockRef) {
    // A gauge is a float: exact up to 2^53, which no number or timestamp reaches.
    metrics::gauge!("op_node_default_refs_number", "layer" => "l1", "type" => label)
        .set(block.number as f64);
    metrics::gauge!("op_node_default_refs_time", "layer" => "l1", "type" => label)
        .set(block.timestamp as f64);
}

pub(crate) fn record_reorg(depth: usize) {
    metrics::histogram!("op_node_default_l1_reorg_depth").record(depth as f64);
}

pub(crate) fn record_request(method: &'static str, took: Duration, failed: bool) {
    metrics::counter!("op_node_default_rpc_client_requests_total", "method" => method).increment(1);
    metrics::histogram!("op_node_default_rpc_client_request_duration_seconds", "method" => method)
        .record(took.as_secs_f64());
    let error = if failed { "true" } else { "<nil>" };
    metrics::counter!("op_node_default_rpc_client_responses_total", "method" => method, "error" => error).increment(1);
}

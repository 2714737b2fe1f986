//! Metrics, named as op-node names its own.

use crate::{Hold, L1BlockRef, L1View, TxManagerStatus};
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

/// `sender` tells the accounts of one process apart.
pub(crate) fn record_tx_manager(sender: &'static str, status: &TxManagerStatus) {
    let gauge = |name: &'static str| metrics::gauge!(name, "sender" => sender);
    gauge("openledger_txmgr_nonce").set(status.count as f64);
    gauge("openledger_txmgr_pending_txs").set((status.in_flight + status.waiting) as f64);
    // Ether, as a float is good enough for an alarm.
    gauge("openledger_txmgr_balance").set(f64::from(status.balance) / 1e18);
    let held = status.hold.as_ref().map(Hold::label);
    for label in Hold::LABELS {
        metrics::gauge!("openledger_txmgr_held", "sender" => sender, "reason" => label)
            .set(f64::from(u8::from(held == Some(label))));
    }
}

pub(crate) fn record_tx_bump(sender: &'static str) {
    metrics::counter!("openledger_txmgr_fee_bumps_total", "sender" => sender).increment(1);
}

pub(crate) fn record_tx_refused(sender: &'static str) {
    metrics::counter!("openledger_txmgr_refused_total", "sender" => sender).increment(1);
}

/// How an endpoint does.
pub(crate) struct EndpointState {
    pub(crate) up: bool,
    pub(crate) current: bool,
    pub(crate) head: u64,
    /// Seconds.
    pub(crate) latency: Option<f64>,
}

/// `host` is all of a URL that is shown: the rest may be a key.
pub(crate) fn record_endpoint(index: usize, host: &str, state: &EndpointState) {
    let gauge = |name: &'static str| metrics::gauge!(name, "endpoint" => index.to_string(), "host" => host.to_owned());
    gauge("openledger_l1_endpoint_up").set(f64::from(u8::from(state.up)));
    gauge("openledger_l1_endpoint_current").set(f64::from(u8::from(state.current)));
    gauge("openledger_l1_endpoint_head").set(state.head as f64);
    if let Some(latency) = state.latency {
        gauge("openledger_l1_endpoint_latency_seconds").set(latency);
    }
}

pub(crate) fn record_endpoint_switch() {
    metrics::counter!("openledger_l1_endpoint_switches_total").increment(1);
}

pub(crate) fn record_disagreement() {
    metrics::counter!("openledger_l1_endpoint_disagreements_total").increment(1);
}

/// A beacon endpoint.
pub(crate) fn record_beacon(index: usize, host: &str, up: bool) {
    metrics::gauge!("openledger_l1_beacon_up", "endpoint" => index.to_string(), "host" => host.to_owned())
        .set(f64::from(u8::from(up)));
}

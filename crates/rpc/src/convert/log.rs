//! Logs.

use super::Inclusion;
use alloy_primitives::{B256, Log};
use openledger_primitives::Receipt;

/// The logs of a block, numbered, in order. `hashes` and `receipts` go in step.
pub fn block_logs<'a>(
    inclusion: Inclusion,
    hashes: impl IntoIterator<Item = B256> + 'a,
    receipts: impl IntoIterator<Item = &'a Receipt> + 'a,
    removed: bool,
) -> impl Iterator<Item = alloy_rpc_types_eth::Log> + 'a {
    let mut number = 0;
    hashes
        .into_iter()
        .zip(receipts)
        .enumerate()
        .flat_map(move |(index, (hash, receipt))| {
            let first = number;
            number += receipt.logs.len() as u64;
            receipt
                .logs
                .iter()
                .zip(first..)
                .map(move |(log, at)| rpc_log(log, inclusion, hash, index as u64, at, removed))
        })
}

/// One log.
pub(super) fn rpc_log(
    log: &Log,
    inclusion: Inclusion,
    transaction_hash: B256,
    transaction_index: u64,
    log_index: u64,
    removed: bool,
) -> alloy_rpc_types_eth::Log {
    alloy_rpc_types_eth::Log {
        inner: log.clone(),
        block_hash: Some(inclusion.block_hash),
        block_number: Some(inclusion.block_number),
        block_timestamp: Some(inclusion.timestamp),
        transaction_hash: Some(transaction_hash),
        transaction_index: Some(transaction_index),
        log_index: Some(log_index),
        removed,
    }
}

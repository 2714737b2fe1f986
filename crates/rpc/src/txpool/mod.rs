//! `txpool_`: this file lists the methods.

use crate::{RpcError, context::Rpc, convert::RpcTransaction, params::Args, registry::Registry};
use alloy_consensus::Transaction;
use alloy_primitives::{Address, U64};
use openledger_primitives::Tx;
use serde::Serialize;
use std::collections::BTreeMap;

pub(crate) fn register(r: &mut Registry) {
    r.quick("txpool_status", status);
    r.heavy("txpool_content", content);
    r.read("txpool_contentFrom", content_from);
    r.heavy("txpool_inspect", inspect);
}

/// By sender and nonce (in decimal, as geth has it).
type ByNonce<T> = BTreeMap<String, T>;
type BySender<T> = BTreeMap<String, ByNonce<T>>;

#[derive(Debug, Serialize)]
struct Parts<T> {
    pending: T,
    queued: T,
}

fn status(rpc: &Rpc, _: Args<'_>) -> Result<Parts<U64>, RpcError> {
    let status = rpc.pool.status();
    Ok(Parts {
        pending: U64::from(status.pending),
        queued: U64::from(status.queued),
    })
}

fn by_nonce<T>(txs: &BTreeMap<u64, Tx>, show: fn(&Tx) -> T) -> ByNonce<T> {
    txs.iter()
        .map(|(nonce, tx)| (nonce.to_string(), show(tx)))
        .collect()
}

fn by_sender<T>(part: &BTreeMap<Address, BTreeMap<u64, Tx>>, show: fn(&Tx) -> T) -> BySender<T> {
    part.iter()
        .map(|(address, txs)| (address.to_checksum(None), by_nonce(txs, show)))
        .collect()
}

fn content(rpc: &Rpc, _: Args<'_>) -> Result<Parts<BySender<RpcTransaction>>, RpcError> {
    let content = rpc.pool.content();
    let show = RpcTransaction::pooled;
    Ok(Parts {
        pending: by_sender(&content.pending, show),
        queued: by_sender(&content.queued, show),
    })
}

fn content_from(rpc: &Rpc, mut args: Args<'_>) -> Result<Parts<ByNonce<RpcTransaction>>, RpcError> {
    let address = args.required("address")?;
    let content = rpc.pool.content_from(address);
    let part = |part: &BTreeMap<Address, BTreeMap<u64, Tx>>| {
        part.get(&address)
            .map(|txs| by_nonce(txs, RpcTransaction::pooled))
            .unwrap_or_default()
    };
    Ok(Parts {
        pending: part(&content.pending),
        queued: part(&content.queued),
    })
}

fn inspect(rpc: &Rpc, _: Args<'_>) -> Result<Parts<BySender<String>>, RpcError> {
    let content = rpc.pool.content();
    Ok(Parts {
        pending: by_sender(&content.pending, summary),
        queued: by_sender(&content.queued, summary),
    })
}

fn summary(tx: &Tx) -> String {
    let to = tx
        .to()
        .map_or_else(|| "contract creation".into(), |to| to.to_checksum(None));
    format!(
        "{to}: {} wei + {} gas × {} wei",
        tx.value(),
        tx.gas_limit(),
        tx.max_fee_per_gas()
    )
}

//! `eth_subscribe`: newHeads, logs, newPendingTransactions.

use crate::{
    RpcError,
    context::Rpc,
    convert::{Inclusion, RpcHeader, RpcTransaction, block_logs},
    events::Notice,
    params::Args,
    registry::Registry,
};
use alloy_rpc_types_eth::Filter;
use jsonrpsee::{
    PendingSubscriptionSink, SubscriptionCloseResponse, SubscriptionSink,
    types::{ErrorObjectOwned, Params},
};
use openledger_storage::ExecutedBlock;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use std::sync::Arc;
use tokio::sync::broadcast::error::RecvError;

enum Kind {
    Heads,
    Logs(Box<Filter>),
    Pending { full: bool },
}

fn kind(params: &Params<'_>) -> Result<Kind, RpcError> {
    let mut args = Args::new(params)?;
    let name: String = args.required("subscription")?;
    Ok(match name.as_str() {
        "newHeads" => Kind::Heads,
        "logs" => Kind::Logs(Box::new(args.optional("filter")?.unwrap_or_default())),
        "newPendingTransactions" => Kind::Pending {
            full: args.optional("fullTransactions")?.unwrap_or_default(),
        },
        other => {
            return Err(RpcError::Method(format!(
                "no {other:?} subscription in eth namespace: there are newHeads, logs and newPendingTransactions"
            )));
        }
    })
}

pub(super) fn register(r: &mut Registry) {
    let registered = r.module.register_subscription(
        "eth_subscribe",
        "eth_subscription",
        "eth_unsubscribe",
        |params, pending, rpc, _| async move { run(params, pending, (*rpc).clone()).await },
    );
    let registered = registered.map(|_| ());
    r.note(registered);
}

/// Answers the subscription and feeds it until the client or the server ends it.
async fn run(
    params: Params<'static>,
    pending: PendingSubscriptionSink,
    rpc: Arc<Rpc>,
) -> SubscriptionCloseResponse {
    let kind = match kind(&params) {
        Ok(kind) => kind,
        Err(error) => {
            pending.reject(ErrorObjectOwned::from(error)).await;
            return SubscriptionCloseResponse::None;
        }
    };
    // Before the answer: what happens right after it must not be missed.
    let mut notices = rpc.events.subscribe();
    let Ok(sink) = pending.accept().await else {
        return SubscriptionCloseResponse::None;
    };
    loop {
        let notice = tokio::select! {
            () = sink.closed() => return SubscriptionCloseResponse::None,
            notice = notices.recv() => notice,
        };
        let messages = match notice {
            Ok(notice) => messages(&kind, &notice),
            Err(RecvError::Lagged(missed)) => {
                // Silence would look like an idle chain.
                let text =
                    format!("subscription ended: {missed} notices were missed, subscribe again");
                return SubscriptionCloseResponse::NotifErr(text.into());
            }
            Err(RecvError::Closed) => return SubscriptionCloseResponse::None,
        };
        if !send(&sink, messages).await {
            return SubscriptionCloseResponse::None;
        }
    }
}

async fn send(sink: &SubscriptionSink, messages: Vec<Box<RawValue>>) -> bool {
    for message in messages {
        if sink.send(message).await.is_err() {
            return false;
        }
    }
    true
}

fn raw<T: Serialize>(values: impl IntoIterator<Item = T>) -> Vec<Box<RawValue>> {
    values
        .into_iter()
        .filter_map(|value| to_raw_value(&value).ok())
        .collect()
}

fn messages(kind: &Kind, notice: &Notice) -> Vec<Box<RawValue>> {
    match (kind, notice) {
        (Kind::Heads, Notice::Head(block)) => raw([RpcHeader::sealed(&block.block.header)]),
        (Kind::Logs(filter), Notice::Head(block)) => logs(filter, block, false),
        (Kind::Logs(filter), Notice::Retracted(blocks)) => blocks
            .iter()
            .flat_map(|block| logs(filter, block, true))
            .collect(),
        (Kind::Pending { full: false }, Notice::Pooled(txs)) => raw(txs.iter().map(|tx| tx.hash())),
        (Kind::Pending { full: true }, Notice::Pooled(txs)) => {
            raw(txs.iter().map(RpcTransaction::pooled))
        }
        _ => Vec::new(),
    }
}

fn logs(filter: &Filter, block: &ExecutedBlock, removed: bool) -> Vec<Box<RawValue>> {
    let header = &block.block.header;
    if !filter.matches_bloom(header.logs_bloom) {
        return Vec::new();
    }
    let hashes = block.block.transactions.iter().map(|tx| tx.hash());
    let all = block_logs(Inclusion::sealed(header), hashes, &block.receipts, removed);
    raw(all.filter(|log| filter.matches(&log.inner)))
}

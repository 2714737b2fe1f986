//! Sending transactions.

use super::transactions::receipt_of;
use crate::{
    RpcError, at::Sealed, context::Rpc, convert::RpcReceipt, events::Arrival, params::Args,
    submit::Accepted,
};
use alloy_primitives::{B256, Bytes, U64};
use jsonrpsee::types::Params;
use std::{sync::Arc, time::Duration};

pub(super) async fn raw(rpc: Arc<Rpc>, params: Params<'static>) -> Result<B256, RpcError> {
    let bytes: Bytes = Args::new(&params)?.required("rawTransaction")?;
    Ok(rpc.submitter.submit(bytes, false).await?.hash)
}

/// EIP-7966: the receipt, once the transaction is preconfirmed (or, without a sequencer, in a block).
pub(super) async fn raw_sync(
    rpc: Arc<Rpc>,
    params: Params<'static>,
) -> Result<RpcReceipt, RpcError> {
    let (bytes, wanted) = {
        let mut args = Args::new(&params)?;
        // Milliseconds, as a number or in hex.
        (
            args.required::<Bytes>("rawTransaction")?,
            args.optional::<U64>("timeout")?,
        )
    };
    let timeout = match wanted.map(|millis| millis.saturating_to()) {
        None | Some(0) => rpc.config.sync_timeout,
        Some(millis) => Duration::from_millis(millis).min(rpc.config.max_sync_timeout),
    };
    let Accepted {
        hash,
        known,
        arrival,
    } = rpc.submitter.submit(bytes, true).await?;
    if known {
        // It may have been in a block before it was watched.
        let found = rpc.read(move |rpc| receipt_of(rpc, hash)).await?;
        if let Some(receipt) = found {
            rpc.events.forget(hash);
            return Ok(receipt);
        }
    }
    let Some(arrival) = arrival else {
        return Err(RpcError::Internal("transaction is not watched".into()));
    };
    match tokio::time::timeout(timeout, arrival).await {
        Ok(Ok(Arrival::Preconfirmed(block, position))) => block
            .transactions
            .get(position.index)
            .zip(block.receipt(position.index))
            .map(|(tx, receipt)| rpc.open_receipts(&block).at(tx, receipt, position))
            .ok_or_else(|| RpcError::Internal("preconfirmed transaction without receipt".into())),
        Ok(Ok(Arrival::Sealed(block, index))) => {
            let sealed = Sealed::Recent(block);
            let tx = sealed.block().transactions.get(index);
            tx.and_then(|tx| {
                rpc.sealed_receipts(&sealed)
                    .one(index, tx, sealed.receipts())
            })
            .ok_or_else(|| RpcError::Internal("transaction without receipt".into()))
        }
        Ok(Err(_)) => Err(RpcError::Internal("server is stopping".into())),
        Err(_) => {
            rpc.events.forget(hash);
            Err(RpcError::SyncTimeout(hash, timeout.as_millis()))
        }
    }
}

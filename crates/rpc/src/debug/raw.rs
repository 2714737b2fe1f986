//! Encoded blocks, headers, transactions and receipts.

use crate::{
    RpcError,
    at::{At, Sealed},
    context::Rpc,
    params::Args,
};
use alloy_eips::BlockId;
use alloy_primitives::{B256, Bytes};

fn sealed(rpc: &Rpc, args: &mut Args<'_>) -> Result<Sealed, RpcError> {
    let id: BlockId = args.required("block")?;
    let number = match rpc.at_existing(Some(id))? {
        At::Sealed(number) => number,
        At::Open(_) => {
            return Err(RpcError::Server(
                "the open block has no encoding before it is sealed".into(),
            ));
        }
    };
    rpc.sealed(number)?
        .ok_or_else(|| RpcError::Server("block not found".into()))
}

pub(super) fn block(rpc: &Rpc, mut args: Args<'_>) -> Result<Bytes, RpcError> {
    Ok(sealed(rpc, &mut args)?.block().encode())
}

pub(super) fn header(rpc: &Rpc, mut args: Args<'_>) -> Result<Bytes, RpcError> {
    Ok(alloy_rlp::encode(sealed(rpc, &mut args)?.block().header.inner()).into())
}

pub(super) fn transaction(rpc: &Rpc, mut args: Args<'_>) -> Result<Option<Bytes>, RpcError> {
    let hash: B256 = args.required("transactionHash")?;
    Ok(match rpc.find(hash)? {
        None => rpc.pool.get(hash).map(|pooled| pooled.encode()),
        Some((At::Open(block), index)) => {
            block.transactions.get(index).map(|tx| tx.encoded().clone())
        }
        Some((At::Sealed(number), index)) => rpc.sealed(number)?.and_then(|sealed| {
            sealed
                .block()
                .transactions
                .get(index)
                .map(|tx| tx.encoded().clone())
        }),
    })
}

pub(super) fn receipts(rpc: &Rpc, mut args: Args<'_>) -> Result<Vec<Bytes>, RpcError> {
    let sealed = sealed(rpc, &mut args)?;
    Ok(sealed
        .receipts()
        .iter()
        .map(|receipt| receipt.encoded().into())
        .collect())
}

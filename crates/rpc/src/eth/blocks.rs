//! Blocks and headers.

use crate::{
    RpcError,
    at::At,
    context::Rpc,
    convert::{RpcBlock, RpcHeader},
    params::Args,
};
use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::{B256, U64};

type Maybe<T> = Result<Option<T>, RpcError>;

fn number(args: &mut Args<'_>) -> Result<BlockId, RpcError> {
    Ok(args.required::<BlockNumberOrTag>("block")?.into())
}

fn hash(args: &mut Args<'_>) -> Result<BlockId, RpcError> {
    Ok(args.required::<B256>("blockHash")?.into())
}

fn block(rpc: &Rpc, id: BlockId, full: bool) -> Maybe<RpcBlock> {
    match rpc.at(Some(id))? {
        None => Ok(None),
        Some(At::Open(pending)) => Ok(Some(RpcBlock::open(&pending, full))),
        Some(At::Sealed(number)) => Ok(rpc
            .sealed(number)?
            .map(|sealed| RpcBlock::sealed(sealed.block(), Some(sealed.receipts()), full))),
    }
}

pub(super) fn by_number(rpc: &Rpc, mut args: Args<'_>) -> Maybe<RpcBlock> {
    let id = number(&mut args)?;
    block(
        rpc,
        id,
        args.optional("fullTransactions")?.unwrap_or_default(),
    )
}

pub(super) fn by_hash(rpc: &Rpc, mut args: Args<'_>) -> Maybe<RpcBlock> {
    let id = hash(&mut args)?;
    block(
        rpc,
        id,
        args.optional("fullTransactions")?.unwrap_or_default(),
    )
}

fn header(rpc: &Rpc, id: BlockId) -> Maybe<RpcHeader> {
    match rpc.at(Some(id))? {
        None => Ok(None),
        Some(At::Open(pending)) => Ok(Some(RpcHeader::open(
            &pending.attributes,
            pending.gas_used(),
            pending.receipts(),
        ))),
        Some(At::Sealed(number)) => Ok(rpc
            .chain
            .header(number)?
            .map(|header| RpcHeader::sealed(&header))),
    }
}

pub(super) fn header_by_number(rpc: &Rpc, mut args: Args<'_>) -> Maybe<RpcHeader> {
    header(rpc, number(&mut args)?)
}

pub(super) fn header_by_hash(rpc: &Rpc, mut args: Args<'_>) -> Maybe<RpcHeader> {
    header(rpc, hash(&mut args)?)
}

fn count(rpc: &Rpc, id: BlockId) -> Maybe<U64> {
    match rpc.at(Some(id))? {
        None => Ok(None),
        Some(At::Open(pending)) => Ok(Some(U64::from(pending.transactions.len()))),
        Some(At::Sealed(number)) => Ok(rpc
            .sealed(number)?
            .map(|sealed| U64::from(sealed.block().transactions.len()))),
    }
}

pub(super) fn count_by_number(rpc: &Rpc, mut args: Args<'_>) -> Maybe<U64> {
    count(rpc, number(&mut args)?)
}

pub(super) fn count_by_hash(rpc: &Rpc, mut args: Args<'_>) -> Maybe<U64> {
    count(rpc, hash(&mut args)?)
}

/// There are no uncles since the merge.
fn uncle_count(rpc: &Rpc, id: BlockId) -> Maybe<U64> {
    Ok(rpc.at(Some(id))?.map(|_| U64::ZERO))
}

pub(super) fn uncle_count_by_number(rpc: &Rpc, mut args: Args<'_>) -> Maybe<U64> {
    uncle_count(rpc, number(&mut args)?)
}

pub(super) fn uncle_count_by_hash(rpc: &Rpc, mut args: Args<'_>) -> Maybe<U64> {
    uncle_count(rpc, hash(&mut args)?)
}

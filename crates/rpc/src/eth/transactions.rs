//! Transactions and receipts.

use crate::{
    RpcError,
    at::{At, Sealed},
    context::Rpc,
    convert::{Inclusion, Position, ReceiptContext, RpcReceipt, RpcTransaction},
    params::Args,
};
use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::{B256, Bytes, U64};
use openledger_primitives::{PooledTx, Tx};

type Maybe<T> = Result<Option<T>, RpcError>;

/// The transaction at a place, as shown, and itself.
fn at_index(rpc: &Rpc, at: &At, index: usize) -> Maybe<(RpcTransaction, Tx)> {
    Ok(match at {
        At::Open(block) => block.transactions.get(index).map(|tx| {
            let inclusion = Inclusion::preconfirmed(&block.attributes);
            (
                RpcTransaction::included(tx, block.receipt(index), inclusion, index),
                tx.clone(),
            )
        }),
        At::Sealed(number) => sealed_transaction(rpc, *number, index)?,
    })
}

fn sealed_transaction(rpc: &Rpc, number: u64, index: usize) -> Maybe<(RpcTransaction, Tx)> {
    if let Some(block) = rpc.chain.recent(number) {
        let inclusion = Inclusion::sealed(&block.block.header);
        let tx = block.block.transactions.get(index).cloned();
        return Ok(tx.map(|tx| {
            (
                RpcTransaction::included(&tx, block.receipts.get(index), inclusion, index),
                tx,
            )
        }));
    }
    let (Some(header), Some(tx)) = (
        rpc.chain.header(number)?,
        rpc.chain.transaction_in(number, index)?,
    ) else {
        return Ok(None);
    };
    // Only a deposit shows something of its receipt.
    let stored = if tx.is_deposit() {
        rpc.chain.stored_receipt(number, index)?
    } else {
        None
    };
    let receipt = stored.as_ref().map(|stored| &stored.receipt);
    Ok(Some((
        RpcTransaction::included(&tx, receipt, Inclusion::sealed(&header), index),
        tx,
    )))
}

/// A transaction that is somewhere.
enum Found {
    InBlock(At, usize),
    InPool(PooledTx),
}

/// Looks in blocks, then in the pool, then in blocks again: a transaction that left the pool between the first two looks is in
/// a block by then.
fn locate(rpc: &Rpc, hash: B256) -> Maybe<Found> {
    if let Some((at, index)) = rpc.find(hash)? {
        return Ok(Some(Found::InBlock(at, index)));
    }
    if let Some(pooled) = rpc.pool.get(hash) {
        return Ok(Some(Found::InPool(pooled)));
    }
    Ok(rpc.find(hash)?.map(|(at, index)| Found::InBlock(at, index)))
}

pub(super) fn by_hash(rpc: &Rpc, mut args: Args<'_>) -> Maybe<RpcTransaction> {
    Ok(match locate(rpc, args.required("transactionHash")?)? {
        None => None,
        Some(Found::InPool(pooled)) => Some(RpcTransaction::pooled(&pooled.tx)),
        // Without a block until there is one, like its receipt.
        Some(Found::InBlock(At::Open(block), index)) => {
            block.transactions.get(index).map(RpcTransaction::pooled)
        }
        Some(Found::InBlock(at, index)) => at_index(rpc, &at, index)?.map(|(shown, _)| shown),
    })
}

pub(super) fn raw_by_hash(rpc: &Rpc, mut args: Args<'_>) -> Maybe<Bytes> {
    Ok(match locate(rpc, args.required("transactionHash")?)? {
        None => None,
        Some(Found::InPool(pooled)) => Some(pooled.encode()),
        Some(Found::InBlock(at, index)) => {
            at_index(rpc, &at, index)?.map(|(_, tx)| tx.encoded().clone())
        }
    })
}

fn in_block(rpc: &Rpc, id: BlockId, mut args: Args<'_>) -> Maybe<(RpcTransaction, Tx)> {
    let index: U64 = args.required("index")?;
    match rpc.at(Some(id))? {
        Some(at) => at_index(rpc, &at, index.saturating_to()),
        None => Ok(None),
    }
}

fn in_numbered(rpc: &Rpc, mut args: Args<'_>) -> Maybe<(RpcTransaction, Tx)> {
    let id = args.required::<BlockNumberOrTag>("block")?.into();
    in_block(rpc, id, args)
}

fn in_hashed(rpc: &Rpc, mut args: Args<'_>) -> Maybe<(RpcTransaction, Tx)> {
    let id = args.required::<B256>("blockHash")?.into();
    in_block(rpc, id, args)
}

pub(super) fn by_number_and_index(rpc: &Rpc, args: Args<'_>) -> Maybe<RpcTransaction> {
    Ok(in_numbered(rpc, args)?.map(|(shown, _)| shown))
}

pub(super) fn by_block_and_index(rpc: &Rpc, args: Args<'_>) -> Maybe<RpcTransaction> {
    Ok(in_hashed(rpc, args)?.map(|(shown, _)| shown))
}

pub(super) fn raw_by_number_and_index(rpc: &Rpc, args: Args<'_>) -> Maybe<Bytes> {
    Ok(in_numbered(rpc, args)?.map(|(_, tx)| tx.encoded().clone()))
}

pub(super) fn raw_by_block_and_index(rpc: &Rpc, args: Args<'_>) -> Maybe<Bytes> {
    Ok(in_hashed(rpc, args)?.map(|(_, tx)| tx.encoded().clone()))
}

/// The receipt of a transaction that is in a block, the open one included.
pub(super) fn receipt_of(rpc: &Rpc, hash: B256) -> Maybe<RpcReceipt> {
    let Some((at, index)) = rpc.find(hash)? else {
        return Ok(None);
    };
    Ok(match at {
        At::Open(block) => block
            .transactions
            .get(index)
            .and_then(|tx| rpc.open_receipts(&block).one(index, tx, block.receipts())),
        At::Sealed(number) => sealed_receipt(rpc, number, index)?,
    })
}

fn sealed_receipt(rpc: &Rpc, number: u64, index: usize) -> Maybe<RpcReceipt> {
    if let Some(block) = rpc.chain.recent(number) {
        let sealed = Sealed::Recent(block);
        let tx = sealed.block().transactions.get(index);
        return Ok(tx.and_then(|tx| {
            rpc.sealed_receipts(&sealed)
                .one(index, tx, sealed.receipts())
        }));
    }
    // The first transaction tells the L1's fees. Reading the whole block would cost as much as all its other transactions.
    let (Some(header), Some(first), Some(tx), Some(stored)) = (
        rpc.chain.header(number)?,
        rpc.chain.transaction_in(number, 0)?,
        rpc.chain.transaction_in(number, index)?,
        rpc.chain.stored_receipt(number, index)?,
    ) else {
        return Ok(None);
    };
    let context = ReceiptContext::new(
        rpc.spec(),
        Inclusion::sealed(&header),
        header.excess_blob_gas,
        std::iter::once(&first),
    );
    let gas_before = stored
        .receipt
        .cumulative_gas_used
        .saturating_sub(stored.gas_used);
    let position = Position {
        index,
        gas_before,
        logs_before: stored.first_log_index,
    };
    Ok(Some(context.at(&tx, &stored.receipt, position)))
}

/// Receipts of sealed blocks only: clients that poll take a receipt for final and look its block up by hash, which the open
/// block has not. `eth_sendRawTransactionSync`, subscriptions and the feed tell earlier.
pub(super) fn receipt(rpc: &Rpc, mut args: Args<'_>) -> Maybe<RpcReceipt> {
    let hash: B256 = args.required("transactionHash")?;
    match rpc.chain.transaction(hash)? {
        Some((number, index)) => sealed_receipt(rpc, number, index),
        None => Ok(None),
    }
}

pub(super) fn block_receipts(rpc: &Rpc, mut args: Args<'_>) -> Maybe<Vec<RpcReceipt>> {
    let id: BlockId = args.required("block")?;
    Ok(match rpc.at(Some(id))? {
        None => None,
        Some(At::Open(block)) => Some(
            rpc.open_receipts(&block)
                .all(&block.transactions, block.receipts()),
        ),
        Some(At::Sealed(number)) => rpc.sealed(number)?.map(|sealed| {
            rpc.sealed_receipts(&sealed)
                .all(&sealed.block().transactions, sealed.receipts())
        }),
    })
}

//! Accounts, storage and proofs.

use crate::{RpcError, at::At, context::Rpc, params::Args};
use alloy_consensus::constants::KECCAK_EMPTY;
use alloy_eips::BlockId;
use alloy_primitives::{Address, B256, Bytes, U64, U256};
use alloy_rpc_types_eth::{EIP1186AccountProofResponse, EIP1186StorageProof};
use alloy_serde::JsonStorageKey;
use openledger_execution::StateSource;
use serde::Serialize;
use std::sync::Arc;

fn account_and_block(args: &mut Args<'_>) -> Result<(Address, Option<BlockId>), RpcError> {
    Ok((args.required("address")?, args.optional("block")?))
}

fn state(rpc: &Rpc, id: Option<BlockId>) -> Result<Arc<dyn StateSource>, RpcError> {
    rpc.state(&rpc.at_state(id)?)
}

pub(super) fn balance(rpc: &Rpc, mut args: Args<'_>) -> Result<U256, RpcError> {
    let (address, id) = account_and_block(&mut args)?;
    Ok(state(rpc, id)?
        .account(address)?
        .unwrap_or_default()
        .balance)
}

pub(super) fn code(rpc: &Rpc, mut args: Args<'_>) -> Result<Bytes, RpcError> {
    let (address, id) = account_and_block(&mut args)?;
    let state = state(rpc, id)?;
    match state.account(address)? {
        Some(account) if account.code_hash != KECCAK_EMPTY => Ok(state.code(account.code_hash)?),
        _ => Ok(Bytes::new()),
    }
}

pub(super) fn storage(rpc: &Rpc, mut args: Args<'_>) -> Result<B256, RpcError> {
    let address = args.required("address")?;
    let slot: JsonStorageKey = args.required("slot")?;
    let state = state(rpc, args.optional("block")?)?;
    Ok(state.storage(address, slot.as_b256().into())?.into())
}

/// Under `pending` the next nonce that the pool would take: it moves as soon as a transaction is accepted.
pub(super) fn nonce(rpc: &Rpc, mut args: Args<'_>) -> Result<U64, RpcError> {
    let (address, id) = account_and_block(&mut args)?;
    let executed = state(rpc, id)?.account(address)?.unwrap_or_default().nonce;
    let accepted = id
        .filter(BlockId::is_pending)
        .and_then(|_| rpc.pool.pending_nonce(address));
    Ok(U64::from(executed.max(accepted.unwrap_or_default())))
}

/// The sealed block that a proof is made for: the open block has no root yet.
fn sealed_number(rpc: &Rpc, id: Option<BlockId>) -> Result<u64, RpcError> {
    Ok(match rpc.at_existing(id)? {
        At::Sealed(number) => number,
        At::Open(_) => rpc.chain.head().number(),
    })
}

pub(super) fn proof(
    rpc: &Rpc,
    mut args: Args<'_>,
) -> Result<EIP1186AccountProofResponse, RpcError> {
    let address: Address = args.required("address")?;
    let keys: Vec<JsonStorageKey> = args.required("storageKeys")?;
    if keys.len() > rpc.config.max_proof_slots {
        return Err(RpcError::Limit(format!(
            "too many storage keys: {} asked for, {} allowed in one call",
            keys.len(),
            rpc.config.max_proof_slots
        )));
    }
    let number = sealed_number(rpc, args.optional("block")?)?;
    let slots: Vec<U256> = keys.iter().map(|key| key.as_b256().into()).collect();
    let proof = rpc.chain.proof(number, address, &slots)?;
    let account = proof.account.unwrap_or_default();
    Ok(EIP1186AccountProofResponse {
        address,
        balance: account.balance,
        code_hash: account.code_hash,
        nonce: account.nonce,
        storage_hash: account.storage_root,
        account_proof: proof.proof,
        storage_proof: keys
            .into_iter()
            .zip(proof.storage)
            .map(|(key, (_, value, proof))| EIP1186StorageProof { key, value, proof })
            .collect(),
    })
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccountShown {
    balance: U256,
    code_hash: B256,
    nonce: U64,
    storage_root: B256,
}

pub(super) fn account(rpc: &Rpc, mut args: Args<'_>) -> Result<Option<AccountShown>, RpcError> {
    let (address, id) = account_and_block(&mut args)?;
    let proof = rpc.chain.proof(sealed_number(rpc, id)?, address, &[])?;
    Ok(proof.account.map(|account| AccountShown {
        balance: account.balance,
        code_hash: account.code_hash,
        nonce: U64::from(account.nonce),
        storage_root: account.storage_root,
    }))
}

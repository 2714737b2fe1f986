//! The accounts of a development chain, for which the node signs.

use super::{call, fees};
use crate::{RpcError, context::Rpc, params::Args};
use alloy_consensus::{SignableTransaction, TxEnvelope};
use alloy_eips::{BlockId, Encodable2718};
use alloy_primitives::{Address, B256, Bytes, TxKind};
use alloy_rpc_types_eth::TransactionRequest;
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use jsonrpsee::types::Params;
use serde::Serialize;
use std::sync::Arc;

pub(super) fn list(rpc: &Rpc, _: Args<'_>) -> Result<Vec<Address>, RpcError> {
    Ok(rpc
        .dev_accounts
        .iter()
        .map(PrivateKeySigner::address)
        .collect())
}

fn signer(rpc: &Rpc, address: Address) -> Result<&PrivateKeySigner, RpcError> {
    rpc.dev_accounts.iter().find(|signer| signer.address() == address).ok_or_else(|| {
        RpcError::Server(format!(
            "unknown account: the node has no key for {address}; sign in the client and use eth_sendRawTransaction"
        ))
    })
}

pub(super) fn sign(rpc: &Rpc, mut args: Args<'_>) -> Result<Bytes, RpcError> {
    let (address, message): (Address, Bytes) =
        (args.required("address")?, args.required("message")?);
    let signature = signer(rpc, address)?.sign_message_sync(&message);
    let signature = signature.map_err(|error| RpcError::Internal(error.to_string()))?;
    Ok(signature.as_bytes().into())
}

pub(super) async fn send(rpc: Arc<Rpc>, params: Params<'static>) -> Result<B256, RpcError> {
    let request: TransactionRequest = Args::new(&params)?.required("transaction")?;
    // One at a time, so that two requests do not get the same nonce.
    let turn = rpc.dev_turn.clone();
    let _turn = turn.lock().await;
    let signed = rpc
        .heavy_job(move |rpc| fill_and_sign(rpc, request))
        .await?;
    Ok(rpc
        .submitter
        .submit(signed.encoded_2718().into(), false)
        .await?
        .hash)
}

#[derive(Debug, Serialize)]
pub(super) struct SignedShown {
    raw: Bytes,
    tx: TxEnvelope,
}

pub(super) async fn sign_transaction(
    rpc: Arc<Rpc>,
    params: Params<'static>,
) -> Result<SignedShown, RpcError> {
    let request: TransactionRequest = Args::new(&params)?.required("transaction")?;
    let tx = rpc
        .heavy_job(move |rpc| fill_and_sign(rpc, request))
        .await?;
    Ok(SignedShown {
        raw: tx.encoded_2718().into(),
        tx,
    })
}

/// Fills in what the request leaves out, as geth does, and signs.
fn fill_and_sign(rpc: &Rpc, mut request: TransactionRequest) -> Result<TxEnvelope, RpcError> {
    let missing = |name: &str| {
        RpcError::Params(format!(
            "invalid argument 0 (transaction): {name} is missing"
        ))
    };
    let from = request.from.ok_or_else(|| missing("from"))?;
    let signer = signer(rpc, from)?;
    if request.sidecar.is_some() || request.blob_versioned_hashes.is_some() {
        return Err(RpcError::Params(
            "blob transactions can not be signed by the node: sign in the client and use eth_sendRawTransaction".into(),
        ));
    }
    let chain_id = rpc.spec().chain_id();
    match request.chain_id {
        Some(have) if have != chain_id => {
            return Err(RpcError::Params(format!(
                "chainId does not match node's (have={have}, want={chain_id})"
            )));
        }
        _ => request.chain_id = Some(chain_id),
    }
    let input = request.input.try_into_unique_input().map_err(|_| {
        RpcError::Params("both \"data\" and \"input\" are set and not equal".into())
    })?;
    request.input = input.unwrap_or_default().into();
    if request.to.is_none() {
        if request.input.input().is_none_or(|input| input.is_empty()) {
            return Err(RpcError::Params(
                "contract creation without any data provided".into(),
            ));
        }
        request.to = Some(TxKind::Create);
    }
    request.value = Some(request.value.unwrap_or_default());
    if request.nonce.is_none() {
        let at = rpc.at_existing(Some(BlockId::pending()))?;
        let executed = rpc.state(&at)?.account(from)?.unwrap_or_default().nonce;
        request.nonce = Some(executed.max(rpc.pool.pending_nonce(from).unwrap_or_default()));
    }
    if request.gas_price.is_none() {
        let (fee_cap, tip) = fees::suggested_fees(rpc)?;
        let tip = request
            .max_priority_fee_per_gas
            .unwrap_or_else(|| request.max_fee_per_gas.map_or(tip, |cap| tip.min(cap)));
        request.max_priority_fee_per_gas = Some(tip);
        request.max_fee_per_gas = Some(request.max_fee_per_gas.unwrap_or_else(|| fee_cap.max(tip)));
    }
    if request.gas.is_none() {
        let pending = Some(BlockId::pending());
        let estimate = call::simulation(rpc, pending, None, None)?
            .estimate_gas(&request, rpc.config.heavy_timeout)?;
        request.gas = Some(estimate);
    }
    let typed = request.build_typed_tx().map_err(|_| {
        RpcError::Params(
            "invalid argument 0 (transaction): its fields fit no transaction type".into(),
        )
    })?;
    let signature = signer
        .sign_hash_sync(&typed.signature_hash())
        .map_err(|error| RpcError::Internal(error.to_string()))?;
    Ok(typed.into_signed(signature).into())
}

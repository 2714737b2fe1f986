//! An RPC request as revm's transaction, with geth's rules for what is left out.

use super::SimulateError;
use alloy_primitives::TxKind;
use alloy_rpc_types_eth::TransactionRequest;
use revm::{
    context::{BlockEnv, TxEnv},
    context_interface::{Block, either::Either},
};

/// Everything but nonce and gas limit, which need the state.
pub(super) fn transaction(
    request: &TransactionRequest,
    block: &BlockEnv,
    chain_id: u64,
    is_op: bool,
) -> Result<TxEnv, SimulateError> {
    let refuse = |text: &str| Err(SimulateError::Request(text.into()));
    if request.gas_price.is_some()
        && (request.max_fee_per_gas.is_some() || request.max_priority_fee_per_gas.is_some())
    {
        return refuse("both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified");
    }
    if let Some(have) = request.chain_id.filter(|id| *id != chain_id) {
        return Err(SimulateError::Request(format!(
            "chainId does not match node's (have={have}, want={chain_id})"
        )));
    }
    let Ok(input) = request.input.unique_input() else {
        return refuse(
            "both \"data\" and \"input\" are set and not equal. Please use \"input\" to pass transaction call data",
        );
    };
    let kind = request.to.unwrap_or(TxKind::Create);
    let authorizations = request.authorization_list.clone().unwrap_or_default();
    let mut blob_hashes = request.blob_versioned_hashes.clone().unwrap_or_default();
    if blob_hashes.is_empty()
        && let Some(sidecar) = &request.sidecar
    {
        blob_hashes = sidecar.versioned_hashes().collect();
    }
    if is_op && !blob_hashes.is_empty() {
        return refuse("blob transactions are not supported on this chain");
    }
    if kind.is_create() && (!authorizations.is_empty() || !blob_hashes.is_empty()) {
        return refuse("set-code and blob transactions need a \"to\" address");
    }
    let max_fee = request.gas_price.or(request.max_fee_per_gas);
    let tip = request.max_priority_fee_per_gas;
    if let (Some(fee), Some(tip)) = (request.max_fee_per_gas, tip)
        && fee < tip
    {
        return Err(SimulateError::Request(format!(
            "maxFeePerGas ({fee}) < maxPriorityFeePerGas ({tip})"
        )));
    }
    let tx_type = if !authorizations.is_empty() {
        4
    } else if !blob_hashes.is_empty() {
        3
    } else if request.gas_price.is_none() && (request.max_fee_per_gas.is_some() || tip.is_some()) {
        2
    } else {
        u8::from(request.access_list.is_some())
    };
    // A tip alone: the fee cap follows from it, as when geth fills the request in.
    let gas_price = match (max_fee, tip) {
        (Some(fee), _) => fee,
        (None, Some(tip)) if tip > 0 => tip.saturating_add(2 * u128::from(block.basefee)),
        (None, _) => 0,
    };
    Ok(TxEnv {
        tx_type,
        caller: request.from.unwrap_or_default(),
        gas_limit: 0,
        gas_price,
        kind,
        value: request.value.unwrap_or_default(),
        data: input.cloned().unwrap_or_default(),
        nonce: 0,
        chain_id: Some(chain_id),
        access_list: request.access_list.clone().unwrap_or_default(),
        gas_priority_fee: (tx_type >= 2).then(|| tip.unwrap_or_default()),
        max_fee_per_blob_gas: request.max_fee_per_blob_gas.unwrap_or_else(|| {
            block
                .blob_gasprice()
                .filter(|_| tx_type == 3)
                .unwrap_or_default()
        }),
        blob_hashes,
        authorization_list: authorizations.into_iter().map(Either::Left).collect(),
    })
}

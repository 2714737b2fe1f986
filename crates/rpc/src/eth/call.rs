//! Calls and estimates.

use crate::{RpcError, context::Rpc, params::Args};
use alloy_eips::BlockId;
use alloy_primitives::{Bytes, U64};
use alloy_rpc_types_eth::{AccessList, BlockOverrides, TransactionRequest, state::StateOverride};
use openledger_execution::{CallStatus, Simulation};
use serde::Serialize;

/// What a call is simulated on.
pub(crate) fn simulation(
    rpc: &Rpc,
    id: Option<BlockId>,
    state: Option<StateOverride>,
    block: Option<BlockOverrides>,
) -> Result<Simulation, RpcError> {
    let at = rpc.at_state(id)?;
    Ok(
        Simulation::new(rpc.spec().clone(), rpc.state(&at)?, rpc.attributes(&at)?)
            .with_overrides(state, block)
            .with_gas_cap(rpc.config.call_gas_cap),
    )
}

pub(super) fn call(rpc: &Rpc, mut args: Args<'_>) -> Result<Bytes, RpcError> {
    let request: TransactionRequest = args.required("transaction")?;
    let id = args.optional("block")?;
    let (state, block) = (
        args.optional("stateOverrides")?,
        args.optional("blockOverrides")?,
    );
    match simulation(rpc, id, state, block)?.call(&request)?.status {
        CallStatus::Success(output) => Ok(output),
        CallStatus::Revert(data) => Err(RpcError::Revert(data)),
        CallStatus::Halt(text) => Err(RpcError::Server(text)),
    }
}

/// Without a block an estimate is made on the open block: what was just preconfirmed counts.
fn or_pending(id: Option<BlockId>) -> Option<BlockId> {
    Some(id.unwrap_or_else(BlockId::pending))
}

pub(super) fn estimate(rpc: &Rpc, mut args: Args<'_>) -> Result<U64, RpcError> {
    let request: TransactionRequest = args.required("transaction")?;
    let id = or_pending(args.optional("block")?);
    let (state, block) = (
        args.optional("stateOverrides")?,
        args.optional("blockOverrides")?,
    );
    let gas =
        simulation(rpc, id, state, block)?.estimate_gas(&request, rpc.config.heavy_timeout)?;
    Ok(U64::from(gas))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccessListShown {
    access_list: AccessList,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    gas_used: U64,
}

pub(super) fn access_list(rpc: &Rpc, mut args: Args<'_>) -> Result<AccessListShown, RpcError> {
    let request: TransactionRequest = args.required("transaction")?;
    let id = or_pending(args.optional("block")?);
    let state = args.optional("stateOverrides")?;
    let found = simulation(rpc, id, state, None)?.create_access_list(&request)?;
    let error = match found.outcome.status {
        CallStatus::Success(_) => None,
        CallStatus::Revert(data) => Some(RpcError::Revert(data).to_string()),
        CallStatus::Halt(text) => Some(text),
    };
    Ok(AccessListShown {
        access_list: found.access_list,
        error,
        gas_used: U64::from(found.outcome.gas_used),
    })
}

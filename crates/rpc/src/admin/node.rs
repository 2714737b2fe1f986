//! op-node's methods.

use super::{AdminContext, only};
use crate::RpcError;
use alloy_primitives::B256;
use jsonrpsee::types::Params;

pub(super) async fn start_sequencer(
    context: AdminContext,
    params: Params<'static>,
) -> Result<(), RpcError> {
    let head: B256 = only(&params, "hash of the head")?;
    Ok(context.node.start_sequencer(head).await?)
}

pub(super) async fn stop_sequencer(
    context: AdminContext,
    _: Params<'static>,
) -> Result<B256, RpcError> {
    Ok(context.node.stop_sequencer().await?)
}

pub(super) fn sequencer_active(context: &AdminContext) -> Result<bool, RpcError> {
    Ok(context.node.sequencer_active())
}

/// One sequencer needs no conductor.
pub(super) fn conductor_enabled(_: &AdminContext) -> Result<bool, RpcError> {
    Ok(false)
}

pub(super) async fn set_recover_mode(
    context: AdminContext,
    params: Params<'static>,
) -> Result<(), RpcError> {
    let on: bool = only(&params, "mode")?;
    Ok(context.node.set_recover_mode(on)?)
}

pub(super) async fn reset_derivation(
    context: AdminContext,
    _: Params<'static>,
) -> Result<(), RpcError> {
    Ok(context.node.reset_derivation()?)
}

//! op-proposer's methods.

use super::{AdminContext, ProposerControl};
use crate::RpcError;
use jsonrpsee::types::Params;

fn proposer(context: &AdminContext) -> Result<&dyn ProposerControl, RpcError> {
    context
        .proposer
        .as_deref()
        .ok_or_else(|| RpcError::Server("no proposer runs here".into()))
}

pub(super) async fn start(context: AdminContext, _: Params<'static>) -> Result<(), RpcError> {
    Ok(proposer(&context)?.start().await?)
}

pub(super) async fn stop(context: AdminContext, _: Params<'static>) -> Result<(), RpcError> {
    Ok(proposer(&context)?.stop().await?)
}

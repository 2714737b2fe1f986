//! op-batcher's methods.

use super::AdminContext;
use crate::{RpcError, params::Args};
use jsonrpsee::types::Params;
use serde::{Deserialize, Serialize};

/// `admin_getThrottleController`, in op-batcher's shape. Bytes are compressed ones, by estimate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ThrottleController {
    /// How limits follow from the backlog.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Bytes at which limits set in; zero: never.
    pub lower_threshold: u64,
    /// Bytes at which they are at their lowest.
    pub upper_threshold: u64,
    /// Bytes that wait to be included in the L1 now.
    pub current_load: u64,
    /// How far the limits have come from their highest (0) to their lowest (1).
    pub intensity: f64,
    /// A transaction's limit now; zero: none.
    pub max_tx_size: u64,
    /// A block's limit now; zero: none.
    pub max_block_size: u64,
}

impl ThrottleController {
    /// The one kind that there is: from the lower to the upper threshold limits fall in a straight line.
    pub const LINEAR: &'static str = "linear";
}

/// What `admin_setThrottleController` can change, under the names of op-batcher's options. What is left out stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ThrottleLimits {
    /// Bytes at which limits set in; zero: never.
    pub lower_threshold: Option<u64>,
    /// Bytes at which they are at their lowest.
    pub upper_threshold: Option<u64>,
    /// A transaction's lowest limit.
    pub tx_size_lower_limit: Option<u64>,
    /// A transaction's highest limit.
    pub tx_size_upper_limit: Option<u64>,
    /// A block's lowest limit.
    pub block_size_lower_limit: Option<u64>,
    /// A block's highest limit.
    pub block_size_upper_limit: Option<u64>,
}

pub(super) async fn start(context: AdminContext, _: Params<'static>) -> Result<(), RpcError> {
    Ok(context.batcher.start().await?)
}

pub(super) async fn stop(context: AdminContext, _: Params<'static>) -> Result<(), RpcError> {
    Ok(context.batcher.stop().await?)
}

pub(super) async fn flush(context: AdminContext, _: Params<'static>) -> Result<(), RpcError> {
    Ok(context.batcher.flush().await?)
}

pub(super) fn throttle(context: &AdminContext) -> Result<ThrottleController, RpcError> {
    Ok(context.batcher.throttle())
}

pub(super) async fn set_throttle(
    context: AdminContext,
    params: Params<'static>,
) -> Result<(), RpcError> {
    let mut args = Args::new(&params)?;
    let kind: String = args.required("controller type")?;
    match kind.as_str() {
        ThrottleController::LINEAR => {}
        "step" | "quadratic" | "pid" => {
            return Err(RpcError::Server(format!(
                "the throttle has no {kind} controller: limits follow the backlog in a straight line, which is \"linear\""
            )));
        }
        _ => {
            return Err(RpcError::Params(format!(
                "invalid controller type {kind:?}: the only one is \"linear\""
            )));
        }
    }
    let limits: ThrottleLimits = args.optional("limits")?.unwrap_or_default();
    Ok(context.batcher.set_throttle(limits)?)
}

pub(super) async fn reset_throttle(
    context: AdminContext,
    _: Params<'static>,
) -> Result<(), RpcError> {
    context.batcher.reset_throttle();
    Ok(())
}

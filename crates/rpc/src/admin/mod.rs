//! `admin_`: this file lists the methods, those of op-node, op-batcher and op-proposer under one roof. Served by
//! [`serve_admin`] alone; `refused.rs` has those that make no sense here, and why.
//!
//! Calls that change something are carried out one after the other. What they change lasts until the process ends.

mod batcher;
mod control;
mod node;
mod proposer;
mod refused;
mod server;
mod token;

pub use batcher::{ThrottleController, ThrottleLimits};
pub use control::{
    AdminContext, BatcherControl, Controlled, NodeControl, ProposerControl, Refusal,
};
pub use server::{AdminConfig, serve_admin};
pub use token::{Token, TokenError};

use crate::{RpcError, params::Args};
use jsonrpsee::{
    RpcModule,
    core::RegisterMethodError,
    types::{ErrorObjectOwned, Params},
};
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::Mutex;

/// The context, and whose turn it is.
struct Admin {
    context: AdminContext,
    /// Held by the one call that changes something.
    turn: Mutex<()>,
}

fn methods(context: AdminContext) -> Result<RpcModule<Admin>, RegisterMethodError> {
    let turn = Mutex::new(());
    let mut m = RpcModule::new(Admin { context, turn });
    // op-node's.
    change(&mut m, "admin_startSequencer", node::start_sequencer)?;
    change(&mut m, "admin_stopSequencer", node::stop_sequencer)?;
    read(&mut m, "admin_sequencerActive", node::sequencer_active)?;
    read(&mut m, "admin_conductorEnabled", node::conductor_enabled)?;
    change(&mut m, "admin_setRecoverMode", node::set_recover_mode)?;
    change(
        &mut m,
        "admin_resetDerivationPipeline",
        node::reset_derivation,
    )?;
    // op-batcher's.
    change(&mut m, "admin_startBatcher", batcher::start)?;
    change(&mut m, "admin_stopBatcher", batcher::stop)?;
    change(&mut m, "admin_flushBatcher", batcher::flush)?;
    read(&mut m, "admin_getThrottleController", batcher::throttle)?;
    change(&mut m, "admin_setThrottleController", batcher::set_throttle)?;
    change(
        &mut m,
        "admin_resetThrottleController",
        batcher::reset_throttle,
    )?;
    // op-proposer's.
    change(&mut m, "admin_startProposer", proposer::start)?;
    change(&mut m, "admin_stopProposer", proposer::stop)?;
    Ok(m)
}

/// A method that looks.
fn read<R: Serialize + Clone + Send + 'static>(
    module: &mut RpcModule<Admin>,
    name: &'static str,
    method: impl Fn(&AdminContext) -> Result<R, RpcError> + Copy + Send + Sync + 'static,
) -> Result<(), RegisterMethodError> {
    let answer = move |_: Params<'_>, admin: &Admin, _: &_| {
        method(&admin.context).map_err(ErrorObjectOwned::from)
    };
    module.register_method(name, answer).map(drop)
}

/// A method that changes something.
fn change<R, F>(
    module: &mut RpcModule<Admin>,
    name: &'static str,
    method: impl Fn(AdminContext, Params<'static>) -> F + Copy + Send + Sync + 'static,
) -> Result<(), RegisterMethodError>
where
    R: Serialize + Clone + Send + 'static,
    F: Future<Output = Result<R, RpcError>> + Send,
{
    let answer = move |params: Params<'static>, admin: Arc<Admin>, _| async move {
        let _turn = admin.turn.lock().await;
        tracing::info!(method = name, "an operator's call");
        method(admin.context.clone(), params)
            .await
            .inspect_err(|error| tracing::warn!(method = name, %error, "an operator's call failed"))
            .map_err(ErrorObjectOwned::from)
    };
    module.register_async_method(name, answer).map(drop)
}

/// The one parameter of a method.
fn only<T: serde::de::DeserializeOwned>(params: &Params<'_>, name: &str) -> Result<T, RpcError> {
    Args::new(params)?.required(name)
}

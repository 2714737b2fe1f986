//! JSON-RPC over HTTP and WebSocket on one port, for a chain of either rule set.
//!
//! The same server stands before the L2 and before the embedded L1: the chain's rule set decides which fields are shown.
//! Calls that read the database or execute code run on bounded threads of their own, so that no load of calls can take
//! the async runtime or the producer's processor. Each namespace has a folder whose `mod.rs` lists its methods.
//!
//! The operator's namespace, `admin_`, has a server of its own: [`serve_admin`]. No other port has any of its methods.

mod admin;
mod at;
mod config;
mod context;
pub mod convert;
mod debug;
mod door;
mod error;
mod eth;
mod events;
mod filters;
mod guard;
mod metrics;
mod net;
mod optimism;
mod params;
mod refused;
mod registry;
mod rpc_modules;
mod server;
mod submit;
mod txpool;
mod web3;
mod workers;

pub use admin::{
    AdminConfig, AdminContext, BatcherControl, Controlled, NodeControl, ProposerControl, Refusal,
    ThrottleController, ThrottleLimits, Token, TokenError, serve_admin,
};
pub use config::{CorsOrigins, RpcConfig};
pub use context::{RpcContext, Submit};
pub use error::{RpcError, code};
pub use optimism::{RollupContext, RollupStatus, SafeHeadAt};
pub use server::{ServeError, rpc_module, serve, serve_with};

//! Assembles the services, owns their tasks, starts and stops them in order.

mod admin;
mod admission;
mod against;
mod api;
mod banner;
#[cfg(debug_assertions)]
mod censor;
mod check;
mod config;
mod datadir;
mod deployment;
mod derive;
mod dev;
mod failed;
mod feed;
mod http;
mod l1_endpoint;
mod l1_inputs;
pub mod maintenance;
mod metrics_port;
mod origins;
mod posts;
mod rollup_side;
mod rpc_side;
mod settlement_side;
mod verify;

pub use check::{CheckConfig, Finding, Level, check};
pub use config::{AdminConfig, DevConfig, L1Source};
pub use dev::DevNode;
pub use openledger_batcher::DaMode;
pub use openledger_proposer::{ProposalSource, ProposerConfig};
pub use verify::{Progress, Verified, VerifyConfig, verify};

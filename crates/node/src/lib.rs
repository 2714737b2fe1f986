//! Assembles the services, owns their tasks, starts and stops them in order.

mod admission;
mod api;
mod banner;
mod config;
mod datadir;
mod deployment;
mod dev;
mod failed;
mod feed;
pub mod maintenance;
mod metrics_port;
mod origins;
mod rpc_side;

pub use config::{DevConfig, L1Source};
pub use dev::DevNode;

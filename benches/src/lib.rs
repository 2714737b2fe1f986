//! What OpenLedger's speed is measured with: a load generator, and a comparison with other nodes in one go.
//!
//! The generator signs and serialises everything before it measures, sends to loopback addresses only, is bounded
//! in count and in time, and believes nothing but sealed blocks.

pub mod account;
pub mod args;
pub mod chain;
pub mod comparison;
mod endpoint;
pub mod funding;
pub mod genesis;
mod http;
pub mod latency;
pub mod machine;
pub mod node;
pub mod preparation;
pub mod process;
pub mod report;
pub mod rpc;
pub mod section;
pub mod session;
pub mod settlement;
pub mod stats;
pub mod submit;
mod table;
pub mod throughput;
pub mod token;
pub mod workload;

pub use endpoint::{Endpoint, EndpointError};
pub use http::{Connection, HttpError};
pub use rpc::{Rpc, RpcError};
